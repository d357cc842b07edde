//! `dgov gov`: one file a verb, over what they share.

pub mod cancel;
pub mod delegate;
pub mod execute;
pub mod list;
pub mod proposals;
pub mod propose;
pub mod queue;
pub mod show;
mod simulate;
pub mod vote;

pub use proposals::{Ballots, Proposal, ProposalStatus, resolve};
