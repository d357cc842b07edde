//! The form of SPDX license expressions. What a license permits is decided by `dgov_data::licensing`, not here.

use std::fmt;
use std::str::FromStr;

use super::{ValueError, text_value};

/// A well-formed SPDX license expression, as written: `CC-BY-4.0`, `MIT OR Apache-2.0`, `LicenseRef-lab-terms`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpdxExpression(String);

impl SpdxExpression {
    /// The expression.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names a license of one's own (`LicenseRef-...`), whose text only the manifest can point to.
    pub fn has_license_ref(&self) -> bool {
        self.0.split([' ', '(', ')']).any(|word| word.starts_with("LicenseRef-"))
    }
}

impl FromStr for SpdxExpression {
    type Err = ValueError;

    /// Reads an expression (SPDX 2.3, annex D); every id has to be on SPDX's list or be a `LicenseRef-`.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        match spdx::Expression::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => {
                let why = ValueError::new(format!("`{text}` is not an SPDX license expression: {}", error.reason));
                Err(why.hint(match dgov_data::licensing::normalize(text) {
                    Some(id) => format!("the SPDX id is `{id}`"),
                    None => {
                        "write SPDX ids joined by AND, OR or WITH: `CC-BY-4.0`; terms of your own: `LicenseRef-<name>`"
                            .to_owned()
                    }
                }))
            }
        }
    }
}

impl fmt::Display for SpdxExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_value!(SpdxExpression, "^[A-Za-z0-9(][A-Za-z0-9.+: ()-]*$", ["CC-BY-NC-4.0", "MIT OR Apache-2.0"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for text in
            ["CC-BY-NC-4.0", "MIT OR Apache-2.0", "(MIT AND BSD-3-Clause) OR GPL-2.0-or-later", "LicenseRef-lab"]
        {
            assert_eq!(text.parse::<SpdxExpression>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "MIT Apache-2.0",
            "MIT OR",
            "(MIT",
            "MIT)",
            "OR MIT",
            "MIT/X11",
            "()",
            "a:b",
            "M€T",
            "No-Such-License-1.0",
        ] {
            assert!(text.parse::<SpdxExpression>().is_err(), "{text}");
        }
        assert!("MIT OR (LicenseRef-lab)".parse::<SpdxExpression>().unwrap().has_license_ref());
        assert!(!"MIT".parse::<SpdxExpression>().unwrap().has_license_ref());
    }

    #[test]
    fn hub_ids_are_named() {
        assert_eq!("cc-by-4.0".parse::<SpdxExpression>().unwrap_err().hint.unwrap(), "the SPDX id is `CC-BY-4.0`");
        assert_eq!("odc-by".parse::<SpdxExpression>().unwrap_err().hint.unwrap(), "the SPDX id is `ODC-By-1.0`");
    }
}
