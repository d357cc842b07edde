//! The pure data core of dgov: sum trees with proofs of presence and absence, UnixFS CIDs, CAR files, records, Arweave
//! formats, contributor lists, license policy and data cards.
//!
//! Nothing here talks to a network or a chain, prints, or writes outside a writer that the caller hands in. Every
//! definition follows `docs/spec.md`; the known answers under `tests/vectors` were made by other programs.

pub mod arweave;
pub mod car;
pub mod cards;
pub mod contributors;
pub mod digests;
pub mod filecoin;
mod hex;
mod keccak;
pub mod licensing;
pub mod profile;
pub mod records;
pub mod tree;
pub mod unixfs;
