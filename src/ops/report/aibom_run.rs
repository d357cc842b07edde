//! A bill of materials from the receipt of a run: what the receipt says, and nothing that the manifest says today.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value, json};

use super::aibom::{data_license, property, serial_of, skeleton};
use crate::error::{Error, Result};
use crate::ops::documents::names;
use crate::ops::run::receipt::{FOLDER, Receipt, bundle, document, files};
use crate::receipts::model::{self, Model};
use crate::receipts::statement::{RESULT, Resource, Statement};
use crate::receipts::{VerifyingKey, sha256_hex};

/// What a bill of a run is made from.
pub struct Options<'a> {
    /// Name of the model; the receipt's without.
    pub name: Option<&'a str>,
    /// Version.
    pub version: Option<&'a str>,
    /// The model, which must be the one of the receipt.
    pub model: Option<&'a Utf8Path>,
    /// The signer's public key; signatures are not looked at without.
    pub key: Option<&'a Utf8Path>,
}

/// The folder of a receipt by its path, or by its name beside the manifest.
pub fn folder(project: Option<&Utf8Path>, text: &Utf8Path) -> Utf8PathBuf {
    let named = project.map(|dir| dir.join(FOLDER).join(text));
    named.filter(|folder| !text.is_dir() && folder.is_dir()).unwrap_or_else(|| text.to_owned())
}

/// The document.
///
/// # Errors
/// Those of the receipt, and of its signatures with a key; `receipt.model` (integrity) for another model.
pub fn document_of(folder: &Utf8Path, options: &Options<'_>) -> Result<Value> {
    let payload = |name: &str| -> Result<Vec<u8>> {
        let bundle = bundle(folder, name)?;
        match options.key {
            Some(path) => bundle.verify(&VerifyingKey::load(path)?),
            None => bundle.payload(),
        }
    };
    let receipt = Receipt::parse(folder, &payload(files::RUN)?)?;
    let signed = Statement::parse(&payload(files::MODEL)?, model::PREDICATE)?;
    let gate = Statement::parse(&payload(files::GATE)?, RESULT)?;
    let gate_report = sha256_hex(&document(folder, files::REPORT)?);
    let told = &receipt.provenance.build_definition.external_parameters["gate"];
    if signed.subject != receipt.run.subject
        || gate.subject != receipt.run.subject
        || told["report_sha256"] != *gate_report
    {
        return Err(Error::integrity("receipt.inconsistent", format!("the parts of {folder} do not belong together"))
            .hint("`dgov run verify` says which; restore the folder as it was recorded"));
    }
    if let Some(path) = options.model {
        let found = Model::read(path)?;
        if found.digest != receipt.model_digest() || !found.differences(&signed.predicate)?.is_empty() {
            return Err(Error::integrity(
                "receipt.model",
                format!("{path} is not the model of receipt {}", receipt.id),
            )
            .hint("give the model as it was when the receipt was recorded"));
        }
    }
    let mut document = skeleton(model_component(&receipt, &signed, options, told, &gate_report));
    let used: Vec<_> = receipt.datasets().collect();
    let references: Vec<_> = (0..used.len()).map(|index| format!("data-{}", index + 1)).collect();
    let learned = used.iter().zip(&references).filter(|(used, _)| text(used, "role") != Some("rag"));
    let learned: Vec<_> = learned.map(|(_, reference)| json!({ "ref": reference })).collect();
    document["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"] = learned.into();
    let mut components: Vec<_> =
        used.iter().zip(&references).map(|(used, reference)| dataset(used, reference)).collect();
    let mut depends: Vec<String> = references.clone();
    for (index, (kind, made)) in
        [("configuration", configuration as fn(&Resource, &str) -> Value), ("code", code)].into_iter().enumerate()
    {
        for (number, resource) in receipt.of_kind(kind).enumerate() {
            let reference = format!("{}-{}", ["config", "code"][index], number + 1);
            components.push(made(resource, &reference));
            depends.push(reference);
        }
    }
    document["dependencies"] = json!([{ "ref": "model", "dependsOn": depends }]);
    document["components"] = components.into();
    serial_of(document)
}

fn model_component(receipt: &Receipt, signed: &Statement, options: &Options<'_>, told: &Value, report: &str) -> Value {
    let parameters = &receipt.provenance.build_definition.external_parameters;
    let mut properties = vec![
        property("dgov:receipt", &receipt.id),
        property("dgov:receipt-sha256", &receipt.digest),
        property("dgov:receipt-signature", if options.key.is_some() { "verified" } else { "not looked at" }),
        property("dgov:recorded", receipt.time()),
        property("dgov:model-sha256", receipt.model_digest()),
        property("dgov:gate", told["decision"].as_str().unwrap_or("unknown")),
        property("dgov:gate-report-sha256", report),
    ];
    if let Some(purpose) = parameters.get("purpose").and_then(Value::as_str) {
        properties.push(property("dgov:purpose", purpose));
    }
    if let Some(commercial) = parameters.get("commercial").and_then(Value::as_bool) {
        properties.push(property("dgov:commercial", commercial));
    }
    let mut component = json!({
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": options.name.unwrap_or(receipt.model()),
        "externalReferences": [
            { "type": "attestation", "url": format!("{FOLDER}/{}/{}", receipt.id, files::RUN) },
            {
                "type": "attestation",
                "url": format!("{FOLDER}/{}/{}", receipt.id, files::REPORT),
                "hashes": [{ "alg": "SHA-256", "content": report }]
            }
        ],
        "modelCard": { "bom-ref": "model-card", "modelParameters": {} },
        "properties": properties
    });
    if let Some(version) = options.version {
        component["version"] = version.into();
    }
    let listed = signed.predicate["resources"].as_array().map_or(&[][..], Vec::as_slice);
    let hash = |file: &Value| json!([{ "alg": "SHA-256", "content": file["digest"] }]);
    match listed {
        // A single file has no name of its own.
        [only] if only["name"] == "." => component["hashes"] = hash(only),
        several => {
            let part = |file: &Value| json!({ "type": "file", "name": file["name"], "hashes": hash(file) });
            component["components"] = several.iter().map(part).collect();
        }
    }
    component
}

/// A dataset as the receipt names it.
fn dataset(used: &Resource, reference: &str) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), "data".into());
    map.insert("bom-ref".into(), reference.into());
    map.insert("name".into(), used.name.as_str().into());
    if let Some(version) = used.annotations.get("version") {
        map.insert("version".into(), version.to_string().into());
    }
    if let Some(license) = text(used, "license") {
        map.insert("licenses".into(), json!([data_license(license)]));
    }
    let mut data = json!({ "type": "dataset", "name": used.name });
    let mut references = Vec::new();
    if let Some(uri) = &used.uri {
        data["contents"] = json!({ "url": uri });
        references.push(json!({ "type": "distribution", "url": uri }));
    }
    for (kind, name, key) in
        [("documentation", names::CARD, "card_sha256"), ("license", names::LICENSE, "license_sha256")]
    {
        if let Some(digest) = text(used, key) {
            let hashes = json!([{ "alg": "SHA-256", "content": digest.trim_start_matches("0x") }]);
            references.push(json!({ "type": kind, "url": name, "hashes": hashes }));
        }
    }
    if !references.is_empty() {
        map.insert("externalReferences".into(), references.into());
    }
    map.insert("data".into(), json!([data]));
    let known = [
        ("role", "dgov:role"),
        ("decision", "dgov:gate"),
        ("cid", "dgov:package"),
        ("version_key", "dgov:version-key"),
    ];
    let properties = known.iter().filter_map(|(key, name)| Some(property(name, text(used, key)?)));
    map.insert("properties".into(), properties.collect());
    map.into()
}

fn configuration(file: &Resource, reference: &str) -> Value {
    let digest = file.digest.get("sha256").map(String::as_str).unwrap_or_default();
    json!({
        "type": "file", "bom-ref": reference, "name": file.name,
        "hashes": [{ "alg": "SHA-256", "content": digest }],
        "properties": [property("dgov:kind", "configuration")]
    })
}

fn code(code: &Resource, reference: &str) -> Value {
    let commit = code.digest.get("gitCommit").map(String::as_str).unwrap_or_default();
    let mut properties = vec![property("dgov:kind", "code"), property("dgov:git-commit", commit)];
    if let Some(changed) = code.annotations.get("uncommitted_changes") {
        properties.push(property("dgov:uncommitted-changes", changed));
    }
    json!({ "type": "application", "bom-ref": reference, "name": code.name, "version": commit, "properties": properties })
}

fn text<'a>(resource: &'a Resource, name: &str) -> Option<&'a str> {
    resource.annotations.get(name).and_then(Value::as_str)
}
