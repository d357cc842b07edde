//! What a steward states beside the SPDX id, in the license's table of the manifest.

use std::collections::BTreeSet;

use super::purpose::Purposes;
use super::rights::Rights;
use super::ruling::Source;
use super::terms::{Geography, Modifiers, Terms};

/// The keys of `[licenses.NAME]` that speak of rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// SPDX expression.
    pub spdx: Option<String>,
    /// Purposes allowed.
    pub allow: Purposes,
    /// Purposes denied.
    pub deny: Purposes,
    /// Whether commercial use is permitted.
    pub commercial: Option<bool>,
    /// Whether attribution is required.
    pub attribution: Option<bool>,
    /// Whether what is derived must carry the same license.
    pub share_alike: Option<bool>,
    /// Where the data may be used.
    pub geography: Geography,
    /// End of the rights, unix seconds, exclusive.
    pub expiry: Option<i64>,
    /// Price of a pass, when it is not free.
    pub price: Option<String>,
}

impl Stated {
    /// The rights: those of the SPDX id, as the steward restates them.
    ///
    /// - With `allow` or `deny` the lists are complete: what is in neither is unset. What the license itself denies stays
    ///   denied; what it leaves open, the steward may allow.
    /// - `commercial`, `attribution` and `share-alike` replace what the id says; places and an end are added to it.
    /// - Without an SPDX expression, only the steward speaks.
    ///
    /// # Errors
    /// When `spdx` is no expression.
    pub fn rights(&self, key: &str) -> Result<Rights, super::ExpressionError> {
        let source = Source::Manifest { key: key.to_owned() };
        let lists = !self.allow.is_empty() || !self.deny.is_empty();
        let stated = Terms::new(
            self.allow,
            self.deny,
            Modifiers {
                commercial: self.commercial,
                attribution: self.attribution,
                share_alike: self.share_alike,
                no_derivatives: None,
                use_restrictions: None,
                geography: self.geography.clone(),
                expiry: self.expiry,
                prices: self.price.iter().cloned().collect::<BTreeSet<_>>(),
            },
        );
        let Some(spdx) = &self.spdx else { return Ok(Rights::stated(source, stated)) };
        let base = Rights::of_expression(spdx)?;
        if !lists && stated == Terms::unset() {
            return Ok(base);
        }
        Ok(base.restated(&source, &stated, |of_id| {
            let modifiers = Modifiers {
                commercial: self.commercial.or(of_id.modifiers.commercial),
                attribution: self.attribution.or(of_id.modifiers.attribution),
                share_alike: self.share_alike.or(of_id.modifiers.share_alike),
                geography: of_id.modifiers.geography.meet(&self.geography),
                expiry: self.expiry.or(of_id.modifiers.expiry),
                prices: of_id.modifiers.prices.union(&stated.modifiers.prices).cloned().collect(),
                ..of_id.modifiers.clone()
            };
            if lists {
                Terms::new(self.allow, self.deny.or(of_id.deny), modifiers)
            } else {
                Terms::new(of_id.allow, of_id.deny, modifiers)
            }
        }))
    }

    /// Where the steward permits what the license does not, one sentence each: what the steward has to be the holder of
    /// the rights for.
    pub fn contradictions(&self) -> Vec<String> {
        let Some(spdx) = &self.spdx else { return Vec::new() };
        let Ok(base) = Rights::of_expression(spdx) else { return Vec::new() };
        let every = |says: &dyn Fn(&Terms) -> bool| {
            !base.alternatives().is_empty() && base.alternatives().iter().all(|alternative| says(&alternative.terms))
        };
        let mut found = Vec::new();
        for purpose in self.allow.iter() {
            if every(&|terms| terms.says(purpose) == Some(false)) {
                found.push(format!("`allow` names {purpose}, which {spdx} denies; it stays denied"));
            }
        }
        for (stated, denied, word) in [
            (
                self.commercial == Some(true),
                every(&|terms| terms.modifiers.commercial == Some(false)),
                "commercial = true",
            ),
            (
                self.attribution == Some(false),
                every(&|terms| terms.modifiers.attribution == Some(true)),
                "attribution = false",
            ),
            (
                self.share_alike == Some(false),
                every(&|terms| terms.modifiers.share_alike == Some(true)),
                "share-alike = false",
            ),
        ] {
            if stated && denied {
                found.push(format!("`{word}` says otherwise than {spdx}: only the holder of the rights can say that"));
            }
        }
        found
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::licensing::{Purpose, Ruling, Use};

    fn usage(purpose: Purpose, commercial: bool) -> Use {
        Use { purpose, commercial, at: 0, place: None }
    }

    fn set(purposes: &[Purpose]) -> Purposes {
        purposes.iter().copied().collect()
    }

    #[test]
    fn lists_are_complete_and_what_the_license_denies_stays_denied() {
        let stated = Stated {
            spdx: Some("CC-BY-NC-4.0".into()),
            allow: set(&[Purpose::TrainGenerative, Purpose::Sublicense]),
            ..Stated::default()
        };
        let rights = stated.rights("licenses.research").unwrap();
        assert!(rights.ruling(&usage(Purpose::TrainGenerative, false)).is_permitted());
        assert!(matches!(rights.ruling(&usage(Purpose::Sublicense, false)), Ruling::Denied { .. }));
        let unset = rights.ruling(&usage(Purpose::Mine, false));
        assert_eq!(unset.why()[0].source, Some(Source::Manifest { key: "licenses.research".into() }));
        assert!(matches!(rights.ruling(&usage(Purpose::TrainGenerative, true)), Ruling::Denied { .. }));
        assert_eq!(stated.contradictions().len(), 1);
    }

    #[test]
    fn a_steward_may_say_otherwise_and_is_told() {
        let stated = Stated { spdx: Some("CC-BY-NC-4.0".into()), commercial: Some(true), ..Stated::default() };
        let rights = stated.rights("licenses.x").unwrap();
        assert!(rights.ruling(&usage(Purpose::TrainGenerative, true)).is_permitted());
        assert!(stated.contradictions()[0].contains("only the holder of the rights"));
        let agreeing = Stated { spdx: Some("MIT".into()), commercial: Some(true), ..Stated::default() };
        assert!(agreeing.contradictions().is_empty());
    }

    #[test]
    fn terms_of_ones_own_are_what_is_stated() {
        let own = Stated {
            spdx: Some("LicenseRef-lab".into()),
            allow: set(&[Purpose::Evaluate]),
            commercial: Some(false),
            price: Some("5 USDC".into()),
            ..Stated::default()
        };
        for rights in [own.rights("licenses.lab").unwrap(), Stated { spdx: None, ..own.clone() }.rights("k").unwrap()] {
            let Ruling::Permitted { duties } = rights.ruling(&usage(Purpose::Evaluate, false)) else { panic!() };
            assert_eq!(duties.len(), 2, "{duties:?}");
            assert!(!rights.ruling(&usage(Purpose::Evaluate, true)).is_permitted());
            assert!(matches!(rights.ruling(&usage(Purpose::Mine, false)), Ruling::Unset { .. }));
        }
    }
}
