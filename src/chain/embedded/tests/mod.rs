//! The chain through its dispatcher. `samples` holds the small contracts and the signing.

mod disk;
mod http;
mod questions;
pub(in crate::chain) mod samples;
mod transactions;
