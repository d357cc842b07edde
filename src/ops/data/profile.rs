//! `dgov data profile`: what is in a dataset, from its files alone.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};

use alloy::primitives::B256;
use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::profile::{Merger, Profile, ProfileError, Profiler, Scope, Shard, SplitRule};
use serde::Serialize;

use super::package::record_error;
use super::source::Source;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ui::Report;

pub(crate) mod human;

/// File name of a profile.
pub const FILE_NAME: &str = "profile.json";

/// What to profile, and how.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// A dataset of the manifest or a path; the manifest's only dataset without.
    pub target: Option<&'a str>,
    /// Splits by patterns instead of names.
    pub splits: &'a [String],
    /// Where the profile goes, or the part.
    pub out: Option<&'a Utf8Path>,
}

/// A profile, and where it was written.
#[derive(Serialize)]
pub struct ProfileReport {
    /// The profile; [`FILE_NAME`] has the same.
    #[serde(flatten)]
    pub profile: Profile,
    /// Where it was written.
    pub written: Utf8PathBuf,
}

/// A part, for `--merge`.
#[derive(Serialize)]
pub struct PartReport {
    /// From 1.
    pub shard: u32,
    /// How many there are.
    pub of: u32,
    /// Where it was written.
    pub written: Utf8PathBuf,
}

impl Report for ProfileReport {
    fn human(&self) -> String {
        human::profile(&self.profile, &self.written)
    }
}

impl Report for PartReport {
    fn human(&self) -> String {
        format!(
            "part {} of {} is in {}; `dgov data profile --merge` joins all {0}\n",
            self.shard, self.of, self.written
        )
        .replace("joins all 1\n", "makes it whole\n")
    }
}

/// Profiles a dataset and writes `profile.json`.
///
/// # Errors
/// Those of manifests, of reading, and of records.
pub fn profile(context: &Context, options: &Options<'_>) -> Result<ProfileReport> {
    let (source, scope) = open(context, options)?;
    let scratch = || tempfile::tempfile();
    let mut profiler = Profiler::new(&scratch);
    read(context, &source, &scope, None, &mut profiler)?;
    let profile = profiler.finish(&scope).map_err(|error| failed(error, None))?;
    let written = match options.out {
        Some(out) => out.to_owned(),
        None => match &source.named {
            Some(named) => stored(&named.loaded, &named.slug)?,
            None => FILE_NAME.into(),
        },
    };
    save(&profile, &written)?;
    Ok(ProfileReport { profile, written })
}

/// Profiles one part, into a file for [`merge`].
///
/// # Errors
/// As [`profile`].
pub fn part(context: &Context, options: &Options<'_>, shard: Shard) -> Result<PartReport> {
    let (source, scope) = open(context, options)?;
    let scratch = || tempfile::tempfile();
    let mut profiler = Profiler::new(&scratch);
    read(context, &source, &scope, Some(shard), &mut profiler)?;
    let written = match options.out {
        Some(out) => out.to_owned(),
        None => format!("profile-{}-of-{}.part", shard.number, shard.of).into(),
    };
    let dir = written.parent().filter(|dir| !dir.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    let mut out = BufWriter::with_capacity(1 << 20, file.as_file_mut());
    profiler.write_part(&scope, shard, &mut out).map_err(|error| failed(error, None))?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    file.persist(&written).map_err(|error| Error::from(error.error))?;
    Ok(PartReport { shard: shard.number, of: shard.of, written })
}

/// Joins all parts to the profile that the whole would have given, byte for byte.
///
/// # Errors
/// `profile.part` for a file that is no part, broken, or one that does not belong to the others.
pub fn merge(parts: &[Utf8PathBuf], out: Option<&Utf8Path>) -> Result<ProfileReport> {
    let scratch = || tempfile::tempfile();
    let mut merger = Merger::new(&scratch);
    for part in parts {
        let file = match File::open(part) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::input("profile.part", format!("there is no file {part}"))
                    .hint("give the files that `dgov data profile --shard` wrote"));
            }
            Err(error) => return Err(Error::from(error)),
        };
        merger.take(&mut BufReader::with_capacity(1 << 20, file)).map_err(|error| failed(error, Some(part)))?;
    }
    let profile = merger.finish().map_err(|error| failed(error, None))?;
    let written = out.unwrap_or(Utf8Path::new(FILE_NAME)).to_owned();
    save(&profile, &written)?;
    Ok(ProfileReport { profile, written })
}

/// Where the profile of a dataset of the manifest is kept. A push takes it from there, if it is of the same records.
pub(super) fn kept(loaded: &crate::manifest::Loaded, slug: &str) -> Utf8PathBuf {
    loaded.state_dir().join("profiles").join(format!("{slug}.json"))
}

fn stored(loaded: &crate::manifest::Loaded, slug: &str) -> Result<Utf8PathBuf> {
    let path = kept(loaded, slug);
    if let Some(dir) = path.parent() {
        fs_err::create_dir_all(dir)?;
    }
    Ok(path)
}

/// The stored profile of a dataset for its documents, as bytes: absent when there is none.
///
/// # Errors
/// `profile.malformed` for a file that is none. `profile.stale` for one of other records: it would tell buyers about data
/// that they don't get.
pub(super) fn document(loaded: &crate::manifest::Loaded, slug: &str, root: B256) -> Result<Option<Vec<u8>>> {
    let path = kept(loaded, slug);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::from(error)),
    };
    let again = || format!("run `dgov data profile {slug}` again, or delete {path} to push without a profile");
    let profile: Profile = serde_json::from_slice(&bytes).map_err(|error| {
        Error::input("profile.malformed", format!("{path} is no profile")).caused_by(&error).hint(again())
    })?;
    if profile.record_root != root {
        return Err(Error::input(
            "profile.stale",
            format!("{path} is of other records: its record root is {}, that of the data {root}", profile.record_root),
        )
        .hint(again()));
    }
    Ok(Some(bytes))
}

fn open(context: &Context, options: &Options<'_>) -> Result<(Source, Scope)> {
    let source = Source::find(context, options.target)?;
    let rule = match options.splits {
        [] => SplitRule::Names,
        splits => SplitRule::Patterns(splits.iter().map(|split| pattern(split)).collect::<Result<_>>()?),
    };
    let scope = Scope::new(&source.plan, &source.format, &rule).map_err(|error| failed(error, None))?;
    Ok((source, scope))
}

fn pattern(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, pattern)) if !name.is_empty() && !pattern.is_empty() => Ok((name.to_owned(), pattern.to_owned())),
        _ => Err(Error::usage("usage.split", format!("`{text}` is not NAME=PATTERN"))
            .hint("for example --split train='data/train-*.jsonl' --split test='data/test-*.jsonl'")),
    }
}

fn read(
    context: &Context,
    source: &Source,
    scope: &Scope,
    shard: Option<Shard>,
    profiler: &mut Profiler<'_>,
) -> Result<()> {
    let bar = context.ui.bytes("profiling", source.plan.content_size());
    let read = dgov_data::profile::read(&source.plan, &source.format, scope, shard, profiler, &|bytes| bar.inc(bytes));
    read.map_err(|error| failed(error, None))?;
    bar.finish_and_clear();
    Ok(())
}

fn save(profile: &Profile, path: &Utf8Path) -> Result<()> {
    let bytes = profile.to_json().map_err(|error| Error::bug("a profile did not serialize").caused_by(&error))?;
    write_atomically(path, &bytes)
}

/// Names a failure; `part` is the file that was read.
fn failed(error: ProfileError, part: Option<&Utf8Path>) -> Error {
    let named = |error: &ProfileError| match part {
        Some(part) => format!("{part}: {error}"),
        None => error.to_string(),
    };
    match error {
        ProfileError::Io(error) => Error::from(error),
        ProfileError::Records(error) => record_error(error),
        ProfileError::Tree(_) => Error::input("profile.no_records", "the files hold no records")
            .hint("`format` in the dataset's table says what a record is; a path is looked at for JSONL and images"),
        ProfileError::TooManySplits(_) => Error::input("profile.splits", error.to_string())
            .hint("name the splits that matter with --split NAME=PATTERN"),
        ProfileError::BrokenPart(_) => {
            Error::integrity("profile.part", named(&error)).hint("make the part again with `dgov data profile --shard`")
        }
        ProfileError::OtherDataset | ProfileError::Parts(_) => Error::input("profile.parts", named(&error))
            .hint("give all parts of one dataset, made with the same --split, once each"),
    }
}
