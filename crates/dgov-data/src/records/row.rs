//! A record with its fields: what readers of formats hand out, and what the profile takes.

use std::borrow::Cow;

use alloy_primitives::B256;

/// One record with its fields. Readers hand out rows in the order of files, and within a file in the order of the records.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// As [`super::Record::key`].
    pub key: B256,
    /// Position of its file in the plan.
    pub file: usize,
    /// As [`super::Record::line`]: counted from 1; 0 when the record is the whole file.
    pub line: u64,
    /// In the order of the file's schema; a name comes at most once.
    pub fields: &'a [Field<'a>],
}

/// A named value of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<'a> {
    /// Column, JSON member, annotation or member of a sample.
    pub name: Cow<'a, str>,
    /// What it holds.
    pub value: Value<'a>,
}

/// A value as formats agree on it; widths of numbers, for one, are in the record's key only.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing, or JSON's `null`.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number of up to 64 bits, signed or not.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes that are no text.
    Bytes(Cow<'a, [u8]>),
    /// Bytes that are not held here: how many they are, and a digest that is theirs alone.
    Stored {
        /// In bytes.
        length: u64,
        /// sha256 of the root block under `unixfs-v1-2025`.
        digest: [u8; 32],
    },
    /// A list or an object.
    Nested(Cow<'a, serde_json::Value>),
}
