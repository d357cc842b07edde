//! The license text whose digest goes on chain: SPDX's own text of every id of the expression, or the project's file.

use spdx::Expression;
use spdx::expression::ExprNode;

use crate::error::{Error, Result};

/// The texts of all licenses of an SPDX expression, each once, in the order of the expression.
pub fn of_expression(expression: &str) -> Result<String> {
    let parsed = Expression::parse(expression).map_err(|error| {
        Error::input("license.spdx", format!("`{expression}` is no SPDX license expression"))
            .caused_by(&error)
            .hint("ids are listed at https://spdx.org/licenses, e.g. CC-BY-4.0 or MIT OR Apache-2.0")
    })?;
    let mut seen = Vec::new();
    for node in parsed.iter() {
        let ExprNode::Req(requirement) = node else { continue };
        let Some(id) = requirement.req.license.id() else {
            return Err(Error::input(
                "license.no_text",
                format!("`{}` has no text of its own at SPDX", requirement.req),
            )
            .hint("point to the file with `text = \"LICENSE.txt\"` in the license's table"));
        };
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    if let [only] = seen.as_slice() {
        return Ok(with_newline(only.text()));
    }
    let texts: Vec<_> = seen.iter().map(|id| format!("==== {} ====\n\n{}", id.name, with_newline(id.text()))).collect();
    Ok(format!("SPDX-License-Identifier: {expression}\n\n{}", texts.join("\n")))
}

fn with_newline(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn one_license_is_its_text_and_two_are_both() {
        let mit = of_expression("MIT").unwrap();
        assert!(mit.contains("Permission is hereby granted") && mit.ends_with('\n'));
        let both = of_expression("MIT OR Apache-2.0").unwrap();
        assert!(both.contains("==== MIT ====") && both.contains("==== Apache-2.0 ===="));
        assert!(of_expression("CC-BY-NC-4.0").unwrap().contains("NonCommercial"));
    }

    #[test]
    fn what_has_no_text_is_an_error_with_a_hint() {
        for wrong in ["LicenseRef-lab", "cc-by-4.0-ish", ""] {
            assert!(!of_expression(wrong).unwrap_err().hints().is_empty(), "{wrong}");
        }
    }
}
