//! One record in the versions of a dataset: where it is, with proofs, and who is paid for those versions.

use alloy::primitives::{Address, B256, U256};
use dgov_contracts::suite::IRecordToken;
use dgov_data::tree::{Kind, Proof, verify};
use serde::Serialize;

use super::line::markdown_table;
use super::totals::Payment;
use crate::error::{Error, Result};
use crate::ops::data::record_list::{RecordList, list_differs};
use crate::ops::names::word;
use crate::ops::royalties::shares::is_of_the_documents;
use crate::ops::view::{VersionRecord, View};
use crate::session::Session;
use crate::ui::{table, text};

/// A record and its versions.
#[derive(Debug, Serialize)]
pub struct RecordAudit {
    /// What was asked for.
    pub record: String,
    /// Its place in every version whose record list could be read, ascending.
    pub versions: Vec<RecordVersion>,
    /// What contributors of the versions that hold it were paid, up to now. Contributors share in a whole version: nothing
    /// on chain says whose a single record is.
    pub payments: Vec<Payment>,
}

/// A record in one version.
#[derive(Debug, Serialize)]
pub struct RecordVersion {
    /// Number of the version.
    pub version: u32,
    /// Its key.
    pub version_key: B256,
    /// Whether it is in the version; proven against the record root on chain either way.
    pub present: bool,
    /// Key of the record.
    pub key: B256,
    /// Where it lies in this version.
    pub place: Option<String>,
    /// Root of the record tree on chain.
    pub record_root: B256,
    /// Its first place in key order, from 0, decimal; null where it is absent.
    pub first_index: Option<String>,
    /// Number of records, decimal.
    pub total: String,
    /// The proof.
    pub proof: Proof,
    /// Who owns the record's token; null while it was not minted.
    pub token_owner: Option<String>,
}

impl RecordAudit {
    /// Versions that hold it.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.versions.iter().filter(|version| version.present).map(|version| version.version).collect()
    }

    pub(super) fn text(&self, markdown: bool) -> String {
        let shown = |of_others: &str| if markdown { text::markdown(of_others) } else { text::one_line(of_others) };
        let gap = if markdown { "\n" } else { "" };
        let headings = ["version", "is", "key", "place", "index", "token of"];
        let rows = self.versions.iter().map(row);
        let mut text = format!("record {}, proven against the roots on chain:\n{gap}", shown(&self.record));
        text.push_str(&match markdown {
            true => markdown_table(&headings, rows),
            false => table::render(&headings, &rows.collect::<Vec<_>>()),
        });
        for payment in &self.payments {
            let amount = shown(&payment.amount_text);
            text.push_str(&format!("{gap}contributor {} was paid {amount}\n", payment.account));
        }
        text.push_str(gap);
        text.push_str("contributors share in a whole version; nothing on chain says whose a single record is\n\n");
        text
    }
}

fn row(version: &RecordVersion) -> Vec<String> {
    let index = version.first_index.as_ref().map_or_else(String::new, |index| format!("{index} of {}", version.total));
    vec![
        version.version.to_string(),
        if version.present { "in it" } else { "not in it" }.to_owned(),
        version.key.to_string(),
        version.place.as_deref().map(text::one_line).unwrap_or_default(),
        index,
        version.token_owner.clone().unwrap_or_default(),
    ]
}

/// Looks for a record in all versions. A path or `FILE:LINE` may be another record in each; a version that has none of the
/// name is asked for the key of the latest one that does.
///
/// # Errors
/// `record.unknown` when no version that can be read has it; integrity when a list is not the version's.
pub(super) async fn find(
    session: &Session<'_>,
    view: &View,
    dataset: B256,
    text: &str,
    not_looked_at: &mut Vec<String>,
) -> Result<RecordAudit> {
    let (mut found, mut absent, mut latest) = (Vec::new(), Vec::new(), word(text));
    for record in view.of(dataset) {
        let Some(list) = list(session, record, not_looked_at).await? else { continue };
        match list.locate(text) {
            Some((place, key)) => {
                latest = Some(key);
                found.push(prove(session, record, &list, key, Some(place)).await?);
            }
            None => absent.push(record),
        }
    }
    if found.is_empty() && word(text).is_none() {
        return Err(Error::input("record.unknown", format!("no version that can be read has a record `{text}`"))
            .hint("give a path, FILE:LINE or a 0x key, as `dgov data prove` names it"));
    }
    for record in absent {
        // Read again: a list may be large, and only one is held at a time.
        let (Some(key), Some(list)) = (latest, list(session, record, &mut Vec::new()).await?) else { continue };
        let place = list.place_of(key).map(str::to_owned);
        found.push(prove(session, record, &list, key, place).await?);
    }
    found.sort_by_key(|version| version.version);
    Ok(RecordAudit { record: text.to_owned(), versions: found, payments: Vec::new() })
}

async fn list(
    session: &Session<'_>,
    record: &VersionRecord,
    not_looked_at: &mut Vec<String>,
) -> Result<Option<RecordList>> {
    match RecordList::read(session, record).await {
        Ok(list) => Ok(Some(list)),
        Err(error) if is_of_the_documents(&error) => {
            not_looked_at.push(format!("records of version {}: {error}", record.version.number));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn prove(
    session: &Session<'_>,
    record: &VersionRecord,
    list: &RecordList,
    key: B256,
    place: Option<String>,
) -> Result<RecordVersion> {
    let proof = list.tree().prove(&key);
    let root = record.version.recordRoot;
    let verified = verify(&root, Kind::Records, &key, &proof).map_err(|error| list_differs(&error))?;
    Ok(RecordVersion {
        version: record.version.number,
        version_key: record.key,
        present: verified.present(),
        key,
        place,
        record_root: root,
        first_index: verified.present().then(|| verified.first_index.to_string()),
        total: verified.total.to_string(),
        proof,
        token_owner: token_owner(session, record.key, key).await?.map(|owner| owner.to_checksum(None)),
    })
}

/// Who owns the token of a record. A contract that refuses to say so has not minted it.
async fn token_owner(session: &Session<'_>, version: B256, key: B256) -> Result<Option<Address>> {
    let records = IRecordToken::new(session.suite()?.records, &session.connection.provider);
    let domain = alloy::primitives::keccak256("dgov.record.v1");
    let id = alloy::primitives::keccak256([domain, version, key].concat());
    match records.ownerOf(U256::from_be_bytes(id.0)).call().await {
        Ok(owner) => Ok(Some(owner)),
        Err(error) if error.as_revert_data().is_some() => Ok(None),
        Err(error) => {
            Err(crate::chain::reverts::contract_error(&session.connection, "reading a record's token", error))
        }
    }
}
