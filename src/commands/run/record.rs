//! `dgov run record`.

use camino::Utf8PathBuf;

use crate::chain::signers::Password;
use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::values::Purpose;
use crate::ops::check;
use crate::ops::run::anchor;
use crate::ops::run::record::{self, Options};
use crate::session::{Session, environment};
use crate::ui::Outcome;

/// Write a signed receipt of a training run: datasets, code, configuration, model, and what the gate said
///
/// The gate is asked as `dgov check` asks it. The receipt is a folder of standard documents: SLSA provenance and a
/// verification result as in-toto statements, an OpenSSF model signature, a verifiable credential. It says what its signer
/// claims; it does not prove that the training happened.
///
/// With --anchor and --dry-run the receipt is written and nothing is sent.
///
/// Example: dgov run record --model out/model --config train.yaml --key ~/keys/training
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The model that the run made: a folder or a file
    #[arg(long, value_name = "PATH")]
    model: Utf8PathBuf,
    /// Private key, as `dgov run key` makes it
    #[arg(long, value_name = "FILE")]
    key: Utf8PathBuf,
    /// File whose first line is the password of an encrypted key; else it is asked for, or in the file that
    /// DGOV_PASSWORD_FILE names
    #[arg(long, value_name = "FILE")]
    password_file: Option<Utf8PathBuf>,
    /// File with the run's configuration; can be repeated
    #[arg(long, value_name = "FILE")]
    config: Vec<Utf8PathBuf>,
    /// Commit of the code; that of the project's folder when left out
    #[arg(long, value_name = "COMMIT")]
    code_commit: Option<String>,
    /// Dataset of the manifest that was used; all of [training] when left out; can be repeated
    #[arg(long, value_name = "NAME")]
    dataset: Vec<String>,
    /// What the model is for; the manifest's [training] when left out
    #[arg(long)]
    purpose: Option<Purpose>,
    /// Ask no node: dgov.lock and cached proofs alone
    #[arg(long)]
    offline: bool,
    /// Put the receipt's digest on chain, as `dgov run anchor` does; the flags for transactions are about that
    #[arg(long, conflicts_with = "offline")]
    anchor: bool,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options = Options {
        model: &args.model,
        config: &args.config,
        code_commit: args.code_commit.as_deref(),
        key: &args.key,
        passwords: &Password::of(args.password_file.as_deref(), &environment),
        gate: check::Options {
            datasets: args.dataset.clone(),
            purpose: args.purpose,
            offline: args.offline,
            ..check::Options::default()
        },
    };
    let tx = &args.tx;
    if !args.anchor && (tx.dry_run || tx.max_spend.is_some() || tx.unsigned.is_some()) {
        return Err(Error::usage("usage.anchor", "without --anchor nothing is sent")
            .hint("leave out --dry-run, --max-spend and --unsigned, or add --anchor"));
    }
    let mut report = record::record(context, &options).await?;
    if args.anchor {
        let session = Session::open_exclusive(context).await?;
        report.anchor = Some(anchor::anchor(&session, &report.folder, tx).await?);
    }
    Outcome::of(&report)
}
