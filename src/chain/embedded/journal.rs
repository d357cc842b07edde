//! The state on disk: an append-only file of checksummed lines.
//!
//! `<JSON> <sha256 of the previous checksum and the JSON, in hex>\n`. A line is complete or it does not count: a process
//! that is killed while it appends leaves a tail without a line feed, which the next writer cuts off. A complete line
//! whose checksum does not fit is damage. The checksum of the last line names the whole history, so that another
//! process can see cheaply whether what it has in memory is still a prefix of the file.

use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

use super::history::History;
use super::record::Entry;

/// Length of a checksum in hex and the line feed after it.
const SEAL_LENGTH: u64 = 65;

/// Checksum before the first line.
const START: [u8; 32] = [0; 32];

/// How far the file has been read.
#[derive(Debug)]
pub struct Position {
    /// Bytes of complete lines.
    length: u64,
    /// Checksum of the last of them.
    checksum: [u8; 32],
}

impl Default for Position {
    fn default() -> Self {
        Self { length: 0, checksum: START }
    }
}

/// A chain in memory together with its place in the file.
#[derive(Debug, Default)]
pub struct Replica {
    /// The chain.
    pub history: History,
    position: Position,
}

/// The journal of one directory.
#[derive(Debug)]
pub struct Journal {
    path: Utf8PathBuf,
}

impl Journal {
    /// The journal in `directory`; nothing is read or written yet.
    pub fn new(directory: &Utf8Path) -> Self {
        Self { path: directory.join("chain.journal") }
    }

    /// Brings `replica` up to the file. Returns false when there is no file.
    ///
    /// # Errors
    /// `chain.corrupt` (integrity) when a line is damaged; `io.*` when the file can't be read.
    pub fn refresh(&self, replica: &mut Replica) -> Result<bool> {
        let mut file = match fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if !replica.position.is_in(&mut file)? {
            *replica = Replica::default();
        }
        file.seek(SeekFrom::Start(replica.position.length))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let mut rest = tail.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line = &rest[..end];
            self.follow(replica, line).map_err(|reason| self.corrupt(replica, &reason))?;
            replica.position.length += line.len() as u64 + 1;
            rest = &rest[end + 1..];
        }
        if replica.history.is_empty() {
            return Err(self.corrupt(replica, "the first line is not complete"));
        }
        Ok(true)
    }

    fn follow(&self, replica: &mut Replica, line: &[u8]) -> Result<(), String> {
        let split = line.len().checked_sub(SEAL_LENGTH as usize).ok_or("too short")?;
        let (payload, seal) = (&line[..split], &line[split..]);
        let checksum = seal_of(&replica.position.checksum, payload);
        if seal[0] != b' ' || alloy::hex::decode(&seal[1..]).ok().as_deref() != Some(checksum.as_slice()) {
            return Err("the checksum does not fit".to_owned());
        }
        let entry: Entry = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        replica.history.apply(entry)?;
        replica.position.checksum = checksum;
        Ok(())
    }

    fn corrupt(&self, replica: &Replica, reason: &str) -> Error {
        let byte = replica.position.length;
        Error::integrity("chain.corrupt", format!("{} is damaged at byte {byte}: {reason}", self.path))
            .hint("restore the file, or run `dgov chain reset` to start an empty chain")
    }

    /// Appends an entry that is already part of `replica.history`: one write, one fsync. The caller holds the lock and
    /// has refreshed; on an error the replica no longer fits the file and must be dropped.
    pub fn append(&self, replica: &mut Replica, entry: &Entry) -> Result<()> {
        let (bytes, checksum) = encode(&replica.position.checksum, entry)?;
        let mut file = fs::OpenOptions::new().write(true).open(&self.path)?;
        // Cuts off what a killed writer left behind.
        file.set_len(replica.position.length)?;
        file.seek(SeekFrom::Start(replica.position.length))?;
        if let Err(error) = file.write_all(&bytes).and_then(|()| file.sync_data()) {
            // A full disk may have taken a part; the tail has no meaning to readers, but the space is wanted back.
            file.set_len(replica.position.length)?;
            return Err(error.into());
        }
        replica.position = Position { length: replica.position.length + bytes.len() as u64, checksum };
        Ok(())
    }

    /// Replaces the file by one with only `genesis`, in one step. The caller holds the lock.
    pub fn create(&self, genesis: &Entry) -> Result<()> {
        let (bytes, _) = encode(&START, genesis)?;
        let temporary = self.path.with_extension("journal.new");
        let mut file = fs::File::create(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        sync_directory(&self.path)
    }
}

impl Position {
    /// Whether the first `length` bytes of the file are those that were read.
    fn is_in(&self, file: &mut fs::File) -> Result<bool> {
        if self.length == 0 {
            return Ok(true);
        }
        if file.metadata()?.len() < self.length {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(self.length - SEAL_LENGTH))?;
        let mut seal = [0; SEAL_LENGTH as usize];
        match file.read_exact(&mut seal) {
            Ok(()) => Ok(seal == *format!("{}\n", alloy::hex::encode(self.checksum)).as_bytes()),
            // The file shrank between the two calls.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The line of `entry` after one whose checksum is `previous`, and its own checksum.
fn encode(previous: &[u8; 32], entry: &Entry) -> Result<(Vec<u8>, [u8; 32])> {
    let mut line =
        serde_json::to_vec(entry).map_err(|error| Error::bug("a chain entry has no JSON").caused_by(&error))?;
    let checksum = seal_of(previous, &line);
    line.push(b' ');
    line.extend_from_slice(alloy::hex::encode(checksum).as_bytes());
    line.push(b'\n');
    Ok((line, checksum))
}

pub(super) fn seal_of(previous: &[u8; 32], payload: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(previous).chain_update(payload).finalize().into()
}

/// Makes a rename durable; only Unix lets a directory be synced.
#[cfg(unix)]
fn sync_directory(path: &Utf8Path) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn sync_directory(_path: &Utf8Path) -> Result<()> {
    Ok(())
}
