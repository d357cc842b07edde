//! The values a manifest is written in: exact, no floats anywhere, each with one canonical text.

mod account;
mod amount;
mod arbitrator;
mod chain_dataset;
mod coin;
mod duration;
mod parent;
mod purpose;
mod registry;
mod share;
mod slug;
mod spdx;
mod sunset;

pub use account::AccountRef;
pub use amount::{Amount, Currency, GOVERNANCE_DECIMALS, Price, TokenAmount, format_units, parse_units};
pub use arbitrator::{Arbitrator, HexData};
pub use chain_dataset::ChainDataset;
pub use coin::CoinAmount;
pub use duration::{Duration, LicenseDuration};
pub use parent::ParentRef;
pub use purpose::{Purpose, Purposes, parse_purpose};
pub use registry::RegistryRef;
pub use share::Share;
pub use slug::Slug;
pub use spdx::SpdxExpression;
pub use sunset::Sunset;

/// Why a text is not a value of the expected kind, with what to write instead where that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    /// One sentence without a full stop; names the offending text.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl ValueError {
    /// An error without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The closest of `known` to `word`, if any is close enough to be a slip of the keyboard.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let similarity = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        // One letter wrong, missing, or swapped with its neighbor is a slip even in a short word.
        let one_slip = word.len() >= 3 && strsim::osa_distance(&word, &candidate) == 1;
        if one_slip { 1.0 } else { strsim::jaro_winkler(&word, &candidate) }
    };
    known
        .into_iter()
        .map(|candidate| (similarity(candidate), candidate))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// Gives a type with `Display` its text form in JSON and in the manifest's schema: a string that matches `$pattern`.
macro_rules! text_value {
    ($type:ty, $pattern:literal, [$($example:literal),+]) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern, "examples": [$($example),+] })
            }
        }
    };
}
pub(crate) use text_value;

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn slips_are_recognized_and_other_words_are_not() {
        let known = ["publisher", "dao", "late-quorum-extension", "price"];
        assert_eq!(did_you_mean("doa", known), Some("dao"));
        assert_eq!(did_you_mean("Publishr", known), Some("publisher"));
        assert_eq!(did_you_mean("prices", known), Some("price"));
        assert_eq!(did_you_mean("late-quorum-extention", known), Some("late-quorum-extension"));
        assert_eq!(did_you_mean("steward", known), None);
        assert_eq!(did_you_mean("x", known), None);
    }
}
