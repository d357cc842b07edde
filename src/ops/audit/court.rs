//! Cases on versions, on attestations and on reports of jobs.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Log;
use alloy::sol_types::SolEvent;
use dgov_contracts::court::IDisputeCourt;

use super::line::Line;
use super::reader::{Reader, word};
use crate::error::Result;
use crate::ops::dispute::next::side_name;
use crate::ops::view::decode;

pub(super) fn read(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        IDisputeCourt::CaseOpened::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::CaseOpened>(log)?;
            let (versions, on) = if let Some(number) = reader.number(event.subject) {
                (vec![number], reader.label(&[number]))
            } else if let Some(versions) = reader.locks.get(&event.subject) {
                (versions.clone(), format!("an attestation of {}", reader.label(versions)))
            } else if let Some((versions, _)) = reader.jobs.get(&event.subject) {
                (versions.clone(), format!("the report of job {}", event.subject))
            } else {
                return Ok(());
            };
            reader.cases.insert(event.caseId, versions.clone());
            // The bond is paid with the line that follows.
            let bond = reader.session.show_amount(event.bond, Address::ZERO);
            let what = format!("case {} was opened on {on}, with a bond of {bond}", event.caseId);
            let line = Line::of(log, "case.opened", event.evidence, "sha256 of the evidence", what);
            reader.push(line.who(event.challenger).on(versions));
        }
        IDisputeCourt::Joined::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::Joined>(log)?;
            let what = format!("a bond for the {}", side_name(event.side));
            step(reader, log, event.caseId, "case.joined", &what, Some((event.account, Some(event.amount))));
        }
        IDisputeCourt::EvidenceAdded::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::EvidenceAdded>(log)?;
            if let Some(versions) = reader.cases.get(&event.caseId).cloned() {
                let what = format!("case {}: evidence at {}", event.caseId, event.uri);
                let line = Line::of(log, "case.evidence", event.digest, "sha256 of the evidence", what);
                reader.push(line.who(event.party).on(versions));
            }
        }
        IDisputeCourt::Submitted::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::Submitted>(log)?;
            step(reader, log, event.caseId, "case.submitted", "it went to who rules", None);
        }
        IDisputeCourt::Ruled::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::Ruled>(log)?;
            let what = format!("ruled for {}", with_article(side_name(event.ruling)));
            step(reader, log, event.caseId, "case.ruled", &what, None);
        }
        IDisputeCourt::Appealed::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::Appealed>(log)?;
            let of = Some((event.appellant, Some(event.amount)));
            step(reader, log, event.caseId, "case.appealed", "the ruling was appealed", of);
        }
        IDisputeCourt::CaseClosed::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::CaseClosed>(log)?;
            let coin = |amount| reader.session.show_amount(amount, Address::ZERO);
            let what = format!(
                "closed for {}, {} of stake slashed, {} to the treasury",
                with_article(side_name(event.ruling)),
                coin(event.slashed),
                coin(event.toTreasury)
            );
            step(reader, log, event.caseId, "case.closed", &what, None);
        }
        IDisputeCourt::Withdrawn::SIGNATURE_HASH => {
            let event = decode::<IDisputeCourt::Withdrawn>(log)?;
            let of = Some((event.account, Some(event.amount)));
            step(reader, log, event.caseId, "case.paid", "a part of the case was paid", of);
        }
        _ => {}
    }
    Ok(())
}

fn with_article(side: &str) -> String {
    if side == "nobody" { side.to_owned() } else { format!("the {side}") }
}

type Party = (Address, Option<U256>);

fn step(reader: &mut Reader<'_>, log: &Log, case: U256, kind: &'static str, what: &str, party: Option<Party>) {
    let Some(versions) = reader.cases.get(&case).cloned() else { return };
    let what = format!("case {case}: {what}");
    let mut line = Line::of(log, kind, word(case), "case number", what).on(versions);
    if let Some((account, amount)) = party {
        line = line.who(account);
        if let Some(amount) = amount {
            line = line.amount(reader.session, amount, Address::ZERO);
        }
    }
    reader.push(line);
}
