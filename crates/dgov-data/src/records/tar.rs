//! Tar archives as their readers agree on them, and nothing else: ustar (POSIX.1-1988), pax (POSIX.1-2001), GNU long names, v7.
//!
//! Tar has grown by additions that some readers know and others pass over, so that two programs may see different files in
//! the same bytes. What they disagree on is refused here: two sizes or two names of one member, links, sparse files, names
//! that lead out of the folder, an end mark that is missing or has something behind it.

/// A header, and what content is padded to.
const BLOCK: usize = 512;
/// Most bytes of a pax header or GNU long name.
const MAX_EXTENSION: u64 = 1 << 20;
/// Longest name.
const MAX_NAME: usize = 4_096;
/// Sizes from here on don't fit into the twelve digits of a header, and pax alone may say them.
const LARGE: u64 = 1 << 33;

/// Takes the files of an archive. Their directories have no content and are not given.
pub(super) trait Receive {
    /// A file begins: name and size. False ends the reading.
    fn begin(&mut self, name: &str, size: u64) -> Result<bool, String>;
    /// Its next bytes.
    fn content(&mut self, piece: &[u8]);
    /// It ends.
    fn end(&mut self) -> Result<(), String>;
}

enum State {
    /// In a header.
    Header,
    /// In the content of a file.
    Content,
    /// In a pax header (`x`, or `g` for all that follow) or a GNU long name (`L`).
    Extension(u8),
    /// Behind the first empty block.
    End,
}

/// Reads an archive in pieces of any length.
pub(super) struct Parser {
    /// Of the archive.
    size: u64,
    offset: u64,
    /// Where the member's first header is: the place of every error about it.
    member: u64,
    state: State,
    block: [u8; BLOCK],
    filled: usize,
    /// Bytes of content to come, and of padding behind it.
    rest: u64,
    padding: u64,
    extension: Vec<u8>,
    /// Whether a pax header or GNU long name was about the next member, and what it said.
    extended: bool,
    name: Option<String>,
    said_size: Option<u64>,
    /// Bytes of zeros at the end.
    zeros: u64,
}

impl Parser {
    pub fn new(size: u64) -> Self {
        Self {
            size,
            offset: 0,
            member: 0,
            state: State::Header,
            block: [0; BLOCK],
            filled: 0,
            rest: 0,
            padding: 0,
            extension: Vec::new(),
            extended: false,
            name: None,
            said_size: None,
            zeros: 0,
        }
    }

    /// Offset of the member that is being read.
    pub fn place(&self) -> u64 {
        self.member
    }

    /// Takes the next bytes; false when the receiver wants no more.
    pub fn take(&mut self, mut piece: &[u8], receive: &mut dyn Receive) -> Result<bool, String> {
        while !piece.is_empty() {
            let taken = match self.state {
                State::Header => {
                    let taken = piece.len().min(BLOCK - self.filled);
                    if let Some(part) = self.block.get_mut(self.filled..self.filled + taken) {
                        part.copy_from_slice(piece.get(..taken).unwrap_or_default());
                    }
                    self.filled += taken;
                    taken
                }
                State::Content | State::Extension(_) if self.rest > 0 => {
                    let taken = piece.len().min(usize::try_from(self.rest).unwrap_or(usize::MAX));
                    let content = piece.get(..taken).unwrap_or_default();
                    match self.state {
                        State::Content => receive.content(content),
                        _ => self.extension.extend_from_slice(content),
                    }
                    self.rest -= taken as u64;
                    taken
                }
                State::Content | State::Extension(_) => {
                    let taken = piece.len().min(usize::try_from(self.padding).unwrap_or(usize::MAX));
                    self.padding -= taken as u64;
                    taken
                }
                State::End => {
                    if let Some(at) = piece.iter().position(|byte| *byte != 0) {
                        self.member = self.offset + at as u64;
                        return Err(
                            "something follows the mark at the end; archives that were joined are not read".into()
                        );
                    }
                    self.zeros += piece.len() as u64;
                    piece.len()
                }
            };
            self.offset += taken as u64;
            piece = piece.get(taken..).unwrap_or_default();
            if !self.step(receive)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Acts on what is complete now.
    fn step(&mut self, receive: &mut dyn Receive) -> Result<bool, String> {
        if matches!(self.state, State::Header) && self.filled == BLOCK {
            self.filled = 0;
            if !self.header(receive)? {
                return Ok(false);
            }
        }
        if self.rest > 0 || self.padding > 0 {
            return Ok(true);
        }
        match self.state {
            State::Content => {
                receive.end()?;
                self.state = State::Header;
            }
            State::Extension(kind) => {
                self.state = State::Header;
                let content = std::mem::take(&mut self.extension);
                match kind {
                    b'L' => self.long_name(&content)?,
                    b'g' => pax(&content, &mut |key, _| match key {
                        "path" | "size" => Err(format!("a global header that sets the {key} of all members")),
                        _ => Ok(()),
                    })?,
                    _ => self.pax_header(&content)?,
                }
            }
            State::Header | State::End => {}
        }
        Ok(true)
    }

    /// The archive has to end here.
    pub fn finish(&mut self) -> Result<(), String> {
        match self.state {
            State::End if self.zeros >= 2 * BLOCK as u64 => Ok(()),
            _ => {
                self.member = self.size;
                Err("the mark at the end, two empty blocks, is missing; the archive is cut short".into())
            }
        }
    }

    fn header(&mut self, receive: &mut dyn Receive) -> Result<bool, String> {
        if !self.extended {
            self.member = self.offset - BLOCK as u64;
        }
        if self.block == [0; BLOCK] {
            if self.extended {
                return Err("a header for a member that does not follow".into());
            }
            self.state = State::End;
            self.zeros = BLOCK as u64;
            return Ok(true);
        }
        let header = Header(&self.block);
        header.check()?;
        let (kind, mut size) = (header.kind(), header.size()?);
        match kind {
            b'x' | b'g' | b'L' => {
                if size > MAX_EXTENSION {
                    return Err(format!("a header of {size} bytes; at most {MAX_EXTENSION}"));
                }
                if std::mem::replace(&mut self.extended, kind != b'g') {
                    return Err("two headers with additions to one member".into());
                }
                self.state = State::Extension(kind);
                self.content(size)?;
                return Ok(true);
            }
            b'0' | 0 | b'5' => {}
            b'1' => return Err("a hard link; a record is made of files".into()),
            b'2' | b'K' => return Err("a symbolic link; a record is made of files".into()),
            b'3' | b'4' | b'6' => return Err("a device or pipe; a record is made of files".into()),
            b'S' => return Err("a sparse file, which readers see differently".into()),
            other => return Err(format!("a member of the unknown type {:?}", char::from(other))),
        }
        if let Some(said) = self.said_size.take() {
            // Readers that pass over pax headers go by the header, and see other members in the content of this one.
            if said != size && !(size == 0 && said >= LARGE) {
                return Err(format!("two sizes, {size} and {said}"));
            }
            size = said;
        }
        self.extended = false;
        let name = match self.name.take() {
            Some(name) => name,
            None => header.name()?,
        };
        let is_directory = kind == b'5';
        check_name(if is_directory { name.strip_suffix('/').unwrap_or(&name) } else { &name })?;
        if is_directory {
            if size > 0 {
                return Err(format!("a directory, {name:?}, with content"));
            }
            return Ok(true);
        }
        self.state = State::Content;
        self.content(size)?;
        receive.begin(&name, size)
    }

    /// Content of this size follows.
    fn content(&mut self, size: u64) -> Result<(), String> {
        let padding = size.wrapping_neg() % BLOCK as u64;
        if size.checked_add(padding).is_none_or(|stored| stored > self.size.saturating_sub(self.offset)) {
            return Err(format!("{size} bytes are announced, the archive ends before"));
        }
        (self.rest, self.padding) = (size, padding);
        Ok(())
    }

    fn long_name(&mut self, content: &[u8]) -> Result<(), String> {
        let name = content.strip_suffix(&[0]).unwrap_or(content);
        self.name = Some(text(name)?.to_owned());
        Ok(())
    }

    fn pax_header(&mut self, content: &[u8]) -> Result<(), String> {
        let (mut name, mut size) = (None, None);
        pax(content, &mut |key, value| {
            let slot = match key {
                "path" => &mut name,
                "size" => &mut size,
                _ => return Ok(()),
            };
            match slot.replace(text(value)?.to_owned()) {
                None => Ok(()),
                Some(_) => Err(format!("a pax header that gives the {key} twice")),
            }
        })?;
        self.name = name;
        if let Some(size) = size {
            let digits = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
            let size: Option<u64> = digits.then(|| size.parse().ok()).flatten();
            self.said_size = Some(size.ok_or("a pax header with a size that is no number")?);
        }
        Ok(())
    }
}

/// Takes key and value of a pax record.
type TakePax<'a> = dyn FnMut(&str, &[u8]) -> Result<(), String> + 'a;

/// Gives the records of a pax header: `length key=value\n`, the length being that of all of it.
fn pax(mut content: &[u8], take: &mut TakePax<'_>) -> Result<(), String> {
    let broken = || "a pax header that is not made of `length key=value` lines".to_owned();
    while !content.is_empty() {
        let digits = content.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
        let length = content.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<usize>().ok());
        let (record, rest) = length.and_then(|length| content.split_at_checked(length)).ok_or_else(broken)?;
        let record = record.get(digits..).and_then(|record| record.strip_prefix(b" ")?.strip_suffix(b"\n"));
        let record = record.ok_or_else(broken)?;
        let equals = memchr::memchr(b'=', record).ok_or_else(broken)?;
        let (key, value) = record.split_at(equals);
        let (key, value) = (text(key)?, value.get(1..).unwrap_or_default());
        if key.starts_with("GNU.sparse.") || key == "SCHILY.realsize" {
            return Err("a sparse file, which readers see differently".into());
        }
        if key == "hdrcharset" && value != b"ISO-IR 10646 2000 UTF-8" {
            return Err("a pax header with names that are not UTF-8".into());
        }
        take(key, value)?;
        content = rest;
    }
    Ok(())
}

struct Header<'a>(&'a [u8; BLOCK]);

impl Header<'_> {
    fn field(&self, start: usize, length: usize) -> &[u8] {
        self.0.get(start..start + length).unwrap_or_default()
    }

    fn check(&self) -> Result<(), String> {
        let said = octal(self.field(148, 8)).ok_or("no header of a tar archive")?;
        let bytes = self.0.iter().enumerate();
        let sum: u64 = bytes.map(|(at, byte)| u64::from(if (148..156).contains(&at) { b' ' } else { *byte })).sum();
        if sum != said {
            return Err("the checksum of the header is wrong".into());
        }
        let known = match self.field(257, 8) {
            b"ustar\x0000" => true,
            // Where ustar has the first part of long names, GNU has times, which some readers take for a name.
            b"ustar  \0" => self.field(345, 167).iter().all(|byte| *byte == 0),
            _ => self.field(257, 255).iter().all(|byte| *byte == 0),
        };
        if known { Ok(()) } else { Err("a header that is neither ustar nor GNU".into()) }
    }

    fn kind(&self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or_default()
    }

    fn size(&self) -> Result<u64, String> {
        let field = self.field(124, 12);
        // GNU writes large sizes as numbers of base 256 behind a byte with its high bit set.
        let size = match field.split_first() {
            Some((0x80, [0, 0, 0, large @ ..])) => large.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes)),
            _ => octal(field),
        };
        size.ok_or_else(|| "a size that is no number".into())
    }

    fn name(&self) -> Result<String, String> {
        let name = text(until_nul(self.field(0, 100)))?;
        let prefix = text(until_nul(self.field(345, 155)))?;
        Ok(if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") })
    }
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "a name that is not UTF-8".into())
}

/// Octal digits between spaces and NULs.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|byte| *byte != b' ')?;
    let field = field.get(start..)?;
    let digits = field.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (digits, rest) = field.split_at(digits);
    if digits.is_empty() || rest.iter().any(|byte| !matches!(byte, b' ' | 0)) {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| value.checked_mul(8)?.checked_add(u64::from(digit - b'0')))
}

/// A name that stays in the folder that an archive is unpacked into, the same on every system.
fn check_name(name: &str) -> Result<(), String> {
    if name.len() > MAX_NAME {
        return Err(format!("a name of {} bytes; at most {MAX_NAME}", name.len()));
    }
    if name.starts_with('/') {
        return Err(format!("the absolute name {name:?}"));
    }
    if name.contains('\0') {
        return Err(format!("the name {name:?} with a NUL"));
    }
    let inside = name.strip_prefix("./").unwrap_or(name);
    if inside != "." && inside.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(format!("the name {name:?}, with a part that names no file"));
    }
    Ok(())
}
