//! Comma- and tab-separated values as RFC 4180 has them, and nothing else.
//!
//! The usual parsers skip blank lines, take a quote in the middle of a field for a character and the end of the file for the
//! end of an open quote. Each of these makes two programs see different records in the same bytes, or hides that a file was
//! cut short, so here they are errors; what is accepted means the same to all of them.

use alloy_primitives::B256;
use sha2::Digest;

use super::inside::{Input, Visit};
use super::{Field, RecordError, RecordFormat, Value, finish_key, format, key_hasher};

/// Most bytes of one row.
const MAX_ROW: usize = 64 << 20;
/// Most fields of one row.
const MAX_FIELDS: usize = 1 << 16;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The key of a CSV record, from its parsed fields.
pub fn csv_key<'a>(fields: impl ExactSizeIterator<Item = &'a str>) -> B256 {
    let mut hasher = key_hasher(RecordFormat::CSV).chain_update((fields.len() as u32).to_be_bytes());
    for field in fields {
        hasher.update((field.len() as u32).to_be_bytes());
        hasher.update(field);
    }
    finish_key(hasher)
}

/// Reads the rows below the header.
pub(super) fn read(input: &Input<'_>, visit: &mut Visit<'_>) -> Result<(), RecordError> {
    let delimiter = if format::is_tsv(input.path) { b'\t' } else { b',' };
    let mut rows = Rows { input, visit, header: None, number: 0 };
    let mut parser = Parser::new(delimiter);
    let mut outcome = Ok(true);
    input.source.for_each_piece(0, input.source.size(), &mut |piece| {
        outcome = parser.take(piece, &mut rows);
        matches!(outcome, Ok(true))
    })?;
    if outcome? {
        parser.finish(&mut rows)?;
    }
    Ok(())
}

/// The rows that one piece of text has below its header: for records that are given by hand.
///
/// # Errors
/// What is wrong with it, for people.
pub fn csv_rows(text: &[u8], delimiter: u8) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let mut collect = |parser: &Parser| {
        rows.push(parser.strings()?);
        Ok(true)
    };
    let mut parser = Parser::new(delimiter);
    parser.pieces(text, &mut collect)?;
    parser.end(&mut collect)?;
    Ok(rows)
}

struct Rows<'a, 'b> {
    input: &'a Input<'a>,
    visit: &'a mut Visit<'b>,
    header: Option<Vec<String>>,
    number: u64,
}

impl Rows<'_, '_> {
    fn take(&mut self, parser: &Parser) -> Result<bool, String> {
        let Some(header) = &self.header else {
            let names = parser.strings()?;
            let mut sorted: Vec<_> = names.iter().collect();
            sorted.sort_unstable();
            if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(format!("two columns are named `{}`", pair[0]));
            }
            self.header = Some(names);
            return Ok(true);
        };
        self.number += 1;
        if parser.ends.len() != header.len() {
            let (found, expected) = (parser.ends.len(), header.len());
            return Err(format!("{found} fields, but the header has {expected}"));
        }
        let texts = parser.texts()?;
        let key = csv_key(texts.iter().copied());
        let named = header.iter().zip(&texts).filter(|_| self.input.fields);
        let fields: Vec<_> = named
            .map(|(name, text)| Field {
                name: name.as_str().into(),
                value: if text.is_empty() { Value::Null } else { Value::Text((*text).into()) },
            })
            .collect();
        Ok((self.visit)(key, self.number, &fields))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the row so far.
    RowStart,
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within a quoted field: its end, or half of an escaped quote.
    Quote,
    /// Behind a CR outside quotes: only an LF may follow.
    Return,
}

struct Parser {
    delimiter: u8,
    state: State,
    /// The fields of the row so far, one after the other,
    row: Vec<u8>,
    /// and where each of them ends.
    ends: Vec<usize>,
    line: u64,
    offset: u64,
    /// Where the row began.
    row_line: u64,
    row_offset: u64,
}

impl Parser {
    fn new(delimiter: u8) -> Self {
        let (row, ends) = (Vec::new(), Vec::new());
        Self { delimiter, state: State::RowStart, row, ends, line: 1, offset: 0, row_line: 1, row_offset: 0 }
    }

    fn take(&mut self, piece: &[u8], rows: &mut Rows<'_, '_>) -> Result<bool, RecordError> {
        let input = rows.input;
        self.pieces(piece, &mut |parser| rows.take(parser)).map_err(|reason| input.damaged(self.place(), reason))
    }

    fn finish(mut self, rows: &mut Rows<'_, '_>) -> Result<(), RecordError> {
        let input = rows.input;
        self.end(&mut |parser| rows.take(parser)).map_err(|reason| input.damaged(self.place(), reason))
    }

    fn place(&self) -> String {
        format!("line {}, byte {}", self.row_line, self.row_offset)
    }

    fn pieces(&mut self, piece: &[u8], row: &mut dyn FnMut(&Self) -> Result<bool, String>) -> Result<bool, String> {
        for byte in piece {
            if self.state == State::RowStart {
                (self.row_line, self.row_offset) = (self.line, self.offset);
            }
            self.offset += 1;
            self.line += u64::from(*byte == b'\n');
            if self.byte(*byte)? {
                let more = self.complete(row)?;
                if !more {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Takes a byte; true when it ends the row.
    fn byte(&mut self, byte: u8) -> Result<bool, String> {
        if self.row.len() >= MAX_ROW || self.ends.len() >= MAX_FIELDS {
            return Err(format!("a row has at most {} MiB and {MAX_FIELDS} fields", MAX_ROW >> 20));
        }
        self.state = match (self.state, byte) {
            (State::RowStart, b'\n' | b'\r') => return Err("a blank line; remove it".into()),
            (State::RowStart | State::FieldStart, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, byte) => {
                self.row.push(byte);
                State::Quoted
            }
            (State::Quote, b'"') => {
                self.row.push(b'"');
                State::Quoted
            }
            (State::Return, b'\n') => return Ok(true),
            (State::Return, _) => return Err("a carriage return that no line feed follows, outside quotes".into()),
            (_, b'\n') => return Ok(true),
            (_, b'\r') => State::Return,
            (_, byte) if byte == self.delimiter => {
                self.ends.push(self.row.len());
                State::FieldStart
            }
            (State::Quote, _) => return Err("text behind the closing quote of a field".into()),
            (_, b'"') => return Err("a quote inside a field that is not quoted".into()),
            (_, byte) => {
                self.row.push(byte);
                // A byte order mark belongs to the file, not to the name of the first column.
                if self.offset == 3 && self.row == BYTE_ORDER_MARK {
                    self.row.clear();
                    State::RowStart
                } else {
                    State::Plain
                }
            }
        };
        Ok(false)
    }

    fn complete(&mut self, row: &mut dyn FnMut(&Self) -> Result<bool, String>) -> Result<bool, String> {
        self.ends.push(self.row.len());
        let more = row(self)?;
        self.row.clear();
        self.ends.clear();
        self.state = State::RowStart;
        Ok(more)
    }

    /// The last row needs no LF.
    fn end(&mut self, row: &mut dyn FnMut(&Self) -> Result<bool, String>) -> Result<(), String> {
        match self.state {
            State::RowStart => Ok(()),
            State::Quoted => Err("the file ends inside a quoted field".into()),
            State::Return => Err("the file ends with a carriage return and no line feed".into()),
            State::FieldStart | State::Plain | State::Quote => self.complete(row).map(|_| ()),
        }
    }

    fn texts(&self) -> Result<Vec<&str>, String> {
        let mut start = 0;
        let mut texts = Vec::with_capacity(self.ends.len());
        for end in &self.ends {
            let bytes = self.row.get(start..*end).unwrap_or_default();
            texts.push(std::str::from_utf8(bytes).map_err(|_| "a field is not UTF-8".to_owned())?);
            start = *end;
        }
        Ok(texts)
    }

    fn strings(&self) -> Result<Vec<String>, String> {
        Ok(self.texts()?.into_iter().map(str::to_owned).collect())
    }
}
