//! Broken input for every parser of the crate: made from good input by a seeded generator, so that a case can be run again.
//!
//! Used by the test `fuzz` for seconds, by the example `fuzz` (`scripts/fuzz`) for as long as one likes. A case fails when
//! something panics, takes too much memory or too long, or when two readings of the same records disagree.

mod corpus;
mod mutate;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::records::{self, RecordError, Row};
use dgov_data::unixfs::{Options, plan};
use peak_alloc::PeakAlloc;

pub use corpus::{Kind, Target, targets};
pub use mutate::Random;

/// What a case may take, far more than the small inputs here need. Documented limits allow a page of 512 MiB.
#[derive(Clone, Copy)]
pub struct Limits {
    pub memory: usize,
    pub time: Duration,
}

pub const LIMITS: Limits = Limits { memory: 1536 << 20, time: Duration::from_secs(20) };

/// What was seen of a target.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    pub cases: u64,
    pub accepted: u64,
    /// Panics in parsers of others, which were turned into errors.
    pub caught: u64,
    pub slowest: Duration,
    /// Bytes, above what was in use before.
    pub peak: usize,
}

/// A case that failed.
pub struct Failure {
    pub target: &'static str,
    pub case: u64,
    pub reason: String,
    pub input: Vec<u8>,
}

/// Runs cases of all targets, or of one.
pub struct Fuzzer {
    targets: Vec<Target>,
    seed: u64,
    folder: Utf8PathBuf,
    _temporary: tempfile::TempDir,
    pub seen: BTreeMap<&'static str, Seen>,
}

impl Fuzzer {
    pub fn new(seed: u64, only: Option<&str>) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap().canonicalize_utf8().unwrap();
        let targets = targets().into_iter().filter(|target| only.is_none_or(|only| only == target.name)).collect();
        Self { targets, seed, folder, _temporary: temporary, seen: BTreeMap::new() }
    }

    /// One case: a target and a broken input follow from seed and number.
    pub fn case(&mut self, case: u64) -> Result<(), Failure> {
        let mut random = Random::new(self.seed, case);
        let target = &self.targets[random.below(self.targets.len())];
        let (name, input) = (target.name, mutate::input(target, &mut random));
        let failure = |reason: String| Failure { target: name, case, reason, input: input.clone() };
        let before = PeakAlloc.current_usage();
        PeakAlloc.reset_peak_usage();
        let start = Instant::now();
        let watched = Watched::new(before, name, self.seed, case, &input);
        let outcome = catch_unwind(AssertUnwindSafe(|| run(target, &input, &self.folder)));
        drop(watched);
        let (took, peak) = (start.elapsed(), PeakAlloc.peak_usage().saturating_sub(before));
        let seen = self.seen.entry(name).or_default();
        seen.cases += 1;
        seen.slowest = seen.slowest.max(took);
        seen.peak = seen.peak.max(peak);
        match outcome {
            Err(_) => return Err(failure("a panic".into())),
            Ok(Outcome::Accepted) => seen.accepted += 1,
            Ok(Outcome::Refused { caught }) => seen.caught += u64::from(caught),
            Ok(Outcome::Contradiction(reason)) => return Err(failure(reason)),
        }
        if peak > LIMITS.memory {
            return Err(failure(format!("{} MiB of memory", peak >> 20)));
        }
        if took > LIMITS.time {
            return Err(failure(format!("{took:?}")));
        }
        Ok(())
    }
}

enum Outcome {
    Accepted,
    Refused { caught: bool },
    Contradiction(String),
}

fn run(target: &Target, input: &[u8], folder: &Utf8Path) -> Outcome {
    match &target.kind {
        Kind::Bytes(parse) => {
            if parse(input) {
                Outcome::Accepted
            } else {
                Outcome::Refused { caught: false }
            }
        }
        Kind::File { name, beside, format } => {
            let folder = folder.join(target.name);
            if !folder.exists() {
                for (name, content) in beside {
                    write(&folder.join(name), content);
                }
            }
            write(&folder.join(name), input);
            match read(&folder, format) {
                Ok(Some(reason)) => Outcome::Contradiction(reason),
                Ok(None) => Outcome::Accepted,
                Err(error) => {
                    let caught = error.to_string().contains("its parser does not know");
                    Outcome::Refused { caught }
                }
            }
        }
    }
}

fn write(path: &Utf8Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Finds the records and reads their fields; what the two readings disagree about.
fn read(folder: &Utf8Path, format: &records::RecordFormat) -> Result<Option<String>, RecordError> {
    let (package, set) = records::read(plan(folder, &Options::default())?, format, &(), &|_| ())?;
    let mut found = Vec::new();
    for file in 0..package.entries().len() {
        records::rows(&package, &set, format, file, &mut |row: Row<'_>| {
            found.push((row.key, row.file, row.line));
            Ok::<_, RecordError>(())
        })?;
    }
    let keys: Vec<_> = set.records().iter().map(|record| (record.key, record.file, record.line)).collect();
    Ok((found != keys).then(|| format!("{} keys, {} rows, or in another order", keys.len(), found.len())))
}

/// Ends the process when a case takes too long or too much memory: nothing else ends a loop, or an allocation that fails.
struct Watched {
    ended: Arc<AtomicBool>,
}

/// The case that runs, for the watching thread.
struct Current {
    ended: Arc<AtomicBool>,
    start: Instant,
    /// Memory in use before.
    before: usize,
    what: String,
    input: Vec<u8>,
}

static CURRENT: Mutex<Option<Current>> = Mutex::new(None);

impl Watched {
    fn new(before: usize, target: &str, seed: u64, case: u64, input: &[u8]) -> Self {
        static STARTED: std::sync::Once = std::sync::Once::new();
        let ended = Arc::new(AtomicBool::new(false));
        let what = format!("{target}, --seed {seed} --case {case}");
        let (start, input) = (Instant::now(), input.to_vec());
        *CURRENT.lock().unwrap() = Some(Current { ended: Arc::clone(&ended), start, before, what, input });
        STARTED.call_once(|| {
            std::thread::spawn(watch);
        });
        Self { ended }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
    }
}

fn watch() {
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let current = CURRENT.lock().unwrap();
        let Some(Current { ended, start, before, what, input }) = &*current else { continue };
        let used = PeakAlloc.current_usage().saturating_sub(*before);
        let late = start.elapsed() > LIMITS.time * 3;
        if !ended.load(Ordering::SeqCst) && (late || used > LIMITS.memory * 2) {
            let path = std::env::temp_dir().join("dgov-fuzz-ended.bin");
            let _ = std::fs::write(&path, input);
            eprintln!("{what}: {:?}, {} MiB; input in {}", start.elapsed(), used >> 20, path.display());
            std::process::abort();
        }
    }
}
