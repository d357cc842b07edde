//! Parsers of others behind a boundary: what they refuse, and what they stumble over, is an error about the file.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::inside::{Input, Visit};
use super::{Field, RecordError};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread would come from a parser of somebody else and be caught as [`RecordError::Damaged`]. A panic
/// hook that ends the process has to let such a panic pass.
pub fn panic_is_caught() -> bool {
    GUARDED.get()
}

/// Runs a parser. A panic inside it, which broken files have been known to cause, becomes an error; nothing of the parser is
/// used afterwards. A panic inside `visit` is ours and passes.
pub(super) fn guarded(
    input: &Input<'_>,
    visit: &mut Visit<'_>,
    parse: impl FnOnce(&mut Visit<'_>) -> Result<(), RecordError>,
) -> Result<(), RecordError> {
    let mut unguarded = |key, number, fields: &[Field<'_>]| {
        GUARDED.set(false);
        let goes_on = visit(key, number, fields);
        GUARDED.set(true);
        goes_on
    };
    GUARDED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| parse(&mut unguarded)));
    match (GUARDED.replace(false), outcome) {
        (_, Ok(outcome)) => outcome,
        (true, Err(_)) => Err(input.damaged("somewhere", "the file is broken in a way that its parser does not know")),
        (false, Err(panic)) => std::panic::resume_unwind(panic),
    }
}
