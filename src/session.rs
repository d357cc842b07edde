//! A project on one network: manifest, connection, lock, accounts, stores. What every verb with a chain starts from.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::Address;
use alloy::providers::Provider;
use alloy::rpc::client::RpcClient;
use camino::Utf8PathBuf;
use dgov_contracts::suite::Suite;
use dgov_data::unixfs;

use crate::chain::embedded::EmbeddedChain;
use crate::chain::ledger::Ledger;
use crate::chain::networks::{Endpoint, Network, NetworkParameters};
use crate::chain::provider::Connection;

use crate::chain::signers::{self, Account};
use crate::chain::signers::{Keystore, Password};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::{Lock, NetworkLock};
use crate::manifest::values::{AccountRef, Currency, Sunset, format_units};
use crate::manifest::{Loaded, NetworkKind};
use crate::ops::view::{View, unreachable};
use crate::storage::s3::tree;
use crate::storage::{self, Backend, LocalStore, Source};
use crate::ui::Warning;

/// An open project.
pub struct Session<'a> {
    /// Flags and ways to talk.
    pub context: &'a Context,
    /// The manifest.
    pub loaded: Loaded,
    /// The checked connection.
    pub connection: Connection,
    /// The embedded chain, when the network is one.
    pub embedded: Option<Arc<EmbeddedChain>>,
    lock: Mutex<Lock>,
    account: Arc<Mutex<Option<Account>>>,
    /// Held by verbs that change something, until they end.
    _exclusive: Option<std::fs::File>,
}

impl<'a> Session<'a> {
    /// Loads the manifest and connects to its network.
    pub async fn open(context: &'a Context) -> Result<Self> {
        Self::open_loaded(context, context.manifest()?, None).await
    }

    /// As [`Session::open`], for verbs that change something: at most one at a time in a project, because each looks at
    /// the chain first and then sends what is missing there. Another one waits, and gives up with exit 10.
    pub async fn open_exclusive(context: &'a Context) -> Result<Self> {
        let loaded = context.manifest()?;
        let guard = storage::local::lock(&loaded.state_dir().join("change.lock"))?;
        Self::open_loaded(context, loaded, Some(guard)).await
    }

    /// As [`Session::open`], for a manifest that is in memory.
    pub async fn open_with(context: &'a Context, loaded: Loaded) -> Result<Self> {
        Self::open_loaded(context, loaded, None).await
    }

    async fn open_loaded(context: &'a Context, loaded: Loaded, exclusive: Option<std::fs::File>) -> Result<Self> {
        let network = resolve_network(&loaded)?;
        let (connection, embedded) = match &network.endpoint {
            Endpoint::Embedded => {
                let chain = EmbeddedChain::open(&loaded.state_dir().join("chain"))?;
                let client = RpcClient::new(chain.transport(), true);
                (Connection::with_client(network, client).await?, Some(chain))
            }
            Endpoint::Rpc(_) => (Connection::open(network).await?, None),
        };
        let lock = Lock::load(&loaded.dir)?;
        let session = Self {
            context,
            loaded,
            connection,
            embedded,
            lock: Mutex::new(lock),
            account: Arc::default(),
            _exclusive: exclusive,
        };
        if let Ok(lock) = session.network_lock()
            && lock.chain_id != session.connection.chain_id
        {
            return Err(Error::chain(
                "chain.wrong_chain",
                format!(
                    "dgov.lock has network `{}` on chain {}, but its node answers for chain {}",
                    session.name(),
                    lock.chain_id,
                    session.connection.chain_id
                ),
            )
            .hint("use another name for the other chain in [networks], or delete the network from dgov.lock"));
        }
        Ok(session)
    }

    /// Name of the network.
    pub fn name(&self) -> &str {
        &self.loaded.network
    }

    /// An error where the manifest takes part in a project of others: it does not say what that project should be.
    pub fn require_own_project(&self) -> Result<()> {
        match &self.loaded.manifest.project.registry {
            None => Ok(()),
            Some(registry) => Err(Error::input(
                "project.joined",
                format!("this folder joined {registry}, a project that its manifest does not describe"),
            )
            .hint("run this where the project's own dgov.toml is; in a joined folder vote, buy, claim and read")),
        }
    }

    /// The lock of this network; an error while nothing is deployed.
    pub fn network_lock(&self) -> Result<NetworkLock> {
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        lock.networks.get(self.name()).cloned().ok_or_else(|| {
            Error::input("project.not_deployed", format!("nothing is deployed on network `{}` yet", self.name()))
                .hint("run `dgov deploy`; if it was deployed before, `dgov sync` finds it")
        })
    }

    /// Changes the lock and writes it; other processes of the project wait meanwhile.
    pub fn update_lock(&self, change: impl FnOnce(&mut std::collections::BTreeMap<String, NetworkLock>)) -> Result<()> {
        let _guard = storage::local::lock(&self.loaded.state_dir().join("lock"))?;
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        *lock = Lock::load(&self.loaded.dir)?;
        change(&mut lock.networks);
        crate::fault::point("lock.write.before");
        lock.save(&self.loaded.dir)?;
        crate::fault::point("lock.write.after");
        Ok(())
    }

    /// Addresses of the project's contracts.
    pub fn suite(&self) -> Result<Suite> {
        let lock = self.network_lock()?;
        let role = |role: &str| {
            lock.contracts.get(role).copied().ok_or_else(|| {
                Error::input("lock.malformed", format!("dgov.lock names no {role} on network `{}`", self.name()))
                    .hint("run `dgov sync`")
            })
        };
        Ok(Suite {
            token: role("token")?,
            timelock: role("timelock")?,
            governor: role("governor")?,
            manager: role("manager")?,
            registry: role("registry")?,
            licenses: role("licenses")?,
            vault: role("vault")?,
            pass: role("pass")?,
            stake: role("stake")?,
            court: role("court")?,
            ledger: role("ledger")?,
            rounds: role("rounds")?,
            records: role("records")?,
        })
    }

    /// What the chain holds of the project; an error when the contracts of the lock are not there.
    pub async fn view(&self) -> Result<View> {
        let suite = self.suite()?;
        if !self.has_code(suite.registry).await? {
            return Err(Error::chain(
                "project.not_on_chain",
                format!("the contracts of dgov.lock are not on network `{}`", self.name()),
            )
            .hint("a development chain that was reset forgets them: run `dgov deploy`; otherwise check rpc-url"));
        }
        View::load(&self.connection.provider, &suite, self.network_lock()?.block).await
    }

    /// Whether there is a contract at an address.
    pub async fn has_code(&self, address: Address) -> Result<bool> {
        let code = self.connection.provider.get_code_at(address).await.map_err(unreachable)?;
        Ok(!code.is_empty())
    }

    /// Time of the latest block, unix seconds.
    pub async fn now(&self) -> Result<u64> {
        let block = self.connection.provider.get_block_by_number(Default::default()).await.map_err(unreachable)?;
        block
            .map(|block| block.header.timestamp)
            .ok_or_else(|| Error::chain("chain.no_block", "the chain has no block"))
    }

    /// Time that the next block will have, unix seconds: what a contract will compare an expiry with. On a quiet chain the
    /// latest block may be days old. A node that shows no pending block is asked for its latest one.
    pub async fn next_time(&self) -> Result<u64> {
        let pending = self.connection.provider.get_block_by_number(BlockNumberOrTag::Pending).await;
        match pending {
            Ok(Some(block)) => Ok(block.header.timestamp),
            _ => self.now().await,
        }
    }

    /// Address of the account that acts; no password is asked for.
    pub fn account(&self) -> Result<Address> {
        match &self.context.global.from {
            Some(name) => signers::address_of(name, &self.keystore()?),
            None => self.signing_account().map(|account| account.address),
        }
    }

    /// The account that acts, with its key.
    pub fn signing_account(&self) -> Result<Account> {
        let mut slot = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = slot.as_ref() {
            return Ok(account.clone());
        }
        let account = signers::resolve(
            self.context.global.from.as_deref(),
            &self.connection.network,
            self.connection.chain_id,
            &self.keystore()?,
            &Password::from_environment(&environment),
            &environment,
        )?;
        if let Some(warning) = &account.warning {
            self.context.ui.warn(Warning::new("signer.raw_key", warning.clone()));
        }
        Ok(slot.insert(account).clone())
    }

    /// The account that acts, without its key: for unsigned transactions.
    pub fn watched_account(&self) -> Result<Account> {
        self.account().map(Account::watched)
    }

    /// The key of another account, when it can be had without asking: a development account of a local chain.
    pub fn local_account(&self, name: &str) -> Option<Account> {
        let keystore = self.keystore().ok()?;
        let address = signers::address_of(name, &keystore).ok()?;
        if !self.connection.network.is_local() {
            return None;
        }
        (0..signers::DEV_ACCOUNTS).filter_map(|number| signers::dev_account(number).ok()).find(|a| a.address == address)
    }

    /// Address of an account of the manifest.
    pub fn resolve(&self, account: &AccountRef) -> Result<Address> {
        match account {
            AccountRef::Address(address) => Ok(*address),
            AccountRef::Name(name) => signers::address_of(name, &self.keystore()?),
        }
    }

    /// Address of an account named on the command line.
    pub fn resolve_text(&self, text: &str) -> Result<Address> {
        let account: AccountRef = text.parse().map_err(|error: crate::manifest::values::ValueError| {
            Error::usage("usage.account", error.message).hint(error.hint.unwrap_or_default())
        })?;
        self.resolve(&account)
    }

    /// Address of a token of the manifest on this network.
    pub fn token_address(&self, symbol: &str) -> Result<Address> {
        let token = self.loaded.manifest.tokens.get(symbol);
        token.and_then(|token| token.address.get(self.name())).copied().ok_or_else(|| {
            Error::input("token.unknown", format!("token {symbol} has no address on network `{}`", self.name()))
                .hint(format!("add `address = {{ {} = \"0x…\" }}` to [tokens.{symbol}]", self.name()))
        })
    }

    /// An amount for people: value in the smallest unit, of a currency on chain.
    pub fn show_amount(&self, value: alloy::primitives::U256, currency: Address) -> String {
        if currency.is_zero() {
            return format!("{} {}", format_units(value, 18), self.connection.network.symbol);
        }
        let known =
            self.loaded.manifest.tokens.iter().find(|(_, token)| token.address.get(self.name()) == Some(&currency));
        match known {
            Some((symbol, token)) => format!("{} {symbol}", format_units(value, token.decimals)),
            None => format!("{value} units of {currency}"),
        }
    }

    /// Address of a currency of the manifest.
    pub fn currency_address(&self, currency: &Currency) -> Result<Address> {
        match currency {
            Currency::Native => Ok(Address::ZERO),
            Currency::Token(symbol) => self.token_address(symbol),
        }
    }

    /// Whether the guardian's power ends some time after the deployment, whenever that is.
    pub fn sunset_is_a_span(&self) -> bool {
        matches!(self.loaded.manifest.governance.guardian_sunset, Some(Sunset::After(_)))
    }

    /// The ledger of the project.
    pub fn ledger(&self) -> Result<Arc<Ledger>> {
        Ok(Arc::new(Ledger::open(&self.loaded.state_dir().join("ledger.db"))?))
    }

    /// The ledger of the project for a command that only reads; `None` where there is none yet.
    pub fn ledger_to_read(&self) -> Result<Option<Ledger>> {
        Ledger::open_to_read(&self.loaded.state_dir().join("ledger.db"))
    }

    /// The content store of the project.
    pub fn local_store(&self) -> LocalStore {
        LocalStore::new(self.store_dir())
    }

    /// The stores that packages are sent to, in the order of the manifest.
    pub fn backends(&self) -> Result<Vec<Arc<dyn Backend>>> {
        let setting = storage::targets::Setting {
            storage: &self.loaded.manifest.storage,
            state_dir: self.loaded.state_dir(),
            environment: &environment,
            signer: self.signer()?,
            packages: self.locked_packages(),
        };
        setting.backends()
    }

    /// The account that acts, for work that outlives this borrow; unlocked when it is first needed.
    fn signer(&self) -> Result<storage::arweave::Signer> {
        let (from, chain_id) = (self.context.global.from.clone(), self.connection.chain_id);
        let (network, keystore) = (self.connection.network.clone(), self.keystore()?);
        let slot = Arc::clone(&self.account);
        Ok(Arc::new(move || {
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(account) = slot.as_ref() {
                return Ok(account.clone());
            }
            let passwords = Password::from_environment(&environment);
            let account = signers::resolve(from.as_deref(), &network, chain_id, &keystore, &passwords, &environment)?;
            Ok(slot.insert(account).clone())
        }))
    }

    /// Roots of the packages and documents of the lock, the latest versions first.
    fn locked_packages(&self) -> Vec<cid::Cid> {
        let Ok(lock) = self.network_lock() else { return Vec::new() };
        let versions = lock.datasets.values().flat_map(|dataset| dataset.versions.iter().rev());
        versions.flat_map(|version| [&version.cid, &version.meta_cid]).filter_map(|cid| cid.parse().ok()).collect()
    }

    /// The files of a dataset that lies in a bucket, of the service in `[storage.s3]`.
    ///
    /// # Errors
    /// Those of [`tree::plan`].
    pub fn plan_bucket(&self, location: &str, options: &unixfs::Options) -> Result<unixfs::Plan> {
        tree::plan(location, &self.loaded.manifest.storage.s3, &environment, options)
    }

    /// Where to read documents and data: the project's own store, the other targets, then the sources of the manifest.
    pub fn sources(&self) -> Result<Vec<Source>> {
        let mut sources = vec![Source::new(self.local_store())];
        let remote = self.backends()?.into_iter().filter(|backend| backend.name() != "local");
        sources.extend(remote.map(|backend| Source::of_backend(&backend)));
        for source in &self.loaded.manifest.storage.sources {
            sources.push(Source::parse(source, &self.loaded.dir)?);
        }
        Ok(sources)
    }

    fn store_dir(&self) -> Utf8PathBuf {
        storage::targets::local_store(&self.loaded.state_dir())
    }

    fn keystore(&self) -> Result<Keystore> {
        Keystore::of_user(&environment)
    }
}

/// The network of a manifest, with what its preset knows.
pub fn resolve_network(loaded: &Loaded) -> Result<Network> {
    let network = loaded.network();
    Network::resolve(&NetworkParameters {
        name: loaded.network.clone(),
        embedded: network.kind == NetworkKind::Embedded,
        preset: network.preset.map(|preset| preset.name().to_owned()),
        rpc_url: network.rpc_url.as_ref().and_then(|url| url.resolved()).map(ToString::to_string),
        chain_id: network.chain_id,
        confirmations: network.confirmations,
        explorer: network.explorer_url.as_ref().map(ToString::to_string),
    })
}

/// The process environment.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
