//! Rules between the keys of validators, disputes and rewards.

use super::context::Context;
use super::types::{Disputes, Manifest, Validators};
use super::values::{Arbitrator, CoinAmount, Duration, Share, ValueError};

pub(super) fn modules(cx: &Context<'_>, manifest: &Manifest) {
    windows(cx, manifest);
    amounts(cx, manifest);
    unbonding(cx, manifest);
    ruling(cx, manifest);
    let disputes = &manifest.disputes;
    if disputes.arbitrator == Arbitrator::Dao
        && disputes.arbitrator_data.is_some()
        && !cx.is_faulty("disputes.arbitrator")
    {
        let error =
            ValueError::new("there is no arbitrator that would be told this").hint("the DAO reads the evidence");
        cx.warning("manifest.data_without_arbitrator", "disputes.arbitrator-data", error);
    }
}

/// The contracts store each as uint32, and let none be nothing.
fn windows(cx: &Context<'_>, manifest: &Manifest) {
    let (validators, disputes) = (&manifest.validators, &manifest.disputes);
    for (key, span) in [
        ("validators.challenge-window", validators.challenge_window),
        ("disputes.answer-window", disputes.answer_window),
        ("disputes.ruling-window", disputes.ruling_window),
        ("disputes.appeal-window", disputes.appeal_window),
        ("rewards.cancel-window", manifest.rewards.cancel_window),
        // Last: without a value of its own it follows from the others.
        ("validators.unbonding", validators.unbonding),
    ] {
        if key == "validators.unbonding" && (cx.is_faulty("validators") || cx.is_faulty("disputes")) {
            continue;
        }
        if span.as_secs() == 0 {
            let error = ValueError::new("nobody could act in a window that lasts no time");
            cx.error("manifest.invalid_value", key, error);
        } else if span.as_secs() >> 32 != 0 {
            let error = ValueError::new(format!("`{span}` is longer than the contracts can store"));
            cx.error("manifest.invalid_value", key, error);
        }
    }
}

fn amounts(cx: &Context<'_>, manifest: &Manifest) {
    let disputes = &manifest.disputes;
    if manifest.validators.lock == CoinAmount::default() {
        let error = ValueError::new("an attestation that risks nothing says nothing").hint("lock = \"0.1 ETH\"");
        cx.error("manifest.invalid_value", "validators.lock", error);
    }
    if disputes.bond == CoinAmount::default() {
        let error = ValueError::new("cases without a bond cost nobody anything").hint("bond = \"0.05 ETH\"");
        cx.error("manifest.invalid_value", "disputes.bond", error);
    }
    if disputes.bond_share == Share::default() {
        let error = ValueError::new("a bond that does not grow with what a case can take").hint("bond-share = \"10%\"");
        cx.error("manifest.invalid_value", "disputes.bond-share", error);
    }
}

/// Whoever can be slashed must not be able to leave first.
fn unbonding(cx: &Context<'_>, manifest: &Manifest) {
    let key = "validators.unbonding";
    if cx.is_faulty("validators") || cx.is_faulty("disputes") {
        return;
    }
    let (validators, disputes) = (&manifest.validators, &manifest.disputes);
    let longest =
        Validators::longest_case(validators.challenge_window, disputes).unwrap_or(Duration::from_secs(u64::MAX));
    if validators.unbonding < longest {
        let message = format!("stake would leave after {}, but a case can last {longest}", validators.unbonding);
        let error = ValueError::new(message)
            .hint(format!("challenge, answer, twice ruling, and appeal: unbonding = \"{longest}\" or longer"));
        cx.error("manifest.unbonding_too_short", key, error);
    }
}

/// A DAO that can't rule in time never rules: every case would end undecided.
fn ruling(cx: &Context<'_>, manifest: &Manifest) {
    let key = "disputes.ruling-window";
    if manifest.disputes.arbitrator != Arbitrator::Dao || cx.is_faulty("governance") || cx.is_faulty("disputes") {
        return;
    }
    let shortest = Disputes::shortest_ruling(&manifest.governance);
    let window = manifest.disputes.ruling_window;
    if window < shortest {
        let error = ValueError::new(format!(
            "the DAO could never rule in `{window}`: a proposal takes up to {shortest}"
        ))
        .hint(format!(
            "voting delay, period and extension, timelock delay, and a day: ruling-window = \"{shortest}\" or longer"
        ));
        cx.error("manifest.ruling_window_too_short", key, error);
    }
}
