//! Everything that speaks to a chain.

pub mod embedded;
