//! The answer to "may I use it for this?", with the statements that it comes from.

use serde::Serialize;

use super::purpose::Purpose;
use super::terms::{Geography, Terms};

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A row of the table of licenses: its id, and the page that the row was read from.
    License {
        /// SPDX id or `LicenseRef-`.
        id: String,
        /// URL of the text or of its reading.
        url: String,
    },
    /// A license that the table does not know.
    Unknown {
        /// As written.
        id: String,
    },
    /// A key of a manifest, e.g. `licenses.research`.
    Manifest {
        /// Dotted key.
        key: String,
    },
    /// A member of a document, e.g. a card or a policy.
    Document {
        /// Name of the document and the place in it.
        place: String,
    },
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::License { id, url } => write!(f, "{id} ({url})"),
            Self::Unknown { id } => write!(f, "`{id}`, which the table of licenses does not know"),
            Self::Manifest { key } => write!(f, "{key} of the manifest"),
            Self::Document { place } => f.write_str(place),
        }
    }
}

/// What one source says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Statement {
    /// Who.
    pub source: Source,
    /// What about, when it is one of several: `raccoon@2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What.
    pub terms: Terms,
}

/// The use in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Purpose.
    pub purpose: Purpose,
    /// Whether it is commercial.
    pub commercial: bool,
    /// When, unix seconds.
    pub at: i64,
    /// Where: an ISO 3166-1 alpha-2 code, or `EU`. `None` when it is not said.
    pub place: Option<String>,
}

/// Which of the conditions decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The purpose.
    Purpose,
    /// Commercial use.
    Commercial,
    /// The rights have ended.
    Expired,
    /// The place.
    Geography,
    /// Nothing is left: not one alternative.
    Nothing,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Which condition.
    pub cause: Cause,
    /// One sentence without a full stop, with the source.
    pub text: String,
    /// Who said it; none when nobody said anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// What a permitted use has to observe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "duty")]
pub enum Duty {
    /// Credit the source.
    Attribution,
    /// Pass on what is derived only under the same license.
    ShareAlike,
    /// Do not pass on changed copies.
    NoDerivatives,
    /// Read the license's list of forbidden uses.
    UseRestrictions,
    /// Non-commercial use only.
    NonCommercial,
    /// Only there.
    Geography {
        /// Codes.
        only: Vec<String>,
    },
    /// Only until then, unix seconds.
    Until {
        /// Unix seconds, exclusive.
        end: i64,
    },
    /// Pay.
    Pay {
        /// As stated.
        price: String,
    },
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "ruling")]
pub enum Ruling {
    /// Permitted, with what has to be observed.
    Permitted {
        /// Duties.
        duties: Vec<Duty>,
    },
    /// Nobody forbids it, and somebody whose word is needed does not permit it.
    Unset {
        /// Reasons.
        why: Vec<Reason>,
    },
    /// Forbidden.
    Denied {
        /// Reasons.
        why: Vec<Reason>,
    },
}

impl Ruling {
    /// Denied is 0, unset 1, permitted 2.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Denied { .. } => 0,
            Self::Unset { .. } => 1,
            Self::Permitted { .. } => 2,
        }
    }

    /// Whether it is permitted.
    pub fn is_permitted(&self) -> bool {
        matches!(self, Self::Permitted { .. })
    }

    /// The reasons of a no.
    pub fn why(&self) -> &[Reason] {
        match self {
            Self::Permitted { .. } => &[],
            Self::Unset { why } | Self::Denied { why } => why,
        }
    }
}

/// Rules on terms; the statements they are the meet of give the reasons.
pub(super) fn rule(terms: &Terms, statements: &[Statement], usage: &Use) -> Ruling {
    let (mut denied, mut unset) = (Vec::new(), Vec::new());
    let mut judge = |cause, verdict: &dyn Fn(&Terms) -> Option<bool>, no: &str, silent: &str| {
        let (list, wanted, words) = match verdict(terms) {
            Some(true) => return,
            Some(false) => (&mut denied, Some(false), no),
            None => (&mut unset, None, silent),
        };
        // Places of which none is in all statements: each of them is a part of the reason.
        let part = |terms: &Terms| cause == Cause::Geography && terms.modifiers.geography != Geography::Anywhere;
        let direct: Vec<_> = statements.iter().filter(|statement| verdict(&statement.terms) == wanted).collect();
        let found: Vec<_> =
            if direct.is_empty() { statements.iter().filter(|s| part(&s.terms)).collect() } else { direct };
        let before = list.len();
        list.extend(found.into_iter().map(|statement| {
            let about = statement.about.as_ref().map_or_else(String::new, |about| format!(", for {about}"));
            Reason {
                cause,
                text: format!("{words}: {}{about}", statement.source),
                source: Some(statement.source.clone()),
            }
        }));
        if list.len() == before {
            list.push(Reason { cause, text: words.to_owned(), source: None });
        }
    };
    let purpose = usage.purpose;
    judge(
        Cause::Purpose,
        &|terms| terms.says(purpose),
        &format!("{purpose} is forbidden"),
        &format!("nothing says that {purpose} is permitted"),
    );
    if usage.commercial {
        judge(
            Cause::Commercial,
            &|terms| terms.modifiers.commercial,
            "commercial use is forbidden",
            "nothing says that commercial use is permitted",
        );
    }
    judge(
        Cause::Expired,
        &|terms| Some(terms.modifiers.expiry.is_none_or(|end| usage.at < end)),
        "the rights have ended",
        "",
    );
    judge(
        Cause::Geography,
        &|terms| match (&terms.modifiers.geography, &usage.place) {
            (Geography::Anywhere, _) => Some(true),
            (Geography::Only(places), _) if places.is_empty() => Some(false),
            (Geography::Only(_), None) => None,
            (Geography::Only(places), Some(place)) => Some(places.contains(place)),
        },
        "it may not be used there",
        "it may be used in some places only, and the place of use was not said",
    );
    if !denied.is_empty() {
        return Ruling::Denied { why: denied };
    }
    if !unset.is_empty() {
        return Ruling::Unset { why: unset };
    }
    Ruling::Permitted { duties: duties(terms) }
}

/// What these terms ask for.
pub fn duties(terms: &Terms) -> Vec<Duty> {
    let modifiers = &terms.modifiers;
    let mut duties = Vec::new();
    for (asked, duty) in [
        (modifiers.attribution == Some(true), Duty::Attribution),
        (modifiers.share_alike == Some(true), Duty::ShareAlike),
        (modifiers.no_derivatives == Some(true), Duty::NoDerivatives),
        (modifiers.use_restrictions == Some(true), Duty::UseRestrictions),
        (modifiers.commercial == Some(false), Duty::NonCommercial),
    ] {
        if asked {
            duties.push(duty);
        }
    }
    if let Geography::Only(places) = &modifiers.geography {
        duties.push(Duty::Geography { only: places.iter().cloned().collect() });
    }
    duties.extend(modifiers.expiry.map(|end| Duty::Until { end }));
    duties.extend(modifiers.prices.iter().map(|price| Duty::Pay { price: price.clone() }));
    duties
}
