//! The JSON form of leaves and proofs: what files, reports and other implementations exchange.
//!
//! Hashes and bytes are 0x-hex, the bitmap a 0x-hex integer without leading zeros, weights decimal strings (JSON numbers
//! lose precision above 2^53), an EMPTY terminal is null. Reading accepts exactly what writing gives.

use std::borrow::Cow;

use alloy_primitives::{B256, U256, hex};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Leaf, Proof};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeafText<'a> {
    key: Cow<'a, str>,
    weight: Cow<'a, str>,
    data: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofText<'a> {
    bitmap: Cow<'a, str>,
    siblings: Cow<'a, str>,
    // Absent and null are different: a proof whose end was lost must not read as one that ends in EMPTY.
    #[serde(deserialize_with = "Option::deserialize")]
    terminal: Option<Leaf>,
}

impl Serialize for Leaf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        LeafText {
            key: hex::encode_prefixed(self.key).into(),
            weight: self.weight.to_string().into(),
            data: hex::encode_prefixed(self.data).into(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Leaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = LeafText::deserialize(deserializer)?;
        Ok(Self {
            key: word(&text.key).map_err(D::Error::custom)?,
            weight: decimal(&text.weight).map_err(D::Error::custom)?,
            data: word(&text.data).map_err(D::Error::custom)?,
        })
    }
}

impl Serialize for Proof {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ProofText {
            bitmap: format!("{:#x}", self.bitmap).into(),
            siblings: hex::encode_prefixed(&self.siblings).into(),
            terminal: self.terminal,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Proof {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = ProofText::deserialize(deserializer)?;
        Ok(Self {
            bitmap: integer(&text.bitmap).map_err(D::Error::custom)?,
            siblings: bytes(&text.siblings).map_err(D::Error::custom)?,
            terminal: text.terminal,
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let digits = text.strip_prefix("0x").ok_or_else(|| format!("`{}` does not start with 0x", shorten(text)))?;
    // The decoder would take another 0x.
    if digits.starts_with("0x") {
        return Err(format!("`{}` is not hex", shorten(text)));
    }
    hex::decode(digits).map_err(|error| format!("`{}` is not hex: {error}", shorten(text)))
}

fn word(text: &str) -> Result<B256, String> {
    let bytes = bytes(text)?;
    B256::try_from(bytes.as_slice()).map_err(|_| format!("`{}` is not 32 bytes", shorten(text)))
}

fn integer(text: &str) -> Result<U256, String> {
    let refuse = || format!("`{}` is not a 0x-hex integer of at most 256 bits", shorten(text));
    let digits = text.strip_prefix("0x").ok_or_else(refuse)?;
    let canonical = digits == "0" || !digits.starts_with('0');
    if !canonical || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(refuse());
    }
    U256::from_str_radix(digits, 16).map_err(|_| refuse())
}

/// A u64 without sign, spaces or leading zeros.
fn decimal(text: &str) -> Result<u64, String> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{}` is not a decimal weight", shorten(text)));
    }
    text.parse().map_err(|_| format!("`{}` is not a weight below 2^64", shorten(text)))
}

/// Enough of a broken text to recognize it, whatever its length.
fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}
