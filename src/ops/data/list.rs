//! `dgov data list`.

use alloy::primitives::{Address, B256};
use dgov_contracts::suite::Status;
use serde::Serialize;

use super::standing::Standing;
use crate::error::Result;
use crate::ops::money::Price;
use crate::ops::view::View;
use crate::ops::{lookup, names, prices};
use crate::session::Session;
use crate::ui::{Report, table};

/// The datasets of a project.
#[derive(Serialize)]
pub struct ListReport {
    /// In the order of their registration.
    pub datasets: Vec<Listed>,
}

/// A dataset with its latest version.
#[derive(Serialize)]
pub struct Listed {
    /// Slug, or the beginning of its id.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The same as a token id.
    pub token_id: String,
    /// Owner of the token.
    pub owner: Option<Address>,
    /// Latest version.
    pub version: u32,
    /// Key of that version.
    pub version_key: B256,
    /// Status of that version, and what was said when it was set.
    #[serde(flatten)]
    pub standing: Standing,
    /// Records of that version.
    pub records: u64,
    /// Root of its package.
    pub cid: String,
    /// Prices it is offered at.
    pub prices: Vec<Price>,
}

impl Report for ListReport {
    fn human(&self) -> String {
        if self.datasets.is_empty() {
            return "no datasets on this network yet; push one with `dgov data push`\n".to_owned();
        }
        let rows: Vec<_> = self
            .datasets
            .iter()
            .map(|row| {
                let prices: Vec<_> = row.prices.iter().map(|price| price.price_text.as_str()).collect();
                let price = if prices.is_empty() { "not offered".to_owned() } else { prices.join(", ") };
                vec![
                    row.dataset.clone(),
                    row.version.to_string(),
                    row.standing.phrase(),
                    row.records.to_string(),
                    price,
                    row.cid.clone(),
                ]
            })
            .collect();
        table::render(&["dataset", "version", "status", "records", "price", "package"], &rows)
    }
}

/// Lists the datasets on chain.
pub async fn list(session: &Session<'_>) -> Result<ListReport> {
    let view = session.view().await?;
    let mut datasets = Vec::new();
    for id in view.dataset_ids() {
        datasets.extend(listed(session, &view, id).await?);
    }
    Ok(ListReport { datasets })
}

async fn listed(session: &Session<'_>, view: &View, id: B256) -> Result<Option<Listed>> {
    let Some(latest) = view.latest(id) else { return Ok(None) };
    let mut offers = Vec::new();
    for terms in view.offered(id) {
        let price = prices::next_or_base(session, id, terms).await?;
        offers.push(Price::of(session, price, terms.terms.currency));
    }
    Ok(Some(Listed {
        dataset: name_of(session, view, id),
        dataset_id: id,
        token_id: crate::ops::view::token_id(id).to_string(),
        owner: view.owners.get(&id).copied(),
        version: latest.version.number,
        version_key: latest.key,
        standing: Standing::of(session, view, latest)?,
        records: latest.version.records,
        cid: crate::ops::names::folder_cid(latest.version.packageDigest)?.to_string(),
        prices: offers,
    }))
}

/// The name of a dataset here, else the beginning of its id.
pub fn name_of(session: &Session<'_>, view: &View, id: B256) -> String {
    lookup::known_name(session, view, id).unwrap_or_else(|| names::short(id))
}

/// Word for a status.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Deprecated => "deprecated",
        Status::Recalled => "recalled",
        _ => "disputed",
    }
}
