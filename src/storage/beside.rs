//! What need not be sent again to a place that is paid by the byte and looked through upload by upload: blocks of a package
//! that uploads of earlier packages hold. They are left out before the rest is cut into shards, so that few and full
//! uploads are paid for. Which they are is written down before the first payment: a rerun cuts the same shards, whatever
//! the place tells it by then.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::{Utf8Path, Utf8PathBuf};
use cid::Cid;
use dgov_data::unixfs::{BlockId, Package};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::backend::Piece;
use super::journal::Journal;
use super::sent;
use crate::error::{Error, Result};

type BlockDigest = [u8; 32];

/// Largest package that is compared with earlier ones, in blocks; a larger one is sent whole. Needs 512 MiB.
const MAX_BLOCKS: usize = 8 << 20;

/// The part of a package that earlier uploads hold.
#[derive(Debug, Default)]
pub struct Beside {
    /// Roots of the packages whose uploads were looked through, as text: for those who read without a journal.
    pub bases: Vec<String>,
    /// Uploads that the package needs beside its own, as the place names them.
    pub uses: Vec<String>,
    known: HashSet<BlockDigest>,
    /// One bit for each block of the package in order, set where it is held.
    bits: Vec<u8>,
}

/// The same in the journal.
#[derive(Serialize, Deserialize)]
struct Row {
    bases: Vec<String>,
    uses: Vec<String>,
    /// Base64.
    held: String,
}

impl Beside {
    /// Whether an earlier upload holds the block.
    pub fn has(&self, block: &BlockId) -> bool {
        self.known.contains(&block.digest)
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn to_text(&self) -> Result<String> {
        let row = Row { bases: self.bases.clone(), uses: self.uses.clone(), held: STANDARD.encode(&self.bits) };
        serde_json::to_string(&row).map_err(|error| Error::bug("a plan is no JSON").caused_by(&error))
    }

    /// `None` for what was written of another package, or is no plan.
    fn parse(text: &str, package: &Package) -> Result<Option<Self>> {
        let Ok(Row { bases, uses, held }) = serde_json::from_str(text) else { return Ok(None) };
        let Ok(bits) = STANDARD.decode(held) else { return Ok(None) };
        if bits.is_empty() {
            return Ok(Some(Self { bases, uses, ..Self::default() }));
        }
        let digests = digests(package)?;
        if bits.len() != digests.len().div_ceil(8) {
            return Ok(None);
        }
        let is_held = |at: &usize| bits[at / 8] >> (at % 8) & 1 == 1;
        let known = (0..digests.len()).filter(is_held).map(|at| digests[at]).collect();
        Ok(Some(Self { bases, uses, known, bits }))
    }

    /// Tells shards of one cut from those of another.
    fn mark(&self) -> Option<String> {
        (!self.is_empty()).then(|| alloy::hex::encode(&Sha256::digest(&self.bits)[..8]))
    }
}

/// Looks for the blocks of a package in uploads.
pub struct Search {
    /// Those that were not found yet, and their places.
    open: HashMap<BlockDigest, Vec<usize>>,
    found: Beside,
}

impl Search {
    /// For all blocks but the root, which travels always: whoever has only its CID finds the package by it.
    ///
    /// # Errors
    /// None that hashing has not found before.
    pub fn of(package: &Package) -> Result<Self> {
        let digests = digests(package)?;
        let mut open: HashMap<BlockDigest, Vec<usize>> = HashMap::new();
        if digests.len() <= MAX_BLOCKS {
            let root = package.root_id().digest;
            for (at, digest) in digests.iter().enumerate().filter(|(_, digest)| **digest != root) {
                open.entry(*digest).or_default().push(at);
            }
        }
        let bits = vec![0; digests.len().div_ceil(8)];
        Ok(Self { open, found: Beside { bits, ..Beside::default() } })
    }

    /// Whether nothing is left to look for.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether an upload with these blocks holds some that were not found yet.
    pub fn would_find(&self, held: &[BlockDigest]) -> bool {
        held.iter().any(|digest| self.open.contains_key(digest))
    }

    /// Takes in an upload.
    pub fn take(&mut self, upload: &str, held: &[BlockDigest]) {
        let before = self.found.known.len();
        for digest in held {
            for at in self.open.remove(digest).into_iter().flatten() {
                self.found.bits[at / 8] |= 1 << (at % 8);
                self.found.known.insert(*digest);
            }
        }
        if self.found.known.len() > before {
            self.found.uses.push(upload.to_owned());
        }
    }

    /// How many uploads were of use so far.
    pub fn uses(&self) -> usize {
        self.found.uses.len()
    }

    /// What was found in uploads of these packages and of those that they name in turn.
    pub fn finish(mut self, bases: Vec<String>) -> Beside {
        if self.found.is_empty() {
            self.found.bits.clear();
        }
        self.found.bases = bases;
        self.found
    }
}

fn digests(package: &Package) -> Result<Vec<BlockDigest>> {
    let mut digests = Vec::new();
    let walked = package.for_each_planned_block(&mut |block| {
        digests.push(block.id.digest);
        Ok(())
    });
    walked.map_err(|error| Error::bug(error.to_string()))?;
    Ok(digests)
}

/// What a command has found out of each package, and what earlier ones wrote down.
pub struct Plans {
    /// Its name in the journal.
    store: &'static str,
    journal: Journal,
    open: Mutex<HashMap<Cid, Arc<Beside>>>,
}

impl Plans {
    /// The plans of a store.
    pub fn new(store: &'static str, journal: Journal) -> Self {
        Self { store, journal, open: Mutex::default() }
    }

    /// What is written down of a package.
    ///
    /// # Errors
    /// Those of the journal.
    pub fn recall(&self, package: &Package) -> Result<Option<Arc<Beside>>> {
        let root = package.cid();
        if let Some(open) = self.of(&root) {
            return Ok(Some(open));
        }
        let Some(text) = self.journal.get(self.store, &row_key(&root))? else { return Ok(None) };
        Ok(Beside::parse(&text, package)?.map(|plan| self.set(root, plan)))
    }

    /// Holds on to a plan; it is not written down yet.
    pub fn set(&self, root: Cid, plan: Beside) -> Arc<Beside> {
        let plan = Arc::new(plan);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(root, Arc::clone(&plan));
        plan
    }

    /// The plan of a package of this command.
    pub fn of(&self, root: &Cid) -> Option<Arc<Beside>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(root).map(Arc::clone)
    }

    /// Uploads that a package needs beside its own, without its blocks.
    ///
    /// # Errors
    /// Those of the journal.
    pub fn uses(&self, root: &str) -> Result<Option<Vec<String>>> {
        let text = self.journal.get(self.store, &format!("{root}/plan"))?;
        Ok(text.and_then(|text| serde_json::from_str::<Row>(&text).ok()).map(|row| row.uses))
    }

    /// Whether a plan was ever written down, even if it was forgotten since.
    ///
    /// # Errors
    /// Those of the journal.
    pub fn was_kept(&self, root: &Cid) -> Result<bool> {
        Ok(self.journal.get(self.store, &row_key(root))?.is_some())
    }

    /// Writes a plan down: from now on it is not made anew.
    ///
    /// # Errors
    /// Those of the journal.
    pub fn keep(&self, root: &Cid) -> Result<()> {
        match self.of(root) {
            Some(plan) => self.journal.put(self.store, &row_key(root), &plan.to_text()?),
            None => Ok(()),
        }
    }

    /// Forgets a plan whose uploads have gone.
    ///
    /// # Errors
    /// Those of the journal.
    pub fn forget(&self, root: &Cid) -> Result<()> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
        self.journal.put(self.store, &row_key(root), "")
    }

    /// Key of a shard in the journal.
    pub fn key(&self, piece: &Piece) -> String {
        let shard = format!("{}/{}", piece.root, piece.shard.index);
        match self.of(&piece.root).and_then(|plan| plan.mark()) {
            Some(mark) => format!("{shard}/{mark}"),
            None => shard,
        }
    }
}

fn row_key(root: &Cid) -> String {
    format!("{root}/plan")
}

/// Which blocks each upload has, in files beside the other lists of what was sent: a hint that spares asking, and the only
/// word on uploads that nobody serves yet.
pub struct Held(Utf8PathBuf);

impl Held {
    /// The lists of a store.
    pub fn new(state_dir: &Utf8Path, name: &str, place: &str) -> Self {
        Self(sent::dir(state_dir, name, place))
    }

    /// The list of an upload; one that can't be read is none.
    pub fn get(&self, upload: &str) -> Option<Vec<BlockDigest>> {
        let bytes = std::fs::read(self.0.join(upload)).ok()?;
        let (digests, rest) = bytes.as_chunks();
        (rest.is_empty() && digests.is_sorted()).then(|| digests.to_vec())
    }

    /// Keeps the list of an upload, whose name is one for a file.
    ///
    /// # Errors
    /// File errors.
    pub fn put(&self, upload: &str, mut digests: Vec<BlockDigest>) -> Result<()> {
        digests.sort_unstable();
        sent::write(&self.0, upload, &digests)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use dgov_data::unixfs::{Options, hash_bytes, plan};

    use super::*;

    fn package(dir: &Utf8Path) -> Package {
        for name in ["a", "b", "c"] {
            std::fs::write(dir.join(name), name).unwrap();
        }
        plan(dir, &Options::default()).unwrap().hash(&|_| {}).unwrap()
    }

    #[test]
    fn a_plan_survives_the_journal_and_is_of_one_package() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::create_dir(dir.join("data")).unwrap();
        let package = package(&dir.join("data"));
        let [a, b, c] = ["a", "b", "c"].map(|text| hash_bytes(package.profile(), text.as_bytes()));
        let mut search = Search::of(&package).unwrap();
        assert!(search.would_find(&[a.digest]) && !search.would_find(&[[9; 32], package.root_id().digest]));
        search.take("nothing", &[[9; 32]]);
        search.take("one", &[a.digest, [9; 32], package.root_id().digest]);
        search.take("again", &[a.digest]);
        search.take("two", &[c.digest]);
        assert!(!search.is_done());
        let found = search.finish(vec!["base".to_owned()]);
        assert_eq!(found.uses, ["one", "two"]);

        let plans = Plans::new("store", Journal::new(dir.join("ledger.db")));
        let root = package.cid();
        plans.set(root, found);
        plans.keep(&root).unwrap();
        let next = Plans::new("store", Journal::new(dir.join("ledger.db")));
        let read = next.recall(&package).unwrap().unwrap();
        assert_eq!(
            (read.has(&a), read.has(&b), read.has(&c), read.has(&package.root_id())),
            (true, false, true, false)
        );
        assert_eq!(
            (&read.bases[..], &read.uses[..]),
            (&["base".to_owned()][..], &["one".to_owned(), "two".to_owned()][..])
        );
        assert_eq!(next.uses(&root.to_string()).unwrap().unwrap(), ["one", "two"]);

        // What is left is cut as if there were no other blocks, under a key of its own.
        let shards = package.without(&|block| read.has(block)).shards(1, &|_| false).unwrap();
        assert_eq!(shards.iter().map(|shard| shard.first).collect::<Vec<_>>(), [package.root_id(), b]);
        let piece = Piece::of(&package, &shards)[0];
        assert!(next.key(&piece).starts_with(&format!("{root}/0/")));
        next.forget(&root).unwrap();
        assert_eq!(next.key(&piece), format!("{root}/0"));
        assert!(next.recall(&package).unwrap().is_none());
    }

    #[test]
    fn a_list_that_was_damaged_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let held = Held::new(dir, "store", "http://127.0.0.1");
        held.put("one", vec![[3; 32], [1; 32]]).unwrap();
        assert_eq!(held.get("one").unwrap(), [[1; 32], [3; 32]]);
        std::fs::write(held.0.join("one"), [7; 33]).unwrap();
        assert_eq!((held.get("one"), held.get("two")), (None, None));
        assert_eq!(Held::new(dir, "store", "http://127.0.0.2").get("one"), None);
    }
}
