//! Networks, and the tokens on them.

use std::fmt;

use alloy::primitives::Address;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use super::Named;
use crate::manifest::values::text_value;

/// A chain to work on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Network {
    /// `embedded` (a chain in `.dgov/`, nothing to install) or `rpc` (a node). `rpc` when `rpc-url` or `preset` is given.
    #[schemars(with = "Option<NetworkKind>")]
    pub kind: NetworkKind,
    /// A well-known chain, whose chain id, explorer, confirmations and fee model are then known.
    pub preset: Option<Preset>,
    /// URL of the node. `${NAME}` is replaced by that environment variable, so that keys stay out of the manifest.
    pub rpc_url: Option<RpcUrl>,
    /// Chain id; a node that answers another one is refused.
    #[schemars(range(min = 1))]
    pub chain_id: Option<u64>,
    /// Blocks that must follow a transaction's block before it counts; the preset's number, or 1.
    pub confirmations: Option<u64>,
    /// Block explorer to link to.
    #[schemars(with = "Option<String>", url)]
    pub explorer_url: Option<Url>,
}

impl Network {
    /// The embedded chain, which is there without being asked for.
    pub fn embedded() -> Self {
        Self {
            kind: NetworkKind::Embedded,
            preset: None,
            rpc_url: None,
            chain_id: None,
            confirmations: None,
            explorer_url: None,
        }
    }

    /// Whether money on it is real, as far as the manifest tells.
    pub fn is_main(&self) -> bool {
        match (self.preset, self.chain_id) {
            (Some(preset), _) => preset.is_main(),
            (None, Some(id)) => Preset::ALL.iter().any(|preset| preset.chain_id() == id && preset.is_main()),
            (None, None) => false,
        }
    }
}

/// What runs the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum NetworkKind {
    /// A chain inside dgov, for development.
    Embedded,
    /// A node, by its JSON-RPC URL.
    Rpc,
}

/// A well-known chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Preset {
    /// Ethereum, main network.
    Ethereum,
    /// Sepolia, Ethereum's test network.
    Sepolia,
    /// OP Mainnet.
    Optimism,
    /// Arbitrum One.
    Arbitrum,
    /// Base.
    Base,
    /// Polygon PoS.
    Polygon,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 6] =
        [Self::Ethereum, Self::Sepolia, Self::Optimism, Self::Arbitrum, Self::Base, Self::Polygon];

    /// The name in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ethereum => "ethereum",
            Self::Sepolia => "sepolia",
            Self::Optimism => "optimism",
            Self::Arbitrum => "arbitrum",
            Self::Base => "base",
            Self::Polygon => "polygon",
        }
    }

    /// EIP-155 chain id.
    pub const fn chain_id(self) -> u64 {
        match self {
            Self::Ethereum => 1,
            Self::Sepolia => 11_155_111,
            Self::Optimism => 10,
            Self::Arbitrum => 42_161,
            Self::Base => 8_453,
            Self::Polygon => 137,
        }
    }

    /// Whether money on it is real.
    pub const fn is_main(self) -> bool {
        !matches!(self, Self::Sepolia)
    }
}

/// A node's URL: as written, and with its `${NAME}` parts filled in from the environment.
#[derive(Clone, PartialEq, Eq)]
pub struct RpcUrl {
    template: String,
    resolved: Option<Url>,
}

impl RpcUrl {
    pub(in crate::manifest) fn new(template: String, resolved: Option<Url>) -> Self {
        Self { template, resolved }
    }

    /// The URL to connect to; it may hold a secret. `None` while a variable is undefined, which the loader refuses
    /// for the selected network.
    pub fn resolved(&self) -> Option<&Url> {
        self.resolved.as_ref()
    }

    /// As written in the manifest, fit to be shown.
    pub fn template(&self) -> &str {
        &self.template
    }
}

impl fmt::Display for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.template)
    }
}

/// Never the filled-in URL: debug output ends up in logs.
impl fmt::Debug for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RpcUrl({:?})", self.template)
    }
}

text_value!(
    RpcUrl,
    "^(https?://.+|\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}.*)$",
    ["http://127.0.0.1:8545", "https://node.example/${RPC_KEY}"]
);

/// An ERC-20 token that prices may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Token {
    /// Decimals of the token.
    #[schemars(range(max = 36))]
    pub decimals: u8,
    /// Contract address by network name: `address = { sepolia = "0x..." }`.
    #[schemars(with = "Named<super::super::values::AccountRef>")]
    pub address: Named<Address>,
}
