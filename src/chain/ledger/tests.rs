#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy::primitives::{B256, U256};

use super::*;
use crate::ErrorKind;

fn at(dir: &tempfile::TempDir) -> Utf8PathBuf {
    Utf8PathBuf::from_path_buf(dir.path().join("deep/ledger.db")).unwrap()
}

fn signed(byte: u8) -> impl FnOnce(u64) -> Result<NewTransaction> {
    move |nonce| {
        let raw = vec![byte, nonce as u8].into();
        Ok(NewTransaction { hash: B256::repeat_byte(byte), raw, value: U256::MAX, max_cost: U256::from(7) })
    }
}

#[test]
fn rows_survive_reopening_exactly() {
    let dir = tempfile::tempdir().unwrap();
    let sender = Address::repeat_byte(1);
    let row = {
        let ledger = Ledger::open(&at(&dir)).unwrap();
        let operation = ledger.begin("c", "local", "deploy", "k").unwrap();
        let step = ledger.step(operation.id, "a", "do a").unwrap();
        assert_eq!(step.state, StepState::Planned);
        ledger.record_signed("c", step.id, sender, 5, signed(2)).unwrap()
    };
    let ledger = Ledger::open(&at(&dir)).unwrap();
    let operation = ledger.begin("c", "local", "deploy", "k").unwrap();
    let step = ledger.step(operation.id, "a", "do a").unwrap();
    assert_eq!(step.state, StepState::Signed);
    assert_eq!(ledger.transactions(step.id).unwrap(), vec![row.clone()]);
    assert_eq!((row.nonce, row.value), (5, U256::MAX));
    ledger.mark_sent(step.id).unwrap();
    ledger.mark_confirmed(step.id, row.hash, 9, 21_000, u128::MAX).unwrap();
    let step = ledger.step(operation.id, "a", "do a").unwrap();
    assert_eq!((step.state, step.gas_price, step.hash), (StepState::Confirmed, Some(u128::MAX), Some(row.hash)));
    assert!(ledger.in_flight("c", sender).unwrap().is_empty());
    ledger.finish(operation.id, "{}").unwrap();
    assert!(ledger.begin("c", "local", "deploy", "k").unwrap().done);
}

#[test]
fn a_step_is_signed_once_and_nonces_never_collide() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (Ledger::open(&at(&dir)).unwrap(), Ledger::open(&at(&dir)).unwrap());
    let sender = Address::repeat_byte(1);
    let operation = one.begin("c", "local", "push", "k").unwrap().id;
    let (a, b) = (one.step(operation, "a", "").unwrap().id, one.step(operation, "b", "").unwrap().id);
    let first = one.record_signed("c", a, sender, 3, signed(1)).unwrap();
    // A second process at the same step gets the first one's transaction; its own is never recorded.
    let again = two.record_signed("c", a, sender, 3, signed(9)).unwrap();
    assert_eq!(first, again);
    // The chain has not seen nonce 3 yet, and still it is not given out again.
    assert_eq!(two.record_signed("c", b, sender, 3, signed(2)).unwrap().nonce, 4);
    // Other accounts and chains have nonces of their own.
    let c = one.step(operation, "c", "").unwrap().id;
    assert_eq!(one.record_signed("other", c, sender, 3, signed(3)).unwrap().nonce, 3);
}

#[test]
fn a_failed_or_superseded_step_can_be_signed_again() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&at(&dir)).unwrap();
    let sender = Address::repeat_byte(1);
    let operation = ledger.begin("c", "local", "push", "k").unwrap().id;
    let step = ledger.step(operation, "a", "").unwrap().id;
    ledger.record_signed("c", step, sender, 0, signed(1)).unwrap();
    ledger.mark_failed(step, "because").unwrap();
    let row = ledger.step(operation, "a", "").unwrap();
    assert_eq!((row.state, row.error.as_deref()), (StepState::Failed, Some("because")));
    let again = ledger.record_signed("c", step, sender, 1, signed(2)).unwrap();
    assert_eq!((again.nonce, again.hash), (1, B256::repeat_byte(2)));
    ledger.mark_superseded(step).unwrap();
    assert_eq!(ledger.step(operation, "a", "").unwrap().state, StepState::Planned);
    assert!(ledger.transactions(step).unwrap().is_empty());
}

#[test]
fn an_error_while_signing_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&at(&dir)).unwrap();
    let operation = ledger.begin("c", "local", "push", "k").unwrap().id;
    let step = ledger.step(operation, "a", "").unwrap().id;
    let refused = ledger.record_signed("c", step, Address::ZERO, 0, |_| Err(Error::unauthorized("x.y", "no")));
    assert_eq!(refused.unwrap_err().code(), "x.y");
    assert_eq!(ledger.step(operation, "a", "").unwrap().state, StepState::Planned);
    assert!(ledger.transactions(step).unwrap().is_empty());
}

#[test]
fn a_newer_ledger_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::open(&at(&dir)).unwrap());
    Connection::open(at(&dir)).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
    let error = Ledger::open(&at(&dir)).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Input, "ledger.newer"));
}

#[test]
fn damage_is_named_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::open(&at(&dir)).unwrap());
    fs_err::write(at(&dir), b"this is not a database, and long enough to be looked at as one, surely ......").unwrap();
    let error = Ledger::open(&at(&dir)).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Integrity, "ledger.damaged"));
    assert!(error.hints()[0].contains("dgov sync"));

    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&at(&dir)).unwrap();
    let operation = ledger.begin("c", "local", "push", "k").unwrap().id;
    let step = ledger.step(operation, "a", "").unwrap().id;
    ledger.record_signed("c", step, Address::ZERO, 0, signed(1)).unwrap();
    Connection::open(at(&dir)).unwrap().execute("UPDATE transactions SET hash = 'nonsense'", []).unwrap();
    assert_eq!(ledger.transactions(step).unwrap_err().code(), "ledger.damaged");
}

/// Waits for the whole busy timeout.
#[test]
fn a_lock_held_too_long_is_exit_10() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&at(&dir)).unwrap();
    let mut other = Connection::open(at(&dir)).unwrap();
    let held = other.transaction_with_behavior(TransactionBehavior::Exclusive).unwrap();
    let error = ledger.begin("c", "local", "push", "k").unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::LocalIo, "io.lock_held"));
    held.rollback().unwrap();
    ledger.begin("c", "local", "push", "k").unwrap();
}
