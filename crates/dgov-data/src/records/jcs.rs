//! JSON documents as large as a disk, value by value, in the one form that all readers agree on.
//!
//! The form is that of RFC 8785 (JCS) but for one thing: a number without fraction and exponent keeps all its digits, so that
//! identifiers of 64 bits stay different. Members come in the order of their UTF-16 code units; two of one name are an error.

use super::RecordError;
use super::inside::Input;

/// Bytes read at a time.
const BUFFER: usize = 256 << 10;
/// Most bytes of one value that is held.
const MAX_VALUE: u64 = 8 << 20;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// Members of an object by name, each in canonical form.
pub(super) struct Members(Vec<(String, Vec<u8>)>);

impl Members {
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    pub fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    /// Puts a text in the place of the member's value.
    pub fn replace(&mut self, name: &str, text: &str) {
        if let Some((_, value)) = self.0.iter_mut().find(|(known, _)| known == name) {
            value.clear();
            write_text(text, value);
        }
    }

    /// The object in canonical form, as the only member, `name`, of another one.
    pub fn document(&self, name: &str) -> Vec<u8> {
        let mut out = vec![b'{'];
        write_text(name, &mut out);
        out.push(b':');
        self.write(&mut out);
        out.push(b'}');
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_text(name, out);
            out.push(b':');
            out.extend_from_slice(value);
        }
        out.push(b'}');
    }

    /// From names and texts, for documents that are no JSON; names differ.
    pub fn of_texts<'a>(texts: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let value = |text| {
            let mut out = Vec::new();
            write_text(text, &mut out);
            out
        };
        let mut members: Vec<_> = texts.map(|(name, text)| (name.to_owned(), value(text))).collect();
        members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
        Self(members)
    }
}

/// What a text in canonical form says; `None` when it is no text.
pub(super) fn text(canonical: &[u8]) -> Option<String> {
    serde_json::from_slice(canonical).ok()
}

/// The number in canonical form; `None` when it is none.
pub(super) fn number(canonical: &[u8]) -> Option<f64> {
    // Rust reads `inf` and `nan`, too, but no JSON value is written so.
    std::str::from_utf8(canonical).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The numbers of a list in canonical form; `None` when it is none, or holds something else.
pub(super) fn numbers(canonical: &[u8]) -> Option<Vec<f64>> {
    let inside = canonical.strip_prefix(b"[")?.strip_suffix(b"]")?;
    if inside.is_empty() {
        return Some(Vec::new());
    }
    inside.split(|byte| *byte == b',').map(number).collect()
}

pub(super) struct Reader<'a> {
    input: &'a Input<'a>,
    buffer: Vec<u8>,
    at: usize,
    /// Offset in the file of the end of the buffer.
    end: u64,
    /// Offset that the value which is being read must not pass.
    limit: u64,
}

type Result<T> = std::result::Result<T, RecordError>;

impl<'a> Reader<'a> {
    pub fn new(input: &'a Input<'a>) -> Self {
        Self { input, buffer: Vec::new(), at: 0, end: 0, limit: u64::MAX }
    }

    /// Offset of the next byte.
    pub fn offset(&self) -> u64 {
        self.end - (self.buffer.len() - self.at) as u64
    }

    /// An error at this place.
    pub fn error(&self, reason: impl Into<String>) -> RecordError {
        self.input.damaged(format!("byte {}", self.offset()), reason)
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        if self.at == self.buffer.len() {
            let rest = self.input.source.size() - self.end;
            self.buffer.resize(BUFFER.min(usize::try_from(rest).unwrap_or(BUFFER)), 0);
            self.input.source.read(&mut self.buffer, self.end)?;
            self.end += self.buffer.len() as u64;
            self.at = 0;
        }
        Ok(self.buffer.get(self.at).copied())
    }

    fn next(&mut self) -> Result<u8> {
        match self.peek()? {
            Some(_) if self.offset() >= self.limit => {
                Err(self.error(format!("a value of more than {} MiB", MAX_VALUE >> 20)))
            }
            Some(byte) => {
                self.at += 1;
                Ok(byte)
            }
            None => Err(self.error("the document ends within a value")),
        }
    }

    fn expect(&mut self, expected: u8) -> Result<()> {
        let found = self.token()?;
        if found == expected { Ok(()) } else { Err(self.unexpected(found)) }
    }

    fn unexpected(&mut self, found: u8) -> RecordError {
        self.at = self.at.saturating_sub(1);
        self.error(format!("no JSON: {:?} is not expected here", char::from(found)))
    }

    /// The next byte that is no space.
    fn token(&mut self) -> Result<u8> {
        loop {
            match self.next()? {
                b' ' | b'\t' | b'\n' | b'\r' => {}
                byte => return Ok(byte),
            }
        }
    }

    /// Reads an object, giving the name of each member; `take` has to read the value.
    pub fn object(&mut self, take: &mut dyn FnMut(&mut Self, String) -> Result<()>) -> Result<()> {
        self.expect(b'{')?;
        let mut first = true;
        loop {
            self.hold();
            match (self.token()?, first) {
                (b'}', true) => break,
                (b'"', _) => {}
                (found, _) => return Err(self.unexpected(found)),
            }
            let name = self.text()?;
            self.expect(b':')?;
            take(self, name)?;
            match self.token()? {
                b',' => first = false,
                b'}' => break,
                found => return Err(self.unexpected(found)),
            }
        }
        self.limit = u64::MAX;
        Ok(())
    }

    /// Reads a list; `take` has to read each item.
    pub fn list(&mut self, take: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.expect(b'[')?;
        if self.spaces()? == Some(b']') {
            return self.next().map(|_| ());
        }
        loop {
            self.hold();
            take(self)?;
            self.hold();
            match self.token()? {
                b',' => {}
                b']' => return Ok(()),
                found => return Err(self.unexpected(found)),
            }
        }
    }

    /// What comes next, spaces passed over.
    fn spaces(&mut self) -> Result<Option<u8>> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek()? {
            self.next()?;
        }
        self.peek()
    }

    /// What follows may take as much memory as one value.
    fn hold(&mut self) {
        self.limit = self.offset().saturating_add(MAX_VALUE);
    }

    /// Nothing but space may follow.
    pub fn finish(&mut self) -> Result<()> {
        self.limit = u64::MAX;
        match self.spaces()? {
            None => Ok(()),
            Some(_) => Err(self.error("something follows the document")),
        }
    }

    /// Reads an object that is held; `what` is it for people.
    pub fn members(&mut self, what: &str) -> Result<Members> {
        match self.token()? {
            b'{' => self.held_object(0),
            _ => {
                self.at = self.at.saturating_sub(1);
                Err(self.error(format!("{what} is no object")))
            }
        }
    }

    /// Reads any value and appends its canonical form.
    pub fn value(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.nested(out, 0)
    }

    fn nested(&mut self, out: &mut Vec<u8>, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("values are nested more than {MAX_DEPTH} deep")));
        }
        match self.token()? {
            b'{' => self.held_object(depth)?.write(out),
            b'[' => {
                out.push(b'[');
                if self.spaces()? == Some(b']') {
                    self.next()?;
                } else {
                    loop {
                        self.nested(out, depth + 1)?;
                        match self.token()? {
                            b',' => out.push(b','),
                            b']' => break,
                            found => return Err(self.unexpected(found)),
                        }
                    }
                }
                out.push(b']');
            }
            b'"' => write_text(&self.text()?, out),
            b't' => self.word(b"true", out)?,
            b'f' => self.word(b"false", out)?,
            b'n' => self.word(b"null", out)?,
            first @ (b'-' | b'0'..=b'9') => self.number(first, out)?,
            found => return Err(self.unexpected(found)),
        }
        Ok(())
    }

    /// Behind the brace of an object.
    fn held_object(&mut self, depth: usize) -> Result<Members> {
        let mut members = Vec::new();
        if self.spaces()? == Some(b'}') {
            self.next()?;
            return Ok(Members(members));
        }
        loop {
            self.expect(b'"')?;
            let name = self.text()?;
            self.expect(b':')?;
            let mut value = Vec::new();
            self.nested(&mut value, depth + 1)?;
            members.push((name, value));
            match self.token()? {
                b',' => {}
                b'}' => break,
                found => return Err(self.unexpected(found)),
            }
        }
        members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
        match members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(self.error(format!("two members are named {:?}", pair[0].0))),
            None => Ok(Members(members)),
        }
    }

    fn word(&mut self, word: &[u8], out: &mut Vec<u8>) -> Result<()> {
        for expected in word.iter().skip(1) {
            let found = self.next()?;
            if found != *expected {
                return Err(self.unexpected(found));
            }
        }
        out.extend_from_slice(word);
        Ok(())
    }

    fn number(&mut self, first: u8, out: &mut Vec<u8>) -> Result<()> {
        let mut written = vec![first];
        while let Some(byte @ (b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) = self.peek()? {
            written.push(byte);
            self.next()?;
        }
        let is_whole = match shape(&written) {
            Some(is_whole) => is_whole,
            None => return Err(self.error("no JSON: a number that is none")),
        };
        if is_whole {
            out.extend_from_slice(if written == b"-0" { b"0" } else { &written });
            return Ok(());
        }
        match number(&written) {
            Some(value) => {
                out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
                Ok(())
            }
            None => Err(self.error("a number that is too large")),
        }
    }

    /// Behind the quote of a text.
    fn text(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    let c = self.escape()?;
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..0x20 => return Err(self.error("no JSON: a control character in a text")),
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).map_err(|_| self.error("a text that is not UTF-8"))
    }

    fn escape(&mut self) -> Result<char> {
        Ok(match self.next()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut units = vec![self.unit()?];
                if matches!(units[0], 0xd800..0xdc00) {
                    if (self.next()?, self.next()?) != (b'\\', b'u') {
                        return Err(self.error("half a character in a text"));
                    }
                    units.push(self.unit()?);
                }
                match char::decode_utf16(units).next() {
                    Some(Ok(c)) => c,
                    _ => return Err(self.error("half a character in a text")),
                }
            }
            found => return Err(self.unexpected(found)),
        })
    }

    fn unit(&mut self) -> Result<u16> {
        let mut unit = 0;
        for _ in 0..4 {
            let found = self.next()?;
            match char::from(found).to_digit(16) {
                Some(digit) => unit = unit << 4 | digit as u16,
                None => return Err(self.unexpected(found)),
            }
        }
        Ok(unit)
    }
}

/// Whether a number has neither fraction nor exponent; `None` for what is none: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
fn shape(written: &[u8]) -> Option<bool> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = written.strip_prefix(b"-").unwrap_or(written);
    let whole = digits(rest);
    if whole == 0 || whole > 1 && rest.first() == Some(&b'0') {
        return None;
    }
    let mut rest = rest.get(whole..)?;
    let is_whole = rest.is_empty();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        rest = fraction.get(count..).filter(|_| count > 0)?;
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let count = digits(exponent);
        rest = exponent.get(count..).filter(|_| count > 0)?;
    }
    rest.is_empty().then_some(is_whole)
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            8 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            12 => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}
