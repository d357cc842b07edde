//! One statement of rights: purposes allowed and forbidden, and the conditions on them. Terms are ordered by what they
//! permit; [`Terms::meet`] is the greatest lower bound, so that nothing is permitted that one of both does not permit.

use std::collections::BTreeSet;

use serde::Serialize;

use super::purpose::{Purpose, Purposes};

/// Where data may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Geography {
    /// Not restricted.
    #[default]
    Anywhere,
    /// Only there: ISO 3166-1 alpha-2 codes in capitals, or `EU`. An empty set is nowhere.
    Only(BTreeSet<String>),
}

impl Geography {
    pub(super) fn meet(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Anywhere, other) => other.clone(),
            (this, Self::Anywhere) => this.clone(),
            (Self::Only(a), Self::Only(b)) => Self::Only(a.intersection(b).cloned().collect()),
        }
    }

    fn within(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Anywhere) => true,
            (Self::Anywhere, Self::Only(_)) => false,
            (Self::Only(a), Self::Only(b)) => a.is_subset(b),
        }
    }
}

/// Conditions. `None` is "not said"; for each there is a more and a less restrictive answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Modifiers {
    /// Whether commercial use is permitted.
    pub commercial: Option<bool>,
    /// Whether the source has to be credited.
    pub attribution: Option<bool>,
    /// Whether what is derived and passed on has to carry the same license.
    pub share_alike: Option<bool>,
    /// Whether changed copies must not be passed on.
    pub no_derivatives: Option<bool>,
    /// Whether the license forbids certain uses by a list of its own (RAIL, acceptable-use policies), which a person has
    /// to read.
    pub use_restrictions: Option<bool>,
    /// Where the data may be used.
    pub geography: Geography,
    /// End of the rights, unix seconds, exclusive; `None` is never.
    pub expiry: Option<i64>,
    /// What has to be paid, all of it, as its statements write it: `5 USDC`.
    pub prices: BTreeSet<String>,
}

/// Of two answers the one that permits less, when `true` is the permissive one.
fn lower(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    if rank(a) <= rank(b) { a } else { b }
}

/// Of two answers the one that permits less, when `true` is a duty.
fn stricter(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    if rank(a) >= rank(b) { a } else { b }
}

fn rank(answer: Option<bool>) -> u8 {
    match answer {
        Some(false) => 0,
        None => 1,
        Some(true) => 2,
    }
}

impl Modifiers {
    /// No condition at all: commercial use permitted, no duty.
    pub fn free() -> Self {
        Self {
            commercial: Some(true),
            attribution: Some(false),
            share_alike: Some(false),
            no_derivatives: Some(false),
            use_restrictions: Some(false),
            ..Self::default()
        }
    }

    fn meet(&self, other: &Self) -> Self {
        Self {
            commercial: lower(self.commercial, other.commercial),
            attribution: stricter(self.attribution, other.attribution),
            share_alike: stricter(self.share_alike, other.share_alike),
            no_derivatives: stricter(self.no_derivatives, other.no_derivatives),
            use_restrictions: stricter(self.use_restrictions, other.use_restrictions),
            geography: self.geography.meet(&other.geography),
            expiry: match (self.expiry, other.expiry) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            prices: self.prices.union(&other.prices).cloned().collect(),
        }
    }

    fn within(&self, other: &Self) -> bool {
        let duties = |m: &Self| [m.attribution, m.share_alike, m.no_derivatives, m.use_restrictions].map(rank);
        rank(self.commercial) <= rank(other.commercial)
            && duties(self).iter().zip(duties(other)).all(|(ours, theirs)| *ours >= theirs)
            && self.geography.within(&other.geography)
            && match (self.expiry, other.expiry) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(a), Some(b)) => a <= b,
            }
            && self.prices.is_superset(&other.prices)
    }
}

/// Purposes and conditions. A purpose that is in neither set is unset: nobody said that it is permitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Terms {
    /// Purposes permitted, under the conditions.
    pub allow: Purposes,
    /// Purposes forbidden; wins over `allow`.
    pub deny: Purposes,
    /// Conditions.
    #[serde(flatten)]
    pub modifiers: Modifiers,
}

impl Terms {
    /// Terms; what is both allowed and denied is denied.
    pub fn new(allow: Purposes, deny: Purposes, modifiers: Modifiers) -> Self {
        Self { allow: allow.without(deny), deny, modifiers }
    }

    /// Everything, without a condition.
    pub fn unrestricted() -> Self {
        Self::new(Purposes::EVERY, Purposes::NONE, Modifiers::free())
    }

    /// Nothing is said.
    pub fn unset() -> Self {
        Self::default()
    }

    /// What both permit.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self::new(self.allow.and(other.allow), self.deny.or(other.deny), self.modifiers.meet(&other.modifiers))
    }

    /// Whether these terms permit nothing that the other ones do not permit.
    pub fn within(&self, other: &Self) -> bool {
        // In each purpose: deny < unset < allow.
        self.allow.without(other.allow).is_empty()
            && other.deny.without(self.deny).is_empty()
            && self.modifiers.within(&other.modifiers)
    }

    /// Whether the purpose is permitted (`Some(true)`), forbidden, or not spoken of.
    pub fn says(&self, purpose: Purpose) -> Option<bool> {
        match (self.deny.contains(purpose), self.allow.contains(purpose)) {
            (true, _) => Some(false),
            (_, true) => Some(true),
            _ => None,
        }
    }
}
