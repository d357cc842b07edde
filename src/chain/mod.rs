//! The chain: networks, connection, accounts, transactions that survive being killed, and the embedded chain.

pub mod embedded;
pub mod ledger;
pub mod networks;
pub mod proved;
pub mod provider;
pub mod reverts;
pub mod signers;
pub mod transactions;
