//! `dgov license offer`: the owner's first offer of a dataset under terms that the DAO has approved.

use alloy::primitives::{B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::suite::ILicenseRegistry;
use serde::Serialize;

use super::{named_terms, require_owner, terms_label};
use crate::chain::reverts::reason_of;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Call, Operation, TxReport};
use crate::ops::{desired, lookup, prices};
use crate::session::Session;
use crate::ui::Report;

/// What is offered.
#[derive(Debug, Serialize)]
pub struct OfferReport {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// License of the manifest, or the id of the terms.
    pub license: String,
    /// The terms.
    pub terms_id: B256,
    /// Price of the next pass, smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub price: U256,
    /// The same for people, with what each sale adds.
    pub price_text: String,
    /// Whether the dataset is offered under these terms now.
    pub offered: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for OfferReport {
    fn human(&self) -> String {
        let what = format!("{} under license {} at {}", self.dataset, self.license, self.price_text);
        let head = match (self.offered, self.sent.transactions.is_empty()) {
            (true, true) => format!("{what} is offered already; nothing to do\n"),
            (true, false) => format!("offered {what}\n"),
            (false, _) => format!("would offer {what}\n"),
        };
        head + &self.sent.human()
    }
}

/// Makes the offer unless it is there.
///
/// # Errors
/// `license.not_owner`, `license.unknown`, `license.not_approved`, `license.offer_decided`, and those of sending.
pub async fn offer(session: &Session<'_>, dataset: &str, license: Option<&str>, tx: &TxArgs) -> Result<OfferReport> {
    let view = session.view().await?;
    let target = lookup::target(session, &view, dataset)?;
    let licenses = desired::licenses(session)?;
    let declared = session.loaded.manifest.datasets.get(&target.name).map(|dataset| dataset.license.to_string());
    let name = license.map(str::to_owned).or(declared).ok_or_else(|| {
        Error::usage("license.missing", format!("the manifest names no license for dataset {}", target.name))
            .hint(format!("name one: `dgov license offer {dataset} LICENSE`"))
    })?;
    let id = named_terms(&licenses, &name)?;
    let terms = view.terms(id).filter(|terms| terms.active).ok_or_else(|| {
        Error::new(
            ErrorKind::Reverted,
            "license.not_approved",
            format!("the DAO has not approved license {name} as it stands"),
        )
        .hint("a new or changed license is a proposal: `dgov gov propose`")
    })?;
    let price = prices::next(session, target.id, terms).await?;
    let money = |amount, currency| session.show_amount(amount, currency);
    let step = prices::step(&terms.terms, money).map(|step| format!(" + {step}")).unwrap_or_default();
    let mut report = OfferReport {
        dataset: target.name.clone(),
        dataset_id: target.id,
        license: terms_label(&licenses, id),
        terms_id: id,
        price,
        price_text: format!("{}{step}", session.show_amount(price, terms.terms.currency)),
        offered: true,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    if view.offers.contains(&(target.id, id)) {
        return Ok(report);
    }
    require_owner(&view, &target, session.account()?, "the first offer")?;
    require_undecided(session, &target, id).await?;
    let suite = session.suite()?;
    let data = ILicenseRegistry::offerCall { datasetId: target.id, termsId: id }.abi_encode();
    let call = Call::new("offer", format!("offer {} under license {name}", target.name), suite.licenses, data);
    // The contract takes one first offer a dataset: the ids say all that makes this work different.
    let operation = Operation { verb: "license offer", key: format!("{}:{id}", target.id), calls: vec![call] };
    let applied = apply::apply(session, operation, tx).await?;
    report.offered = matches!(applied, apply::Applied::Done(_));
    report.sent = applied.report();
    Ok(report)
}

/// Once somebody decided about a dataset's offers, the DAO does; asked by simulation, because a withdrawn offer leaves no
/// other trace that a call could read.
async fn require_undecided(session: &Session<'_>, target: &lookup::Target<'_>, id: B256) -> Result<()> {
    let licenses = ILicenseRegistry::new(session.suite()?.licenses, &session.connection.provider);
    let Err(error) = licenses.offer(target.id, id).from(session.account()?).call().await else { return Ok(()) };
    let reason = match &error {
        alloy::contract::Error::TransportError(error) => reason_of(error),
        _ => None,
    };
    if reason.is_some_and(|reason| reason.name() == "OfferDecided") {
        return Err(Error::new(
            ErrorKind::Reverted,
            "license.offer_decided",
            format!(
                "dataset {} has had its first offer; what it is offered under is for the DAO to change",
                target.name
            ),
        )
        .hint("draft the change: `dgov gov propose`"));
    }
    Err(crate::chain::reverts::contract_error(&session.connection, &format!("offering {}", target.name), error))
}
