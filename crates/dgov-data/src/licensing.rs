//! What may be done with data: purposes, conditions, and the policy that follows from license expressions, from what a
//! steward states, and from a lineage. `docs/licensing.md` says how to read it; nothing here is legal advice.

pub mod export;
mod expression;
pub mod odrl;
mod purpose;
mod rights;
mod ruling;
mod stated;
pub mod table;
mod terms;

pub use expression::{ExpressionError, normalize};
pub use purpose::{Purpose, Purposes, UnknownPurpose};
pub use rights::{Alternative, Rights};
pub use ruling::{Cause, Duty, Reason, Ruling, Source, Statement, Use, duties};
pub use stated::Stated;
pub use terms::{Geography, Modifiers, Terms};
