//! Which of the claims the vault would pay now, and the calls that make them.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use dgov_contracts::ids;
use dgov_contracts::suite::{ClaimTo, IRoyaltyVault};

use super::claim::{Item, Payout, Proof};
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
pub(super) async fn payable(session: &Session<'_>, payout: Payout, items: Vec<Item>) -> Result<(Vec<Item>, Vec<Call>)> {
    let vault = session.suite()?.vault;
    let first = match calls(session, vault, payout, &items).await {
        Ok(calls) => return Ok((items, calls)),
        Err(error) if error.kind() == ErrorKind::Reverted => error,
        Err(error) => return Err(error),
    };
    let mut left = Vec::new();
    for group in items.chunk_by(|one, next| one.currency == next.currency) {
        let Err(error) = calls(session, vault, payout, group).await else {
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
            match calls(session, vault, payout, std::slice::from_ref(item)).await {
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
    let calls = calls(session, vault, payout, &left).await?;
    Ok((left, calls))
}

/// The call for these items; to another address they must be of one currency.
fn calldata(payout: Payout, items: &[Item]) -> Result<Vec<u8>> {
    let mut contributions = Vec::new();
    let mut splits = Vec::new();
    for item in items {
        match &item.proof {
            Proof::Contributor(claim) => contributions.push(claim.clone()),
            Proof::Split(claim) => splits.push(claim.clone()),
        }
    }
    let account = payout.account;
    let Some(to) = payout.to else {
        return Ok(IRoyaltyVault::claimManyCall { account, items: contributions, splitItems: splits }.abi_encode());
    };
    // A pool that is in both lists counts once.
    let mut pools: Vec<B256> = items.iter().map(|item| item.pool.id).collect();
    pools.dedup();
    let hash = ids::pools_hash(&pools).map_err(|error| Error::bug("claims out of order").caused_by(&error))?;
    let request = ClaimTo {
        account,
        to,
        currency: items.first().map_or(Address::ZERO, |item| item.currency),
        poolsHash: hash,
        // The account sends it, so that neither is looked at as a signer's.
        nonce: U256::ZERO,
        deadline: U256::MAX,
    };
    let signature = Bytes::new();
    let call = IRoyaltyVault::claimManyToCall { request, items: contributions, splitItems: splits, signature };
    Ok(call.abi_encode())
}

/// One call, or as many as the cap on a transaction's gas asks for.
async fn calls(session: &Session<'_>, vault: Address, payout: Payout, items: &[Item]) -> Result<Vec<Call>> {
    let from = session.account()?;
    let fits = async |part: &[Item]| {
        let request = TransactionRequest::default().from(from).to(vault).input(calldata(payout, part)?.into());
        match session.connection.provider.estimate_gas(request).await {
            // The engine adds a quarter to an estimate.
            Ok(gas) => Ok(gas.saturating_mul(5) / 4 <= TRANSACTION_GAS_CAP),
            Err(error) => {
                let reason = reason_of(&error);
                let named = reason.is_some_and(|reason| !reason.name().is_empty());
                if named || part.len() <= SURE_TO_FIT { Err(refused(session, payout, part, error)) } else { Ok(false) }
            }
        }
    };
    let mut made = Vec::new();
    // The account's order to pay elsewhere is for one currency; a claim of its own may be for all.
    let together = |one: &Item, next: &Item| payout.to.is_none() || one.currency == next.currency;
    for group in items.chunk_by(together) {
        for part in halved(group, fits).await? {
            let state: Vec<u8> = part.iter().flat_map(Item::state).collect();
            let (key, what) = match payout.to {
                None => (format!("claim:{}", keccak256(state)), String::new()),
                Some(to) => (format!("claim:{to}:{}", keccak256(state)), format!(" to {to}")),
            };
            let description = format!("claim royalties for {}{what}", payout.account);
            made.push(Call::new(key, description, vault, calldata(payout, part)?));
        }
    }
    Ok(made)
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
fn refused(session: &Session<'_>, payout: Payout, items: &[Item], error: alloy::transports::TransportError) -> Error {
    let account = payout.account;
    if reason_of(&error).is_some_and(|reason| reason.name() == "PaymentRefused") {
        let sum = items.iter().filter(|item| item.currency.is_zero()).fold(U256::ZERO, |sum, item| sum + item.amount);
        let receiver = payout.receiver();
        let message = format!("{receiver} refuses a payment of {}", session.show_amount(sum, Address::ZERO));
        return Error::new(ErrorKind::Reverted, REFUSES, message)
            .hint("it is a contract that takes no coin; what is owed stays in the vault, and the account can claim --to another");
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
