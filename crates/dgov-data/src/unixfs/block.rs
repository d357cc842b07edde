//! The identity of one block, small enough to keep for every chunk of a terabyte.

use cid::Cid;
use cid::multihash::Multihash;
use sha2::{Digest, Sha256};

use super::Profile;

/// What a block's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Codec {
    /// Content as it is.
    Raw = 0x55,
    /// A dag-pb node.
    DagPb = 0x70,
}

/// SHA2-256 in multihash.
const SHA2_256: u8 = 0x12;

/// Codec and sha256 of a block: a CID without its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId {
    /// What the bytes are.
    pub codec: Codec,
    /// sha256 of the bytes.
    pub digest: [u8; 32],
}

impl BlockId {
    pub(crate) fn of(codec: Codec, bytes: &[u8]) -> Self {
        Self { codec, digest: Sha256::digest(bytes).into() }
    }

    /// The block that a CID names; `None` for a hash or a codec that UnixFS packages don't have.
    pub fn of_cid(cid: &Cid) -> Option<Self> {
        let codec = match cid.codec() {
            0x55 => Codec::Raw,
            0x70 => Codec::DagPb,
            _ => return None,
        };
        let digest = cid.hash().digest().try_into().ok()?;
        (cid.hash().code() == u64::from(SHA2_256)).then_some(Self { codec, digest })
    }

    /// The CID that `profile` gives the block: version 0 knows dag-pb only, and its leaves are dag-pb.
    pub fn cid(&self, profile: Profile) -> Cid {
        #[allow(clippy::expect_used)] // 32 bytes always fit into the 64 of the multihash.
        let hash = Multihash::wrap(u64::from(SHA2_256), &self.digest).expect("32 bytes fit");
        match (profile, self.codec) {
            (Profile::V0_2015, Codec::DagPb) => Cid::new_v0(hash).unwrap_or_else(|_| Cid::new_v1(0x70, hash)),
            (_, codec) => Cid::new_v1(codec as u64, hash),
        }
    }

    /// The 36 bytes of the CID under `unixfs-v1-2025`, as hashed into record keys.
    pub fn cid_v1_bytes(&self) -> [u8; 36] {
        let mut bytes = [0; 36];
        bytes[..4].copy_from_slice(&[1, self.codec as u8, SHA2_256, 32]);
        bytes[4..].copy_from_slice(&self.digest);
        bytes
    }

    /// Appends the binary CID.
    pub(crate) fn write(&self, profile: Profile, out: &mut Vec<u8>) {
        let bytes = self.cid_v1_bytes();
        out.extend_from_slice(&bytes[bytes.len() - profile.cid_len()..]);
    }
}
