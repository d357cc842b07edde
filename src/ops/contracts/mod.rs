//! `dgov contracts`: a project's own Solidity contracts, and those of the suite: exported, verified.

#[cfg(feature = "compile")]
mod artifacts;
pub mod build;
#[cfg(feature = "compile")]
mod compiler;
#[cfg(feature = "compile")]
mod diagnostics;
pub mod export;
#[cfg(feature = "compile")]
mod foundry_toml;
#[cfg(feature = "compile")]
mod settings;
pub mod verify;
