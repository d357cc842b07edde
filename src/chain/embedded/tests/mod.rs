//! The chain through its dispatcher. `samples` holds the small contracts and the signing.

mod disk;
mod http;
mod questions;
mod samples;
mod transactions;
