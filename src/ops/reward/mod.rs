//! Reward rounds: planned from the income of a period, published, claimed. One file a verb; `payees` is the list of a
//! round, `rounds` what the chain holds.

pub mod cancel;
pub mod claim;
mod payees;
pub mod plan;
mod plan_file;
pub mod publish;
mod rounds;
pub mod show;
