//! Questions: asked of a person at a terminal, otherwise answered by `--yes` or refused.

use std::io::{BufRead, Write};

use super::Ui;
use crate::error::{Error, Result};

/// Asks for consent to what `plan` says; `yes` is `--yes`.
pub fn confirm(ui: &Ui, yes: bool, plan: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !ui.interactive() {
        return Err(Error::unauthorized("confirm.not_asked", format!("{plan}: not confirmed, and nobody to ask"))
            .hint("add --yes to confirm, or run it at a terminal"));
    }
    if ask(plan)? { Ok(()) } else { Err(Error::unauthorized("confirm.declined", "not confirmed; nothing was done")) }
}

/// Asks a person, who must be there: see [`Ui::interactive`].
///
/// # Errors
/// Those of the terminal.
pub fn ask(plan: &str) -> Result<bool> {
    let mut err = anstream::stderr().lock();
    write!(err, "{plan}. Go on? [y/N] ")?;
    err.flush()?;
    drop(err);
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
