//! `dgov license list`: the terms of the project, what is offered under them, and an account's passes.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Filter;
use dgov_contracts::ids;
use serde::Serialize;

use super::{end_phrase, end_text, name_of_terms, pass_of, purpose_names};
use crate::error::Result;
use crate::manifest::values::Duration;
use crate::ops::desired::{self, DesiredLicense};
use crate::ops::money::Price;
use crate::ops::view::{TermsRecord, View, matching_logs};
use crate::ops::{apply, lookup, prices};
use crate::session::Session;
use crate::ui::{Report, table};

/// Terms, offers, passes.
#[derive(Debug, Serialize)]
pub struct ListReport {
    /// In the order of their numbers.
    pub terms: Vec<TermsRow>,
    /// Whose passes; null when no account was chosen.
    pub account: Option<String>,
    /// Passes of the account, in the order of the datasets.
    pub passes: Vec<PassRow>,
}

/// Terms on chain.
#[derive(Debug, Serialize)]
pub struct TermsRow {
    /// Their number.
    pub number: u32,
    /// Their id.
    pub terms_id: B256,
    /// License of the manifest with exactly these terms.
    pub license: Option<String>,
    /// SPDX expression of a license of the manifest with this text.
    pub spdx: Option<String>,
    /// sha256 of the license text.
    pub license_digest: B256,
    /// What one term costs; what the first one costs, where the price rises.
    #[serde(flatten)]
    pub price: Price,
    /// Where the price is not fixed: the contract that says it.
    pub price_module: Option<String>,
    /// What the module is told; for dgov's own, what each sale adds, smallest unit of the currency.
    pub price_step: Option<String>,
    /// Where the price is not fixed: what the next pass for each dataset costs.
    pub next_prices: Vec<NextPrice>,
    /// Seconds that one purchase adds; null for passes without end.
    pub duration_seconds: Option<u64>,
    /// What the data may be used for.
    pub allow: Vec<&'static str>,
    /// What it must not be used for.
    pub deny: Vec<&'static str>,
    /// Whether the dataset's owner may end passes early.
    pub revocable: bool,
    /// Whether they may be offered and bought.
    pub active: bool,
    /// Datasets offered under them.
    pub datasets: Vec<String>,
    /// How the price comes about, for people.
    #[serde(skip)]
    rule: String,
}

impl TermsRow {
    /// The rule, and what follows from it now.
    fn price_column(&self) -> String {
        let next: Vec<_> =
            self.next_prices.iter().map(|next| format!("{} now {}", next.dataset, next.price.price_text)).collect();
        if next.is_empty() { self.rule.clone() } else { format!("{}: {}", self.rule, next.join(", ")) }
    }
}

/// What the next pass costs.
#[derive(Debug, Serialize)]
pub struct NextPrice {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The price.
    #[serde(flatten)]
    pub price: Price,
}

/// A pass.
#[derive(Debug, Serialize)]
pub struct PassRow {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Token id.
    #[serde(serialize_with = "apply::decimal")]
    pub pass_id: U256,
    /// The terms it was last bought or issued under.
    pub terms_id: Option<B256>,
    /// License of the manifest with these terms.
    pub license: Option<String>,
    /// Whether it is valid now.
    pub valid: bool,
    /// Its end; null for a pass without end.
    pub expiry: Option<String>,
    /// What the data may be used for.
    pub purposes: Vec<&'static str>,
}

impl Report for ListReport {
    fn human(&self) -> String {
        let mut text =
            if self.terms.is_empty() { "no license terms on chain\n".to_owned() } else { self.terms_table() };
        let Some(account) = &self.account else { return text };
        if self.passes.is_empty() {
            text.push_str(&format!("{account} has no passes\n"));
            return text;
        }
        let rows: Vec<_> = self
            .passes
            .iter()
            .map(|pass| {
                let end = end_phrase(pass.expiry.as_deref());
                let state = if pass.valid { format!("valid {end}") } else { format!("ended, was valid {end}") };
                vec![pass.dataset.clone(), state, pass.purposes.join(", ")]
            })
            .collect();
        text.push_str(&format!("passes of {account}\n{}", table::render(&["dataset", "state", "may"], &rows)));
        text
    }
}

impl ListReport {
    fn terms_table(&self) -> String {
        let rows: Vec<_> = self
            .terms
            .iter()
            .map(|terms| {
                let name = terms.license.clone().unwrap_or_else(|| terms.terms_id.to_string());
                let duration = terms.duration_seconds.map(|s| Duration::from_secs(s).to_string());
                vec![
                    if terms.active { name } else { format!("{name} (retired)") },
                    terms.spdx.clone().unwrap_or_default(),
                    terms.price_column(),
                    duration.unwrap_or_else(|| "forever".into()),
                    terms.allow.join(", "),
                    terms.datasets.join(", "),
                ]
            })
            .collect();
        table::render(&["license", "spdx", "price", "duration", "may", "datasets"], &rows)
    }
}

/// Lists terms and offers, and the passes of an account: the one named, else the session's.
///
/// # Errors
/// Those of reading chain and manifest.
pub async fn list(session: &Session<'_>, account: Option<&str>) -> Result<ListReport> {
    let view = session.view().await?;
    let licenses = desired::licenses(session)?;
    let account = match account {
        Some(text) => Some(session.resolve_text(text)?),
        // A list needs no account: without one it has no passes.
        None => session.account().ok(),
    };
    let passes = match account {
        Some(account) => passes(session, &view, &licenses, account).await?,
        None => Vec::new(),
    };
    let mut terms = Vec::new();
    for record in &view.terms {
        terms.push(terms_row(session, &view, &licenses, record).await?);
    }
    Ok(ListReport { terms, account: account.map(|account| account.to_checksum(None)), passes })
}

async fn terms_row(
    session: &Session<'_>,
    view: &View,
    licenses: &[DesiredLicense],
    record: &TermsRecord,
) -> Result<TermsRow> {
    let terms = &record.terms;
    let named = name_of_terms(licenses, record.id);
    let same_text = licenses.iter().find(|license| license.terms.licenseDigest == terms.licenseDigest);
    let offers: Vec<_> = view.offers.iter().filter(|(_, id)| *id == record.id).map(|(dataset, _)| *dataset).collect();
    let moving = !terms.priceModule.is_zero();
    let mut next_prices = Vec::new();
    for dataset_id in offers.iter().copied().filter(|_| moving) {
        let price = prices::next_or_base(session, dataset_id, record).await?;
        let dataset = lookup::name_of(session, view, dataset_id);
        next_prices.push(NextPrice { dataset, dataset_id, price: Price::of(session, price, terms.currency) });
    }
    Ok(TermsRow {
        number: record.number,
        terms_id: record.id,
        license: named.map(|license| license.name.clone()),
        spdx: named.or(same_text).map(|license| license.spdx.clone()),
        license_digest: terms.licenseDigest,
        price: Price::of(session, U256::from(terms.price), terms.currency),
        price_module: moving.then(|| terms.priceModule.to_checksum(None)),
        price_step: moving.then(|| terms.priceStep.to_string()),
        rule: prices::rule(terms, |amount, currency| session.show_amount(amount, currency)),
        next_prices,
        duration_seconds: Some(terms.duration.to::<u64>()).filter(|seconds| *seconds > 0),
        allow: purpose_names(terms.allow),
        deny: purpose_names(terms.deny),
        revocable: terms.revocable,
        active: record.active,
        datasets: offers.into_iter().map(|dataset| lookup::name_of(session, view, dataset)).collect(),
    })
}

/// The datasets whose pass the account ever got, from the passes' events, then each pass as it is now.
async fn passes(
    session: &Session<'_>,
    view: &View,
    licenses: &[DesiredLicense],
    account: Address,
) -> Result<Vec<PassRow>> {
    // `Purchased` and `PassIssued` carry pass, dataset and holder; `Reissued` two passes and the new holder.
    let filter = Filter::new().address(session.suite()?.pass).topic3(account.into_word());
    let logs = matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await?;
    let named: Vec<B256> = logs.iter().flat_map(|log| log.topics().iter().skip(1).take(2)).copied().collect();
    let now = session.next_time().await?;
    let mut rows = Vec::new();
    for dataset_id in view.dataset_ids() {
        let pass_id = ids::pass_id(account, dataset_id);
        if !named.contains(&B256::from(pass_id)) {
            continue;
        }
        let pass = pass_of(session, account, dataset_id).await?;
        if pass.holder.is_zero() {
            continue;
        }
        let number = pass.termsNumber.to::<u32>();
        let terms_id = view.terms.iter().find(|terms| terms.number == number).map(|terms| terms.id);
        let expiry = pass.expiry.to::<u64>();
        rows.push(PassRow {
            dataset: lookup::name_of(session, view, dataset_id),
            dataset_id,
            pass_id,
            terms_id,
            license: terms_id.and_then(|id| name_of_terms(licenses, id)).map(|license| license.name.clone()),
            valid: expiry > now,
            expiry: end_text(expiry),
            purposes: purpose_names(pass.purposes),
        });
    }
    Ok(rows)
}
