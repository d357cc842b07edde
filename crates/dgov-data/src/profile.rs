//! The profile of a dataset: what is in its columns, what occurs twice, which splits overlap, where personal data may be.
//!
//! One pass over [`crate::records::Row`]s, in memory that does not grow with the data. Everything that a profile is made
//! from can be joined in any order, so that parts profiled apart give the bytes of the whole. `docs/profile.md` says of
//! every figure how it is made and whether it is exact.

mod report;

pub use report::{
    Column, Count, Duplicates, FORMAT, Kinds, Near, Number, Numbers, Overlap, OverlapCount, PersonalData, PiiColumn,
    PiiExample, PiiKind, Profile, Span, Split,
};
