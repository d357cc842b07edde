//! Proposals of the DAO that name the dataset.

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::rpc::types::Log;
use alloy::sol_types::{SolCall, SolEvent};
use dgov_contracts::court::IDisputeCourt;
use dgov_contracts::governance::IDataGovernor;
use dgov_contracts::suite::ILicenseRegistry;

use super::line::Line;
use super::reader::{Reader, word};
use crate::error::Result;
use crate::governance::text::title_of;
use crate::manifest::values::{GOVERNANCE_DECIMALS, format_units};
use crate::ops::times::rfc3339;
use crate::ops::view::decode;

pub(super) fn read(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        IDataGovernor::ProposalCreated::SIGNATURE_HASH => {
            let event = decode::<IDataGovernor::ProposalCreated>(log)?;
            let Some(versions) = concerns(reader, &event.targets, &event.calldatas) else { return Ok(()) };
            reader.proposals.insert(event.proposalId, versions.clone());
            let what = format!("proposed: {}", title_of(&event.description));
            let line = Line::of(log, "proposal.made", word(event.proposalId), "proposal id", what);
            reader.push(line.who(event.proposer).on(versions));
        }
        IDataGovernor::VoteCast::SIGNATURE_HASH => {
            let event = decode::<IDataGovernor::VoteCast>(log)?;
            voted(reader, log, event.proposalId, event.support, event.weight, event.voter);
        }
        IDataGovernor::VoteCastWithParams::SIGNATURE_HASH => {
            let event = decode::<IDataGovernor::VoteCastWithParams>(log)?;
            voted(reader, log, event.proposalId, event.support, event.weight, event.voter);
        }
        IDataGovernor::ProposalQueued::SIGNATURE_HASH => {
            let event = decode::<IDataGovernor::ProposalQueued>(log)?;
            let what = format!("passed, in force from {} on", rfc3339(event.etaSeconds.saturating_to()));
            step(reader, log, event.proposalId, "proposal.queued", what, None);
        }
        IDataGovernor::ProposalExecuted::SIGNATURE_HASH => {
            let id = decode::<IDataGovernor::ProposalExecuted>(log)?.proposalId;
            step(reader, log, id, "proposal.executed", "executed".to_owned(), None);
        }
        IDataGovernor::ProposalCanceled::SIGNATURE_HASH => {
            let id = decode::<IDataGovernor::ProposalCanceled>(log)?.proposalId;
            step(reader, log, id, "proposal.canceled", "canceled".to_owned(), None);
        }
        _ => {}
    }
    Ok(())
}

fn voted(reader: &mut Reader<'_>, log: &Log, id: U256, support: u8, weight: U256, voter: Address) {
    let vote = match support {
        0 => "against",
        1 => "for",
        _ => "abstaining",
    };
    let what = format!("{} votes {vote}", format_units(weight, GOVERNANCE_DECIMALS));
    step(reader, log, id, "proposal.voted", what, Some(voter));
}

fn step(reader: &mut Reader<'_>, log: &Log, id: U256, kind: &'static str, what: String, who: Option<Address>) {
    let Some(versions) = reader.proposals.get(&id).cloned() else { return };
    let line = Line::of(log, kind, word(id), "proposal id", what).on(versions);
    reader.push(match who {
        Some(account) => line.who(account),
        None => line,
    });
}

/// The versions that a proposal concerns, empty for the dataset as a whole; `None` when it is about other things. Arguments
/// are whole words, so that an id is found whatever function takes it.
fn concerns(reader: &Reader<'_>, targets: &[Address], calldatas: &[Bytes]) -> Option<Vec<u32>> {
    let mut found: Option<BTreeSet<u32>> = None;
    for (target, data) in targets.iter().zip(calldatas) {
        let Some((selector, arguments)) = data.split_first_chunk::<4>() else { continue };
        if *target == reader.suite.licenses && *selector == ILicenseRegistry::setPolicyCall::SELECTOR {
            found.get_or_insert_default();
        }
        if *target == reader.suite.court && *selector == IDisputeCourt::decideCall::SELECTOR {
            let case = arguments.first_chunk::<32>().map(|word| U256::from_be_bytes(*word));
            if let Some(versions) = case.and_then(|case| reader.cases.get(&case)) {
                found.get_or_insert_default().extend(versions);
            }
            continue;
        }
        for chunk in arguments.chunks_exact(32) {
            let argument = B256::from_slice(chunk);
            if let Some(number) = reader.number(argument) {
                found.get_or_insert_default().insert(number);
            } else if argument == reader.id || reader.terms.contains(&argument) || licenses(reader, argument) {
                found.get_or_insert_default();
            }
        }
    }
    found.map(|versions| versions.into_iter().collect())
}

/// Whether this is the digest of a license text of the dataset: terms for it are added with that.
fn licenses(reader: &Reader<'_>, digest: B256) -> bool {
    !digest.is_zero() && reader.view.of(reader.id).any(|record| record.version.licenseDigest == digest)
}
