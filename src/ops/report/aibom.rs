//! A bill of materials of a model and its data: CycloneDX 1.7 (cyclonedx.org/docs/1.7/json). The same input gives the same
//! bytes, so there is no time of making in it.

use alloy::primitives::{B256, hex};
use camino::Utf8Path;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::form::DISCLAIMER;
use super::used::{Used, of_training};
use super::{aibom_run, model, pretty, write};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::Role;
use crate::ops::documents::names;
use crate::ui::Report;

/// The model.
pub struct Options<'a> {
    /// Name; the project's without.
    pub name: Option<&'a str>,
    /// Version.
    pub version: Option<&'a str>,
    /// File or folder.
    pub model: Option<&'a Utf8Path>,
    /// Receipt of the run that made it, by folder or name: the datasets are those of the receipt, not of the manifest.
    pub receipt: Option<&'a Utf8Path>,
    /// Public key that has to have signed the receipt.
    pub key: Option<&'a Utf8Path>,
    /// Where the document goes besides standard output.
    pub out: Option<&'a Utf8Path>,
}

/// The document.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Bom {
    document: Value,
    #[serde(skip)]
    text: String,
}

impl Report for Bom {
    fn human(&self) -> String {
        self.text.clone()
    }
}

/// Makes the bill of materials of a training: of what the manifest says, or of a run with a receipt.
///
/// # Errors
/// Those of [`of_training`] or of the receipt, of the model's files, and of writing.
pub async fn aibom(context: &Context, options: &Options<'_>) -> Result<Bom> {
    let document = match options.receipt {
        Some(receipt) => {
            // Whoever was sent a receipt has no project.
            let project = context.manifest().ok().map(|loaded| loaded.dir);
            let (name, version, model, key) = (options.name, options.version, options.model, options.key);
            let options = aibom_run::Options { name, version, model, key };
            aibom_run::document_of(&aibom_run::folder(project.as_deref(), receipt), &options)?
        }
        None => {
            let loaded = context.manifest()?;
            let used = of_training(context, &loaded).await?;
            document(options.name.unwrap_or(loaded.manifest.project.name.as_str()), options, &used)?
        }
    };
    let text = pretty(&document)?;
    write(options.out, &text)?;
    Ok(Bom { document, text })
}

fn document(name: &str, options: &Options<'_>, used: &[Used]) -> Result<Value> {
    let files = options.model.map(model::files).transpose()?.unwrap_or_default();
    // A dataset may be used twice, for different things; a reference names one component.
    let references: Vec<_> = (0..used.len()).map(|index| format!("data-{}", index + 1)).collect();
    // What a model looks up at inference time neither trained nor measured it.
    let learned = used.iter().zip(&references).filter(|(used, _)| used.role != Role::Rag);
    let learned: Vec<_> = learned.map(|(_, reference)| json!({ "ref": reference })).collect();
    let mut model = json!({
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": name,
        "modelCard": {
            "bom-ref": "model-card",
            "modelParameters": { "datasets": learned }
        }
    });
    if let Some(version) = options.version {
        model["version"] = version.into();
    }
    match files.as_slice() {
        [] => {}
        [only] => model["hashes"] = json!([sha256(only.sha256)]),
        several => {
            let part = |file: &model::ModelFile| json!({ "type": "file", "name": file.path.as_str(), "hashes": [sha256(file.sha256)] });
            model["components"] = several.iter().map(part).collect();
        }
    }
    let components: Vec<_> = used.iter().zip(&references).map(|(used, reference)| component(used, reference)).collect();
    let mut dependencies = vec![json!({ "ref": "model", "dependsOn": references })];
    for (child, reference) in used.iter().zip(&references) {
        let is_parent =
            |other: &Used| child.parents.iter().any(|(parent, _)| *parent == other.name || *parent == other.slug);
        let parents = used.iter().zip(&references).filter(|(other, _)| is_parent(other));
        let parents: Vec<_> = parents.map(|(_, parent)| parent).filter(|parent| *parent != reference).collect();
        dependencies.push(json!({ "ref": reference, "dependsOn": parents }));
    }
    let mut document = skeleton(model);
    document["components"] = components.into();
    document["dependencies"] = dependencies.into();
    serial_of(document)
}

/// A document about a model, still without components.
pub(super) fn skeleton(model: Value) -> Value {
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "version": 1,
        "metadata": {
            "tools": { "components": [{ "type": "application", "name": "dgov", "version": env!("CARGO_PKG_VERSION") }] },
            "component": model,
            "properties": [{ "name": "dgov:disclaimer", "value": DISCLAIMER }]
        }
    })
}

/// The document with the serial number that follows from it.
pub(super) fn serial_of(mut document: Value) -> Result<Value> {
    let serial = serial(&document)?;
    if let Some(map) = document.as_object_mut() {
        map.insert("serialNumber".into(), serial.into());
    }
    Ok(document)
}

/// A dataset. The digests of documents are hashes of what the references name; the CID and the root of the record tree are
/// hashes of other kinds, so they are properties.
fn component(used: &Used, reference: &str) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), "data".into());
    map.insert("bom-ref".into(), reference.into());
    map.insert("name".into(), used.slug.as_str().into());
    if let Some(version) = &used.version {
        map.insert("version".into(), version.number.to_string().into());
    }
    if let Some(description) = used.card.as_ref().and_then(|(card, _)| card.text("description")) {
        map.insert("description".into(), description.into());
    }
    if let Some((spdx, _)) = &used.spdx {
        map.insert("licenses".into(), json!([data_license(spdx)]));
    }
    if !used.parents.is_empty() {
        let ancestor = |(name, _): &(String, String)| json!({ "type": "data", "name": name });
        map.insert("pedigree".into(), json!({ "ancestors": used.parents.iter().map(ancestor).collect::<Vec<_>>() }));
    }
    let documents = external(used);
    if !documents.is_empty() {
        map.insert("externalReferences".into(), documents.into());
    }
    let mut data = json!({ "type": "dataset", "name": used.name });
    if let Some(cid) = &used.cid {
        data["contents"] = json!({ "url": format!("ipfs://{cid}") });
    }
    map.insert("data".into(), json!([data]));
    map.insert("properties".into(), properties(used).into());
    map.into()
}

/// An id where the license is one of SPDX's, else the expression.
pub(super) fn data_license(spdx: &str) -> Value {
    if spdx::license_id(spdx).is_some() { json!({ "license": { "id": spdx } }) } else { json!({ "expression": spdx }) }
}

fn external(used: &Used) -> Vec<Value> {
    let mut all = Vec::new();
    if let Some(cid) = &used.cid {
        all.push(json!({ "type": "distribution", "url": format!("ipfs://{cid}") }));
    }
    // Documents of a version lie in its second package; those of a folder beside its data.
    let root = used.version.as_ref().map(|version| &version.meta_cid).or(used.cid.as_ref());
    let mut document = |kind: &str, name: &str, digest: Option<B256>| {
        if let (Some(root), Some(digest)) = (root, digest) {
            all.push(json!({ "type": kind, "url": format!("ipfs://{root}/{name}"), "hashes": [sha256(digest)] }));
        }
    };
    document("documentation", names::CARD, used.card.as_ref().map(|(_, digest)| *digest));
    document("license", names::LICENSE, used.license_digest);
    document("quality-metrics", names::PROFILE, used.profile.as_ref().map(|(_, digest)| *digest));
    all
}

fn properties(used: &Used) -> Vec<Value> {
    let mut all = vec![property("dgov:role", used.role.name())];
    if let Some(cid) = &used.cid {
        all.push(property("dgov:package", cid));
    }
    if let Some(version) = &used.version {
        all.push(property("dgov:version-key", version.version_key));
        all.push(property("dgov:documents", &version.meta_cid));
    }
    if let Some((root, records)) = &used.records {
        all.push(property("dgov:record-root", root));
        all.push(property("dgov:records", records));
    }
    if let Some((files, bytes, _)) = &used.size {
        all.push(property("dgov:files", files));
        all.push(property("dgov:bytes", bytes));
    }
    if let Some((_, from)) = &used.spdx {
        all.push(property("dgov:license-stated-by", from));
    }
    all.extend(used.missing.iter().map(|sentence| property("dgov:not-looked-at", sentence)));
    all
}

pub(super) fn property(name: &str, value: impl ToString) -> Value {
    json!({ "name": name, "value": value.to_string() })
}

fn sha256(digest: B256) -> Value {
    json!({ "alg": "SHA-256", "content": hex::encode(digest) })
}

/// A UUID of version 8 (RFC 9562) from the sha256 of the document without it.
fn serial(document: &Value) -> Result<String> {
    let bytes = serde_json::to_vec(document)
        .map_err(|error| Error::bug("a bill of materials did not serialize").caused_by(&error))?;
    let digest = Sha256::digest(&bytes);
    let mut id = [0_u8; 16];
    id.copy_from_slice(&digest[..16]);
    id[6] = 0x80 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
    let text = hex::encode(id);
    Ok(format!("urn:uuid:{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]))
}
