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
    /// The network behind the target `arweave`.
    pub arweave: ArweaveNetwork,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            targets: vec![StorageTarget::Local],
            copies: None,
            sources: Vec::new(),
            ipfs: IpfsNode::default(),
            arweave: ArweaveNetwork::default(),
        }
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
    /// Arweave: paid once, and never deleted.
    Arweave,
}

impl StorageTarget {
    /// Every target, by the name that the manifest has for it.
    pub const ALL: [(&'static str, Self); 3] =
        [("local", Self::Local), ("ipfs", Self::Ipfs), ("arweave", Self::Arweave)];

    /// The name that the manifest has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ipfs => "ipfs",
            Self::Arweave => "arweave",
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

/// A network of Arweave, and how uploads get there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct ArweaveNetwork {
    /// Address of a gateway with the API of a node, GraphQL and data by id. The target needs it; there is no default.
    pub gateway: Option<String>,
    /// Who takes uploads: the gateway, in chunks of transactions that the wallet of `DGOV_ARWEAVE_KEYFILE` pays, or a
    /// bundling service, as data items that the account of the chain signs.
    pub upload: ArweaveUpload,
    /// Address of the bundling service, one with Turbo's interface; needed with `upload = "bundler"`.
    pub bundler: Option<String>,
    /// Address that names the bundling service's prices; the same one unless given.
    pub payment: Option<String>,
    /// Kind of the account, as the bundling service names it.
    pub token: String,
}

impl Default for ArweaveNetwork {
    fn default() -> Self {
        let token = "ethereum".to_owned();
        Self { gateway: None, upload: ArweaveUpload::Chunks, bundler: None, payment: None, token }
    }
}

/// A way into Arweave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ArweaveUpload {
    /// Transactions of a wallet, in chunks.
    Chunks,
    /// Data items for a bundling service.
    Bundler,
}

impl ArweaveUpload {
    /// Every way, by the name that the manifest has for it.
    pub const ALL: [(&'static str, Self); 2] = [("chunks", Self::Chunks), ("bundler", Self::Bundler)];
}
