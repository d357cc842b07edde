//! Networks: the presets of public chains, and what a network of the manifest comes down to.

use std::time::Duration;

use url::{Host, Url};

use crate::{Error, Result};

/// Chain id of the embedded chain and of most local development nodes.
pub const LOCAL_CHAIN_ID: u64 = crate::chain::embedded::CHAIN_ID;

/// How a chain charges for publishing to the chain below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFee {
    /// There is no chain below, or its cost is inside the gas.
    None,
    /// OP Stack: charged beside the gas, told by the `GasPriceOracle` predeploy.
    OpStack,
}

/// A public chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Name in the manifest.
    pub name: &'static str,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Whether its coin has a price.
    pub main: bool,
    /// Symbol of the native coin (18 decimals on all of them).
    pub symbol: &'static str,
    /// Block explorer, without a slash at the end.
    pub explorer: &'static str,
    /// Blocks, the transaction's own included, after which it counts.
    pub confirmations: u64,
    /// Time between blocks, roughly.
    pub block_time: Duration,
    /// Least priority fee that its validators take, wei per gas.
    pub min_priority_fee: u128,
    /// Charge for the chain below.
    pub data_fee: DataFee,
}

/// All presets.
pub const PRESETS: [Preset; 6] = [
    Preset {
        name: "ethereum",
        chain_id: 1,
        main: true,
        symbol: "ETH",
        explorer: "https://etherscan.io",
        confirmations: 3,
        block_time: Duration::from_millis(12_000),
        min_priority_fee: 0,
        data_fee: DataFee::None,
    },
    Preset {
        name: "sepolia",
        chain_id: 11_155_111,
        main: false,
        symbol: "ETH",
        explorer: "https://sepolia.etherscan.io",
        confirmations: 2,
        block_time: Duration::from_millis(12_000),
        min_priority_fee: 0,
        data_fee: DataFee::None,
    },
    Preset {
        name: "optimism",
        chain_id: 10,
        main: true,
        symbol: "ETH",
        explorer: "https://optimistic.etherscan.io",
        confirmations: 5,
        block_time: Duration::from_millis(2_000),
        min_priority_fee: 0,
        data_fee: DataFee::OpStack,
    },
    Preset {
        name: "arbitrum",
        chain_id: 42_161,
        main: true,
        symbol: "ETH",
        explorer: "https://arbiscan.io",
        confirmations: 20,
        block_time: Duration::from_millis(250),
        min_priority_fee: 0,
        // Its nodes put the data's cost into the gas estimate.
        data_fee: DataFee::None,
    },
    Preset {
        name: "base",
        chain_id: 8_453,
        main: true,
        symbol: "ETH",
        explorer: "https://basescan.org",
        confirmations: 5,
        block_time: Duration::from_millis(2_000),
        min_priority_fee: 0,
        data_fee: DataFee::OpStack,
    },
    Preset {
        name: "polygon",
        chain_id: 137,
        main: true,
        symbol: "POL",
        explorer: "https://polygonscan.com",
        confirmations: 10,
        block_time: Duration::from_millis(2_000),
        // Validators drop anything below 25 gwei.
        min_priority_fee: 25_000_000_000,
        data_fee: DataFee::None,
    },
];

/// The preset of that name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The preset of a public chain.
pub fn public_chain(chain_id: u64) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.chain_id == chain_id)
}

/// Whether a node with this `web3_clientVersion` is a development node, which may answer for a public chain as its fork.
fn makes_forks(software: &str) -> bool {
    let software = software.to_ascii_lowercase();
    ["anvil/", "hardhatnetwork/", "dgov/"].iter().any(|known| software.starts_with(known))
}

/// How to reach a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// The chain inside the process.
    Embedded,
    /// A JSON-RPC node.
    Rpc(Url),
}

/// What the manifest says of a network; whatever is absent comes from the preset or has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkParameters {
    /// Name in the manifest.
    pub name: String,
    /// `kind = "embedded"`.
    pub embedded: bool,
    /// Name of a preset.
    pub preset: Option<String>,
    /// JSON-RPC URL, environment variables already filled in.
    pub rpc_url: Option<String>,
    /// Expected chain id; without one the node's is taken on loopback only.
    pub chain_id: Option<u64>,
    /// Blocks after which a transaction counts.
    pub confirmations: Option<u64>,
    /// Block explorer.
    pub explorer: Option<String>,
}

/// A network, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Name in the manifest.
    pub name: String,
    /// How to reach it.
    pub endpoint: Endpoint,
    /// Expected chain id; `None` only on loopback, where any is taken.
    pub chain_id: Option<u64>,
    /// Whether its coin has a price; unknown chains that are not on loopback count as such.
    pub main: bool,
    /// Symbol of the native coin.
    pub symbol: String,
    /// Block explorer, without a slash at the end.
    pub explorer: Option<String>,
    /// Blocks, the transaction's own included, after which it counts; at least 1.
    pub confirmations: u64,
    /// How often to ask whether a transaction was mined.
    pub poll: Duration,
    /// How long to wait for a transaction before leaving it to the next run.
    pub patience: Duration,
    /// Age after which a pending transaction is replaced at a higher fee.
    pub replace_after: Duration,
    /// Least priority fee, wei per gas.
    pub min_priority_fee: u128,
    /// Charge for the chain below.
    pub data_fee: DataFee,
    /// A development chain, inside the process or on this machine's loopback: nothing on it has a price.
    pub development: bool,
    /// What the manifest says of it, for deciding again once its node has said what it is.
    pub stated: NetworkParameters,
}

impl Network {
    /// Resolves a network.
    ///
    /// # Errors
    /// `network.preset` for an unknown preset, `network.rpc_url` for a missing or malformed URL, `network.chain_id` where
    /// the preset's chain id is contradicted or, off loopback, none is known.
    pub fn resolve(parameters: &NetworkParameters) -> Result<Self> {
        let name = &parameters.name;
        if parameters.embedded {
            return Ok(Self::local(name, Endpoint::Embedded, Some(parameters.chain_id.unwrap_or(LOCAL_CHAIN_ID))));
        }
        let preset = match &parameters.preset {
            None => None,
            Some(wanted) => Some(preset(wanted).ok_or_else(|| {
                let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
                Error::input("network.preset", format!("network `{name}` names an unknown preset `{wanted}`"))
                    .hint(format!("known presets: {}", known.join(", ")))
            })?),
        };
        let text = parameters.rpc_url.as_deref().ok_or_else(|| {
            Error::input("network.rpc_url", format!("network `{name}` has no rpc-url"))
                .hint(format!("add `rpc-url = \"https://...\"` to [networks.{name}]"))
        })?;
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        // The text itself stays out of the message: a URL of this kind often holds a key.
        let url = url.ok_or_else(|| {
            Error::input("network.rpc_url", format!("the rpc-url of network `{name}` is not an http or https URL"))
        })?;
        if let (Some(preset), Some(chain_id)) = (preset, parameters.chain_id)
            && preset.chain_id != chain_id
        {
            let message = format!("network `{name}`: chain-id {chain_id} contradicts preset `{}`", preset.name);
            return Err(Error::input("network.chain_id", message)
                .hint(format!("the chain id of {} is {}", preset.name, preset.chain_id)));
        }
        let chain_id = parameters.chain_id.or(preset.map(|preset| preset.chain_id));
        let loopback = is_loopback(&url);
        let mut network = match (preset.or_else(|| public_chain(chain_id?)), chain_id) {
            // One's own node of a public chain spends real money; only the node can say that it is a fork of it.
            (Some(known), Some(chain_id)) => Self::public(name, url, chain_id, Some(known)),
            (_, chain_id) if loopback => Self::local(name, Endpoint::Rpc(url), chain_id),
            (known, Some(chain_id)) => Self::public(name, url, chain_id, known),
            (_, None) => {
                let message = format!("network `{name}` has neither chain-id nor preset");
                return Err(Error::input("network.chain_id", message)
                    .hint("dgov refuses to sign for a chain that it was not told of: add `chain-id = ...`"));
            }
        };
        network.stated = parameters.clone();
        network.override_with(parameters);
        Ok(network)
    }

    fn override_with(&mut self, parameters: &NetworkParameters) {
        if let Some(confirmations) = parameters.confirmations {
            self.confirmations = confirmations.max(1);
        }
        if let Some(explorer) = &parameters.explorer {
            self.explorer = Some(explorer.trim_end_matches('/').to_owned());
        }
    }

    /// The same network once its node has told its chain id and, where that is a public chain's, its software. A node on
    /// loopback is a development chain if its chain is none of the public ones, or if its software makes forks.
    #[must_use]
    pub fn confirmed_by_node(self, chain_id: u64, software: Option<&str>) -> Self {
        let Endpoint::Rpc(url) = &self.endpoint else { return self };
        if !is_loopback(url) {
            return self;
        }
        let known = public_chain(chain_id).filter(|_| !software.is_some_and(makes_forks));
        if known.is_none() == self.development {
            return self;
        }
        let stated = self.stated.clone();
        let mut network = match known {
            Some(known) => Self::public(&self.name, url.clone(), chain_id, Some(known)),
            None => Self::local(&self.name, self.endpoint.clone(), self.chain_id),
        };
        network.override_with(&stated);
        Self { stated, ..network }
    }

    fn local(name: &str, endpoint: Endpoint, chain_id: Option<u64>) -> Self {
        Self {
            name: name.to_owned(),
            endpoint,
            chain_id,
            main: false,
            symbol: "ETH".to_owned(),
            explorer: None,
            confirmations: 1,
            poll: Duration::from_millis(50),
            patience: Duration::from_secs(30),
            replace_after: Duration::from_secs(3_600),
            min_priority_fee: 0,
            data_fee: DataFee::None,
            development: true,
            stated: NetworkParameters::default(),
        }
    }

    fn public(name: &str, url: Url, chain_id: u64, preset: Option<&Preset>) -> Self {
        let block = preset.map_or(Duration::from_secs(12), |preset| preset.block_time);
        let confirmations = preset.map_or(5, |preset| preset.confirmations);
        let to_confirm = block.saturating_mul(u32::try_from(confirmations).unwrap_or(u32::MAX));
        Self {
            name: name.to_owned(),
            endpoint: Endpoint::Rpc(url),
            chain_id: Some(chain_id),
            main: preset.is_none_or(|preset| preset.main),
            symbol: preset.map_or("ETH", |preset| preset.symbol).to_owned(),
            explorer: preset.map(|preset| preset.explorer.to_owned()),
            confirmations,
            poll: (block / 3).clamp(Duration::from_millis(500), Duration::from_secs(4)),
            patience: (block * 50).max(Duration::from_secs(120)).saturating_add(to_confirm),
            replace_after: (block * 10).max(Duration::from_secs(45)),
            min_priority_fee: preset.map_or(0, |preset| preset.min_priority_fee),
            data_fee: preset.map_or(DataFee::None, |preset| preset.data_fee),
            development: false,
            stated: NetworkParameters::default(),
        }
    }

    /// Whether it is a development chain, inside the process or on this machine's loopback: only there are development
    /// keys allowed, and is nobody asked.
    pub fn is_local(&self) -> bool {
        self.development
    }

    /// Where people can look at a transaction.
    pub fn transaction_url(&self, hash: alloy::primitives::TxHash) -> Option<String> {
        self.explorer.as_ref().map(|explorer| format!("{explorer}/tx/{hash}"))
    }
}

/// Whether a URL leads to this machine. Names other than `localhost` are not resolved: what they lead to can change.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn rpc(url: &str, chain_id: Option<u64>, preset: Option<&str>) -> Result<Network> {
        Network::resolve(&NetworkParameters {
            name: "n".into(),
            rpc_url: Some(url.into()),
            chain_id,
            preset: preset.map(Into::into),
            ..Default::default()
        })
    }

    #[test]
    fn presets_agree_with_themselves() {
        for preset in PRESETS {
            let network = rpc("https://rpc.example.org/v1", None, Some(preset.name)).unwrap();
            assert_eq!((network.chain_id, network.main), (Some(preset.chain_id), preset.main), "{}", preset.name);
            assert!(!network.is_local());
            assert!(network.confirmations >= 2 && network.replace_after < network.patience, "{}", preset.name);
        }
    }

    #[test]
    fn loopback_is_local_unless_a_public_chain_is_meant() {
        for url in ["http://127.0.0.1:8545", "http://localhost:8545", "http://[::1]:8545", "http://127.1.2.3"] {
            let network = rpc(url, Some(31_337), None).unwrap();
            assert!(network.is_local() && !network.main, "{url}");
            for network in [rpc(url, Some(1), None).unwrap(), rpc(url, None, Some("ethereum")).unwrap()] {
                assert!(!network.is_local() && network.main && network.confirmations == 3, "{url}");
            }
        }
        for url in ["http://localhost.example.org", "http://128.0.0.1", "http://127.0.0.1.example.org"] {
            assert!(!rpc(url, Some(31_337), None).unwrap().is_local(), "{url}");
        }
    }

    #[test]
    fn the_node_decides_what_a_chain_on_loopback_is() {
        let url = "http://127.0.0.1:8545";
        for (chain_id, preset) in [(Some(137), None), (None, Some("polygon")), (None, None)] {
            let stated = rpc(url, chain_id, preset).unwrap();
            for software in [None, Some("bor/v2.0.0"), Some("Geth/v1.16 like anvil/1")] {
                let network = stated.clone().confirmed_by_node(137, software);
                assert!(!network.is_local() && network.main, "{software:?}");
                assert_eq!((network.confirmations, network.min_priority_fee), (10, 25_000_000_000));
            }
            for software in ["anvil/v1.5.0", "HardhatNetwork/2.22.1/@ethereumjs", "dgov/v0.1.0"] {
                let network = stated.clone().confirmed_by_node(137, Some(software));
                assert!(network.is_local() && !network.main && network.confirmations == 1, "{software}");
            }
        }
        let optimism = rpc(url, None, None).unwrap().confirmed_by_node(10, Some("Geth/v1"));
        assert_eq!(optimism.data_fee, DataFee::OpStack);
        // A chain of nobody's, whatever runs it; and a far node, whatever it says.
        assert!(rpc(url, Some(424_242), None).unwrap().confirmed_by_node(424_242, Some("Geth/v1")).is_local());
        assert!(!rpc("https://e.org", Some(1), None).unwrap().confirmed_by_node(1, Some("anvil/v1")).is_local());
    }

    #[test]
    fn overrides_outlive_the_nodes_answer() {
        let parameters = NetworkParameters {
            name: "n".into(),
            rpc_url: Some("http://127.0.0.1:1".into()),
            confirmations: Some(7),
            explorer: Some("https://x.example.org/".into()),
            ..Default::default()
        };
        for (chain_id, software) in [(1, "Geth/v1"), (1, "anvil/v1"), (31_337, "anvil/v1")] {
            let network = Network::resolve(&parameters).unwrap().confirmed_by_node(chain_id, Some(software));
            assert_eq!((network.confirmations, network.explorer.as_deref()), (7, Some("https://x.example.org")));
        }
    }

    #[test]
    fn a_chain_that_nobody_named_is_refused_off_loopback() {
        assert_eq!(rpc("https://rpc.example.org", None, None).unwrap_err().code(), "network.chain_id");
        assert_eq!(rpc("http://127.0.0.1:1", None, None).unwrap().chain_id, None);
        assert!(rpc("https://rpc.example.org", Some(424_242), None).unwrap().main, "unknown chains may be dear");
    }

    #[test]
    fn contradictions_and_bad_urls() {
        assert_eq!(rpc("https://e.org", Some(5), Some("ethereum")).unwrap_err().code(), "network.chain_id");
        assert_eq!(rpc("https://e.org", None, Some("etherium")).unwrap_err().code(), "network.preset");
        for url in ["", "ftp://e.org", "e.org:8545", "http://"] {
            let error = rpc(url, Some(1), None).unwrap_err();
            assert_eq!(error.code(), "network.rpc_url", "{url}");
        }
    }

    #[test]
    fn overrides_win() {
        let network = Network::resolve(&NetworkParameters {
            name: "n".into(),
            rpc_url: Some("https://rpc.example.org".into()),
            preset: Some("sepolia".into()),
            confirmations: Some(0),
            explorer: Some("https://x.example.org/".into()),
            ..Default::default()
        })
        .unwrap();
        assert_eq!(network.confirmations, 1);
        let url = network.transaction_url(alloy::primitives::B256::ZERO).unwrap();
        assert!(url.starts_with("https://x.example.org/tx/0x00"), "{url}");
    }
}
