//! `dgov license request`: a buyer asks the DAO for terms of their own.

use alloy::primitives::aliases::U40;
use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::ids;
use dgov_contracts::suite::{ILicenseRegistry, Terms};
use serde::Serialize;

use super::{purpose_names, terms_label};
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::values::{LicenseDuration, Purposes, Share, SpdxExpression, ValueError, parse_purpose};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::desired;
use crate::ops::lookup::{self, Target};
use crate::ops::money::{self, Price};
use crate::ops::notes::Note;
use crate::ops::view::View;
use crate::ops::{documents, license_text};
use crate::session::Session;
use crate::ui::{Report, Warning};

/// What a buyer wants. What is left out is as in the base: a license of the manifest, else what the dataset is offered
/// under now.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// License of the manifest, or id of terms on chain, to start from.
    pub base: Option<String>,
    /// SPDX expression of the license text.
    pub license: Option<String>,
    /// File with the license text.
    pub text: Option<camino::Utf8PathBuf>,
    /// Purposes allowed.
    pub allow: Vec<String>,
    /// Purposes denied.
    pub deny: Vec<String>,
    /// Price of one term.
    pub price: Option<String>,
    /// How long one purchase lasts.
    pub duration: Option<String>,
    /// Whether the issuer may revoke a pass.
    pub revocable: Option<bool>,
    /// Share of the licensee's own revenue.
    pub royalty: Option<String>,
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub struct RequestReport {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Number of the request; null while it is not on chain.
    pub request: Option<usize>,
    /// Who asks, checksummed.
    pub requester: String,
    /// Id of the terms.
    pub terms_id: B256,
    /// sha256 of the license text.
    pub license_digest: B256,
    /// What one term would cost.
    #[serde(flatten)]
    pub price: Price,
    /// Seconds that one purchase would add; null for passes without end.
    pub duration_seconds: Option<u64>,
    /// What the data might be used for.
    pub allow: Vec<&'static str>,
    /// What it must not be used for.
    pub deny: Vec<&'static str>,
    /// Whether the dataset's owner might end passes early.
    pub revocable: bool,
    /// sha256 of the stored note.
    pub note: Option<B256>,
    /// Whether this account had asked for the same before.
    pub already: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for RequestReport {
    fn human(&self) -> String {
        let duration = self.duration_seconds.map_or_else(
            || "without end".to_owned(),
            |seconds| format!("for {}", crate::manifest::values::Duration::from_secs(seconds)),
        );
        let what = format!("{} at {} {duration}, for {}", self.dataset, self.price.price_text, self.allow.join(", "));
        let mut text = match (self.already, self.request) {
            (true, _) => format!("asked for {what} before; nothing to do\n"),
            (false, Some(_)) => format!("asked for {what}\n"),
            (false, None) => format!("would ask for {what}\n"),
        };
        text.push_str(&self.sent.human());
        if let Some(number) = self.request {
            text.push_str(&format!("a token holder proposes it with: dgov gov propose --request {number}\n"));
        }
        text
    }
}

/// Sends the request unless this account has made it.
///
/// # Errors
/// Usage: `license.wanted`, `usage.amount`; input: `license.no_base`, `license.unknown`, those of the note; reverted:
/// `license.terms_exist`; those of sending.
pub async fn request(
    session: &Session<'_>,
    dataset: &str,
    wanted: &Wanted,
    note: Option<&str>,
    tx: &TxArgs,
) -> Result<RequestReport> {
    let view = session.view().await?;
    let target = lookup::target(session, &view, dataset)?;
    let terms = terms_of(session, &view, &target, wanted)?;
    let (id, account) = (ids::terms_id(&terms), session.account()?);
    let note = note.map(Note::read).transpose()?;
    let digest = note.as_ref().map(|note| note.digest);
    let known = find(&view, target.id, id, account);
    let mut report = RequestReport {
        dataset: target.name.clone(),
        dataset_id: target.id,
        request: known,
        requester: account.to_checksum(None),
        terms_id: id,
        license_digest: terms.licenseDigest,
        price: Price::of(session, U256::from(terms.price), terms.currency),
        duration_seconds: Some(terms.duration.to::<u64>()).filter(|seconds| *seconds > 0),
        allow: purpose_names(terms.allow),
        deny: purpose_names(terms.deny),
        revocable: terms.revocable,
        note: digest,
        already: known.is_some(),
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    let key = format!("{}:{id}:{account}", target.id);
    if known.is_some() {
        if !tx.dry_run && tx.unsigned.is_none() {
            apply::close(session, VERB, &key).await?;
        }
        return Ok(report);
    }
    require_new(session, &view, &target, id)?;
    warn_of_other_text(session, &target, &terms);
    if let Some(note) = note.as_ref().filter(|_| !tx.dry_run) {
        note.store(session)?;
    }
    let call = ILicenseRegistry::requestTermsCall { datasetId: target.id, terms, note: digest.unwrap_or_default() };
    let description = format!("ask for license terms for {}", target.name);
    let call = Call::new("request", description, session.suite()?.licenses, call.abi_encode());
    let applied = apply::apply(session, Operation { verb: VERB, key, calls: vec![call] }, tx).await?;
    if matches!(applied, Applied::Done(_)) {
        report.request = find(&session.view().await?, target.id, id, account);
    }
    report.sent = applied.report();
    Ok(report)
}

/// The verb in the ledger.
const VERB: &str = "license request";

/// Number of the first request of an account for these terms.
fn find(view: &View, dataset_id: B256, terms_id: B256, requester: Address) -> Option<usize> {
    let same = |request: &&crate::ops::view::RequestRecord| {
        (request.dataset_id, request.terms_id, request.requester) == (dataset_id, terms_id, requester)
    };
    view.requests.iter().find(same).map(|request| request.number)
}

/// The base with what was said on the command line.
fn terms_of(session: &Session<'_>, view: &View, target: &Target<'_>, wanted: &Wanted) -> Result<Terms> {
    let mut terms = base(session, view, target, wanted.base.as_deref())?;
    if let Some(expression) = &wanted.license {
        let expression: SpdxExpression = parsed("--license", expression)?;
        terms.licenseDigest = documents::digest(license_text::of_expression(expression.as_str())?.as_bytes());
    }
    if let Some(path) = &wanted.text {
        terms.licenseDigest = documents::digest(&fs_err::read(path)?);
    }
    if !wanted.allow.is_empty() {
        terms.allow = purposes("--allow", &wanted.allow)?;
    }
    if !wanted.deny.is_empty() {
        terms.deny = purposes("--deny", &wanted.deny)?;
    }
    if terms.allow == 0 || terms.allow & terms.deny != 0 {
        return Err(Error::usage("license.wanted", "the terms allow nothing, or deny what they allow")
            .hint("name purposes once: --allow train-generative --deny redistribute"));
    }
    if let Some(price) = &wanted.price {
        let amount = money::parse(session, price)?;
        terms.price = u128::try_from(amount.value).map_err(|_| {
            Error::usage("usage.amount", format!("{price} is too much"))
                .hint("prices are below 2^128 of the smallest unit")
        })?;
        terms.currency = session.currency_address(&amount.currency)?;
        // A price of one's own is a fixed one.
        (terms.priceModule, terms.priceStep) = Default::default();
    }
    if let Some(duration) = &wanted.duration {
        let duration: LicenseDuration = parsed("--duration", duration)?;
        terms.duration = U40::try_from(duration.as_secs()).map_err(|_| {
            Error::usage("license.wanted", format!("{duration} is too long")).hint("write `forever` for no end")
        })?;
    }
    if let Some(revocable) = wanted.revocable {
        terms.revocable = revocable;
    }
    if let Some(royalty) = &wanted.royalty {
        terms.royaltyBps = parsed::<Share>("--royalty", royalty)?.bps();
    }
    Ok(terms)
}

/// What the request starts from: the license named, else the only one offered for the version's text, else the first. The
/// text is the version's, or a pass under the terms could not be bought for it.
fn base(session: &Session<'_>, view: &View, target: &Target<'_>, name: Option<&str>) -> Result<Terms> {
    let digest = target.version.version.licenseDigest;
    if let Some(name) = name {
        let licenses = desired::licenses(session)?;
        if let Some(license) = licenses.iter().find(|license| license.name == name) {
            return Ok(license.terms.clone());
        }
        let id = super::named_terms(&licenses, name)?;
        return view.terms(id).map(|record| record.terms.clone()).ok_or_else(|| {
            Error::input("license.unknown", format!("no terms on chain have the id {name}"))
                .hint("`dgov license list` shows licenses and the ids of their terms")
        });
    }
    let offered = view.offered(target.id);
    let fitting = offered.iter().find(|record| record.terms.licenseDigest == digest).or(offered.first());
    fitting.map(|record| Terms { licenseDigest: digest, ..record.terms.clone() }).ok_or_else(|| {
        Error::input(
            "license.no_base",
            format!("dataset {} is not offered, so there is nothing to start from", target.name),
        )
        .hint("name terms to start from: --terms LICENSE, or an id of `dgov license list`")
    })
}

fn parsed<T: std::str::FromStr<Err = ValueError>>(flag: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error| unwanted(flag, error))
}

fn unwanted(flag: &str, error: ValueError) -> Error {
    let hint = error.hint.unwrap_or_else(|| "`dgov help license request` shows an example".to_owned());
    Error::usage("license.wanted", format!("{flag}: {}", error.message)).hint(hint)
}

fn purposes(flag: &str, names: &[String]) -> Result<u16> {
    let list = names.iter().map(|name| parse_purpose(name).map_err(|error| unwanted(flag, error)));
    let list = list.collect::<Result<Vec<_>>>()?;
    Ok(list.into_iter().collect::<Purposes>().mask())
}

/// The contract takes requests for terms that it does not have.
fn require_new(session: &Session<'_>, view: &View, target: &Target<'_>, id: B256) -> Result<()> {
    let Some(record) = view.terms(id) else { return Ok(()) };
    let label = terms_label(&desired::licenses(session)?, id);
    let error = |message: String| Error::new(ErrorKind::Reverted, "license.terms_exist", message);
    Err(if record.active && view.offers.contains(&(target.id, id)) {
        error(format!("{} is offered under these terms already", target.name))
            .hint(format!("buy them: dgov license buy {} --license {label}", target.name))
    } else {
        error(format!("these terms are on chain already ({label}), but {} is not offered under them", target.name))
            .hint("ask a token holder to propose the offer: dgov gov propose --call licenses:\"setOffer(bytes32,bytes32,bool)\":…")
    })
}

fn warn_of_other_text(session: &Session<'_>, target: &Target<'_>, terms: &Terms) {
    if terms.licenseDigest == target.version.version.licenseDigest {
        return;
    }
    let message = format!("version {} of {} has another license text", target.number(), target.name);
    let hint = "a pass under these terms can be bought once a version has their text".to_owned();
    session.context.ui.warn(Warning { hint: Some(hint), ..Warning::new("license.other_text", message) });
}
