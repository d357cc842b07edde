//! `dgov license requests`: what buyers asked for; and a request as a proposal.

use alloy::primitives::{B256, U256};
use dgov_contracts::suite::ILicenseRegistry;
use serde::Serialize;

use super::{named_terms, purpose_names};
use crate::error::{Error, Result};
use crate::governance::calls::ProposalCall;
use crate::manifest::values::{Duration, Share};
use crate::ops::money::Price;
use crate::ops::view::{RequestRecord, View};
use crate::ops::{desired, lookup, names, notes};
use crate::session::Session;
use crate::ui::{Report, table};

/// Longest note that is copied into a proposal; the whole one is in the store.
const NOTE_LENGTH: usize = 2_000;

/// Requests in the order of the chain.
#[derive(Debug, Serialize)]
pub struct RequestsReport {
    /// The requests.
    pub requests: Vec<RequestRow>,
}

/// A request.
#[derive(Debug, Serialize)]
pub struct RequestRow {
    /// Its number.
    pub request: usize,
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Who asks, checksummed.
    pub requester: String,
    /// Id of the terms.
    pub terms_id: B256,
    /// `open`; `added` once the terms are on chain, `offered` once the dataset is offered under them.
    pub state: &'static str,
    /// sha256 of the license text.
    pub license_digest: B256,
    /// What one term would cost.
    #[serde(flatten)]
    pub price: Price,
    /// Seconds that one purchase would add; null for passes without end.
    pub duration_seconds: Option<u64>,
    /// What the data might be used for.
    pub allow: Vec<&'static str>,
    /// What it must not be used for.
    pub deny: Vec<&'static str>,
    /// Whether the dataset's owner might end passes early.
    pub revocable: bool,
    /// Share of the licensee's own revenue, basis points.
    pub royalty_bps: u16,
    /// sha256 of the note.
    pub note: Option<B256>,
    /// The block of a content store that holds it.
    pub note_cid: Option<String>,
    /// The note, where a source has it.
    pub note_text: Option<String>,
    /// Block that recorded it.
    pub block: u64,
    /// Transaction that recorded it.
    pub tx_hash: B256,
}

impl Report for RequestsReport {
    fn human(&self) -> String {
        if self.requests.is_empty() {
            return "nobody has asked for terms of their own; `dgov license request` does\n".to_owned();
        }
        let rows: Vec<_> = self
            .requests
            .iter()
            .map(|row| {
                vec![
                    row.request.to_string(),
                    row.state.to_owned(),
                    row.dataset.clone(),
                    row.price.price_text.clone(),
                    row.duration(),
                    row.allow.join(", "),
                    row.requester.clone(),
                ]
            })
            .collect();
        let mut text = table::render(&["request", "state", "dataset", "price", "duration", "may", "by"], &rows);
        for row in &self.requests {
            if let Some(note) = &row.note_text {
                text.push_str(&format!("{}: {}\n", row.request, note.lines().next().unwrap_or_default()));
            }
        }
        text
    }
}

impl RequestRow {
    fn duration(&self) -> String {
        self.duration_seconds.map_or_else(|| "forever".into(), |seconds| Duration::from_secs(seconds).to_string())
    }
}

/// Lists the requests, of one dataset or of all.
///
/// # Errors
/// Those of finding the dataset and of reading the chain.
pub async fn list(session: &Session<'_>, dataset: Option<&str>) -> Result<RequestsReport> {
    let view = session.view().await?;
    let only = dataset.map(|name| lookup::target(session, &view, name)).transpose()?.map(|target| target.id);
    let mut requests = Vec::new();
    for record in view.requests.iter().filter(|record| only.is_none_or(|id| id == record.dataset_id)) {
        requests.push(row(session, &view, record).await?);
    }
    Ok(RequestsReport { requests })
}

async fn row(session: &Session<'_>, view: &View, record: &RequestRecord) -> Result<RequestRow> {
    let terms = &record.terms;
    let note = (!record.note.is_zero()).then_some(record.note);
    let note_text = match note {
        Some(digest) => notes::text_of(&session.sources()?, digest).await,
        None => None,
    };
    Ok(RequestRow {
        request: record.number,
        dataset: lookup::name_of(session, view, record.dataset_id),
        dataset_id: record.dataset_id,
        requester: record.requester.to_checksum(None),
        terms_id: record.terms_id,
        state: match view.terms(record.terms_id) {
            Some(known) if known.active && view.offers.contains(&(record.dataset_id, record.terms_id)) => "offered",
            Some(_) => "added",
            None => "open",
        },
        license_digest: terms.licenseDigest,
        price: Price::of(session, U256::from(terms.price), terms.currency),
        duration_seconds: Some(terms.duration.to::<u64>()).filter(|seconds| *seconds > 0),
        allow: purpose_names(terms.allow),
        deny: purpose_names(terms.deny),
        revocable: terms.revocable,
        royalty_bps: terms.royaltyBps,
        note,
        note_cid: note.map(notes::cid_of).transpose()?.map(|cid| cid.to_string()),
        note_text,
        block: record.block,
        tx_hash: record.transaction,
    })
}

/// A request as a proposal.
pub struct Drafted {
    /// First line.
    pub title: String,
    /// Who asks for what, and why.
    pub text: String,
    /// What grants it.
    pub calls: Vec<ProposalCall>,
}

/// Drafts the proposal that grants a request, by its number or by the id of its terms.
///
/// # Errors
/// Input: `license.request_unknown`, `gov.nothing_to_propose`.
pub async fn draft(session: &Session<'_>, id: &str) -> Result<Drafted> {
    let view = session.view().await?;
    let record = find(session, &view, id)?;
    let row = row(session, &view, record).await?;
    let licenses = session.suite()?.licenses;
    let mut calls = Vec::new();
    match view.terms(record.terms_id) {
        None => calls.push(ProposalCall::of(licenses, &ILicenseRegistry::addTermsCall { terms: record.terms.clone() })),
        Some(known) if !known.active => {
            calls.push(ProposalCall::of(licenses, &ILicenseRegistry::reinstateTermsCall { termsId: record.terms_id }));
        }
        Some(_) => {}
    }
    if row.state != "offered" {
        let (dataset, terms) = (record.dataset_id, record.terms_id);
        let call = ILicenseRegistry::setOfferCall { datasetId: dataset, termsId: terms, offered: true };
        calls.push(ProposalCall::of(licenses, &call));
    }
    if calls.is_empty() {
        return Err(Error::input("gov.nothing_to_propose", format!("request {} is granted already", record.number))
            .hint(format!("the buyer buys: dgov license buy {} --license {}", row.dataset, record.terms_id)));
    }
    let who = names::short_account(record.requester);
    let title = format!("Offer {} to {who} at {}, {}", row.dataset, row.price.price_text, row.duration());
    Ok(Drafted { title, text: text(&row), calls })
}

fn find<'v>(session: &Session<'_>, view: &'v View, id: &str) -> Result<&'v RequestRecord> {
    let number = id.parse::<usize>().ok();
    let found = match number {
        Some(number) => view.requests.iter().find(|record| record.number == number),
        None => {
            let terms = names::word(id).map_or_else(|| named_terms(&desired::licenses(session)?, id), Ok)?;
            view.requests.iter().find(|record| record.terms_id == terms)
        }
    };
    found.ok_or_else(|| {
        Error::input("license.request_unknown", format!("there is no request {id}"))
            .hint("`dgov license requests` shows them with their numbers")
    })
}

/// The words of others are quoted line by line: none of them can pass for the proposal's own.
fn text(row: &RequestRow) -> String {
    let list = |names: &[&str]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let royalty = Share::from_bps(row.royalty_bps).map_or_else(|| "over 100%".to_owned(), |share| share.to_string());
    let mut text = format!(
        "`{}` asks for license terms of their own for dataset `{}` (`{}`), request {}.\n\n",
        row.requester, row.dataset, row.dataset_id, row.request
    );
    for (what, value) in [
        ("price of one term", row.price.price_text.clone()),
        ("duration", row.duration()),
        ("allowed", list(&row.allow)),
        ("denied", list(&row.deny)),
        ("revocable", if row.revocable { "yes" } else { "no" }.to_owned()),
        ("share of own revenue", royalty),
        ("license text", format!("sha256 `{}`", row.license_digest)),
        ("terms", format!("`{}`", row.terms_id)),
    ] {
        text.push_str(&format!("- {what}: {value}\n"));
    }
    text.push_str("\nAnybody can buy under these terms once the dataset is offered under them.\n");
    if let Some(digest) = row.note {
        text.push_str(&format!("\nTheir note (sha256 `{digest}`)"));
        match &row.note_text {
            Some(note) => {
                let short: String = note.chars().take(NOTE_LENGTH).collect();
                text.push_str(":\n\n");
                for line in short.lines() {
                    text.push_str(format!("> {line}").trim_end());
                    text.push('\n');
                }
                if short.len() < note.len() {
                    text.push_str("> …\n");
                }
            }
            None => text.push_str(" is in no source known to the proposer.\n"),
        }
    }
    text
}
