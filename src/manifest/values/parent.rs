//! What a dataset was made from.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::B256;

use super::{Slug, ValueError, text_value};

/// A version that a dataset was derived from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ParentRef {
    /// A dataset of this manifest: a given version, or the newest one locked.
    Dataset {
        /// Name in `[datasets]`.
        name: Slug,
        /// From 1; `None` is the newest.
        version: Option<u32>,
    },
    /// Any version anywhere, by its version key.
    VersionKey(B256),
}

impl FromStr for ParentRef {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let malformed = || {
            ValueError::new(format!("`{text}` is not a parent"))
                .hint("write a dataset of this manifest (`name`, `name@2`) or a version key (0x and 64 hex digits)")
        };
        if let Some(digits) = text.strip_prefix("0x") {
            return digits.parse().map(Self::VersionKey).map_err(|_| malformed());
        }
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => {
                let number = version.parse::<u32>().ok().filter(|number| *number >= 1 && !version.starts_with('+'));
                (name, Some(number.ok_or_else(malformed)?))
            }
            None => (text, None),
        };
        Ok(Self::Dataset { name: name.parse().map_err(|_| malformed())?, version })
    }
}

impl fmt::Display for ParentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dataset { name, version: Some(version) } => write!(f, "{name}@{version}"),
            Self::Dataset { name, version: None } => name.fmt(f),
            Self::VersionKey(key) => write!(f, "{key:#x}"),
        }
    }
}

text_value!(ParentRef, "^(0x[0-9a-fA-F]{64}|[a-z0-9][a-z0-9-]{0,63}(@[1-9][0-9]*)?)$", ["raccoon", "raccoon@2"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn names_versions_and_keys() {
        let key = format!("0x{}", "ab".repeat(32));
        for text in ["raccoon", "raccoon@2", "raccoon@4294967295", key.as_str()] {
            assert_eq!(text.parse::<ParentRef>().unwrap().to_string(), text);
        }
        for text in ["", "raccoon@", "raccoon@0", "raccoon@+1", "raccoon@4294967296", "Raccoon", "0xab", "@1"] {
            assert!(text.parse::<ParentRef>().is_err(), "{text}");
        }
    }
}
