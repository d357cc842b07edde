//! The two named sets of parameters (IPIP-0499) under which equal bytes have equal CIDs everywhere.

use std::fmt;
use std::str::FromStr;

use super::UnixfsError;

/// How files are cut and directories are sharded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// CIDv1, raw leaves of 1 MiB, 1024 links a node, directories sharded above 256 KiB of block bytes.
    #[default]
    V1_2025,
    /// CIDv0, dag-pb leaves of 256 KiB, 174 links a node, directories sharded above 256 KiB of names and CIDs.
    V0_2015,
}

impl Profile {
    /// The name that other tools know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1_2025 => "unixfs-v1-2025",
            Self::V0_2015 => "unixfs-v0-2015",
        }
    }

    /// Bytes of content in a leaf.
    pub fn chunk_size(self) -> u64 {
        match self {
            Self::V1_2025 => 1 << 20,
            Self::V0_2015 => 256 << 10,
        }
    }

    /// Links in a node of a file.
    pub fn width(self) -> usize {
        match self {
            Self::V1_2025 => 1024,
            Self::V0_2015 => 174,
        }
    }

    /// Length of a binary CID.
    pub(crate) fn cid_len(self) -> usize {
        match self {
            Self::V1_2025 => 36,
            Self::V0_2015 => 34,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = UnixfsError;

    fn from_str(name: &str) -> Result<Self, UnixfsError> {
        [Self::V1_2025, Self::V0_2015]
            .into_iter()
            .find(|profile| profile.name() == name)
            .ok_or_else(|| UnixfsError::UnknownProfile { name: name.to_owned() })
    }
}
