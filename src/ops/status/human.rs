//! The state of a project as text.

use super::{DatasetStatus, StatusReport, coin};
use crate::manifest::values::Duration;
use crate::ui::{Report, table};

impl Report for StatusReport {
    fn human(&self) -> String {
        let account = match &self.account {
            Some(account) => format!("{} with {}", account.address, coin(account.balance_wei, &self.coin)),
            None => "none chosen (--from)".to_owned(),
        };
        let mut text = table::pairs(&[
            ("network", format!("{} (chain {}), block {} at {}", self.network, self.chain_id, self.block, self.time)),
            ("account", account),
            ("project", self.project.clone().unwrap_or_else(|| "not deployed; run `dgov deploy`".to_owned())),
        ]);
        if self.deployed {
            self.write_contracts(&mut text);
            self.write_datasets(&mut text);
            self.write_proposals(&mut text);
        }
        for work in &self.unfinished {
            text.push_str(&format!(
                "\nunfinished: dgov {} of {}, {} of {} transactions confirmed; run it again to go on\n",
                work.verb, work.started, work.confirmed, work.steps
            ));
        }
        text
    }
}

impl StatusReport {
    fn write_contracts(&self, text: &mut String) {
        let rows: Vec<_> = self
            .contracts
            .iter()
            .map(|contract| vec![contract.role.clone(), contract.address.clone(), contract.code.to_owned()])
            .collect();
        text.push('\n');
        text.push_str(&table::render(&["contract", "address", "code"], &rows));
        if self.contracts.iter().any(|contract| contract.code == "missing") {
            text.push_str("contracts are missing: the chain was reset, or dgov.lock is of another one\n");
        }
    }

    fn write_datasets(&self, text: &mut String) {
        if self.datasets.is_empty() {
            return;
        }
        let rows: Vec<_> = self
            .datasets
            .iter()
            .map(|dataset| {
                vec![
                    dataset.dataset.clone(),
                    dataset.version.to_string(),
                    dataset.standing.phrase(),
                    dataset.records.to_string(),
                    if dataset.stored { "yes" } else { "no" }.to_owned(),
                    offers(dataset),
                ]
            })
            .collect();
        text.push('\n');
        text.push_str(&table::render(&["dataset", "version", "status", "records", "stored here", "offered"], &rows));
    }

    fn write_proposals(&self, text: &mut String) {
        if self.open_proposals.is_empty() {
            return;
        }
        let rows: Vec<_> = self
            .open_proposals
            .iter()
            .map(|proposal| {
                let id = proposal.proposal_id.to_string();
                let id = id.get(..10).map_or_else(|| id.clone(), |start| format!("{start}…"));
                vec![id, proposal.state.to_owned(), proposal.vote_end.clone(), proposal.title.clone()]
            })
            .collect();
        text.push('\n');
        text.push_str(&table::render(&["proposal", "state", "vote ends", "title"], &rows));
    }
}

fn offers(dataset: &DatasetStatus) -> String {
    if dataset.offers.is_empty() {
        return "no".to_owned();
    }
    let phrases = dataset.offers.iter().map(|offer| match offer.duration_seconds {
        Some(seconds) => format!("{} for {}", offer.price.price_text, Duration::from_secs(seconds)),
        None => format!("{} without end", offer.price.price_text),
    });
    phrases.collect::<Vec<_>>().join(", ")
}
