//! Royalties: what came in, what is owed, and to whom. One file a verb; `pools` and `shares` are what they share, and
//! `payable` is a part of `claim`.

pub mod claim;
pub mod deposit;
mod payable;
pub(crate) mod pools;
pub(crate) mod shares;
pub mod show;
