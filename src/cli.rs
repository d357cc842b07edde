//! The command line: global flags, the verbs, dispatch and the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::commands;
use crate::context::Context;
use crate::env_vars;
use crate::error::{Error, ErrorKind, Result};
use crate::plugins;
use crate::ui::output::{self, Outcome};

/// Govern AI training data: package it, license it, pay for it, prove it.
#[derive(Debug, Parser)]
#[command(name = "dgov", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Start with `dgov quickstart` in an empty folder, or `dgov init`. `dgov help <verb>` explains a verb."
)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every verb understands.
#[derive(Clone, Debug, Default, Args)]
pub struct GlobalArgs {
    /// Manifest to use instead of the nearest dgov.toml
    #[arg(long, global = true, value_name = "FILE", env = env_vars::DGOV_MANIFEST, help_heading = "Global options")]
    pub manifest: Option<Utf8PathBuf>,
    /// Network of the manifest to use instead of its first one
    #[arg(long, global = true, value_name = "NAME", env = env_vars::DGOV_NETWORK, help_heading = "Global options")]
    pub network: Option<String>,
    /// Account to act as: a keystore's name, an address, or dev0..dev9 on local chains
    #[arg(long, global = true, value_name = "ACCOUNT", env = env_vars::DGOV_FROM, help_heading = "Global options")]
    pub from: Option<String>,
    /// Print one JSON document instead of text
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// Confirm everything that would be asked
    #[arg(long, short = 'y', global = true, help_heading = "Global options")]
    pub yes: bool,
    /// Print no notices and no progress
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(commands::init::Args),
    Quickstart(commands::quickstart::Args),
    Check(commands::check::Args),
    Plan(commands::plan::Args),
    Deploy(commands::deploy::Args),
    Status(commands::status::Args),
    Doctor(commands::doctor::Args),
    Sync(commands::sync::Args),
    Join(commands::join::Args),
    Data(commands::data::Args),
    License(commands::license::Args),
    Royalties(commands::royalties::Args),
    Validator(commands::validator::Args),
    Report(commands::report::Args),
    Audit(commands::audit::Args),
    Reward(commands::reward::Args),
    Run(commands::run::Args),
    Oracle(commands::oracle::Args),
    Gov(commands::gov::Args),
    Dispute(commands::dispute::Args),
    Chain(commands::chain::Args),
    Contracts(commands::contracts::Args),
    Keys(commands::keys::Args),
    Config(commands::config::Args),
    Completions(commands::completions::Args),
    Man(commands::man::Args),
    Metadata(commands::metadata::Args),
    Plugins(commands::plugins::Args),
    #[command(external_subcommand)]
    External(Vec<OsString>),
}

/// The whole command tree, for completions, man pages and the generated reference.
pub fn command_tree() -> clap::Command {
    Cli::command()
}

/// Runs dgov with these arguments; the first is the program's name.
pub fn main(args: Vec<OsString>) -> ExitCode {
    report_panics();
    let json = args.iter().any(|arg| arg == "--json");
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(usage(json, &error)),
    };
    start_log();
    let context = Context::new(cli.global);
    let outcome = run(cli.command, &context);
    ExitCode::from(output::finish(context.ui.json(), outcome, context.ui.take_warnings()))
}

/// Help and version are results; everything else clap says is a usage error.
fn usage(json: bool, error: &clap::Error) -> u8 {
    if json && error.use_stderr() {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let error = Error::usage("usage", message).hint("see `dgov --help`");
        return output::finish(true, Err(error), Vec::new());
    }
    let _ = error.print();
    if error.use_stderr() { ErrorKind::Usage.exit_code() } else { 0 }
}

/// A panic is a bug of ours: one error, the place for the report, exit 70. What was done so far is recorded. Those of parsers of
/// others on broken files are caught and become errors about the file.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if dgov_data::records::panic_is_caught() {
            return;
        }
        let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        let message = panic.payload_as_str().unwrap_or("no message");
        output::finish(false, Err(Error::bug(format!("dgov failed{place}: {message}"))), Vec::new());
        std::process::exit(i32::from(ErrorKind::Bug.exit_code()));
    }));
}

fn start_log() {
    let Ok(filter) = std::env::var(env_vars::DGOV_LOG) else { return };
    let filter = tracing_subscriber::EnvFilter::new(filter);
    // A second logger can only be a second call, which would change nothing.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

fn run(command: Command, context: &Context) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::bug("the runtime did not start").caused_by(&error))?;
    let outcome = runtime.block_on(async {
        let ends_with_interrupt = matches!(&command, Command::Chain(args) if args.ends_with_interrupt());
        tokio::select! {
            outcome = dispatch(command, context) => outcome,
            _ = tokio::signal::ctrl_c(), if !ends_with_interrupt => Err(interrupted()),
        }
    });
    // Work on other threads may still be under way after an interrupt; whatever it did is recorded.
    runtime.shutdown_background();
    outcome
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted", "interrupted; everything done so far is recorded")
        .hint("run the same command again to go on where it stopped")
}

/// Runs one command line inside this process, as `quickstart` does; `args` is what follows the program's name.
pub(crate) async fn run_line(args: &[&str]) -> Result<Outcome> {
    let line = std::iter::once("dgov").chain(args.iter().copied());
    let cli = Cli::try_parse_from(line)
        .map_err(|error| Error::bug("a command line of dgov's own is wrong").caused_by(&error))?;
    let context = Context::new(cli.global);
    Box::pin(dispatch(cli.command, &context)).await
}

async fn dispatch(command: Command, context: &Context) -> Result<Outcome> {
    match &command {
        Command::Init(args) => commands::init::run(args, context).await,
        Command::Quickstart(args) => commands::quickstart::run(args, context).await,
        Command::Check(args) => commands::check::run(args, context).await,
        Command::Plan(args) => commands::plan::run(args, context).await,
        Command::Deploy(args) => commands::deploy::run(args, context).await,
        Command::Status(args) => commands::status::run(args, context).await,
        Command::Doctor(args) => commands::doctor::run(args, context).await,
        Command::Sync(args) => commands::sync::run(args, context).await,
        Command::Join(args) => commands::join::run(args, context).await,
        Command::Data(args) => commands::data::run(args, context).await,
        Command::License(args) => commands::license::run(args, context).await,
        Command::Royalties(args) => commands::royalties::run(args, context).await,
        Command::Validator(args) => commands::validator::run(args, context).await,
        Command::Report(args) => commands::report::run(args, context).await,
        Command::Audit(args) => commands::audit::run(args, context).await,
        Command::Reward(args) => commands::reward::run(args, context).await,
        Command::Run(args) => commands::run::run(args, context).await,
        Command::Oracle(args) => commands::oracle::run(args, context).await,
        Command::Gov(args) => commands::gov::run(args, context).await,
        Command::Dispute(args) => commands::dispute::run(args, context).await,
        Command::Chain(args) => commands::chain::run(args, context).await,
        Command::Contracts(args) => commands::contracts::run(args, context).await,
        Command::Keys(args) => commands::keys::run(args, context).await,
        Command::Config(args) => commands::config::run(args, context).await,
        Command::Completions(args) => commands::completions::run(args),
        Command::Man(args) => commands::man::run(args),
        Command::Metadata(args) => commands::metadata::run(args),
        Command::Plugins(args) => commands::plugins::run(args),
        Command::External(args) => plugins::run(args, context),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_verb_shows_its_examples_one_a_line() {
        fn look(command: &mut clap::Command, path: &str) {
            if command.get_subcommands().next().is_none() {
                let help = command.render_long_help().to_string();
                let examples: Vec<_> = help.lines().filter(|line| line.contains("Example:")).collect();
                assert!(!examples.is_empty(), "{path}");
                for line in examples {
                    assert_eq!(line.rfind("Example:"), Some(0), "{path}");
                }
            }
            for verb in command.get_subcommands_mut() {
                let path = format!("{path} {}", verb.get_name());
                look(verb, &path);
            }
        }
        look(&mut super::command_tree(), "dgov");
    }

    #[test]
    fn the_command_tree_is_consistent() {
        super::command_tree().debug_assert();
    }
}
