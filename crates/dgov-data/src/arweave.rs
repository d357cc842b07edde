//! The formats of Arweave that need no network: the merkle tree over a transaction's chunks, what is signed of a
//! transaction, and ANS-104 data items and bundles.
//!
//! Sources: the yellow paper and `ar_merkle.erl` of the node for the tree, the `deepHash` of format 2 transactions, the
//! standard ANS-104. The known answers in `tests/vectors/arweave.json` were made by arweave-js and arbundles.

mod avro;
mod bundle;
mod chunks;
mod deep_hash;
mod item;
mod proof;
mod range;
mod transaction;

pub use avro::Tag;
pub use bundle::{Bundle, bundle_header};
pub use chunks::{ChunkTree, MAX_CHUNK, TreeBuilder, chunk_ranges};
pub use deep_hash::{BlobHasher, Digest384, blob, list};
pub use item::{DataItem, Draft, ETHEREUM, SIGNATURE_LEN};
pub use proof::verify_chunk;
pub(crate) use range::ChunkRange;
pub use transaction::Transaction;

use sha2::{Digest, Sha256};

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArweaveError {
    /// More or fewer bytes than were announced.
    #[error("{given} bytes were given where {announced} were announced")]
    Length {
        /// Bytes that were announced.
        announced: u64,
        /// Bytes that came.
        given: u64,
    },
    /// A proof, or the chunk beside it, does not belong to the data root.
    #[error("the chunk at byte {offset} does not follow from the data root: {why}")]
    Proof {
        /// Offset that was asked for.
        offset: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// Tags that ANS-104 does not allow.
    #[error("tags: {0}")]
    Tags(&'static str),
    /// No data item, or a damaged one.
    #[error("data item: {0}")]
    Item(&'static str),
    /// No bundle, or a damaged one.
    #[error("bundle: {0}")]
    Bundle(&'static str),
}

/// The id of what carries this signature.
pub fn id_of(signature: &[u8]) -> [u8; 32] {
    Sha256::digest(signature).into()
}

/// The address of an owner: of a wallet by its modulus, of an Ethereum key by its 65 bytes.
pub fn address_of(owner: &[u8]) -> [u8; 32] {
    Sha256::digest(owner).into()
}
