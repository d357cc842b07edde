//! `dgov data prove`: presence or absence of a record, from the record list that was stored with the version.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use camino::Utf8Path;
use dgov_contracts::suite::IDatasetRegistry;
use dgov_data::tree::{Kind, Leaf, Proof, SumTree, merge_leaves, verify};
use serde::{Deserialize, Serialize};

use super::proof_file::{self, Claimed, Origin, ProofDocument};
use super::record_key;
use super::verify::{not_pushed, record};
use crate::chain::reverts::contract_error;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ops::documents::names;
use crate::ops::names::{folder_cid, word};
use crate::session::Session;
use crate::storage::dag;
use crate::ui::{Report, table};

/// Most bytes of one document; ten million records are about as many.
const DOCUMENT_LIMIT: u64 = 1 << 30;

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

/// A line of the record list.
#[derive(Deserialize)]
struct Line {
    key: B256,
    record: String,
}

/// Makes and checks a proof.
pub async fn prove(session: &Session<'_>, options: &Options<'_>) -> Result<ProveReport> {
    let view = session.view().await?;
    let version = record(session, &view, options.dataset, options.version)?
        .ok_or_else(|| not_pushed(session, options.dataset))?;
    let root = folder_cid(version.meta_digest)?;
    let documents =
        dag::read_files(&session.sources()?, &root, &[names::RECORDS, names::TOKEN], DOCUMENT_LIMIT).await?;
    let lines = record_list(&documents)?;
    let leaves = lines.iter().map(|line| Leaf::new(line.key, 1)).collect();
    let tree = merge_leaves(leaves).and_then(|leaves| SumTree::build(Kind::Records, leaves)).map_err(list_differs)?;
    if tree.root() != version.version.recordRoot {
        return Err(Error::integrity(
            "data.record_list_differs",
            "the stored record list has another root than the version",
        )
        .hint("its publisher stored a wrong list; the record root on chain is what counts"));
    }
    let (what, key, present) = match options.claim {
        Claim::Present(text) => {
            let (place, key) = locate(&lines, text).ok_or_else(|| {
                Error::input("record.unknown", format!("version {} has no record `{text}`", version.version.number))
                    .hint("give a path, FILE:LINE or a 0x key; `--absent` proves that something is not in it")
            })?;
            (place, key, true)
        }
        Claim::Absent(text) => (text.to_owned(), absent_key(text, &documents)?, false),
    };
    let proof = tree.prove(&key);
    let verified = verify(&tree.root(), Kind::Records, &key, &proof).map_err(list_differs)?;
    if verified.present() != present {
        let place = lines.iter().find(|line| line.key == key).map_or("", |line| line.record.as_str());
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
        record_root: tree.root(),
        record: what,
        record_format: format_name(&documents).unwrap_or_else(|| "file".to_owned()),
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

fn list_differs(error: dgov_data::tree::TreeError) -> Error {
    Error::integrity("data.record_list_differs", "the stored record list makes no tree")
        .caused_by(&error)
        .hint("its publisher stored a wrong list; the record root on chain is what counts")
}

fn record_list(documents: &BTreeMap<&str, Vec<u8>>) -> Result<Vec<Line>> {
    let bytes = documents.get(names::RECORDS).ok_or_else(|| {
        Error::integrity("data.no_record_list", "the version's documents hold no record list")
            .hint("ask its publisher for the list, or prove from the data itself")
    })?;
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(index, line)| {
            serde_json::from_slice(line).map_err(|error| {
                Error::integrity(
                    "data.record_list_differs",
                    format!("line {} of the record list is malformed", index + 1),
                )
                .caused_by(&error)
                .hint("its publisher stored a broken list")
            })
        })
        .collect()
}

fn locate(lines: &[Line], text: &str) -> Option<(String, B256)> {
    let wanted = word(text);
    let path = text.trim_start_matches("./");
    let line = lines.iter().find(|line| line.record == path || Some(line.key) == wanted)?;
    Some((line.record.clone(), line.key))
}

/// The key that a record would have in this version: given as a key, or computed from a file in the version's format.
fn absent_key(text: &str, documents: &BTreeMap<&str, Vec<u8>>) -> Result<B256> {
    record_key::of(text, format_name(documents).as_deref().unwrap_or("file"))
}

fn format_name(documents: &BTreeMap<&str, Vec<u8>>) -> Option<String> {
    let token: serde_json::Value = serde_json::from_slice(documents.get(names::TOKEN)?).ok()?;
    Some(token["properties"]["record_format"].as_str()?.to_owned())
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
