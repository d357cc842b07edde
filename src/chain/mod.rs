//! The chain: networks, connection, accounts, and transactions that survive being killed.

pub mod ledger;
pub mod networks;
pub mod provider;
pub mod reverts;
pub mod signers;
pub mod transactions;
//! Everything that speaks to a chain.

pub mod embedded;
