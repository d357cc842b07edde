//! The features of a `tf.train.Example`, from the few fields of protocol buffers that it has (`example.proto`,
//! `feature.proto` of TensorFlow). Fixed depth, nothing is allocated by the word of a length.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Field, Value};

/// A field of a message.
enum Wire<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
    Fixed64,
}

/// The features by name; `None` for what is no Example, or one without features.
pub(super) fn fields(payload: &[u8]) -> Option<Vec<Field<'_>>> {
    // Example { Features features = 1 }, Features { map<string, Feature> feature = 1 }
    let mut features: BTreeMap<&str, Value<'_>> = BTreeMap::new();
    each(payload, &mut |number, wire| match (number, wire) {
        (1, Wire::Bytes(all)) => each(all, &mut |number, wire| match (number, wire) {
            (1, Wire::Bytes(entry)) => {
                let (name, value) = map_entry(entry)?;
                features.insert(name, value);
                Some(())
            }
            _ => None,
        }),
        _ => None,
    })?;
    let fields: Vec<_> = features.into_iter().map(|(name, value)| Field { name: name.into(), value }).collect();
    if fields.is_empty() { None } else { Some(fields) }
}

fn map_entry(entry: &[u8]) -> Option<(&str, Value<'_>)> {
    let (mut name, mut value) = ("", Value::Null);
    each(entry, &mut |number, wire| {
        match (number, wire) {
            (1, Wire::Bytes(bytes)) => name = std::str::from_utf8(bytes).ok()?,
            (2, Wire::Bytes(bytes)) => value = feature(bytes)?,
            _ => return None,
        }
        Some(())
    })?;
    Some((name, value))
}

/// Feature { oneof { BytesList = 1, FloatList = 2, Int64List = 3 } }, each { repeated value = 1 }
fn feature(bytes: &[u8]) -> Option<Value<'_>> {
    let mut items = Vec::new();
    each(bytes, &mut |kind, wire| {
        let Wire::Bytes(list) = wire else { return None };
        items.clear();
        each(list, &mut |number, wire| match (kind, number, wire) {
            (1, 1, Wire::Bytes(bytes)) => {
                items.push(match std::str::from_utf8(bytes) {
                    Ok(text) => Value::Text(text.into()),
                    Err(_) => Value::Bytes(bytes.into()),
                });
                Some(())
            }
            (2, 1, Wire::Fixed32(bytes)) => {
                items.push(Value::Float(f64::from(f32::from_le_bytes(bytes))));
                Some(())
            }
            (2, 1, Wire::Bytes(packed)) => {
                let (chunks, []) = packed.as_chunks::<4>() else { return None };
                items.extend(chunks.iter().map(|bytes| Value::Float(f64::from(f32::from_le_bytes(*bytes)))));
                Some(())
            }
            (3, 1, Wire::Varint(value)) => {
                items.push(Value::Integer(i128::from(value.cast_signed())));
                Some(())
            }
            (3, 1, Wire::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    items.push(Value::Integer(i128::from(varint(&mut packed)?.cast_signed())));
                }
                Some(())
            }
            _ => None,
        })
    })?;
    Some(match items.len() {
        0 => Value::Null,
        1 => items.remove(0),
        _ => Value::Nested(std::borrow::Cow::Owned(Json::Array(items.into_iter().map(json).collect()))),
    })
}

fn json(value: Value<'_>) -> Json {
    match value {
        Value::Text(text) => Json::String(text.into_owned()),
        Value::Bytes(bytes) => Json::String(alloy_primitives::hex::encode(bytes)),
        Value::Float(value) => value.into(),
        Value::Integer(value) => i64::try_from(value).map_or(Json::Null, Json::from),
        Value::Null | Value::Bool(_) | Value::Stored { .. } | Value::Nested(_) => Json::Null,
    }
}

/// Gives each field of a message; `None` when it is none, or the visitor says so.
fn each<'a>(mut message: &'a [u8], visit: &mut dyn FnMut(u64, Wire<'a>) -> Option<()>) -> Option<()> {
    while !message.is_empty() {
        let tag = varint(&mut message)?;
        let wire = match tag & 7 {
            0 => Wire::Varint(varint(&mut message)?),
            1 => {
                message = message.get(8..)?;
                Wire::Fixed64
            }
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                let (bytes, rest) = message.split_at_checked(length)?;
                message = rest;
                Wire::Bytes(bytes)
            }
            5 => {
                let (bytes, rest) = message.split_first_chunk::<4>()?;
                message = rest;
                Wire::Fixed32(*bytes)
            }
            _ => return None,
        };
        visit(tag >> 3, wire)?;
    }
    Some(())
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
