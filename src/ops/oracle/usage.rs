//! The usage file: which dataset gave how many records, as CSV with the heading `dataset,records`, or as a JSON list of
//! objects with these fields.

use std::collections::BTreeMap;

use alloy::primitives::{B256, keccak256};
use camino::Utf8Path;
use dgov_contracts::usage::UsageLine;
use serde::Deserialize;
use serde_json::json;

use crate::error::{Error, Result};
use crate::ops::lookup;
use crate::ops::names;
use crate::ops::run::jobs::{self, JobRecord};
use crate::ops::view::View;
use crate::session::Session;

/// The contract's limit.
const MOST_LINES: usize = 64;
const HEADING: &str = "dataset,records";

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    dataset: String,
    records: u64,
}

/// The lines of the report, ascending by version key.
///
/// # Errors
/// `usage.malformed`, `usage.records`, `usage.twice`, `usage.too_many`, and those of naming datasets.
pub fn read(session: &Session<'_>, view: &View, job: &JobRecord, path: &Utf8Path) -> Result<Vec<UsageLine>> {
    let text = fs_err::read_to_string(path)
        .map_err(|error| Error::from(error).hint("give a CSV with the heading dataset,records, or a JSON list"))?;
    let mut lines = BTreeMap::new();
    for row in rows(&text).map_err(|message| malformed(path, message))? {
        if row.records == 0 {
            return Err(Error::input("usage.records", format!("{path} says that {} gave no record", row.dataset))
                .hint("leave out what was not used"));
        }
        let key = version_key(session, view, job, &row.dataset)?;
        if lines.insert(key, row.records).is_some() {
            return Err(Error::input("usage.twice", format!("{path} names {} twice", row.dataset))
                .hint("add the records of a version up in one row"));
        }
    }
    if lines.len() > MOST_LINES {
        return Err(Error::input("usage.too_many", format!("{path} names {} versions", lines.len()))
            .hint(format!("a report has at most {MOST_LINES}")));
    }
    Ok(lines.into_iter().map(|(version_key, weight)| UsageLine { versionKey: version_key, weight }).collect())
}

/// The document that stands for what was used where the oracles bring none of their own: the same for all of them.
///
/// # Errors
/// A bug, if it does not serialize.
pub fn document(session: &Session<'_>, view: &View, job: B256, lines: &[UsageLine]) -> Result<Vec<u8>> {
    let row = |line: &UsageLine| {
        let version = jobs::version(view, line.versionKey).map(|record| &record.version);
        json!({
            "version_key": line.versionKey,
            "dataset_id": version.map(|version| version.datasetId),
            "version": version.map(|version| version.number),
            "records": line.weight,
        })
    };
    let document = json!({
        "kind": "dgov-usage",
        "format": 1,
        "chain_id": session.connection.chain_id,
        "job": job,
        "lines": lines.iter().map(row).collect::<Vec<_>>(),
    });
    let mut bytes = serde_json::to_vec_pretty(&document)
        .map_err(|error| Error::bug("a usage document did not serialize").caused_by(&error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A dataset without a number means the version that the job may pay, where there is just one; else the latest.
fn version_key(session: &Session<'_>, view: &View, job: &JobRecord, name: &str) -> Result<B256> {
    if let Some(key) = names::word(name)
        && (jobs::version(view, key).is_some() || job.payees.iter().any(|payee| payee.versionKey == key))
    {
        return Ok(key);
    }
    let target = lookup::target(session, view, name)?;
    if name.contains('@') {
        return Ok(target.version.key);
    }
    let of_dataset = |key: &B256| jobs::version(view, *key).is_some_and(|it| it.version.datasetId == target.id);
    let paid: Vec<_> = job.payees.iter().map(|payee| payee.versionKey).filter(of_dataset).collect();
    match paid.as_slice() {
        [] => Ok(target.version.key),
        [key] => Ok(*key),
        _ => Err(Error::input("usage.ambiguous", format!("the job may pay several versions of {name}"))
            .hint(format!("say which was used, e.g. {name}@1"))),
    }
}

fn rows(text: &str) -> std::result::Result<Vec<Row>, String> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.next() {
        Some(heading) if heading.replace(' ', "") == HEADING => {}
        _ => return Err(format!("the first line is not `{HEADING}`")),
    }
    let row = |line: &str| {
        let (dataset, records) = line.split_once(',').ok_or_else(|| format!("`{line}` has no comma"))?;
        let records = records.trim().parse().map_err(|_| format!("`{records}` is no number of records"))?;
        Ok(Row { dataset: dataset.trim().to_owned(), records })
    };
    lines.map(row).collect()
}

fn malformed(path: &Utf8Path, message: String) -> Error {
    Error::input("usage.malformed", format!("{path} does not say what was used: {message}"))
        .hint("write a CSV with the heading dataset,records, or a JSON list of objects with these fields")
}

/// A short name for a set of lines, for the ledger.
pub fn fingerprint(lines: &[UsageLine], receipt: B256) -> B256 {
    keccak256([jobs::lines_hash(lines), receipt].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn row(dataset: &str, records: u64) -> Row {
        Row { dataset: dataset.into(), records }
    }

    #[test]
    fn csv_and_json_say_the_same() {
        let expected = vec![row("raccoon", 400), row("notes@2", 7)];
        assert_eq!(rows("dataset,records\nraccoon,400\r\n\nnotes@2, 7\n").unwrap(), expected);
        let json = r#" [{"dataset": "raccoon", "records": 400}, {"dataset": "notes@2", "records": 7}]"#;
        assert_eq!(rows(json).unwrap(), expected);
        assert_eq!(rows("dataset,records\n").unwrap(), []);
        assert_eq!(rows("[]").unwrap(), []);
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "",
            "raccoon,400\n",
            "dataset,records\nraccoon\n",
            "dataset,records\nraccoon,-1\n",
            "dataset,records\nraccoon,1.5\n",
            "dataset,records\nraccoon,1,2\n",
            "{}",
            r#"[{"dataset": "raccoon"}]"#,
            r#"[{"dataset": "raccoon", "records": 1, "more": 2}]"#,
            r#"[{"dataset": "raccoon", "records": 18446744073709551616}]"#,
        ] {
            assert!(rows(wrong).is_err(), "{wrong}");
        }
    }
}
