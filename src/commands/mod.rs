//! One file a verb: its flags, and the call to `ops` that does it.

pub mod audit;
pub mod chain;
pub mod check;
pub mod completions;
pub mod config;
pub mod contracts;
pub mod data;
pub mod deploy;
pub mod dispute;
pub mod doctor;
pub mod gov;
pub mod init;
pub mod join;
pub mod keys;
pub mod license;
pub mod man;
pub mod metadata;
pub mod oracle;
pub mod plan;
pub mod plugins;
pub mod quickstart;
pub mod report;
pub mod reward;
pub mod royalties;
pub mod run;
pub mod status;
pub mod sync;
pub mod validator;

use camino::Utf8PathBuf;

/// Flags of every verb that sends transactions.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TxArgs {
    /// Show what would be sent and what it would cost, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Spend no more than this over all transactions, fees included, e.g. "0.05 ETH"
    #[arg(long, value_name = "AMOUNT")]
    pub max_spend: Option<String>,
    /// Write the transactions for a wallet or a Safe into this file instead of sending them
    #[arg(long, value_name = "FILE")]
    pub unsigned: Option<Utf8PathBuf>,
}
