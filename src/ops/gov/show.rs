//! `dgov gov show`.

use alloy::primitives::B256;
use serde::Serialize;

use super::proposals::{ProposalStatus, resolve, votes};
use crate::error::Result;
use crate::governance::calls::DecodedCall;
use crate::session::Session;
use crate::ui::{Report, table};

/// A proposal.
#[derive(Debug, Serialize)]
pub struct ShowReport {
    /// Where it stands.
    #[serde(flatten)]
    pub status: ProposalStatus,
    /// Markdown.
    pub description: String,
    /// What the timelock would do.
    pub calls: Vec<DecodedCall>,
    /// Transaction that made it.
    pub tx_hash: B256,
}

impl Report for ShowReport {
    fn human(&self) -> String {
        let status = &self.status;
        let cast = &status.votes;
        let mut rows = vec![
            ("proposal", status.proposal_id.to_string()),
            ("title", status.title.clone()),
            ("state", status.state.to_owned()),
            ("proposer", status.proposer.to_checksum(None)),
            ("votes", format!("{} yes, {} no, {} abstain", votes(cast.yes), votes(cast.no), votes(cast.abstain))),
            ("quorum", format!("{} votes", votes(status.quorum))),
            ("vote", format!("{} to {}", status.vote_start, status.vote_end)),
        ];
        if let Some(eta) = &status.eta {
            rows.push(("executable", format!("from {eta}")));
        }
        let mut text = table::pairs(&rows);
        text.push_str("calls:\n");
        for (index, call) in self.calls.iter().enumerate() {
            text.push_str(&format!("  {}. {}\n", index + 1, call.text));
        }
        text.push_str(&format!("description:\n{}\n", self.description));
        text
    }
}

/// Shows a proposal.
pub async fn show(session: &Session<'_>, proposal: &str) -> Result<ShowReport> {
    let proposal = resolve(session, proposal).await?;
    Ok(ShowReport {
        status: proposal.status(session).await?,
        calls: proposal.decoded(session)?,
        description: proposal.description,
        tx_hash: proposal.transaction,
    })
}
