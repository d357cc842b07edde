//! The root block of content that comes in pieces and lies in no file of its own.

use sha2::{Digest, Sha256};

use super::{BlockId, Codec, Profile, file};

/// Computes the root block of content under `unixfs-v1-2025`. Holds 32 bytes for each chunk of 1 MiB.
pub(crate) struct ContentHasher {
    chunk: Sha256,
    /// Bytes in `chunk`.
    filled: u64,
    size: u64,
    leaves: Vec<[u8; 32]>,
}

impl ContentHasher {
    const PROFILE: Profile = Profile::V1_2025;

    pub fn new() -> Self {
        Self { chunk: Sha256::new(), filled: 0, size: 0, leaves: Vec::new() }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, mut content: &[u8]) {
        while !content.is_empty() {
            let rest = Self::PROFILE.chunk_size() - self.filled;
            let taken = content.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
            let (now, later) = content.split_at(taken);
            self.chunk.update(now);
            self.filled += taken as u64;
            self.size += taken as u64;
            content = later;
            if self.filled == Self::PROFILE.chunk_size() {
                self.leaf();
            }
        }
    }

    fn leaf(&mut self) {
        self.leaves.push(self.chunk.finalize_reset().into());
        self.filled = 0;
    }

    /// The root block of all that was taken.
    pub fn finish(mut self) -> BlockId {
        if self.filled > 0 || self.leaves.is_empty() {
            self.leaf();
        }
        let leaves = file::known_leaves(Self::PROFILE, self.size, &self.leaves);
        let levels = file::levels(Self::PROFILE, leaves);
        // There is at least one leaf, so that there is a level with one block.
        levels.last().and_then(|top| top.first()).map_or(BlockId::of(Codec::Raw, &[]), |root| root.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unixfs::hash_bytes;

    #[test]
    fn pieces_have_the_id_of_the_whole() {
        let content: Vec<u8> = (0..3_u32 << 20).map(|i| (i ^ i >> 8) as u8).collect();
        for (size, step) in [(0, 1), (1, 1), (1 << 20, 7_777), ((1 << 20) + 1, 1 << 20), (3 << 20, 1_000_003)] {
            let mut hasher = ContentHasher::new();
            content[..size].chunks(step).for_each(|piece| hasher.update(piece));
            assert_eq!(hasher.finish(), hash_bytes(Profile::V1_2025, &content[..size]), "{size}");
        }
    }
}
