//! `dgov data pull`: a package from any source into a folder, every block checked on its way from the root that the chain
//! has.

mod folder;
mod range;
mod run;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use cid::Cid;
use dgov_contracts::suite::Status;
use dgov_data::unixfs::{BlockId, Codec};
use serde::Serialize;

use self::folder::Folder;
use self::run::{Counts, Run};
use super::list::status_name;
use super::verify::{require_chain, require_lock};
use crate::error::{Error, Result};
use crate::ops::lookup::{self, Target};
use crate::ops::names::{folder_cid, some_of};
use crate::ops::view::View;
use crate::session::Session;
use crate::storage::Source;
use crate::storage::dag::{self, node, walk::Step, walk::Walk};
use crate::storage::pool::{Pool, Served};
use crate::ui::{Report, Warning, table};

pub use self::range::ByteRange;

/// What to pull, and how.
pub struct Options<'a> {
    /// Dataset by slug, `slug@number` or id; the only one when left out.
    pub dataset: Option<&'a str>,
    /// Number of the version; the latest when left out.
    pub version: Option<u32>,
    /// Folder to pull into, or file for a range; for a folder, the dataset's name when left out.
    pub to: Option<&'a Utf8Path>,
    /// A file or folder of the package instead of all of it.
    pub path: Option<&'a str>,
    /// Gateways beside the sources of the manifest.
    pub gateways: &'a [String],
    /// Replace files that differ.
    pub force: bool,
    /// Write names that only some systems can hold.
    pub native_names: bool,
    /// Most bytes that the package may say it has.
    pub max_bytes: Option<u64>,
    /// Most files and folders.
    pub max_files: u64,
    /// Blocks on their way at once.
    pub jobs: usize,
    /// How long a block may take.
    pub timeout: Duration,
}

/// A package, or a part of one, that is in a folder now.
#[derive(Debug, Serialize)]
pub struct PullReport {
    /// Slug, else the id.
    pub dataset: String,
    /// Number of the version.
    pub version: u32,
    /// Its status on chain.
    pub status: &'static str,
    /// Root of the package.
    pub cid: String,
    /// What was asked for of the package, if not all of it.
    pub path: Option<String>,
    /// The folder, or the file of a range.
    pub to: Utf8PathBuf,
    /// Files that were made.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Files that were there and right.
    pub kept_files: u64,
    /// Bytes in them.
    pub kept_bytes: u64,
    /// Bytes that an earlier run had left of files that were made now.
    pub resumed_bytes: u64,
    /// Blocks that were fetched.
    pub blocks: u64,
    /// Bytes of those blocks.
    pub fetched_bytes: u64,
    /// Where they came from.
    pub sources: Vec<SourceReport>,
}

/// What a source did.
#[derive(Debug, Serialize)]
pub struct SourceReport {
    /// Folder or address.
    pub source: String,
    /// Blocks that came from it.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Why it was not asked any more.
    pub put_aside: Option<String>,
}

impl Report for PullReport {
    fn human(&self) -> String {
        let part = self.path.as_deref().map(|path| format!(" {path}")).unwrap_or_default();
        let mut text = format!("{} version {}{part}: in {}\n", self.dataset, self.version, self.to);
        let mut rows = vec![
            ("package", self.cid.clone()),
            ("made", format!("{} files, {} bytes", self.files, self.bytes)),
            ("kept", format!("{} files, {} bytes", self.kept_files, self.kept_bytes)),
            ("resumed", format!("{} bytes", self.resumed_bytes)),
            ("fetched", format!("{} blocks, {} bytes", self.blocks, self.fetched_bytes)),
        ];
        for source in self.sources.iter().filter(|source| source.blocks > 0) {
            rows.push(("from", format!("{}: {} blocks, {} bytes", source.source, source.blocks, source.bytes)));
        }
        text.push_str(&table::pairs(&rows));
        text
    }
}

/// Pulls a package, or a part of it, into a folder.
///
/// # Errors
/// `dataset.unknown`, `pull.no_path`, `pull.differs`, `pull.in_the_way`, `pull.link`, `io.disk_full`, `storage.missing`,
/// `storage.stalled`, `storage.unreachable`, `storage.block_differs`, `storage.dag_malformed`, `storage.too_large`,
/// `storage.name`.
pub async fn pull(session: &Session<'_>, options: &Options<'_>) -> Result<PullReport> {
    let start = Start::new(session, options).await?;
    let to = options.to.map_or_else(|| Utf8PathBuf::from(file_name(&start.name)), Utf8Path::to_owned);
    let folder = Arc::new(Folder::open(&to, &file_name(&start.name))?);
    folder.make_parents(&start.first.path())?;
    let run = Arc::new(Run {
        pool: Arc::clone(&start.pool),
        folder,
        force: options.force,
        bar: session.context.ui.bytes("pulling", 0),
        max_bytes: options.max_bytes,
        jobs: options.jobs.max(1),
        counts: Counts::default(),
    });
    let outcome = run.pull(Walk::new(start.first.clone(), options.max_files)).await;
    run.bar.finish_and_clear();
    warn_of_sources(session, &start.pool.served());
    let complete = match &outcome {
        Ok(()) => true,
        // Nothing is unfinished then, either.
        Err(error) => error.code() == "pull.differs",
    };
    let mut report = start.report(options, to);
    report.count(&run.counts);
    // No task holds it any more; if one did, the folder would only stay.
    if complete && let Some(folder) = Arc::into_inner(run).and_then(|run| Arc::into_inner(run.folder)) {
        folder.clear()?;
    }
    outcome.map(|()| report)
}

/// Gives some bytes of one file of a package to `take`, which says whether it wants more.
///
/// # Errors
/// `pull.no_file`, `pull.range`, and those of [`pull`] that are not about files here.
pub async fn range(
    session: &Session<'_>,
    options: &Options<'_>,
    range: ByteRange,
    take: &mut dyn FnMut(&[u8]) -> Result<bool>,
) -> Result<PullReport> {
    let start = Start::new(session, options).await?;
    let outcome = range::read(&start.pool, start.first.clone(), range, options.jobs.max(1), take).await;
    warn_of_sources(session, &start.pool.served());
    let bytes = outcome?;
    let mut report = start.report(options, options.to.map_or_else(|| "-".into(), Utf8Path::to_owned));
    (report.files, report.bytes) = (1, bytes);
    Ok(report)
}

/// A version, its sources, and the step to begin with.
struct Start {
    name: String,
    number: u32,
    status: Status,
    cid: Cid,
    pool: Arc<Pool>,
    first: Step,
}

impl Start {
    async fn new(session: &Session<'_>, options: &Options<'_>) -> Result<Self> {
        let view = session.view().await?;
        let target = target(session, &view, options)?;
        require_lock(session, &target.name, target.version)?;
        require_chain(session, target.version).await?;
        warn_of_status(session, &target);
        let cid = folder_cid(target.version.version.packageDigest)?;
        let pool = Arc::new(Pool::new(sources(session, options.gateways)?, options.timeout));
        let root = root(&pool, &cid, !options.native_names).await?;
        let first = match options.path {
            None => root,
            Some(path) => dag::find(&pool, root, path).await?.ok_or_else(|| {
                Error::input("pull.no_path", format!("version {} of {} has no {path:?}", target.number(), target.name))
                    .hint("paths are relative to the package, with `/`")
            })?,
        };
        let (number, status) = (target.number(), target.version.status);
        Ok(Self { name: target.name, number, status, cid, pool, first })
    }

    fn report(&self, options: &Options<'_>, to: Utf8PathBuf) -> PullReport {
        let served = self.pool.served();
        PullReport {
            dataset: self.name.clone(),
            version: self.number,
            status: status_name(self.status),
            cid: self.cid.to_string(),
            path: options.path.map(str::to_owned),
            to,
            files: 0,
            bytes: 0,
            kept_files: 0,
            kept_bytes: 0,
            resumed_bytes: 0,
            blocks: served.iter().map(|source| source.blocks).sum(),
            fetched_bytes: served.iter().map(|source| source.bytes).sum(),
            sources: served.into_iter().map(SourceReport::from).collect(),
        }
    }
}

impl PullReport {
    fn count(&mut self, counts: &Counts) {
        self.files = counts.files.load(Relaxed);
        self.bytes = counts.bytes.load(Relaxed);
        self.kept_files = counts.kept_files.load(Relaxed);
        self.kept_bytes = counts.kept_bytes.load(Relaxed);
        self.resumed_bytes = counts.resumed_bytes.load(Relaxed);
    }
}

impl From<Served> for SourceReport {
    fn from(served: Served) -> Self {
        let put_aside = served.aside.map(|error| error.to_string());
        Self { source: served.place, blocks: served.blocks, bytes: served.bytes, put_aside }
    }
}

/// The version that is meant.
fn target<'v>(session: &Session<'_>, view: &'v View, options: &Options<'_>) -> Result<Target<'v>> {
    let name = match options.dataset {
        Some(name) => name.to_owned(),
        None => only(session, view)?,
    };
    match options.version {
        Some(number) => lookup::target(session, view, &format!("{name}@{number}")),
        None => lookup::target(session, view, &name),
    }
}

/// The only dataset of the manifest, or of the project on chain where the manifest describes none.
fn only(session: &Session<'_>, view: &View) -> Result<String> {
    let mut names: Vec<String> = session.loaded.manifest.datasets.names().map(str::to_owned).collect();
    if names.is_empty() {
        names = view.versions.iter().map(|record| lookup::name_of(session, view, record.version.datasetId)).collect();
        names.sort_unstable();
        names.dedup();
    }
    match <[String; 1]>::try_from(names) {
        Ok([name]) => Ok(name),
        Err(names) if names.is_empty() => Err(Error::input("dataset.none", "the project has no datasets yet")
            .hint("`dgov data list` shows the datasets of this network")),
        Err(names) => Err(Error::usage("dataset.which", "the project has several datasets")
            .hint(format!("name one: {}", some_of(&names)))),
    }
}

fn sources(session: &Session<'_>, gateways: &[String]) -> Result<Vec<Source>> {
    let mut sources = session.sources()?;
    for gateway in gateways {
        if !gateway.starts_with("http://") && !gateway.starts_with("https://") {
            return Err(Error::usage("usage.gateway", format!("{gateway} is not the address of a gateway"))
                .hint("write e.g. https://trustless-gateway.link"));
        }
        sources.push(Source::parse(gateway, &session.loaded.dir)?);
    }
    Ok(sources)
}

/// The chain has a digest, not a codec: it is the root of a folder or a large file, else all of a small file.
async fn root(pool: &Pool, cid: &Cid, portable: bool) -> Result<Step> {
    let block = pool.fetch(cid).await?;
    let mut id = BlockId::of_cid(cid).ok_or_else(|| Error::bug("the package's CID is not one of dgov's"))?;
    if !node::is_node(&block) {
        id.codec = Codec::Raw;
    }
    Ok(Step::root(id, portable))
}

/// A dataset's name as that of a file: a slug, or the beginning of an id.
fn file_name(name: &str) -> String {
    name.chars().take(64).collect()
}

fn warn_of_status(session: &Session<'_>, target: &Target<'_>) {
    if target.version.status == Status::Active {
        return;
    }
    let status = status_name(target.version.status);
    let message = format!("version {} of {} is {status}", target.number(), target.name);
    let warning = Warning::new("dataset.status", message);
    session.context.ui.warn(warning.hint(format!("`dgov data show {}` tells why and what replaces it", target.name)));
}

fn warn_of_sources(session: &Session<'_>, served: &[Served]) {
    for source in served {
        if let Some(error) = &source.aside {
            let message = format!("{} was put aside: {error}", source.place);
            let warning = Warning::new("storage.put_aside", message);
            session.context.ui.warn(warning.hint("remove it from `sources` of dgov.toml if it stays like that"));
        }
    }
}
