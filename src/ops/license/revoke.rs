//! `dgov license revoke`: the end of a pass before its time.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::suite::IAccessPass;
use serde::Serialize;

use super::{pass_changes, pass_id, pass_of};
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::lookup;
use crate::session::Session;
use crate::ui::Report;

/// The pass that is no more.
#[derive(Debug, Serialize)]
pub struct RevokeReport {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Who had the pass.
    pub holder: String,
    /// Token id of the pass.
    #[serde(serialize_with = "apply::decimal")]
    pub pass_id: U256,
    /// Whether it was ended now; false when there was none.
    pub revoked: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for RevokeReport {
    fn human(&self) -> String {
        let head = match (self.revoked, self.sent.transactions.is_empty()) {
            (true, _) => format!("revoked the pass of {} for {}\n", self.holder, self.dataset),
            (false, true) => format!("{} has no pass for {}; nothing to do\n", self.holder, self.dataset),
            (false, false) => format!("would revoke the pass of {} for {}\n", self.holder, self.dataset),
        };
        head + &self.sent.human()
    }
}

/// Ends a pass, if there is one.
///
/// # Errors
/// `license.revoke_forbidden`, and those of sending.
pub async fn revoke(session: &Session<'_>, dataset: &str, holder: &str, tx: &TxArgs) -> Result<RevokeReport> {
    let view = session.view().await?;
    let target = lookup::target(session, &view, dataset)?;
    let holder = session.resolve_text(holder)?;
    let pass = pass_of(session, holder, target.id).await?;
    let mut report = RevokeReport {
        dataset: target.name.clone(),
        dataset_id: target.id,
        holder: holder.to_checksum(None),
        pass_id: pass_id(holder, target.id),
        revoked: false,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    if pass.holder.is_zero() {
        return Ok(report);
    }
    require_allowed(session.account()?, holder, lookup::owner(&view, &target)?, pass.burnAuth, &target.name)?;
    let data = IAccessPass::revokeCall { holder, datasetId: target.id }.abi_encode();
    let description = format!("revoke the pass of {holder} for {}", target.name);
    let call = Call::new("revoke", description, session.suite()?.pass, data);
    let changes = pass_changes(session, holder, target.id).await?;
    let operation =
        Operation { verb: "license revoke", key: format!("{}:{holder}:{changes}", target.id), calls: vec![call] };
    let applied = apply::apply(session, operation, tx).await?;
    report.revoked = matches!(applied, Applied::Done(_));
    report.sent = applied.report();
    Ok(report)
}

/// ERC-5484: 0 the issuer, 1 the holder, 2 both, 3 nobody.
fn require_allowed(sender: Address, holder: Address, owner: Address, burn_auth: u8, dataset: &str) -> Result<()> {
    let by_issuer = matches!(burn_auth, 0 | 2) && sender == owner;
    let by_holder = matches!(burn_auth, 1 | 2) && sender == holder;
    if by_issuer || by_holder {
        return Ok(());
    }
    let who = match burn_auth {
        0 => format!("only the owner of dataset {dataset}, {owner}, may end this pass"),
        1 => format!("only the holder may end this pass: its terms are not revocable by {owner}"),
        2 => format!("only the owner of dataset {dataset}, {owner}, or the holder may end this pass"),
        _ => "nobody may end this pass before its time".to_owned(),
    };
    let hint = match burn_auth {
        0 | 2 => {
            "choose the owner's account with --from; terms are made revocable by `revocable = true` in the manifest"
        }
        1 => "for passes to be sold later, `revocable = true` in the manifest and a proposal allow it",
        _ => "it ends by itself at its expiry",
    };
    Err(Error::unauthorized("license.revoke_forbidden", who).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_end_a_pass_is_what_erc_5484_says() {
        let [owner, holder, other] = [1, 2, 3].map(Address::repeat_byte);
        let allowed = |burn_auth| {
            [owner, holder, other].map(|sender| require_allowed(sender, holder, owner, burn_auth, "x").is_ok())
        };
        assert_eq!(allowed(0), [true, false, false]);
        assert_eq!(allowed(1), [false, true, false]);
        assert_eq!(allowed(2), [true, true, false]);
        assert_eq!(allowed(3), [false, false, false]);
    }
}
