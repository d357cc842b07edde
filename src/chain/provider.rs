//! Connection to a node: bounded waits, bounded retries, and no doubt about which chain it is.

use std::{sync::Arc, time::Duration};

use alloy::{
    network::Ethereum,
    primitives::B256,
    providers::{DynProvider, Provider, RootProvider},
    rpc::client::{ClientBuilder, RpcClient},
    transports::{RpcError, TransportError, http::Http, http::reqwest, layers::RetryBackoffLayer},
};

use crate::{
    Error, ErrorKind, Result,
    chain::{
        embedded::{EmbeddedChain, state_error},
        networks::{Endpoint, Network, is_loopback, public_chain},
    },
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Retries after the first request, for answers that say "too many requests" or "try later".
const RETRIES: u32 = 5;
const BACKOFF_MILLISECONDS: u64 = 500;
/// A budget so large that the layer never delays a request of its own accord.
const COMPUTE_UNITS: u64 = 1_000_000;

/// A connection that was checked: the node answers, and for the expected chain.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The network it belongs to.
    pub network: Network,
    /// The provider.
    pub provider: DynProvider<Ethereum>,
    /// EIP-155 chain id, as the node states it.
    pub chain_id: u64,
    /// Hash of block 0: tells apart local chains that share a chain id.
    pub genesis: B256,
}

impl Connection {
    /// Connects to a JSON-RPC network.
    ///
    /// # Errors
    /// `chain.unreachable`, `chain.wrong_chain`; a bug for an embedded network, which is opened, not connected to.
    pub async fn open(network: Network) -> Result<Self> {
        let Endpoint::Rpc(url) = &network.endpoint else {
            return Err(Error::bug("an embedded network was connected to as if it were a node"));
        };
        let loopback = is_loopback(url);
        let mut http = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(REQUEST_TIMEOUT);
        if loopback {
            // A system proxy can't reach this machine's loopback.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| Error::bug("the HTTP client can't be set up").caused_by(&error))?;
        let transport = Http::with_client(http, url.clone());
        let client = if loopback {
            RpcClient::new(transport, true)
        } else {
            let retry = RetryBackoffLayer::new(RETRIES, BACKOFF_MILLISECONDS, COMPUTE_UNITS);
            ClientBuilder::default().layer(retry).transport(transport, false)
        };
        Self::with_client(network, client).await
    }

    /// Opens the embedded chain of a project.
    ///
    /// # Errors
    /// Those of the chain's state; `chain.wrong_chain` if the manifest gives it another id.
    pub async fn embedded(network: Network, chain: &Arc<EmbeddedChain>) -> Result<Self> {
        Self::with_client(network, RpcClient::new(chain.transport(), true)).await
    }

    /// Checks the chain behind any client.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub async fn with_client(network: Network, client: RpcClient) -> Result<Self> {
        let client = client.with_poll_interval(network.poll);
        let provider = RootProvider::<Ethereum>::new(client).erased();
        let chain_id = provider.get_chain_id().await.map_err(|error| rpc_error(&network, error))?;
        if let Some(expected) = network.chain_id
            && expected != chain_id
        {
            let message =
                format!("network `{}` is chain {expected}, but its node answers for chain {chain_id}", network.name);
            return Err(Error::chain("chain.wrong_chain", message).hint(format!(
                "point rpc-url to a node of chain {expected}, or set chain-id = {chain_id} if that is the chain you mean"
            )));
        }
        let block = provider.get_block_by_number(0.into()).await.map_err(|error| rpc_error(&network, error))?;
        // Only asked where it matters; a node that won't say is taken for what its chain id says.
        let software = match public_chain(chain_id).filter(|_| is_on_loopback(&network)) {
            Some(_) => provider.get_client_version().await.ok(),
            None => None,
        };
        let network = network.confirmed_by_node(chain_id, software.as_deref());
        provider.client().set_poll_interval(network.poll);
        // Pruned nodes have no block 0; the chain id alone is then the identity.
        let genesis = block.map_or(B256::ZERO, |block| block.header.hash);
        Ok(Self { network, provider, chain_id, genesis })
    }

    /// Name of this very chain for the ledger: chain id and genesis.
    pub fn chain_key(&self) -> String {
        format!("{}:{}", self.chain_id, self.genesis)
    }

    /// Turns a transport error into ours.
    pub fn error(&self, error: TransportError) -> Error {
        rpc_error(&self.network, error)
    }
}

fn is_on_loopback(network: &Network) -> bool {
    matches!(&network.endpoint, Endpoint::Rpc(url) if is_loopback(url))
}

/// Turns an error of the transport into ours: exit 4, naming the network but not its URL, which may hold a key.
pub fn rpc_error(network: &Network, error: TransportError) -> Error {
    let name = &network.name;
    if let Some(state) = state_error(&error) {
        return state.clone();
    }
    match error {
        RpcError::ErrorResp(payload) => Error::chain(
            "chain.refused",
            format!("the node of network `{name}` refused a request: {} (code {})", payload.message, payload.code),
        ),
        RpcError::Transport(kind) => {
            let (place, cause) = (place(network), cause_of(&kind));
            let hint = if network.is_local() {
                format!("start the node of network `{name}`, or choose another one with --network")
            } else {
                format!("check rpc-url of network `{name}` and the connection; the command can be run again")
            };
            Error::chain("chain.unreachable", format!("the node of network `{name}`{place} can't be reached: {cause}"))
                .hint(hint)
        }
        other => Error::new(
            ErrorKind::Chain,
            "chain.malformed_answer",
            format!(
                "the node of network `{name}` gave an answer that makes no sense: {}",
                without_url(&other.to_string())
            ),
        )
        .hint("check that rpc-url is an Ethereum JSON-RPC endpoint"),
    }
}

/// Host and port for messages; path, query and user of a URL may hold a key.
fn place(network: &Network) -> String {
    let Endpoint::Rpc(url) = &network.endpoint else { return String::new() };
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!(" at {host}:{port}"),
        _ => String::new(),
    }
}

/// Why a request failed, in the words of the innermost error that says it, without the URL.
pub fn cause_of(error: &(dyn std::error::Error + 'static)) -> String {
    let (mut cause, mut next) = (without_url(&error.to_string()), Some(error));
    while let Some(error) = next {
        if let Some(http) = error.downcast_ref::<reqwest::Error>()
            && http.is_timeout()
        {
            let limit = if http.is_connect() { CONNECT_TIMEOUT } else { REQUEST_TIMEOUT };
            return format!("timeout, no answer within {} s", limit.as_secs());
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::ConnectionRefused
        {
            return "connection refused".to_owned();
        }
        cause = without_url(&error.to_string());
        // The connector's own type for this is not public.
        if cause.starts_with("dns error") {
            return "the host's name can't be resolved (DNS)".to_owned();
        }
        next = error.source();
    }
    cause
}

/// Leaves out `for url (...)`, which the HTTP client appends and which may hold a key.
fn without_url(text: &str) -> String {
    match text.split_once(" for url (") {
        Some((before, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::chain::networks::{DataFee, NetworkParameters};

    #[tokio::test]
    async fn unreachable_is_exit_4_and_keeps_the_url_to_itself() {
        // Port 1 on loopback: nothing listens there.
        let network = Network::resolve(&NetworkParameters {
            name: "dead".into(),
            rpc_url: Some("http://127.0.0.1:1/secret-key".into()),
            ..Default::default()
        })
        .unwrap();
        let error = Connection::open(network).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Chain, "chain.unreachable"));
        let text = error.to_string();
        assert!(text.contains("`dead` at 127.0.0.1:1 ") && text.contains("connection refused"), "{text}");
        assert!(!text.contains("secret-key"), "{text}");
        assert!(!error.hints().is_empty());
    }

    /// A node on loopback that says what it is told to, and has no blocks.
    async fn node(chain_id: u64, software: Option<&'static str>) -> wiremock::MockServer {
        let server = wiremock::MockServer::start().await;
        let answer = move |request: &wiremock::Request| {
            let asked: serde_json::Value = request.body_json().unwrap();
            let result = match asked["method"].as_str().unwrap() {
                "eth_chainId" => serde_json::json!(format!("{chain_id:#x}")),
                "web3_clientVersion" => match software {
                    Some(software) => serde_json::json!(software),
                    None => return wiremock::ResponseTemplate::new(403),
                },
                _ => serde_json::Value::Null,
            };
            let answer = serde_json::json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result });
            wiremock::ResponseTemplate::new(200).set_body_json(answer)
        };
        wiremock::Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
        server
    }

    #[tokio::test]
    async fn ones_own_node_of_a_public_chain_is_no_development_chain() {
        for (chain_id, software, local) in [
            (10, Some("Geth/v1.101602.3-stable"), false),
            (10, None, false),
            (10, Some("anvil/v1.5.0"), true),
            (31_337, Some("Geth/v1.16.1"), true),
        ] {
            let server = node(chain_id, software).await;
            let network = Network::resolve(&NetworkParameters {
                name: "own".into(),
                rpc_url: Some(server.uri()),
                ..Default::default()
            });
            let network = Connection::open(network.unwrap()).await.unwrap().network;
            assert_eq!((network.is_local(), network.main), (local, !local), "{chain_id} {software:?}");
            assert_eq!(network.confirmations, if local { 1 } else { 5 });
            assert_eq!(network.data_fee == DataFee::OpStack, !local);
        }
    }

    #[test]
    fn urls_are_cut_out() {
        assert_eq!(
            without_url("error sending request for url (http://k@h/): refused"),
            "error sending request: refused"
        );
        assert_eq!(without_url("plain"), "plain");
    }
}
