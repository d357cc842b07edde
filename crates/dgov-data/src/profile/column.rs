//! What is known of one column.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::distinct::Distinct;
use super::hash::{mix, more, start};
use super::number::{Range, Sum};
use super::{Column, Count, Kinds, Number, Numbers, PiiKind, Span};

/// Everything joins in any order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ColumnState {
    /// Whether it is inside nested values.
    pub inside: bool,
    kinds: Kinds,
    distinct: Distinct,
    range: Option<Range>,
    sum: Sum,
    finite: u64,
    not_finite: u64,
    characters: Option<Lengths>,
    byte_lengths: Option<Lengths>,
    /// Places that match.
    pub pii: BTreeMap<PiiKind, u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Lengths {
    min: u64,
    max: u64,
    sum: u128,
}

impl Lengths {
    fn take(slot: &mut Option<Self>, length: u64) {
        Self::join(slot, Some(Self { min: length, max: length, sum: length.into() }));
    }

    fn join(slot: &mut Option<Self>, other: Option<Self>) {
        *slot = match (*slot, other) {
            (Some(a), Some(b)) => {
                Some(Self { min: a.min.min(b.min), max: a.max.max(b.max), sum: a.sum.saturating_add(b.sum) })
            }
            (one, other) => one.or(other),
        };
    }

    fn span(self, count: u64) -> Span {
        let mut sum = Sum::default();
        sum.integer(self.sum.try_into().unwrap_or(i128::MAX));
        Span { min: self.min, max: self.max, mean: sum.mean(count) }
    }
}

/// Adds a count of a file, which may hold anything.
pub(super) fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}

/// Values of different kinds are different: 1 is not "1", and not 1.0.
fn hash(kind: u8, bytes: &[u8]) -> u64 {
    mix(more(more(start(), &[kind]), bytes))
}

impl ColumnState {
    pub fn null(&mut self) {
        self.kinds.null += 1;
    }

    pub fn bool(&mut self, value: bool) {
        *(if value { &mut self.kinds.r#true } else { &mut self.kinds.r#false }) += 1;
        self.distinct.take(hash(1, &[value.into()]));
    }

    pub fn integer(&mut self, value: i128) {
        self.kinds.integer += 1;
        self.distinct.take(hash(2, &value.to_be_bytes()));
        self.sum.integer(value);
        self.number(Number::Integer(value));
    }

    pub fn float(&mut self, value: f64) {
        self.kinds.float += 1;
        if !value.is_finite() {
            self.not_finite += 1;
            let canonical = if value.is_nan() { f64::NAN } else { value };
            self.distinct.take(hash(3, &canonical.to_bits().to_be_bytes()));
            return;
        }
        // Zero has two signs and one value.
        let value = if value == 0.0 { 0.0 } else { value };
        self.distinct.take(hash(3, &value.to_bits().to_be_bytes()));
        self.sum.float(value);
        self.number(Number::Float(value));
    }

    fn number(&mut self, number: Number) {
        self.finite += 1;
        self.range.get_or_insert(Range::of(number)).join(Range::of(number));
    }

    pub fn text(&mut self, text: &str) {
        self.kinds.text += 1;
        self.distinct.take(hash(4, text.as_bytes()));
        Lengths::take(&mut self.characters, text.chars().count() as u64);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.kinds.bytes += 1;
        self.distinct.take(hash(5, bytes));
        Lengths::take(&mut self.byte_lengths, bytes.len() as u64);
    }

    /// Bytes that only a digest is known of.
    pub fn stored(&mut self, length: u64, digest: &[u8; 32]) {
        self.kinds.bytes += 1;
        self.distinct.take(hash(7, digest));
        Lengths::take(&mut self.byte_lengths, length);
    }

    pub fn nested(&mut self, value: &serde_json::Value) {
        self.kinds.nested += 1;
        self.distinct.take(hash(6, value.to_string().as_bytes()));
    }

    pub fn join(&mut self, other: &Self) {
        self.inside |= other.inside;
        let (kinds, more) = (&mut self.kinds, &other.kinds);
        add(&mut kinds.null, more.null);
        add(&mut kinds.r#true, more.r#true);
        add(&mut kinds.r#false, more.r#false);
        add(&mut kinds.integer, more.integer);
        add(&mut kinds.float, more.float);
        add(&mut kinds.text, more.text);
        add(&mut kinds.bytes, more.bytes);
        add(&mut kinds.nested, more.nested);
        self.distinct.join(&other.distinct);
        if let Some(range) = other.range {
            self.range.get_or_insert(range).join(range);
        }
        self.sum.join(&other.sum);
        add(&mut self.finite, other.finite);
        add(&mut self.not_finite, other.not_finite);
        Lengths::join(&mut self.characters, other.characters);
        Lengths::join(&mut self.byte_lengths, other.byte_lengths);
        for (kind, matches) in &other.pii {
            add(self.pii.entry(*kind).or_default(), *matches);
        }
    }

    fn values(&self) -> u64 {
        let Kinds { null, r#true, r#false, integer, float, text, bytes, nested } = self.kinds;
        [null, r#true, r#false, integer, float, text, bytes, nested].into_iter().fold(0, u64::saturating_add)
    }

    /// An estimate is never above the number of values.
    fn distinct(&self) -> Count {
        let Count { value, exact } = self.distinct.count();
        Count { value: value.min(self.values().saturating_sub(self.kinds.null)), exact }
    }

    pub fn report(&self, name: &str, records: u64) -> Column {
        let numbers = self.range.map(|range| Numbers {
            min: range.min,
            max: range.max,
            mean: self.sum.mean(self.finite),
            not_finite: self.not_finite,
        });
        Column {
            name: name.to_owned(),
            values: self.values(),
            missing: (!self.inside).then(|| records.saturating_sub(self.values())),
            kinds: self.kinds,
            distinct: self.distinct(),
            numbers,
            characters: self.characters.map(|lengths| lengths.span(self.kinds.text)),
            byte_lengths: self.byte_lengths.map(|lengths| lengths.span(self.kinds.bytes)),
        }
    }
}
