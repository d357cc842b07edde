//! `dgov plan`: the difference between the manifest and the chain.

use alloy::providers::Provider;
use dgov_contracts::ids;
use dgov_contracts::suite::Status;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::governance::diff::{Change, Difference, ManifestDataset, Remedy, Settings, Sides, diff};
use crate::ops::data::list::status_name;
use crate::ops::desired::{self, Desired};
use crate::ops::view::{View, unreachable};
use crate::ops::{lookup, settings};
use crate::session::Session;
use crate::ui::Report;

/// What is not as the manifest says.
#[derive(Debug, Serialize)]
pub struct PlanReport {
    /// Network name.
    pub network: String,
    /// In the order of the manifest's tables.
    pub differences: Vec<Difference>,
    /// What is no difference, but good to know.
    pub notes: Vec<String>,
}

impl Report for PlanReport {
    fn human(&self) -> String {
        let mut text = match self.differences.len() {
            0 => format!("no differences: {} is as the manifest says\n", self.network),
            1 => format!("1 difference on {}\n", self.network),
            count => format!("{count} differences on {}\n", self.network),
        };
        let width = self.differences.iter().map(|difference| difference.what.chars().count()).max().unwrap_or(0);
        let values: Vec<String> = self.differences.iter().map(values).collect();
        let value_width =
            values.iter().map(|value| value.chars().count()).filter(|width| *width <= 60).max().unwrap_or(0);
        for (difference, value) in self.differences.iter().zip(&values) {
            let symbol = match (&difference.desired, &difference.actual) {
                (Some(_), None) => '+',
                (None, _) => '-',
                (Some(_), Some(_)) => '~',
            };
            let verb = difference.remedy.verb();
            text.push_str(&format!("{symbol} {:<width$}  {value:<value_width$}  {verb}\n", difference.what));
            if let Some(detail) = &difference.detail {
                text.push_str(&format!("  {:width$}  ({detail})\n", ""));
            }
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }
}

fn values(difference: &Difference) -> String {
    match (&difference.desired, &difference.actual) {
        (Some(desired), Some(actual)) => format!("{actual} -> {desired}"),
        (Some(desired), None) => desired.clone(),
        (None, actual) => actual.clone().unwrap_or_default(),
    }
}

/// Both sides compared.
pub struct Comparison {
    /// All differences, with the calls of those that need a vote.
    pub changes: Vec<Change>,
    /// What is no difference, but good to know.
    pub notes: Vec<String>,
}

/// Compares the manifest with the chain; bytes of datasets are not read.
pub async fn plan(session: &Session<'_>) -> Result<PlanReport> {
    let comparison = compare(session).await?;
    Ok(PlanReport {
        network: session.name().to_owned(),
        differences: comparison.changes.into_iter().map(|change| change.difference).collect(),
        notes: comparison.notes,
    })
}

/// Compares the manifest with the chain.
pub async fn compare(session: &Session<'_>) -> Result<Comparison> {
    session.require_own_project()?;
    if !is_deployed(session).await? {
        return Ok(not_deployed(session));
    }
    let suite = session.suite()?;
    let lock = session.network_lock()?;
    let (view, settings) = (session.view().await?, settings::read(session).await?);
    let desired = Desired::of(session, lock.deployer, time_of(session, lock.block).await?)?;
    let manifest = &session.loaded.manifest;
    let datasets = manifest
        .datasets
        .iter()
        .map(|(slug, dataset)| {
            Ok(ManifestDataset {
                slug: slug.to_owned(),
                license: dataset.license.to_string(),
                id: lookup::own_dataset(session, &view, slug)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let changes = diff(&Sides {
        desired: &desired,
        threshold_bps: manifest.governance.proposal_threshold.bps(),
        sunset_is_a_span: session.sunset_is_a_span(),
        supply: manifest.governance.token.supply.0,
        datasets: &datasets,
        view: &view,
        settings: &settings,
        suite: &suite,
        money: &|value, currency| session.show_amount(value, currency),
    });
    let notes = notes(session, &view, &settings, &desired, &datasets)?;
    Ok(Comparison { changes, notes })
}

/// Whether the contracts of the lock are there.
pub async fn is_deployed(session: &Session<'_>) -> Result<bool> {
    match session.suite() {
        Ok(suite) => session.has_code(suite.registry).await,
        Err(error) if error.code() == "project.not_deployed" => Ok(false),
        Err(error) => Err(error),
    }
}

fn not_deployed(session: &Session<'_>) -> Comparison {
    let manifest = &session.loaded.manifest;
    let deployed = format!("{} deployed on {}", manifest.project.name, session.name());
    let mut changes = vec![
        Change::of("project", Some(deployed), None, Remedy::Deploy)
            .detail("token, governor, timelock, registries, vault, passes and all license terms, in one transaction"),
    ];
    for slug in manifest.datasets.names() {
        let what = format!("datasets.{slug}");
        changes.push(Change::of(what, Some("published".to_owned()), None, Remedy::Push));
    }
    Comparison { changes, notes: Vec::new() }
}

async fn time_of(session: &Session<'_>, block: u64) -> Result<u64> {
    let found = session.connection.provider.get_block_by_number(block.into()).await.map_err(unreachable)?;
    found.map(|block| block.header.timestamp).ok_or_else(|| {
        Error::chain("chain.no_block", format!("the chain has no block {block}, in which the project was deployed"))
            .hint("run `dgov sync`")
    })
}

fn notes(
    session: &Session<'_>,
    view: &View,
    settings: &Settings,
    desired: &Desired,
    datasets: &[ManifestDataset],
) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let treasury = session.suite()?.timelock;
    for dataset in datasets {
        let Some(entry) = session.loaded.manifest.datasets.get(&dataset.slug) else { continue };
        if !session.loaded.resolve(&entry.path).exists() {
            notes.push(format!("datasets.{}: {} is not here", dataset.slug, entry.path));
        }
        let Some(latest) = dataset.id.and_then(|id| view.latest(id)) else { continue };
        if latest.status != Status::Active {
            let status = status_name(latest.status);
            notes.push(format!("datasets.{}: version {} is {status}", dataset.slug, latest.version.number));
        }
        let policy = &desired.project.policy;
        let splits = desired::splits(session, entry, policy, latest.publisher, treasury)?;
        let digest = ids::splits_digest(policy.contributors, &splits)
            .map_err(|error| Error::bug("the manifest's splits have no digest").caused_by(&error))?;
        if digest != latest.version.splitsDigest {
            // A push takes the policy that the DAO has decided, and refuses while the manifest has another.
            let next = if *policy == view.policy {
                "`dgov data push` publishes one with those of the manifest"
            } else {
                "those of the manifest need a vote first (`dgov gov propose`), then `dgov data push` publishes one with them"
            };
            notes.push(format!(
                "datasets.{}: version {} was published with other splits; {next}",
                dataset.slug, latest.version.number
            ));
        }
    }
    let ended = settings.guardian_sunset != 0 && settings.guardian_sunset <= settings.now;
    if ended && !desired.dao.guardian.is_zero() {
        notes
            .push("governance.guardian: its power has ended, as agreed; it can be left out of the manifest".to_owned());
    }
    if datasets.iter().any(|dataset| dataset.id.is_some()) {
        notes.push("the bytes of datasets are not compared here; `dgov data push` finds changes".to_owned());
    }
    Ok(notes)
}
