//! `dgov data prove`: presence or absence of a record, from the record list that was stored with the version.

use alloy::primitives::B256;
use camino::Utf8Path;
use dgov_contracts::suite::IDatasetRegistry;
use dgov_data::tree::{Kind, Proof, verify};
use serde::Serialize;

use super::proof_file::{self, Claimed, Origin, ProofDocument};
use super::record_key;
use super::record_list::{RecordList, list_differs};
use super::verify::{not_pushed, record};
use crate::chain::reverts::contract_error;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::session::Session;
use crate::ui::{Report, table};

/// What is to be proved.
pub enum Claim<'a> {
    /// A record is in the version: its locator or key.
    Present(&'a str),
    /// A record is not in the version: a file with it, or its key.
    Absent(&'a str),
}

/// What to prove.
pub struct Options<'a> {
    /// Dataset.
    pub dataset: &'a str,
    /// The claim.
    pub claim: Claim<'a>,
    /// Version; the latest when absent.
    pub version: Option<u32>,
    /// Ask the registry contract, too.
    pub on_chain: bool,
    /// File for the proof.
    pub out: Option<&'a Utf8Path>,
}

/// A proof, and who has checked it.
#[derive(Serialize)]
pub struct ProveReport {
    /// What goes into the file.
    #[serde(flatten)]
    pub document: ProofDocument,
    /// Whether the registry contract accepted the proof; null when it was not asked.
    pub accepted_on_chain: Option<bool>,
}

impl Report for ProveReport {
    fn human(&self) -> String {
        let document = &self.document;
        let whole = match &document.origin {
            Some(origin) => format!("version {} of {}", origin.version, origin.dataset),
            None => "these files, which dgov.lock does not know".to_owned(),
        };
        let mut text = format!("{} is {} {whole}\n", document.record, document.claim.place());
        text.push_str(&table::pairs(&[
            ("record key", document.key.to_string()),
            ("record root", document.record_root.to_string()),
            ("position", format!("{} of {} in key order", document.first_index, document.total)),
            (
                "proof",
                format!("{} siblings, {} bytes", document.proof.bitmap.count_ones(), document.proof.siblings.len()),
            ),
            (
                "checked",
                if self.accepted_on_chain == Some(true) { "here and by the registry".into() } else { "here".into() },
            ),
        ]));
        text
    }
}

impl ProveReport {
    /// Writes the document for others.
    pub(super) fn write(&self, out: Option<&Utf8Path>) -> Result<()> {
        let Some(out) = out else { return Ok(()) };
        let mut bytes = serde_json::to_vec_pretty(&self.document)
            .map_err(|error| Error::bug("a proof did not serialize").caused_by(&error))?;
        bytes.push(b'\n');
        write_atomically(out, &bytes)
    }
}

/// Makes and checks a proof.
pub async fn prove(session: &Session<'_>, options: &Options<'_>) -> Result<ProveReport> {
    let view = session.view().await?;
    let version = record(session, &view, options.dataset, options.version)?
        .ok_or_else(|| not_pushed(session, options.dataset))?;
    let list = RecordList::read(session, version).await?;
    let (what, key, present) = match options.claim {
        Claim::Present(text) => {
            let (place, key) = list.locate(text).ok_or_else(|| {
                Error::input("record.unknown", format!("version {} has no record `{text}`", version.version.number))
                    .hint("give a path, FILE:LINE or a 0x key; `--absent` proves that something is not in it")
            })?;
            (place, key, true)
        }
        Claim::Absent(text) => (text.to_owned(), record_key::of(text, list.format())?, false),
    };
    let proof = list.tree().prove(&key);
    let root = list.tree().root();
    let verified = verify(&root, Kind::Records, &key, &proof).map_err(|error| list_differs(&error))?;
    if verified.present() != present {
        let place = list.place_of(key).unwrap_or_default();
        return Err(is_present(&what, &format!("version {}", version.version.number), place));
    }
    let accepted_on_chain = match options.on_chain {
        true => Some(check_on_chain(session, version.key, key, &proof).await?),
        false => None,
    };
    let first = view.version(version.version.datasetId, Some(1)).unwrap_or(version);
    let registry = session.suite()?.registry;
    let chain_id = session.connection.chain_id;
    let document = ProofDocument {
        format: proof_file::FORMAT.to_owned(),
        record_root: root,
        record: what,
        record_format: list.format().to_owned(),
        key,
        claim: if present { Claimed::Present } else { Claimed::Absent },
        proof,
        total: verified.total.to_string(),
        first_index: verified.first_index.to_string(),
        origin: Some(Origin::new(chain_id, registry, first.publisher, options.dataset, version.key, &version.version)),
    };
    document.check()?;
    let report = ProveReport { document, accepted_on_chain };
    report.write(options.out)?;
    Ok(report)
}

/// `--absent` of something that is there.
pub(super) fn is_present(what: &str, whole: &str, place: &str) -> Error {
    Error::integrity("record.present", format!("{what} is in {whole}: {place}")).hint("`--record` proves that")
}

/// Asks the registry contract of the session to check a proof.
///
/// # Errors
/// Those of the contract: it reverts when a proof is wrong, or the version unknown.
pub(super) async fn check_on_chain(session: &Session<'_>, version: B256, key: B256, proof: &Proof) -> Result<bool> {
    let registry = IDatasetRegistry::new(session.suite()?.registry, &session.connection.provider);
    let siblings = proof.siblings.clone();
    let failed = |error| contract_error(&session.connection, "check the proof on chain", error);
    match proof.terminal {
        Some(leaf) if leaf.key == key => {
            let call = registry.contains(version, key, leaf.weight, proof.bitmap, siblings.into());
            call.call().await.map_err(failed)?;
        }
        terminal => {
            let (other, weight) = terminal.map_or((B256::ZERO, 0), |leaf| (leaf.key, leaf.weight));
            let call = registry.excludes(version, key, other, weight, proof.bitmap, siblings.into());
            call.call().await.map_err(failed)?;
        }
    }
    Ok(true)
}
