//! `dgov data prove`: presence or absence of a record, from the record list that was stored with the version.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use camino::Utf8Path;
use dgov_contracts::suite::IDatasetRegistry;
use dgov_data::records::{file_key, image_key, jsonl_key};
use dgov_data::tree::{Kind, Leaf, Proof, SumTree, merge_leaves, verify};
use dgov_data::unixfs::{Profile, hash_bytes};
use serde::{Deserialize, Serialize};

use super::verify::{not_pushed, record};
use crate::chain::reverts::contract_error;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ops::documents::names;
use crate::ops::names::{folder_cid, word};
use crate::ops::view::VersionRecord;
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

/// A proof with everything that a third party needs to check it.
#[derive(Serialize)]
pub struct ProveReport {
    /// Form of this document.
    pub format: &'static str,
    /// EIP-155 id.
    pub chain_id: u64,
    /// Registry contract.
    pub registry: String,
    /// Slug.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Version.
    pub version: u32,
    /// Its key.
    pub version_key: B256,
    /// Root that the proof leads to.
    pub record_root: B256,
    /// What was asked for, for people.
    pub record: String,
    /// Key of the record.
    pub key: B256,
    /// `present` or `absent`.
    pub claim: &'static str,
    /// The proof.
    pub proof: Proof,
    /// Records of the version, duplicates included.
    pub total: String,
    /// Records before this one in key order.
    pub first_index: String,
    /// Whether the registry contract accepted the proof; null when it was not asked.
    pub accepted_on_chain: Option<bool>,
}

impl Report for ProveReport {
    fn human(&self) -> String {
        let mut text = format!(
            "{} is {} version {} of {}\n",
            self.record,
            if self.claim == "present" { "in" } else { "not in" },
            self.version,
            self.dataset
        );
        text.push_str(&table::pairs(&[
            ("record key", self.key.to_string()),
            ("record root", self.record_root.to_string()),
            ("position", format!("{} of {} in key order", self.first_index, self.total)),
            ("proof", format!("{} siblings, {} bytes", self.proof.bitmap.count_ones(), self.proof.siblings.len())),
            (
                "checked",
                if self.accepted_on_chain == Some(true) { "here and by the registry".into() } else { "here".into() },
            ),
        ]));
        text
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
        return Err(Error::integrity(
            "record.present",
            format!("{what} is in version {}: {place}", version.version.number),
        )
        .hint("`--record` proves that"));
    }
    let accepted_on_chain =
        if options.on_chain { Some(check_on_chain(session, version, key, &proof).await?) } else { None };
    let report = ProveReport {
        format: "dgov.proof.v1",
        chain_id: session.connection.chain_id,
        registry: session.suite()?.registry.to_checksum(None),
        dataset: options.dataset.to_owned(),
        dataset_id: version.version.datasetId,
        version: version.version.number,
        version_key: version.key,
        record_root: tree.root(),
        record: what,
        key,
        claim: if present { "present" } else { "absent" },
        proof,
        total: verified.total.to_string(),
        first_index: verified.first_index.to_string(),
        accepted_on_chain,
    };
    if let Some(out) = options.out {
        let mut bytes = serde_json::to_vec_pretty(&report)
            .map_err(|error| Error::bug("a proof did not serialize").caused_by(&error))?;
        bytes.push(b'\n');
        write_atomically(out, &bytes)?;
    }
    Ok(report)
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
    if let Some(key) = word(text) {
        return Ok(key);
    }
    let path = Utf8Path::new(text);
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::input("record.no_file", format!("there is no file {path}"))
                .hint("--absent takes a file with the record, or its 0x key"));
        }
        Err(error) => return Err(Error::from(error)),
    };
    match format_name(documents).as_deref() {
        Some("jsonl") => {
            let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.contains(&b'\n') {
                return Err(Error::input("record.many_lines", format!("{path} holds more than one line"))
                    .hint("a record of this dataset is one line; put it into a file of its own"));
            }
            Ok(jsonl_key(line))
        }
        Some("image-annotations") => {
            let annotation = annotation_of(path);
            let mut digests: Vec<[u8; 32]> = Vec::new();
            if let Some(bytes) = annotation {
                digests.push(crate::ops::documents::digest(&bytes).0);
            }
            Ok(image_key(&hash_bytes(Profile::V1_2025, &bytes), &mut digests))
        }
        _ => Ok(file_key(&hash_bytes(Profile::V1_2025, &bytes))),
    }
}

/// The annotation document of an image, where it lies in the layout of the dataset or beside the image.
fn annotation_of(image: &Utf8Path) -> Option<Vec<u8>> {
    let name = format!("{}.xml", image.file_stem()?);
    let beside = image.with_file_name(&name);
    let sibling = image.parent()?.parent().map(|dir| dir.join("annotations").join(&name));
    [Some(beside), sibling].into_iter().flatten().find_map(|path| std::fs::read(path).ok())
}

fn format_name(documents: &BTreeMap<&str, Vec<u8>>) -> Option<String> {
    let token: serde_json::Value = serde_json::from_slice(documents.get(names::TOKEN)?).ok()?;
    Some(token["properties"]["record_format"].as_str()?.to_owned())
}

async fn check_on_chain(session: &Session<'_>, version: &VersionRecord, key: B256, proof: &Proof) -> Result<bool> {
    let registry = IDatasetRegistry::new(session.suite()?.registry, &session.connection.provider);
    let siblings = proof.siblings.clone();
    let failed = |error| contract_error(&session.connection, "check the proof on chain", error);
    match proof.terminal {
        Some(leaf) if leaf.key == key => {
            let call = registry.contains(version.key, key, leaf.weight, proof.bitmap, siblings.into());
            call.call().await.map_err(failed)?;
        }
        terminal => {
            let (other, weight) = terminal.map_or((B256::ZERO, 0), |leaf| (leaf.key, leaf.weight));
            let call = registry.excludes(version.key, key, other, weight, proof.bitmap, siblings.into());
            call.call().await.map_err(failed)?;
        }
    }
    Ok(true)
}
