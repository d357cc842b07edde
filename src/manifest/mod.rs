//! The manifest, `dgov.toml`: its types, exact values, loading with sources and all findings at once, editing.

pub mod values;
