//! License terms: new, changed, back from retirement, to be retired.

use alloy::primitives::{B256, U256};
use dgov_contracts::suite::{ILicenseRegistry, Terms};

use super::{Change, Remedy, Sides};
use crate::governance::calls::ProposalCall;
use crate::manifest::values::{Duration, Purposes, Share};
use crate::ops::desired::DesiredLicense;
use crate::ops::prices;
use crate::ops::view::TermsRecord;

/// Datasets of others that one change of terms takes along.
const MOST_OF_OTHERS: usize = 32;

/// Changes of terms, and the offers that they see to.
pub(super) struct LicenseChanges {
    pub changes: Vec<Change>,
    /// Offers, dataset and terms, that the calls of the changes make or withdraw.
    pub handled: Vec<(B256, B256)>,
}

pub(super) fn diff(sides: &Sides<'_>) -> LicenseChanges {
    let desired = &sides.desired.licenses;
    // Active terms that no license of the manifest has.
    let mut spare: Vec<&TermsRecord> = sides
        .view
        .terms
        .iter()
        .filter(|record| record.active && desired.iter().all(|license| license.id != record.id))
        .collect();
    let mut result = LicenseChanges { changes: Vec::new(), handled: Vec::new() };
    let mut brought: Vec<B256> = Vec::new();
    for license in desired {
        // Two licenses of the manifest may have the same terms.
        if sides.view.terms(license.id).is_some_and(|record| record.active) || brought.contains(&license.id) {
            continue;
        }
        brought.push(license.id);
        let old = predecessor(sides, license, &spare);
        spare.retain(|record| old.is_none_or(|old| old.id != record.id));
        result.bring(sides, license, old);
    }
    for record in spare {
        result.retire(sides, record);
    }
    result
}

impl LicenseChanges {
    /// Terms that are not on chain or retired there, in the place of old ones if there are any.
    fn bring(&mut self, sides: &Sides<'_>, license: &DesiredLicense, old: Option<&TermsRecord>) {
        let licenses = sides.suite.licenses;
        let mut details = Vec::new();
        let (mut calls, actual) = match sides.view.terms(license.id) {
            None => {
                let add = ILicenseRegistry::addTermsCall { terms: license.terms.clone() };
                (vec![ProposalCall::of(licenses, &add)], None)
            }
            Some(_) => {
                let (calls, resting) = self.reinstate(sides, license);
                let mut back = format!("terms {} were retired and come back", short(license.id));
                if resting > 0 {
                    back.push_str(&format!(", with offers of others that were never withdrawn: {resting}"));
                }
                details.push(back);
                (calls, Some("retired".to_owned()))
            }
        };
        let Some(old) = old else {
            let what = format!("licenses.{}", license.name);
            let mut change = Change::of(what, Some(summary(sides, &license.terms)), actual, Remedy::Propose);
            if !details.is_empty() {
                change = change.detail(details.join("; "));
            }
            self.changes.push(change.calls(calls));
            return;
        };
        let (datasets, left_out) = offered_under(sides, old.id);
        for dataset in datasets {
            calls.push(withdraw(sides, dataset, old.id));
            self.handled.push((dataset, old.id));
            // A dataset that the manifest puts under another license gets its offer there.
            if !elsewhere(sides, dataset, license) && !self.handled.contains(&(dataset, license.id)) {
                calls.push(offer(sides, dataset, license.id));
                self.handled.push((dataset, license.id));
            }
        }
        calls.push(ProposalCall::of(licenses, &ILicenseRegistry::retireTermsCall { termsId: old.id }));
        let differing: Vec<_> = fields(sides, &license.terms)
            .into_iter()
            .zip(fields(sides, &old.terms))
            .filter(|(new, old)| new.1 != old.1)
            .collect();
        let change = match differing.as_slice() {
            [(new, old)] => Change::of(
                format!("licenses.{}.{}", license.name, new.0),
                Some(new.1.clone()),
                Some(old.1.clone()),
                Remedy::Propose,
            ),
            several => {
                let join = |rows: Vec<String>| Some(rows.join(", "));
                Change::of(
                    format!("licenses.{}", license.name),
                    join(several.iter().map(|(new, _)| format!("{} {}", new.0, new.1)).collect()),
                    join(several.iter().map(|(_, old)| format!("{} {}", old.0, old.1)).collect()),
                    Remedy::Propose,
                )
            }
        };
        details.push("passes bought under the old terms stay as they are".to_owned());
        if left_out > 0 {
            details.push(format!("{left_out} datasets of others lose their offer and need a proposal of their own"));
        }
        self.changes.push(change.detail(details.join("; ")).calls(calls));
    }

    /// The calls that bring retired terms back, and how many datasets of others are for sale under them again by that: a
    /// retirement withdraws no offers, it only lets them rest. Those of our own datasets that belong elsewhere are withdrawn
    /// first, so that they are not sold under two licenses.
    fn reinstate(&mut self, sides: &Sides<'_>, license: &DesiredLicense) -> (Vec<ProposalCall>, usize) {
        let resting = sides.view.offers.iter().filter(|(_, id)| *id == license.id).map(|(dataset, _)| *dataset);
        let (own, others): (Vec<_>, Vec<_>) = resting.partition(|dataset| is_own(sides, *dataset));
        let mut calls = Vec::new();
        for dataset in own {
            if elsewhere(sides, dataset, license) {
                calls.push(withdraw(sides, dataset, license.id));
            }
            self.handled.push((dataset, license.id));
        }
        let reinstate = ILicenseRegistry::reinstateTermsCall { termsId: license.id };
        calls.push(ProposalCall::of(sides.suite.licenses, &reinstate));
        (calls, others.len())
    }

    fn retire(&mut self, sides: &Sides<'_>, record: &TermsRecord) {
        let mut calls = Vec::new();
        for dataset in offered_under(sides, record.id).0 {
            calls.push(withdraw(sides, dataset, record.id));
            self.handled.push((dataset, record.id));
        }
        let retire = ILicenseRegistry::retireTermsCall { termsId: record.id };
        calls.push(ProposalCall::of(sides.suite.licenses, &retire));
        let actual = format!("terms {} ({})", short(record.id), summary(sides, &record.terms));
        let change = Change::of("licenses", None, Some(actual), Remedy::Propose);
        self.changes
            .push(change.detail("no license of the manifest has these terms; they would be retired").calls(calls));
    }
}

/// A call that offers a dataset under terms.
pub(super) fn offer(sides: &Sides<'_>, dataset: B256, terms: B256) -> ProposalCall {
    let call = ILicenseRegistry::setOfferCall { datasetId: dataset, termsId: terms, offered: true };
    ProposalCall::of(sides.suite.licenses, &call)
}

/// A call that withdraws an offer.
pub(super) fn withdraw(sides: &Sides<'_>, dataset: B256, terms: B256) -> ProposalCall {
    let call = ILicenseRegistry::setOfferCall { datasetId: dataset, termsId: terms, offered: false };
    ProposalCall::of(sides.suite.licenses, &call)
}

/// The datasets offered under terms: those of the manifest, and a bounded number of others, with how many were left out.
/// Anybody may register datasets and offer them under the project's terms; that must not make a proposal too large to be
/// executed. What is left out is not for sale once the terms are retired.
fn offered_under(sides: &Sides<'_>, terms: B256) -> (Vec<B256>, usize) {
    let offered = sides.view.offers.iter().filter(|(_, id)| *id == terms).map(|(dataset, _)| *dataset);
    let (mut datasets, others): (Vec<_>, Vec<_>) = offered.partition(|dataset| is_own(sides, *dataset));
    let left_out = others.len().saturating_sub(MOST_OF_OTHERS);
    datasets.extend(others.into_iter().take(MOST_OF_OTHERS));
    (datasets, left_out)
}

fn is_own(sides: &Sides<'_>, dataset: B256) -> bool {
    sides.datasets.iter().any(|known| known.id == Some(dataset))
}

/// Whether the manifest has the dataset under other terms than those of this license.
fn elsewhere(sides: &Sides<'_>, dataset: B256, license: &DesiredLicense) -> bool {
    let mut known = sides.datasets.iter().filter(|known| known.id == Some(dataset));
    known.any(|known| sides.desired.license(&known.license).is_none_or(|wanted| wanted.id != license.id))
}

/// The terms that a license has been changed from: what its datasets are offered under, else terms with the same text;
/// of several those with the fewest differences.
fn predecessor<'a>(sides: &Sides<'_>, license: &DesiredLicense, spare: &[&'a TermsRecord]) -> Option<&'a TermsRecord> {
    let own = |record: &TermsRecord| {
        sides.datasets.iter().any(|dataset| {
            dataset.license == license.name && dataset.id.is_some_and(|id| sides.view.offers.contains(&(id, record.id)))
        })
    };
    let distance = |record: &TermsRecord| {
        let pairs = fields(sides, &license.terms).into_iter().zip(fields(sides, &record.terms));
        pairs.filter(|(new, old)| new.1 != old.1).count()
    };
    let offered = spare.iter().filter(|record| own(record)).min_by_key(|record| distance(record));
    let same_text = || {
        let digest = license.terms.licenseDigest;
        spare.iter().filter(|record| record.terms.licenseDigest == digest).min_by_key(|record| distance(record))
    };
    offered.or_else(same_text).copied()
}

/// Terms by the manifest's keys.
fn fields(sides: &Sides<'_>, terms: &Terms) -> [(&'static str, String); 8] {
    let purposes = |mask: u16| match Purposes::from_mask(mask) {
        Some(purposes) if purposes.is_empty() => "nothing".to_owned(),
        Some(purposes) => purposes.iter().map(|purpose| purpose.name()).collect::<Vec<_>>().join(" "),
        None => format!("mask 0x{mask:04x}"),
    };
    [
        ("text", format!("sha256 {}", short(terms.licenseDigest))),
        ("allow", purposes(terms.allow)),
        ("deny", purposes(terms.deny)),
        ("price", (sides.money)(U256::from(terms.price), terms.currency)),
        ("price-step", prices::step(terms, sides.money).unwrap_or_else(|| "none".to_owned())),
        ("duration", duration(terms)),
        ("revocable", terms.revocable.to_string()),
        (
            "royalty",
            Share::from_bps(terms.royaltyBps).map_or_else(|| "over 100%".to_owned(), |share| share.to_string()),
        ),
    ]
}

fn duration(terms: &Terms) -> String {
    match terms.duration.to::<u64>() {
        0 => "forever".to_owned(),
        seconds => Duration::from_secs(seconds).to_string(),
    }
}

/// Terms in a few words.
pub(super) fn summary(sides: &Sides<'_>, terms: &Terms) -> String {
    let price = prices::rule(terms, sides.money);
    match terms.duration.to::<u64>() {
        0 => format!("{price}, forever"),
        _ => format!("{price} for {}", duration(terms)),
    }
}

/// The beginning of a hash, enough to find it.
pub(super) fn short(word: B256) -> String {
    let text = word.to_string();
    format!("{}…", text.get(..10).unwrap_or(&text))
}
