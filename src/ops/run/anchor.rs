//! The digest of a receipt on chain, so that anybody sees that the receipt was there by the time of a block.
//!
//! No contract is needed: the calldata of a transaction that an account sends to itself is [`TAG`] and the sha256. No event
//! finds it again, so `anchor.json` in the receipt's folder names the transaction; what that file says is believed of
//! nobody, the chain is asked. See docs/adr/0014.

use alloy::consensus::Transaction;
use alloy::network::TransactionResponse;
use alloy::primitives::{Address, B256, TxHash, hex};
use alloy::providers::Provider;
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::receipt::{Receipt, document, files};
use crate::chain::networks::{Network, NetworkParameters};
use crate::chain::provider::Connection;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::lockfile::write_atomically;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::documents::pretty;
use crate::ops::times::rfc3339;
use crate::ops::view::unreachable;
use crate::receipts::malformed;
use crate::session::Session;
use crate::ui::{Report, table};

/// What the calldata begins with, in ASCII; 32 bytes of sha256 follow, and nothing else.
pub const TAG: &[u8] = b"dgov.run.anchor.v1";

const VERB: &str = "run anchor";

/// `anchor.json`: where to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Chain id.
    pub chain_id: u64,
    /// The transaction.
    pub tx_hash: TxHash,
}

/// What the chain says of an anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anchored {
    /// Chain id.
    pub chain_id: u64,
    /// The transaction.
    pub tx_hash: TxHash,
    /// Block that holds it.
    pub block: u64,
    /// Its time, RFC 3339: the receipt was there by then.
    pub time: String,
    /// Who sent it, checksummed: not necessarily who signed the receipt.
    pub sender: String,
    /// Blocks from its own to the latest one.
    pub confirmations: u64,
    #[serde(skip)]
    pub(crate) seconds: u64,
    #[serde(skip)]
    pub(crate) account: Address,
}

/// An anchor that was made, or found.
#[derive(Debug, Serialize)]
pub struct AnchorReport {
    /// Name of the receipt.
    pub receipt: String,
    /// Its folder.
    pub folder: Utf8PathBuf,
    /// sha256 of the run's statement: what is on chain.
    pub digest: String,
    /// Whether it was there before, and nothing was sent.
    pub already: bool,
    /// What the chain says; null in a plan.
    pub anchor: Option<Anchored>,
    /// The transaction.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for AnchorReport {
    fn human(&self) -> String {
        table::pairs(&[("receipt", self.folder.to_string()), ("sha256", self.digest.clone())]) + &self.told()
    }
}

impl AnchorReport {
    /// What became of it, for people.
    pub fn told(&self) -> String {
        let anchored = self.anchor.as_ref().map(|anchor| anchor.text(self.already));
        anchored.unwrap_or_default() + &self.sent.human()
    }
}

impl Anchored {
    fn text(&self, already: bool) -> String {
        let verb = if already { "anchored before" } else { "anchored" };
        format!(
            "{verb} in block {} of {}, chain {}, by {}: {}\n",
            self.block, self.time, self.chain_id, self.sender, self.tx_hash
        )
    }
}

/// The calldata for a receipt.
///
/// # Errors
/// A bug when the digest is no sha256.
fn calldata(digest: &str) -> Result<Vec<u8>> {
    let digest = hex::decode(digest).ok().and_then(|bytes| B256::try_from(bytes.as_slice()).ok());
    let digest = digest.ok_or_else(|| Error::bug("the digest of a receipt is no sha256"))?;
    Ok([TAG, digest.as_slice()].concat())
}

/// The anchor that a folder names.
///
/// # Errors
/// `receipt.malformed`; file errors.
pub fn of_folder(folder: &Utf8Path) -> Result<Option<Anchor>> {
    let bytes = match document(folder, files::ANCHOR) {
        Ok(bytes) => bytes,
        Err(error) if error.code() == "receipt.missing" => return Ok(None),
        Err(error) => return Err(error),
    };
    let anchor = serde_json::from_slice(&bytes);
    anchor
        .map(Some)
        .map_err(|error| malformed(format!("{} names no transaction", folder.join(files::ANCHOR))).caused_by(&error))
}

/// A receipt whose folder names no transaction, where one is asked for.
pub fn missing(folder: &Utf8Path) -> Error {
    Error::input("receipt.not_anchored", format!("{folder} names no transaction"))
        .hint("`dgov run anchor` makes an anchor; without one leave --anchor and --rpc-url out")
}

/// Puts the digest of a receipt on chain, once: a folder that names a transaction is looked up first, then the ledger.
///
/// # Errors
/// Those of the receipt, of sending, and of [`look`].
pub async fn anchor(session: &Session<'_>, folder: &Utf8Path, tx: &TxArgs) -> Result<AnchorReport> {
    let receipt = Receipt::read(folder)?;
    let data = calldata(&receipt.digest)?;
    let mut report = AnchorReport {
        receipt: receipt.id,
        folder: folder.to_owned(),
        digest: receipt.digest,
        already: false,
        anchor: None,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    let chain_id = session.connection.chain_id;
    if let Some(known) = of_folder(folder)? {
        if known.chain_id != chain_id {
            let message = format!("{folder} is anchored on chain {}, this network is chain {chain_id}", known.chain_id);
            return Err(Error::input("receipt.anchored_elsewhere", message)
                .hint("name that chain's network with --network; one anchor is enough"));
        }
        report.anchor = Some(look(&session.connection, &report.digest, &known).await?);
        report.already = true;
        return Ok(report);
    }
    // A command that was killed after its transaction, before it could write the file.
    let sent = sent_before(session, &report.digest)?;
    let hash = match sent {
        Some(hash) => {
            report.already = true;
            hash
        }
        None => {
            let account = session.account()?;
            let description = format!("anchor receipt {}", report.receipt);
            let call = Call::new("anchor", description, account, data);
            let operation = Operation { verb: VERB, key: report.digest.clone(), calls: vec![call] };
            let applied = apply::apply(session, operation, tx).await?;
            let planned = matches!(applied, Applied::Planned(_));
            report.sent = applied.report();
            match report.sent.tx_hash {
                Some(hash) if !planned => hash,
                _ => return Ok(report),
            }
        }
    };
    let made = Anchor { chain_id, tx_hash: hash };
    report.anchor = Some(look(&session.connection, &report.digest, &made).await?);
    write_atomically(&folder.join(files::ANCHOR), &pretty(&made)?)?;
    Ok(report)
}

/// A transaction of the ledger that anchored this digest and was confirmed.
fn sent_before(session: &Session<'_>, digest: &str) -> Result<Option<TxHash>> {
    let Some(ledger) = session.ledger_to_read()? else { return Ok(None) };
    let prefix = format!("{digest}#");
    for known in ledger.operations(&session.connection.chain_key())? {
        if known.kind == VERB && known.key.starts_with(&prefix) && known.finished.is_some() {
            return Ok(ledger.steps(known.id)?.into_iter().find_map(|step| step.hash));
        }
    }
    Ok(None)
}

/// Asks the chain for an anchor.
///
/// # Errors
/// Integrity: `receipt.anchor` when the transaction is not there, failed, or says something else; those of the chain.
pub async fn look(connection: &Connection, digest: &str, anchor: &Anchor) -> Result<Anchored> {
    let differs = |what: String| {
        Error::integrity(
            "receipt.anchor",
            format!("transaction {} does not anchor this receipt: {what}", anchor.tx_hash),
        )
        .hint("ask a node that you trust; if it agrees, the receipt or its anchor.json was changed")
    };
    if connection.chain_id != anchor.chain_id {
        let message =
            format!("the anchor is on chain {}, the node answers for {}", anchor.chain_id, connection.chain_id);
        return Err(Error::chain("chain.wrong_chain", message).hint("name a network or node of that chain"));
    }
    let provider = &connection.provider;
    let transaction = provider.get_transaction_by_hash(anchor.tx_hash).await.map_err(unreachable)?;
    let transaction = transaction.ok_or_else(|| differs("the chain does not have it".to_owned()))?;
    if transaction.input().as_ref() != calldata(digest)? {
        return Err(differs("it says something else".to_owned()));
    }
    let receipt = provider.get_transaction_receipt(anchor.tx_hash).await.map_err(unreachable)?;
    let receipt = receipt.filter(|receipt| receipt.status());
    let Some(block) = receipt.and_then(|receipt| receipt.block_number) else {
        return Err(differs("it was not mined, or failed".to_owned()));
    };
    let header = provider.get_block_by_number(block.into()).await.map_err(unreachable)?;
    let seconds = header.map(|block| block.header.timestamp).ok_or_else(|| {
        Error::new(ErrorKind::Chain, "chain.no_block", format!("the node does not have block {block}"))
            .hint("use another rpc-url")
    })?;
    let head = provider.get_block_number().await.map_err(unreachable)?;
    let account = transaction.from();
    Ok(Anchored {
        chain_id: anchor.chain_id,
        tx_hash: anchor.tx_hash,
        block,
        time: rfc3339(seconds),
        sender: account.to_checksum(None),
        confirmations: head.saturating_sub(block) + 1,
        seconds,
        account,
    })
}

/// A node that is not of a project's manifest, for who verifies elsewhere.
///
/// # Errors
/// `network.rpc_url`; those of connecting.
pub async fn node(url: &str, chain_id: u64) -> Result<Connection> {
    let parameters = NetworkParameters {
        name: "rpc-url".to_owned(),
        rpc_url: Some(url.to_owned()),
        chain_id: Some(chain_id),
        ..NetworkParameters::default()
    };
    Connection::open(Network::resolve(&parameters)?).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn calldata_is_the_tag_and_the_digest() {
        let data = calldata(&"ab".repeat(32)).unwrap();
        assert_eq!(hex::encode(&data), format!("64676f762e72756e2e616e63686f722e7631{}", "ab".repeat(32)));
        assert!(calldata("abcd").is_err() && calldata(&"zz".repeat(32)).is_err());
    }
}
