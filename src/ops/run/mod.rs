//! Training runs that pay per use: jobs are opened with an escrow, reported by oracles (`ops/oracle`), settled or refunded.
//! One file a verb; `jobs` is what they share.

pub mod anchor;
pub mod jobs;
pub mod key;
pub mod open;
pub mod receipt;
pub mod record;
pub mod refund;
pub mod settle;
pub mod show;
pub mod signers;
pub mod verify;
