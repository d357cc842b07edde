//! Royalties: what came in, what is owed, and to whom. One file a verb; `pools` and `shares` are what they share.

pub mod claim;
pub mod deposit;
mod pools;
mod shares;
pub mod show;
