//! Datasets: published or not, offered under which terms, cards approved or not.

use alloy::primitives::B256;
use dgov_contracts::suite::{IDatasetRegistry, Status};

use super::licenses::{offer, short, summary, withdraw};
use super::{Change, ManifestDataset, Remedy, Sides};
use crate::governance::calls::ProposalCall;
use crate::ops::desired::DesiredLicense;

pub(super) fn diff(sides: &Sides<'_>, handled: &[(B256, B256)]) -> Vec<Change> {
    let mut changes = Vec::new();
    for dataset in sides.datasets {
        let what = format!("datasets.{}", dataset.slug);
        let Some(id) = dataset.id else {
            changes.push(Change::of(what, Some("published".to_owned()), None, Remedy::Push));
            continue;
        };
        let Some(license) = sides.desired.license(&dataset.license) else { continue };
        changes.extend(text(sides, dataset, id, license));
        changes.extend(offers(sides, dataset, id, license, handled));
        changes.extend(card(sides, dataset, id));
    }
    changes
}

/// A pass is bought for a version under terms with the very text that the version was published with.
fn text(sides: &Sides<'_>, dataset: &ManifestDataset, id: B256, license: &DesiredLicense) -> Option<Change> {
    let latest = sides.view.latest(id)?;
    let (desired, actual) = (license.terms.licenseDigest, latest.version.licenseDigest);
    let show = |digest: B256| Some(format!("text with sha256 {}", short(digest)));
    (desired != actual).then(|| {
        Change::of(format!("datasets.{}.license", dataset.slug), show(desired), show(actual), Remedy::Push)
            .detail(format!("version {} carries another license text; publish a new one", latest.version.number))
    })
}

fn offers(
    sides: &Sides<'_>,
    dataset: &ManifestDataset,
    id: B256,
    license: &DesiredLicense,
    handled: &[(B256, B256)],
) -> Option<Change> {
    let name = |terms: B256| {
        let known = sides.desired.licenses.iter().find(|license| license.id == terms);
        known.map_or_else(|| format!("terms {}", short(terms)), |license| license.name.clone())
    };
    let show = |terms: B256| match sides.view.terms(terms) {
        Some(record) => format!("{} ({})", name(terms), summary(sides, &record.terms)),
        None => name(terms),
    };
    let active = sides.view.terms(license.id).is_some_and(|record| record.active);
    let offered = sides.view.offers.contains(&(id, license.id)) && active;
    let surplus: Vec<B256> = sides
        .view
        .offered(id)
        .into_iter()
        .map(|record| record.id)
        .filter(|terms| *terms != license.id && !handled.contains(&(id, *terms)))
        .collect();
    let missing = !offered && !handled.contains(&(id, license.id));
    if !missing && surplus.is_empty() {
        return None;
    }
    let what = format!("datasets.{}.license", dataset.slug);
    let desired = Some(format!("{} ({})", license.name, summary(sides, &license.terms)));
    let actual: Vec<_> = sides.view.offered(id).into_iter().map(|record| show(record.id)).collect();
    let actual = (!actual.is_empty()).then(|| format!("offered under {}", actual.join(", ")));
    if missing && !sides.view.decided.contains(&id) {
        let change = Change::of(what, desired, actual, Remedy::Offer);
        return Some(if active { change } else { change.detail("once its terms are approved") });
    }
    let mut calls: Vec<_> = surplus.into_iter().map(|terms| withdraw(sides, id, terms)).collect();
    if missing {
        calls.push(offer(sides, id, license.id));
    }
    Some(Change::of(what, desired, actual, Remedy::Propose).calls(calls))
}

/// Where the DAO approves cards, the latest version waits for that.
fn card(sides: &Sides<'_>, dataset: &ManifestDataset, id: B256) -> Option<Change> {
    let latest = sides.view.latest(id)?;
    if !sides.settings.dao_approves_cards || latest.card_approved || latest.status != Status::Active {
        return None;
    }
    let what = format!("datasets.{}.card", dataset.slug);
    let desired = format!("card of version {} approved", latest.version.number);
    let call = IDatasetRegistry::approveCardCall { versionKey: latest.key, approved: true };
    let change = Change::of(what, Some(desired), Some("not approved".to_owned()), Remedy::Propose);
    Some(change.detail("not for sale before that").calls(vec![ProposalCall::of(sides.suite.registry, &call)]))
}
