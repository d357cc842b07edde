//! Pages of Parquet files before a parser takes them: what their headers say, and whether they unpack to what they say.
//!
//! Headers are structs in the compact protocol of Thrift (`parquet.thrift`, `PageHeader`). They are read here in the one
//! order that writers have, because a parser that meets a field twice goes by the second.

use std::io::{self, Read};
use std::sync::{Mutex, OnceLock, PoisonError};

use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

/// Most bytes of a page when it is unpacked.
const MAX_PAGE: u64 = 512 << 20;
/// Most bytes of the pages and dictionaries that are held at a time, unpacked: two for each column.
const MAX_HELD: u64 = 4 << 30;
/// How many bytes a packed one can stand for: gzip has 258 bytes in two bits, LZ4 255 in a byte.
const GZIP_RATIO: u64 = 1_032;
const LZ4_RATIO: u64 = 255;
const MAX_DEPTH: usize = 16;

/// What a page header says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Head {
    dictionary: bool,
    /// Bytes of the page when it is unpacked, and as stored.
    unpacked: u64,
    stored: u64,
    /// How many of them, at the beginning, are never packed.
    plain: u64,
    packed: bool,
    /// Bytes of the header.
    length: u64,
}

/// A column chunk of a row group.
struct Chunk {
    start: u64,
    end: u64,
    column: usize,
    codec: Compression,
}

/// The pages that a column holds: where they begin, behind their headers.
#[derive(Clone, Copy, Default)]
struct Held {
    dictionary: Option<(u64, Head)>,
    page: Option<(u64, Head)>,
}

impl Held {
    fn bytes(&self) -> u64 {
        let bytes = |page: Option<(u64, Head)>| page.map_or(0, |(_, head)| head.unpacked);
        bytes(self.dictionary) + bytes(self.page)
    }
}

/// The pages of a file.
#[derive(Default)]
pub(super) struct Pages {
    chunks: OnceLock<Vec<Chunk>>,
    /// By column, and the bytes of all together.
    held: Mutex<(Vec<Held>, u64)>,
}

impl Pages {
    /// Where pages may be, as a footer says whose offsets were compared with the file.
    pub fn expect(&self, metadata: &ParquetMetaData) {
        let mut chunks = Vec::new();
        let mut columns = 0;
        for group in metadata.row_groups() {
            columns = columns.max(group.columns().len());
            for (column, chunk) in group.columns().iter().enumerate() {
                let (start, length) = chunk.byte_range();
                chunks.push(Chunk { start, end: start.saturating_add(length), column, codec: chunk.compression() });
            }
        }
        chunks.sort_unstable_by_key(|chunk| chunk.start);
        let _ = self.chunks.set(chunks);
        self.held.lock().unwrap_or_else(PoisonError::into_inner).0.resize(columns, Held::default());
    }

    fn chunk(&self, offset: u64) -> Option<&Chunk> {
        let chunks = self.chunks.get()?;
        let place = chunks.partition_point(|chunk| chunk.start <= offset).checked_sub(1)?;
        chunks.get(place).filter(|chunk| offset < chunk.end)
    }

    /// Takes the header of the page at an offset; false when more bytes are needed.
    pub fn header(&self, offset: u64, bytes: &[u8]) -> Result<bool, String> {
        let Some(chunk) = self.chunk(offset) else { return Err("a page outside its column".into()) };
        let Some(head) = head(bytes)? else { return Ok(false) };
        if head.unpacked > MAX_PAGE {
            return Err(format!("a page of {} bytes when unpacked; at most {MAX_PAGE}", head.unpacked));
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (columns, total) = &mut *held;
        if let Some(column) = columns.get_mut(chunk.column) {
            *total -= column.bytes();
            let page = Some((offset + head.length, head));
            if head.dictionary {
                *column = Held { dictionary: page, page: None };
            } else {
                column.page = page;
            }
            *total += column.bytes();
        }
        if *total > MAX_HELD {
            return Err(format!("the pages of all columns take more than {} GiB when unpacked", MAX_HELD >> 30));
        }
        Ok(true)
    }

    /// Looks at the bytes of a page, before they are unpacked.
    pub fn check(&self, offset: u64, bytes: &[u8]) -> Result<(), String> {
        // Parts that are no pages belong to no column.
        let Some(chunk) = self.chunk(offset) else { return Ok(()) };
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let column = held.0.get(chunk.column).copied().unwrap_or_default();
        drop(held);
        let known = |page: Option<(u64, Head)>| {
            page.filter(|(start, head)| *start == offset && head.stored == bytes.len() as u64)
        };
        let Some((_, head)) = known(column.page).or_else(|| known(column.dictionary)) else {
            return Err("a page whose header was not read".into());
        };
        if !head.packed {
            return Ok(());
        }
        let packed = bytes.get(usize::try_from(head.plain).unwrap_or(usize::MAX)..).unwrap_or_default();
        let most = head.unpacked.saturating_sub(head.plain);
        unpacks(chunk.codec, packed, most)
    }
}

/// Whether a page unpacks to no more than it says. The parser unpacks these codecs to their end before it compares.
fn unpacks(codec: Compression, packed: &[u8], most: u64) -> Result<(), String> {
    let could_be = |ratio| packed.len() as u64 * ratio > MAX_PAGE;
    match codec {
        Compression::GZIP(_) if could_be(GZIP_RATIO) => bounded(flate2::read::MultiGzDecoder::new(packed), most),
        Compression::BROTLI(_) => bounded(brotli_decompressor::Decompressor::new(packed, 64 << 10), most),
        // Frames of one of the three layouts that this codec's name has had; the others are unpacked into what was said.
        Compression::LZ4 if could_be(LZ4_RATIO) && packed.starts_with(&[0x04, 0x22, 0x4d, 0x18]) => {
            bounded(lz4_flex::frame::FrameDecoder::new(packed), most)
        }
        _ => Ok(()),
    }
}

fn bounded(unpacked: impl Read, most: u64) -> Result<(), String> {
    match io::copy(&mut unpacked.take(most + 1), &mut io::sink()) {
        Ok(length) if length > most => Err(format!("a page that unpacks to more than the {most} bytes it announces")),
        // That it is broken, the parser says.
        _ => Ok(()),
    }
}

/// The header that the bytes begin with; `None` when it goes on behind them.
fn head(bytes: &[u8]) -> Result<Option<Head>, String> {
    let mut walk = Walk { bytes, at: 0 };
    match walk.head() {
        Ok(head) => Ok(Some(head)),
        Err(Stop::End) => Ok(None),
        Err(Stop::Broken) => Err("a page header that is none, or in an order that writers don't have".into()),
    }
}

enum Stop {
    /// The bytes end.
    End,
    Broken,
}

mod kind {
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const I32: u8 = 5;
    pub const STRUCT: u8 = 12;
}

/// Numbers of the fields of `PageHeader`.
const DATA_PAGE: i16 = 5;
const DICTIONARY_PAGE: i16 = 7;
const DATA_PAGE_V2: i16 = 8;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = self.bytes.get(self.at).copied().ok_or(Stop::End)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Broken)
    }

    /// A zigzag number that is not below zero.
    fn size(&mut self) -> Result<u64, Stop> {
        match self.varint()? {
            even if even % 2 == 0 && even / 2 <= i32::MAX as u64 => Ok(even / 2),
            _ => Err(Stop::Broken),
        }
    }

    /// Number and type of the next field, behind field `last`; `None` at the end of the struct.
    fn field(&mut self, last: i16) -> Result<Option<(i16, u8)>, Stop> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        let id = match byte >> 4 {
            0 => {
                let zigzag = self.varint()?;
                let id = (zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed());
                i16::try_from(id).map_err(|_| Stop::Broken)?
            }
            delta => last.checked_add(i16::from(delta)).ok_or(Stop::Broken)?,
        };
        if id > last { Ok(Some((id, byte & 15))) } else { Err(Stop::Broken) }
    }

    fn head(&mut self) -> Result<Head, Stop> {
        let mut head = Head { packed: true, ..Head::default() };
        let (mut last, mut page) = (0, None);
        while let Some((id, kind)) = self.field(last)? {
            // Kind, both sizes and one of the structs; more than one would be more than one page.
            if id > last + 1 && last < 3 {
                return Err(Stop::Broken);
            }
            last = id;
            match (id, kind) {
                (1, kind::I32) => {
                    self.size()?;
                }
                (2, kind::I32) => head.unpacked = self.size()?,
                (3, kind::I32) => head.stored = self.size()?,
                (1..=3, _) => return Err(Stop::Broken),
                (DATA_PAGE..=DATA_PAGE_V2, kind::STRUCT) => {
                    if page.replace(id).is_some() {
                        return Err(Stop::Broken);
                    }
                    if id == DATA_PAGE_V2 { self.data_page_v2(&mut head)? } else { self.skip(kind, 0)? }
                }
                _ => self.skip(kind, 0)?,
            }
        }
        if last < 3 || head.plain > head.unpacked {
            return Err(Stop::Broken);
        }
        head.dictionary = page == Some(DICTIONARY_PAGE);
        head.length = self.at as u64;
        Ok(head)
    }

    fn data_page_v2(&mut self, head: &mut Head) -> Result<(), Stop> {
        let mut last = 0;
        while let Some((id, kind)) = self.field(last)? {
            last = id;
            match (id, kind) {
                // Lengths of the definition and repetition levels.
                (5 | 6, kind::I32) => head.plain += self.size()?,
                (7, kind::TRUE | kind::FALSE) => head.packed = kind == kind::TRUE,
                (5..=7, _) => return Err(Stop::Broken),
                _ => self.skip(kind, 0)?,
            }
        }
        Ok(())
    }

    fn jump(&mut self, length: u64) -> Result<(), Stop> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        self.at = end.filter(|end| *end <= self.bytes.len()).ok_or(Stop::End)?;
        Ok(())
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err(Stop::Broken);
        }
        match kind {
            kind::TRUE | kind::FALSE => Ok(()),
            3 => self.jump(1),
            4 | kind::I32 | 6 => self.varint().map(|_| ()),
            7 => self.jump(8),
            8 => {
                let length = self.varint()?;
                self.jump(length)
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                for _ in 0..count {
                    match byte & 15 {
                        kind::TRUE | kind::FALSE => self.jump(1)?,
                        kind => self.skip(kind, depth + 1)?,
                    }
                }
                Ok(())
            }
            kind::STRUCT => {
                let mut last = 0;
                while let Some((id, kind)) = self.field(last)? {
                    last = id;
                    self.skip(kind, depth + 1)?;
                }
                Ok(())
            }
            _ => Err(Stop::Broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let simple = [0x15, 0, 0x15, 20, 0x15, 10, 0x2c, 0x15, 6, 0, 0];
        let expected = Head { unpacked: 10, stored: 5, packed: true, length: 11, ..Head::default() };
        assert_eq!(head(&simple).unwrap_or_default(), Some(expected));
        let v2 = [0x15, 6, 0x15, 20, 0x15, 10, 0x5c, 0x55, 4, 0x15, 2, 0x12, 0, 0, 9];
        let expected = Head { plain: 3, packed: false, length: 14, ..expected };
        assert_eq!(head(&v2).unwrap_or_default(), Some(expected));
        for length in 0..simple.len() {
            assert_eq!(head(&simple[..length]), Ok(None), "{length}");
        }
        for broken in [
            &[0x15, 0, 0x15, 21, 0x15, 10, 0][..],
            &[0x15, 0, 0x15, 20, 0x15, 10, 0x05, 4, 30, 0],
            &[0x25, 20, 0x15, 10, 0],
            &[0x15, 0, 0x15, 20, 0],
            &[0x15, 0, 0x15, 4, 0x15, 10, 0x5c, 0x55, 4, 0x15, 2, 0, 0],
            &[0x15, 0, 0x15, 20, 0x15, 10, 0x2c, 0, 0x3c, 0, 0],
        ] {
            assert!(head(broken).is_err(), "{broken:?}");
        }
    }
}
