//! Everything that the command line and the contracts must agree on: bindings, compiled artifacts, EIP-712 structs,
//! identifiers, deployment addresses and the names of errors.

pub mod artifacts;
pub mod court;
pub mod deploy;
pub mod eip712;
pub mod errors;
pub mod governance;
pub mod ids;
pub mod prices;
pub mod rounds;
pub mod sources;
pub mod stake;
pub mod suite;
pub mod usage;
