//! What every verb shares: flags, environment, the way to talk to the user.

use crate::cli::GlobalArgs;
use crate::ui::Ui;

/// Flags and services of one run.
pub struct Context {
    /// Global flags as given.
    pub global: GlobalArgs,
    /// Notices, progress, warnings.
    pub ui: Ui,
}

impl Context {
    /// The context of a run with these flags.
    pub fn new(global: GlobalArgs) -> Self {
        let ui = Ui::new(global.quiet, global.json);
        Self { global, ui }
    }
}
