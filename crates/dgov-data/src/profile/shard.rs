//! The file of a part: one line of JSON, the entries to be sorted, and a digest of all that.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::near::ENTRY;
use super::scope::Common;
use super::state::State;
use super::{KEY, ProfileError};

const FORMAT: &str = "dgov.profile-part.v1";

/// Bytes of the first line; a profile of [`super::MAX_COLUMNS`] columns needs a sixth.
const HEADER_LIMIT: u64 = 1 << 30;

/// Which part of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// From 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// Whether this part has the records of a file, by the file's position in the plan. The records of a file stay together,
    /// so that each machine reads its own files only.
    pub fn has(&self, file: usize) -> bool {
        file as u64 % u64::from(self.of) + 1 == u64::from(self.number)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    /// `2/8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (number, of) = text.split_once('/')?;
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        };
        match parse() {
            Some(shard) if (1..=shard.of).contains(&shard.number) => Ok(shard),
            _ => Err(format!("`{text}` is not PART/PARTS, e.g. 2/8: the second of eight")),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    format: String,
    pub shard: Shard,
    pub scope: Common,
    pub state: State,
}

/// An entry of either kind.
pub(super) enum Entry {
    Key([u8; KEY]),
    Band([u8; ENTRY]),
}

const TAG_KEY: u8 = b'k';
const TAG_BAND: u8 = b'b';
const TAG_END: u8 = b'e';

/// Writes a part.
pub(super) struct Writer<W> {
    out: W,
    hasher: Sha256,
}

impl<W: Write> Writer<W> {
    pub fn new(out: W, shard: Shard, scope: &Common, state: &State) -> io::Result<Self> {
        #[derive(Serialize)]
        struct Borrowed<'a> {
            format: &'static str,
            shard: Shard,
            scope: &'a Common,
            state: &'a State,
        }
        let mut writer = Self { out, hasher: Sha256::new() };
        let mut line = serde_json::to_vec(&Borrowed { format: FORMAT, shard, scope, state })?;
        line.push(b'\n');
        writer.write(&line)?;
        Ok(writer)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }

    pub fn key(&mut self, entry: &[u8; KEY]) -> io::Result<()> {
        self.write(&[TAG_KEY])?;
        self.write(entry)
    }

    pub fn band(&mut self, entry: &[u8; ENTRY]) -> io::Result<()> {
        self.write(&[TAG_BAND])?;
        self.write(entry)
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.write(&[TAG_END])?;
        self.out.write_all(&self.hasher.finalize())?;
        self.out.flush()
    }
}

/// Reads a part: the header, and each entry into `take`.
pub(super) fn read(
    input: &mut impl BufRead,
    take: &mut dyn FnMut(Entry) -> io::Result<()>,
) -> Result<Header, ProfileError> {
    let broken = |why: &str| ProfileError::BrokenPart(why.to_owned());
    let mut line = Vec::new();
    input.by_ref().take(HEADER_LIMIT).read_until(b'\n', &mut line)?;
    if line.last() != Some(&b'\n') {
        return Err(broken("it does not begin with a header"));
    }
    let header: Header =
        serde_json::from_slice(&line).map_err(|error| ProfileError::BrokenPart(format!("its header: {error}")))?;
    if header.format != FORMAT {
        return Err(ProfileError::BrokenPart(format!("its format is {}, not {FORMAT}", header.format)));
    }
    let mut hasher = Sha256::new_with_prefix(&line);
    let mut exact = |bytes: &mut [u8]| match input.read_exact(bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(broken("it is cut off")),
        Err(error) => Err(ProfileError::from(error)),
        Ok(()) => Ok(()),
    };
    loop {
        let mut tag = [0];
        exact(&mut tag)?;
        hasher.update(tag);
        match tag[0] {
            TAG_KEY => {
                let mut entry = [0; KEY];
                exact(&mut entry)?;
                hasher.update(entry);
                take(Entry::Key(entry))?;
            }
            TAG_BAND => {
                let mut entry = [0; ENTRY];
                exact(&mut entry)?;
                hasher.update(entry);
                take(Entry::Band(entry))?;
            }
            TAG_END => break,
            _ => return Err(broken("it holds something that is no entry")),
        }
    }
    let mut digest = [0; 32];
    exact(&mut digest)?;
    let mut rest = [0];
    if hasher.finalize()[..] != digest || input.read(&mut rest)? != 0 {
        return Err(broken("its bytes don't have the digest at its end"));
    }
    if !(1..=header.shard.of).contains(&header.shard.number) || header.scope.splits.len() > super::splits::MAX_SPLITS {
        return Err(broken("its header makes no sense"));
    }
    Ok(header)
}
