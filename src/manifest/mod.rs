//! The manifest, `dgov.toml`: its types, exact values, loading with sources and all findings at once, editing.

mod context;
mod decode;
mod decode_modules;
mod decode_network;
mod decode_storage;
mod decode_training;
pub mod edit;
mod finding;
mod load;
mod reader;
pub mod schema;
mod sources;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
pub mod types;
mod validate;
mod validate_datasets;
mod validate_modules;
mod validate_training;
pub mod values;

pub use finding::{Finding, Severity};
pub use load::{FILE_NAME, IMPLIED_NETWORK, Loaded, Overrides};
pub use sources::{Source, SourcedValue};
pub use types::*;
