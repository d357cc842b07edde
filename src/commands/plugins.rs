//! `dgov plugins`.

use serde::Serialize;

use crate::error::Result;
use crate::plugins;
use crate::ui::{Outcome, Report, table};

/// List the plugins that are installed: programs named dgov-<word>
///
/// Example: dgov plugins
#[derive(Debug, clap::Args)]
pub struct Args {}

#[derive(Serialize)]
struct PluginsReport {
    plugins: Vec<plugins::Plugin>,
}

impl Report for PluginsReport {
    fn human(&self) -> String {
        if self.plugins.is_empty() {
            return "no plugins: no program named dgov-<word> beside dgov or on PATH\n".into();
        }
        let rows: Vec<_> = self.plugins.iter().map(|plugin| vec![plugin.word.clone(), plugin.path.clone()]).collect();
        table::render(&["word", "program"], &rows)
    }
}

pub(crate) fn run(_args: &Args) -> Result<Outcome> {
    Outcome::of(&PluginsReport { plugins: plugins::list() })
}
