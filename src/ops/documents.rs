//! The documents of a version: data card, license, policy, token metadata, record list, contributor list, splits.
//! The same input gives the same bytes; their folder is the second DAG of the package.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// File names inside the documents' folder.
pub mod names {
    /// Croissant 1.1: the data card.
    pub const CARD: &str = "croissant.json";
    /// Hub card.
    pub const README: &str = "README.md";
    /// License text.
    pub const LICENSE: &str = "LICENSE";
    /// ODRL offer.
    pub const POLICY: &str = "policy.jsonld";
    /// What is in the data: columns, duplicates, hints at personal data.
    pub const PROFILE: &str = "profile.json";
    /// ERC-721 metadata.
    pub const TOKEN: &str = "token.json";
    /// One JSON object a record: key and locator.
    pub const RECORDS: &str = "records.jsonl";
    /// account,shares; ascending by account.
    pub const CONTRIBUTORS: &str = "contributors.csv";
    /// The preimage of the splits digest.
    pub const SPLITS: &str = "splits.json";
}

/// What the documents are made from.
pub struct Input<'a> {
    /// Project name.
    pub project: &'a str,
    /// Slug of the dataset.
    pub dataset: &'a str,
    /// One paragraph about it.
    pub description: Option<&'a str>,
    /// Root of the package.
    pub cid: &'a str,
    /// Files of the package.
    pub files: u64,
    /// Bytes of the package.
    pub bytes: u64,
    /// Name of the record format.
    pub format: &'a str,
    /// Records in the order of the package, with their locators.
    pub records: &'a [(B256, String)],
    /// SPDX expression.
    pub spdx: &'a str,
    /// License text.
    pub license_text: &'a str,
    /// Names of the purposes allowed.
    pub allow: &'a [String],
    /// Names of the purposes denied.
    pub deny: &'a [String],
    /// Price for people, e.g. `0.01 ETH`.
    pub price: &'a str,
    /// Data card written by the steward; made from the rest otherwise.
    pub card: Option<Vec<u8>>,
    /// Profile of the same records, if there is one.
    pub profile: Option<Vec<u8>>,
    /// Hub card written by the steward.
    pub readme: Option<&'a str>,
    /// Canonical contributor list.
    pub contributors: &'a [u8],
    /// Contributors' share, basis points.
    pub contributors_bps: u16,
    /// Fixed splits, ascending by account.
    pub splits: &'a [(Address, u16)],
}

/// The documents by file name.
pub fn build(input: &Input<'_>) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let written = input.card.clone();
    files.insert(names::CARD.into(), written.map_or_else(|| pretty(&card(input)), Ok)?);
    files.insert(names::README.into(), readme(input).into_bytes());
    files.insert(names::LICENSE.into(), input.license_text.as_bytes().to_vec());
    files.insert(names::POLICY.into(), pretty(&policy(input))?);
    files.extend(input.profile.clone().map(|profile| (names::PROFILE.into(), profile)));
    files.insert(names::TOKEN.into(), pretty(&token(input))?);
    files.insert(names::RECORDS.into(), record_list(input.records)?);
    files.insert(names::CONTRIBUTORS.into(), input.contributors.to_vec());
    files.insert(names::SPLITS.into(), pretty(&splits(input))?);
    Ok(files)
}

/// sha256 of a document's stored bytes.
pub fn digest(bytes: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(bytes))
}

fn pretty(value: &Value) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::bug("a document did not serialize").caused_by(&error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn describe(input: &Input<'_>) -> String {
    input.description.map_or_else(
        || {
            format!(
                "Dataset {} of {}: {} records in {} files.",
                input.dataset,
                input.project,
                input.records.len(),
                input.files
            )
        },
        str::to_owned,
    )
}

/// Croissant 1.1 (docs.mlcommons.org/croissant). `ipfs://` belongs into `sameAs`: loaders can't fetch it.
fn card(input: &Input<'_>) -> Value {
    json!({
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "citeAs": "cr:citeAs",
            "conformsTo": "dct:conformsTo",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "includes": "cr:includes",
            "rai": "http://mlcommons.org/croissant/RAI/",
            "sc": "https://schema.org/"
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": input.dataset,
        "description": describe(input),
        "license": format!("https://spdx.org/licenses/{}", input.spdx),
        "sameAs": [format!("ipfs://{}", input.cid)],
        "isAccessibleForFree": input.price.starts_with("0 "),
        "distribution": [{
            "@type": "cr:FileSet",
            "@id": "package",
            "name": "package",
            "description": format!("{} files, {} bytes", input.files, input.bytes),
            "encodingFormat": "application/octet-stream",
            "includes": "**"
        }]
    })
}

/// ODRL 2.2 offer.
fn policy(input: &Input<'_>) -> Value {
    let rules = |actions: &[String]| -> Vec<Value> {
        actions.iter().map(|action| json!({ "target": format!("ipfs://{}", input.cid), "action": action })).collect()
    };
    json!({
        "@context": "http://www.w3.org/ns/odrl.jsonld",
        "@type": "Offer",
        "uid": format!("ipfs://{}#offer", input.cid),
        "permission": rules(input.allow),
        "prohibition": rules(input.deny),
    })
}

fn token(input: &Input<'_>) -> Value {
    json!({
        "name": format!("{} / {}", input.project, input.dataset),
        "description": describe(input),
        "properties": {
            "slug": input.dataset,
            "cid": input.cid,
            "record_format": input.format,
            "records": input.records.len(),
            "files": input.files,
            "bytes": input.bytes,
            "spdx": input.spdx,
        }
    })
}

fn splits(input: &Input<'_>) -> Value {
    let rows: Vec<_> = input.splits.iter().map(|(to, bps)| json!({ "to": to.to_checksum(None), "bps": bps })).collect();
    json!({ "contributors_bps": input.contributors_bps, "splits": rows })
}

/// One line a record, without a JSON value in between: there may be millions.
fn record_list(records: &[(B256, String)]) -> Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Line<'a> {
        key: &'a B256,
        record: &'a str,
    }
    let mut bytes = Vec::with_capacity(records.iter().map(|(_, locator)| locator.len() + 96).sum());
    for (key, record) in records {
        serde_json::to_writer(&mut bytes, &Line { key, record })
            .map_err(|error| Error::bug("a record did not serialize").caused_by(&error))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn readme(input: &Input<'_>) -> String {
    if let Some(text) = input.readme {
        return text.to_owned();
    }
    format!(
        "---\nlicense: other\nlicense_name: {spdx}\npretty_name: {name}\n---\n\n# {name}\n\n{about}\n\n\
         - package: `{cid}`\n- records: {records} ({format})\n- license: {spdx}; allowed: {allow}\n",
        spdx = input.spdx,
        name = input.dataset,
        about = describe(input),
        cid = input.cid,
        records = input.records.len(),
        format = input.format,
        allow = if input.allow.is_empty() { "nothing without asking".to_owned() } else { input.allow.join(", ") },
    )
}
