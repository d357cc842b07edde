//! dgov: governance of AI training data. The library behind the binary; its API is not stable.

<<<<<<< HEAD
pub mod cli;
pub mod commands;
pub mod context;
pub mod env_vars;
=======
pub mod chain;
>>>>>>> r1
pub mod error;
pub mod lockfile;
pub mod ops;
pub mod plugins;
pub mod ui;
pub mod manifest;

pub use error::{Error, ErrorKind, Result};
