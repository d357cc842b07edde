//! `dgov gov list`.

use serde::Serialize;

use super::proposals::{self, ProposalStatus, short, votes};
use crate::error::Result;
use crate::session::Session;
use crate::ui::{Report, table};

/// All proposals.
#[derive(Debug, Serialize)]
pub struct ListReport {
    /// In the order in which they were made.
    pub proposals: Vec<ProposalStatus>,
}

impl Report for ListReport {
    fn human(&self) -> String {
        if self.proposals.is_empty() {
            return "nothing was proposed yet\n".to_owned();
        }
        let rows: Vec<_> = self
            .proposals
            .iter()
            .map(|status| {
                vec![
                    short(status.proposal_id),
                    status.state.to_owned(),
                    votes(status.votes.yes),
                    votes(status.votes.no),
                    votes(status.votes.abstain),
                    status.vote_end.clone(),
                    status.title.clone(),
                ]
            })
            .collect();
        table::render(&["proposal", "state", "yes", "no", "abstain", "vote ends", "title"], &rows)
    }
}

/// Lists the proposals and their state.
pub async fn list(session: &Session<'_>) -> Result<ListReport> {
    let mut report = ListReport { proposals: Vec::new() };
    for proposal in proposals::all(session).await? {
        report.proposals.push(proposal.status(session).await?);
    }
    Ok(report)
}
