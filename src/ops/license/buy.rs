//! `dgov license buy`: a pass for the sender, paid into the pool of the version bought.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::suite::{IAccessPass, IDatasetRegistry, ILicenseRegistry, Pass};
use serde::Serialize;

use super::earlier::{self, Earlier, PURCHASE, VERB};
use super::{ENDLESS, choose_terms, end_phrase, end_text, name_of_terms, named_terms, pass_id, pass_of, purpose_names};
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::lookup::{self, Target};
use crate::ops::money::Price;
use crate::ops::view::{TermsRecord, View};
use crate::ops::{desired, money, prices, times};
use crate::session::Session;
use crate::ui::Report;

/// What is to be bought.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Slug or id, with `@number` for another version than the latest.
    pub dataset: &'a str,
    /// License of the manifest, or id of terms; needed only where several are offered.
    pub license: Option<&'a str>,
    /// The most to be paid, e.g. `0.01 ETH`.
    pub max_price: Option<&'a str>,
    /// Add a term to a pass that is still valid.
    pub renew: bool,
}

/// The pass, bought or held already.
#[derive(Debug, Serialize)]
pub struct BuyReport {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Number of the version whose pool is paid.
    pub version: u32,
    /// Who may use the data.
    pub holder: String,
    /// The terms.
    pub terms_id: B256,
    /// License of the manifest with these terms.
    pub license: Option<String>,
    /// What was or would be paid for one term; what one costs now, where nothing is.
    #[serde(flatten)]
    pub price: Price,
    /// Token id of the pass.
    #[serde(serialize_with = "apply::decimal")]
    pub pass_id: U256,
    /// Whether something was paid for now.
    pub bought: bool,
    /// Whether a renewal was asked for and is there already.
    #[serde(skip)]
    renewed_before: bool,
    /// End of the pass; null for a pass without end.
    pub expiry: Option<String>,
    /// What the data may be used for.
    pub purposes: Vec<&'static str>,
    /// With `--renew`, why nothing was: from when on a term can be added, because more than one is left now.
    pub renewable_from: Option<String>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for BuyReport {
    fn human(&self) -> String {
        let end = end_phrase(self.expiry.as_deref());
        let head = if self.bought {
            format!(
                "bought access to {} version {} for {}, valid {end}\n",
                self.dataset, self.version, self.price.price_text
            )
        } else if self.renewed_before {
            format!("the pass for {} was renewed already and is valid {end}; nothing to do\n", self.dataset)
        } else if let Some(time) = &self.renewable_from {
            format!(
                "the pass for {} is valid {end}: more than one term is left, so nothing was renewed; a term can be added \
                 from {time} on\n",
                self.dataset
            )
        } else if self.sent.transactions.is_empty() {
            format!("the pass for {} is valid {end}; nothing to do (--renew adds a term)\n", self.dataset)
        } else {
            format!(
                "would buy access to {} version {} for {}, valid {end}\n",
                self.dataset, self.version, self.price.price_text
            )
        };
        format!("{head}  holder {}\n  may: {}\n{}", self.holder, self.purposes.join(", "), self.sent.human())
    }
}

/// Buys a pass, unless one is valid already.
///
/// `renew` adds one term to a pass that has at most one term ahead of it, unless an earlier run that did not get to its
/// end has just bought one: see [`Earlier::did`]. That makes a renewal safe to repeat on any machine.
///
/// # Errors
/// `license.not_offered`, `license.ambiguous`, `license.max_price_required`, `license.price_above_max`, reverts, and those of sending.
pub async fn buy(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<BuyReport> {
    let view = session.view().await?;
    let target = lookup::target(session, &view, options.dataset)?;
    let holder = session.account()?;
    let now = session.next_time().await?;
    let earlier = Earlier::settle(session, holder, target.id, tx.dry_run).await?;
    let pass = pass_of(session, holder, target.id).await?;
    let held = held_terms(session, &view, &target, &pass, now, options.license)?;
    let nothing_sent = || TxReport { dry_run: tx.dry_run, ..TxReport::default() };
    if let Some(terms) = held.filter(|_| !options.renew) {
        if !tx.dry_run {
            earlier.abandon(session).await?;
        }
        return report(session, &target, holder, terms, &pass, nothing_sent()).await;
    }
    let terms = choose_terms(session, &view, &target, options.license)?;
    let duration = terms.terms.duration.to::<u64>();
    let expiry = pass.expiry.to::<u64>();
    let renewing = expiry > now && pass.termsNumber.to::<u32>() == terms.number;
    let changes = earlier.changes;
    let far_ahead = renewing && (expiry == ENDLESS || expiry - now > duration);
    let renewed_before = renewing && earlier.did(session, now, duration).await?;
    if far_ahead || renewed_before {
        let mut report = report(session, &target, holder, terms, &pass, nothing_sent()).await?;
        report.renewed_before = options.renew && renewed_before;
        // A pass without end has no term to add.
        let too_early = options.renew && !renewed_before && expiry != ENDLESS;
        report.renewable_from = too_early.then(|| times::rfc3339(expiry - duration));
        return Ok(report);
    }

    let price = quote(session, &target, terms).await?;
    require_limit(session, options, price, terms.terms.currency, tx)?;
    check_price(session, options.max_price, price, terms.terms.currency)?;
    let suite = session.suite()?;
    let mut calls = Vec::new();
    if !terms.terms.currency.is_zero() {
        let token = terms.terms.currency;
        calls.extend(
            money::approval(session, token, holder, suite.pass, price, &format!("pass for {}", target.name)).await?,
        );
    }
    let data =
        IAccessPass::purchaseCall { version: target.version.version.clone(), termsId: terms.id, maxPrice: price };
    let verb = if renewing { "renew" } else { "buy" };
    // Shown before anything is signed; the cost of a transaction names the chain's own coin only.
    let price_text = session.show_amount(price, terms.terms.currency);
    let description = format!("{verb} access to {} version {} for {price_text}", target.name, target.number());
    let mut call = Call::new(PURCHASE, description, suite.pass, data.abi_encode());
    if terms.terms.currency.is_zero() {
        call = call.with_value(price);
    }
    calls.push(if calls.is_empty() { call } else { call.after_others() });
    let key = earlier::key(holder, target.id, terms.id, expiry, changes);
    match apply::apply(session, Operation { verb: VERB, key, calls }, tx).await? {
        Applied::Done(sent) => {
            let pass = pass_of(session, holder, target.id).await?;
            let mut report = report_of(session, &target, holder, terms, price, &pass, sent)?;
            report.bought = true;
            Ok(report)
        }
        Applied::Planned(sent) => {
            let start = if renewing { expiry } else { now };
            let end = if duration == 0 { ENDLESS } else { (start + duration).min(ENDLESS) };
            let mut report = report_of(session, &target, holder, terms, price, &pass, sent)?;
            report.expiry = end_text(end);
            report.purposes = purpose_names(terms.terms.allow);
            Ok(report)
        }
    }
}

/// The terms of a valid pass, if they are what is asked for: those named, else any for the version's license text.
fn held_terms<'v>(
    session: &Session<'_>,
    view: &'v View,
    target: &Target<'_>,
    pass: &Pass,
    now: u64,
    asked: Option<&str>,
) -> Result<Option<&'v TermsRecord>> {
    if pass.expiry.to::<u64>() <= now {
        return Ok(None);
    }
    let number = pass.termsNumber.to::<u32>();
    let held = view.terms.iter().find(|terms| terms.number == number);
    Ok(match asked {
        Some(name) => {
            let id = named_terms(&desired::licenses(session)?, name)?;
            held.filter(|terms| terms.id == id)
        }
        None => held.filter(|terms| terms.terms.licenseDigest == target.version.version.licenseDigest),
    })
}

/// What the contracts ask for this version now; refuses what is not for sale.
async fn quote(session: &Session<'_>, target: &Target<'_>, terms: &TermsRecord) -> Result<U256> {
    let suite = session.suite()?;
    let provider = &session.connection.provider;
    IDatasetRegistry::new(suite.registry, provider).requireSaleable(target.id, target.number()).call().await.map_err(
        |error| {
            let what = format!("buying {} version {}", target.name, target.number());
            contract_error(&session.connection, &what, error).hint("`dgov data show` tells the status of each version")
        },
    )?;
    let quote = ILicenseRegistry::new(suite.licenses, provider)
        .quoteFor(target.id, terms.id, target.version.version.licenseDigest)
        .call()
        .await
        .map_err(|error| {
            contract_error(&session.connection, &format!("asking the price of {}", target.name), error)
                .hint("`dgov license list` shows what is offered")
        })?;
    if quote.priceModule.is_zero() {
        return Ok(U256::from(quote.price));
    }
    prices::next(session, target.id, terms).await
}

/// `--max-spend` counts the chain's own coin. Where nobody is asked, a price in tokens that are worth something needs a
/// limit of its own.
fn require_limit(
    session: &Session<'_>,
    options: &Options<'_>,
    price: U256,
    currency: Address,
    tx: &TxArgs,
) -> Result<()> {
    let sends = !tx.dry_run && tx.unsigned.is_none();
    let in_tokens = !currency.is_zero() && !price.is_zero();
    let unasked = session.connection.network.main && session.context.global.yes;
    if options.max_price.is_some() || !(sends && in_tokens && unasked) {
        return Ok(());
    }
    let price = session.show_amount(price, currency);
    let message = format!("--yes on main network `{}` needs a limit for the price, now {price}", session.name());
    Err(Error::usage("license.max_price_required", message)
        .hint("add `--max-price`, the most that you would pay, such as `--max-price \"25 USDC\"`"))
}

fn check_price(session: &Session<'_>, limit: Option<&str>, price: U256, currency: Address) -> Result<()> {
    let Some(text) = limit else { return Ok(()) };
    let limit = money::parse(session, text)?;
    let same = price.is_zero() || session.currency_address(&limit.currency)? == currency;
    if same && price <= limit.value {
        return Ok(());
    }
    Err(Error::unauthorized(
        "license.price_above_max",
        format!("the price is {}, --max-price allows {limit}", session.show_amount(price, currency)),
    )
    .hint("raise --max-price if the price is right"))
}

/// The report where nothing is bought: with the price of now.
async fn report(
    session: &Session<'_>,
    target: &Target<'_>,
    holder: Address,
    terms: &TermsRecord,
    pass: &Pass,
    sent: TxReport,
) -> Result<BuyReport> {
    let price = prices::next_or_base(session, target.id, terms).await?;
    report_of(session, target, holder, terms, price, pass, sent)
}

fn report_of(
    session: &Session<'_>,
    target: &Target<'_>,
    holder: Address,
    terms: &TermsRecord,
    price: U256,
    pass: &Pass,
    sent: TxReport,
) -> Result<BuyReport> {
    let licenses = desired::licenses(session)?;
    Ok(BuyReport {
        dataset: target.name.clone(),
        dataset_id: target.id,
        version: target.number(),
        holder: holder.to_checksum(None),
        terms_id: terms.id,
        license: name_of_terms(&licenses, terms.id).map(|license| license.name.clone()),
        price: Price::of(session, price, terms.terms.currency),
        pass_id: pass_id(holder, target.id),
        bought: false,
        renewed_before: false,
        renewable_from: None,
        expiry: end_text(pass.expiry.to::<u64>()),
        purposes: purpose_names(pass.purposes),
        sent,
    })
}
