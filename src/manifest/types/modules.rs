//! Stake of validators, disputes, reward rounds: what the modules are set up with when the project is deployed, for good.

use alloy::primitives::U256;
use schemars::JsonSchema;
use serde::Serialize;

use super::Governance;
use crate::manifest::values::{Arbitrator, CoinAmount, Duration, HexData, Share};

/// Hundredths of the chain's coin, in its smallest unit.
fn hundredths(count: u64) -> CoinAmount {
    CoinAmount(U256::from(count) * U256::from(10).pow(U256::from(16)))
}

/// Stake of validators. Fixed by the deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct Validators {
    /// What one attestation locks of its validator's stake, in the chain's own coin.
    pub lock: CoinAmount,
    /// How long attestations and usage reports can be challenged.
    pub challenge_window: Duration,
    /// How long stake takes to leave: at least as long as the longest case, which is challenge, answer, twice ruling, and
    /// appeal; a day more than that unless given.
    #[schemars(with = "Option<Duration>")]
    pub unbonding: Duration,
}

impl Default for Validators {
    fn default() -> Self {
        let challenge_window = Duration::from_days(7);
        let unbonding = Self::default_unbonding(challenge_window, &Disputes::default());
        Self { lock: hundredths(10), challenge_window, unbonding }
    }
}

impl Validators {
    /// The longest that a case on stake may last, from the attestation on; none if nothing can count it.
    pub fn longest_case(challenge_window: Duration, disputes: &Disputes) -> Option<Duration> {
        let spans = [
            challenge_window,
            disputes.answer_window,
            disputes.ruling_window,
            disputes.ruling_window,
            disputes.appeal_window,
        ];
        spans.into_iter().try_fold(0_u64, |sum, span| sum.checked_add(span.as_secs())).map(Duration::from_secs)
    }

    /// The unbonding of a manifest that gives none.
    pub fn default_unbonding(challenge_window: Duration, disputes: &Disputes) -> Duration {
        let longest = Self::longest_case(challenge_window, disputes).map_or(u64::MAX, Duration::as_secs);
        Duration::from_secs(longest.saturating_add(Duration::from_days(1).as_secs()))
    }
}

/// Cases on versions, attestations and usage reports. Fixed by the deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct Disputes {
    /// Least bond of a case, in the chain's own coin.
    pub bond: CoinAmount,
    /// Bond of a case as a share of what the case can take, if that is more than `bond`.
    pub bond_share: Share,
    /// How long a case waits for an answer, and for others to join it.
    pub answer_window: Duration,
    /// How long a ruling may take. Where the DAO rules, at least as long as a proposal takes with all delays, and a day;
    /// two weeks unless given, or as long as that.
    #[schemars(with = "Option<Duration>")]
    pub ruling_window: Duration,
    /// How long a first ruling of the DAO can be appealed.
    pub appeal_window: Duration,
    /// Who rules: the `dao`, or the address of an ERC-792 arbitrator.
    pub arbitrator: Arbitrator,
    /// What the arbitrator is told with each case, for example its court and the number of jurors.
    pub arbitrator_data: Option<HexData>,
}

impl Default for Disputes {
    fn default() -> Self {
        Self {
            bond: hundredths(5),
            bond_share: Share::percent(10),
            answer_window: Duration::from_days(3),
            ruling_window: Self::TWO_WEEKS,
            appeal_window: Duration::from_days(3),
            arbitrator: Arbitrator::Dao,
            arbitrator_data: None,
        }
    }
}

impl Disputes {
    const TWO_WEEKS: Duration = Duration::from_days(14);
    /// Longer defaults would hide that votes take too long to rule by.
    const LONGEST_DEFAULT: Duration = Duration::from_days(365);

    /// The ruling window of a manifest that gives none.
    pub fn default_ruling(governance: &Governance) -> Duration {
        let shortest = Self::shortest_ruling(governance);
        if shortest > Self::LONGEST_DEFAULT { Self::TWO_WEEKS } else { shortest.max(Self::TWO_WEEKS) }
    }

    /// What a DAO needs at least to rule, from the proposal on: the whole life of a proposal, and a day for people.
    pub fn shortest_ruling(governance: &Governance) -> Duration {
        let spans = [
            governance.voting_delay,
            governance.voting_period,
            governance.late_quorum_extension,
            governance.timelock_delay,
            Duration::from_days(1),
        ];
        Duration::from_secs(spans.into_iter().fold(0, |sum, span| span.as_secs().saturating_add(sum)))
    }
}

/// Reward rounds. Fixed by the deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct Rewards {
    /// How long a round can be cancelled before its claims start.
    pub cancel_window: Duration,
    /// What the publisher of a round puts at risk, in the chain's own coin.
    pub bond: CoinAmount,
}

impl Default for Rewards {
    fn default() -> Self {
        Self { cancel_window: Duration::from_days(3), bond: hundredths(1) }
    }
}
