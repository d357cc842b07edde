//! Reading a package back from one store.

use std::collections::BTreeMap;
use std::time::Duration;

use cid::Cid;
use dgov_data::unixfs::{BlockId, Codec};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::{Bad, State};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Source;
use crate::storage::dag::node;
use crate::storage::dag::walk::{Found, Place, Step, Walk};

/// How often a store that does not answer is asked for a block.
const ATTEMPTS: u32 = 3;
/// Wait before the second attempt; the third waits twice as long.
const PAUSE: Duration = Duration::from_millis(300);

/// Which leaves are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// Every one.
    All,
    /// Some, chosen by the seed.
    Leaves {
        /// At most this many.
        count: usize,
        /// Whoever does not know it can't tell which.
        seed: u32,
    },
}

impl Sample {
    /// Number of leaves, and the seed that chooses them; `None` for all.
    pub fn chosen(self) -> Option<(usize, u32)> {
        match self {
            Self::All => None,
            Self::Leaves { count, seed } => Some((count, seed)),
        }
    }
}

/// What was read.
#[derive(Default)]
pub(super) struct Seen {
    pub checked: u64,
    pub bytes: u64,
    pub blocks: u64,
    pub bad_blocks: u64,
    /// The first in the order of paths.
    pub bad: Option<(State, Bad)>,
}

/// The leaves with the lowest draws so far: the same ones in whatever order the walk meets them.
struct Lottery {
    count: usize,
    seed: u32,
    drawn: BTreeMap<([u8; 32], u64), Step>,
}

/// Reads the package below `root`.
///
/// # Errors
/// Bugs only; what is wrong with the store is in the result.
pub(super) async fn read(source: Source, root: &Cid, sample: Sample, jobs: usize, patience: Duration) -> Result<Seen> {
    let mut seen = Seen::default();
    let Some(first) = first(&source, root, patience, &mut seen).await? else { return Ok(seen) };
    // Names don't matter here: nothing is written.
    let mut walk = Walk::new(first, u64::MAX);
    let mut lottery = sample.chosen().map(|(count, seed)| Lottery { count, seed, drawn: BTreeMap::new() });
    let mut tasks = JoinSet::new();
    loop {
        while tasks.len() < jobs {
            let Some(step) = next(&mut walk, lottery.as_mut(), &mut seen.blocks) else { break };
            let source = source.clone();
            tasks.spawn(async move {
                let outcome = block(&source, &step, patience).await;
                (step, outcome)
            });
        }
        let Some(done) = tasks.join_next().await else {
            // The walk is over: now those that were drawn.
            match lottery.take() {
                Some(lottery) if !lottery.drawn.is_empty() => {
                    let drawn: Vec<Step> = lottery.drawn.into_values().collect();
                    seen.blocks -= drawn.len() as u64;
                    walk.push(drawn)?;
                    continue;
                }
                _ => return Ok(seen),
            }
        };
        let (step, outcome) = done.map_err(|error| Error::bug("a task of the audit died").caused_by(&error))?;
        match outcome {
            Ok((found, len)) => {
                seen.checked += 1;
                seen.bytes += len;
                match found {
                    Found::Folder { next, .. } | Found::File { next, .. } | Found::More(next) => walk.push(next)?,
                    Found::Whole { .. } | Found::Content(_) => {}
                }
            }
            Err((state, problem)) => {
                seen.complain(&step, state, problem);
                // A store that is gone would be waited for at every block.
                if state == State::Unreachable {
                    return Ok(seen);
                }
            }
        }
    }
}

/// The step of the root, which the chain knows without its codec.
async fn first(source: &Source, root: &Cid, patience: Duration, seen: &mut Seen) -> Result<Option<Step>> {
    let mut id = BlockId::of_cid(root).ok_or_else(|| Error::bug("the package's CID is not one of dgov's"))?;
    let step = Step::root(id, false);
    match ask(source, root, patience).await {
        Ok(block) => {
            if !node::is_node(&block) {
                id.codec = Codec::Raw;
            }
            Ok(Some(Step::root(id, false)))
        }
        Err((state, problem)) => {
            seen.blocks = 1;
            seen.complain(&step, state, problem);
            Ok(None)
        }
    }
}

/// The next step to read; leaves of a sample go into the lottery instead.
fn next(walk: &mut Walk, mut lottery: Option<&mut Lottery>, blocks: &mut u64) -> Option<Step> {
    loop {
        let step = walk.pop()?;
        *blocks += 1;
        match lottery.as_deref_mut() {
            Some(lottery) if step.is_leaf() => lottery.draw(step),
            _ => return Some(step),
        }
    }
}

async fn block(source: &Source, step: &Step, patience: Duration) -> Result<(Found, u64), (State, String)> {
    let block = ask(source, &step.cid(), patience).await?;
    let len = block.len() as u64;
    let found = step.open(block).map_err(|error| (State::Differs, error.message().to_owned()))?;
    Ok((found, len))
}

async fn ask(source: &Source, cid: &Cid, patience: Duration) -> Result<Vec<u8>, (State, String)> {
    let mut attempt = 1;
    loop {
        let silent = || Err(Error::new(ErrorKind::Storage, "storage.stalled", "did not come in time"));
        match tokio::time::timeout(patience, source.block(cid)).await.unwrap_or_else(|_| silent()) {
            Ok(Some(block)) => return Ok(block),
            Ok(None) => return Err((State::Missing, "is missing".to_owned())),
            Err(error) if error.kind() != ErrorKind::Storage => return Err((State::Differs, error.to_string())),
            Err(error) if attempt == ATTEMPTS => return Err((State::Unreachable, error.to_string())),
            Err(_) => tokio::time::sleep(PAUSE * attempt).await,
        }
        attempt += 1;
    }
}

impl Seen {
    fn complain(&mut self, step: &Step, state: State, problem: String) {
        self.bad_blocks += 1;
        let offset = if let Place::Part { offset, .. } = step.place { offset } else { 0 };
        let bad = Bad { path: step.path(), offset, block: step.cid().to_string(), problem };
        let earlier = |(_, known): &(State, Bad)| (&known.path, known.offset) <= (&bad.path, bad.offset);
        if state == State::Unreachable || !self.bad.as_ref().is_some_and(earlier) {
            self.bad = Some((state, bad));
        }
    }
}

impl Lottery {
    fn draw(&mut self, step: Step) {
        let offset = if let Place::Part { offset, .. } = step.place { offset } else { 0 };
        let mut hash = Sha256::new_with_prefix(self.seed.to_be_bytes());
        hash.update(offset.to_be_bytes());
        hash.update(step.path());
        let draw = (hash.finalize().into(), offset);
        let last = self.drawn.last_key_value().map(|(last, _)| *last);
        if self.drawn.len() >= self.count {
            match last {
                Some(last) if draw < last => self.drawn.remove(&last),
                _ => return,
            };
        }
        self.drawn.insert(draw, step);
    }
}
