//! `dgov contracts`: a project's own Solidity contracts.

#[cfg(feature = "compile")]
mod artifacts;
pub mod build;
#[cfg(feature = "compile")]
mod compiler;
#[cfg(feature = "compile")]
mod diagnostics;
#[cfg(feature = "compile")]
mod foundry_toml;
#[cfg(feature = "compile")]
mod settings;
