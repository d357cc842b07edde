//! in-toto statements (in-toto.io "Statement", version 1) and the predicates of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::malformed;
use crate::error::Result;

/// The statement's own type.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// SLSA provenance, version 1 (slsa.dev/spec/v1.0/provenance): how a run made a model.
pub const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
/// Simple verification result, version 0.2 (in-toto/attestation, `spec/predicates/svr.md`): what the gate passed.
pub const RESULT: &str = "https://in-toto.io/attestation/svr/v0.2";
/// What kind of build a training run is.
pub const BUILD_TYPE: &str = "urn:dgov:training-run:v1";

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    statement_type: String,
    /// What it is about.
    pub subject: Vec<Subject>,
    /// Its kind.
    pub predicate_type: String,
    /// What is said.
    pub predicate: Value,
}

/// Something with digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// By algorithm, hex.
    pub digest: BTreeMap<String, String>,
}

/// A resource that a run depends on (in-toto "ResourceDescriptor").
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Its name in the receipt.
    pub name: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// By algorithm, hex.
    pub digest: BTreeMap<String, String>,
    /// More about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, Value>,
}

impl Subject {
    /// With a sha256 in hex.
    pub fn sha256(name: &str, digest: &str) -> Self {
        Self { name: name.to_owned(), digest: BTreeMap::from([("sha256".to_owned(), digest.to_owned())]) }
    }
}

impl Statement {
    /// A statement.
    pub fn new(subject: Vec<Subject>, predicate_type: &str, predicate: Value) -> Self {
        let (statement_type, predicate_type) = (STATEMENT_TYPE.to_owned(), predicate_type.to_owned());
        Self { statement_type, subject, predicate_type, predicate }
    }

    /// From the payload of an envelope; of the kind that is expected.
    ///
    /// # Errors
    /// Input: `receipt.malformed`.
    pub fn parse(payload: &[u8], predicate_type: &str) -> Result<Self> {
        let statement: Self = serde_json::from_slice(payload)
            .map_err(|error| malformed(format!("it is no in-toto statement: {error}")))?;
        if statement.statement_type != STATEMENT_TYPE || statement.predicate_type != predicate_type {
            return Err(malformed(format!("it is no statement of the kind {predicate_type}")));
        }
        Ok(statement)
    }
}
