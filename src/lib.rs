//! dgov: governance of AI training data. The library behind the binary; its API is not stable.

pub mod chain;
pub mod error;
pub mod fault;

pub use error::{Error, ErrorKind, Result};
