//! Piece commitments of Filecoin (CommP) and the CIDs made of them.
//!
//! The payload is padded with zero bits so that each 254 bits lie in 32 bytes (Fr32), and with zero bytes to a power of
//! two; a binary tree of SHA-256 with the two top bits cleared gives 32 bytes. Definitions: FRC-0069
//! (github.com/filecoin-project/FIPs) for version 2 of the CID, multicodec `fil-commitment-unsealed` for version 1.

mod fr32;
mod hasher;
mod range;

use cid::Cid;
use cid::multihash::Multihash;

pub use hasher::PieceHasher;
pub(crate) use range::PieceRange;

/// Largest payload that a storage service with proofs of possession takes in one piece: 127/128 of 1 GiB.
pub const MAX_PAYLOAD: u64 = 1_065_353_216;

/// Multicodec `fil-commitment-unsealed`.
const COMMITMENT_UNSEALED: u64 = 0xf101;
/// Multihash `sha2-256-trunc254-padded`.
const TRUNC254_PADDED: u64 = 0x1012;
/// Multihash `fr32-sha256-trunc254-padbintree`.
const FR32_TREE: u64 = 0x1011;
const RAW: u64 = 0x55;

/// A node of the tree.
type Node = [u8; 32];

/// What [`PieceHasher`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Root of the tree.
    pub commitment: [u8; 32],
    /// Bytes of the payload.
    pub payload: u64,
    /// Levels of the tree above its leaves of 32 bytes.
    pub height: u8,
}

impl Piece {
    /// Bytes that the piece takes in a sector: a power of two, at least 128.
    pub fn padded_size(&self) -> u64 {
        32 << self.height
    }

    /// Version 1: the commitment alone.
    pub fn cid_v1(&self) -> Cid {
        Cid::new_v1(COMMITMENT_UNSEALED, multihash(TRUNC254_PADDED, &self.commitment))
    }

    /// Version 2 (FRC-0069): the number of bytes that are missing to the full size, the height, and the commitment.
    pub fn cid_v2(&self) -> Cid {
        let mut digest = Vec::with_capacity(43);
        crate::unixfs::varint(self.padded_size() / 128 * 127 - self.payload, &mut digest);
        digest.push(self.height);
        digest.extend_from_slice(&self.commitment);
        Cid::new_v1(RAW, multihash(FR32_TREE, &digest))
    }
}

fn multihash(code: u64, digest: &[u8]) -> Multihash<64> {
    #[allow(clippy::expect_used)] // At most 10 + 1 + 32 bytes, and there is room for 64.
    Multihash::wrap(code, digest).expect("43 bytes fit")
}
