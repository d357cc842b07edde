//! A directory: one block, or shards when it is too large.

use super::dagpb::{self, Link};
use super::hamt::{self, Shard};
use super::{BlockId, Codec, Profile, UnixfsError};

/// A directory is sharded when it is larger than this, in the measure of its profile.
const SHARD_ABOVE: usize = 256 << 10;

/// A directory with its blocks.
pub(crate) enum Directory {
    Basic { id: BlockId, total: u64, block: Vec<u8> },
    Sharded(Shard),
}

impl Directory {
    /// `entries` ascend bytewise by name.
    pub fn build(profile: Profile, path: &str, entries: &[Link<'_>]) -> Result<Self, UnixfsError> {
        if size(profile, entries) > SHARD_ABOVE {
            return hamt::build(profile, path, entries).map(Self::Sharded);
        }
        let block = dagpb::node(profile, entries.iter().copied(), &dagpb::directory_data());
        let total = entries
            .iter()
            .try_fold(block.len() as u64, |sum, link| sum.checked_add(link.total))
            .ok_or_else(|| UnixfsError::TooLarge { path: path.to_owned() })?;
        Ok(Self::Basic { id: BlockId::of(Codec::DagPb, &block), total, block })
    }

    pub fn id(&self) -> BlockId {
        match self {
            Self::Basic { id, .. } => *id,
            Self::Sharded(shard) => shard.id,
        }
    }

    pub fn total(&self) -> u64 {
        match self {
            Self::Basic { total, .. } => *total,
            Self::Sharded(shard) => shard.total,
        }
    }
}

/// What a profile compares with the threshold: the bytes of the block, or, as the older one estimates, names and CIDs.
fn size(profile: Profile, entries: &[Link<'_>]) -> usize {
    match profile {
        Profile::V1_2025 => {
            let data = dagpb::node(profile, [].into_iter(), &dagpb::directory_data()).len();
            data + entries.iter().map(|link| dagpb::link_len(profile, link)).sum::<usize>()
        }
        Profile::V0_2015 => entries.iter().map(|link| link.name.len() + profile.cid_len()).sum(),
    }
}
