//! Datasets: package, store, record on chain; verify, prove, list.

pub mod cid;
pub mod export;
pub mod hash_cache;
pub mod list;
pub mod package;
mod permanent;
pub mod prepare;
pub mod prove;
pub mod push;
pub mod set_status;
pub mod show;
pub mod standing;
pub mod store;
pub mod verify;
