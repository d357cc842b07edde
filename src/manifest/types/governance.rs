//! The DAO: times, thresholds, guardian, token.

use alloy::primitives::U256;
use schemars::JsonSchema;
use serde::Serialize;

use crate::manifest::values::{AccountRef, Duration, Share, Sunset, TokenAmount};

/// The DAO that owns the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct Governance {
    /// From proposal to the start of the vote.
    pub voting_delay: Duration,
    /// How long a vote lasts.
    pub voting_period: Duration,
    /// From the end of a successful vote to its execution.
    pub timelock_delay: Duration,
    /// Votes needed for a valid vote, as a share of the supply.
    pub quorum: Share,
    /// Votes needed to propose, as a share of the supply.
    pub proposal_threshold: Share,
    /// How long a vote goes on at least after its quorum is reached, so that nobody wins in the last minute; a third of
    /// the voting period unless given.
    #[schemars(with = "Option<Duration>")]
    pub late_quorum_extension: Duration,
    /// Account that may cancel proposals, and reward rounds before their claims start, until `guardian-sunset`; nothing else.
    pub guardian: Option<AccountRef>,
    /// When the guardian's power ends: a date, or a span that starts with the deployment.
    pub guardian_sunset: Option<Sunset>,
    /// Who makes a dataset version eligible for sale: its `publisher`, or the `dao` by a vote on its card.
    pub card_approval: CardApproval,
    /// The governance token.
    #[schemars(with = "Option<GovernanceToken>")]
    pub token: GovernanceToken,
}

impl Default for Governance {
    fn default() -> Self {
        let voting_period = Duration::from_days(3);
        Self {
            voting_delay: Duration::from_days(1),
            voting_period,
            timelock_delay: Duration::from_days(2),
            quorum: Share::percent(4),
            proposal_threshold: Share::percent(1),
            late_quorum_extension: Self::default_extension(voting_period),
            guardian: None,
            guardian_sunset: None,
            card_approval: CardApproval::Publisher,
            token: GovernanceToken::for_project("dgov"),
        }
    }
}

impl Governance {
    /// The late-quorum extension of a manifest that gives none.
    pub fn default_extension(voting_period: Duration) -> Duration {
        Duration::from_secs(voting_period.as_secs() / 3)
    }
}

/// Who makes a dataset version eligible for sale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum CardApproval {
    /// The publisher vouches for it.
    #[default]
    Publisher,
    /// The token holders approve its card.
    Dao,
}

/// The governance token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct GovernanceToken {
    /// Name of the token; the project's name unless given.
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Symbol of the token, at most 11 characters; made from the project's name unless given.
    #[schemars(with = "Option<String>")]
    pub symbol: String,
    /// How many tokens there are, for good: nothing can be minted later. 1,000,000 unless given.
    #[schemars(with = "Option<TokenAmount>")]
    pub supply: TokenAmount,
    /// First holders. They add up to the whole supply; without any the deployer holds it all.
    #[serde(rename = "allocation")]
    #[schemars(default)]
    pub allocations: Vec<Allocation>,
}

impl GovernanceToken {
    /// The token of a project that says nothing about it.
    pub fn for_project(name: &str) -> Self {
        let symbol: String = name.chars().filter(char::is_ascii_alphanumeric).take(5).collect();
        Self {
            name: name.to_owned(),
            symbol: symbol.to_ascii_uppercase(),
            supply: TokenAmount(U256::from(10).pow(U256::from(24))),
            allocations: Vec::new(),
        }
    }

    /// First holders and what each gets, in the smallest unit. Empty: the deployer holds everything.
    pub fn holdings(&self) -> impl Iterator<Item = (&AccountRef, U256)> {
        self.allocations.iter().map(|allocation| {
            let units = match allocation.size {
                AllocationSize::Amount(amount) => amount.0,
                // No overflow: the supply has at most 208 bits.
                AllocationSize::Share(share) => self.supply.0 * U256::from(share.bps()) / U256::from(10_000),
            };
            (&allocation.account, units)
        })
    }
}

/// One of the first holders of the governance token: an account with either an amount or a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(transform = one_size)]
pub struct Allocation {
    /// The holder.
    pub account: AccountRef,
    /// How much it gets.
    #[serde(flatten)]
    pub size: AllocationSize,
}

/// How much of the governance token somebody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AllocationSize {
    /// So many tokens.
    Amount(TokenAmount),
    /// That share of the supply.
    Share(Share),
}

/// `flatten` of an enumeration gives a schema of alternatives; one flat object with two optional keys, of which exactly
/// one is given, says the same and reads better in editors.
fn one_size(schema: &mut schemars::Schema) {
    let mut generator = schemars::SchemaGenerator::default();
    let mut amount = <TokenAmount as JsonSchema>::json_schema(&mut generator);
    amount.insert("description".into(), "So many tokens.".into());
    let mut share = <Share as JsonSchema>::json_schema(&mut generator);
    share.insert("description".into(), "That share of the supply.".into());
    if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
        properties.insert("amount".into(), amount.to_value());
        properties.insert("share".into(), share.to_value());
    }
    schema.insert("oneOf".into(), serde_json::json!([{ "required": ["amount"] }, { "required": ["share"] }]));
    schema.insert("additionalProperties".into(), false.into());
}
