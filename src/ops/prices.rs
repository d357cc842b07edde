//! What passes cost: a fixed price, or what the price module of the terms asks for the next one.

use alloy::primitives::{Address, B256, U256};
use dgov_contracts::deploy;
use dgov_contracts::prices::IPriceModule;
use dgov_contracts::suite::Terms;

use crate::chain::reverts::contract_error;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::view::TermsRecord;
use crate::session::Session;
use crate::ui::Warning;

/// The module behind `price-step`, at the same address on every chain.
///
/// # Errors
/// `bug` if the compiled contracts of this build are damaged.
pub fn linear_curve() -> Result<Address> {
    let curve = deploy::linear_curve();
    Ok(curve.map_err(|error| Error::bug("the compiled contracts are damaged").caused_by(&error))?.address)
}

/// What the next pass for the dataset costs under these terms, smallest unit of their currency.
///
/// # Errors
/// `chain.unreachable`; reverts of a module that is not dgov's own.
pub async fn next(session: &Session<'_>, dataset_id: B256, record: &TermsRecord) -> Result<U256> {
    let terms = &record.terms;
    if terms.priceModule.is_zero() {
        return Ok(U256::from(terms.price));
    }
    let seller = session.suite()?.pass;
    let module = IPriceModule::new(terms.priceModule, &session.connection.provider);
    let price = module.priceOf(seller, dataset_id, record.id, terms.price, terms.priceStep).call().await;
    price.map_err(|error| {
        contract_error(&session.connection, &format!("asking price module {} for a price", terms.priceModule), error)
            .hint("the DAO named this module in the terms; nothing is sold under them while it refuses")
    })
}

/// The same for lists, which a module that refuses must not spoil: they say so and show what it starts from.
///
/// # Errors
/// `chain.unreachable`.
pub async fn next_or_base(session: &Session<'_>, dataset_id: B256, record: &TermsRecord) -> Result<U256> {
    match next(session, dataset_id, record).await {
        Err(error) if error.kind() == ErrorKind::Reverted => {
            session.context.ui.warn(Warning {
                code: "license.price_unknown".into(),
                message: error.to_string(),
                hint: error.hints().first().cloned(),
            });
            Ok(U256::from(record.terms.price))
        }
        other => other,
    }
}

/// How a price comes about, for people: `0.01 ETH`, and what is added with each sale.
pub fn rule(terms: &Terms, money: impl Fn(U256, Address) -> String) -> String {
    let price = money(U256::from(terms.price), terms.currency);
    match step(terms, money) {
        Some(step) => format!("{price} + {step}"),
        None => price,
    }
}

/// What is added with each sale; nothing where the price is fixed.
pub fn step(terms: &Terms, money: impl Fn(U256, Address) -> String) -> Option<String> {
    if terms.priceModule.is_zero() {
        return None;
    }
    let step = U256::from(terms.priceStep);
    Some(match linear_curve() {
        Ok(curve) if curve == terms.priceModule => format!("{} for each sold", money(step, terms.currency)),
        _ => format!("what module {} asks (step {step})", terms.priceModule),
    })
}
