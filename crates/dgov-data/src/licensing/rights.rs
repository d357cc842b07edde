//! Rights: the alternatives that a licensee may choose from. A choice is taken as a whole, so `A OR B` never permits
//! what only parts of both together would permit.

use serde::Serialize;

use super::ruling::{Ruling, Source, Statement, Use, rule};
use super::terms::Terms;

/// Terms, and the statements whose meet they are.
#[derive(Clone, Debug, Serialize)]
pub struct Alternative {
    /// The terms.
    pub terms: Terms,
    /// Whose meet they are.
    pub statements: Vec<Statement>,
}

/// What may be done with data: one of the alternatives, at the user's choice; nothing when there is none.
///
/// Kept without alternatives that permit no more than another one, in one order: two rights that permit the same are
/// equal, whatever statements they come from.
#[derive(Clone, Debug, Serialize)]
pub struct Rights {
    alternatives: Vec<Alternative>,
}

impl Rights {
    /// What one source says.
    pub fn stated(source: Source, terms: Terms) -> Self {
        let statement = Statement { source, about: None, terms: terms.clone() };
        Self { alternatives: vec![Alternative { terms, statements: vec![statement] }] }
    }

    /// Everything is permitted: what [`Rights::meet`] starts from.
    pub fn unrestricted() -> Self {
        Self { alternatives: vec![Alternative { terms: Terms::unrestricted(), statements: Vec::new() }] }
    }

    /// Nothing is permitted: what [`Rights::join`] starts from.
    pub fn nothing() -> Self {
        Self { alternatives: Vec::new() }
    }

    /// The alternatives, none of which permits only what another one permits.
    pub fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }

    /// The terms, when there is no choice.
    pub fn only(&self) -> Option<&Terms> {
        match self.alternatives.as_slice() {
            [only] => Some(&only.terms),
            _ => None,
        }
    }

    /// What both permit: SPDX `AND`, and the rights in something that was made from both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let pairs = self.alternatives.iter().flat_map(|ours| {
            other.alternatives.iter().map(|theirs| {
                let mut statements = ours.statements.clone();
                statements.extend(theirs.statements.iter().cloned());
                Alternative { terms: ours.terms.meet(&theirs.terms), statements }
            })
        });
        Self::reduced(pairs.collect())
    }

    /// What one of both permits: SPDX `OR`.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self::reduced(self.alternatives.iter().chain(&other.alternatives).cloned().collect())
    }

    /// The meet of a whole lineage.
    #[must_use]
    pub fn of_all<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::unrestricted(), |sum, next| sum.meet(next))
    }

    /// The same rights, whose reasons say what they are about: `raccoon@2`.
    #[must_use]
    pub fn about(mut self, about: &str) -> Self {
        for alternative in &mut self.alternatives {
            for statement in &mut alternative.statements {
                statement.about.get_or_insert_with(|| about.to_owned());
            }
        }
        self
    }

    /// The terms of every alternative changed by somebody with the right to do so; `stated` is what that source says.
    #[must_use]
    pub fn restated(self, source: &Source, stated: &Terms, change: impl Fn(&Terms) -> Terms) -> Self {
        let changed = self.alternatives.into_iter().map(|mut alternative| {
            let terms = change(&alternative.terms);
            alternative.statements.push(Statement { source: source.clone(), about: None, terms: stated.clone() });
            Alternative { terms, ..alternative }
        });
        Self::reduced(changed.collect())
    }

    /// Whether the use is permitted: the best answer of all alternatives, with its reasons.
    pub fn ruling(&self, usage: &Use) -> Ruling {
        let rulings =
            self.alternatives.iter().map(|alternative| rule(&alternative.terms, &alternative.statements, usage));
        rulings.reduce(|best, next| if next.rank() > best.rank() { next } else { best }).unwrap_or_else(|| {
            Ruling::Denied {
                why: vec![super::ruling::Reason {
                    cause: super::ruling::Cause::Nothing,
                    text: "nothing is permitted".to_owned(),
                    source: None,
                }],
            }
        })
    }

    fn reduced(mut alternatives: Vec<Alternative>) -> Self {
        for alternative in &mut alternatives {
            alternative.statements.sort();
            alternative.statements.dedup();
        }
        // Of equal terms the shortest explanation stays.
        alternatives.sort_by(|a, b| {
            let length = |alternative: &Alternative| alternative.statements.len();
            a.terms.cmp(&b.terms).then(length(a).cmp(&length(b))).then_with(|| a.statements.cmp(&b.statements))
        });
        alternatives.dedup_by(|next, kept| next.terms == kept.terms);
        let all = alternatives.clone();
        let below = |terms: &Terms| all.iter().any(|other| other.terms != *terms && terms.within(&other.terms));
        alternatives.retain(|alternative| !below(&alternative.terms));
        Self { alternatives }
    }
}

/// Equal when they permit the same.
impl PartialEq for Rights {
    fn eq(&self, other: &Self) -> bool {
        self.alternatives.iter().map(|a| &a.terms).eq(other.alternatives.iter().map(|a| &a.terms))
    }
}

impl Eq for Rights {}
