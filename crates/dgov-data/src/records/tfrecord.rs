//! TFRecord files: `u64 length, u32 masked CRC32C of the length, payload, u32 masked CRC32C of the payload`, little-endian.
//!
//! The framing is that of `tensorflow/core/lib/io/record_writer.h`. A payload that is a `tf.train.Example` has its features
//! as fields.

use crc32c::{crc32c, crc32c_append};
use sha2::Digest;

use super::inside::{Input, Visit};
use super::{Field, RecordError, RecordFormat, Value, example, finish_key, key_hasher};

/// Longest payload that is taken apart. A longer one is hashed as a record all the same.
const MAX_PAYLOAD: u64 = 256 << 20;
const HEADER: u64 = 12;
const FOOTER: u64 = 4;

/// The mask of the format: CRCs of data that holds CRCs would be weak.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

pub(super) fn read(input: &Input<'_>, visit: &mut Visit<'_>) -> Result<(), RecordError> {
    let size = input.source.size();
    let (mut offset, mut number) = (0, 0);
    while offset < size {
        number += 1;
        let damaged = |reason: &str| Err(input.damaged(format!("record {number}, byte {offset}"), reason));
        let mut header = [0; HEADER as usize];
        if size - offset < HEADER {
            return damaged("the file ends within the header of a record");
        }
        input.source.read(&mut header, offset)?;
        let [a, b, c, d, e, f, g, h, crc @ ..] = header;
        let length = [a, b, c, d, e, f, g, h];
        if masked(crc32c(&length)) != u32::from_le_bytes(crc) {
            return damaged("the checksum of the length is wrong");
        }
        let length = u64::from_le_bytes(length);
        let start = offset + HEADER;
        // No sum that could overflow: the length is the file's word.
        if size - start < FOOTER || length > size - start - FOOTER {
            return damaged(&format!("{length} bytes are announced, the file ends before"));
        }
        if input.fields && length > MAX_PAYLOAD {
            return damaged(&format!("a payload of {length} bytes is too long to be taken apart"));
        }
        let (mut hasher, mut crc, mut payload) = (key_hasher(RecordFormat::TFRECORD), 0, Vec::new());
        input.source.for_each_piece(start, start + length, &mut |piece| {
            hasher.update(piece);
            crc = crc32c_append(crc, piece);
            if input.fields {
                payload.extend_from_slice(piece);
            }
            true
        })?;
        let mut footer = [0; FOOTER as usize];
        input.source.read(&mut footer, start + length)?;
        if masked(crc) != u32::from_le_bytes(footer) {
            return damaged("the checksum of the payload is wrong");
        }
        let fields = match input.fields {
            false => Vec::new(),
            true => example::fields(&payload).unwrap_or_else(|| {
                vec![Field { name: "payload".into(), value: Value::Bytes(payload.as_slice().into()) }]
            }),
        };
        if !visit(finish_key(hasher), number, &fields) {
            return Ok(());
        }
        offset = start + length + FOOTER;
    }
    Ok(())
}
