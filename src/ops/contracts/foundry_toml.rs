//! The keys of foundry.toml (`[profile.default]`) that decide what the compiler gives.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::error::{Error, Result};

/// Keys that change the code and that dgov does not apply: a build that ignores them silently would be a wrong one.
const NOT_APPLIED: &[&str] = &["extends", "libraries", "optimizer_details", "revert_strings", "vyper"];

/// `[profile.default]` of a foundry.toml, as far as dgov applies it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) src: Option<Utf8PathBuf>,
    pub(super) libs: Option<Vec<Utf8PathBuf>>,
    pub(super) remappings: Vec<String>,
    pub(super) auto_detect_remappings: Option<bool>,
    #[serde(alias = "solc_version")]
    pub(super) solc: Option<String>,
    pub(super) evm_version: Option<String>,
    pub(super) optimizer: Option<bool>,
    pub(super) optimizer_runs: Option<usize>,
    pub(super) via_ir: Option<bool>,
    pub(super) bytecode_hash: Option<String>,
    pub(super) cbor_metadata: Option<bool>,
    pub(super) use_literal_content: Option<bool>,
    pub(super) ignored_warnings_from: Vec<Utf8PathBuf>,
    pub(super) additional_compiler_profiles: Vec<Extra>,
    pub(super) compilation_restrictions: Vec<Restriction>,
}

/// One of `additional_compiler_profiles`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extra {
    pub(super) name: String,
    pub(super) via_ir: Option<bool>,
    pub(super) evm_version: Option<String>,
    pub(super) optimizer_runs: Option<usize>,
    pub(super) bytecode_hash: Option<String>,
}

/// One of `compilation_restrictions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Restriction {
    pub(super) paths: String,
    pub(super) version: Option<String>,
    pub(super) via_ir: Option<bool>,
    pub(super) bytecode_hash: Option<String>,
    pub(super) evm_version: Option<String>,
    pub(super) min_evm_version: Option<String>,
    pub(super) max_evm_version: Option<String>,
    pub(super) optimizer_runs: Option<usize>,
    pub(super) min_optimizer_runs: Option<usize>,
    pub(super) max_optimizer_runs: Option<usize>,
}

/// The file's default profile and the keys in it that are not applied; nothing is set where there is no file.
///
/// # Errors
/// Input: `contracts.bad_settings`.
pub(super) fn read(folder: &Utf8Path) -> Result<(Profile, Vec<&'static str>)> {
    let path = folder.join("foundry.toml");
    if !path.is_file() {
        return Ok((Profile::default(), Vec::new()));
    }
    let bad = |error: &toml::de::Error| {
        Error::input("contracts.bad_settings", format!("{path} can't be read: {}", error.to_string().trim_end()))
            .hint("mend the key that is named; `forge config` shows what Foundry makes of the file")
    };
    let mut document: toml::Table = toml::from_str(&fs_err::read_to_string(&path)?).map_err(|error| bad(&error))?;
    let default = match document.remove("profile") {
        Some(toml::Value::Table(mut profiles)) => profiles.remove("default"),
        _ => None,
    };
    let Some(table) = default else { return Ok((Profile::default(), Vec::new())) };
    let ignored = NOT_APPLIED.iter().copied().filter(|key| table.get(key).is_some()).collect();
    Ok((table.try_into().map_err(|error| bad(&error))?, ignored))
}
