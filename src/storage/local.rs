//! The local content store: one pack (blocks end to end, and an index) for each shard of a push, holding only blocks that
//! no earlier pack has, and a mark for each package that is complete.
//!
//! A pack counts when its index has its final name; the blocks are renamed before it, so a kill leaves the old state.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use cid::Cid;
use dgov_data::unixfs::BlockId;

use super::backend::{Backend, Blocks, Piece, Stream, Work};
use super::index::{Index, IndexBuilder};
use crate::error::{Error, Result};

const LOCK_WAIT: Duration = Duration::from_secs(10);

/// A content store in a folder.
pub struct LocalStore {
    dir: Utf8PathBuf,
    packs: OnceLock<Vec<Pack>>,
}

struct Pack {
    blocks: Utf8PathBuf,
    index: Index,
    file: Mutex<Option<File>>,
}

impl LocalStore {
    /// The store in this folder, which need not exist yet.
    pub fn new(dir: impl Into<Utf8PathBuf>) -> Self {
        Self { dir: dir.into(), packs: OnceLock::new() }
    }

    /// The folder.
    pub fn dir(&self) -> &Utf8Path {
        &self.dir
    }

    /// Whether the package with this root was stored completely, and no pack has gone since.
    pub fn has_package(&self, root: &Cid) -> bool {
        let Ok(names) = std::fs::read_to_string(self.mark_path(root)) else { return false };
        let there =
            |name: &str| ["idx", "pack"].iter().all(|part| self.packs_dir().join(format!("{name}.{part}")).exists());
        !names.is_empty() && names.lines().all(there)
    }

    /// Stores one block as a package of its own.
    ///
    /// # Errors
    /// Those of files and of the lock.
    pub fn put_block(&self, cid: &Cid, bytes: &[u8]) -> Result<()> {
        if self.has_package(cid) {
            return Ok(());
        }
        let mut pack = self.begin(cid, 0)?;
        pack.put(cid, bytes)?;
        pack.finish()?;
        self.mark(cid)
    }

    /// Says that the package is complete, in the packs that there are now: any of them may hold blocks of it.
    fn mark(&self, root: &Cid) -> Result<()> {
        fs_err::create_dir_all(self.packs_dir())?;
        let fresh = Self::new(&self.dir);
        let names: Vec<&str> = fresh.packs()?.iter().filter_map(|pack| pack.blocks.file_stem()).collect();
        let mut mark = tempfile::Builder::new().suffix(".tmp").tempfile_in(self.packs_dir())?;
        mark.write_all(names.join("\n").as_bytes())?;
        mark.as_file().sync_all()?;
        mark.persist(self.mark_path(root)).map_err(|error| Error::from(error.error))?;
        Ok(())
    }

    /// The stored bytes, not yet checked; use [`super::Source::block`].
    pub(super) fn stored(&self, cid: &Cid) -> Result<Option<Vec<u8>>> {
        for pack in self.packs()? {
            if let Some((offset, len)) = pack.index.find(cid.hash().digest()) {
                return pack.read(offset, len).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether a pack holds the block.
    pub fn has(&self, cid: &Cid) -> Result<bool> {
        self.has_digest(cid.hash().digest())
    }

    fn has_digest(&self, digest: &[u8]) -> Result<bool> {
        Ok(self.packs()?.iter().any(|pack| pack.index.find(digest).is_some()))
    }

    /// Starts a pack for a shard of a package; holds the store's write lock until it is finished or dropped.
    pub fn begin(&self, root: &Cid, shard: usize) -> Result<PackWriter<'_>> {
        fs_err::create_dir_all(self.packs_dir())?;
        let lock = lock(&self.dir.join("lock"))?;
        self.remove_leftovers()?;
        let name = self.free_name(&format!("{root}.{shard}"));
        let temporary = self.packs_dir().join(format!("{name}.pack.tmp"));
        let out = BufWriter::with_capacity(1 << 20, fs_err::File::create(&temporary)?);
        Ok(PackWriter {
            store: self,
            name,
            temporary,
            out,
            offset: 0,
            index: IndexBuilder::default(),
            seen: HashSet::new(),
            _lock: lock,
        })
    }

    /// Counts the packs and the bytes of their blocks. Every index has to be readable, and every pack as long as its
    /// index says; the blocks themselves are checked when they are read.
    ///
    /// # Errors
    /// `storage.index_damaged`, `storage.pack_damaged` (both integrity), file errors.
    pub fn survey(&self) -> Result<(usize, u64)> {
        let mut bytes = 0;
        let packs = self.packs()?;
        for pack in packs {
            let length = fs_err::metadata(&pack.blocks)?.len();
            if length < pack.index.end() {
                return Err(Error::integrity("storage.pack_damaged", format!("{} was cut off", pack.blocks))
                    .hint("delete the pack and its .idx, then push the dataset again"));
            }
            bytes += length;
        }
        Ok((packs.len(), bytes))
    }

    fn packs(&self) -> Result<&[Pack]> {
        if let Some(packs) = self.packs.get() {
            return Ok(packs);
        }
        let mut packs = Vec::new();
        if self.packs_dir().exists() {
            for entry in fs_err::read_dir(self.packs_dir())? {
                let path = entry?.path();
                let Some(path) = Utf8Path::from_path(&path) else { continue };
                if path.extension() == Some("idx") {
                    packs.push(Pack::open(path)?);
                }
            }
        }
        packs.sort_by(|a, b| a.blocks.cmp(&b.blocks));
        Ok(self.packs.get_or_init(|| packs))
    }

    /// A name that no pack has: one whose blocks were sent before keeps what it holds.
    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &String| self.packs_dir().join(format!("{name}.idx")).exists();
        let others = (1..).map(|number| format!("{wanted}-{number}"));
        std::iter::once(wanted.to_owned()).chain(others).find(|name| !taken(name)).unwrap_or_default()
    }

    fn packs_dir(&self) -> Utf8PathBuf {
        self.dir.join("packs")
    }

    fn mark_path(&self, root: &Cid) -> Utf8PathBuf {
        self.packs_dir().join(format!("{root}.complete"))
    }

    /// What a killed push left behind; the lock is held.
    fn remove_leftovers(&self) -> Result<()> {
        for entry in fs_err::read_dir(self.packs_dir())? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "tmp") {
                fs_err::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

impl Pack {
    fn open(index_path: &Utf8Path) -> Result<Self> {
        let bytes = fs_err::read(index_path)?;
        let index = Index::parse(&bytes).ok_or_else(|| {
            Error::integrity("storage.index_damaged", format!("{index_path} is damaged"))
                .hint("delete it and push the dataset again")
        })?;
        Ok(Self { blocks: index_path.with_extension("pack"), index, file: Mutex::new(None) })
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let mut slot = self.file.lock().map_err(|_| Error::bug("a thread died while it read a pack"))?;
        let file = match slot.as_mut() {
            Some(file) => file,
            None => slot.insert(fs_err::File::open(&self.blocks)?.into_parts().0),
        };
        let mut bytes = vec![0; len];
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut bytes)).map_err(|error| {
            Error::integrity(
                "storage.pack_damaged",
                format!("{} ends before offset {}", self.blocks, offset + len as u64),
            )
            .caused_by(&error)
            .hint("delete the pack and its .idx, then push the dataset again")
        })?;
        Ok(bytes)
    }
}

impl Blocks for LocalStore {
    fn place(&self) -> String {
        self.dir.to_string()
    }

    fn is_near(&self) -> bool {
        true
    }

    fn block<'a>(&'a self, cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(async move { self.stored(cid) })
    }

    fn file_of(&self, cid: &Cid) -> Option<String> {
        let packs = self.packs().ok()?;
        packs.iter().find(|pack| pack.index.find(cid.hash().digest()).is_some()).map(|pack| pack.blocks.to_string())
    }
}

impl Backend for LocalStore {
    fn name(&self) -> &'static str {
        "local"
    }

    /// A disk takes small packs as fast as large ones, and a killed push loses less.
    fn shard_limit(&self) -> u64 {
        16 << 20
    }

    fn holds<'a>(&'a self, root: &'a Cid) -> Work<'a, bool> {
        Box::pin(async move { Ok(self.has_package(root)) })
    }

    fn has_shard<'a>(&'a self, piece: &'a Piece) -> Work<'a, bool> {
        Box::pin(async move { Ok(self.has(&piece.first)? && self.has(&piece.last)?) })
    }

    fn knows(&self, block: &BlockId) -> Result<bool> {
        self.has_digest(&block.digest)
    }

    fn send<'a>(&'a self, piece: &'a Piece, mut blocks: Stream) -> Work<'a, ()> {
        Box::pin(async move {
            let mut pack = self.begin(&piece.root, piece.shard.index)?;
            while let Some((cid, bytes)) = blocks.next().await? {
                pack.put(&cid, &bytes)?;
            }
            crate::fault::point("store.finish.before");
            pack.finish()?;
            crate::fault::point("store.finish.after");
            Ok(())
        })
    }

    fn finish<'a>(&'a self, root: &'a Cid, pieces: &'a [Piece]) -> Work<'a, bool> {
        Box::pin(async move {
            // Packs of this push are not among those that were looked at.
            let fresh = LocalStore::new(&self.dir);
            for piece in pieces {
                if !fresh.has(&piece.last)? {
                    return Ok(false);
                }
            }
            self.mark(root)?;
            Ok(true)
        })
    }
}

/// A pack being written.
pub struct PackWriter<'a> {
    store: &'a LocalStore,
    name: String,
    temporary: Utf8PathBuf,
    out: BufWriter<fs_err::File>,
    offset: u64,
    index: IndexBuilder,
    seen: HashSet<[u8; 32]>,
    _lock: File,
}

impl PackWriter<'_> {
    /// Adds a block unless the store has it.
    pub fn put(&mut self, cid: &Cid, bytes: &[u8]) -> Result<()> {
        let digest: [u8; 32] =
            cid.hash().digest().try_into().map_err(|_| Error::bug(format!("{cid} has no 32-byte digest")))?;
        if self.store.has(cid)? || !self.seen.insert(digest) {
            return Ok(());
        }
        self.out.write_all(bytes)?;
        self.index.add(cid, self.offset, bytes.len())?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Makes the pack durable and visible; returns the bytes of the new blocks.
    pub fn finish(mut self) -> Result<u64> {
        if self.seen.is_empty() {
            fs_err::remove_file(&self.temporary)?;
            return Ok(0);
        }
        self.out.flush()?;
        self.out.get_ref().file().sync_all()?;
        let packs = self.store.packs_dir();
        fs_err::rename(&self.temporary, packs.join(format!("{}.pack", self.name)))?;
        let mut index = tempfile::Builder::new().suffix(".tmp").tempfile_in(&packs)?;
        index.write_all(&self.index.finish())?;
        index.as_file().sync_all()?;
        index.persist(packs.join(format!("{}.idx", self.name))).map_err(|error| Error::from(error.error))?;
        Ok(self.offset)
    }
}

/// Takes an exclusive lock on a file, waiting up to ten seconds for another process.
pub fn lock(path: &Utf8Path) -> Result<File> {
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let file = fs_err::OpenOptions::new().create(true).truncate(false).write(true).open(path)?.into_parts().0;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if start.elapsed() < LOCK_WAIT => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::local_io("io.lock_held", format!("another process holds {path}"))
                    .hint("wait until the other dgov has finished, then run the command again"));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}
