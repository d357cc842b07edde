//! Names of projects, networks, licenses and datasets.

use std::fmt;
use std::str::FromStr;

use super::{ValueError, text_value};

/// A name that is safe in paths, URLs and identifiers: `[a-z0-9][a-z0-9-]{0,63}` (`spec.md`, "Identifiers").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// The nearest valid name to a text, if the text has anything to make one of.
    pub fn nearest(text: &str) -> Option<Self> {
        suggestion(text).map(Self)
    }

    /// Stands in for a name that could not be read, in a manifest that is then refused.
    pub(crate) fn placeholder() -> Self {
        Self("unnamed".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let valid =
            (1..=64).contains(&text.len()) && text.starts_with(allowed) && text.chars().all(|c| allowed(c) || c == '-');
        if valid {
            return Ok(Self(text.to_owned()));
        }
        let error = ValueError::new(format!("`{text}` is not a valid name"));
        Err(match suggestion(text) {
            Some(better) => error.hint(format!("names are lower-case letters, digits and hyphens: `{better}`")),
            None => error.hint("names are 1 to 64 lower-case letters, digits and hyphens, no hyphen first"),
        })
    }
}

/// The nearest valid name, if the text has anything to make one of.
fn suggestion(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(64);
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Slug {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Slug {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

text_value!(Slug, "^[a-z0-9][a-z0-9-]{0,63}$", ["raccoon-commons"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_specs_alphabet() {
        for text in ["a", "0", "raccoon-commons", "a-", &"x".repeat(64)] {
            assert_eq!(text.parse::<Slug>().unwrap(), text);
        }
        for text in ["", "-a", "A", "a_b", "a b", "é", &"x".repeat(65)] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }

    #[test]
    fn suggests_a_name_that_is_valid() {
        for (text, better) in [("My Data_Set", "my-data-set"), ("_x_", "x"), (&"É!".repeat(50), "")] {
            let hint = text.parse::<Slug>().unwrap_err().hint.unwrap();
            assert!(hint.contains(better), "{hint}");
        }
        assert_eq!(suggestion("--"), None);
    }
}
