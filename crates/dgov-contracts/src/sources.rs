//! What the contracts were compiled from (`contracts/artifacts/sources.json`, `libraries.json`), carried inside the binary
//! so that it can be published for whoever wants to read the code behind an address.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::artifacts::Contract;

/// Our own files, the compiler's settings, and what each contract needs of both.
const OWN: &str = include_str!("../../../contracts/artifacts/sources.json");
/// The files of others (OpenZeppelin, MIT).
const LIBRARIES: &str = include_str!("../../../contracts/artifacts/libraries.json");

/// Why sources can't be used. It can only happen in a build made from broken files.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    /// Not JSON of the expected form.
    #[error("the sources in this build are malformed: {0}")]
    Malformed(String),
    /// Nothing is known of the contract, or a file that it needs is not there.
    #[error("the sources in this build do not have all of {0}")]
    Missing(String),
}

/// What compiles to one contract.
#[derive(Debug, Clone)]
pub struct CompilerInput {
    /// Version of the compiler with its commit, as the compiler states it.
    pub compiler: String,
    /// `path:name`, as verification services name a contract.
    pub identifier: String,
    /// Standard JSON: exactly the files that were compiled, and the settings.
    pub standard_json: Value,
}

/// The compiler's input for a contract.
///
/// # Errors
/// [`SourceError`].
pub fn of(contract: Contract) -> Result<CompilerInput, SourceError> {
    let sources = SOURCES.as_ref().map_err(Clone::clone)?;
    let name = contract.name();
    let missing = |what: &str| SourceError::Missing(what.to_owned());
    let entry = sources.contracts.get(name).ok_or_else(|| missing(name))?;
    let mut settings = sources.settings.get(&entry.settings).cloned().ok_or_else(|| missing(name))?;
    settings["outputSelection"] =
        json!({ "*": { "*": ["abi", "metadata", "evm.bytecode.object", "evm.deployedBytecode"] } });
    let mut files = serde_json::Map::new();
    for path in &entry.files {
        let content = sources.files.get(path).ok_or_else(|| missing(path))?;
        files.insert(path.clone(), json!({ "content": content }));
    }
    Ok(CompilerInput {
        compiler: sources.compiler.clone(),
        identifier: format!("{}:{name}", entry.source),
        standard_json: json!({ "language": "Solidity", "sources": files, "settings": settings }),
    })
}

#[derive(Deserialize)]
struct Sources {
    compiler: String,
    settings: BTreeMap<String, Value>,
    contracts: BTreeMap<String, Entry>,
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Entry {
    source: String,
    settings: String,
    files: Vec<String>,
}

#[derive(Deserialize)]
struct Libraries {
    files: BTreeMap<String, String>,
}

static SOURCES: LazyLock<Result<Sources, SourceError>> = LazyLock::new(|| {
    let malformed = |error: serde_json::Error| SourceError::Malformed(error.to_string());
    let mut sources: Sources = serde_json::from_str(OWN).map_err(malformed)?;
    let libraries: Libraries = serde_json::from_str(LIBRARIES).map_err(malformed)?;
    sources.files.extend(libraries.files);
    Ok(sources)
});

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_has_its_sources_and_the_settings_of_its_artifact() {
        for contract in Contract::ALL {
            let input = of(contract).unwrap();
            let artifact = contract.artifact().unwrap();
            assert_eq!(input.compiler, artifact.compiler, "{}", contract.name());
            let (path, name) = input.identifier.rsplit_once(':').unwrap();
            assert_eq!(name, contract.name());
            let text = input.standard_json["sources"][path]["content"].as_str().unwrap();
            assert!(text.contains(&format!("contract {name} ")), "{path} does not declare {name}");
        }
        // The governor alone is compiled for size.
        let runs = |contract| of(contract).unwrap().standard_json["settings"]["optimizer"]["runs"].clone();
        assert_eq!((runs(Contract::DataGovernor), runs(Contract::DataToken)), (json!(1_000), json!(20_000)));
    }

    /// What is published must be free to publish.
    #[test]
    fn every_file_is_under_the_mit_license() {
        let sources = SOURCES.as_ref().unwrap();
        for (path, text) in &sources.files {
            let head: Vec<&str> = text.lines().take(3).collect();
            assert!(head.iter().any(|line| line.trim() == "// SPDX-License-Identifier: MIT"), "{path}: {head:?}");
        }
    }
}
