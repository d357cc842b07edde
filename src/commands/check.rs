//! `dgov check`.

use alloy::primitives::B256;
use camino::Utf8PathBuf;
use clap::{Subcommand, ValueEnum};
use dgov_data::licensing::Purpose;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, CheckReport, Decision, Rule};
use crate::lockfile::write_atomically;
use crate::manifest::values::{Duration, ValueError, parse_purpose};
use crate::ops::check::{self, Options, Rehash, WaiveOptions};
use crate::ops::times;
use crate::ui::{Outcome, Report};

/// May these datasets be used for this purpose, today? The gate for CI
///
/// Looks at the datasets of [training] in dgov.toml, at all of [datasets] without that, or at a folder that no project
/// governs. Needs no chain, and gets stronger with one. Exit codes: 0 yes, 1 no, 9 cannot decide (a needed source was
/// unreachable), 3 the manifest or the input is malformed. docs/rules.md lists the rules. It is no legal advice.
///
/// Example: dgov check
///
/// Example: dgov check --purpose train-generative --commercial
///
/// Example: dgov check hub/gsm8k --purpose evaluate --no-commercial
///
/// Example: dgov check --offline --format sarif --out dgov.sarif
///
/// Example: dgov check --proofs gate.proofs.json
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Folder or file that no project governs, with its card and license, instead of the manifest's datasets
    #[arg(value_name = "PATH", conflicts_with = "dataset")]
    path: Option<Utf8PathBuf>,
    /// Check only this dataset of the manifest; may be given several times
    #[arg(long, value_name = "NAME")]
    dataset: Vec<String>,
    /// What for: train-generative, train-other, inference, mine, search, evaluate, redistribute, sublicense
    #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
    purpose: Option<Purpose>,
    /// The use is commercial, which is the default
    #[arg(long, conflicts_with = "no_commercial")]
    commercial: bool,
    /// The use is not commercial
    #[arg(long)]
    no_commercial: bool,
    /// Form of the report; json is the same as --json
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Write the report into this file, and the answer for people to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
    /// Ask no node and no store: dgov.lock, and the proofs that the last check got from the chain
    #[arg(long, conflicts_with = "at_block")]
    offline: bool,
    /// With --offline: how old the block that is proved against may be, e.g. 7d
    #[arg(long, value_name = "SPAN", value_parser = span, requires = "offline")]
    max_staleness: Option<Duration>,
    /// With --offline: the block that the proofs have to be of; without it they are as good as the file they are in
    #[arg(long, value_name = "HASH", requires = "offline")]
    block_hash: Option<B256>,
    /// Where the proofs are kept, instead of this machine's cache: written by a check that asks the chain, read by --offline
    #[arg(long, value_name = "FILE")]
    proofs: Option<Utf8PathBuf>,
    /// The chain as it was at this block
    #[arg(long, value_name = "N")]
    at_block: Option<u64>,
    /// Hash only this many files of each dataset again, chosen at random
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// Hash nothing again
    #[arg(long, conflicts_with = "sample")]
    no_rehash: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Waive(WaiveArgs),
}

/// Answer for a finding: sign a waiver and append it to dgov.toml
///
/// The finding stays in every report, marked as waived, with who answers for it, why and until when.
///
/// Example: dgov check waive pii raccoon --reason "serial numbers, looked at on 2026-11-20" --expires 2027-06-30
#[derive(Debug, clap::Args)]
struct WaiveArgs {
    /// The rule, by id or name
    #[arg(value_name = "RULE", value_parser = rule)]
    rule: Rule,
    /// The dataset, as the report names it
    dataset: String,
    /// Why the finding is acceptable
    #[arg(long)]
    reason: String,
    /// When the waiver ends: a date, or a time
    #[arg(long, value_name = "TIME")]
    expires: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Sarif,
    Junit,
    Markdown,
}

fn explained(error: ValueError) -> String {
    error.hint.map_or_else(|| error.message.clone(), |hint| format!("{}; {hint}", error.message))
}

fn purpose(text: &str) -> std::result::Result<Purpose, String> {
    parse_purpose(text).map_err(explained)
}

fn span(text: &str) -> std::result::Result<Duration, String> {
    text.parse().map_err(explained)
}

fn rule(text: &str) -> std::result::Result<Rule, String> {
    text.parse().map_err(explained)
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    if let Some(Verb::Waive(waiver)) = &args.verb {
        let expires = times::parse(&waiver.expires)?;
        let (dataset, reason) = (waiver.dataset.as_str(), waiver.reason.as_str());
        return Outcome::of(&check::waive(context, &WaiveOptions { rule: waiver.rule, dataset, reason, expires })?);
    }
    let report = check::check(
        context,
        &Options {
            path: args.path.clone(),
            datasets: args.dataset.clone(),
            purpose: args.purpose,
            commercial: if args.commercial { Some(true) } else { args.no_commercial.then_some(false) },
            offline: args.offline,
            max_staleness: args.max_staleness,
            block_hash: args.block_hash,
            proofs: args.proofs.clone(),
            at_block: args.at_block,
            rehash: match (args.no_rehash, args.sample) {
                (true, _) => Rehash::Nothing,
                (_, Some(count)) => Rehash::Sample(usize::try_from(count).unwrap_or(usize::MAX)),
                _ => Rehash::All,
            },
        },
    )
    .await?;
    outcome(args, context, &report)
}

/// The report in its form; the exit code is the decision.
fn outcome(args: &Args, context: &Context, report: &CheckReport) -> Result<Outcome> {
    let plain = Outcome::of(report)?;
    // For programs the answer is an error, too; people read it in the report's first line.
    let envelope = match refusal(report) {
        Some(error) if context.ui.json() || args.format == Format::Json => plain.with_failure(error),
        Some(error) => plain.with_exit(error.kind()),
        None => plain,
    };
    let text = match args.format {
        Format::Human => report.human(),
        Format::Json => envelope.envelope(),
        Format::Sarif => gate::sarif(report)?,
        Format::Junit => gate::junit(report),
        Format::Markdown => gate::markdown(report),
    };
    match &args.out {
        Some(file) => {
            let text = anstream::adapter::strip_str(&text).to_string();
            write_atomically(file, text.as_bytes())?;
            Ok(envelope)
        }
        None if args.format == Format::Human => Ok(envelope),
        None => {
            let outcome = Outcome::raw(text);
            Ok(match refusal(report) {
                Some(error) => outcome.with_exit(error.kind()),
                None => outcome,
            })
        }
    }
}

/// The gate's answer as an error.
fn refusal(report: &CheckReport) -> Option<Error> {
    match report.decision {
        Decision::Yes => None,
        Decision::No => Some(Error::new(ErrorKind::Gate, "gate.no", "the gate says no").hint("`dgov check` shows why")),
        Decision::Undecided => Some(
            Error::new(ErrorKind::Undecided, "gate.undecided", "the gate cannot decide")
                .hint("`dgov check` shows which source could not be reached"),
        ),
    }
}
