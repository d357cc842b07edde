//! Where packages are stored.

use schemars::JsonSchema;
use serde::Serialize;

use crate::manifest::values::Duration;

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
    /// The bucket behind the target `s3`.
    pub s3: S3Bucket,
    /// The service behind the target `pinning`.
    pub pinning: PinningService,
    /// The data set behind the target `filecoin`.
    pub filecoin: FilecoinDataSet,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            targets: vec![StorageTarget::Local],
            copies: None,
            sources: Vec::new(),
            ipfs: IpfsNode::default(),
            arweave: ArweaveNetwork::default(),
            s3: S3Bucket::default(),
            pinning: PinningService::default(),
            filecoin: FilecoinDataSet::default(),
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
    /// A bucket of S3 or of a service that speaks its protocol.
    S3,
    /// A pinning service, which fetches packages from the IPFS node: `ipfs` has to be among the targets before it.
    Pinning,
    /// A data set at a Filecoin service that proves possession: each shard becomes a piece of it.
    Filecoin,
}

impl StorageTarget {
    /// Every target, by the name that the manifest has for it.
    pub const ALL: [(&'static str, Self); 6] = [
        ("local", Self::Local),
        ("ipfs", Self::Ipfs),
        ("s3", Self::S3),
        ("pinning", Self::Pinning),
        ("filecoin", Self::Filecoin),
        ("arweave", Self::Arweave),
    ];

    /// The name that the manifest has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ipfs => "ipfs",
            Self::Arweave => "arweave",
            Self::S3 => "s3",
            Self::Pinning => "pinning",
            Self::Filecoin => "filecoin",
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

/// A bucket. Credentials are taken from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct S3Bucket {
    /// Name of the bucket; it has to exist. Needed for the target `s3`.
    pub bucket: String,
    /// Where in the bucket packages are: `a/b` without slashes around it. All packages below one prefix share blocks.
    pub prefix: String,
    /// Region of the bucket.
    pub region: String,
    /// Address of the service, for other services than that of Amazon; plain http on this machine only.
    pub endpoint: Option<String>,
}

impl Default for S3Bucket {
    fn default() -> Self {
        Self { bucket: String::new(), prefix: String::new(), region: "us-east-1".to_owned(), endpoint: None }
    }
}

/// A service with the IPFS Pinning Service API. A bearer token is taken from `DGOV_PINNING_TOKEN`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct PinningService {
    /// Its address: what comes before `/pins`. Needed for the target `pinning`.
    pub endpoint: String,
    /// How long a push waits until the service has fetched a package; the next push asks about the same request.
    pub wait: Duration,
}

impl Default for PinningService {
    fn default() -> Self {
        Self { endpoint: String::new(), wait: Duration::from_secs(600) }
    }
}

/// A data set at a service with the PDP interface of Curio. A bearer token is taken from `DGOV_FILECOIN_TOKEN`. The
/// service writes pieces on chain; a data set whose contract wants the payer's signature for that is not supported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields, default)]
pub struct FilecoinDataSet {
    /// Address of the service: what comes before `/pdp`. Needed for the target `filecoin`.
    pub service: String,
    /// Number of the data set that pieces are added to; it has to exist. Needed for the target `filecoin`.
    pub data_set: Option<u64>,
    /// How long a push waits until the pieces are on chain; the next push asks about the same change.
    pub wait: Duration,
}

impl Default for FilecoinDataSet {
    fn default() -> Self {
        Self { service: String::new(), data_set: None, wait: Duration::from_secs(600) }
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
