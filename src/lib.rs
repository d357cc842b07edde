//! dgov: governance of AI training data. The library behind the binary; its API is not stable.

pub mod error;
pub mod manifest;
pub mod ops;

pub use error::{Error, ErrorKind, Result};
