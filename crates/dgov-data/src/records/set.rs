//! All records of a package: key and place of each.

use alloy_primitives::B256;

use super::RecordError;
use super::images::Annotations;
use crate::hex::word;
use crate::tree::{Kind, Leaf, SumTree, merge_leaves};
use crate::unixfs::Package;

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// sha256 of its canonical bytes with the format before them.
    pub key: B256,
    /// Position of its file in [`Package::entries`].
    pub file: usize,
    /// Line counted from 1; 0 when the record is the whole file.
    pub line: u64,
}

impl Record {
    pub(super) fn whole(key: B256, file: usize) -> Self {
        Self { key, file, line: 0 }
    }
}

/// The records of a package in the order of files and lines. 48 bytes each.
pub struct RecordSet {
    paths: Vec<Box<str>>,
    records: Vec<Record>,
    unmatched: Vec<String>,
    pub(super) annotations: Annotations,
}

impl RecordSet {
    pub(super) fn new(package: &Package, records: Vec<Record>) -> Self {
        Self {
            paths: package.entries().map(|entry| entry.path.into()).collect(),
            records,
            unmatched: Vec::new(),
            annotations: Annotations::default(),
        }
    }

    pub(super) fn with_annotations(self, annotations: Annotations, unmatched: Vec<String>) -> Self {
        Self { annotations, unmatched, ..self }
    }

    /// Number of records, duplicates included.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// All records.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records of one file.
    pub fn of_file(&self, file: usize) -> &[Record] {
        let start = self.records.partition_point(|record| record.file < file);
        let end = self.records.partition_point(|record| record.file <= file);
        &self.records[start..end]
    }

    /// Annotation documents that belong to no image: worth a warning.
    pub fn unmatched(&self) -> &[String] {
        &self.unmatched
    }

    /// Where a record is, for people: `train.jsonl:17`, `images/raccoon-1.jpg`.
    pub fn locator(&self, record: &Record) -> String {
        let path = &self.paths[record.file];
        if record.line == 0 { path.to_string() } else { format!("{path}:{}", record.line) }
    }

    /// The record tree; duplicates add up.
    ///
    /// # Errors
    /// [`RecordError::Tree`].
    pub fn tree(&self) -> Result<SumTree, RecordError> {
        let leaves = self.records.iter().map(|record| Leaf::new(record.key, 1)).collect();
        Ok(SumTree::build(Kind::Records, merge_leaves(leaves)?)?)
    }

    /// The record at a place or with a key: `train.jsonl:17`, `images/raccoon-1.jpg`, or `0x` and 64 hex digits.
    pub fn locate(&self, text: &str) -> Option<&Record> {
        if let Some(key) = word(text)
            && let Some(record) = self.records.iter().find(|record| record.key == key)
        {
            return Some(record);
        }
        // A file's own name may end in a colon and digits, so the whole text is tried first.
        self.at(text, 0).or_else(|| {
            let (path, line) = text.rsplit_once(':')?;
            self.at(path, line.parse().ok().filter(|line| *line > 0)?)
        })
    }

    fn at(&self, path: &str, line: u64) -> Option<&Record> {
        let path = path.trim_start_matches("./");
        let file = self.paths.iter().position(|known| **known == *path)?;
        let place = self.records.binary_search_by_key(&(file, line), |record| (record.file, record.line)).ok()?;
        Some(&self.records[place])
    }
}
