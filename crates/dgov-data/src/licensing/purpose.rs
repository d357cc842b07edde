//! What training data may be used for: the closed list of `docs/spec.md`, "Purposes".

use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One purpose; its number is its bit in the masks on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Purpose {
    /// Training a model that generates content.
    TrainGenerative = 0,
    /// Training any other model.
    TrainOther = 1,
    /// Use at inference time: retrieval, prompts, few-shot examples.
    Inference = 2,
    /// Text and data mining other than training.
    Mine = 3,
    /// Indexing and search.
    Search = 4,
    /// Evaluation and benchmarks.
    Evaluate = 5,
    /// Passing the data on.
    Redistribute = 6,
    /// Granting these rights to others.
    Sublicense = 7,
}

impl Purpose {
    /// All purposes, in the order of their bits.
    pub const ALL: [Self; 8] = [
        Self::TrainGenerative,
        Self::TrainOther,
        Self::Inference,
        Self::Mine,
        Self::Search,
        Self::Evaluate,
        Self::Redistribute,
        Self::Sublicense,
    ];

    /// The name used in manifests and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TrainGenerative => "train-generative",
            Self::TrainOther => "train-other",
            Self::Inference => "inference",
            Self::Mine => "mine",
            Self::Search => "search",
            Self::Evaluate => "evaluate",
            Self::Redistribute => "redistribute",
            Self::Sublicense => "sublicense",
        }
    }

    /// The mask with only this purpose's bit.
    pub const fn mask(self) -> u16 {
        1 << self as u8
    }
}

/// A word that names no purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a purpose")]
pub struct UnknownPurpose(pub String);

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == text).ok_or_else(|| UnknownPurpose(text.to_owned()))
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of purposes, as the mask that the contracts store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purposes(u16);

impl Purposes {
    /// All of them.
    pub const EVERY: Self = Self(0xff);
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The mask: bit i is purpose i.
    pub const fn mask(self) -> u16 {
        self.0
    }

    /// From a mask read from the chain; `None` if it has bits that no purpose has.
    pub const fn from_mask(mask: u16) -> Option<Self> {
        if mask >> Purpose::ALL.len() == 0 { Some(Self(mask)) } else { None }
    }

    /// Whether the purpose is in the set.
    pub const fn contains(self, purpose: Purpose) -> bool {
        self.0 & purpose.mask() != 0
    }

    /// Purposes in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Purposes in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Purposes in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The purposes, in the order of their bits.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().filter(move |purpose| self.contains(*purpose))
    }
}

impl FromIterator<Purpose> for Purposes {
    fn from_iter<I: IntoIterator<Item = Purpose>>(purposes: I) -> Self {
        Self(purposes.into_iter().fold(0, |mask, purpose| mask | purpose.mask()))
    }
}

impl fmt::Display for Purposes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, purpose) in self.iter().enumerate() {
            write!(f, "{}{purpose}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Serialize for Purposes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for purpose in self.iter() {
            list.serialize_element(&purpose)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Purposes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Purpose>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Purposes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Purposes".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Purpose>::json_schema(generator)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_positions_in_the_spec() {
        for (bit, purpose) in Purpose::ALL.into_iter().enumerate() {
            assert_eq!(purpose.mask(), 1 << bit);
            assert_eq!(purpose.name().parse::<Purpose>().unwrap(), purpose);
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.name());
        }
        let set: Purposes = [Purpose::Evaluate, Purpose::TrainGenerative].into_iter().collect();
        assert_eq!(set.mask(), 0b10_0001);
        assert_eq!(set.to_string(), "train-generative, evaluate");
        assert_eq!(Purposes::from_mask(set.mask()), Some(set));
        assert_eq!(Purposes::from_mask(0x100), None);
    }
}
