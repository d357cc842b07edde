//! Cases as the chain holds them.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use dgov_contracts::court::{Case, CaseState, IDisputeCourt, Side, SubjectKind};
use serde::Serialize;

use super::next::{self, Rules, Standing};
use crate::chain::reverts::contract_error;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::decimal;
use crate::ops::times::rfc3339;
use crate::ops::view::{View, matching_logs};
use crate::ops::{lookup, names};
use crate::session::Session;

/// Where a case stands. Amounts are wei.
#[derive(Clone, Debug, Serialize)]
pub struct CaseStatus {
    /// Its number.
    pub case_id: u64,
    /// `open`, `contested`, `ruled`, `appealed`, `closed`.
    pub state: &'static str,
    /// `challenger`, `respondent` or `nobody`; null while nobody ruled.
    pub ruling: Option<&'static str>,
    /// What it is about: `version`, `attestation`, `report`.
    pub kind: &'static str,
    /// Version key, or id of the attestation or the usage job.
    pub subject: B256,
    /// The dataset of a version.
    pub dataset: Option<String>,
    /// Its id.
    pub dataset_id: Option<B256>,
    /// The version's number.
    pub version: Option<u32>,
    /// Who opened it.
    pub challenger: String,
    /// Until when it waits; null once it is closed.
    pub deadline: Option<String>,
    /// Whether that is over.
    pub overdue: bool,
    /// What happens if nobody does anything until then.
    pub default_outcome: Option<String>,
    /// What can be done now.
    pub next: Option<String>,
    /// Who rules: `dao`, or the address of the arbitrator.
    pub arbitrator: String,
    /// The arbitrator's id of the dispute; null unless it was asked.
    pub dispute_id: Option<String>,
    /// What each side had to bring.
    #[serde(serialize_with = "decimal")]
    pub bond_wei: U256,
    /// Bonds of the challengers.
    #[serde(serialize_with = "decimal")]
    pub challenger_pot_wei: U256,
    /// Bonds of the respondents.
    #[serde(serialize_with = "decimal")]
    pub respondent_pot_wei: U256,
    /// What the arbitrator was paid.
    #[serde(serialize_with = "decimal")]
    pub fee_wei: U256,
    /// Who appealed first; null if nobody did.
    pub appellant: Option<String>,
    /// The appeal bond at risk.
    #[serde(serialize_with = "decimal")]
    pub appeal_bond_wei: U256,
    /// Whether stake behind the subject is held for it.
    pub holds_stake: bool,
    /// What was taken from that stake for good.
    #[serde(serialize_with = "decimal")]
    pub slashed_wei: U256,
    #[serde(skip)]
    pub(super) case: Case,
    #[serde(skip)]
    pub(super) now: u64,
    #[serde(skip)]
    pub(super) rules: Rules,
    #[serde(skip)]
    pub(super) standing: Standing,
}

impl CaseStatus {
    /// What it is about, for people.
    pub fn what(&self) -> String {
        match (&self.dataset, self.version) {
            (Some(dataset), Some(number)) => format!("version {number} of {dataset}"),
            _ => format!("{} {}", self.kind, names::short(self.subject)),
        }
    }

    pub(super) fn is(&self, state: CaseState) -> bool {
        self.case.state == state
    }

    /// The contract's number of the case.
    pub(super) fn number(&self) -> U256 {
        U256::from(self.case_id)
    }

    /// Exit 5: the case is in another state.
    pub(super) fn wrong_state(&self, what: &str) -> Error {
        let message = format!("case {} is {} and can't be {what}", self.case_id, self.state);
        let hint = self.next.clone().unwrap_or_else(|| format!("`dgov dispute show {}` tells more", self.case_id));
        Error::new(ErrorKind::Reverted, "dispute.wrong_state", message).hint(hint)
    }
}

/// How the court is set up.
pub async fn rules(session: &Session<'_>) -> Result<Rules> {
    let court = IDisputeCourt::new(session.suite()?.court, &session.connection.provider);
    let failed = |error| contract_error(&session.connection, "reading the court", error);
    let settings = court.settings().call().await.map_err(failed)?;
    let who = court.arbitrator().call().await.map_err(failed)?;
    Ok(Rules {
        ruling_window: settings.rulingWindow.into(),
        arbitrator: (!who.arbitrator_.is_zero()).then_some(who.arbitrator_),
        extra_data: who.extraData,
    })
}

/// How many cases there are.
pub async fn count(session: &Session<'_>) -> Result<u64> {
    let court = IDisputeCourt::new(session.suite()?.court, &session.connection.provider);
    let count = court.caseCount().call().await;
    Ok(count.map_err(|error| contract_error(&session.connection, "reading the court", error))?.saturating_to())
}

/// The case that a user means: its number, or `latest`.
///
/// # Errors
/// Input: `dispute.no_cases`, `dispute.unknown_case`.
pub async fn resolve(session: &Session<'_>, view: &View, text: &str) -> Result<CaseStatus> {
    let count = count(session).await?;
    if count == 0 {
        return Err(Error::input("dispute.no_cases", "no case was opened yet")
            .hint("open one with `dgov dispute open DATASET --evidence FILE`"));
    }
    let id = if text == "latest" { Some(count) } else { text.parse().ok() };
    match id.filter(|id| (1..=count).contains(id)) {
        Some(id) => load(session, view, id).await,
        None => Err(Error::input("dispute.unknown_case", format!("there is no case `{text}`"))
            .hint(format!("cases are 1 to {count}; `dgov dispute show` lists them"))),
    }
}

/// One case; the caller knows that it exists.
pub async fn load(session: &Session<'_>, view: &View, id: u64) -> Result<CaseStatus> {
    let rules = rules(session).await?;
    let now = session.next_time().await?;
    let court = IDisputeCourt::new(session.suite()?.court, &session.connection.provider);
    let case = court.caseOf(U256::from(id)).call().await;
    let case = case.map_err(|error| contract_error(&session.connection, "reading the case", error))?;
    let show = |amount| session.show_amount(amount, Address::ZERO);
    let standing = next::standing(id, &case, now, &rules, &show);
    let of_version = case.kind == SubjectKind::Version;
    let ruled = matches!(case.state, CaseState::Ruled | CaseState::Appealed | CaseState::Closed);
    let asked = rules.arbitrator.is_some() && case.state != CaseState::Open && !case.fee.is_zero();
    Ok(CaseStatus {
        case_id: id,
        state: next::state_name(case.state),
        ruling: ruled.then(|| next::side_name(case.ruling)),
        kind: match case.kind {
            SubjectKind::Attestation => "attestation",
            SubjectKind::Report => "report",
            _ => "version",
        },
        subject: case.subject,
        dataset: of_version.then(|| lookup::name_of(session, view, case.datasetId)),
        dataset_id: of_version.then_some(case.datasetId),
        version: of_version.then_some(case.number),
        challenger: case.challenger.to_checksum(None),
        deadline: standing.deadline.map(rfc3339),
        overdue: standing.overdue,
        default_outcome: standing.default.clone(),
        next: standing.next.clone(),
        arbitrator: rules.arbitrator.map_or_else(|| "dao".to_owned(), |arbitrator| arbitrator.to_checksum(None)),
        dispute_id: asked.then(|| case.disputeId.to_string()),
        bond_wei: U256::from(case.bond),
        challenger_pot_wei: U256::from(case.challengerPot),
        respondent_pot_wei: U256::from(case.respondentPot),
        fee_wei: U256::from(case.fee),
        appellant: (!case.appellant.is_zero()).then(|| case.appellant.to_checksum(None)),
        appeal_bond_wei: U256::from(case.appealBond),
        holds_stake: case.holdsLock,
        slashed_wei: U256::from(case.slashed),
        case,
        now,
        rules,
        standing,
    })
}

/// Events of the court: of one kind, and of one case unless `case` is none.
pub async fn events(session: &Session<'_>, signature: B256, case: Option<U256>) -> Result<Vec<Log>> {
    let mut filter = Filter::new().address(session.suite()?.court).event_signature(signature);
    if let Some(case) = case {
        filter = filter.topic1(case);
    }
    matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await
}

/// Who put bonds into a case, each account once, in the order in which they came.
pub async fn parties(session: &Session<'_>, case: U256) -> Result<Vec<Address>> {
    let mut parties = Vec::new();
    for log in events(session, IDisputeCourt::Joined::SIGNATURE_HASH, Some(case)).await? {
        let account = crate::ops::view::decode::<IDisputeCourt::Joined>(&log)?.account;
        if !parties.contains(&account) {
            parties.push(account);
        }
    }
    Ok(parties)
}

/// What an account has on a side.
pub async fn bond_on(session: &Session<'_>, case: U256, side: Side, account: Address) -> Result<U256> {
    let court = IDisputeCourt::new(session.suite()?.court, &session.connection.provider);
    let bond = court.bondOf(case, side, account).call().await;
    bond.map_err(|error| contract_error(&session.connection, "reading the bond", error))
}

/// What a case owes an account.
pub async fn owed(session: &Session<'_>, case: U256, account: Address) -> Result<U256> {
    let court = IDisputeCourt::new(session.suite()?.court, &session.connection.provider);
    let owed = court.owedBy(case, account).call().await;
    owed.map_err(|error| contract_error(&session.connection, "reading what the case owes", error))
}
