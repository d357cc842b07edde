//! The documents of a version: data card, license, policy, token metadata, record list, contributor list, splits.
//! The same input gives the same bytes; their folder is the second DAG of the package.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use dgov_data::cards::facts::Facts;
use dgov_data::cards::readme;
use dgov_data::cards::write::{self, NewCard};
use dgov_data::licensing::{Purposes, Rights, export, odrl};
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
    /// What reading the files told.
    pub facts: &'a Facts,
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
    /// Rights, those of the lineage included.
    pub rights: &'a Rights,
    /// Names of what it was derived from.
    pub parents: &'a [String],
    /// Day of publication, `2026-12-01`.
    pub published: &'a str,
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

/// A value as indented JSON that ends with a line feed: the form of every JSON file that dgov writes for people.
///
/// # Errors
/// None for values that JSON can hold.
pub fn pretty(value: &impl Serialize) -> Result<Vec<u8>> {
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

/// Croissant 1.1. `ipfs://` belongs into `sameAs`: loaders can't fetch it. Its files are named relative to the package, so
/// that the card reads a copy of it from its folder.
fn card(input: &Input<'_>) -> Value {
    let package = format!("ipfs://{}", input.cid);
    write::card(
        &NewCard {
            name: input.dataset,
            description: Some(&describe(input)),
            url: Some(&package),
            creator: Some(input.project),
            published: Some(input.published),
            license: Some(input.spdx),
            same_as: std::slice::from_ref(&package),
            free: Some(input.price.starts_with("0 ")),
            derived_from: input.parents,
            marks: false,
        },
        input.facts,
    )
}

/// ODRL 2.2 offer.
fn policy(input: &Input<'_>) -> Value {
    odrl::policy(input.rights, &format!("ipfs://{}", input.cid))
}

/// ERC-721 metadata with the preferences of ERC-7517.
fn token(input: &Input<'_>) -> Value {
    json!({
        "name": format!("{} / {}", input.project, input.dataset),
        "description": describe(input),
        "dataMiningPreference": export::erc7517(input.rights),
        "license": { "name": input.spdx, "document": names::LICENSE },
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
    let allowed: Purposes = input
        .rights
        .alternatives()
        .iter()
        .map(|alternative| alternative.terms.allow)
        .fold(Purposes::NONE, Purposes::or);
    let block = format!(
        "{about}\n\n- package: `{cid}`\n- records: {records} ({format})\n- license: {spdx}; allowed: {allow}",
        about = describe(input),
        cid = input.cid,
        records = input.records.len(),
        format = input.format,
        spdx = input.spdx,
        allow = if allowed.is_empty() { "nothing without asking".to_owned() } else { allowed.to_string() },
    );
    let text = readme::new(input.dataset, Some(input.spdx), Some(input.records.len() as u64));
    // A new one has no markers that could be wrong.
    readme::refreshed(&text, &block).unwrap_or(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use dgov_data::cards::facts::{FieldFact, FieldKind, FileFact};
    use dgov_data::cards::{CardProfile, lint};

    use super::*;

    fn documents(facts: &Facts) -> BTreeMap<String, Vec<u8>> {
        build(&Input {
            project: "p",
            dataset: "notes",
            description: None,
            cid: "bafy",
            facts,
            files: 1,
            bytes: 2,
            format: "jsonl",
            records: &[],
            spdx: "CC-BY-NC-4.0",
            license_text: "text",
            rights: &Rights::of_expression("CC-BY-NC-4.0").unwrap(),
            parents: &["raw@1".to_owned()],
            published: "2026-12-01",
            price: "0 ETH",
            card: None,
            profile: None,
            readme: None,
            contributors: b"account,shares\n",
            contributors_bps: 10_000,
            splits: &[],
        })
        .unwrap()
    }

    fn facts(sha256: &str) -> Facts {
        let field = FieldFact { name: "a".into(), kind: Some(FieldKind::Text), repeated: false };
        let file =
            FileFact { path: "a.jsonl".into(), bytes: 2, sha256: sha256.into(), fields: vec![field], records: Some(1) };
        Facts { files: vec![file], annotated: None }
    }

    #[test]
    fn what_is_published_is_valid_and_says_the_same() {
        // With digests, and for packages that are too large to be read twice.
        for sha256 in ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ""] {
            let files = documents(&facts(sha256));
            let found = lint(&files[names::CARD], CardProfile::Default);
            let ids: Vec<_> = found.iter().map(|finding| finding.id).collect();
            assert!(ids.is_empty(), "{found:?}");
            let back = odrl::read(&files[names::POLICY]).unwrap();
            assert_eq!(back, Rights::of_expression("CC-BY-NC-4.0").unwrap());
            let token: Value = serde_json::from_slice(&files[names::TOKEN]).unwrap();
            assert_eq!(token["dataMiningPreference"]["aiGenerativeTraining"], "constrained");
            let front = readme::front_matter(std::str::from_utf8(&files[names::README]).unwrap());
            assert_eq!(front.expression().as_deref(), Some("CC-BY-NC-4.0"));
            assert_eq!(files, documents(&facts(sha256)), "the same input gives the same bytes");
        }
    }
}
