//! One JSON file a contract: what a deployment needs, and the digest of the settings that gave it.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use foundry_compilers::artifacts::{BytecodeObject, CompactBytecode, ConfigurableContractArtifact};
use foundry_compilers::solc::SolcCompiler;
use foundry_compilers::{ArtifactId, Artifacts, Project, ProjectCompileOutput};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::build::Built;
use crate::error::{Error, Result};
use crate::ui::Warning;

/// Results of the compiler driver.
pub(super) type Compiled = Artifacts<ConfigurableContractArtifact>;

/// EIP-170.
const CODE_LIMIT: usize = 24_576;
/// EIP-3860.
const INIT_CODE_LIMIT: usize = 49_152;

/// An artifact; contracts that need linking have a fourth key, `linkReferences`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact<'a> {
    contract_name: &'a str,
    compiler: Compiler,
    abi: Value,
    bytecode: String,
    deployed_bytecode_size: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    link_references: &'a BTreeMap<String, BTreeMap<String, Vec<foundry_compilers::artifacts::Offsets>>>,
}

#[derive(Serialize)]
struct Compiler {
    version: String,
    settings: String,
}

/// What was written.
pub(super) struct Written {
    pub(super) contracts: Vec<Built>,
    pub(super) removed: Vec<String>,
    pub(super) notes: Vec<Warning>,
}

/// Writes the artifact of every contract below the project's sources that has code, and removes those of contracts that
/// are gone.
///
/// # Errors
/// Input: `contracts.name_twice`; file errors.
pub(super) fn write(
    output: &ProjectCompileOutput<SolcCompiler>,
    project: &Project<SolcCompiler>,
    folder: &Utf8Path,
    out: &Utf8Path,
) -> Result<Written> {
    fs_err::create_dir_all(out)?;
    let mut chosen: BTreeMap<String, (ArtifactId, &ConfigurableContractArtifact, bool)> = BTreeMap::new();
    for (artifacts, cached) in [(output.compiled_artifacts(), false), (output.cached_artifacts(), true)] {
        for (id, artifact) in artifacts.artifacts::<foundry_compilers::ConfigurableArtifacts>() {
            if !id.source.starts_with(project.sources_path()) || !is_primary(&id) || !has_code(artifact) {
                continue;
            }
            if let Some((earlier, ..)) = chosen.get(&id.name)
                && earlier.source != id.source
            {
                return Err(name_twice(&id.name, &earlier.source, &id.source, folder));
            }
            chosen.entry(id.name.clone()).or_insert((id, artifact, cached));
        }
    }
    let mut written = Written { contracts: Vec::new(), removed: Vec::new(), notes: Vec::new() };
    for (name, (id, artifact, cached)) in chosen {
        let path = out.join(format!("{name}.json"));
        let text = render(&name, artifact)?;
        if fs_err::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            fs_err::write(&path, text)?;
        }
        let code_size = artifact.deployed_bytecode.as_ref().and_then(|code| code.bytecode.as_ref()).map_or(0, size);
        let init_code_size = artifact.bytecode.as_ref().map_or(0, size);
        written.notes.extend(notes(&name, artifact, code_size, init_code_size));
        let source = id.source.strip_prefix(folder).unwrap_or(&id.source).display().to_string();
        let artifact = path.to_string();
        written.contracts.push(Built {
            name,
            source,
            artifact,
            profile: id.profile,
            code_size,
            init_code_size,
            cached,
        });
    }
    written.removed = remove_others(out, &written.contracts)?;
    Ok(written)
}

/// A source that files of two profiles import is compiled under both; its own profile has the plain file name.
fn is_primary(id: &ArtifactId) -> bool {
    id.path.file_name().is_some_and(|file| file.to_string_lossy() == format!("{}.json", id.name))
}

/// Interfaces and abstract contracts have none.
fn has_code(artifact: &ConfigurableContractArtifact) -> bool {
    artifact.bytecode.as_ref().is_some_and(|code| size(code) > 0)
}

fn size(code: &CompactBytecode) -> usize {
    match &code.object {
        BytecodeObject::Bytecode(bytes) => bytes.len(),
        BytecodeObject::Unlinked(text) => text.trim_start_matches("0x").len() / 2,
    }
}

fn render(name: &str, artifact: &ConfigurableContractArtifact) -> Result<String> {
    let failed = |what: &str| Error::bug(format!("the compiler gave no {what} of {name}"));
    let metadata: Value = artifact
        .raw_metadata
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| failed("metadata"))?;
    let version = metadata["compiler"]["version"].as_str().ok_or_else(|| failed("version"))?.to_owned();
    let settings = settings_digest(&metadata["settings"]);
    let abi = artifact.abi.as_ref().and_then(|abi| serde_json::to_value(abi).ok()).ok_or_else(|| failed("ABI"))?;
    let code = artifact.bytecode.as_ref().ok_or_else(|| failed("code"))?;
    let bytecode = match &code.object {
        BytecodeObject::Bytecode(bytes) => bytes.to_string(),
        BytecodeObject::Unlinked(text) => text.clone(),
    };
    let deployed = artifact.deployed_bytecode.as_ref().and_then(|code| code.bytecode.as_ref());
    let document = Artifact {
        contract_name: name,
        compiler: Compiler { version, settings },
        abi,
        bytecode,
        deployed_bytecode_size: deployed.map_or(0, size),
        link_references: &code.link_references,
    };
    let mut text = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b" ");
    document
        .serialize(&mut serde_json::Serializer::with_formatter(&mut text, format))
        .map_err(|error| Error::bug("an artifact could not be serialized").caused_by(&error))?;
    text.push(b'\n');
    String::from_utf8(text).map_err(|error| Error::bug("an artifact is not text").caused_by(&error))
}

/// sha256 of the compiler's settings without the name of what was compiled, keys in order.
fn settings_digest(settings: &Value) -> String {
    let mut settings = settings.clone();
    if let Some(settings) = settings.as_object_mut() {
        settings.shift_remove("compilationTarget");
        // The compiler writes `:name=path` for a remapping of every context; Foundry, whose digests must agree with
        // these, leaves the colon out.
        let remappings = settings.get_mut("remappings").and_then(Value::as_array_mut);
        for remapping in remappings.into_iter().flatten() {
            if let Some(text) = remapping.as_str().and_then(|text| text.strip_prefix(':')) {
                *remapping = Value::String(text.to_owned());
            }
        }
    }
    settings.sort_all_objects();
    format!("0x{}", alloy::hex::encode(Sha256::digest(settings.to_string())))
}

fn notes(name: &str, artifact: &ConfigurableContractArtifact, code: usize, init_code: usize) -> Vec<Warning> {
    let mut notes = Vec::new();
    let mut note = |code: &str, message: String, hint: &str| {
        notes.push(Warning { hint: Some(hint.to_owned()), ..Warning::new(code, message) });
    };
    let shrink = "lower optimizer_runs for this file with compilation_restrictions, or divide the contract";
    if code > CODE_LIMIT {
        let message = format!("{name} has {code} bytes of code, the limit is {CODE_LIMIT} (EIP-170)");
        note("contracts.too_large", message, shrink);
    }
    if init_code > INIT_CODE_LIMIT {
        let message = format!("{name} has {init_code} bytes of init code, the limit is {INIT_CODE_LIMIT} (EIP-3860)");
        note("contracts.too_large", message, shrink);
    }
    if artifact.bytecode.as_ref().is_some_and(|code| !code.link_references.is_empty()) {
        let message = format!("{name} needs a deployed library before it can be deployed itself");
        note("contracts.unlinked", message, "make the library's functions internal, or link the artifact");
    }
    notes
}

fn name_twice(name: &str, one: &std::path::Path, other: &std::path::Path, folder: &Utf8Path) -> Error {
    let mut files = [one, other].map(|path| path.strip_prefix(folder).unwrap_or(path).display().to_string());
    files.sort();
    Error::input("contracts.name_twice", format!("{name} is a contract in {} and in {}", files[0], files[1]))
        .hint("rename one of them: an artifact is found by the contract's name")
}

fn remove_others(out: &Utf8Path, kept: &[Built]) -> Result<Vec<String>> {
    let kept: BTreeSet<&str> = kept.iter().map(|contract| contract.name.as_str()).collect();
    let mut removed = Vec::new();
    for entry in out.read_dir_utf8()? {
        let path = entry?.into_path();
        let Some(name) = path.file_name().and_then(|file| file.strip_suffix(".json")) else { continue };
        if !kept.contains(name) {
            removed.push(name.to_owned());
            fs_err::remove_file(&path)?;
        }
    }
    removed.sort();
    Ok(removed)
}
