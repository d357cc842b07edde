//! A project on one network: manifest, connection, lock, accounts, stores. What every verb with a chain starts from.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::Address;
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::client::RpcClient;
use camino::{Utf8Path, Utf8PathBuf};
use dgov_contracts::suite::Suite;

use crate::chain::embedded::EmbeddedChain;
use crate::chain::networks::Network;
use crate::chain::provider::Connection;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::{Lock, NetworkLock};
use crate::manifest::Loaded;
use crate::manifest::values::AccountRef;
use crate::ops::view::{self, View};
use crate::storage::{self, LocalStore, Source};

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
}
