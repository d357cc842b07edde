//! `dgov metadata`.

use serde::Serialize;

use crate::cli;
use crate::env_vars;
use crate::error::Result;
use crate::ui::output::SCHEMA_VERSION;
use crate::ui::{Outcome, Report};

/// Print what programs and plugins need to know about this dgov
///
/// Example: dgov metadata --json
#[derive(Debug, clap::Args)]
pub struct Args {}

#[derive(Serialize)]
struct Metadata {
    version: &'static str,
    format_version: u32,
    verbs: Vec<String>,
    environment: Vec<Variable>,
}

#[derive(Serialize)]
struct Variable {
    name: &'static str,
    about: &'static str,
}

impl Report for Metadata {
    fn human(&self) -> String {
        format!("dgov {} (output format {})\nverbs: {}\n", self.version, self.format_version, self.verbs.join(", "))
    }
}

pub(crate) fn run(_args: &Args) -> Result<Outcome> {
    let verbs = cli::command_tree().get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let environment =
        env_vars::ALL.iter().map(|variable| Variable { name: variable.name, about: variable.about.trim() }).collect();
    Outcome::of(&Metadata { version: env!("CARGO_PKG_VERSION"), format_version: SCHEMA_VERSION, verbs, environment })
}
