//! Rows of Arrow IPC files and streams, message by message.
//!
//! A file is a stream between two marks, followed by a footer that repeats where its messages are. Messages are walked here,
//! so that no length is believed before it has been compared with the file, and files are read in the order that streams
//! have; a footer that names other record batches is refused.

use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{Message, RecordBatch as Header, root_as_footer, root_as_message};

use super::guard::guarded;
use super::inside::{Input, Visit};
use super::{RecordError, typed};

const MAGIC: &[u8; 6] = b"ARROW1";
/// Where the first message of a file begins: behind the mark and its padding.
const FIRST: u64 = 8;
const MAX_METADATA: u64 = 16 << 20;
/// Most bytes of one record batch or dictionary, as stored and unpacked.
const MAX_BODY: u64 = 512 << 20;
/// Rows that no body accounts for: columns of nulls have none.
const FREE_ROWS: u64 = 65_536;

pub(super) fn read(input: &Input<'_>, visit: &mut Visit<'_>) -> Result<(), RecordError> {
    guarded(input, visit, |visit| rows(input, visit))
}

fn rows(input: &Input<'_>, visit: &mut Visit<'_>) -> Result<(), RecordError> {
    let size = input.source.size();
    let is_file = size >= FIRST && bytes(input, 0, 6)? == MAGIC;
    let footer = if is_file { Some(footer(input)?) } else { None };
    let (mut offset, end) = footer.as_ref().map_or((0, size), |footer| (FIRST, footer.start));
    let mut decoder = StreamDecoder::new();
    let mut batches = Vec::new();
    let (mut number, mut scratch, mut checked) = (0, Vec::new(), false);
    let mut ended = false;
    while offset < end && !ended {
        let at = offset;
        let damaged = |reason: String| input.damaged(format!("byte {at}"), reason);
        let (message, next, kind) = message(input, offset, end)?;
        match kind {
            Kind::End => ended = true,
            Kind::Batch => batches.push(offset),
            Kind::Other => {}
        }
        offset = next;
        let mut message = Buffer::from(message);
        while !message.is_empty() {
            let Some(batch) = decoder.decode(&mut message).map_err(|error| damaged(error.to_string()))? else { break };
            let schema = batch.schema();
            if !std::mem::replace(&mut checked, true) {
                typed::check_schema(&schema).map_err(damaged)?;
            }
            for index in 0..batch.num_rows() {
                number += 1;
                let (key, fields) = typed::row(&batch, &schema, index, input.fields, &mut scratch)
                    .map_err(|reason| input.damaged(format!("row {number}"), reason))?;
                if !visit(key, number, &fields) {
                    return Ok(());
                }
            }
        }
    }
    let at_end = |reason: &str| Err(input.damaged(format!("byte {offset}"), reason));
    if decoder.finish().is_err() {
        return at_end("the stream ends within a message");
    }
    if decoder.schema().is_none() {
        return at_end("there is no schema");
    }
    match footer {
        Some(footer) if footer.batches != batches => at_end("the footer names other record batches than the file has"),
        None if !ended => at_end("the mark at the end of the stream is missing; it is cut short"),
        None if offset != size => at_end("bytes behind the end of the stream"),
        _ => Ok(()),
    }
}

fn bytes(input: &Input<'_>, offset: u64, length: u64) -> Result<Vec<u8>, RecordError> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    input.source.read(&mut bytes, offset)?;
    Ok(bytes)
}

struct Footer {
    /// Where messages have ended.
    start: u64,
    /// Offsets of the record batches.
    batches: Vec<u64>,
}

/// `footer, i32 length, ARROW1` at the end of a file.
fn footer(input: &Input<'_>) -> Result<Footer, RecordError> {
    let size = input.source.size();
    let damaged = |reason: String| input.damaged("the footer", reason);
    let Some(tail) = size.checked_sub(10).filter(|tail| *tail >= FIRST) else {
        return Err(damaged("the file is cut short".into()));
    };
    let [a, b, c, d, magic @ ..] = &*bytes(input, tail, 10)? else { return Err(damaged("it is missing".into())) };
    if magic != MAGIC {
        return Err(damaged("the mark at the end is missing; the file is cut short".into()));
    }
    let length = u64::try_from(i32::from_le_bytes([*a, *b, *c, *d])).ok().filter(|length| *length <= MAX_METADATA);
    let start = length.and_then(|length| tail.checked_sub(length)).filter(|start| *start >= FIRST);
    let Some(start) = start else { return Err(damaged("its length can't be".into())) };
    let content = bytes(input, start, tail - start)?;
    let footer = root_as_footer(&content).map_err(|error| damaged(error.to_string()))?;
    let blocks = footer.recordBatches().map(|blocks| blocks.iter().map(|block| block.offset()).collect::<Vec<_>>());
    let batches: Result<Vec<_>, _> = blocks.unwrap_or_default().into_iter().map(u64::try_from).collect();
    Ok(Footer { start, batches: batches.map_err(|_| damaged("an offset below zero".into()))? })
}

enum Kind {
    End,
    Batch,
    Other,
}

/// The bytes of the message at `offset`, where the next one begins, and what it is.
fn message(input: &Input<'_>, offset: u64, end: u64) -> Result<(Vec<u8>, u64, Kind), RecordError> {
    let damaged = |reason: String| input.damaged(format!("byte {offset}"), reason);
    let rest = end - offset;
    if rest < 4 {
        return Err(damaged("the file ends within a message".into()));
    }
    let mut prefix = 4;
    let mut length = bytes(input, offset, 4)?;
    if length == [0xff; 4] && rest >= 8 {
        prefix = 8;
        length = bytes(input, offset + 4, 4)?;
    }
    let length = length.first_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length));
    let length = u64::from(length);
    if length == 0 {
        return Ok((bytes(input, offset, prefix)?, offset + prefix, Kind::End));
    }
    if length > MAX_METADATA || length > rest - prefix {
        return Err(damaged(format!("a message of {length} bytes is announced, {} are there", rest - prefix)));
    }
    let metadata = bytes(input, offset + prefix, length)?;
    let header = root_as_message(&metadata).map_err(|error| damaged(error.to_string()))?;
    let body = u64::try_from(header.bodyLength()).ok().filter(|body| *body <= rest - prefix - length);
    let Some(body) = body else {
        return Err(damaged(format!("a body of {} bytes is announced, the file ends before", header.bodyLength())));
    };
    if body > MAX_BODY {
        return Err(damaged(format!("a record batch of {body} bytes; write batches of at most {MAX_BODY}")));
    }
    let all = bytes(input, offset, prefix + length + body)?;
    let start = usize::try_from(prefix + length).unwrap_or(all.len());
    let kind = check(&header, all.get(start..).unwrap_or_default()).map_err(damaged)?;
    Ok((all, offset + prefix + length + body, kind))
}

fn check(message: &Message<'_>, body: &[u8]) -> Result<Kind, String> {
    if let Some(batch) = message.header_as_record_batch() {
        check_batch(&batch, body)?;
        return Ok(Kind::Batch);
    }
    if let Some(dictionary) = message.header_as_dictionary_batch() {
        let data = dictionary.data().ok_or("a dictionary without values")?;
        check_batch(&data, body)?;
    }
    Ok(Kind::Other)
}

/// Looks at every length of a batch before memory is taken for it.
fn check_batch(batch: &Header<'_>, body: &[u8]) -> Result<(), String> {
    let mut unpacked = body.len() as u64;
    for buffer in batch.buffers().iter().flatten() {
        let (offset, length) = (usize::try_from(buffer.offset()), usize::try_from(buffer.length()));
        let (Ok(offset), Ok(length)) = (offset, length) else { return Err("a buffer of negative size".into()) };
        let content = offset.checked_add(length).and_then(|end| body.get(offset..end));
        let content = content.ok_or("a buffer outside its record batch")?;
        if batch.compression().is_some()
            && let Some(size) = content.first_chunk::<8>()
        {
            // -1 says that the buffer is stored as it is.
            let size = i64::from_le_bytes(*size).max(0).cast_unsigned();
            unpacked = unpacked.saturating_add(size);
        }
    }
    if unpacked > MAX_BODY {
        return Err(format!("a record batch of {unpacked} bytes when unpacked; at most {MAX_BODY}"));
    }
    let most = unpacked.saturating_mul(8).saturating_add(FREE_ROWS);
    let nodes = batch.nodes().into_iter().flatten().map(|node| node.length());
    if nodes.chain([batch.length()]).any(|rows| u64::try_from(rows).map_or(true, |rows| rows > most)) {
        return Err("a number of rows that its bytes can't hold".into());
    }
    Ok(())
}
