//! Tags as ANS-104 writes them: an Avro array of records of two strings.

use super::ArweaveError;

/// Most tags of one item.
const MAX_TAGS: usize = 128;
/// Most bytes of all tags as written.
const MAX_BYTES: usize = 4096;
const MAX_NAME: usize = 1024;
const MAX_VALUE: usize = 3072;

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// E.g. `Content-Type`.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Tag {
    /// A tag.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The tags as bytes; none are no bytes.
pub(super) fn write(tags: &[Tag]) -> Result<Vec<u8>, ArweaveError> {
    let mut out = Vec::new();
    if tags.is_empty() {
        return Ok(out);
    }
    long(tags.len(), &mut out);
    for tag in tags {
        check(tag)?;
        for text in [&tag.name, &tag.value] {
            long(text.len(), &mut out);
            out.extend_from_slice(text.as_bytes());
        }
    }
    out.push(0);
    if tags.len() > MAX_TAGS || out.len() > MAX_BYTES {
        return Err(ArweaveError::Tags("at most 128 tags of 4,096 bytes together"));
    }
    Ok(out)
}

/// Reads what [`write`] makes, and nothing else: one block, no byte too many.
pub(super) fn read(bytes: &[u8], count: u64) -> Result<Vec<Tag>, ArweaveError> {
    if bytes.len() > MAX_BYTES || count > MAX_TAGS as u64 {
        return Err(ArweaveError::Tags("at most 128 tags of 4,096 bytes together"));
    }
    let mut rest = bytes;
    let mut tags = Vec::new();
    if count > 0 {
        if read_long(&mut rest)? as u64 != count {
            return Err(ArweaveError::Tags("their number is another one"));
        }
        for _ in 0..count {
            let tag = Tag { name: read_text(&mut rest)?, value: read_text(&mut rest)? };
            check(&tag)?;
            tags.push(tag);
        }
        rest = rest.strip_prefix(&[0]).ok_or(ArweaveError::Tags("the end is missing"))?;
    }
    if rest.is_empty() { Ok(tags) } else { Err(ArweaveError::Tags("bytes follow after the end")) }
}

fn check(tag: &Tag) -> Result<(), ArweaveError> {
    let fits = |text: &str, most| !text.is_empty() && text.len() <= most;
    if fits(&tag.name, MAX_NAME) && fits(&tag.value, MAX_VALUE) {
        return Ok(());
    }
    Err(ArweaveError::Tags("a name has 1 to 1,024 bytes, a value 1 to 3,072"))
}

/// A length: zigzag, seven bits a byte, the lowest first.
fn long(value: usize, out: &mut Vec<u8>) {
    let mut rest = value << 1;
    while rest > 0x7f {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn read_long(rest: &mut &[u8]) -> Result<usize, ArweaveError> {
    let mut value = 0;
    for shift in [0, 7, 14] {
        let (byte, after) = rest.split_first().ok_or(ArweaveError::Tags("they are cut off"))?;
        *rest = after;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let negative = value & 1 == 1;
            return if negative { Err(ArweaveError::Tags("a length is negative")) } else { Ok(value >> 1) };
        }
    }
    Err(ArweaveError::Tags("a length is too large"))
}

fn read_text(rest: &mut &[u8]) -> Result<String, ArweaveError> {
    let len = read_long(rest)?;
    let (text, after) = rest.split_at_checked(len).ok_or(ArweaveError::Tags("they are cut off"))?;
    *rest = after;
    String::from_utf8(text.to_vec()).map_err(|_| ArweaveError::Tags("a text is not UTF-8"))
}
