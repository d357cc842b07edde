//! `profile.json`.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};

/// The value of [`Profile::format`] in this version.
pub const FORMAT: &str = "dgov.profile.v1";

/// A whole profile. The same data gives the same bytes; nothing in it depends on time, machine or order of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// [`FORMAT`].
    pub format: String,
    /// What a record is: [`crate::records::RecordFormat::name`].
    pub record_format: String,
    /// Root of the record tree: the one that a push puts on chain. A profile with another root is of other data.
    #[serde(with = "word_text")]
    pub record_root: B256,
    /// Records, duplicates included.
    pub records: u64,
    /// Files of the package, those without records included.
    pub files: u64,
    /// Bytes in all files.
    pub bytes: u64,
    /// By name. At most 1,000, those whose names come first.
    pub columns: Vec<Column>,
    /// How many columns there are, left out ones included.
    pub columns_seen: Count,
    /// Records that occur more than once.
    pub duplicates: Duplicates,
    /// By name; empty when nothing says which records belong to which split.
    pub splits: Vec<Split>,
    /// Every pair of splits, also those without a common record.
    pub split_overlap: Vec<Overlap>,
    /// Patterns of personal data that were found, by kind; empty when none was.
    pub pii: Vec<PersonalData>,
    /// What was not looked at, and why, one sentence each; empty when everything was.
    pub not_measured: Vec<String>,
}

/// A figure that may be an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The number.
    pub value: u64,
    /// Whether it was counted; estimated otherwise.
    pub exact: bool,
}

/// A column: a field of the records, or what is inside nested ones (`messages[].content`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Names of members joined with `.`, `[]` for the items of a list. A `.`, `[`, `]` or `\` of a name has a `\` before it.
    pub name: String,
    /// Values, nulls included. Inside lists there may be more than records.
    pub values: u64,
    /// Records without the field at all; null inside nested values, where that says nothing.
    pub missing: Option<u64>,
    /// Values by kind; those that don't occur are 0.
    pub kinds: Kinds,
    /// Different values, nulls not counted.
    pub distinct: Count,
    /// Of whole and other numbers together; null when there are none.
    pub numbers: Option<Numbers>,
    /// Characters (Unicode scalar values) of texts; null when there are none.
    pub characters: Option<Span>,
    /// Lengths in bytes of values that are bytes; null when there are none.
    pub byte_lengths: Option<Span>,
}

/// How many values are of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    /// Nulls.
    pub null: u64,
    /// `true`.
    pub r#true: u64,
    /// `false`.
    pub r#false: u64,
    /// Whole numbers of up to 64 bits.
    pub integer: u64,
    /// Other numbers, those that are not finite included.
    pub float: u64,
    /// Texts.
    pub text: u64,
    /// Bytes that are no text.
    pub bytes: u64,
    /// Lists and objects.
    pub nested: u64,
}

/// Range and mean of the finite numbers of a column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// The least.
    pub min: Number,
    /// The greatest.
    pub max: Number,
    /// The exact sum by the count, rounded once.
    pub mean: f64,
    /// NaN and infinities, which are in none of the others.
    pub not_finite: u64,
}

/// A number as its kind has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Whole.
    Integer(i128),
    /// Any other; finite.
    Float(f64),
}

/// Range and mean of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The least.
    pub min: u64,
    /// The greatest.
    pub max: u64,
    /// Sum by count, rounded once.
    pub mean: f64,
}

/// Records that occur more than once, or almost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {
    /// Different records, by key.
    pub distinct: u64,
    /// Records that would go if one of each were kept: `records - distinct`.
    pub exact: u64,
    /// Different texts that are nearly the same; null when no record has text.
    pub near: Option<Near>,
}

/// Near duplicates: an estimate by its nature, and the same for the same data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// Different records with text: those that were compared.
    pub compared: u64,
    /// Of these, records to which at least one *other* record is similar. Exact copies don't count.
    pub records: u64,
}

/// A split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// `train`, `test`, or the name given.
    pub name: String,
    /// Records, duplicates included.
    pub records: u64,
}

/// What two splits have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// The split whose name comes first.
    pub a: String,
    /// The other.
    pub b: String,
    /// Records of which an exact copy is in the other split.
    pub exact: OverlapCount,
    /// Different records with text to which another record of the other split is similar; null when no record has text.
    pub near: Option<OverlapCount>,
}

/// Records of each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverlapCount {
    /// Records of `a` that are also in `b`.
    pub a_in_b: u64,
    /// Records of `b` that are also in `a`.
    pub b_in_a: u64,
}

/// Kinds of personal data that have a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PiiKind {
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// International bank account number.
    Iban,
    /// Number of a payment card.
    Card,
    /// Public IPv4 address.
    Ipv4,
    /// Public IPv6 address.
    Ipv6,
    /// Social security number of the United States.
    UsSsn,
}

/// Findings of one kind. Hints: a pattern says nothing of whether there is a person behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// What it looks like.
    pub kind: PiiKind,
    /// Places in texts that match.
    pub matches: u64,
    /// Records with at least one match.
    pub records: u64,
    /// By column, in the order of their names.
    pub columns: Vec<PiiColumn>,
    /// The first few in the order of files and records.
    pub examples: Vec<PiiExample>,
}

/// Findings in one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiiColumn {
    /// As [`Column::name`].
    pub column: String,
    /// Places in its texts that match.
    pub matches: u64,
}

/// Where one match is. The value itself is never written down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiiExample {
    /// Its record: a path, or `FILE:LINE`.
    pub record: String,
    /// As [`Column::name`].
    pub column: String,
    /// 20 bits of a hash of the value, as five hex digits: enough to see which value of the record is meant, too little
    /// to find the value by trying all there are.
    pub tag: String,
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Integer(value) => match (i64::try_from(value), u64::try_from(value)) {
                (Ok(value), _) => serializer.serialize_i64(value),
                (_, Ok(value)) => serializer.serialize_u64(value),
                _ => Err(serde::ser::Error::custom("an integer of more than 64 bits")),
            },
            Self::Float(value) => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        match (integer, number.as_f64()) {
            (Some(value), _) => Ok(Self::Integer(value)),
            (None, Some(value)) => Ok(Self::Float(value)),
            (None, None) => Err(serde::de::Error::custom("not a number of 64 bits")),
        }
    }
}

impl Profile {
    /// The bytes of `profile.json`: indented, with a line feed at the end.
    ///
    /// # Errors
    /// None for a profile made here; a number that JSON can't hold otherwise.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// 32 bytes as 0x-hex.
mod word_text {
    use alloy_primitives::{B256, hex};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(word: &B256, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode_prefixed(word))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<B256, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::hex::word(&text).ok_or_else(|| serde::de::Error::custom("not 0x and 64 hex digits"))
    }
}
