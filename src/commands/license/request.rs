//! `dgov license request`.

use camino::Utf8PathBuf;

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::license::request::{self, Wanted};
use crate::session::Session;
use crate::ui::Outcome;

/// Ask the DAO for license terms of your own
///
/// Starts from --terms, else from what the dataset is offered under now; the other flags say what shall be different.
/// Nothing is paid: a token holder proposes it (`dgov gov propose --request N`), and you buy once it is offered.
///
/// Example: dgov license request raccoon --price "0.005 ETH" --duration 30d --note "a trial for our lab" --from lab
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset
    dataset: String,
    /// Start from this license of the manifest, or from terms on chain by their id
    #[arg(long, value_name = "LICENSE")]
    terms: Option<String>,
    /// SPDX expression of the license text; the version's own text when left out
    #[arg(long, value_name = "SPDX", conflicts_with = "text")]
    license: Option<String>,
    /// File with the license text
    #[arg(long, value_name = "FILE")]
    text: Option<Utf8PathBuf>,
    /// Purposes to be allowed, instead of those of the start
    #[arg(long, value_name = "PURPOSE", value_delimiter = ',')]
    allow: Vec<String>,
    /// Purposes to be denied, instead of those of the start
    #[arg(long, value_name = "PURPOSE", value_delimiter = ',')]
    deny: Vec<String>,
    /// Price of one term, e.g. "0.005 ETH"
    #[arg(long, value_name = "AMOUNT")]
    price: Option<String>,
    /// How long one purchase lasts, e.g. 30d or forever
    #[arg(long, value_name = "DURATION")]
    duration: Option<String>,
    /// Whether the dataset's owner may end passes early
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    revocable: Option<bool>,
    /// Share of your own revenue that the license asks for, e.g. 5%
    #[arg(long, value_name = "SHARE")]
    royalty: Option<String>,
    /// Why: a file, or the words themselves; stored, and its sha256 goes on chain
    #[arg(long, value_name = "FILE|TEXT")]
    note: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let wanted = Wanted {
        base: args.terms.clone(),
        license: args.license.clone(),
        text: args.text.clone(),
        allow: args.allow.clone(),
        deny: args.deny.clone(),
        price: args.price.clone(),
        duration: args.duration.clone(),
        revocable: args.revocable,
        royalty: args.royalty.clone(),
    };
    Outcome::of(&request::request(&session, &args.dataset, &wanted, args.note.as_deref(), &args.tx).await?)
}
