//! `dgov dispute rule`: the DAO's ruling, as a proposal.

use clap::ValueEnum;
use dgov_contracts::court::{CaseState, Side};
use serde::Serialize;

use super::cases::{self, CaseStatus};
use super::next;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::gov::propose::{self, ProposeReport};
use crate::ops::settings;
use crate::ops::times::rfc3339;
use crate::session::Session;
use crate::ui::{Report, Warning};

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ruling {
    /// The challenge is right.
    Challenger,
    /// The subject stands, and the challengers lose their bonds.
    Respondent,
    /// Undecided: the subject stands, everybody gets their bond back.
    Nobody,
}

impl Ruling {
    fn side(self) -> Side {
        match self {
            Self::Challenger => Side::Challenger,
            Self::Respondent => Side::Respondent,
            Self::Nobody => Side::Nobody,
        }
    }
}

/// The proposal that would rule.
#[derive(Debug, Serialize)]
pub struct RuleReport {
    /// The case.
    pub case: CaseStatus,
    /// For whom.
    pub proposed_ruling: &'static str,
    /// The proposal.
    #[serde(flatten)]
    pub proposal: ProposeReport,
}

impl Report for RuleReport {
    fn human(&self) -> String {
        let wait = next::sentence(&self.case.standing).map(|line| format!("the ruling has to come {line}\n"));
        format!("{}{}", self.proposal.human(), wait.unwrap_or_default())
    }
}

/// Drafts and sends the proposal, by the same ways as `dgov gov propose`.
///
/// # Errors
/// `dispute.arbitrator_rules`, `dispute.wrong_state`, `dispute.too_late`, and those of `gov propose`.
pub async fn rule(
    session: &Session<'_>,
    case: &str,
    ruling: Ruling,
    body_file: Option<&camino::Utf8Path>,
    tx: &TxArgs,
) -> Result<RuleReport> {
    let view = session.view().await?;
    let status = cases::resolve(session, &view, case).await?;
    let id = status.case_id;
    if let Some(arbitrator) = status.rules.arbitrator {
        let message = match &status.dispute_id {
            Some(dispute) => format!("{arbitrator} rules on case {id}, as its dispute {dispute}; the DAO does not"),
            None => format!("{arbitrator} rules on case {id}; the DAO does not"),
        };
        return Err(Error::new(ErrorKind::Reverted, "dispute.arbitrator_rules", message)
            .hint(format!("`dgov dispute show {id}` tells where it stands")));
    }
    let second = status.is(CaseState::Appealed);
    if !second && !status.is(CaseState::Contested) {
        return Err(status.wrong_state("ruled on"));
    }
    let deadline = status.case.deadline.to::<u64>();
    if status.now >= deadline {
        let hint = status.next.clone().unwrap_or_default();
        return Err(super::too_late(&format!("case {id} could be ruled on"), deadline, hint));
    }
    let side = next::side_name(ruling.side());
    let whom = if ruling == Ruling::Nobody { "nobody".to_owned() } else { format!("the {side}") };
    let when = if second { " on appeal" } else { "" };
    let title = format!("Rule case {id} on {}{when} for {whom}", status.what());
    let number = ruling.side() as u8;
    let calls = [format!("court:decide(uint256,uint8):{id},{number}")];
    let options = propose::Options { title: Some(&title), body_file, calls: &calls, request: None };
    let proposal = propose::propose(session, &options, tx).await?;
    if !proposal.already {
        warn_if_late(session, &status, deadline).await?;
    }
    Ok(RuleReport { case: status, proposed_ruling: side, proposal })
}

/// A proposal that takes longer than the case waits is for nothing.
async fn warn_if_late(session: &Session<'_>, status: &CaseStatus, deadline: u64) -> Result<()> {
    let settings = settings::read(session).await?;
    let spans = [settings.voting_delay, settings.voting_period, settings.timelock_delay];
    let earliest = spans.into_iter().fold(status.now, u64::saturating_add);
    if earliest >= deadline {
        let message = format!(
            "this proposal can be executed from {} on, but the case waits for a ruling only until {}",
            rfc3339(earliest),
            rfc3339(deadline)
        );
        let hint = "its default outcome will come first; the next time, propose as soon as a case is submitted";
        session.context.ui.warn(Warning::new("dispute.ruling_late", message).hint(hint));
    }
    Ok(())
}
