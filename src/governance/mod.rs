//! From the difference between manifest and chain to a proposal: calls, their names, the text around them.

pub mod calls;
pub mod diff;
pub mod parse;
pub mod text;
