//! From a folder of the manifest to CIDs and record keys, with every failure named for the user.

use alloy::primitives::{Address, B256};
use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::contributors::{self, Contributors, ContributorsError};
use dgov_data::records::{self, RecordError, RecordFormat, RecordSet};
use dgov_data::tree::SumTree;
use dgov_data::unixfs::{self, Memory, Options, Package, Plan, Profile, UnixfsError};

use super::hash_cache::HashCache;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::{self, Loaded};
use crate::ops::names::some_of;
use crate::session::Session;
use crate::storage::s3::tree;
use crate::ui::Ui;

/// A dataset as it lies on disk now.
pub struct Local {
    /// CIDs of everything.
    pub package: Package,
    /// Number of files.
    pub files: u64,
    /// Bytes in all files.
    pub bytes: u64,
    /// Bytes that had to be read.
    pub read: u64,
    /// What a record is.
    pub format: RecordFormat,
    /// Keys and places.
    pub records: RecordSet,
    /// Tree over the keys.
    pub tree: SumTree,
}

/// Code of the error for a file that changes while it is read.
const CHANGED: &str = "dataset.changed";

/// A joined folder has the data of others at most by accident; what the chain says of it is to be had without.
const JOINED_HINT: &str = "this folder joined a project of others and has no files of its datasets: `dgov data show NAME` \
     tells what the chain holds, `dgov data cid PATH` hashes a copy to compare with its package";

/// The dataset of that name in the manifest; the only one without a name.
pub fn find<'s>(session: &'s Session<'_>, name: Option<&str>) -> Result<(&'s str, &'s manifest::Dataset)> {
    find_in(&session.loaded, name)
}

/// As [`find`], where no network is needed.
pub fn find_in<'l>(loaded: &'l Loaded, name: Option<&str>) -> Result<(&'l str, &'l manifest::Dataset)> {
    let datasets = &loaded.manifest.datasets;
    let names: Vec<_> = datasets.names().collect();
    let joined = loaded.manifest.project.registry.is_some();
    let listed = || some_of(&names);
    match name {
        Some(name) => datasets.iter().find(|(known, _)| *known == name).ok_or_else(|| {
            let error = Error::input("dataset.unknown", format!("the manifest has no dataset `{name}`"));
            match manifest::values::did_you_mean(name, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None if joined => error.hint(JOINED_HINT),
                None if names.is_empty() => error.hint("add a [datasets.NAME] table to dgov.toml"),
                None => error.hint(format!("it has: {}", listed())),
            }
        }),
        None if datasets.len() == 1 => datasets.first().ok_or_else(|| Error::bug("one dataset, but no first one")),
        None if datasets.is_empty() => Err(Error::input("dataset.none", "the manifest has no datasets")
            .hint(if joined { JOINED_HINT } else { "add a [datasets.NAME] table to dgov.toml" })),
        None => {
            Err(Error::usage("dataset.which", "the manifest has several datasets")
                .hint(format!("name one: {}", listed())))
        }
    }
}

/// Attempts at a folder that changes while it is read or sent.
const ATTEMPTS: usize = 3;

/// Does the work again when a file has changed meanwhile, and says which; a folder that keeps changing is the last
/// attempt's error.
///
/// # Errors
/// Those of the work.
pub async fn retry_changed<T>(ui: &Ui, work: impl AsyncFn() -> Result<T>) -> Result<T> {
    for _ in 1..ATTEMPTS {
        match work().await {
            Err(error) if error.code() == CHANGED => ui.notice(format!("{}; starting again", error.message())),
            outcome => return outcome,
        }
    }
    work().await
}

/// Hashes a dataset of the manifest, reading every byte.
pub fn hash(session: &Session<'_>, dataset: &manifest::Dataset) -> Result<Local> {
    read(session, dataset, false)
}

/// As [`hash`], but what an earlier push has read and nobody has changed since is not read again.
pub fn hash_changed(session: &Session<'_>, dataset: &manifest::Dataset) -> Result<Local> {
    read(session, dataset, true)
}

fn read(session: &Session<'_>, dataset: &manifest::Dataset, cached: bool) -> Result<Local> {
    read_in(&session.loaded, &session.context.ui, dataset, cached)
}

/// As [`hash_changed`], or [`hash`] without `cached`, where no network is needed.
///
/// # Errors
/// As [`hash`].
pub fn read_in(loaded: &Loaded, ui: &Ui, dataset: &manifest::Dataset, cached: bool) -> Result<Local> {
    let options = options(dataset);
    let path = loaded.resolve(&dataset.path);
    let cache = cached.then(|| loaded.state_dir().join("cache/hashes.db"));
    let plan = || match dataset.path.as_str().strip_prefix(tree::SCHEME) {
        Some(location) => {
            filled(tree::plan(location, &loaded.manifest.storage.s3, &crate::session::environment, &options)?)
        }
        None => plan(&path, &options),
    };
    read_plan(ui, plan()?, &path, dataset, &options, cache.as_deref())
}

/// Hashes a folder or file that no manifest names, as `dataset` says; `cache` is the file that remembers what was read.
///
/// # Errors
/// As [`hash`].
pub fn read_path(ui: &Ui, path: &Utf8Path, dataset: &manifest::Dataset, cache: Option<&Utf8Path>) -> Result<Local> {
    let options = options(dataset);
    read_plan(ui, plan(path, &options)?, path, dataset, &options, cache)
}

fn read_plan(
    ui: &Ui,
    plan: Plan,
    path: &Utf8Path,
    dataset: &manifest::Dataset,
    options: &Options,
    cache: Option<&Utf8Path>,
) -> Result<Local> {
    let format = format(dataset, &plan);
    // What changes from now on is not remembered.
    let cache = cache.and_then(|file| HashCache::open(file, format!("{} {} {path}", options.profile, format.name())));
    let (files, bytes) = (plan.file_count() as u64, plan.content_size());
    let bar = ui.bytes("hashing", bytes);
    let memory: &dyn Memory = cache.as_ref().map_or(&(), |cache| cache);
    let (package, records) = records::read(plan, &format, memory, &|bytes| bar.inc(bytes)).map_err(record_error)?;
    let read = bar.position();
    bar.finish_and_clear();
    let tree = records.tree().map_err(record_error)?;
    Ok(Local { package, files, bytes, read, format, records, tree })
}

/// Walks a folder or file.
pub(super) fn plan(path: &Utf8Path, options: &Options) -> Result<Plan> {
    filled(unixfs::plan(path, options).map_err(unixfs_error)?)
}

/// An empty folder is refused: a dataset without data is a mistake.
pub(super) fn filled(plan: Plan) -> Result<Plan> {
    if plan.file_count() == 0 {
        return Err(Error::input("dataset.empty", format!("{} has no files", plan.root()))
            .hint("put the data there; hidden files count only with `hidden = true`"));
    }
    Ok(plan)
}

/// Hashes a folder or file.
pub fn package(ui: &Ui, path: &Utf8Path, options: &Options) -> Result<Package> {
    hash_plan(ui, plan(path, options)?)
}

/// Hashes what was walked.
pub(super) fn hash_plan(ui: &Ui, plan: Plan) -> Result<Package> {
    let bar = ui.bytes("hashing", plan.content_size());
    let package = plan.hash(&|bytes| bar.inc(bytes)).map_err(unixfs_error)?;
    bar.finish_and_clear();
    Ok(package)
}

/// The contributor list of a dataset; empty without a file.
pub fn contributors(session: &Session<'_>, dataset: &manifest::Dataset) -> Result<Contributors> {
    let Some((path, bytes)) = contributors_file(&session.loaded, dataset)? else { return Ok(Contributors::default()) };
    let contributors = Contributors::parse(&bytes).map_err(|error| contributors_malformed(&path, &error))?;
    if contributors.is_empty() {
        return Err(Error::input("contributors.empty", format!("{path} has a header, but no rows"))
            .hint(format!("{ROW_HINT}; a dataset that pays nobody has no `contributors` in dgov.toml")));
    }
    Ok(contributors)
}

/// The consents that the list of a dataset names, with their accounts; none without a list.
///
/// # Errors
/// `contributors.missing`, `contributors.malformed`.
pub fn consents(loaded: &manifest::Loaded, dataset: &manifest::Dataset) -> Result<Vec<(Address, B256)>> {
    let Some((path, bytes)) = contributors_file(loaded, dataset)? else { return Ok(Vec::new()) };
    contributors::consents(&bytes).map_err(|error| contributors_malformed(&path, &error))
}

const ROW_HINT: &str = "each row is an address and a whole number of shares, e.g. 0x7099…79C8,40";

fn contributors_malformed(path: &Utf8Path, error: &ContributorsError) -> Error {
    Error::input("contributors.malformed", format!("{path}: {error}")).hint(ROW_HINT)
}

fn contributors_file(loaded: &manifest::Loaded, dataset: &manifest::Dataset) -> Result<Option<(Utf8PathBuf, Vec<u8>)>> {
    let Some(path) = &dataset.contributors else { return Ok(None) };
    let path = loaded.resolve(path);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some((path, bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::input("contributors.missing", format!("there is no contributors file at {path}"))
                .hint("it is a CSV file with the columns account,shares"))
        }
        Err(error) => Err(Error::from(error)),
    }
}

/// What belongs to the package of a dataset.
pub fn options(dataset: &manifest::Dataset) -> Options {
    Options { profile: profile(dataset.profile), hidden: dataset.hidden, follow_links: false }
}

/// The profile in the data crate's terms.
pub fn profile(profile: manifest::Profile) -> Profile {
    match profile {
        manifest::Profile::UnixfsV1_2025 => Profile::V1_2025,
        manifest::Profile::UnixfsV0_2015 => Profile::V0_2015,
    }
}

pub(super) fn format(dataset: &manifest::Dataset, plan: &Plan) -> RecordFormat {
    let annotated = || {
        let found = match (&dataset.annotations, records::detect(plan)) {
            (Some(pattern), _) => Some(pattern.clone()),
            (None, RecordFormat::ImageAnnotations { annotations, .. }) => Some(annotations),
            (None, _) => None,
        };
        let annotations = found.unwrap_or_else(|| "annotations/*.xml".to_owned());
        RecordFormat::ImageAnnotations { images: None, annotations }
    };
    match dataset.format {
        manifest::RecordFormat::File => RecordFormat::File,
        manifest::RecordFormat::Jsonl => RecordFormat::Jsonl,
        manifest::RecordFormat::Csv => RecordFormat::Csv,
        manifest::RecordFormat::Tfrecord => RecordFormat::Tfrecord,
        manifest::RecordFormat::Parquet => RecordFormat::Parquet,
        manifest::RecordFormat::Arrow => RecordFormat::Arrow,
        manifest::RecordFormat::Webdataset => RecordFormat::Webdataset,
        manifest::RecordFormat::ImageAnnotations => annotated(),
        manifest::RecordFormat::Auto if dataset.annotations.is_some() => annotated(),
        manifest::RecordFormat::Auto => records::detect(plan),
    }
}

/// Names a failure of packaging.
pub fn unixfs_error(error: UnixfsError) -> Error {
    // A store that is read from said why, and what to do.
    if let UnixfsError::Io { source, .. } = &error
        && let Some(known) = source.get_ref().and_then(|inner| inner.downcast_ref::<Error>())
    {
        return known.clone();
    }
    let base = |kind, code| Error::new(kind, code, error.to_string());
    match &error {
        UnixfsError::Io { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
            Error::input("dataset.path_missing", format!("there is nothing at {path}"))
                .hint("check `path` of the dataset in dgov.toml; it is relative to the manifest")
        }
        UnixfsError::Io { path, source } => {
            Error::local_io("io", format!("cannot read {path}")).caused_by(source).hint("check the file's permissions")
        }
        UnixfsError::SymlinkBroken { .. } => base(ErrorKind::Input, "dataset.symlink_broken")
            .hint("remove the link, or put the file itself in its place"),
        UnixfsError::Symlink { .. } | UnixfsError::SymlinkOutside { .. } | UnixfsError::SymlinkLoop { .. } => {
            base(ErrorKind::Input, "dataset.symlink").hint("a package holds files only: copy what the link points to")
        }
        UnixfsError::Changed { .. } => base(ErrorKind::Integrity, CHANGED)
            .hint("something writes to the folder; wait until it has finished, then run the command again"),
        UnixfsError::Write(source) => Error::from(std::io::Error::new(source.kind(), source.to_string())),
        UnixfsError::UnknownProfile { .. } => {
            base(ErrorKind::Usage, "usage.profile").hint("use unixfs-v1-2025 unless an old CID has to be matched")
        }
        _ => base(ErrorKind::Input, "dataset.unsupported").hint("rename or remove it, then run the command again"),
    }
}

pub(super) fn record_error(error: RecordError) -> Error {
    match error {
        RecordError::Read(error) => unixfs_error(error),
        RecordError::Compressed { .. } => Error::input("dataset.compressed", error.to_string())
            .hint("store it uncompressed (stores and transports compress by themselves), or say `format = \"file\"`"),
        RecordError::Damaged { .. } => Error::input("dataset.damaged", error.to_string())
            .hint("make the file again from its source; `format = \"file\"` takes files as they are"),
        other => Error::input("dataset.records", other.to_string())
            .hint("`format` in the dataset's table says what a record is; docs/records.md tells each of them"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Attempts made, and whether there was a result, when each of the first `failing` ones ends so.
    async fn attempts(failing: usize, code: &'static str) -> (usize, bool) {
        let (made, ui) = (Cell::new(0), Ui::new(true, true));
        let outcome = retry_changed(&ui, async || {
            made.set(made.get() + 1);
            if made.get() <= failing { Err(Error::integrity(code, "a.bin changed")) } else { Ok(()) }
        });
        let done = outcome.await.is_ok();
        (made.get(), done)
    }

    #[tokio::test]
    async fn a_file_that_changes_is_tried_three_times_and_nothing_else_is() {
        assert_eq!(attempts(0, CHANGED).await, (1, true));
        assert_eq!(attempts(1, CHANGED).await, (2, true));
        assert_eq!(attempts(2, CHANGED).await, (3, true));
        assert_eq!(attempts(3, CHANGED).await, (3, false));
        assert_eq!(attempts(1, "dataset.symlink").await, (1, false));
    }
}
