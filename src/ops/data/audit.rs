//! `dgov data verify --remote`: whether each store really holds what was put there, by reading it back. Folders and the
//! nodes of large files are all read, because the walk needs them; of the leaves all, or a random sample.

mod walk;

use std::sync::Arc;
use std::time::Duration;

use cid::Cid;
use serde::Serialize;

use super::verify::{not_pushed, record, require_chain, require_lock};
use crate::error::{Error, ErrorKind, Result};
use crate::ops::names::folder_cid;
use crate::session::Session;
use crate::storage::{Backend, Source};
use crate::ui::Report;

pub use self::walk::Sample;

/// What to audit.
pub struct Options<'a> {
    /// Dataset; all of the manifest when left out.
    pub dataset: Option<&'a str>,
    /// Number of the version; the latest when left out.
    pub version: Option<u32>,
    /// A store by its name in the manifest; all when left out.
    pub target: Option<&'a str>,
    /// Which leaves.
    pub sample: Sample,
    /// Blocks on their way at once.
    pub jobs: usize,
    /// How long a block may take.
    pub timeout: Duration,
}

/// What the stores hold.
#[derive(Debug, Serialize)]
pub struct AuditReport {
    /// Leaves read of each package; null for all.
    pub sample: Option<usize>,
    /// The same seed chooses the same leaves; null for all.
    pub seed: Option<u32>,
    /// One for each store and package.
    pub audits: Vec<Audit>,
}

/// One package in one store.
#[derive(Debug, Serialize)]
pub struct Audit {
    /// Slug.
    pub dataset: String,
    /// Number of the version.
    pub version: u32,
    /// `data` or `documents`.
    pub package: &'static str,
    /// Root of the package.
    pub cid: String,
    /// The store, as the manifest names it.
    pub target: String,
    /// Folder or address.
    pub place: String,
    /// `ok`, `missing`, `differs`, `unreachable`.
    pub state: State,
    /// Blocks that were read and right.
    pub checked_blocks: u64,
    /// Their bytes.
    pub checked_bytes: u64,
    /// Blocks of the package, as far as the walk came.
    pub blocks: u64,
    /// Blocks that were not right.
    pub bad_blocks: u64,
    /// The first of them in the order of paths.
    pub first_bad: Option<Bad>,
}

/// How a store did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// All that was read is right.
    Ok,
    /// It lacks a block.
    Missing,
    /// It gave other bytes.
    Differs,
    /// It can't be asked.
    Unreachable,
}

/// A block that was not right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// File or folder of the package; empty for its root.
    pub path: String,
    /// First byte of the file that the block holds.
    pub offset: u64,
    /// The block.
    pub block: String,
    /// What is wrong.
    pub problem: String,
}

impl Report for AuditReport {
    fn human(&self) -> String {
        if self.audits.is_empty() {
            return "nothing to verify: no dataset was pushed yet\n".to_owned();
        }
        let mut text: String = self.audits.iter().map(Audit::line).collect();
        if let (Some(sample), Some(seed)) = (self.sample, self.seed) {
            text.push_str(&format!("leaves: {sample} of each package at random, seed {seed}; --all reads every one\n"));
        }
        text
    }
}

impl AuditReport {
    /// The error beside the report: bytes that differ or are missing, before stores that can't be asked.
    pub fn failure(&self) -> Option<Error> {
        let of = |states: &[State]| self.audits.iter().find(|audit| states.contains(&audit.state));
        if let Some(audit) = of(&[State::Differs, State::Missing]) {
            let error = Error::integrity("data.remote_differs", audit.complaint());
            let again = format!("dgov data push {}", audit.dataset);
            return Some(error.hint(match (audit.target.as_str(), audit.state) {
                ("local", State::Differs) => {
                    format!("delete the damaged pack and its .idx, then store what is missing again: {again}")
                }
                _ => format!("put it there again: {again}"),
            }));
        }
        of(&[State::Unreachable]).map(|audit| {
            Error::new(ErrorKind::Storage, "data.remote_unreachable", audit.complaint())
                .hint("is the service running, and is its address right?")
        })
    }
}

impl Audit {
    fn line(&self) -> String {
        let Self { dataset, version, package, target, checked_blocks, checked_bytes, blocks, .. } = self;
        let state = match self.state {
            State::Ok => "ok",
            State::Missing => "missing",
            State::Differs => "differs",
            State::Unreachable => "unreachable",
        };
        let read = format!("{checked_blocks} of {blocks} blocks read, {checked_bytes} bytes");
        let bad = self.first_bad.as_ref().map(|bad| format!("  {bad}\n")).unwrap_or_default();
        format!("{dataset} version {version} {package} at {target}: {state} ({read})\n{bad}")
    }

    fn complaint(&self) -> String {
        let Self { dataset, version, package, target, place, .. } = self;
        let bad = self.first_bad.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{package} of {dataset} version {version} at {target} ({place}): {bad}")
    }
}

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = if self.path.is_empty() { "the package's root" } else { &self.path };
        write!(f, "{path}, from byte {}: block {} {}", self.offset, self.block, self.problem)
    }
}

/// Audits the stores of the manifest.
///
/// # Errors
/// `storage.no_target`, `dataset.unknown`, `dataset.not_pushed`, `data.lock_differs`, `data.chain_differs`.
pub async fn audit(session: &Session<'_>, options: &Options<'_>) -> Result<AuditReport> {
    let view = session.view().await?;
    let names: Vec<String> = match options.dataset {
        Some(name) => vec![name.to_owned()],
        None => session.loaded.manifest.datasets.names().map(str::to_owned).collect(),
    };
    let backends = backends(session, options.target)?;
    let mut audits = Vec::new();
    for name in names {
        let Some(record) = record(session, &view, &name, options.version)? else {
            if options.dataset.is_some() {
                return Err(not_pushed(session, &name));
            }
            continue;
        };
        require_lock(session, &name, record)?;
        require_chain(session, record).await?;
        let roots = [("data", record.version.packageDigest), ("documents", record.meta_digest)];
        for backend in &backends {
            for (package, digest) in roots {
                let bar = session.context.ui.spinner(&format!("{package} at {}", backend.name()));
                let subject = (name.as_str(), record.version.number, package);
                audits.push(one(backend, subject, &folder_cid(digest)?, options).await?);
                bar.finish_and_clear();
            }
        }
    }
    let (sample, seed) = options.sample.chosen().unzip();
    Ok(AuditReport { sample, seed, audits })
}

async fn one(
    backend: &Arc<dyn Backend>,
    (dataset, version, package): (&str, u32, &'static str),
    root: &Cid,
    options: &Options<'_>,
) -> Result<Audit> {
    let source = Source::of_backend(backend);
    let seen = walk::read(source, root, options.sample, options.jobs, options.timeout).await?;
    Ok(Audit {
        dataset: dataset.to_owned(),
        version,
        package,
        cid: root.to_string(),
        target: backend.name().to_owned(),
        place: backend.place(),
        state: seen.bad.as_ref().map_or(State::Ok, |(state, _)| *state),
        checked_blocks: seen.checked,
        checked_bytes: seen.bytes,
        blocks: seen.blocks,
        bad_blocks: seen.bad_blocks,
        first_bad: seen.bad.map(|(_, bad)| bad),
    })
}

fn backends(session: &Session<'_>, target: Option<&str>) -> Result<Vec<Arc<dyn Backend>>> {
    let all = session.backends()?;
    let names: Vec<_> = all.iter().map(|backend| backend.name()).collect();
    let Some(target) = target else { return Ok(all) };
    let unknown = Error::input("storage.no_target", format!("the manifest stores nothing at `{target}`"))
        .hint(format!("`targets` of [storage] has: {}", names.join(", ")));
    let found: Vec<_> = all.into_iter().filter(|backend| backend.name() == target).collect();
    if found.is_empty() { Err(unknown) } else { Ok(found) }
}
