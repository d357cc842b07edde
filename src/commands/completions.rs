//! `dgov completions`.

use clap_complete::Shell;

use crate::cli;
use crate::error::Result;
use crate::ui::Outcome;

/// Print a completion script for a shell
///
/// Example: dgov completions bash > /etc/bash_completion.d/dgov
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shell to write for
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command_tree(), "dgov", &mut script);
    Ok(Outcome::raw(String::from_utf8_lossy(&script).into_owned()))
}
