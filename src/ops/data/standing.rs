//! The status of a version, with what was said when it was set.

use alloy::primitives::B256;
use serde::Serialize;

use super::list::{name_of, status_name};
use crate::error::Result;
use crate::ops::notes;
use crate::ops::view::{VersionRecord, View};
use crate::session::Session;

/// The status of a version, in every report that has one.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// `active`, `deprecated`, `recalled`, `disputed`.
    pub status: &'static str,
    /// The version that replaces it, `name@number`.
    pub successor: Option<String>,
    /// Key of that version.
    pub successor_key: Option<B256>,
    /// sha256 of the document that says why.
    pub evidence: Option<B256>,
    /// The block of a content store that holds it.
    pub evidence_cid: Option<String>,
}

impl Standing {
    /// Of a version as the chain has it.
    ///
    /// # Errors
    /// None in practice.
    pub fn of(session: &Session<'_>, view: &View, record: &VersionRecord) -> Result<Self> {
        let known = |word: B256| (!word.is_zero()).then_some(word);
        let (successor, evidence) = (known(record.successor), known(record.evidence));
        Ok(Self {
            status: status_name(record.status),
            successor: successor.map(|key| version_name(session, view, key)),
            successor_key: successor,
            evidence,
            evidence_cid: evidence.map(notes::cid_of).transpose()?.map(|cid| cid.to_string()),
        })
    }

    /// For people: `recalled, replaced by raccoon@2`.
    pub fn phrase(&self) -> String {
        match &self.successor {
            Some(successor) => format!("{}, replaced by {successor}", self.status),
            None => self.status.to_owned(),
        }
    }
}

/// `name@number` of a version, its key where it is not known here.
pub fn version_name(session: &Session<'_>, view: &View, key: B256) -> String {
    view.versions.iter().find(|record| record.key == key).map_or_else(
        || key.to_string(),
        |record| format!("{}@{}", name_of(session, view, record.version.datasetId), record.version.number),
    )
}
