//! Rights from an SPDX license expression (SPDX 3.0.1, annex "License expressions"): `AND` is the meet, `OR` the join.

use spdx::expression::{ExprNode, Operator};
use spdx::{AdditionItem, Expression, LicenseItem, LicenseReq};

use super::rights::Rights;
use super::ruling::Source;
use super::table;
use super::terms::Terms;

/// Licenses that one expression may name; more are no license statement that anybody wrote.
const MAX_LICENSES: usize = 64;

/// Why an expression gives no rights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Not an expression.
    #[error("`{text}` is not an SPDX license expression: {reason}")]
    Malformed {
        /// As given.
        text: String,
        /// What the parser said.
        reason: String,
        /// What it should have been, where that is known.
        instead: Option<String>,
    },
    /// Too many licenses.
    #[error("{count} licenses in one expression; at most {MAX_LICENSES} are read")]
    TooMany {
        /// How many.
        count: usize,
    },
}

/// The SPDX expression that a text stands for: itself, in the spelling of SPDX, or what a hub's id or a URL of SPDX or
/// Creative Commons means. `None` when it is none of these.
pub fn normalize(text: &str) -> Option<String> {
    let text = text.trim();
    if Expression::parse(text).is_ok() {
        return Some(text.to_owned());
    }
    if let Some(known) = table::hub_id(text) {
        return known.spdx.clone();
    }
    let exact = |name: &str| {
        let mut ids = spdx::identifiers::LICENSES.iter().map(|license| license.name);
        let id = ids.find(|id| id.eq_ignore_ascii_case(name))?;
        // GNU's licenses without `-only` are deprecated ids, which expressions do not take.
        Some(if Expression::parse(id).is_ok() { id.to_owned() } else { format!("{id}-only") })
    };
    exact(text).or_else(|| of_url(text, exact))
}

/// The id that a URL names.
fn of_url(text: &str, exact: impl Fn(&str) -> Option<String>) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let (host, path) = rest.split_once('/')?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (host, parts.as_slice()) {
        ("spdx.org", ["licenses", id, ..]) => {
            let id = id.trim_end_matches(".html").trim_end_matches(".json").trim_end_matches(".txt");
            exact(id)
        }
        ("creativecommons.org", ["publicdomain", "zero", version, ..]) => exact(&format!("CC0-{version}")),
        ("creativecommons.org", ["publicdomain", "mark", version, ..]) => exact(&format!("CC-PDM-{version}")),
        ("creativecommons.org", ["licenses", kind, version, rest @ ..]) => {
            // The oldest one has its parts in another order there.
            let kind = if *kind == "by-nd-nc" { "by-nc-nd" } else { kind };
            let port = rest.first().filter(|part| !matches!(**part, "legalcode" | "deed") && !part.contains('.'));
            let base = format!("CC-{kind}-{version}");
            match port {
                Some(port) => exact(&format!("{base}-{port}")),
                None => exact(&base),
            }
        }
        ("opendatacommons.org", ["licenses", "by", ..]) => exact("ODC-By-1.0"),
        ("opendatacommons.org", ["licenses", "odbl", ..]) => exact("ODbL-1.0"),
        ("opendatacommons.org", ["licenses", "pddl", ..]) => exact("PDDL-1.0"),
        ("opensource.org", ["license" | "licenses", id, ..]) => exact(id),
        ("apache.org", ["licenses", name, ..]) if name.starts_with("LICENSE-2.0") => exact("Apache-2.0"),
        ("choosealicense.com", ["licenses", id, ..]) => exact(id),
        ("cdla.dev", [name, ..]) => match *name {
            "permissive-1-0" => exact("CDLA-Permissive-1.0"),
            "permissive-2-0" => exact("CDLA-Permissive-2.0"),
            "sharing-1-0" => exact("CDLA-Sharing-1.0"),
            _ => None,
        },
        _ => None,
    }
}

impl Rights {
    /// Rights under an SPDX expression. Licenses that the table does not know, `LicenseRef-` ids among them, say nothing:
    /// all purposes unset. `WITH` an exception only ever permits more, so the license without it is taken; `+` and
    /// `-or-later` are the version named.
    ///
    /// # Errors
    /// When the text is no expression.
    pub fn of_expression(text: &str) -> Result<Self, ExpressionError> {
        let expression = Expression::parse(text).map_err(|error| ExpressionError::Malformed {
            text: text.to_owned(),
            reason: error.reason.to_string(),
            instead: normalize(text),
        })?;
        let count = expression.requirements().count();
        if count > MAX_LICENSES {
            return Err(ExpressionError::TooMany { count });
        }
        let mut stack: Vec<Self> = Vec::new();
        for node in expression.iter() {
            match node {
                ExprNode::Req(requirement) => stack.push(of_requirement(&requirement.req)),
                ExprNode::Op(operator) => {
                    let (Some(b), Some(a)) = (stack.pop(), stack.pop()) else { break };
                    stack.push(match operator {
                        Operator::And => a.meet(&b),
                        Operator::Or => a.join(&b),
                    });
                }
            }
        }
        Ok(stack.pop().unwrap_or_else(Self::nothing))
    }
}

fn of_requirement(requirement: &LicenseReq) -> Rights {
    let written = match &requirement.license {
        LicenseItem::Spdx { id, .. } => id.name.to_owned(),
        LicenseItem::Other(reference) => reference.to_string(),
    };
    // An addition of one's own (`AdditionRef-`) may say anything.
    let foreign = matches!(requirement.addition, Some(AdditionItem::Other(_)));
    match table::license(&written).filter(|_| !foreign) {
        Some(row) => Rights::stated(Source::License { id: row.id.clone(), url: row.source.clone() }, row.terms.clone()),
        None => Rights::stated(Source::Unknown { id: requirement.to_string() }, Terms::unset()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::licensing::{Purpose, Ruling, Use};

    fn asks(expression: &str, purpose: Purpose, commercial: bool) -> Ruling {
        Rights::of_expression(expression).unwrap().ruling(&Use { purpose, commercial, at: 0, place: None })
    }

    #[test]
    fn single_licenses() {
        assert!(asks("MIT", Purpose::TrainGenerative, true).is_permitted());
        assert!(asks("CC-BY-NC-4.0", Purpose::TrainGenerative, false).is_permitted());
        let Ruling::Denied { why } = asks("CC-BY-NC-4.0", Purpose::TrainGenerative, true) else { panic!() };
        assert!(why[0].text.contains("https://creativecommons.org/licenses/by-nc/4.0/legalcode"), "{why:?}");
        assert!(matches!(asks("CC-BY-ND-4.0", Purpose::TrainGenerative, false), Ruling::Unset { .. }));
        assert!(matches!(asks("LicenseRef-lab", Purpose::Evaluate, false), Ruling::Unset { .. }));
        assert!(matches!(asks("MIT WITH AdditionRef-mine", Purpose::Evaluate, false), Ruling::Unset { .. }));
        assert!(matches!(asks("Zimbra-1.3", Purpose::Evaluate, false), Ruling::Unset { .. }));
        assert!(matches!(asks("CC-BY-4.0", Purpose::Sublicense, false), Ruling::Denied { .. }));
    }

    #[test]
    fn and_needs_both_and_or_needs_one() {
        assert!(matches!(asks("MIT AND CC-BY-NC-4.0", Purpose::TrainOther, true), Ruling::Denied { .. }));
        assert!(asks("MIT OR CC-BY-NC-4.0", Purpose::TrainOther, true).is_permitted());
        assert!(asks("LicenseRef-lab OR CC0-1.0", Purpose::Sublicense, true).is_permitted());
        assert!(matches!(asks("LicenseRef-lab AND CC0-1.0", Purpose::Mine, true), Ruling::Unset { .. }));
    }

    #[test]
    fn a_choice_is_taken_as_a_whole() {
        // One permits commercial use, but leaves training open; the other permits training, but not commercially.
        let both = "CC-BY-ND-4.0 OR CC-BY-NC-4.0";
        assert!(!asks(both, Purpose::TrainGenerative, true).is_permitted());
        assert!(asks(both, Purpose::TrainGenerative, false).is_permitted());
        assert!(asks(both, Purpose::Evaluate, true).is_permitted());
    }

    #[test]
    fn urls_and_hub_ids_are_understood() {
        for (text, id) in [
            ("cc-by-4.0", "CC-BY-4.0"),
            ("odc-by", "ODC-By-1.0"),
            ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
            ("http://creativecommons.org/licenses/by-nc-sa/3.0/igo/", "CC-BY-NC-SA-3.0-IGO"),
            ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
            ("https://spdx.org/licenses/MIT.html", "MIT"),
            ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
            ("GFDL-1.3", "GFDL-1.3-only"),
            ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
            ("https://www.apache.org/licenses/LICENSE-2.0.html", "Apache-2.0"),
        ] {
            assert_eq!(normalize(text).as_deref(), Some(id), "{text}");
        }
        for text in ["", "other", "https://example.org/terms", "see website", "https://creativecommons.org/", "cc"] {
            assert_eq!(normalize(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_says_what_was_meant() {
        let ExpressionError::Malformed { instead, .. } = Rights::of_expression("cc-by-4.0").unwrap_err() else {
            panic!()
        };
        assert_eq!(instead.as_deref(), Some("CC-BY-4.0"));
        let long = vec!["MIT"; 65].join(" AND ");
        assert_eq!(Rights::of_expression(&long).unwrap_err(), ExpressionError::TooMany { count: 65 });
    }
}
