//! Several sources as one: each block from whichever has it and is least busy, with the next one asked when a host is
//! gone, silent or lying. One that goes on so is put aside for the rest of the run.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cid::Cid;

use super::{Source, missing};
use crate::error::{Error, ErrorKind, Result};

/// Failures after which a source is put aside.
const STRIKES: u32 = 3;
/// Failures closer together than this are one: a host that restarts, or is asked for too much at once, drops many requests.
const SPELL: Duration = Duration::from_secs(1);
/// How often all sources are asked for a block, as long as one of them fails rather than not having it.
const ROUNDS: u32 = 4;
/// Wait before the second round; each further one waits three times as long.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 200 });
/// A source without any of the first blocks asked of it is asked last.
const BARREN: u64 = 8;

/// The sources of one run.
pub struct Pool {
    members: Vec<Member>,
    patience: Duration,
}

/// What a source did in a run.
#[derive(Clone, Debug)]
pub struct Served {
    /// Folder or address.
    pub place: String,
    /// Right blocks that came from it.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Why it was put aside.
    pub aside: Option<Error>,
}

struct Member {
    source: Source,
    open: AtomicUsize,
    blocks: AtomicU64,
    bytes: AtomicU64,
    misses: AtomicU64,
    standing: Mutex<Standing>,
}

#[derive(Default)]
struct Standing {
    /// Wrong blocks: never forgiven.
    lies: u32,
    /// Failures since the last right block.
    failures: u32,
    last: Option<Instant>,
    aside: Option<Error>,
}

impl Pool {
    /// These sources; a block has to be there whole within `patience`.
    pub fn new(sources: Vec<Source>, patience: Duration) -> Self {
        Self { members: sources.into_iter().map(Member::new).collect(), patience }
    }

    /// The block, checked.
    ///
    /// # Errors
    /// `storage.missing` when every source says that it doesn't have it; else what the last failing source did, bytes that
    /// differ (integrity) before hosts that don't answer.
    pub async fn fetch(&self, cid: &Cid) -> Result<Vec<u8>> {
        let mut failed: Option<Error> = None;
        let mut pause = PAUSE;
        for round in 0..ROUNDS {
            if round > 0 && self.members.iter().any(Member::is_asked) {
                tokio::time::sleep(pause).await;
                pause *= 3;
            }
            let mut again = false;
            for member in self.in_order() {
                match member.ask(cid, self.patience).await {
                    Ok(Some(block)) => return Ok(block),
                    Ok(None) => {}
                    Err(error) => {
                        again = true;
                        failed = Some(worse(failed, error));
                    }
                }
            }
            if !again {
                break;
            }
        }
        Err(failed.or_else(|| self.aside()).unwrap_or_else(|| {
            let sources: Vec<_> = self.members.iter().map(|member| member.source.clone()).collect();
            missing(cid, &sources)
        }))
    }

    /// What each source did.
    pub fn served(&self) -> Vec<Served> {
        self.members.iter().map(Member::served).collect()
    }

    /// Those that were not put aside: near ones, then those that have had blocks, the least busy first.
    fn in_order(&self) -> Vec<&Member> {
        let mut order: Vec<_> = self.members.iter().filter(|member| member.is_asked()).collect();
        order.sort_by_key(|member| (!member.source.is_near(), member.is_barren(), member.open.load(Relaxed)));
        order
    }

    /// Why a source that may have had the block was not asked.
    fn aside(&self) -> Option<Error> {
        let reasons = self.members.iter().filter_map(|member| member.standing().aside.clone());
        reasons.fold(None, |worst, error| Some(worse(worst, error)))
    }
}

impl Member {
    fn new(source: Source) -> Self {
        let count = AtomicU64::default;
        let (blocks, bytes, misses) = (count(), count(), count());
        Self { source, open: AtomicUsize::default(), blocks, bytes, misses, standing: Mutex::default() }
    }

    async fn ask(&self, cid: &Cid, patience: Duration) -> Result<Option<Vec<u8>>> {
        let asked = Instant::now();
        self.open.fetch_add(1, Relaxed);
        let answer = tokio::time::timeout(patience, self.source.block(cid)).await;
        self.open.fetch_sub(1, Relaxed);
        match answer.unwrap_or_else(|_| Err(self.stalled(cid, patience))) {
            Ok(Some(block)) => {
                self.blocks.fetch_add(1, Relaxed);
                self.bytes.fetch_add(block.len() as u64, Relaxed);
                self.standing().failures = 0;
                Ok(Some(block))
            }
            Ok(None) => {
                self.misses.fetch_add(1, Relaxed);
                Ok(None)
            }
            Err(error) => {
                self.standing().strike(asked, &error);
                Err(error)
            }
        }
    }

    fn stalled(&self, cid: &Cid, patience: Duration) -> Error {
        let message = format!("{} did not send block {cid} within {} s", self.source.name(), patience.as_secs());
        Error::new(ErrorKind::Storage, "storage.stalled", message)
            .hint("on a slow line ask for fewer blocks at once (--jobs 2) or wait longer (--timeout 300)")
    }

    fn is_asked(&self) -> bool {
        self.standing().aside.is_none()
    }

    fn is_barren(&self) -> bool {
        self.blocks.load(Relaxed) == 0 && self.misses.load(Relaxed) >= BARREN
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn served(&self) -> Served {
        Served {
            place: self.source.name(),
            blocks: self.blocks.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            aside: self.standing().aside.clone(),
        }
    }
}

impl Standing {
    /// A lie always counts, a failure once a spell.
    fn strike(&mut self, asked: Instant, error: &Error) {
        if error.kind() == ErrorKind::Integrity {
            self.lies += 1;
        } else if self.last.is_none_or(|last| asked >= last + SPELL) {
            self.failures += 1;
            self.last = Some(Instant::now());
        }
        if self.lies + self.failures >= STRIKES && self.aside.is_none() {
            self.aside = Some(error.clone());
        }
    }
}

/// Of two failures the one that the user has to know: bytes that differ, before hosts that don't answer.
fn worse(known: Option<Error>, error: Error) -> Error {
    match known {
        Some(known) if known.kind() == ErrorKind::Integrity => known,
        _ => error,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "pool/tests.rs"]
mod tests;
