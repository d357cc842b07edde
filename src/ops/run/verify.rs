//! `dgov run verify`: whether a receipt is what its signer wrote, and whether it speaks of what is here.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde_json::Value;

use super::anchor::{self, Anchored};
use super::receipt::{Receipt, bundle, document, files};
use crate::chain::provider::Connection;
use crate::error::{Error, Result};
use crate::lockfile::Lock;
use crate::receipts::model::{self, Model};
use crate::receipts::statement::{RESULT, Statement};
use crate::receipts::{VerifyingKey, canonical, credential, malformed, sha256_hex};
use crate::ui::{Report, table};

/// What is to be verified.
pub struct Options<'a> {
    /// The receipt's folder.
    pub folder: &'a Utf8Path,
    /// The public key that has to have signed it.
    pub key: &'a Utf8Path,
    /// The model, to be hashed again.
    pub model: Option<&'a Utf8Path>,
    /// Folder from which the configuration files are named, to be hashed again.
    pub config_dir: Option<&'a Utf8Path>,
    /// Lock that has to hold the versions, or the folder with it.
    pub lock: Option<&'a Utf8Path>,
    /// The chain, to be asked for the anchor.
    pub chain: Option<&'a Connection>,
}

/// A receipt that holds.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    /// Its name.
    pub receipt: String,
    /// When it was recorded, by its signer's clock.
    pub time: String,
    /// The model it speaks of.
    pub model: String,
    /// sha256 over its files.
    pub model_digest: String,
    /// What the gate said.
    pub decision: String,
    /// The datasets.
    pub datasets: Vec<VerifiedDataset>,
    /// What the chain says of the receipt's anchor; null without one, and when the chain was not asked.
    pub anchor: Option<Anchored>,
    /// What was verified, one phrase each.
    pub verified: Vec<String>,
    /// What was not, and why.
    pub not_verified: Vec<String>,
}

/// A dataset of a receipt.
#[derive(Debug, Serialize)]
pub struct VerifiedDataset {
    /// Its name.
    pub name: String,
    /// Root of its package.
    pub cid: Option<String>,
    /// Version key.
    pub version_key: Option<String>,
    /// Whether the lock holds this version; null when there is no lock to look at.
    pub in_lock: Option<bool>,
}

impl Report for VerifyReport {
    fn human(&self) -> String {
        let mut text = table::pairs(&[
            ("receipt", format!("{} of {}", self.receipt, self.time)),
            ("model", format!("{}, sha256 {}", self.model, self.model_digest)),
            ("gate", self.decision.clone()),
        ]);
        for dataset in &self.datasets {
            let root = dataset.version_key.as_ref().or(dataset.cid.as_ref()).map_or("no digest", String::as_str);
            text.push_str(&format!("dataset  {}  {root}\n", dataset.name));
        }
        if let Some(anchor) = &self.anchor {
            text.push_str(&format!(
                "anchor   {}, sent by {}, {} confirmations\n",
                anchor.tx_hash, anchor.sender, anchor.confirmations
            ));
        }
        self.verified.iter().for_each(|what| text.push_str(&format!("verified: {what}\n")));
        self.not_verified.iter().for_each(|what| text.push_str(&format!("not verified: {what}\n")));
        text.push_str("The signer claims this; no signature proves that the training happened.\n");
        text
    }
}

/// Verifies a receipt; offline unless a chain is given.
///
/// # Errors
/// Integrity: `receipt.signature`, `receipt.other_key`, `receipt.inconsistent`, `receipt.model`, `receipt.config`,
/// `receipt.lock`, `receipt.anchor`; input: `receipt.not_anchored`, `receipt.missing`, `receipt.malformed`, `key.malformed`.
pub async fn verify(options: &Options<'_>) -> Result<VerifyReport> {
    let key = VerifyingKey::load(options.key)?;
    let folder = options.folder;
    let run_payload = bundle(folder, files::RUN)?.verify(&key)?;
    // From the bytes whose signature was checked: the file may be another one by now.
    let receipt = Receipt::parse(folder, &run_payload)?;
    let run = &receipt.run;
    let gate = Statement::parse(&bundle(folder, files::GATE)?.verify(&key)?, RESULT)?;
    let model = Statement::parse(&bundle(folder, files::MODEL)?.verify(&key)?, model::PREDICATE)?;
    let secured: Value = serde_json::from_slice(&document(folder, files::CREDENTIAL)?)
        .map_err(|error| malformed("the credential is no JSON".to_owned()).caused_by(&error))?;
    credential::verify(&key, &secured)?;

    let gate_report = document(folder, files::REPORT)?;
    let report_digest = sha256_hex(&gate_report);
    let told = &receipt.provenance.build_definition.external_parameters["gate"];
    let subject = &secured["credentialSubject"];
    for (what, holds) in [
        ("the gate's result is about another model", gate.subject == run.subject),
        ("the model's signature is about another model", model.subject == run.subject),
        ("the report of the gate is another one", told["report_sha256"] == report_digest.as_str()),
        (
            "the gate's result names another report",
            gate.predicate["verifier"]["policy"]["digest"]["sha256"] == report_digest.as_str(),
        ),
        (
            "the credential is about another run",
            subject["id"] == format!("urn:sha256:{}", sha256_hex(&run_payload)).as_str(),
        ),
        ("the run is not in its canonical form", canonical(run)? == run_payload),
    ] {
        if !holds {
            return Err(Error::integrity("receipt.inconsistent", format!("the parts do not belong together: {what}"))
                .hint("restore the folder as it was recorded; whoever changed it did not have the key"));
        }
    }
    let mut report = VerifyReport {
        receipt: receipt.id.clone(),
        time: receipt.time().to_owned(),
        model: receipt.model().to_owned(),
        model_digest: receipt.model_digest().to_owned(),
        decision: told["decision"].as_str().unwrap_or("unknown").to_owned(),
        datasets: Vec::new(),
        anchor: None,
        verified: vec!["four signatures by the key, and the parts belong together".to_owned()],
        not_verified: Vec::new(),
    };
    look_at_model(options, &model, &mut report)?;
    look_at_config(options, &receipt, &mut report)?;
    look_at_lock(options, &receipt, &mut report)?;
    look_at_chain(options, &receipt, &mut report).await?;
    Ok(report)
}

async fn look_at_chain(options: &Options<'_>, receipt: &Receipt, report: &mut VerifyReport) -> Result<()> {
    match (anchor::of_folder(options.folder)?, options.chain) {
        (Some(known), Some(chain)) => {
            let found = anchor::look(chain, &receipt.digest, &known).await?;
            report
                .verified
                .push(format!("its digest on chain {} since block {} of {}", found.chain_id, found.block, found.time));
            report.anchor = Some(found);
            Ok(())
        }
        (Some(known), None) => {
            let what = format!("the anchor, transaction {} of chain {}: give --anchor", known.tx_hash, known.chain_id);
            report.not_verified.push(what);
            Ok(())
        }
        (None, Some(_)) => Err(anchor::missing(options.folder)),
        (None, None) => Ok(()),
    }
}

fn look_at_model(options: &Options<'_>, statement: &Statement, report: &mut VerifyReport) -> Result<()> {
    let Some(path) = options.model else {
        report.not_verified.push("the model's files: give --model".to_owned());
        return Ok(());
    };
    let model = Model::read(path)?;
    let differences = model.differences(&statement.predicate)?;
    if !differences.is_empty() || model.digest != report.model_digest {
        let shown: Vec<_> = differences.iter().take(5).cloned().collect();
        return Err(Error::integrity("receipt.model", format!("{path} is another model: {}", shown.join(", ")))
            .hint("compare with the model as it was when the receipt was recorded"));
    }
    report.verified.push(format!("the model's {} files", model.len()));
    Ok(())
}

fn look_at_config(options: &Options<'_>, receipt: &Receipt, report: &mut VerifyReport) -> Result<()> {
    let wanted: Vec<_> = receipt.of_kind("configuration").collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let Some(dir) = options.config_dir else {
        report.not_verified.push(format!("{} configuration files: give --config-dir", wanted.len()));
        return Ok(());
    };
    for file in &wanted {
        let path: Utf8PathBuf = dir.join(&file.name);
        let digest = sha256_hex(&fs_err::read(&path)?);
        if file.digest.get("sha256") != Some(&digest) {
            return Err(Error::integrity("receipt.config", format!("{path} is not the file that was used"))
                .hint("take the file from the commit that the receipt names"));
        }
    }
    report.verified.push(format!("{} configuration files", wanted.len()));
    Ok(())
}

fn look_at_lock(options: &Options<'_>, receipt: &Receipt, report: &mut VerifyReport) -> Result<()> {
    let lock = match options.lock {
        Some(path) if path.is_dir() => Some(Lock::load(path)?),
        Some(path) => Some(Lock::load(path.parent().unwrap_or(Utf8Path::new(".")))?),
        None => None,
    };
    let keys: Option<Vec<String>> = lock.map(|lock| {
        let datasets = lock.networks.into_values().flat_map(|network| network.datasets.into_values());
        datasets.flat_map(|dataset| dataset.versions).map(|version| version.version_key.to_string()).collect()
    });
    for dataset in receipt.datasets() {
        let text = |name: &str| dataset.annotations.get(name).and_then(Value::as_str).map(str::to_owned);
        let version_key = text("version_key");
        let in_lock = match (&keys, &version_key) {
            (Some(keys), Some(key)) => Some(keys.contains(key)),
            _ => None,
        };
        report.datasets.push(VerifiedDataset { name: dataset.name.clone(), cid: text("cid"), version_key, in_lock });
    }
    if let Some(dataset) = report.datasets.iter().find(|dataset| dataset.in_lock == Some(false)) {
        return Err(Error::integrity("receipt.lock", format!("the lock has no such version of {}", dataset.name))
            .hint("is it the lock of the project that was trained with?"));
    }
    let known = report.datasets.iter().filter(|dataset| dataset.in_lock == Some(true)).count();
    if known > 0 {
        report.verified.push(format!("{known} datasets are versions of the lock"));
    }
    if known < report.datasets.len() {
        let rest = report.datasets.len() - known;
        report.not_verified.push(format!("{rest} datasets against a lock: give --lock, or they were in none"));
    }
    Ok(())
}
