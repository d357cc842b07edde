//! Licenses: terms offered, passes bought, granted, revoked and listed. One file a verb; here is what they share.

pub mod buy;
pub mod detect;
mod earlier;
pub mod export;
pub mod grant;
mod grant_file;
pub mod list;
pub mod offer;
pub mod request;
pub mod requests;
pub mod revoke;
pub mod rights;

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::{Filter, Log};
use dgov_contracts::ids;
use dgov_contracts::suite::{IAccessPass, Pass};

use crate::chain::reverts::contract_error;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::values::{Purposes, did_you_mean};
use crate::ops::desired::{self, DesiredLicense};
use crate::ops::lookup::Target;
use crate::ops::view::{TermsRecord, View, matching_logs};
use crate::ops::{names, times};
use crate::session::Session;

/// Expiry of a pass without end (`AccessPass.ENDLESS`).
const ENDLESS: u64 = (1 << 40) - 1;

/// A unix time as RFC 3339; `None` for a pass without end.
fn end_text(expiry: u64) -> Option<String> {
    (expiry != ENDLESS).then(|| times::rfc3339(expiry))
}

/// For people: until when a pass is valid.
fn end_phrase(end: Option<&str>) -> String {
    end.map_or_else(|| "without end".to_owned(), |time| format!("until {time}"))
}

/// Names of the purposes in a mask.
pub(crate) fn purpose_names(mask: u16) -> Vec<&'static str> {
    // Bits above the known ones can't be stored by the contracts.
    Purposes::from_mask(mask).map(|set| set.iter().map(|purpose| purpose.name()).collect()).unwrap_or_default()
}

/// The pass of an account for a dataset; all zero if there is none.
async fn pass_of(session: &Session<'_>, holder: Address, dataset_id: B256) -> Result<Pass> {
    let pass = IAccessPass::new(session.suite()?.pass, &session.connection.provider);
    pass.passOf(holder, dataset_id)
        .call()
        .await
        .map_err(|error| contract_error(&session.connection, "reading the pass", error))
}

/// How often the pass of a holder was bought, issued or revoked. Part of the key of each operation on it: what was
/// signed in one state of a pass never counts as done in the next.
async fn pass_changes(session: &Session<'_>, holder: Address, dataset_id: B256) -> Result<usize> {
    Ok(pass_logs(session, holder, dataset_id).await?.len())
}

/// What happened to the pass of a holder, oldest first.
async fn pass_logs(session: &Session<'_>, holder: Address, dataset_id: B256) -> Result<Vec<Log>> {
    let topic = B256::from(ids::pass_id(holder, dataset_id));
    let filter = Filter::new().address(session.suite()?.pass).topic1(topic);
    matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await
}

/// The license of the manifest with these terms.
fn name_of_terms(licenses: &[DesiredLicense], terms_id: B256) -> Option<&DesiredLicense> {
    licenses.iter().find(|license| license.id == terms_id)
}

/// What to call terms in messages.
fn terms_label(licenses: &[DesiredLicense], terms_id: B256) -> String {
    name_of_terms(licenses, terms_id).map_or_else(|| terms_id.to_string(), |license| license.name.clone())
}

/// Id of the terms that a user names: a license of the manifest, or the id itself.
fn named_terms(licenses: &[DesiredLicense], name: &str) -> Result<B256> {
    let known = licenses.iter().find(|license| license.name == name).map(|license| license.id);
    known.or_else(|| names::word(name)).ok_or_else(|| {
        let error = Error::input("license.unknown", format!("the manifest has no license `{name}`"));
        match did_you_mean(name, licenses.iter().map(|license| license.name.as_str())) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`dgov license list` shows licenses and the ids of their terms"),
        }
    })
}

/// The terms under which a version is to be had: those asked for, else the only offered ones for its license text, else
/// those that the manifest names for the dataset.
fn choose_terms<'v>(
    session: &Session<'_>,
    view: &'v View,
    target: &Target<'_>,
    asked: Option<&str>,
) -> Result<&'v TermsRecord> {
    let licenses = desired::licenses(session)?;
    let offered = view.offered(target.id);
    if offered.is_empty() {
        return Err(not_offered(format!("dataset {} is not offered under any license", target.name)));
    }
    if let Some(name) = asked {
        let id = named_terms(&licenses, name)?;
        return offered
            .into_iter()
            .find(|terms| terms.id == id)
            .ok_or_else(|| not_offered(format!("dataset {} is not offered under license {name}", target.name)));
    }
    let digest = target.version.version.licenseDigest;
    let fitting: Vec<_> = offered.into_iter().filter(|terms| terms.terms.licenseDigest == digest).collect();
    if let [only] = fitting[..] {
        return Ok(only);
    }
    let declared = session.loaded.manifest.datasets.get(&target.name).map(|dataset| dataset.license.to_string());
    let declared = declared.and_then(|name| licenses.iter().find(|license| license.name == name));
    let chosen = fitting.iter().find(|terms| declared.is_some_and(|license| license.id == terms.id));
    match chosen {
        Some(terms) => Ok(terms),
        None if fitting.is_empty() => Err(Error::new(
            ErrorKind::Reverted,
            "license.other_text",
            format!(
                "what {} is offered under is for another license text than version {}",
                target.name,
                target.number()
            ),
        )
        .hint("an offer for the new text is a proposal: `dgov gov propose`")),
        None => {
            let names: Vec<_> = fitting.iter().map(|terms| terms_label(&licenses, terms.id)).collect();
            Err(Error::usage("license.ambiguous", format!("dataset {} is offered under several licenses", target.name))
                .hint(format!("choose one with --license: {}", names.join(", "))))
        }
    }
}

fn not_offered(message: String) -> Error {
    Error::new(ErrorKind::Reverted, "license.not_offered", message)
        .hint("its owner offers it with `dgov license offer`; `dgov license list` shows what is offered")
}

/// Only the owner of the dataset may do this.
fn require_owner(view: &View, target: &Target<'_>, account: Address, what: &str) -> Result<()> {
    let owner = crate::ops::lookup::owner(view, target)?;
    if owner == account {
        return Ok(());
    }
    Err(Error::unauthorized(
        "license.not_owner",
        format!("{what} is for the owner of dataset {}, {owner}, not for {account}", target.name),
    )
    .hint("choose the owner's account with --from"))
}

/// Id of a pass as the token id that explorers show.
fn pass_id(holder: Address, dataset_id: B256) -> U256 {
    ids::pass_id(holder, dataset_id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_and_endless_is_none() {
        assert_eq!(end_text(1_767_225_600).as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(end_text(ENDLESS), None);
        assert_eq!(end_phrase(None), "without end");
    }

    #[test]
    fn purposes_have_their_names() {
        assert_eq!(purpose_names(0b10_0001), ["train-generative", "evaluate"]);
        assert!(purpose_names(0).is_empty());
    }
}
