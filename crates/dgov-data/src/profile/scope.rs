//! What every part of a profile has to agree on: the whole dataset, and how it is divided into splits.

use alloy_primitives::{B256, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::splits::{MAX_SPLITS, NONE, SplitRule};
use super::{ProfileError, Row};
use crate::records::RecordFormat;
use crate::unixfs::Plan;

/// The dataset that a profile is of.
#[derive(Clone, Debug)]
pub struct Scope {
    pub(super) common: Common,
    paths: Vec<Box<str>>,
    /// Place of each file's split in the list.
    splits: Vec<u8>,
}

/// What a part's file carries of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Common {
    pub record_format: String,
    pub files: u64,
    pub bytes: u64,
    /// By name; at most [`MAX_SPLITS`].
    pub splits: Vec<String>,
    /// Whether splits without records are worth naming: somebody asked for them.
    pub splits_named: bool,
    /// sha256 over format, rule of splits, paths and sizes: parts of different datasets don't join by accident.
    pub fingerprint: String,
}

impl Scope {
    /// The dataset of a plan.
    ///
    /// # Errors
    /// [`ProfileError::TooManySplits`].
    pub fn new(plan: &Plan, format: &RecordFormat, rule: &SplitRule) -> Result<Self, ProfileError> {
        let of: Vec<_> = plan.files().map(|(path, _)| rule.of(path, format)).collect();
        let mut names: Vec<&str> = of.iter().flatten().copied().collect();
        if let SplitRule::Patterns(patterns) = rule {
            names.extend(patterns.iter().map(|(name, _)| name.as_str()));
        }
        names.sort_unstable();
        names.dedup();
        if names.len() > MAX_SPLITS {
            return Err(ProfileError::TooManySplits(names.len()));
        }
        let place = |split: &Option<&str>| {
            split.and_then(|split| names.binary_search(&split).ok()).map_or(NONE, |place| place as u8)
        };
        let mut hasher = Sha256::new_with_prefix(b"dgov.profile-scope.v1\0");
        hasher.update(serde_json::to_vec(&(format, rule)).unwrap_or_default());
        for (path, stamp) in plan.files() {
            hasher.update((path.len() as u64).to_be_bytes());
            hasher.update(path);
            hasher.update(stamp.size.to_be_bytes());
        }
        let common = Common {
            record_format: format.name().to_owned(),
            files: plan.file_count() as u64,
            bytes: plan.content_size(),
            splits: names.iter().map(|name| (*name).to_owned()).collect(),
            splits_named: matches!(rule, SplitRule::Patterns(_)),
            fingerprint: hex::encode_prefixed(B256::new(hasher.finalize().into())),
        };
        let paths = plan.files().map(|(path, _)| path.into()).collect();
        let splits = of.iter().map(place).collect();
        Ok(Self { common, paths, splits })
    }

    /// Place of the row's split, or [`NONE`].
    pub(super) fn split(&self, row: &Row<'_>) -> u8 {
        self.splits.get(row.file).copied().unwrap_or(NONE)
    }

    /// As [`crate::records::RecordSet::locator`].
    pub(super) fn locator(&self, row: &Row<'_>) -> String {
        let path = self.paths.get(row.file).map_or("?", |path| path);
        if row.line == 0 { path.to_owned() } else { format!("{path}:{}", row.line) }
    }
}
