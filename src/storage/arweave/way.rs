//! The two ways in: chunks of a transaction that a wallet pays, or a data item for a bundling service.

use std::sync::{Arc, OnceLock};

use alloy::primitives::U256;
use alloy::signers::SignerSync;
use camino::Utf8Path;
use dgov_data::arweave::{ChunkTree, Draft, address_of, blob, id_of};

use super::super::backend::Piece;
use super::bundler::Bundler;
use super::gateway::{Gateway, Posted, Standing, no_funds};
use super::upload::{self, Record};
use super::wallet::Wallet;
use super::wire::{Chunk, Transaction};
use super::{Arweave, Signer, text};
use crate::chain::signers::Account;
use crate::env_vars::DGOV_ARWEAVE_KEYFILE;
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::manifest::values::format_units;
use crate::manifest::{ArweaveNetwork, ArweaveUpload};

/// Names of the ways in the journal: what one has signed, the other can't go on with.
const CHUNKS: &str = "arweave";
const BUNDLER: &str = "arweave-bundler";

/// After so many seconds no block takes a transaction that was not mined: its anchor must be among the last 50 blocks, one
/// of which comes every two minutes.
const ANCHOR_LIFE: u64 = 4 * 3_600;

/// A way in.
pub enum Way {
    /// Transactions.
    Chunks(Purse),
    /// Data items.
    Bundler(Box<Bundler>, Signer),
}

/// A wallet that is read when it is needed.
pub struct Purse {
    path: Option<String>,
    wallet: OnceLock<Arc<Wallet>>,
}

impl Purse {
    #[cfg(test)]
    pub fn of(wallet: Arc<Wallet>) -> Self {
        Self { path: None, wallet: OnceLock::from(wallet) }
    }

    fn wallet(&self) -> Result<Arc<Wallet>> {
        if let Some(wallet) = self.wallet.get() {
            return Ok(Arc::clone(wallet));
        }
        let path = self.path.as_deref().ok_or_else(no_wallet)?;
        let wallet = Arc::new(Wallet::load(Utf8Path::new(path))?);
        Ok(Arc::clone(self.wallet.get_or_init(|| wallet)))
    }
}

impl Way {
    /// The way of the manifest.
    pub fn new(network: &ArweaveNetwork, keyfile: Option<String>, signer: Signer) -> Result<Self> {
        match (network.upload, &network.bundler) {
            (ArweaveUpload::Chunks, _) => Ok(Self::Chunks(Purse { path: keyfile, wallet: OnceLock::new() })),
            (ArweaveUpload::Bundler, Some(address)) => {
                Ok(Self::Bundler(Box::new(Bundler::new(network, address)?), signer))
            }
            (ArweaveUpload::Bundler, None) => Err(Error::bug("a bundler was not required")),
        }
    }

    /// Its name in the journal, and that of the other one.
    pub fn stores(&self) -> [&'static str; 2] {
        match self {
            Self::Chunks(_) => [CHUNKS, BUNDLER],
            Self::Bundler(..) => [BUNDLER, CHUNKS],
        }
    }

    /// Whether a service puts on chain what is sent.
    pub fn sends_items(&self) -> bool {
        matches!(self, Self::Bundler(..))
    }

    /// What the payer pays with.
    pub fn currency(&self) -> &'static str {
        match self {
            Self::Chunks(_) => "AR",
            Self::Bundler(..) => "credits",
        }
    }

    /// The payer, as the service knows it.
    pub fn payer(&self) -> Result<String> {
        match self {
            Self::Chunks(purse) => Ok(purse.wallet()?.address()),
            Self::Bundler(_, signer) => Ok(signer()?.address.to_string()),
        }
    }

    /// The uploader's address on Arweave.
    pub fn owner(&self) -> Result<String> {
        match self {
            Self::Chunks(purse) => Ok(purse.wallet()?.address()),
            Self::Bundler(_, signer) => Ok(text::encode(&address_of(&public_key(&signer()?)?))),
        }
    }

    /// What the upload of a shard costs, in 10^-12 of the currency.
    pub async fn price(&self, gateway: &Gateway, piece: &Piece, bases: &[String]) -> Result<U256> {
        let len = upload::upload_len(piece);
        match self {
            Self::Chunks(_) => gateway.price(len).await,
            Self::Bundler(bundler, signer) => {
                let draft = Draft::new(public_key(&signer()?)?, &upload::tags(piece, bases)).map_err(impossible)?;
                bundler.price(len + draft.header_len() as u64).await
            }
        }
    }

    /// An error where the payer is known to have too little.
    pub async fn require_funds(&self, gateway: &Gateway, total: U256) -> Result<()> {
        let Self::Chunks(purse) = self else { return Ok(()) };
        let address = purse.wallet()?.address();
        let balance = gateway.balance(&address).await?;
        if balance >= total {
            return Ok(());
        }
        let amount = |amount| format_units(amount, 12);
        Err(no_funds(format!("{address} has {} AR where {} are needed", amount(balance), amount(total))))
    }

    /// Sends a shard, or what is left of it; returns what was written down of it.
    pub async fn send(&self, arweave: &Arweave, piece: &Piece, body: Vec<u8>) -> Result<Record> {
        match self {
            Self::Chunks(purse) => send_chunks(arweave, purse, piece, &body).await,
            Self::Bundler(bundler, signer) => send_item(arweave, bundler, &signer()?, piece, body).await,
        }
    }
}

/// Posts a transaction and its chunks. What is signed is written down first, and a rerun goes on with the same.
async fn send_chunks(arweave: &Arweave, purse: &Purse, piece: &Piece, body: &[u8]) -> Result<Record> {
    let gateway = &arweave.gateway;
    let tree = ChunkTree::of(body);
    let record = match arweave.record(piece)? {
        Some(record) => record,
        None => {
            let fee = arweave.agreed(piece)?;
            let (wallet, anchor, bases) = (purse.wallet()?, gateway.anchor().await?, arweave.bases(piece));
            let signed = Transaction::sign(&wallet, &tree, upload::tags(piece, &bases), anchor, fee.to_string())?;
            let record = Record::signed(piece, &bases, signed.id.clone(), Some(signed));
            arweave.write(piece, &record)?;
            record
        }
    };
    fault::point("arweave.signed.after");
    post(arweave, piece, &record, &text::encode(&tree.root())).await?;
    fault::point("arweave.posted.after");
    for chunk in Chunk::all(&tree, body) {
        gateway.post_chunk(&chunk).await?;
        fault::point("arweave.chunk.after");
    }
    Ok(record)
}

/// Makes the gateway know the transaction.
async fn post(arweave: &Arweave, piece: &Piece, record: &Record, root: &str) -> Result<()> {
    let gateway = &arweave.gateway;
    let Some(transaction) = &record.transaction else {
        // Found by its tags: the chunks have to be those that it was signed for.
        return match gateway.data_root(&record.id).await? {
            Some(known) if known == root => Ok(()),
            known => Err(other_root(&record.id, known.as_deref())),
        };
    };
    if transaction.data_root != root {
        return Err(other_root(&record.id, Some(&transaction.data_root)));
    }
    if gateway.standing(&record.id).await? != Standing::Unknown {
        return Ok(());
    }
    match gateway.post(transaction).await? {
        Posted::Taken => Ok(()),
        Posted::Refused(error) => {
            if upload::now().saturating_sub(record.signed) > ANCHOR_LIFE {
                // No block can take it any more, so that another one is not paid twice.
                arweave.forget(piece)?;
                return Err(error.hint("the transaction was too old; run the command again, it signs a new one"));
            }
            Err(error.hint("the same transaction is tried for four hours after it was signed, then a new one is made"))
        }
    }
}

fn other_root(id: &str, known: Option<&str>) -> Error {
    let known = known.unwrap_or("none");
    Error::new(ErrorKind::Storage, "storage.other_data", format!("{id} was signed for other bytes (data root {known})"))
        .hint("was it sent by another version of dgov? what it holds stays readable; take `arweave` out of targets")
}

/// Posts a data item. Ethereum signatures follow from key and bytes, so that a rerun makes the same item and the service
/// knows it by its id.
async fn send_item(
    arweave: &Arweave,
    bundler: &Bundler,
    account: &Account,
    piece: &Piece,
    body: Vec<u8>,
) -> Result<Record> {
    let bases = arweave.bases(piece);
    let draft = Draft::new(public_key(account)?, &upload::tags(piece, &bases)).map_err(impossible)?;
    let digest = draft.signature_data(blob(&body));
    let signature = account.signer()?.sign_message_sync(&digest);
    let signature = signature.map_err(|error| Error::bug("the account does not sign").caused_by(&error))?.as_bytes();
    let id = text::encode(&id_of(&signature));
    let record = match arweave.record(piece)? {
        Some(record) if record.id == id => record,
        Some(record) => return Err(other_account(&record.id)),
        None => {
            arweave.agreed(piece)?;
            let record = Record::signed(piece, &bases, id.clone(), None);
            arweave.write(piece, &record)?;
            record
        }
    };
    fault::point("arweave.signed.after");
    bundler.post(&id, draft.header(&signature), body).await?;
    fault::point("arweave.posted.after");
    Ok(record)
}

fn no_wallet() -> Error {
    Error::usage("storage.no_wallet", "no wallet to pay Arweave with").hint(format!(
        "name its key file with {DGOV_ARWEAVE_KEYFILE}, or set upload = \"bundler\" in [storage.arweave]"
    ))
}

fn other_account(id: &str) -> Error {
    Error::new(ErrorKind::Storage, "storage.other_account", format!("{id} was begun by another account"))
        .hint("finish it with the account that began it (--from)")
}

/// The public key as data items carry it.
fn public_key(account: &Account) -> Result<[u8; 65]> {
    let point = account.signer()?.credential().verifying_key().to_encoded_point(false);
    point.as_bytes().try_into().map_err(|_| Error::bug("a public key of another length"))
}

fn impossible(error: dgov_data::arweave::ArweaveError) -> Error {
    Error::bug("the tags of an upload are not valid").caused_by(&error)
}
