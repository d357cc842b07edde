//! `dgov data verify-proof`: what a proof proves, computed from its file alone.

use alloy::primitives::B256;
use camino::Utf8Path;
use serde::Serialize;

use super::proof_file::{self, Claimed, ProofDocument, refused};
use super::{prove, record_key};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::Lock;
use crate::session::Session;
use crate::ui::{Report, table};

/// What to check beside the proof itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The root as the user knows it.
    pub root: Option<B256>,
    /// A lock file that has the version.
    pub lock: Option<&'a Utf8Path>,
    /// The record, as a file from which its key is computed again, or as that key.
    pub record: Option<&'a str>,
    /// Ask the registry of the manifest's network.
    pub on_chain: bool,
}

/// A proof that is right.
#[derive(Serialize)]
pub struct VerifyProofReport {
    /// `present` or `absent`.
    pub claim: Claimed,
    /// What the file calls the record; nothing binds the name to it.
    pub record: String,
    /// Its key.
    pub key: B256,
    /// The root that the proof leads to.
    pub record_root: B256,
    /// Records before it in key order.
    pub first_index: u64,
    /// How often it is there; 0 when it is absent.
    pub copies: u64,
    /// Records of the version, duplicates included.
    pub total: u64,
    /// The version that the file says the root is of.
    pub version: Option<VersionOf>,
    /// Whether the key is that of the record given with `--record`; null without.
    pub record_matches: Option<bool>,
    /// What the root was compared with: `root`, `lock`, `chain`. Empty: it is only what the file says.
    pub root_from: Vec<&'static str>,
}

/// A version that a proof names. Its parts fit together; that the chain has it is for `--lock` and `--on-chain` to say.
#[derive(Serialize)]
pub struct VersionOf {
    /// EIP-155 id.
    pub chain_id: u64,
    /// Registry contract.
    pub registry: String,
    /// Slug.
    pub dataset: String,
    /// From 1.
    pub version: u32,
    /// Its key.
    pub version_key: B256,
}

impl Report for VerifyProofReport {
    fn human(&self) -> String {
        let records = if self.total == 1 { "1 record".to_owned() } else { format!("{} records", self.total) };
        let mut text = match (self.claim, self.copies) {
            (Claimed::Absent, _) => format!("proved: the record is not among the {records} under the root\n"),
            (Claimed::Present, 1) => format!(
                "proved: the record is in, number {} of {} in key order\n",
                self.first_index.saturating_add(1),
                self.total
            ),
            (Claimed::Present, copies) => format!("proved: the record is in, {copies} times among {records}\n"),
        };
        let mut rows = vec![
            ("record", format!("{} (a name given by the file, not proved)", self.record)),
            ("record key", self.key.to_string()),
        ];
        if self.record_matches == Some(true) {
            rows.push(("key is that of", "what --record names".to_owned()));
        }
        rows.push(("record root", self.record_root.to_string()));
        if let Some(version) = &self.version {
            rows.push(("said to be of", format!("{} version {}", version.dataset, version.version)));
            rows.push(("version key", version.version_key.to_string()));
            rows.push(("registry", format!("{} on chain {}", version.registry, version.chain_id)));
        }
        let from: Vec<_> = self
            .root_from
            .iter()
            .map(|from| match *from {
                "root" => "the root given with --root",
                "lock" => "the lock file",
                _ => "the registry on chain",
            })
            .collect();
        let confirmed = if from.is_empty() { "nothing yet".to_owned() } else { from.join(", ") };
        rows.push(("root compared with", confirmed));
        text.push_str(&table::pairs(&rows));
        if self.root_from.is_empty() {
            text.push_str(
                "The root is what the file says. Compare it with one that you trust: --root 0x…, --lock dgov.lock, or --on-chain.\n",
            );
        }
        text
    }
}

/// Checks a proof.
///
/// # Errors
/// Integrity for anything in it that is not so, or not what the options ask for; input for a file that is no proof.
pub async fn verify_proof(context: &Context, file: &Utf8Path, options: &Options<'_>) -> Result<VerifyProofReport> {
    let document = proof_file::read(file)?;
    let verified = document.check()?;
    let mut root_from = Vec::new();
    if let Some(root) = options.root {
        if root != document.record_root {
            return Err(other_root(format!("the proof is for the root {}, not {root}", document.record_root)));
        }
        root_from.push("root");
    }
    if let Some(path) = options.lock {
        compare_lock(&document, path)?;
        root_from.push("lock");
    }
    let record_matches = options.record.map(|record| compare_record(&document, record)).transpose()?;
    if options.on_chain {
        compare_chain(context, &document).await?;
        root_from.push("chain");
    }
    Ok(VerifyProofReport {
        claim: document.claim,
        record: document.record,
        key: document.key,
        record_root: document.record_root,
        first_index: verified.first_index,
        copies: verified.leaf.map_or(0, |leaf| leaf.weight),
        total: verified.total,
        version: document.origin.map(|origin| VersionOf {
            chain_id: origin.chain_id,
            registry: origin.registry.to_checksum(None),
            dataset: origin.dataset,
            version: origin.version,
            version_key: origin.version_key,
        }),
        record_matches,
        root_from,
    })
}

fn other_root(message: String) -> Error {
    Error::integrity("proof.other_root", message)
        .hint("the proof itself is right, but for other data: another version, another dataset, or a forged one")
}

fn compare_record(document: &ProofDocument, record: &str) -> Result<bool> {
    let key = record_key::of(record, &document.record_format)?;
    if key != document.key {
        return Err(refused(format!("{record} has the key {key}, the proof is of {}", document.key)));
    }
    Ok(true)
}

/// The lock has to have the version that the proof names; without one, any version with the root.
fn compare_lock(document: &ProofDocument, path: &Utf8Path) -> Result<()> {
    let dir = match path.file_name() {
        Some(crate::lockfile::FILE_NAME) if path.is_file() => path.parent().unwrap_or(Utf8Path::new("")),
        _ if path.join(crate::lockfile::FILE_NAME).is_file() => path,
        _ => {
            return Err(Error::input("lock.missing", format!("there is no dgov.lock at {path}"))
                .hint("give the file, or the folder of the project that has it"));
        }
    };
    let lock = Lock::load(dir)?;
    let known = |key: B256| {
        let networks = lock.networks.values().filter(|network| {
            document.origin.as_ref().is_none_or(|origin| {
                network.chain_id == origin.chain_id && network.contracts.get("registry") == Some(&origin.registry)
            })
        });
        let mut versions = networks.flat_map(|network| network.datasets.values()).flat_map(|dataset| &dataset.versions);
        versions
            .any(|version| version.record_root == document.record_root && (key.is_zero() || key == version.version_key))
    };
    match &document.origin {
        Some(origin) if !known(origin.version_key) => Err(other_root(format!(
            "{path} has no version with the key {} and the root {} in the registry {} on chain {}",
            origin.version_key, document.record_root, origin.registry, origin.chain_id
        ))),
        None if !known(B256::ZERO) => {
            Err(other_root(format!("{path} has no version with the root {}", document.record_root)))
        }
        _ => Ok(()),
    }
}

async fn compare_chain(context: &Context, document: &ProofDocument) -> Result<()> {
    let Some(origin) = &document.origin else {
        return Err(Error::usage("proof.no_version", "the proof names no version that a registry could know")
            .hint("it was made from files that were not pushed; compare its root with --root or --lock"));
    };
    let session = Session::open(context).await?;
    let (chain_id, registry) = (session.connection.chain_id, session.suite()?.registry);
    if (chain_id, registry) != (origin.chain_id, origin.registry) {
        return Err(other_root(format!(
            "the proof is for the registry {} on chain {}, the network `{}` has {registry} on chain {chain_id}",
            origin.registry,
            origin.chain_id,
            session.name()
        )));
    }
    prove::check_on_chain(&session, origin.version_key, document.key, &document.proof).await?;
    Ok(())
}
