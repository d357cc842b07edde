//! What every verb shares: flags, and the way to talk to the user.

use std::sync::Arc;

use crate::cli::GlobalArgs;
use crate::error::Result;
use crate::manifest::{Loaded, Manifest, Overrides, Severity};
use crate::session::environment;
use crate::ui::{Ui, Warning};

/// Flags and services of one run.
pub struct Context {
    /// Global flags as given.
    pub global: GlobalArgs,
    /// Notices, progress, warnings.
    pub ui: Arc<Ui>,
}

impl Context {
    /// The context of a run with these flags.
    pub fn new(global: GlobalArgs) -> Self {
        let ui = Arc::new(Ui::new(global.quiet, global.json));
        Self { global, ui }
    }

    /// The manifest, with its warnings handed to the user.
    pub fn manifest(&self) -> Result<Loaded> {
        let overrides = Overrides { network: self.global.network.clone(), start: None };
        let loaded = Manifest::load(self.global.manifest.as_deref(), &environment, &overrides)?;
        for finding in loaded.warnings.iter().filter(|finding| finding.severity == Severity::Warning) {
            self.ui.warn(Warning::new(finding.code, finding.to_string()));
        }
        Ok(loaded)
    }
}
