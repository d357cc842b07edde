//! `dgov dispute evidence`: a document for a case.

use alloy::primitives::B256;
use alloy::sol_types::{SolCall, SolEvent};
use camino::Utf8Path;
use dgov_contracts::court::{CaseState, IDisputeCourt};
use serde::Serialize;

use super::cases;
use super::document::Document;
use crate::commands::TxArgs;
use crate::error::Result;
use crate::ops::apply::{self, Call, Operation, TxReport};
use crate::ops::view::decode;
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "dispute evidence";

/// Evidence, brought now or before.
#[derive(Debug, Serialize)]
pub struct EvidenceReport {
    /// The case.
    pub case_id: u64,
    /// sha256 of the file.
    pub evidence: B256,
    /// Where it is stored.
    pub uri: String,
    /// Whether this account had brought it before.
    pub already: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for EvidenceReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.is_plan()) {
            (true, _) => "had been brought",
            (false, true) => "would be brought",
            (false, false) => "was brought",
        };
        format!(
            "evidence {} {verb} into case {}\n  at {}\n{}",
            self.evidence,
            self.case_id,
            self.uri,
            self.sent.human()
        )
    }
}

/// Stores the file and names it in the case, unless this account has done so.
///
/// # Errors
/// `dispute.wrong_state`, `evidence.*`, and those of sending.
pub async fn evidence(session: &Session<'_>, case: &str, file: &Utf8Path, tx: &TxArgs) -> Result<EvidenceReport> {
    let document = Document::read(session, file)?;
    let view = session.view().await?;
    let status = cases::resolve(session, &view, case).await?;
    let account = session.account()?;
    let mut report = EvidenceReport {
        case_id: status.case_id,
        evidence: document.digest,
        uri: document.uri.clone(),
        already: false,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    for log in cases::events(session, IDisputeCourt::EvidenceAdded::SIGNATURE_HASH, Some(status.number())).await? {
        let event = decode::<IDisputeCourt::EvidenceAdded>(&log)?;
        report.already |= event.party == account && event.digest == document.digest;
    }
    let key = format!("{}:{account}:{}", status.case_id, document.digest);
    if report.already {
        let done = Operation { verb: VERB, key, calls: Vec::new() };
        report.sent = apply::apply(session, done, tx).await?.report();
        return Ok(report);
    }
    if status.is(CaseState::Ruled) || status.is(CaseState::Closed) {
        return Err(status.wrong_state("given evidence"));
    }
    if !tx.dry_run {
        document.store(session).await?;
    }
    let data = IDisputeCourt::submitEvidenceCall {
        caseId: status.number(),
        digest: document.digest,
        uri: document.uri.clone(),
    };
    let description = format!("bring evidence into case {}", status.case_id);
    let call = Call::new("evidence", description, session.suite()?.court, data.abi_encode());
    report.sent = apply::apply(session, Operation { verb: VERB, key, calls: vec![call] }, tx).await?.report();
    Ok(report)
}
