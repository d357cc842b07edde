//! Parsers of others behind a boundary: what they refuse, and what they stumble over, is an error about the file.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::RecordError;
use super::inside::Input;

/// Runs a parser. A panic inside it, which broken files have been known to cause, becomes an error; nothing of the parser is
/// used afterwards.
pub(super) fn guarded(input: &Input<'_>, parse: impl FnOnce() -> Result<(), RecordError>) -> Result<(), RecordError> {
    catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| {
        Err(input.damaged("somewhere", "the file is broken in a way that its parser does not know"))
    })
}
