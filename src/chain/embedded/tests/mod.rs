//! The chain through its dispatcher. `samples` holds the small contracts and the signing.

mod disk;
mod questions;
mod samples;
mod transactions;
