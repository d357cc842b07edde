//! Reports over what a project has on record: its lock, its manifest and its receipts. Offline; each line names its digest.

pub mod graph;
pub mod impact;
pub mod lineage;
mod svg;
