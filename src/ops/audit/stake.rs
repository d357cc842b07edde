//! Attestations, and the stake behind them and behind the dataset.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Log;
use alloy::sol_types::SolEvent;
use dgov_contracts::stake::IValidatorStake;

use super::line::Line;
use super::reader::Reader;
use crate::error::Result;
use crate::ops::times::rfc3339;
use crate::ops::view::decode;

pub(super) fn read(reader: &mut Reader<'_>, log: &Log, topic: B256) -> Result<()> {
    match topic {
        IValidatorStake::Attested::SIGNATURE_HASH => {
            let event = decode::<IValidatorStake::Attested>(log)?;
            let Some(number) = reader.number(event.versionKey) else { return Ok(()) };
            reader.locks.insert(event.lockId, vec![number]);
            let what = format!(
                "a validator attests {} with {}.{:02} %, stake locked until {}",
                reader.label(&[number]),
                event.score / 100,
                event.score % 100,
                rfc3339(event.until.to())
            );
            let line = Line::of(log, "attested", event.evidence, "sha256 of the evidence", what);
            let line = line.who(event.validator).on([number]).amount(reader.session, event.amount, Address::ZERO);
            reader.push(line);
        }
        IValidatorStake::Backed::SIGNATURE_HASH => {
            let event = decode::<IValidatorStake::Backed>(log)?;
            if event.datasetId == reader.id {
                reader.locks.insert(event.lockId, Vec::new());
                let what = format!("stake was put behind {}", reader.name);
                let line = Line::of(log, "stake.backed", event.lockId, "lock id", what).who(event.publisher);
                let line = line.amount(reader.session, event.amount, Address::ZERO);
                reader.push(line);
            }
        }
        IValidatorStake::BackingEnding::SIGNATURE_HASH => {
            let event = decode::<IValidatorStake::BackingEnding>(log)?;
            let what = format!("the stake is asked back, free from {}", rfc3339(event.until.to()));
            step(reader, log, event.lockId, "stake.ending", what, None);
        }
        IValidatorStake::LockHeld::SIGNATURE_HASH => {
            let id = decode::<IValidatorStake::LockHeld>(log)?.lockId;
            step(reader, log, id, "stake.held", "a case holds the stake".to_owned(), None);
        }
        IValidatorStake::LockReturned::SIGNATURE_HASH => {
            let event = decode::<IValidatorStake::LockReturned>(log)?;
            step(reader, log, event.lockId, "stake.returned", "the stake was kept without loss".to_owned(), None);
        }
        IValidatorStake::LockTaken::SIGNATURE_HASH => {
            let event = decode::<IValidatorStake::LockTaken>(log)?;
            let what = "a first ruling took the stake into escrow".to_owned();
            step(reader, log, event.lockId, "stake.taken", what, Some((event.owner, event.amount)));
        }
        IValidatorStake::LockForfeited::SIGNATURE_HASH => {
            let event = decode::<IValidatorStake::LockForfeited>(log)?;
            let what = "the stake is lost".to_owned();
            step(reader, log, event.lockId, "stake.slashed", what, Some((event.owner, event.amount)));
        }
        IValidatorStake::LockReleased::SIGNATURE_HASH => {
            let event = decode::<IValidatorStake::LockReleased>(log)?;
            let what = "the stake is free again".to_owned();
            step(reader, log, event.lockId, "stake.released", what, Some((event.owner, event.amount)));
        }
        _ => {}
    }
    Ok(())
}

type Owned = (Address, U256);

fn step(reader: &mut Reader<'_>, log: &Log, lock: B256, kind: &'static str, what: String, owned: Option<Owned>) {
    let Some(versions) = reader.locks.get(&lock).cloned() else { return };
    let mut line = Line::of(log, kind, lock, "lock id", what).on(versions);
    if let Some((owner, amount)) = owned {
        line = line.who(owner).amount(reader.session, amount, Address::ZERO);
    }
    reader.push(line);
}
