//! `dgov reward publish`: a plan becomes a round, funded whole.

use alloy::primitives::aliases::U40;
use alloy::primitives::{B256, TxHash, U256};
use alloy::sol_types::SolCall;
use camino::Utf8Path;
use dgov_contracts::rounds::{IRewardRounds, RoundState};
use serde::Serialize;

use super::plan_file::PlanFile;
use super::rounds::{self, Record};
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::manifest::values::Duration;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::data::store;
use crate::ops::names::folder_cid;
use crate::ops::{money, times};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "reward publish";
const DAY: u64 = 86_400;
/// The contract asks for 90 days after claims start; one more for what passes until the block.
const LEAST_DAYS: u64 = 91;

/// What is published.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The plan.
    pub plan: &'a Utf8Path,
    /// How long it pays once claims have started, e.g. `180d`; for ever when left out.
    pub expires: Option<&'a str>,
}

/// The round, published now or before.
#[derive(Debug, Serialize)]
pub struct PublishReport {
    /// Its number; null in a plan.
    pub round: Option<String>,
    /// Root of its tree.
    pub root: B256,
    /// CID of the folder with its payees.
    pub list_cid: String,
    /// Number of payees.
    pub payees: usize,
    /// What it pays, smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub total: U256,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// What the publisher puts at risk until claims start, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub bond_wei: U256,
    /// From when on it can be claimed, RFC 3339; null in a plan.
    pub claimable_at: Option<String>,
    /// From when on the rest can be taken back, RFC 3339; null for never.
    pub expires_at: Option<String>,
    /// Whether it was published now.
    pub published: bool,
    /// The transaction that had published it before; null unless there was one.
    pub published_before: Option<TxHash>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    /// Total and bond for people.
    #[serde(skip)]
    texts: [String; 2],
}

impl Report for PublishReport {
    fn human(&self) -> String {
        let [total, bond] = &self.texts;
        let what = format!("{total} for {} payees", self.payees);
        let head = match (&self.round, self.published_before) {
            (Some(round), Some(hash)) => format!("round {round}, {what}, was published already in {hash}\n"),
            (Some(round), None) => format!("published round {round}: {what}, with a bond of {bond}\n"),
            (None, _) => format!("would publish {what}, with a bond of {bond}\n"),
        };
        let mut text = format!("{head}  root {}\n  payees {}\n", self.root, self.list_cid);
        if let Some(time) = &self.claimable_at {
            text.push_str(&format!("  can be claimed from {time} on\n"));
        }
        if let Some(time) = &self.expires_at {
            text.push_str(&format!("  runs out at {time}\n"));
        }
        text + &self.sent.human()
    }
}

/// Publishes a plan, unless this account has published the same round before and it was not cancelled.
///
/// # Errors
/// `reward.plan_malformed`, `reward.plan_elsewhere`, `reward.plan_differs`, `usage.expires`, `token.insufficient`, and
/// those of sending.
pub async fn publish(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<PublishReport> {
    let span = options.expires.map(expires).transpose()?;
    let (plan, payees) = PlanFile::read(session, options.plan)?;
    let account = session.account()?;
    let contract = rounds::contract(session)?;
    let settings = contract.settings().call().await.map_err(rounds::failed(session))?;
    let bond = U256::from(settings.bond);
    let unit = u128::try_from(plan.unit).map_err(|_| Error::bug("a unit above its total"))?;
    let package = payees.package(session)?;
    if !tx.dry_run {
        store::store(session, &[("payees", &package)]).await?;
    }
    let list = package.digest();
    let mut report = PublishReport {
        round: None,
        root: plan.root,
        list_cid: folder_cid(list)?.to_string(),
        payees: plan.payees.len(),
        total: plan.total,
        currency: money::symbol(session, plan.currency),
        bond_wei: bond,
        claimable_at: None,
        expires_at: None,
        published: false,
        published_before: None,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
        texts: [
            session.show_amount(plan.total, plan.currency),
            session.show_amount(bond, alloy::primitives::Address::ZERO),
        ],
    };
    let same = |record: &&Record| {
        let round = &record.round;
        (round.root, round.publisher, round.currency, round.unit) == (plan.root, account, plan.currency, unit)
    };
    let before = rounds::all(session).await?;
    let work = format!("{account}:{}:{}:{unit}", plan.root, plan.currency);
    // One that was cancelled and swept is not told from one that ran out: its successor has to be another plan.
    if let Some(record) = before.iter().filter(same).find(|record| record.round.state != RoundState::Cancelled) {
        apply::close(session, VERB, &work).await?;
        report.published_before = Some(record.transaction);
        tell(&mut report, record);
        return Ok(report);
    }

    let expires_at = match span {
        // Whole days, so that a command that is run again soon asks for the same.
        Some(span) => (session.next_time().await? + u64::from(settings.cancelWindow) + span).div_ceil(DAY) * DAY,
        None => 0,
    };
    let approval = if plan.currency.is_zero() {
        None
    } else {
        money::approval(session, plan.currency, account, *contract.address(), plan.total, "reward round").await?
    };
    let data = IRewardRounds::publishCall {
        topHash: plan.top_hash,
        units: payees.total(),
        unit,
        currency: plan.currency,
        expiresAt: U40::saturating_from(expires_at),
        list,
    };
    let description = format!("publish a round of {} for {} payees", report.texts[0], report.payees);
    let value = if plan.currency.is_zero() { plan.total + bond } else { bond };
    let call = Call::new("publish", description, *contract.address(), data.abi_encode()).with_value(value);
    let call = if approval.is_some() { call.after_others() } else { call };
    let calls = approval.into_iter().chain([call]).collect();
    let applied = apply::apply(session, Operation { verb: VERB, key: work, calls }, tx).await?;
    report.published = matches!(applied, Applied::Done(_));
    report.sent = applied.report();
    if report.published
        && let Some(record) = rounds::all(session).await?.iter().rev().find(same)
    {
        tell(&mut report, record);
    }
    Ok(report)
}

fn tell(report: &mut PublishReport, record: &Record) {
    let expires: u64 = record.round.expiresAt.to();
    report.round = Some(record.id.to_string());
    report.claimable_at = Some(times::rfc3339(record.round.claimableAt.to()));
    report.expires_at = (expires != 0).then(|| times::rfc3339(expires));
}

fn expires(text: &str) -> Result<u64> {
    let span: Duration = text.parse().map_err(|error: crate::manifest::values::ValueError| {
        Error::usage("usage.expires", error.message).hint(error.hint.unwrap_or_default())
    })?;
    if span.as_secs() < LEAST_DAYS * DAY || span.as_secs() > 100 * 365 * DAY {
        return Err(Error::usage("usage.expires", format!("`{text}` is not between {LEAST_DAYS} days and a century"))
            .hint("payees need time; leave --expires out for a round that never runs out"));
    }
    Ok(span.as_secs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_round_pays_for_91_days_at_least() {
        assert_eq!(expires("91d").unwrap(), 91 * DAY);
        for text in ["90d", "1s", "2000000d", "soon"] {
            assert_eq!(expires(text).unwrap_err().code(), "usage.expires", "{text}");
        }
    }
}
