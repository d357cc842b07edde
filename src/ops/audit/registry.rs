//! Versions, their status and approval, taint, owners, consents, records as tokens.

use alloy::primitives::{Address, B256};
use alloy::rpc::types::Log;
use alloy::sol_types::SolEvent;
use dgov_contracts::suite::{IDatasetRegistry, IRecordToken, Status};

use super::line::Line;
use super::reader::Reader;
use crate::error::Result;
use crate::ops::data::list::status_name;
use crate::ops::data::standing::version_name;
use crate::ops::names::folder_cid;
use crate::ops::view::{decode, token_id};

pub(super) fn read(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        IDatasetRegistry::VersionAdded::SIGNATURE_HASH => version_added(reader, log),
        IDatasetRegistry::StatusChanged::SIGNATURE_HASH => status_changed(reader, log),
        IDatasetRegistry::CardApproval::SIGNATURE_HASH => {
            let event = decode::<IDatasetRegistry::CardApproval>(log)?;
            let Some(record) = reader.view.versions.iter().find(|record| record.key == event.versionKey) else {
                return Ok(());
            };
            if let Some(number) = reader.number(event.versionKey) {
                let (kind, verb) = if event.approved {
                    ("card.approved", "approved")
                } else {
                    ("card.rejected", "no longer approved")
                };
                let what = format!("the DAO {verb} the card of {}", reader.label(&[number]));
                let line = Line::of(log, kind, record.version.cardDigest, "card sha256", what);
                reader.push(line.who(reader.suite.timelock).on([number]));
            }
            Ok(())
        }
        IDatasetRegistry::DocumentsMoved::SIGNATURE_HASH => {
            let event = decode::<IDatasetRegistry::DocumentsMoved>(log)?;
            if let Some(number) = reader.number(event.versionKey) {
                let what = format!(
                    "documents of {} are found under {}",
                    reader.label(&[number]),
                    folder_cid(event.metaDigest)?
                );
                reader.push(Line::of(log, "documents.moved", event.metaDigest, "documents digest", what).on([number]));
            }
            Ok(())
        }
        IDatasetRegistry::TaintChanged::SIGNATURE_HASH => {
            let event = decode::<IDatasetRegistry::TaintChanged>(log)?;
            if let Some(number) = reader.number(event.versionKey) {
                let (kind, digest, of, what) = if event.cause.is_zero() {
                    ("version.cleared", event.versionKey, "version key", "is tainted no more".to_owned())
                } else {
                    let cause = version_name(reader.session, reader.view, event.cause);
                    ("version.tainted", event.cause, "version key of the cause", format!("is tainted by {cause}"))
                };
                let what = format!("{} {what}", reader.label(&[number]));
                reader.push(Line::of(log, kind, digest, of, what).on([number]));
            } else if let Some(cause) = reader.number(event.cause) {
                let what = format!(
                    "{} is tainted by {}",
                    version_name(reader.session, reader.view, event.versionKey),
                    reader.label(&[cause])
                );
                reader.push(Line::of(log, "taint.spread", event.versionKey, "version key", what).on([cause]));
            }
            Ok(())
        }
        IDatasetRegistry::Transfer::SIGNATURE_HASH => {
            let event = decode::<IDatasetRegistry::Transfer>(log)?;
            // The first one is the registration.
            if event.tokenId == token_id(reader.id) && event.from != Address::ZERO {
                let what = format!("{} belongs to {} from now on", reader.name, event.to);
                reader.push(Line::of(log, "owner.changed", reader.id, "dataset id", what).who(event.from));
            }
            Ok(())
        }
        IDatasetRegistry::ConsentRevocation::SIGNATURE_HASH => {
            let event = decode::<IDatasetRegistry::ConsentRevocation>(log)?;
            // Anybody can revoke a digest in their own name; only that of the contributor counts.
            if let Some((account, versions)) = reader.consents.get(&event.consentDigest).cloned()
                && account == event.contributor
            {
                let what = format!("a contributor of {} revoked their consent", reader.label(&versions));
                let line = Line::of(log, "consent.revoked", event.consentDigest, "consent digest", what);
                reader.push(line.who(account).on(versions));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn version_added(reader: &mut Reader<'_>, log: &Log) -> Result<()> {
    let event = decode::<IDatasetRegistry::VersionAdded>(log)?;
    if event.datasetId != reader.id {
        return Ok(());
    }
    let version = &event.version;
    let number = version.number;
    let what = format!(
        "version {number} of {}: {} records, package {}, record root {}, card sha256 {}, license sha256 {}",
        reader.name,
        version.records,
        folder_cid(version.packageDigest)?,
        version.recordRoot,
        version.cardDigest,
        version.licenseDigest
    );
    let kind = if number == 1 { "dataset.registered" } else { "version.added" };
    reader.push(Line::of(log, kind, event.versionKey, "version key", what).who(event.publisher).on([number]));
    let named = reader.consents.iter().filter(|(_, (_, versions))| versions.contains(&number));
    let lines: Vec<_> = named
        .map(|(digest, (account, _))| {
            let what = format!("the contributor list of {} names a consent", reader.label(&[number]));
            Line::of(log, "consent.given", *digest, "consent digest", what).who(*account).on([number])
        })
        .collect();
    reader.lines.extend(lines);
    Ok(())
}

fn status_changed(reader: &mut Reader<'_>, log: &Log) -> Result<()> {
    let event = decode::<IDatasetRegistry::StatusChanged>(log)?;
    let Some(number) = reader.number(event.versionKey) else { return Ok(()) };
    let kind = match event.status {
        Status::Recalled => "version.recalled",
        Status::Deprecated => "version.deprecated",
        Status::Disputed => "version.disputed",
        _ => "version.reinstated",
    };
    let mut what = format!("{} is {}", reader.label(&[number]), status_name(event.status));
    if !event.successor.is_zero() {
        what.push_str(&format!(", replaced by {}", version_name(reader.session, reader.view, event.successor)));
    }
    if let Some(reason) = reader.reasons.get(&event.evidence) {
        what.push_str(&format!(": {reason}"));
    }
    let (digest, of) = if event.evidence.is_zero() {
        (event.versionKey, "version key")
    } else {
        (event.evidence, "sha256 of the reason")
    };
    reader.push(Line::of(log, kind, digest, of, what).on([number]));
    Ok(())
}

pub(super) fn records(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    if topic != IRecordToken::RecordMinted::SIGNATURE_HASH {
        return Ok(());
    }
    let event = decode::<IRecordToken::RecordMinted>(log)?;
    if let Some(number) = reader.number(event.versionKey) {
        let what = format!("a record of {} became token {}", reader.label(&[number]), event.tokenId);
        reader.push(Line::of(log, "record.minted", event.recordKey, "record key", what).on([number]));
    }
    Ok(())
}
