//! The chain: networks, connection, accounts, transactions that survive being killed, and the embedded chain.
//! The chain: the embedded one, networks, connections, accounts, and transactions that survive being killed.

pub mod embedded;
pub mod ledger;
pub mod networks;
pub mod provider;
pub mod reverts;
pub mod signers;
pub mod transactions;
