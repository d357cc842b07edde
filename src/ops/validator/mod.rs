//! Validators: stake, attestations and the way out. One file a verb; `position` is what they share.

pub mod attest;
mod position;
pub mod show;
pub mod stake;
pub mod unstake;
