//! Which of the claims the vault would pay now, and the calls that make them.

use alloy::primitives::{Address, U256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use dgov_contracts::suite::IRoyaltyVault;

use super::claim::{Item, Proof};
use crate::chain::reverts::{call_error, reason_of};
use crate::chain::transactions::TRANSACTION_GAS_CAP;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::Call;
use crate::session::Session;
use crate::ui::Warning;

/// Claims that fit one transaction whatever their proofs: a node may refuse to estimate more at once.
const SURE_TO_FIT: usize = 150;

/// Code of the error for a payee that takes no coin.
const REFUSES: &str = "royalties.payee_refuses";

/// The items that the vault would pay now, with the calls that claim them. A currency that reverts (a paused token, a
/// blocked payee) must not hold up the others, nor one pool the rest of its currency.
pub(super) async fn payable(
    session: &Session<'_>,
    account: Address,
    items: Vec<Item>,
) -> Result<(Vec<Item>, Vec<Call>)> {
    let vault = session.suite()?.vault;
    let first = match calls(session, vault, account, &items).await {
        Ok(calls) => return Ok((items, calls)),
        Err(error) if error.kind() == ErrorKind::Reverted => error,
        Err(error) => return Err(error),
    };
    let mut left = Vec::new();
    for group in items.chunk_by(|one, next| one.currency == next.currency) {
        let Err(error) = calls(session, vault, account, group).await else {
            left.extend_from_slice(group);
            continue;
        };
        if error.kind() != ErrorKind::Reverted {
            return Err(error);
        }
        if error.code() == REFUSES {
            // A payee that takes no coin takes none from any pool.
            session.context.ui.warn(Warning {
                code: error.code().to_owned(),
                message: error.to_string(),
                hint: error.hints().first().cloned(),
            });
            continue;
        }
        let mut refused = U256::ZERO;
        for item in group {
            match calls(session, vault, account, std::slice::from_ref(item)).await {
                Ok(_) => left.push(item.clone()),
                Err(error) if error.kind() == ErrorKind::Reverted => refused += item.amount,
                Err(error) => return Err(error),
            }
        }
        let currency = group.first().map_or(Address::ZERO, |item| item.currency);
        session.context.ui.warn(Warning {
            code: "royalties.currency_reverts".into(),
            message: format!("{} can't be claimed now: {error}", session.show_amount(refused, currency)),
            hint: Some("it stays in the vault; claim again later".into()),
        });
    }
    if left.is_empty() {
        return Err(first);
    }
    let calls = calls(session, vault, account, &left).await?;
    Ok((left, calls))
}

fn calldata(account: Address, items: &[Item]) -> Vec<u8> {
    let mut call = IRoyaltyVault::claimManyCall { account, items: Vec::new(), splitItems: Vec::new() };
    for item in items {
        match &item.proof {
            Proof::Contributor(claim) => call.items.push(claim.clone()),
            Proof::Split(claim) => call.splitItems.push(claim.clone()),
        }
    }
    call.abi_encode()
}

/// One call, or as many as the cap on a transaction's gas asks for.
async fn calls(session: &Session<'_>, vault: Address, account: Address, items: &[Item]) -> Result<Vec<Call>> {
    let from = session.account()?;
    let fits = async |part: &[Item]| {
        let request = TransactionRequest::default().from(from).to(vault).input(calldata(account, part).into());
        match session.connection.provider.estimate_gas(request).await {
            // The engine adds a quarter to an estimate.
            Ok(gas) => Ok(gas.saturating_mul(5) / 4 <= TRANSACTION_GAS_CAP),
            Err(error) => {
                let reason = reason_of(&error);
                let named = reason.is_some_and(|reason| !reason.name().is_empty());
                if named || part.len() <= SURE_TO_FIT { Err(refused(session, account, part, error)) } else { Ok(false) }
            }
        }
    };
    let call = |part: &[Item]| {
        let key = format!("claim:{}", keccak256(part.iter().flat_map(Item::state).collect::<Vec<_>>()));
        Call::new(key, format!("claim royalties for {account}"), vault, calldata(account, part))
    };
    Ok(halved(items, fits).await?.into_iter().map(call).collect())
}

/// Cuts a list in halves until each part fits, in order; a single item has to.
async fn halved<'i, T>(items: &'i [T], fits: impl AsyncFn(&[T]) -> Result<bool>) -> Result<Vec<&'i [T]>> {
    let mut waiting = vec![items];
    let mut parts = Vec::new();
    while let Some(part) = waiting.pop() {
        if fits(part).await? || part.len() <= 1 {
            parts.push(part);
        } else {
            let (left, right) = part.split_at(part.len() / 2);
            waiting.extend([right, left]);
        }
    }
    Ok(parts)
}

/// Names the payee that takes no money; a chain that refuses for another reason says which.
fn refused(session: &Session<'_>, account: Address, items: &[Item], error: alloy::transports::TransportError) -> Error {
    if reason_of(&error).is_some_and(|reason| reason.name() == "PaymentRefused") {
        let sum = items.iter().filter(|item| item.currency.is_zero()).fold(U256::ZERO, |sum, item| sum + item.amount);
        let message = format!("{account} refuses a payment of {}", session.show_amount(sum, Address::ZERO));
        return Error::new(ErrorKind::Reverted, REFUSES, message)
            .hint("the account is a contract that takes no coin; what it is owed stays in the vault");
    }
    let error = call_error(&session.connection, &format!("claiming royalties for {account}"), error);
    if error.hints().is_empty() { error.hint("`dgov royalties show` tells what each pool owes") } else { error }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    async fn parts(items: &[u32], room: u32) -> Vec<Vec<u32>> {
        let fits = async |part: &[u32]| Ok(part.iter().sum::<u32>() <= room);
        halved(items, fits).await.unwrap().into_iter().map(<[u32]>::to_vec).collect()
    }

    #[tokio::test]
    async fn a_claim_is_cut_only_as_often_as_needed() {
        assert_eq!(parts(&[1, 2, 3, 4], 10).await, [[1, 2, 3, 4]]);
        assert_eq!(parts(&[1, 2, 3, 4], 9).await, [[1, 2], [3, 4]]);
        assert_eq!(parts(&[1, 2, 3, 4, 5], 5).await, [vec![1, 2], vec![3], vec![4], vec![5]]);
        assert_eq!(parts(&[7, 1], 3).await, [[7], [1]], "one that never fits is tried alone");
        let failing = async |_: &[u32]| Err(Error::bug("x"));
        assert!(halved(&[1, 2], failing).await.is_err());
    }
}
