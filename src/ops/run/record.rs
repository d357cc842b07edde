//! `dgov run record`: a signed receipt of what a training run used.

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde_json::json;

use super::anchor::AnchorReport;
use super::receipt::{self, FOLDER, KIND, Receipt, files};
use crate::chain::signers::PasswordSource;
use crate::context::Context;
use crate::error::Result;
use crate::gate::{CheckReport, Decision};
use crate::lockfile::write_atomically;
use crate::ops::check;
use crate::ops::documents::pretty;
use crate::receipts::dsse::Bundle;
use crate::receipts::model::Model;
use crate::receipts::statement::Resource;
use crate::receipts::{SigningKey, canonical, credential, sha256_hex};
use crate::ui::{Report, Warning, table};

/// What a receipt is made from.
pub struct Options<'a> {
    /// The model that the run made: a folder or a file.
    pub model: &'a Utf8Path,
    /// Files with the run's configuration.
    pub config: &'a [Utf8PathBuf],
    /// Commit of the code; that of the working folder when absent.
    pub code_commit: Option<&'a str>,
    /// Private key.
    pub key: &'a Utf8Path,
    /// Whom to ask for its password when it is encrypted.
    pub passwords: &'a dyn PasswordSource,
    /// What the gate is asked.
    pub gate: check::Options,
}

/// A receipt that was written.
#[derive(Debug, Serialize)]
pub struct RecordReport {
    /// Its name.
    pub receipt: String,
    /// Its folder.
    pub folder: Utf8PathBuf,
    /// sha256 of the run's statement, which names everything else.
    pub digest: String,
    /// The gate's answer.
    pub decision: Decision,
    /// The model.
    pub model: String,
    /// sha256 over its files.
    pub model_digest: String,
    /// Datasets bound, with their version keys where they have one.
    pub datasets: Vec<BoundDataset>,
    /// Commit of the code.
    pub code_commit: Option<String>,
    /// Whether the working folder had other content than the commit; null when the commit was given.
    pub code_changed: Option<bool>,
    /// sha256 of the public key's PEM text.
    pub key: String,
    /// The digest on chain; null unless that was asked for.
    pub anchor: Option<AnchorReport>,
}

/// A dataset of a receipt.
#[derive(Debug, Serialize)]
pub struct BoundDataset {
    /// Its name.
    pub name: String,
    /// Root of its package.
    pub cid: Option<String>,
    /// Version key on chain.
    pub version_key: Option<String>,
}

impl Report for RecordReport {
    fn human(&self) -> String {
        let decision = match self.decision {
            Decision::Yes => "yes",
            Decision::No => "no",
            Decision::Undecided => "cannot decide",
        };
        let mut code = self.code_commit.clone().unwrap_or_else(|| "not bound".into());
        if self.code_changed == Some(true) {
            code.push_str(", with changes that are not in it");
        }
        let names: Vec<&str> = self.datasets.iter().map(|dataset| dataset.name.as_str()).collect();
        let mut text = table::pairs(&[
            ("receipt", self.folder.to_string()),
            ("model", format!("{}, sha256 {}", self.model, self.model_digest)),
            ("datasets", names.join(", ")),
            ("gate", decision.to_owned()),
            ("code", code),
            ("key", format!("sha256 {}", self.key)),
        ]);
        if let Some(anchor) = &self.anchor {
            text.push_str(&anchor.told());
        }
        text.push_str("A receipt says what its signer claims; it does not prove that the training happened.\n");
        text
    }
}

/// Asks the gate, hashes model and configuration, and writes the receipt.
///
/// # Errors
/// Those of the gate, of keys and files.
pub async fn record(context: &Context, options: &Options<'_>) -> Result<RecordReport> {
    let loaded = context.manifest()?;
    let key = SigningKey::load(options.key, &|| options.passwords.password(options.key.as_str(), false))?;
    let report = check::check(context, &options.gate).await?;
    if report.decision != Decision::Yes {
        let warning = Warning::new("run.gate", "the gate does not say yes; the receipt records that");
        context.ui.warn(warning.hint("`dgov check` shows why"));
    }
    let model = Model::read(options.model)?;
    let mut others = Vec::new();
    let code = match options.code_commit {
        Some(commit) => Some((commit.to_owned(), None)),
        None => working_commit(&loaded.dir),
    };
    if let Some((commit, changed)) = &code {
        let mut annotations = BTreeMap::from([(KIND.to_owned(), json!("code"))]);
        changed.iter().for_each(|changed| {
            annotations.insert("uncommitted_changes".to_owned(), json!(changed));
        });
        let digest = BTreeMap::from([("gitCommit".to_owned(), commit.clone())]);
        others.push(Resource { name: "code".to_owned(), uri: None, digest, annotations });
    }
    for path in options.config {
        let digest = sha256_hex(&fs_err::read(path)?);
        others.push(Resource {
            name: path.to_string(),
            uri: None,
            digest: BTreeMap::from([("sha256".to_owned(), digest)]),
            annotations: BTreeMap::from([(KIND.to_owned(), json!("configuration"))]),
        });
    }
    write(&loaded.dir, &key, &report, &model, others, code)
}

fn write(
    project: &Utf8Path,
    key: &SigningKey,
    report: &CheckReport,
    model: &Model,
    others: Vec<Resource>,
    code: Option<(String, Option<bool>)>,
) -> Result<RecordReport> {
    let report_bytes = receipt::report_bytes(report)?;
    let report_digest = sha256_hex(&report_bytes);
    let run = receipt::run_statement(model.subject(), report, &report_digest, others)?;
    let payload = canonical(&run)?;
    let digest = sha256_hex(&payload);
    let id = receipt::id_of(&payload);
    let folder = project.join(FOLDER).join(&id);
    fs_err::create_dir_all(&folder)?;
    let gate = receipt::gate_statement(model.subject(), report, &report_digest);
    let subject = json!({
        "id": format!("urn:sha256:{digest}"),
        "model": { "name": model.name, "sha256": model.digest },
        "datasets": report.subjects.iter().map(|subject| json!({
            "name": subject.name, "cid": subject.cid, "versionKey": subject.version_key,
        })).collect::<Vec<_>>(),
        "gate": { "decision": report.decision, "sha256": report_digest },
    });
    let credential = credential::issue(key, subject, &whole_seconds(&report.time))?;
    for (name, bytes) in [
        (files::REPORT, report_bytes),
        (files::GATE, pretty(&Bundle::sign(key, &gate)?)?),
        (files::MODEL, pretty(&Bundle::sign(key, &model.statement())?)?),
        (files::CREDENTIAL, pretty(&credential)?),
        // The last one: a folder without it is no receipt.
        (files::RUN, pretty(&Bundle::sign(key, &run)?)?),
    ] {
        write_atomically(&folder.join(name), &bytes)?;
    }
    let written = Receipt::read(&folder)?;
    Ok(RecordReport {
        receipt: written.id,
        folder,
        digest,
        decision: report.decision,
        model: model.name.clone(),
        model_digest: model.digest.clone(),
        datasets: report
            .subjects
            .iter()
            .map(|subject| BoundDataset {
                name: subject.name.clone(),
                cid: subject.cid.clone(),
                version_key: subject.version_key.clone(),
            })
            .collect(),
        code_commit: code.as_ref().map(|(commit, _)| commit.clone()),
        code_changed: code.and_then(|(_, changed)| changed),
        key: key.public()?.hint(),
        anchor: None,
    })
}

/// Credentials carry whole seconds.
fn whole_seconds(time: &str) -> String {
    time.split_once('.').map_or_else(|| time.to_owned(), |(whole, _)| format!("{whole}Z"))
}

/// The commit of the folder by the `git` program, and whether files differ from it; `None` where there is no repository.
fn working_commit(dir: &Utf8Path) -> Option<(String, Option<bool>)> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "core.fsmonitor=false", "-C", dir.as_str()])
            .args(arguments)
            .output()
            .ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"])?;
    Some((commit, git(&["status", "--porcelain"]).map(|changes| !changes.is_empty())))
}
