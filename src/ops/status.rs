//! `dgov status`: a project on its network, as the chain, dgov.lock and the ledger have it.

mod human;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::providers::Provider;
use serde::Serialize;

use crate::chain::ledger::StepState;
use crate::error::{Error, Result};
use crate::lockfile::NetworkLock;
use crate::manifest::values::{RegistryRef, format_units};
use crate::ops::apply::decimal;
use crate::ops::data::standing::Standing;
use crate::ops::gov::proposals::{self, ProposalStatus};
use crate::ops::license::purpose_names;
use crate::ops::lookup;
use crate::ops::money::Price;
use crate::ops::names::folder_cid;
use crate::ops::prices;
use crate::ops::times::rfc3339;
use crate::ops::view::{TermsRecord, View, unreachable};
use crate::session::Session;

/// The whole state.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    /// Network name.
    pub network: String,
    /// EIP-155 id.
    pub chain_id: u64,
    /// Latest block.
    pub block: u64,
    /// Its time, RFC 3339.
    pub time: String,
    /// The account that would act; null when none was chosen.
    pub account: Option<AccountStatus>,
    /// Whether dgov.lock has contracts on this network.
    pub deployed: bool,
    /// `eip155:CHAIN:REGISTRY`.
    pub project: Option<String>,
    /// The contracts of dgov.lock.
    pub contracts: Vec<ContractStatus>,
    /// Datasets on chain, in the order of their registration.
    pub datasets: Vec<DatasetStatus>,
    /// How many proposals were ever made.
    pub proposals: usize,
    /// Those that may still come into force.
    pub open_proposals: Vec<ProposalStatus>,
    /// Verbs that were begun and not finished.
    pub unfinished: Vec<Unfinished>,
    /// Symbol of the chain's coin, for people.
    #[serde(skip)]
    pub(super) coin: String,
}

/// The account that would act.
#[derive(Debug, Serialize)]
pub struct AccountStatus {
    /// Checksummed.
    pub address: String,
    /// Balance in wei.
    #[serde(serialize_with = "decimal")]
    pub balance_wei: U256,
}

/// A contract of dgov.lock.
#[derive(Debug, Serialize)]
pub struct ContractStatus {
    /// `token`, `registry`, …
    pub role: String,
    /// Checksummed.
    pub address: String,
    /// `ok`, `missing` (no code there), `differs` (other code than dgov.lock says).
    pub code: &'static str,
}

/// A dataset with its latest version.
#[derive(Debug, Serialize)]
pub struct DatasetStatus {
    /// Slug, or its id where nothing names it.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The same as a token id.
    #[serde(serialize_with = "decimal")]
    pub token_id: U256,
    /// Owner of the token, checksummed.
    pub owner: Option<String>,
    /// Latest version.
    pub version: u32,
    /// Its status, and what was said when it was set.
    #[serde(flatten)]
    pub standing: Standing,
    /// Whether the DAO approved its card.
    pub card_approved: bool,
    /// Records of that version.
    pub records: u64,
    /// Root of its package.
    pub cid: String,
    /// Whether the project's own store has its bytes.
    pub stored: bool,
    /// Terms that it is offered under.
    pub offers: Vec<OfferStatus>,
}

/// Terms that a dataset is offered under.
#[derive(Debug, Serialize)]
pub struct OfferStatus {
    /// Their number.
    pub number: u32,
    /// Their id.
    pub terms_id: B256,
    /// What one term costs.
    #[serde(flatten)]
    pub price: Price,
    /// Seconds that one purchase adds; null for passes without end.
    pub duration_seconds: Option<u64>,
    /// What the data may be used for.
    pub allow: Vec<&'static str>,
}

/// Work that was begun and not finished.
#[derive(Debug, Serialize)]
pub struct Unfinished {
    /// The verb; run again, it goes on.
    pub verb: String,
    /// When it was begun, RFC 3339.
    pub started: String,
    /// Transactions that are confirmed.
    pub confirmed: usize,
    /// Transactions known so far.
    pub steps: usize,
}

/// Reads the state. A project that is not deployed, or whose chain was reset, is a state too, not an error.
///
/// # Errors
/// `chain.unreachable`, those of the ledger.
pub async fn status(session: &Session<'_>) -> Result<StatusReport> {
    let provider = &session.connection.provider;
    let head = provider.get_block_by_number(Default::default()).await.map_err(unreachable)?;
    let head = head.ok_or_else(|| {
        Error::chain("chain.no_block", "the chain has no block").hint("the node has not started yet; try again")
    })?;
    let mut report = StatusReport {
        network: session.name().to_owned(),
        chain_id: session.connection.chain_id,
        block: head.header.number,
        time: rfc3339(head.header.timestamp),
        account: account(session).await?,
        deployed: false,
        project: None,
        contracts: Vec::new(),
        datasets: Vec::new(),
        proposals: 0,
        open_proposals: Vec::new(),
        unfinished: unfinished(session)?,
        coin: session.connection.network.symbol.clone(),
    };
    let Ok(lock) = session.network_lock() else { return Ok(report) };
    let suite = session.suite()?;
    report.deployed = true;
    report.project = Some(RegistryRef { chain_id: lock.chain_id, address: suite.registry }.to_string());
    report.contracts = contracts(session, &lock).await?;
    if report.contracts.iter().any(|contract| contract.code == "missing") {
        return Ok(report);
    }
    let view = session.view().await?;
    for id in view.dataset_ids() {
        report.datasets.extend(dataset(session, &view, id).await?);
    }
    for proposal in proposals::all(session).await? {
        report.proposals += 1;
        let status = proposal.status(session).await?;
        if matches!(status.state, "pending" | "active" | "succeeded" | "queued") {
            report.open_proposals.push(status);
        }
    }
    Ok(report)
}

/// Nobody has to be able to sign for a look.
async fn account(session: &Session<'_>) -> Result<Option<AccountStatus>> {
    let Ok(address) = session.account() else { return Ok(None) };
    let balance_wei = session.connection.provider.get_balance(address).await.map_err(unreachable)?;
    Ok(Some(AccountStatus { address: address.to_checksum(None), balance_wei }))
}

/// The contracts of a lock, compared with the chain.
///
/// # Errors
/// `chain.unreachable`.
pub async fn contracts(session: &Session<'_>, lock: &NetworkLock) -> Result<Vec<ContractStatus>> {
    let mut contracts = Vec::new();
    for (role, address) in &lock.contracts {
        let bytes = session.connection.provider.get_code_at(*address).await.map_err(unreachable)?;
        let code = match lock.code.get(role) {
            _ if bytes.is_empty() => "missing",
            Some(digest) if *digest == keccak256(&bytes) => "ok",
            _ => "differs",
        };
        contracts.push(ContractStatus { role: role.clone(), address: address.to_checksum(None), code });
    }
    Ok(contracts)
}

async fn dataset(session: &Session<'_>, view: &View, id: B256) -> Result<Option<DatasetStatus>> {
    let Some(latest) = view.latest(id) else { return Ok(None) };
    let cid = folder_cid(latest.version.packageDigest)?;
    let mut offers = Vec::new();
    for terms in view.offered(id) {
        offers.push(offer(session, id, terms).await?);
    }
    Ok(Some(DatasetStatus {
        dataset: lookup::name_of(session, view, id),
        dataset_id: id,
        token_id: crate::ops::view::token_id(id),
        owner: view.owners.get(&id).map(|owner: &Address| owner.to_checksum(None)),
        version: latest.version.number,
        standing: Standing::of(session, view, latest)?,
        card_approved: latest.card_approved,
        records: latest.version.records,
        stored: session.local_store().has_package(&cid),
        cid: cid.to_string(),
        offers,
    }))
}

async fn offer(session: &Session<'_>, dataset_id: B256, record: &TermsRecord) -> Result<OfferStatus> {
    let terms = &record.terms;
    let seconds: u64 = terms.duration.to();
    Ok(OfferStatus {
        number: record.number,
        terms_id: record.id,
        price: Price::of(session, prices::next_or_base(session, dataset_id, record).await?, terms.currency),
        duration_seconds: (seconds > 0).then_some(seconds),
        allow: purpose_names(terms.allow),
    })
}

fn unfinished(session: &Session<'_>) -> Result<Vec<Unfinished>> {
    let Some(ledger) = session.ledger_to_read()? else { return Ok(Vec::new()) };
    let mut unfinished = Vec::new();
    for operation in ledger.operations(&session.connection.chain_key())?.into_iter().rev().filter(|known| !known.done) {
        let steps = ledger.steps(operation.id)?;
        unfinished.push(Unfinished {
            verb: operation.kind,
            started: operation.started,
            confirmed: steps.iter().filter(|step| step.state == StepState::Confirmed).count(),
            steps: steps.len(),
        });
    }
    Ok(unfinished)
}

/// An amount of the chain's coin for people.
fn coin(wei: U256, symbol: &str) -> String {
    format!("{} {symbol}", format_units(wei, 18))
}
