//! Datasets: package, store, record on chain; fetch, verify, prove, list.

pub mod audit;
pub mod card;
pub mod cid;
pub mod export;
pub mod hash_cache;
pub mod list;
pub mod package;
mod permanent;
pub mod prepare;
pub mod profile;
pub mod proof_file;
pub mod prove;
pub mod prove_local;
mod published;
pub mod pull;
pub mod push;
pub mod record_key;
pub mod record_list;
pub mod set_status;
pub mod show;
pub mod source;
pub mod standing;
pub mod store;
pub mod verify;
pub mod verify_proof;
