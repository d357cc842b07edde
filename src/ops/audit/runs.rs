//! Training runs whose receipts lie beside the manifest.

use alloy::primitives::{B256, hex};
use alloy::rpc::types::Log;
use serde_json::Value;

use super::line::Line;
use super::reader::Reader;
use crate::error::Result;
use crate::ops::run::anchor;
use crate::ops::run::receipt::Receipt;
use crate::ops::times;
use crate::session::Session;

/// A line for each receipt that names a version of the dataset. Signatures are not looked at: `dgov run verify` does that,
/// with a key.
///
/// # Errors
/// `receipt.malformed`; `receipt.anchor` (integrity) for an anchor that is not of its receipt; those of files and the chain.
pub(super) async fn lines(
    session: &Session<'_>,
    reader: &Reader<'_>,
    not_looked_at: &mut Vec<String>,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for receipt in Receipt::all(&session.loaded.dir)? {
        let mut used: Vec<u32> =
            receipt.datasets().filter_map(|dataset| version_of(reader, &dataset.annotations)).collect();
        if used.is_empty() {
            continue;
        }
        used.sort_unstable();
        used.dedup();
        let gate = &receipt.provenance.build_definition.external_parameters["gate"]["decision"];
        let what = format!(
            "receipt {}: a run made {} from {}, the gate said {}",
            receipt.id,
            receipt.model(),
            reader.label(&used),
            gate.as_str().unwrap_or("nothing")
        );
        let line = Line::of(&Log::default(), "run.recorded", digest(&receipt.digest), "sha256 of the receipt", what);
        match times::parse(receipt.time()) {
            Ok(seconds) => lines.push(line.on(used.iter().copied()).at(seconds)),
            Err(_) => not_looked_at.push(format!("receipt {}: it does not say when it was recorded", receipt.id)),
        }
        lines.extend(anchored(session, &receipt, used, not_looked_at).await?);
    }
    Ok(lines)
}

/// The anchor of a receipt, as the chain has it.
async fn anchored(
    session: &Session<'_>,
    receipt: &Receipt,
    used: Vec<u32>,
    not_looked_at: &mut Vec<String>,
) -> Result<Option<Line>> {
    let Some(known) = anchor::of_folder(&receipt.folder)? else { return Ok(None) };
    if known.chain_id != session.connection.chain_id {
        not_looked_at.push(format!("the anchor of receipt {} on chain {}", receipt.id, known.chain_id));
        return Ok(None);
    }
    let found = anchor::look(&session.connection, &receipt.digest, &known).await?;
    let what = format!("receipt {} was anchored", receipt.id);
    let mut line = Line::of(&Log::default(), "run.anchored", digest(&receipt.digest), "sha256 of the receipt", what);
    (line.block, line.tx_hash) = (Some(found.block), Some(found.tx_hash));
    Ok(Some(line.who(found.account).on(used).at(found.seconds)))
}

fn version_of(reader: &Reader<'_>, annotations: &std::collections::BTreeMap<String, Value>) -> Option<u32> {
    reader.number(annotations.get("version_key")?.as_str()?.parse().ok()?)
}

fn digest(hex_digits: &str) -> B256 {
    hex::decode(hex_digits).ok().and_then(|bytes| B256::try_from(bytes.as_slice()).ok()).unwrap_or_default()
}
