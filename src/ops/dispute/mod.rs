//! Disputes: cases in the project's court. One file a verb, over what they share.

pub mod appeal;
pub mod cases;
pub mod close;
mod document;
pub mod evidence;
pub mod join;
pub mod next;
pub mod open;
pub mod rule;
pub mod show;
pub mod submit;

use alloy::primitives::{Address, U256};

use crate::error::{Error, ErrorKind, Result};
use crate::manifest::values::{CoinAmount, Duration};
use crate::ops::times::rfc3339;
use crate::session::Session;

/// Bonds are in the chain's own coin.
fn parse_bond(text: &str) -> Result<U256> {
    let amount: CoinAmount = text.parse().map_err(|error: crate::manifest::values::ValueError| {
        let hint = error.hint.unwrap_or_else(|| "write a number and a unit, e.g. \"0.05 ETH\"".into());
        Error::usage("usage.amount", error.message).hint(hint)
    })?;
    Ok(amount.0)
}

/// The bond given, or the least one; less than that is refused here.
fn bond_of(session: &Session<'_>, given: Option<&str>, least: U256) -> Result<U256> {
    let Some(text) = given else { return Ok(least) };
    let bond = parse_bond(text)?;
    if bond < least {
        let show = |amount| session.show_amount(amount, Address::ZERO);
        let message = format!("the bond is {} at least, not {}", show(least), show(bond));
        return Err(Error::new(ErrorKind::Reverted, "dispute.bond_too_small", message)
            .hint("leave --bond out to bring the least bond"));
    }
    Ok(bond)
}

/// Something is possible only from a later time on: exit 5, with that time.
fn too_early(session: &Session<'_>, what: &str, now: u64, from: u64) -> Error {
    let message = format!("{what} from {} on", rfc3339(from));
    let error = Error::new(ErrorKind::Reverted, "dispute.too_early", message);
    let wait = Duration::from_secs(from.saturating_sub(now).max(1));
    if session.embedded.is_some() {
        error.hint(format!("move the embedded chain's clock: `dgov chain advance {wait}`"))
    } else {
        error.hint(format!("it is {} on the chain now; try again in {wait}", rfc3339(now)))
    }
}

/// Something was possible only until an earlier time: exit 5, with that time.
fn too_late(what: &str, until: u64, hint: impl Into<String>) -> Error {
    Error::new(ErrorKind::Reverted, "dispute.too_late", format!("{what} until {}", rfc3339(until))).hint(hint)
}
