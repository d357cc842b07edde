//! Jobs that pay for use: opened, reported, settled.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Log;
use alloy::sol_types::SolEvent;
use dgov_contracts::usage::IUsageLedger;

use super::line::Line;
use super::reader::Reader;
use crate::error::Result;
use crate::ops::times::rfc3339;
use crate::ops::view::decode;

pub(super) fn read(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        IUsageLedger::JobOpened::SIGNATURE_HASH => {
            let event = decode::<IUsageLedger::JobOpened>(log)?;
            let versions: Vec<u32> = event.payees.iter().filter_map(|payee| reader.number(payee.versionKey)).collect();
            if versions.is_empty() {
                return Ok(());
            }
            let what = format!(
                "a job was opened that may pay {}; reports until {}",
                reader.label(&versions),
                rfc3339(event.deadline.to())
            );
            reader.jobs.insert(event.jobId, (versions.clone(), event.currency));
            let line = Line::of(log, "job.opened", event.jobId, "job id", what).who(event.payer).on(versions);
            let line = line.amount(reader.session, U256::from(event.amount), event.currency);
            reader.push(line);
        }
        IUsageLedger::Reported::SIGNATURE_HASH => {
            let event = decode::<IUsageLedger::Reported>(log)?;
            if let Some((may, _)) = reader.jobs.get(&event.jobId).cloned() {
                let all: u128 = event.lines.iter().map(|line| u128::from(line.weight)).sum();
                let used = event.lines.iter().filter_map(|line| Some((reader.number(line.versionKey)?, line.weight)));
                let used: Vec<_> = used.collect();
                let parts: Vec<_> =
                    used.iter().map(|(number, weight)| format!("{weight} of {}", reader.label(&[*number]))).collect();
                let parts = if parts.is_empty() { "none of this dataset".to_owned() } else { parts.join(", ") };
                let what = format!("report {}: {all} records used, {parts}", event.round);
                let line = Line::of(log, "job.reported", event.receiptDigest, "sha256 of the receipts", what);
                let versions = if used.is_empty() { may } else { used.into_iter().map(|(number, _)| number).collect() };
                reader.push(line.on(versions));
            }
        }
        IUsageLedger::ReportHeld::SIGNATURE_HASH => {
            let event = decode::<IUsageLedger::ReportHeld>(log)?;
            step(reader, log, event.jobId, "job.held", format!("report {} waits for a case", event.round), None);
        }
        IUsageLedger::ReportUpheld::SIGNATURE_HASH => {
            let event = decode::<IUsageLedger::ReportUpheld>(log)?;
            step(reader, log, event.jobId, "job.upheld", format!("report {} stands", event.round), None);
        }
        IUsageLedger::ReportStruck::SIGNATURE_HASH => {
            let event = decode::<IUsageLedger::ReportStruck>(log)?;
            step(reader, log, event.jobId, "job.struck", format!("report {} was struck", event.round), None);
        }
        IUsageLedger::Settled::SIGNATURE_HASH => {
            let event = decode::<IUsageLedger::Settled>(log)?;
            let returned = reader.jobs.get(&event.jobId).map(|(_, currency)| *currency).unwrap_or_default();
            let returned = reader.session.show_amount(event.returned, returned);
            let what = format!("the job was settled to all its payees, {returned} returned to its payer");
            step(reader, log, event.jobId, "job.settled", what, Some((event.paid, None)));
        }
        IUsageLedger::Refunded::SIGNATURE_HASH => {
            let event = decode::<IUsageLedger::Refunded>(log)?;
            let what = "the job's escrow went back to its payer".to_owned();
            step(reader, log, event.jobId, "job.refunded", what, Some((event.amount, Some(event.payer))));
        }
        _ => {}
    }
    Ok(())
}

type Sum = (U256, Option<Address>);

fn step(reader: &mut Reader<'_>, log: &Log, job: B256, kind: &'static str, what: String, sum: Option<Sum>) {
    let Some((versions, currency)) = reader.jobs.get(&job).cloned() else { return };
    let mut line = Line::of(log, kind, job, "job id", what).on(versions);
    if let Some((amount, account)) = sum {
        line = line.amount(reader.session, amount, currency);
        line = account.map_or(line.clone(), |account| line.who(account));
    }
    reader.push(line);
}
