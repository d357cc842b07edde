//! Typed rows of Parquet and Arrow: their canonical bytes (`docs/adr/0011-typed-rows.md`) and their fields.

use std::borrow::Cow;

use alloy_primitives::B256;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType, IntervalYearMonthType,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::i256;
use arrow_schema::{DataType, IntervalUnit, Schema, TimeUnit};
use serde_json::Value as Json;
use sha2::Digest;

use super::{Field, RecordFormat, Value, finish_key, key_hasher};

/// Most columns of a table.
const MAX_COLUMNS: usize = 1 << 16;
/// Deepest nesting of lists, structs and maps.
const MAX_DEPTH: usize = 32;

mod tag {
    pub const NULL: u8 = 0;
    pub const BOOL: u8 = 1;
    pub const INT: [u8; 4] = [2, 3, 4, 5];
    pub const UINT: [u8; 4] = [6, 7, 8, 9];
    pub const FLOAT: [u8; 3] = [10, 11, 12];
    pub const TEXT: u8 = 13;
    pub const BYTES: u8 = 14;
    pub const DECIMAL: u8 = 15;
    pub const DATE: u8 = 16;
    pub const TIME: u8 = 17;
    pub const TIMESTAMP: u8 = 18;
    pub const DURATION: u8 = 19;
    pub const INTERVAL: u8 = 20;
    pub const LIST: u8 = 21;
    pub const STRUCT: u8 = 22;
    pub const MAP: u8 = 23;
}

/// Refuses schemas whose rows have no meaning here.
pub(super) fn check_schema(schema: &Schema) -> Result<(), String> {
    if schema.fields().len() > MAX_COLUMNS {
        return Err(format!("{} columns; at most {MAX_COLUMNS}", schema.fields().len()));
    }
    let mut names: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("two columns are named `{}`", pair[0]));
    }
    schema.fields().iter().try_for_each(|field| {
        check_type(field.data_type(), 0).map_err(|reason| format!("column `{}`: {reason}", field.name()))
    })
}

fn check_type(kind: &DataType, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("types are nested more than {MAX_DEPTH} deep"));
    }
    match kind {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => check_type(item.data_type(), depth + 1),
        DataType::Struct(fields) => fields.iter().try_for_each(|field| check_type(field.data_type(), depth + 1)),
        DataType::Dictionary(_, values) => check_type(values, depth + 1),
        DataType::Union(..) | DataType::ListView(_) | DataType::LargeListView(_) | DataType::RunEndEncoded(..) => {
            Err(format!("the type {kind} is not supported"))
        }
        _ => Ok(()),
    }
}

/// The key of a row, and its fields when they are wanted.
pub(super) fn row<'a>(
    batch: &'a RecordBatch,
    schema: &'a Schema,
    index: usize,
    fields: bool,
    bytes: &mut Vec<u8>,
) -> Result<(B256, Vec<Field<'a>>), String> {
    bytes.clear();
    bytes.extend((batch.num_columns() as u32).to_be_bytes());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        sized(field.name().as_bytes(), bytes)?;
        encode(column, index, bytes)?;
    }
    let key = finish_key(key_hasher(RecordFormat::TYPED).chain_update(&*bytes));
    let values = schema.fields().iter().zip(batch.columns()).filter(|_| fields);
    let fields = values
        .map(|(field, column)| Ok(Field { name: field.name().as_str().into(), value: value(column, index)? }))
        .collect::<Result<_, String>>()?;
    Ok((key, fields))
}

fn sized(content: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    out.extend(length(content.len())?);
    out.extend_from_slice(content);
    Ok(())
}

fn length(length: usize) -> Result<[u8; 4], String> {
    u32::try_from(length).map(u32::to_be_bytes).map_err(|_| "a value of 4 GiB or more".to_owned())
}

/// Where a value of a dictionary lies; `None` for null.
fn looked_up(array: &ArrayRef, index: usize) -> Result<Option<(ArrayRef, usize)>, String> {
    let Some(dictionary) = array.as_any_dictionary_opt() else { return Ok(Some((array.clone(), index))) };
    let keys = dictionary.keys();
    if keys.is_null(index) {
        return Ok(None);
    }
    let key = integer(keys, index).and_then(|key| usize::try_from(key).ok());
    let values = dictionary.values();
    match key.filter(|key| *key < values.len()) {
        Some(key) => looked_up(values, key),
        None => Err("a key that its dictionary does not have".into()),
    }
}

fn integer(array: &dyn Array, index: usize) -> Option<i128> {
    macro_rules! of {
        ($kind:ty) => {
            array.as_primitive::<$kind>().value(index).into()
        };
    }
    Some(match array.data_type() {
        DataType::Int8 => of!(Int8Type),
        DataType::Int16 => of!(Int16Type),
        DataType::Int32 => of!(Int32Type),
        DataType::Int64 => of!(Int64Type),
        DataType::UInt8 => of!(UInt8Type),
        DataType::UInt16 => of!(UInt16Type),
        DataType::UInt32 => of!(UInt32Type),
        DataType::UInt64 => of!(UInt64Type),
        _ => return None,
    })
}

fn float(array: &dyn Array, index: usize) -> Option<f64> {
    Some(match array.data_type() {
        DataType::Float16 => array.as_primitive::<Float16Type>().value(index).to_f64(),
        DataType::Float32 => f64::from(array.as_primitive::<Float32Type>().value(index)),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(index),
        _ => return None,
    })
}

fn text(array: &dyn Array, index: usize) -> Option<&str> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().value(index)),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(index)),
        DataType::Utf8View => Some(array.as_string_view().value(index)),
        _ => None,
    }
}

fn binary(array: &dyn Array, index: usize) -> Option<&[u8]> {
    match array.data_type() {
        DataType::Binary => Some(array.as_binary::<i32>().value(index)),
        DataType::LargeBinary => Some(array.as_binary::<i64>().value(index)),
        DataType::BinaryView => Some(array.as_binary_view().value(index)),
        DataType::FixedSizeBinary(_) => Some(array.as_fixed_size_binary().value(index)),
        _ => None,
    }
}

fn list(array: &dyn Array, index: usize) -> Option<ArrayRef> {
    match array.data_type() {
        DataType::List(_) => Some(array.as_list::<i32>().value(index)),
        DataType::LargeList(_) => Some(array.as_list::<i64>().value(index)),
        DataType::FixedSizeList(..) => Some(array.as_fixed_size_list().value(index)),
        _ => None,
    }
}

fn decimal(array: &dyn Array, index: usize) -> Option<(i8, i256)> {
    Some(match *array.data_type() {
        DataType::Decimal32(_, scale) => (scale, i256::from(array.as_primitive::<Decimal32Type>().value(index))),
        DataType::Decimal64(_, scale) => (scale, i256::from(array.as_primitive::<Decimal64Type>().value(index))),
        DataType::Decimal128(_, scale) => (scale, i256::from_i128(array.as_primitive::<Decimal128Type>().value(index))),
        DataType::Decimal256(_, scale) => (scale, array.as_primitive::<Decimal256Type>().value(index)),
        _ => return None,
    })
}

/// Nanoseconds of a timestamp, time of day or duration.
fn nanoseconds(array: &dyn Array, index: usize) -> Option<i128> {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    macro_rules! of {
        ($kind:ty, $factor:expr) => {
            i128::from(array.as_primitive::<$kind>().value(index)) * $factor
        };
    }
    Some(match array.data_type() {
        DataType::Timestamp(Second, _) => of!(TimestampSecondType, 1_000_000_000),
        DataType::Timestamp(Millisecond, _) => of!(TimestampMillisecondType, 1_000_000),
        DataType::Timestamp(Microsecond, _) => of!(TimestampMicrosecondType, 1_000),
        DataType::Timestamp(Nanosecond, _) => of!(TimestampNanosecondType, 1),
        DataType::Time32(Second) => of!(Time32SecondType, 1_000_000_000),
        DataType::Time32(Millisecond) => of!(Time32MillisecondType, 1_000_000),
        DataType::Time64(Microsecond) => of!(Time64MicrosecondType, 1_000),
        DataType::Time64(Nanosecond) => of!(Time64NanosecondType, 1),
        DataType::Duration(Second) => of!(DurationSecondType, 1_000_000_000),
        DataType::Duration(Millisecond) => of!(DurationMillisecondType, 1_000_000),
        DataType::Duration(Microsecond) => of!(DurationMicrosecondType, 1_000),
        DataType::Duration(Nanosecond) => of!(DurationNanosecondType, 1),
        _ => return None,
    })
}

fn date(array: &dyn Array, index: usize) -> Result<Option<i32>, String> {
    const DAY: i64 = 86_400_000;
    Ok(match array.data_type() {
        DataType::Date32 => Some(array.as_primitive::<Date32Type>().value(index)),
        DataType::Date64 => {
            let time = array.as_primitive::<Date64Type>().value(index);
            let days = i32::try_from(time / DAY).ok().filter(|_| time % DAY == 0);
            Some(days.ok_or_else(|| format!("a date of {time} milliseconds, which is no whole day"))?)
        }
        _ => None,
    })
}

/// Months, days, nanoseconds.
fn interval(array: &dyn Array, index: usize) -> Option<(i32, i32, i64)> {
    Some(match array.data_type() {
        DataType::Interval(IntervalUnit::YearMonth) => {
            (array.as_primitive::<IntervalYearMonthType>().value(index), 0, 0)
        }
        DataType::Interval(IntervalUnit::DayTime) => {
            let value = array.as_primitive::<IntervalDayTimeType>().value(index);
            (0, value.days, i64::from(value.milliseconds) * 1_000_000)
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let value = array.as_primitive::<IntervalMonthDayNanoType>().value(index);
            (value.months, value.days, value.nanoseconds)
        }
        _ => return None,
    })
}

/// Appends tag and value.
fn encode(array: &ArrayRef, index: usize, out: &mut Vec<u8>) -> Result<(), String> {
    let Some((array, index)) = looked_up(array, index)? else {
        out.push(tag::NULL);
        return Ok(());
    };
    if array.is_null(index) || array.data_type() == &DataType::Null {
        out.push(tag::NULL);
    } else if let DataType::Boolean = array.data_type() {
        out.extend([tag::BOOL, u8::from(array.as_boolean().value(index))]);
    } else if let Some(value) = integer(&array, index) {
        let width = array.data_type().primitive_width().unwrap_or(8);
        let tags = if array.data_type().is_signed_integer() { tag::INT } else { tag::UINT };
        out.push(tags[(width.ilog2() as usize).min(3)]);
        out.extend_from_slice(&value.to_be_bytes()[16 - width..]);
    } else if let Some(value) = float(&array, index) {
        encode_float(&array, index, value, out);
    } else if let Some(value) = text(&array, index) {
        out.push(tag::TEXT);
        sized(value.as_bytes(), out)?;
    } else if let Some(value) = binary(&array, index) {
        out.push(tag::BYTES);
        sized(value, out)?;
    } else if let Some((scale, value)) = decimal(&array, index) {
        out.extend([tag::DECIMAL, scale.cast_unsigned()]);
        out.extend(value.to_be_bytes());
    } else if let Some(days) = date(&array, index)? {
        out.push(tag::DATE);
        out.extend(days.to_be_bytes());
    } else if let Some(value) = nanoseconds(&array, index) {
        match array.data_type() {
            DataType::Timestamp(_, zone) => out.extend([tag::TIMESTAMP, u8::from(zone.is_some())]),
            DataType::Duration(_) => out.push(tag::DURATION),
            _ => out.push(tag::TIME),
        }
        out.extend(value.to_be_bytes());
    } else if let Some((months, days, nanoseconds)) = interval(&array, index) {
        out.push(tag::INTERVAL);
        out.extend(months.to_be_bytes());
        out.extend(days.to_be_bytes());
        out.extend(nanoseconds.to_be_bytes());
    } else {
        encode_nested(&array, index, out)?;
    }
    Ok(())
}

/// Every NaN is the same value: which bits it has is the processor's affair.
fn encode_float(array: &dyn Array, index: usize, value: f64, out: &mut Vec<u8>) {
    match array.data_type() {
        DataType::Float16 => {
            let bits = array.as_primitive::<Float16Type>().value(index).to_bits();
            out.push(tag::FLOAT[0]);
            out.extend(if value.is_nan() { 0x7e00 } else { bits }.to_be_bytes());
        }
        DataType::Float32 => {
            let bits = array.as_primitive::<Float32Type>().value(index).to_bits();
            out.push(tag::FLOAT[1]);
            out.extend(if value.is_nan() { 0x7fc0_0000 } else { bits }.to_be_bytes());
        }
        _ => {
            out.push(tag::FLOAT[2]);
            out.extend(if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() }.to_be_bytes());
        }
    }
}

fn encode_nested(array: &ArrayRef, index: usize, out: &mut Vec<u8>) -> Result<(), String> {
    if let Some(items) = list(array, index) {
        out.push(tag::LIST);
        out.extend(length(items.len())?);
        (0..items.len()).try_for_each(|item| encode(&items, item, out))
    } else if let Some(fields) = array.as_struct_opt() {
        out.push(tag::STRUCT);
        out.extend(length(fields.num_columns())?);
        fields.fields().iter().zip(fields.columns()).try_for_each(|(field, column)| {
            sized(field.name().as_bytes(), out)?;
            encode(column, index, out)
        })
    } else if let Some(map) = array.as_map_opt() {
        let entries = map.value(index);
        out.push(tag::MAP);
        out.extend(length(entries.len())?);
        (0..entries.len())
            .try_for_each(|entry| entries.columns().iter().try_for_each(|column| encode(column, entry, out)))
    } else {
        Err(format!("the type {} is not supported", array.data_type()))
    }
}

/// A value as the profile takes it.
fn value(array: &ArrayRef, index: usize) -> Result<Value<'static>, String> {
    let Some((array, index)) = looked_up(array, index)? else { return Ok(Value::Null) };
    if array.is_null(index) || array.data_type() == &DataType::Null {
        return Ok(Value::Null);
    }
    Ok(if let DataType::Boolean = array.data_type() {
        Value::Bool(array.as_boolean().value(index))
    } else if let Some(value) = integer(&array, index) {
        Value::Integer(value)
    } else if let Some(value) = float(&array, index) {
        Value::Float(value)
    } else if let Some(value) = text(&array, index) {
        Value::Text(value.to_owned().into())
    } else if let Some(value) = binary(&array, index) {
        Value::Bytes(value.to_vec().into())
    } else if let Some((scale, unscaled)) = decimal(&array, index) {
        let unscaled: f64 = unscaled.to_string().parse().unwrap_or(f64::NAN);
        Value::Float(unscaled / 10_f64.powi(scale.into()))
    } else if let Some(days) = date(&array, index)? {
        Value::Integer(days.into())
    } else if let Some(value) = nanoseconds(&array, index) {
        Value::Integer(value)
    } else {
        Value::Nested(Cow::Owned(json(&array, index)?))
    })
}

fn json(array: &ArrayRef, index: usize) -> Result<Json, String> {
    if let Some(items) = list(array, index) {
        return Ok(Json::Array((0..items.len()).map(|item| scalar(&items, item)).collect::<Result<_, _>>()?));
    }
    if let Some(fields) = array.as_struct_opt() {
        let members = fields.fields().iter().zip(fields.columns());
        let members = members.map(|(field, column)| Ok((field.name().clone(), scalar(column, index)?)));
        return Ok(Json::Object(members.collect::<Result<_, String>>()?));
    }
    if let Some(map) = array.as_map_opt() {
        let entries = map.value(index);
        let pair = |entry| entries.columns().iter().map(|column| scalar(column, entry)).collect::<Result<_, _>>();
        return Ok(Json::Array(
            (0..entries.len()).map(|entry| pair(entry).map(Json::Array)).collect::<Result<_, _>>()?,
        ));
    }
    match interval(array, index) {
        Some((months, days, nanoseconds)) => Ok(serde_json::json!([months, days, nanoseconds])),
        None => Err(format!("the type {} is not supported", array.data_type())),
    }
}

fn scalar(array: &ArrayRef, index: usize) -> Result<Json, String> {
    Ok(match value(array, index)? {
        Value::Null => Json::Null,
        Value::Bool(value) => value.into(),
        Value::Integer(value) => match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => value.into(),
            (_, Ok(value)) => value.into(),
            _ => value.to_string().into(),
        },
        Value::Float(value) => value.into(),
        Value::Text(text) => text.into_owned().into(),
        Value::Bytes(bytes) => alloy_primitives::hex::encode(bytes).into(),
        // Typed rows hold all their bytes.
        Value::Stored { .. } => Json::Null,
        Value::Nested(json) => json.into_owned(),
    })
}
