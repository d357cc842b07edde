//! Where packages are stored.

use schemars::JsonSchema;
use serde::Serialize;

/// Where packages are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct Storage {
    /// Stores that a push sends packages to, in this order.
    pub targets: Vec<StorageTarget>,
    /// In how many of the targets a package must be before a push has succeeded; all of them unless given.
    #[schemars(range(min = 1))]
    pub copies: Option<u32>,
    /// Further places to read from: folders with a content store, relative to the manifest, or URLs of trustless gateways.
    /// Nothing is written there, and every block is checked.
    pub sources: Vec<String>,
    /// The node behind the target `ipfs`.
    pub ipfs: IpfsNode,
}

impl Default for Storage {
    fn default() -> Self {
        Self { targets: vec![StorageTarget::Local], copies: None, sources: Vec::new(), ipfs: IpfsNode::default() }
    }
}

impl Storage {
    /// In how many of the targets a package must be before a push has succeeded.
    pub fn required_copies(&self) -> usize {
        self.copies.and_then(|copies| usize::try_from(copies).ok()).unwrap_or(self.targets.len())
    }
}

/// A store for packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum StorageTarget {
    /// The content store in `.dgov/`.
    Local,
    /// An IPFS node: packages are imported and pinned there.
    Ipfs,
}

impl StorageTarget {
    /// Every target, by the name that the manifest has for it.
    pub const ALL: [(&'static str, Self); 2] = [("local", Self::Local), ("ipfs", Self::Ipfs)];

    /// The name that the manifest has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ipfs => "ipfs",
        }
    }
}

/// An IPFS node. A bearer token is taken from `DGOV_IPFS_TOKEN`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct IpfsNode {
    /// Address of its RPC, as Kubo serves it.
    pub api: String,
}

impl Default for IpfsNode {
    fn default() -> Self {
        Self { api: "http://127.0.0.1:5001".to_owned() }
    }
}
