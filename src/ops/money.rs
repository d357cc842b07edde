//! Amounts and tokens as verbs meet them: what a user typed, what a currency is called, what a token must be told first.

use alloy::primitives::{Address, U256};
use alloy::rpc::types::Filter;
use alloy::sol_types::{SolCall, SolEvent};
use dgov_contracts::governance::IErc20;
use serde::Serialize;

use crate::chain::reverts::contract_error;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::values::Amount;
use crate::ops::apply;
use crate::ops::apply::Call;
use crate::ops::view::matching_logs;
use crate::session::Session;

/// A price in every report that has one: exact for programs, and for people.
#[derive(Clone, Debug, Serialize)]
pub struct Price {
    /// Smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub price: U256,
    /// With the currency's decimals and symbol.
    pub price_text: String,
    /// Address of the token, checksummed; zero for the chain's own coin.
    pub currency: String,
    /// Symbol of the currency; the token's address where the manifest does not name it.
    pub currency_symbol: String,
}

impl Price {
    /// A price on chain, smallest unit of the currency.
    pub fn of(session: &Session<'_>, price: U256, currency: Address) -> Self {
        Self {
            price,
            price_text: session.show_amount(price, currency),
            currency: currency.to_checksum(None),
            currency_symbol: symbol(session, currency),
        }
    }
}

/// An amount from the command line: `0.5 ETH`, or a token of the manifest.
///
/// # Errors
/// `usage.amount`.
pub fn parse(session: &Session<'_>, text: &str) -> Result<Amount> {
    let decimals = |symbol: &str| session.loaded.manifest.tokens.get(symbol).map(|token| token.decimals);
    Amount::parse(text, &decimals).map_err(|error| {
        let hint = error.hint.unwrap_or_else(|| "write a number and a unit, e.g. \"0.05 ETH\"".into());
        Error::usage("usage.amount", error.message).hint(hint)
    })
}

/// What a currency on chain is called: the coin's symbol, a token's name in the manifest, else its address.
pub fn symbol(session: &Session<'_>, currency: Address) -> String {
    if currency.is_zero() {
        return session.connection.network.symbol.clone();
    }
    let tokens = &session.loaded.manifest.tokens;
    let known = tokens.iter().find(|(_, token)| token.address.get(session.name()) == Some(&currency));
    known.map_or_else(|| currency.to_checksum(None), |(symbol, _)| symbol.to_owned())
}

/// The call that lets `spender` take exactly `amount` of a token, unless it may already.
///
/// # Errors
/// `token.insufficient` before anything is sent; those of reading the token.
pub async fn approval(
    session: &Session<'_>,
    token: Address,
    owner: Address,
    spender: Address,
    amount: U256,
    purpose: &str,
) -> Result<Option<Call>> {
    if amount.is_zero() {
        return Ok(None);
    }
    let contract = IErc20::new(token, &session.connection.provider);
    let failed = |error| contract_error(&session.connection, "reading the token", error);
    let balance = contract.balanceOf(owner).call().await.map_err(failed)?;
    if balance < amount {
        let message = format!(
            "{purpose} costs {}, but {owner} holds {}",
            session.show_amount(amount, token),
            session.show_amount(balance, token)
        );
        return Err(Error::new(ErrorKind::Reverted, "token.insufficient", message)
            .hint(format!("send {} to {owner}", symbol(session, token))));
    }
    if contract.allowance(owner, spender).call().await.map_err(failed)? >= amount {
        return Ok(None);
    }
    // A permission that was used up must be given again: how often it was given is part of the step's key.
    let filter = Filter::new()
        .address(token)
        .event_signature(IErc20::Approval::SIGNATURE_HASH)
        .topic1(owner.into_word())
        .topic2(spender.into_word());
    let given = matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await?.len();
    let data = IErc20::approveCall { spender, value: amount }.abi_encode();
    let description = format!("allow {} for the {purpose}", session.show_amount(amount, token));
    Ok(Some(Call::new(format!("approve:{given}"), description, token, data)))
}
