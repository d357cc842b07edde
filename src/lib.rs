//! dgov: governance of AI training data. The library behind the binary; its API is not stable.

pub mod chain;
pub mod cli;
pub mod commands;
pub mod context;
pub mod env_vars;
pub mod error;
pub mod fault;
pub mod gate;
pub mod governance;
pub mod lockfile;
pub mod manifest;
pub mod ops;
pub mod plugins;
pub mod receipts;
pub mod session;
pub mod storage;
pub mod ui;

pub use error::{Error, ErrorKind, Result};
