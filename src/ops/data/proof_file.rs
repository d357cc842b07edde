//! The document of a proof: what a third party needs to check it, and the check itself. Everything in it follows
//! from the proof, the root and the version key, so that nothing in it has to be believed; but for the record's name, which
//! is for people, and its format, which counts when the key is computed again from a record.

use alloy::primitives::{Address, B256};
use camino::Utf8Path;
use dgov_contracts::ids;
use dgov_contracts::suite::Version;
use dgov_data::tree::{Kind, Proof, TreeError, Verified, verify};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Form of the document.
pub const FORMAT: &str = "dgov.proof.v1";

/// A proof is a few KiB; what is larger is something else.
const LIMIT: u64 = 1 << 20;

/// A proof with everything that a third party needs to check it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProofDocument {
    /// [`FORMAT`].
    pub format: String,
    /// Root that the proof leads to.
    pub record_root: B256,
    /// What was asked for, for people. Nothing binds it.
    pub record: String,
    /// What a record is: how its key is computed. Bound by the key, as soon as there is a record.
    pub record_format: String,
    /// Key of the record.
    pub key: B256,
    /// `present` or `absent`.
    pub claim: Claimed,
    /// The proof.
    pub proof: Proof,
    /// Records of the version, duplicates included.
    pub total: String,
    /// Records before this one in key order.
    pub first_index: String,
    /// The version that has this root; absent for a proof from files that were not pushed.
    #[serde(flatten)]
    pub origin: Option<Origin>,
}

/// What is claimed of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Claimed {
    /// It is in the version.
    Present,
    /// It is not.
    Absent,
}

impl Claimed {
    /// In a sentence, after a record and `is`.
    pub fn place(self) -> &'static str {
        match self {
            Self::Present => "in",
            Self::Absent => "not in",
        }
    }
}

/// A version on chain. The preimages of the dataset's id and of the version's key, so that both can be computed again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// EIP-155 id.
    pub chain_id: u64,
    /// Registry contract.
    pub registry: Address,
    /// First owner.
    pub publisher: Address,
    /// Slug.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Version.
    pub version: u32,
    /// Its key.
    pub version_key: B256,
    /// Digest inside the package's CID.
    pub package_digest: B256,
    /// Root of the contributor tree.
    pub contributor_root: B256,
    /// Digest of the splits.
    pub splits_digest: B256,
    /// sha256 of the data card.
    pub card_digest: B256,
    /// sha256 of the license text.
    pub license_digest: B256,
    /// Digest of the parents' version keys, or zero.
    pub parents_hash: B256,
}

impl Origin {
    /// Of a version of a registry.
    pub fn new(
        chain_id: u64,
        registry: Address,
        publisher: Address,
        dataset: &str,
        key: B256,
        version: &Version,
    ) -> Self {
        Self {
            chain_id,
            registry,
            publisher,
            dataset: dataset.to_owned(),
            dataset_id: version.datasetId,
            version: version.number,
            version_key: key,
            package_digest: version.packageDigest,
            contributor_root: version.contributorRoot,
            splits_digest: version.splitsDigest,
            card_digest: version.cardDigest,
            license_digest: version.licenseDigest,
            parents_hash: version.parentsHash,
        }
    }

    fn check(&self, root: B256, total: u64) -> Result<()> {
        let salt = ids::dataset_salt(&self.dataset).ok();
        let id = salt.map(|salt| ids::dataset_id(self.chain_id, self.registry, self.publisher, salt));
        if id != Some(self.dataset_id) {
            return Err(refused("the dataset's id does not follow from chain, registry, publisher and name"));
        }
        let version = Version {
            datasetId: self.dataset_id,
            number: self.version,
            packageDigest: self.package_digest,
            recordRoot: root,
            records: total,
            contributorRoot: self.contributor_root,
            splitsDigest: self.splits_digest,
            cardDigest: self.card_digest,
            licenseDigest: self.license_digest,
            parentsHash: self.parents_hash,
        };
        if ids::version_key(&version) != self.version_key {
            return Err(refused("the version key does not follow from root, number of records and digests"));
        }
        Ok(())
    }
}

/// A proof that proves nothing of what its document says.
pub fn refused(why: impl Into<String>) -> Error {
    Error::integrity("proof.refused", why)
        .hint("the file was changed or is not what it claims; ask whoever gave it to you for another proof")
}

/// Reads a document: what `data prove --out` writes, or its `--json` output.
///
/// # Errors
/// Input for a file that is no proof at all; integrity for one that is malformed inside.
pub fn read(path: &Utf8Path) -> Result<ProofDocument> {
    let no_proof = |why: String| {
        Error::input("proof.malformed", why).hint("give a file that `dgov data prove … --out FILE` wrote")
    };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(no_proof(format!("there is no file {path}")));
        }
        Ok(metadata) if !metadata.is_file() => return Err(no_proof(format!("{path} is no file"))),
        Ok(metadata) if metadata.len() > LIMIT => return Err(no_proof(format!("{path} is too large for a proof"))),
        _ => {}
    }
    let bytes = fs_err::read(path)?;
    let mut value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| no_proof(format!("{path} is not JSON")).caused_by(&error))?;
    if value.get("schema_version").is_some() {
        value = value["data"].take();
        if let Some(members) = value.as_object_mut() {
            members.remove("accepted_on_chain");
        }
    }
    match value["format"].as_str() {
        Some(FORMAT) => {}
        Some(other) => {
            return Err(no_proof(format!("{path} has the format `{other}`, this dgov reads `{FORMAT}`")));
        }
        None => return Err(no_proof(format!("{path} is no proof: it has no `format`"))),
    }
    let document: ProofDocument = serde_json::from_value(value.clone())
        .map_err(|error| refused(format!("{path} is not a whole proof")).caused_by(&error))?;
    // Whatever is said twice, spelled otherwise or added could be taken for proved.
    let same = serde_json::to_value(&document).is_ok_and(|again| equal(&again, &value));
    if !same {
        return Err(refused(format!("{path} holds more than a proof, or less")));
    }
    Ok(document)
}

/// Equal but for the letter case of addresses.
fn equal(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| equal(value, other)))
        }
        (Value::String(a), Value::String(b)) if a.len() == 42 => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}

impl ProofDocument {
    /// Computes everything again that the document says.
    ///
    /// # Errors
    /// Integrity, at the first thing that is not so.
    pub fn check(&self) -> Result<Verified> {
        let verified = verify(&self.record_root, Kind::Records, &self.key, &self.proof)
            .map_err(|error: TreeError| refused("the proof does not lead to its root").caused_by(&error))?;
        if verified.present() != (self.claim == Claimed::Present) {
            return Err(refused(format!(
                "the proof shows that the record is {}present, the file says otherwise",
                if verified.present() { "" } else { "not " }
            )));
        }
        if verified.total.to_string() != self.total || verified.first_index.to_string() != self.first_index {
            return Err(refused(format!(
                "the proof is of position {} of {}, the file says {} of {}",
                verified.first_index, verified.total, self.first_index, self.total
            )));
        }
        if let Some(origin) = &self.origin {
            origin.check(self.record_root, verified.total)?;
        }
        Ok(verified)
    }
}
