//! The record list that was stored with a version: which records it has and under which keys.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use dgov_data::tree::{Kind, Leaf, SumTree, TreeError, merge_leaves};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::ops::documents::names;
use crate::ops::names::{folder_cid, word};
use crate::ops::view::VersionRecord;
use crate::session::Session;
use crate::storage::dag;

/// Most bytes of one document; ten million records are about as many.
const DOCUMENT_LIMIT: u64 = 1 << 30;

/// A line of the list.
#[derive(Deserialize)]
pub struct Line {
    /// Key of the record.
    pub key: B256,
    /// Where it lies: a path, or `FILE:LINE`.
    pub record: String,
}

/// The list of a version, whose root is the one on chain.
pub struct RecordList {
    lines: Vec<Line>,
    tree: SumTree,
    format: Option<String>,
}

impl RecordList {
    /// Reads the list of a version and compares its root with the chain's.
    ///
    /// # Errors
    /// Integrity: `data.no_record_list`, `data.record_list_differs`; those of the sources.
    pub async fn read(session: &Session<'_>, version: &VersionRecord) -> Result<Self> {
        let root = folder_cid(version.meta_digest)?;
        let documents =
            dag::read_files(&session.sources()?, &root, &[names::RECORDS, names::TOKEN], DOCUMENT_LIMIT).await?;
        let lines = lines(&documents)?;
        let leaves = lines.iter().map(|line| Leaf::new(line.key, 1)).collect();
        let tree = merge_leaves(leaves)
            .and_then(|leaves| SumTree::build(Kind::Records, leaves))
            .map_err(|e| list_differs(&e))?;
        if tree.root() != version.version.recordRoot {
            return Err(Error::integrity(
                "data.record_list_differs",
                "the stored record list has another root than the version",
            )
            .hint("its publisher stored a wrong list; the record root on chain is what counts"));
        }
        Ok(Self { lines, tree, format: format_name(&documents) })
    }

    /// The tree over its keys.
    pub fn tree(&self) -> &SumTree {
        &self.tree
    }

    /// Name of the format of its records.
    pub fn format(&self) -> &str {
        self.format.as_deref().unwrap_or("file")
    }

    /// A record by its path, `FILE:LINE` or 0x key: where it lies, and its key.
    pub fn locate(&self, text: &str) -> Option<(String, B256)> {
        let wanted = word(text);
        let path = text.trim_start_matches("./");
        let line = self.lines.iter().find(|line| line.record == path || Some(line.key) == wanted)?;
        Some((line.record.clone(), line.key))
    }

    /// Where the record with this key lies.
    pub fn place_of(&self, key: B256) -> Option<&str> {
        self.lines.iter().find(|line| line.key == key).map(|line| line.record.as_str())
    }
}

/// A list that makes no tree, or proves nothing.
pub fn list_differs(error: &TreeError) -> Error {
    Error::integrity("data.record_list_differs", "the stored record list makes no tree")
        .caused_by(error)
        .hint("its publisher stored a wrong list; the record root on chain is what counts")
}

fn lines(documents: &BTreeMap<&str, Vec<u8>>) -> Result<Vec<Line>> {
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

fn format_name(documents: &BTreeMap<&str, Vec<u8>>) -> Option<String> {
    let token: serde_json::Value = serde_json::from_slice(documents.get(names::TOKEN)?).ok()?;
    Some(token["properties"]["record_format"].as_str()?.to_owned())
}
