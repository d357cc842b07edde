//! The tables of the modules: validators, disputes, rewards.

use super::reader::Reader;
use super::types::{Disputes, Governance, Rewards, Validators};

pub(super) fn validators(table: Reader<'_>, disputes: &Disputes) -> Validators {
    let default = Validators::default();
    let challenge_window = table.value_or("challenge-window", default.challenge_window);
    let validators = Validators {
        lock: table.value_or("lock", default.lock),
        challenge_window,
        unbonding: table.value_or("unbonding", Validators::default_unbonding(challenge_window, disputes)),
    };
    table.finish();
    validators
}

pub(super) fn disputes(table: Reader<'_>, governance: &Governance) -> Disputes {
    let default = Disputes::default();
    let disputes = Disputes {
        bond: table.value_or("bond", default.bond),
        bond_share: table.value_or("bond-share", default.bond_share),
        answer_window: table.value_or("answer-window", default.answer_window),
        ruling_window: table.value_or("ruling-window", Disputes::default_ruling(governance)),
        appeal_window: table.value_or("appeal-window", default.appeal_window),
        arbitrator: table.value_or("arbitrator", default.arbitrator),
        arbitrator_data: table.value("arbitrator-data"),
    };
    table.finish();
    disputes
}

pub(super) fn rewards(table: Reader<'_>) -> Rewards {
    let default = Rewards::default();
    let rewards = Rewards {
        cancel_window: table.value_or("cancel-window", default.cancel_window),
        bond: table.value_or("bond", default.bond),
    };
    table.finish();
    rewards
}
