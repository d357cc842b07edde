//! A receipt on disk: a folder of signed files that name each other's digests.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::gate::{CheckReport, Decision};
use crate::receipts::dsse::Bundle;
use crate::receipts::statement::{BUILD_TYPE, PROVENANCE, RESULT, Resource, Statement, Subject};
use crate::receipts::{canonical, malformed, sha256_hex};

/// Folder of a project's receipts, beside the manifest; to be committed.
pub const FOLDER: &str = "receipts";

/// File names in a receipt's folder.
pub mod files {
    /// SLSA provenance of the run, in a bundle.
    pub const RUN: &str = "run.sigstore.json";
    /// Result of the gate, in a bundle.
    pub const GATE: &str = "gate.sigstore.json";
    /// The gate's report.
    pub const REPORT: &str = "gate.json";
    /// OpenSSF model signature.
    pub const MODEL: &str = "model.sig";
    /// The same as a verifiable credential.
    pub const CREDENTIAL: &str = "credential.json";
    /// The transaction that put the digest of the run's statement on chain; only of receipts that are anchored.
    pub const ANCHOR: &str = "anchor.json";
}

/// What the predicate of a run says, as far as dgov reads it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// What was run, and with what.
    pub build_definition: BuildDefinition,
    /// By whom, when.
    pub run_details: Value,
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildDefinition {
    /// [`BUILD_TYPE`].
    pub build_type: String,
    /// Purpose and result of the gate.
    pub external_parameters: BTreeMap<String, Value>,
    /// Datasets, code, configuration.
    pub resolved_dependencies: Vec<Resource>,
}

/// Annotation of a dependency: what it is. `dataset`, `code` or `configuration`.
pub const KIND: &str = "kind";

/// The statement of a run.
///
/// # Errors
/// None in practice.
pub fn run_statement(
    model: Subject,
    report: &CheckReport,
    report_digest: &str,
    others: Vec<Resource>,
) -> Result<Statement> {
    let datasets = report.subjects.iter().map(|subject| {
        let mut digest = BTreeMap::new();
        if let Some(cid) = &subject.cid
            && let Some(package) = sha256_of_cid(cid)
        {
            digest.insert("sha256".to_owned(), package);
        }
        let known = [
            ("version_key", &subject.version_key),
            ("card_sha256", &subject.card_digest),
            ("license_sha256", &subject.license_digest),
            ("license", &subject.license),
            ("cid", &subject.cid),
        ];
        let mut annotations: BTreeMap<String, Value> =
            known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into()))).collect();
        annotations.insert(KIND.to_owned(), "dataset".into());
        annotations.insert("role".to_owned(), json!(subject.role));
        annotations.insert("decision".to_owned(), json!(subject.decision));
        if let Some(version) = subject.version {
            annotations.insert("version".to_owned(), version.into());
        }
        let uri = subject.cid.as_ref().map(|cid| format!("ipfs://{cid}"));
        Resource { name: subject.name.clone(), uri, digest, annotations }
    });
    let definition = BuildDefinition {
        build_type: BUILD_TYPE.to_owned(),
        external_parameters: BTreeMap::from([
            ("purpose".to_owned(), json!(report.purpose)),
            ("commercial".to_owned(), json!(report.commercial)),
            ("gate".to_owned(), json!({ "decision": report.decision, "report_sha256": report_digest })),
        ]),
        resolved_dependencies: datasets.chain(others).collect(),
    };
    let predicate = json!({
        "buildDefinition": definition,
        "runDetails": {
            "builder": { "id": "urn:dgov:cli", "version": { "dgov": env!("CARGO_PKG_VERSION") } },
            "metadata": { "finishedOn": report.time },
        },
    });
    Ok(Statement::new(vec![model], PROVENANCE, predicate))
}

/// The statement of the gate's result about the model.
pub fn gate_statement(model: Subject, report: &CheckReport, report_digest: &str) -> Statement {
    let mut properties = Vec::new();
    if report.decision == Decision::Yes {
        properties.push("DGOV_USE_PERMITTED".to_owned());
    }
    let first = report.subjects.first().map(|subject| subject.passed.clone()).unwrap_or_default();
    let everywhere = |rule: &_| report.subjects.iter().all(|subject| subject.passed.contains(rule));
    properties.extend(first.iter().filter(|rule| everywhere(rule)).map(|rule| format!("DGOV_{rule}_PASSED")));
    let predicate = json!({
        "verifier": {
            "id": concat!("urn:dgov:gate:", env!("CARGO_PKG_VERSION")),
            "policy": { "name": files::REPORT, "digest": { "sha256": report_digest } },
        },
        "timeCreated": report.time,
        "properties": properties,
    });
    Statement::new(vec![model], RESULT, predicate)
}

/// The sha256 inside of a CID, in hex.
fn sha256_of_cid(cid: &str) -> Option<String> {
    let cid: cid::Cid = cid.parse().ok()?;
    (cid.hash().code() == 0x12).then(|| crate::receipts::hex(cid.hash().digest()))
}

/// A receipt as it lies in its folder; nothing is verified by reading it.
pub struct Receipt {
    /// Its folder.
    pub folder: Utf8PathBuf,
    /// Its name: the first 16 digits of the sha256 of what the run's statement signs.
    pub id: String,
    /// That sha256, in hex.
    pub digest: String,
    /// The run.
    pub run: Statement,
    /// Its predicate.
    pub provenance: Provenance,
}

impl Receipt {
    /// Reads a receipt's folder.
    ///
    /// # Errors
    /// Input: `receipt.missing`, `receipt.malformed`.
    pub fn read(folder: &Utf8Path) -> Result<Self> {
        Self::parse(folder, &bundle(folder, files::RUN)?.payload()?)
    }

    /// From what the run's statement signs.
    ///
    /// # Errors
    /// Input: `receipt.malformed`.
    pub fn parse(folder: &Utf8Path, payload: &[u8]) -> Result<Self> {
        let run = Statement::parse(payload, PROVENANCE)?;
        let provenance: Provenance = serde_json::from_value(run.predicate.clone())
            .map_err(|error| malformed(format!("{folder} is no receipt")).caused_by(&error))?;
        Ok(Self { folder: folder.to_owned(), id: id_of(payload), digest: sha256_hex(payload), run, provenance })
    }

    /// All receipts of a project, by their names.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn all(project: &Utf8Path) -> Result<Vec<Self>> {
        let folder = project.join(FOLDER);
        let entries = match fs_err::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut folders = Vec::new();
        for entry in entries {
            if let Ok(path) = Utf8PathBuf::from_path_buf(entry?.path())
                && path.join(files::RUN).is_file()
            {
                folders.push(path);
            }
        }
        folders.sort();
        folders.iter().map(|folder| Self::read(folder)).collect()
    }

    /// The datasets that the run used.
    pub fn datasets(&self) -> impl Iterator<Item = &Resource> {
        self.of_kind("dataset")
    }

    /// Dependencies of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        let all = self.provenance.build_definition.resolved_dependencies.iter();
        all.filter(move |resource| resource.annotations.get(KIND).is_some_and(|known| known == kind))
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        self.run.subject.first().map_or("", |subject| &subject.name)
    }

    /// sha256 over the model's files.
    pub fn model_digest(&self) -> &str {
        self.run.subject.first().and_then(|subject| subject.digest.get("sha256")).map_or("", String::as_str)
    }

    /// When it was recorded.
    pub fn time(&self) -> &str {
        self.provenance.run_details["metadata"]["finishedOn"].as_str().unwrap_or_default()
    }
}

/// A file of a receipt.
///
/// # Errors
/// Input: `receipt.missing`, `receipt.malformed`.
pub fn bundle(folder: &Utf8Path, name: &str) -> Result<Bundle> {
    let bytes = document(folder, name)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| malformed(format!("{} is no signed statement", folder.join(name))).caused_by(&error))
}

/// A file of a receipt, as it is.
///
/// # Errors
/// Input: `receipt.missing`.
pub fn document(folder: &Utf8Path, name: &str) -> Result<Vec<u8>> {
    match fs_err::read(folder.join(name)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::input("receipt.missing", format!("{folder} has no {name}"))
                .hint("give the folder that `dgov run record` made"))
        }
        other => Ok(other?),
    }
}

/// The name of a receipt whose run signs these bytes.
pub fn id_of(payload: &[u8]) -> String {
    sha256_hex(payload)[..16].to_owned()
}

/// The gate's report as it is stored: canonical JSON, so that its digest does not depend on who wrote it.
///
/// # Errors
/// None in practice.
pub fn report_bytes(report: &CheckReport) -> Result<Vec<u8>> {
    canonical(report)
}
