//! Governor, timelock, token, royalty policy, currencies.

use alloy::primitives::aliases::U96;
use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::governance::{IDataGovernor, IDataTimelock};
use dgov_contracts::suite::{ILicenseRegistry, IRoyaltyVault, ModuleConfig, RoyaltyPolicy};

use super::{Change, Remedy, Sides};
use crate::governance::calls::ProposalCall;
use crate::manifest::values::{Arbitrator, CoinAmount, Duration, GOVERNANCE_DECIMALS, Share, format_units};
use crate::ops::times::rfc3339;

/// A span counts from a block that was not mined yet when the deployment was signed, so the date on chain may be off by
/// the time that took.
const SUNSET_TOLERANCE: u64 = 86_400;

pub(super) fn diff(sides: &Sides<'_>) -> Vec<Change> {
    let mut changes = immutable(sides);
    changes.extend(times(sides));
    changes.extend(votes(sides));
    changes.extend(guardian(sides));
    changes.extend(currencies(sides));
    changes.extend(policy(sides));
    changes
}

fn immutable(sides: &Sides<'_>) -> Vec<Change> {
    let (settings, dao) = (sides.settings, &sides.desired.dao);
    let approval = |dao: bool| if dao { "dao" } else { "publisher" }.to_owned();
    let tokens = |units: U256| format_units(units, GOVERNANCE_DECIMALS);
    let rows = [
        ("governance.token.name", dao.name.clone(), settings.token_name.clone()),
        ("governance.token.symbol", dao.symbol.clone(), settings.token_symbol.clone()),
        ("governance.token.supply", tokens(sides.supply), tokens(settings.supply)),
        (
            "governance.card-approval",
            approval(sides.desired.project.daoApprovesCards),
            approval(settings.dao_approves_cards),
        ),
    ];
    rows.into_iter()
        .chain(modules(&sides.desired.project.modules, &settings.modules))
        .filter(|(_, desired, actual)| desired != actual)
        .map(|(what, desired, actual)| {
            Change::of(what, Some(desired), Some(actual), Remedy::Immutable)
                .detail("fixed by the deployment: put the old value back, or deploy a new project")
        })
        .collect()
}

/// Settings of the modules, for people: what the manifest asks for and what the chain has.
fn modules(desired: &ModuleConfig, actual: &ModuleConfig) -> Vec<(&'static str, String, String)> {
    let coin = |value: U96| CoinAmount(U256::from(value)).to_string();
    let span = |seconds: u32| Duration::from_secs(u64::from(seconds)).to_string();
    let arbitrator = |address: Address| match address {
        Address::ZERO => Arbitrator::Dao.to_string(),
        address => Arbitrator::Contract(address).to_string(),
    };
    let row = |what, show: &dyn Fn(&ModuleConfig) -> String| (what, show(desired), show(actual));
    vec![
        row("validators.lock", &|modules| coin(modules.attestationLock)),
        row("validators.challenge-window", &|modules| span(modules.challengeWindow)),
        row("validators.unbonding", &|modules| span(modules.unbonding)),
        row("disputes.bond", &|modules| coin(modules.minBond)),
        row("disputes.bond-share", &|modules| share(U256::from(modules.bondBps))),
        row("disputes.answer-window", &|modules| span(modules.answerWindow)),
        row("disputes.ruling-window", &|modules| span(modules.rulingWindow)),
        row("disputes.appeal-window", &|modules| span(modules.appealWindow)),
        row("disputes.arbitrator", &|modules| arbitrator(modules.arbitrator)),
        row("disputes.arbitrator-data", &|modules| modules.arbitratorExtraData.to_string()),
        row("rewards.cancel-window", &|modules| span(modules.cancelWindow)),
        row("rewards.bond", &|modules| coin(modules.roundBond)),
    ]
}

fn changed<C: SolCall>(what: &str, desired: String, actual: String, target: Address, call: &C) -> Change {
    Change::of(what, Some(desired), Some(actual), Remedy::Propose).calls(vec![ProposalCall::of(target, call)])
}

fn times(sides: &Sides<'_>) -> Vec<Change> {
    let (settings, dao, suite) = (sides.settings, &sides.desired.dao, sides.suite);
    let span = |seconds: u64| Duration::from_secs(seconds).to_string();
    let mut changes = Vec::new();
    let delay = dao.votingDelay.to::<u64>();
    if delay != settings.voting_delay {
        let call = IDataGovernor::setVotingDelayCall { newVotingDelay: dao.votingDelay };
        let what = "governance.voting-delay";
        changes.push(changed(what, span(delay), span(settings.voting_delay), suite.governor, &call));
    }
    let period = u64::from(dao.votingPeriod);
    if period != settings.voting_period {
        let call = IDataGovernor::setVotingPeriodCall { newVotingPeriod: dao.votingPeriod };
        let what = "governance.voting-period";
        changes.push(changed(what, span(period), span(settings.voting_period), suite.governor, &call));
    }
    let extension = dao.lateQuorumExtension.to::<u64>();
    if extension != settings.late_quorum_extension {
        let call = IDataGovernor::setLateQuorumVoteExtensionCall { newVoteExtension: dao.lateQuorumExtension };
        let what = "governance.late-quorum-extension";
        changes.push(changed(what, span(extension), span(settings.late_quorum_extension), suite.governor, &call));
    }
    let timelock = dao.timelockDelay.to::<u64>();
    if timelock != settings.timelock_delay {
        let call = IDataTimelock::updateDelayCall { newDelay: U256::from(timelock) };
        let what = "governance.timelock-delay";
        changes.push(changed(what, span(timelock), span(settings.timelock_delay), suite.timelock, &call));
    }
    changes
}

fn votes(sides: &Sides<'_>) -> Vec<Change> {
    let (settings, dao, governor) = (sides.settings, &sides.desired.dao, sides.suite.governor);
    let mut changes = Vec::new();
    // Of the supply that there is: that of the manifest can't be had any more if it is another.
    let threshold = settings.supply * U256::from(sides.threshold_bps) / U256::from(10_000);
    if threshold != settings.proposal_threshold {
        let show = |votes: U256| format!("{} votes", format_units(votes, GOVERNANCE_DECIMALS));
        let call = IDataGovernor::setProposalThresholdCall { newProposalThreshold: threshold };
        let what = "governance.proposal-threshold";
        changes.push(changed(what, show(threshold), show(settings.proposal_threshold), governor, &call));
    }
    let quorum = U256::from(dao.quorumBps);
    if quorum != settings.quorum_bps {
        let call = IDataGovernor::updateQuorumNumeratorCall { newQuorumNumerator: quorum };
        changes.push(changed("governance.quorum", share(quorum), share(settings.quorum_bps), governor, &call));
    }
    changes
}

fn share(bps: U256) -> String {
    let known = u16::try_from(bps).ok().and_then(Share::from_bps);
    known.map_or_else(|| format!("{bps} basis points"), |share| share.to_string())
}

fn guardian(sides: &Sides<'_>) -> Vec<Change> {
    let (settings, dao) = (sides.settings, &sides.desired.dao);
    let name = |account: Address| (!account.is_zero()).then(|| account.to_checksum(None));
    let ended = settings.guardian_sunset != 0 && settings.guardian_sunset <= settings.now;
    let mut changes = Vec::new();
    // Nobody from the sunset on is what was agreed on, not a difference.
    if dao.guardian != settings.guardian && !ended {
        let what = "governance.guardian";
        if settings.guardian_sunset == 0 {
            let change = Change::of(what, name(dao.guardian), None, Remedy::Immutable);
            changes.push(change.detail("the project was deployed without a guardian, and none can be added"));
        } else {
            let call = IDataGovernor::setProposalGuardianCall { newProposalGuardian: dao.guardian };
            let change = Change::of(what, name(dao.guardian), name(settings.guardian), Remedy::Propose);
            changes.push(change.calls(vec![ProposalCall::of(sides.suite.governor, &call)]));
        }
    }
    let sunset = dao.guardianSunset.to::<u64>();
    let tolerance = if sides.sunset_is_a_span { SUNSET_TOLERANCE } else { 0 };
    if !dao.guardian.is_zero() && settings.guardian_sunset != 0 && sunset.abs_diff(settings.guardian_sunset) > tolerance
    {
        let what = "governance.guardian-sunset";
        let (desired, actual) = (rfc3339(sunset), rfc3339(settings.guardian_sunset));
        let change = Change::of(what, Some(desired), Some(actual), Remedy::Immutable);
        changes.push(change.detail("the end of the guardian's power never moves"));
    }
    changes
}

fn currencies(sides: &Sides<'_>) -> Vec<Change> {
    let allow = |currency: Address, allowed: bool| {
        vec![ProposalCall::of(sides.suite.vault, &IRoyaltyVault::allowCurrencyCall { currency, allowed })]
    };
    // The amount says the symbol, if the manifest knows one.
    let symbol = |currency: Address| {
        let text = (sides.money)(U256::ZERO, currency);
        text.rsplit(' ').next().unwrap_or(&text).to_owned()
    };
    let mut changes = Vec::new();
    let desired = &sides.desired.project.currencies;
    for currency in desired.iter().filter(|currency| !sides.settings.currencies.contains(currency)) {
        let what = format!("tokens.{}", symbol(*currency));
        let change = Change::of(what, Some(format!("{currency} allowed")), None, Remedy::Propose);
        changes.push(change.calls(allow(*currency, true)));
    }
    for currency in sides.settings.currencies.iter().filter(|currency| !desired.contains(currency)) {
        let change = Change::of("tokens", None, Some(format!("{currency} allowed")), Remedy::Propose);
        changes.push(change.detail("the vault would take no more of it").calls(allow(*currency, false)));
    }
    changes
}

fn policy(sides: &Sides<'_>) -> Vec<Change> {
    let (desired, actual) = (&sides.desired.project.policy, &sides.view.policy);
    if desired == actual {
        return Vec::new();
    }
    let show = |policy: &RoyaltyPolicy| {
        let rows = [
            ("contributors", policy.contributors),
            ("curators", policy.curators),
            ("validators", policy.validators),
            ("treasury", policy.treasury),
        ];
        let parts: Vec<_> = rows
            .into_iter()
            .filter(|(_, bps)| *bps > 0)
            .map(|(who, bps)| format!("{who} {}", share(U256::from(bps))))
            .collect();
        parts.join(", ")
    };
    let call = ILicenseRegistry::setPolicyCall { policy: desired.clone() };
    vec![
        changed("royalties", show(desired), show(actual), sides.suite.licenses, &call).detail(
            "versions keep the splits that they were published with; the next `dgov data push` takes the new ones",
        ),
    ]
}
