//! Terms and offers, passes, income and royalties.

use alloy::primitives::{B256, U256};
use alloy::rpc::types::Log;
use alloy::sol_types::SolEvent;
use dgov_contracts::suite::{IAccessPass, ILicenseRegistry, IRoyaltyVault, Terms};
use dgov_data::licensing::Purposes;

use super::line::Line;
use super::reader::{Reader, word};
use crate::error::Result;
use crate::manifest::values::Duration;
use crate::ops::times::rfc3339;
use crate::ops::view::decode;

/// `expiry` of a pass without end.
const ENDLESS: u64 = (1 << 40) - 1;

pub(super) fn licenses(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        ILicenseRegistry::TermsAdded::SIGNATURE_HASH => {
            let event = decode::<ILicenseRegistry::TermsAdded>(log)?;
            if reader.terms.contains(&event.termsId) {
                let what = format!("terms {}: {}", event.number, terms(reader, &event.terms));
                reader.push(Line::of(log, "terms.added", event.termsId, "terms id", what));
            }
        }
        ILicenseRegistry::TermsRetired::SIGNATURE_HASH => {
            let id = decode::<ILicenseRegistry::TermsRetired>(log)?.termsId;
            standing(reader, log, id, "terms.retired", "retired");
        }
        ILicenseRegistry::TermsReinstated::SIGNATURE_HASH => {
            let id = decode::<ILicenseRegistry::TermsReinstated>(log)?.termsId;
            standing(reader, log, id, "terms.reinstated", "in force again");
        }
        ILicenseRegistry::OfferChanged::SIGNATURE_HASH => {
            let event = decode::<ILicenseRegistry::OfferChanged>(log)?;
            if event.datasetId == reader.id {
                let (kind, verb) =
                    if event.offered { ("offer.made", "offered") } else { ("offer.withdrawn", "no longer offered") };
                let what = format!("{} is {verb} under terms {}", reader.name, terms_name(reader, event.termsId));
                reader.push(Line::of(log, kind, event.termsId, "terms id", what));
            }
        }
        ILicenseRegistry::TermsRequested::SIGNATURE_HASH => {
            let event = decode::<ILicenseRegistry::TermsRequested>(log)?;
            if event.datasetId == reader.id {
                let what = format!("terms are asked for: {}", terms(reader, &event.terms));
                let (digest, of) = if event.note.is_zero() {
                    (event.termsId, "terms id")
                } else {
                    (event.note, "sha256 of the request")
                };
                reader.push(Line::of(log, "terms.requested", digest, of, what).who(event.requester));
            }
        }
        ILicenseRegistry::PolicyChanged::SIGNATURE_HASH => {
            let policy = decode::<ILicenseRegistry::PolicyChanged>(log)?.policy;
            let share = |bps: u16| format!("{}.{:02} %", bps / 100, bps % 100);
            let what = format!(
                "shares of income for versions from now on: contributors {}, curators {}, validators {}, treasury {}",
                share(policy.contributors),
                share(policy.curators),
                share(policy.validators),
                share(policy.treasury)
            );
            let digest = alloy::primitives::keccak256(&log.data().data);
            let line = Line::of(log, "policy.changed", digest, "keccak256 of the policy", what);
            // The first one is of the deployment; only the DAO changes it.
            let changed = reader.lines.iter().any(|line| line.event == "policy.changed");
            reader.push(if changed { line.who(reader.suite.timelock) } else { line });
        }
        _ => {}
    }
    Ok(())
}

fn standing(reader: &mut Reader<'_>, log: &Log, id: B256, kind: &'static str, word: &str) {
    if reader.terms.contains(&id) {
        let what = format!("terms {} are {word}", terms_name(reader, id));
        reader.push(Line::of(log, kind, id, "terms id", what).who(reader.suite.timelock));
    }
}

/// Their number in the registry, else their id.
fn terms_name(reader: &Reader<'_>, id: B256) -> String {
    reader.view.terms(id).map_or_else(|| id.to_string(), |terms| terms.number.to_string())
}

/// What terms say, on one line.
fn terms(reader: &Reader<'_>, terms: &Terms) -> String {
    let names = |mask| {
        let purposes = Purposes::from_mask(mask);
        let names: Vec<_> = purposes.iter().flat_map(|set| set.iter()).map(|purpose| purpose.name()).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    let time = match terms.duration.to::<u64>() {
        0 => "without end".to_owned(),
        seconds => format!("for {}", Duration::from_secs(seconds)),
    };
    format!(
        "{} {time}, allows {}, denies {}, license sha256 {}",
        reader.session.show_amount(U256::from(terms.price), terms.currency),
        names(terms.allow),
        names(terms.deny),
        terms.licenseDigest
    )
}

pub(super) fn passes(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        IAccessPass::Purchased::SIGNATURE_HASH => {
            let event = decode::<IAccessPass::Purchased>(log)?;
            let Some(number) = reader.number(event.versionKey) else { return Ok(()) };
            let currency = reader.view.terms(event.termsId).map(|terms| terms.terms.currency).unwrap_or_default();
            let what = format!(
                "a pass for {} was sold under terms {}, {}",
                reader.label(&[number]),
                terms_name(reader, event.termsId),
                until(event.expiry.to())
            );
            reader.passes.insert(event.passId, vec![number]);
            let line = Line::of(log, "pass.sold", event.termsId, "terms id", what).who(event.holder).on([number]);
            let line = line.amount(reader.session, event.price, currency);
            reader.push(line);
        }
        IAccessPass::PassIssued::SIGNATURE_HASH => {
            let event = decode::<IAccessPass::PassIssued>(log)?;
            if event.datasetId == reader.id {
                let what = format!(
                    "a pass for {} was granted under terms {}, {}",
                    reader.name,
                    terms_name(reader, event.termsId),
                    until(event.expiry.to())
                );
                reader.passes.insert(event.passId, Vec::new());
                reader.push(Line::of(log, "pass.granted", event.termsId, "terms id", what).who(event.holder));
            }
        }
        IAccessPass::Revoked::SIGNATURE_HASH => {
            let event = decode::<IAccessPass::Revoked>(log)?;
            if event.datasetId == reader.id {
                let versions = reader.passes.get(&event.passId).cloned().unwrap_or_default();
                let what = format!("the pass of {} for {} was revoked", event.holder, reader.name);
                reader.push(Line::of(log, "pass.revoked", word(event.passId), "pass id", what).on(versions));
            }
        }
        IAccessPass::Reissued::SIGNATURE_HASH => {
            let event = decode::<IAccessPass::Reissued>(log)?;
            if let Some(versions) = reader.passes.get(&event.oldPassId).cloned() {
                reader.passes.insert(event.newPassId, versions.clone());
                let what = format!("a pass for {} moved to {}", reader.name, event.newHolder);
                let line = Line::of(log, "pass.moved", word(event.newPassId), "pass id", what);
                reader.push(line.who(event.newHolder).on(versions));
            }
        }
        _ => {}
    }
    Ok(())
}

fn until(expiry: u64) -> String {
    if expiry == ENDLESS { "without end".to_owned() } else { format!("until {}", rfc3339(expiry)) }
}

pub(super) fn vault(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        IRoyaltyVault::Deposited::SIGNATURE_HASH => {
            let event = decode::<IRoyaltyVault::Deposited>(log)?;
            let Some(versions) = reader.pools.get(&event.poolId).cloned() else { return Ok(()) };
            // Who pays chose the reference; a sale names the version, a settlement its job.
            let sold = reader
                .number(event.r#ref)
                .filter(|number| event.payer == reader.suite.pass && versions.contains(number));
            let versions = sold.map_or(versions, |number| vec![number]);
            let from = if sold.is_some() {
                "from the sale of a pass".to_owned()
            } else if event.payer == reader.suite.ledger && reader.jobs.contains_key(&event.r#ref) {
                format!("from job {}", event.r#ref)
            } else {
                format!("reference {}", event.r#ref)
            };
            let what = format!("income of {}, {from}", reader.label(&versions));
            let line = Line::of(log, "income", event.poolId, "pool id", what).who(event.payer).on(versions);
            let line = line.amount(reader.session, event.amount, event.currency);
            reader.push(line);
        }
        IRoyaltyVault::Claimed::SIGNATURE_HASH => {
            let event = decode::<IRoyaltyVault::Claimed>(log)?;
            let of = (event.poolId, event.account, event.amount, event.currency);
            paid(reader, log, "royalty.claimed", "a contributor", of);
        }
        IRoyaltyVault::SplitClaimed::SIGNATURE_HASH => {
            let event = decode::<IRoyaltyVault::SplitClaimed>(log)?;
            let of = (event.poolId, event.account, event.amount, event.currency);
            paid(reader, log, "split.claimed", "a fixed payee", of);
        }
        IRoyaltyVault::ClaimedTo::SIGNATURE_HASH => {
            let event = decode::<IRoyaltyVault::ClaimedTo>(log)?;
            // The payments themselves came before, in the same transaction.
            if log.transaction_hash.is_some_and(|hash| reader.claims.contains(&(hash, event.account))) {
                let what = format!("what {} claimed in this transaction went to {}", event.account, event.to);
                let line = Line::of(log, "royalty.redirected", event.poolsHash, "hash of the pools", what);
                reader.push(line.who(event.account));
            }
        }
        _ => {}
    }
    Ok(())
}

type Paid = (B256, alloy::primitives::Address, U256, alloy::primitives::Address);

fn paid(reader: &mut Reader<'_>, log: &Log, kind: &'static str, role: &str, (pool, account, amount, currency): Paid) {
    let Some(versions) = reader.pools.get(&pool).cloned() else { return };
    reader.claims.extend(log.transaction_hash.map(|hash| (hash, account)));
    let what = format!("{role} of {} was paid", reader.label(&versions));
    let line = Line::of(log, kind, pool, "pool id", what).who(account).on(versions);
    let line = line.amount(reader.session, amount, currency);
    reader.push(line);
}
