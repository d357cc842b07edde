//! Pulling a tree: up to `jobs` blocks on their way at once, each read from the disk where an earlier run left it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use dgov_data::unixfs::Codec;
use indicatif::ProgressBar;
use tokio::task::JoinSet;

use super::folder::{Folder, Present};
use crate::error::{Error, Result};
use crate::storage::dag::walk::{File, Found, Place, Step, Walk};
use crate::storage::pool::Pool;

/// Names of files that an error lists.
const LISTED: usize = 10;

/// What a run needs and counts.
pub(super) struct Run {
    pub pool: Arc<Pool>,
    pub folder: Arc<Folder>,
    pub force: bool,
    pub bar: ProgressBar,
    pub max_bytes: Option<u64>,
    pub jobs: usize,
    pub counts: Counts,
}

/// What a run did.
#[derive(Default)]
pub(super) struct Counts {
    /// Files that got their name in this run, and their bytes.
    pub files: AtomicU64,
    pub bytes: AtomicU64,
    /// Files that were there, and their bytes.
    pub kept_files: AtomicU64,
    pub kept_bytes: AtomicU64,
    /// Bytes of unfinished files that an earlier run left.
    pub resumed_bytes: AtomicU64,
}

/// A file of several blocks that is being made or compared.
struct Target {
    file: Arc<File>,
    mode: Mode,
    differs: AtomicBool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing is at its path, or what is there is of no use.
    Fresh,
    /// A file of the size is there: compare, write nothing.
    Compare,
    /// The same, and it differs: what it has right is taken over.
    Replace,
}

/// How a task ended.
enum Done {
    Opened(Step, Found),
    Piece(String, u64),
    Settled,
    Conflict(String),
}

/// What the loop keeps.
struct State {
    walk: Walk,
    targets: HashMap<String, (Arc<Target>, Step, u64)>,
    replaced: HashSet<String>,
    conflicts: Vec<String>,
    unlisted: usize,
    started: bool,
}

impl Run {
    /// Pulls what hangs below a step.
    ///
    /// # Errors
    /// `pull.differs`, `pull.in_the_way`, `pull.link`, `io.disk_full`, and those of the walk and the sources.
    pub async fn pull(self: &Arc<Self>, walk: Walk) -> Result<()> {
        let mut state = State {
            walk,
            targets: HashMap::new(),
            replaced: HashSet::new(),
            conflicts: Vec::new(),
            unlisted: 0,
            started: false,
        };
        let mut tasks = JoinSet::new();
        loop {
            while tasks.len() < self.jobs
                && let Some(step) = state.walk.pop()
            {
                let target = state.target(&step);
                tasks.spawn(work(Arc::clone(self), step, target));
            }
            let Some(done) = tasks.join_next().await else { break };
            match done.map_err(|error| Error::bug("a task of the pull died").caused_by(&error))?? {
                Done::Settled => {}
                Done::Conflict(path) => state.conflict(path),
                Done::Opened(step, found) => self.opened(&mut state, step, found)?,
                Done::Piece(path, len) => {
                    if let Some(target) = self.piece(&mut state, path, len)? {
                        let run = Arc::clone(self);
                        tasks.spawn(blocking(move || run.finish(&target)));
                    }
                }
            }
        }
        state.outcome()
    }

    fn opened(&self, state: &mut State, step: Step, found: Found) -> Result<()> {
        if !std::mem::replace(&mut state.started, true) {
            self.start(&found)?;
        }
        match found {
            Found::Folder { path, next, .. } => {
                self.folder.make(&path)?;
                state.walk.push(next)
            }
            Found::More(next) => state.walk.push(next),
            Found::File { file, next } => {
                let mode = match self.folder.present(&file.path, file.size)? {
                    Present::Folder => return Err(in_the_way(&file.path)),
                    Present::SameSize if state.replaced.contains(&file.path) => Mode::Replace,
                    Present::SameSize => Mode::Compare,
                    Present::Other if !self.force => {
                        state.conflict(file.path.clone());
                        return Ok(());
                    }
                    Present::Other | Present::Absent => Mode::Fresh,
                };
                if mode != Mode::Compare {
                    self.folder.stage(&file.path, file.size)?;
                }
                let (path, size) = (file.path.clone(), file.size);
                let target = Arc::new(Target { file, mode, differs: AtomicBool::new(false) });
                state.targets.insert(path, (target, step, size));
                state.walk.push(next)
            }
            Found::Whole { .. } | Found::Content(_) => Err(Error::bug("content was not written where it was found")),
        }
    }

    /// The first block says how much there is.
    fn start(&self, found: &Found) -> Result<()> {
        let total = match found {
            Found::Folder { total, .. } => *total,
            Found::File { file, .. } => file.size,
            _ => 0,
        };
        if let Some(most) = self.max_bytes.filter(|most| total > *most) {
            return Err(Error::integrity(
                "storage.too_large",
                format!("the package says it has {total} bytes, more than {most}"),
            )
            .hint("raise --max-bytes if that is what you expect, or pull a part of it with --path"));
        }
        self.folder.require_room(total)?;
        self.bar.set_length(total);
        Ok(())
    }

    /// Counts a piece; gives the file back when it has to get its name now.
    fn piece(&self, state: &mut State, path: String, len: u64) -> Result<Option<Arc<Target>>> {
        let Some((target, _, left)) = state.targets.get_mut(&path) else {
            return Err(Error::bug("a piece of a file that is not being pulled"));
        };
        *left -= len;
        if target.mode != Mode::Compare {
            self.bar.inc(len);
        }
        if *left > 0 {
            return Ok(None);
        }
        let Some((target, step, _)) = state.targets.remove(&path) else { return Ok(None) };
        match (target.mode, target.differs.load(Relaxed)) {
            (Mode::Compare, false) => self.kept(target.file.size),
            (Mode::Compare, true) if self.force => {
                state.replaced.insert(path);
                state.walk.push(vec![step])?;
            }
            (Mode::Compare, true) => state.conflict(path),
            _ => return Ok(Some(target)),
        }
        Ok(None)
    }

    fn finish(&self, target: &Target) -> Result<Done> {
        self.folder.finish(&target.file.path, target.file.size)?;
        self.counts.files.fetch_add(1, Relaxed);
        self.counts.bytes.fetch_add(target.file.size, Relaxed);
        Ok(Done::Settled)
    }

    fn kept(&self, len: u64) {
        self.counts.kept_files.fetch_add(1, Relaxed);
        self.counts.kept_bytes.fetch_add(len, Relaxed);
        self.bar.inc(len);
    }

    /// What the disk has of a step already; `None` when its block is needed.
    fn local(&self, step: &Step, target: Option<&Target>) -> Result<Option<Done>> {
        match (&step.place, target) {
            (Place::Entry { .. }, _) => {
                let path = step.path();
                if let Some(len) = self.folder.is_whole(&path, &step.id)? {
                    self.kept(len);
                    return Ok(Some(Done::Settled));
                }
                // A raw block is the whole file: that it differs is known without it.
                let known = step.id.codec == Codec::Raw && !self.force;
                match if known { self.folder.present(&path, 0)? } else { Present::Absent } {
                    Present::Absent => Ok(None),
                    Present::Folder => Err(in_the_way(&path)),
                    Present::SameSize | Present::Other => Ok(Some(Done::Conflict(path))),
                }
            }
            (Place::Part { offset, len, .. }, Some(target)) => {
                let (path, done) = (&target.file.path, Done::Piece(target.file.path.clone(), *len));
                if target.differs.load(Relaxed) {
                    return Ok(Some(done));
                }
                if target.mode != Mode::Compare && self.folder.has_staged(path, *offset, *len, &step.id)? {
                    self.counts.resumed_bytes.fetch_add(*len, Relaxed);
                    return Ok(Some(done));
                }
                if target.mode != Mode::Fresh && self.folder.has(path, *offset, *len, &step.id)? {
                    if target.mode == Mode::Replace {
                        self.take_over(path, *offset, *len)?;
                    }
                    return Ok(Some(done));
                }
                if target.mode == Mode::Compare && step.id.codec == Codec::Raw {
                    target.differs.store(true, Relaxed);
                    return Ok(Some(done));
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Copies what the file that is replaced has right.
    fn take_over(&self, path: &str, offset: u64, len: u64) -> Result<()> {
        let len = usize::try_from(len).map_err(|_| Error::bug("a block longer than memory"))?;
        self.folder.write(path, offset, &self.folder.read(path, offset, len)?)
    }

    /// Puts a block where it belongs.
    fn take(&self, step: Step, target: Option<&Target>, block: Vec<u8>) -> Result<Done> {
        match (step.open(block)?, &step.place, target) {
            (Found::Whole { path, content }, ..) => self.whole(path, &content),
            (Found::Content(content), Place::Part { offset, len, .. }, Some(target)) => {
                let path = &target.file.path;
                if target.mode != Mode::Compare {
                    self.folder.write(path, *offset, &content)?;
                } else if self.folder.read(path, *offset, content.len())? != content {
                    target.differs.store(true, Relaxed);
                }
                Ok(Done::Piece(path.clone(), *len))
            }
            (found, ..) => Ok(Done::Opened(step, found)),
        }
    }

    fn whole(&self, path: String, content: &[u8]) -> Result<Done> {
        let len = content.len() as u64;
        match self.folder.present(&path, len)? {
            Present::Folder => return Err(in_the_way(&path)),
            Present::SameSize if self.folder.read(&path, 0, content.len())? == content => {
                self.kept(len);
                return Ok(Done::Settled);
            }
            Present::SameSize | Present::Other if !self.force => return Ok(Done::Conflict(path)),
            _ => {}
        }
        self.folder.stage(&path, len)?;
        self.folder.write(&path, 0, content)?;
        self.folder.finish(&path, len)?;
        self.bar.inc(len);
        self.counts.files.fetch_add(1, Relaxed);
        self.counts.bytes.fetch_add(len, Relaxed);
        Ok(Done::Settled)
    }
}

async fn work(run: Arc<Run>, step: Step, target: Option<Arc<Target>>) -> Result<Done> {
    let (near, wanted, of) = (Arc::clone(&run), step.clone(), target.clone());
    if let Some(done) = blocking(move || near.local(&wanted, of.as_deref())).await? {
        return Ok(done);
    }
    let block = run.pool.fetch(&step.cid()).await?;
    blocking(move || run.take(step, target.as_deref(), block)).await
}

/// Files are read, hashed and written where that does not keep answers of hosts waiting.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::bug("a thread of the pull died").caused_by(&error))?
}

impl State {
    fn target(&self, step: &Step) -> Option<Arc<Target>> {
        let Place::Part { file, .. } = &step.place else { return None };
        self.targets.get(&file.path).map(|(target, ..)| Arc::clone(target))
    }

    fn conflict(&mut self, path: String) {
        if self.conflicts.len() < LISTED { self.conflicts.push(path) } else { self.unlisted += 1 }
    }

    fn outcome(mut self) -> Result<()> {
        if self.conflicts.is_empty() {
            return Ok(());
        }
        self.conflicts.sort_unstable();
        let more = if self.unlisted > 0 { format!(" and {} more", self.unlisted) } else { String::new() };
        let list = self.conflicts.join(", ");
        Err(Error::input(
            "pull.differs",
            format!("not overwritten, because they differ from the package: {list}{more}"),
        )
        .hint("everything else is in place; --force replaces them, --to pulls into another folder"))
    }
}

fn in_the_way(path: &str) -> Error {
    Error::input("pull.in_the_way", format!("{path} is a folder, and the package has a file there"))
        .hint("remove it, or pull into another folder with --to")
}
