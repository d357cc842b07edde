//! `dgov check`: gathers what is known of the datasets, and lets the gate decide. Only reads.

mod chain;
mod declarations;
mod documents;
mod foreign;
mod lineage;
mod local;
mod memory;
mod offline;
mod sample;
mod select;
mod waive;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use camino::Utf8PathBuf;
use dgov_data::licensing::{Purpose, Use};
use rayon::prelude::*;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::facts::{Facts, Question};
use crate::gate::{ChainView, CheckReport, Place, Rule, Waivers, decide};
use crate::manifest::values::{AccountRef, Duration};
use crate::manifest::{Loaded, Training, Waiver};
use crate::session::environment;

pub use waive::{WaiveOptions, WaiveReport, waive};

/// Warned of before an end, unless the manifest says otherwise.
const EXPIRY_WARNING: Duration = Duration::from_days(30);
/// How old cached proofs may be, unless the manifest or a flag says otherwise.
const MAX_STALENESS: Duration = Duration::from_days(7);
/// A longer opt-out list is refused.
const MAX_OPT_OUTS: u64 = 256 << 20;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A folder or file that no project governs, instead of the manifest's datasets.
    pub path: Option<Utf8PathBuf>,
    /// Only these datasets of the manifest.
    pub datasets: Vec<String>,
    /// What for, over the manifest's.
    pub purpose: Option<Purpose>,
    /// Whether commercially, over the manifest's.
    pub commercial: Option<bool>,
    /// Ask no node.
    pub offline: bool,
    /// How old cached proofs may be.
    pub max_staleness: Option<Duration>,
    /// The block that cached proofs have to be of.
    pub block_hash: Option<alloy::primitives::B256>,
    /// Where proofs are kept, instead of this machine's cache.
    pub proofs: Option<Utf8PathBuf>,
    /// The chain as it was at this block.
    pub at_block: Option<u64>,
    /// Which bytes are hashed again.
    pub rehash: Rehash,
}

/// Which bytes are hashed again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rehash {
    /// All that the cache does not know.
    #[default]
    All,
    /// This many files of each dataset, chosen at random.
    Sample(usize),
    /// None.
    Nothing,
}

/// What the gathering steps share.
pub(super) struct Gathering<'a> {
    pub context: &'a Context,
    pub loaded: Option<&'a Loaded>,
    pub options: &'a Options,
    pub question: Question,
    pub max_staleness: u64,
    /// What was not looked at, one sentence each.
    pub left_out: std::sync::Mutex<BTreeSet<String>>,
    /// License texts that the manifest names: many datasets have the same.
    texts: std::sync::Mutex<BTreeMap<Utf8PathBuf, documents::Places>>,
}

impl Gathering<'_> {
    fn leave_out(&self, what: impl Into<String>) {
        self.left_out.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(what.into());
    }
}

/// Checks the datasets of the manifest, or a path.
///
/// # Errors
/// `check.purpose`, `check.nothing`, `check.dataset` (input), those of the manifest, the lock and local files. What the
/// gate finds, and a chain that can't be reached, are no errors: they are in the report.
pub async fn check(context: &Context, options: &Options) -> Result<CheckReport> {
    let loaded = manifest(context, options.path.is_some())?;
    let nothing = Training::default();
    let training = loaded.as_ref().map_or(&nothing, |loaded| &loaded.manifest.training);
    let purpose = options.purpose.or(training.purpose).ok_or_else(|| {
        Error::input("check.purpose", "nobody says what the data is to be used for")
            .hint("give --purpose train-generative, or write `purpose` into [training] of dgov.toml")
    })?;
    let mut gathering = Gathering {
        context,
        loaded: loaded.as_ref(),
        options,
        question: Question {
            usage: Use {
                purpose,
                commercial: options.commercial.or(training.commercial).unwrap_or(true),
                at: jiff::Timestamp::now().as_second(),
                place: training.place.clone(),
            },
            unset: training.unset,
            expiry_warning: training.expiry_warning.unwrap_or(EXPIRY_WARNING).as_secs(),
            severities: severities(training),
            chain: ChainView::None { why: "no network is configured".into() },
            opt_outs: opt_outs(loaded.as_ref(), training)?,
        },
        max_staleness: options.max_staleness.or(training.max_staleness).unwrap_or(MAX_STALENESS).as_secs(),
        left_out: std::sync::Mutex::default(),
        texts: std::sync::Mutex::default(),
    };
    let chosen = select::choose(&gathering)?;
    let chains = chain::read(&mut gathering, &chosen).await?;
    let facts: Vec<Facts> = chosen
        .par_iter()
        .zip(&chains)
        .map(|(subject, chain)| local::facts(&gathering, subject, chain))
        .collect::<Result<_>>()?;
    let waivers = match &loaded {
        Some(loaded) if options.path.is_none() => waivers(loaded),
        _ => Waivers::default(),
    };
    let left_out = std::mem::take(&mut gathering.left_out).into_inner().unwrap_or_default().into_iter().collect();
    let project = loaded.as_ref().map(|loaded| loaded.manifest.project.name.as_str());
    let whole = options.path.is_none() && options.datasets.is_empty();
    Ok(decide(project, &gathering.question, &facts, &waivers, left_out, whole))
}

/// The manifest. A path needs none, but one that is broken is an error all the same.
fn manifest(context: &Context, optional: bool) -> Result<Option<Loaded>> {
    match context.manifest() {
        Ok(loaded) => Ok(Some(loaded)),
        Err(error) if optional && error.code() == "manifest.not_found" && context.global.manifest.is_none() => Ok(None),
        Err(error) if error.code() == "manifest.not_found" => {
            Err(error.hint("or check a folder that no project governs: dgov check PATH --purpose train-generative"))
        }
        Err(error) => Err(error),
    }
}

fn severities(training: &Training) -> Vec<(Rule, crate::manifest::RuleSeverity)> {
    // The loader has refused every name that is not a rule's.
    training.rules.iter().filter_map(|(name, severity)| Some((name.parse().ok()?, *severity))).collect()
}

fn opt_outs(loaded: Option<&Loaded>, training: &Training) -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for path in &training.opt_outs {
        let Some(loaded) = loaded else { continue };
        let file = loaded.resolve(path);
        let missing = |error: &std::io::Error| {
            Error::input("check.opt_outs", format!("the opt-out list {file} can't be read")).caused_by(error).hint(
                "each line is a record key (0x and 64 hex digits) or a record's place, as `dgov data prove` takes it",
            )
        };
        let mut text = String::new();
        let opened = fs_err::File::open(&file).map_err(|error| missing(&error))?;
        opened.take(MAX_OPT_OUTS + 1).read_to_string(&mut text).map_err(|error| missing(&error))?;
        if text.len() as u64 > MAX_OPT_OUTS {
            return Err(Error::input("check.opt_outs", format!("the opt-out list {file} is larger than 256 MiB"))
                .hint("split it, and list the parts"));
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        all.extend(lines.map(|line| if line.starts_with("0x") { line.to_lowercase() } else { line.to_owned() }));
    }
    Ok(all)
}

fn waivers(loaded: &Loaded) -> Waivers {
    let training = &loaded.manifest.training;
    let places = select::Lines::of(loaded);
    let list = training.waivers.iter().enumerate().map(|(index, waiver)| {
        let place = places.place(&[format!("training.waivers[{index}].rule")]);
        (waiver.clone(), signer(waiver), place)
    });
    Waivers { list: list.collect(), signers: training.waiver_signers.clone() }
}

/// The account that a waiver names, where its address can be had.
fn signer(waiver: &Waiver) -> Option<alloy::primitives::Address> {
    match waiver.signer.as_ref()? {
        AccountRef::Address(address) => Some(*address),
        AccountRef::Name(name) => {
            let keystore = crate::chain::signers::Keystore::of_user(&environment).ok()?;
            crate::chain::signers::address_of(name, &keystore).ok()
        }
    }
}

/// A file of the project as the report shows it: relative to the manifest where it lies below it.
pub(super) fn shown(loaded: Option<&Loaded>, path: &camino::Utf8Path) -> String {
    let relative = loaded.and_then(|loaded| path.strip_prefix(&loaded.dir).ok());
    relative.unwrap_or(path).to_string()
}

/// The place of a finding in the manifest.
pub(super) fn manifest_place(loaded: &Loaded, line: usize) -> Place {
    Place { file: loaded.path.file_name().unwrap_or(crate::manifest::FILE_NAME).to_owned(), line }
}
