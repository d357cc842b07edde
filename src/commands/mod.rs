//! One file a verb: its flags, and the call to `ops` that does it.

pub mod completions;
pub mod man;
pub mod metadata;
pub mod plugins;
