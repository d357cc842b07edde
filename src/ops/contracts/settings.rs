//! From foundry.toml and remappings.txt to a project of the compiler driver.

use std::collections::BTreeMap;
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};
use foundry_compilers::artifacts::remappings::{RelativeRemapping, Remapping};
use foundry_compilers::artifacts::{BytecodeHash, EvmVersion, SettingsMetadata};
use foundry_compilers::solc::{Restriction, SolcCompiler, SolcLanguage, SolcRestrictions, SolcSettings};
use foundry_compilers::{
    ConfigurableArtifacts, ExtraOutputValues, Project, ProjectBuilder, ProjectPathsConfig, RestrictionsWithVersion,
};

use super::compiler::Found;
use super::diagnostics;
use super::foundry_toml::{self, Extra, Profile};
use crate::error::{Error, Result};
use crate::ui::Warning;

/// Everything about a build but its compiler.
pub(super) struct Plan {
    folder: Utf8PathBuf,
    paths: ProjectPathsConfig<SolcLanguage>,
    settings: SolcSettings,
    extra: BTreeMap<String, SolcSettings>,
    profile: Profile,
    /// What the user should know about the settings.
    pub(super) notes: Vec<Warning>,
}

/// Reads the settings of the contracts in `folder`; results of the compiler are kept in `cache`.
///
/// # Errors
/// Input: `contracts.bad_settings`, `contracts.no_sources`.
pub(super) fn plan(folder: &Utf8Path, cache: &Utf8Path) -> Result<Plan> {
    let (profile, ignored) = foundry_toml::read(folder)?;
    let sources = folder.join(profile.src.as_deref().unwrap_or(Utf8Path::new("src")));
    if !sources.is_dir() {
        return Err(Error::input("contracts.no_sources", format!("there is no folder {sources}"))
            .hint("put the contracts into src/, or say where they are with `src` in foundry.toml"));
    }
    let settings = base(&profile)?;
    let mut extra = BTreeMap::new();
    for profile in &profile.additional_compiler_profiles {
        extra.insert(profile.name.clone(), with_extra(settings.clone(), profile)?);
    }
    let paths = paths(folder, &sources, cache, &profile)?;
    let notes = ignored
        .into_iter()
        .map(|key| Warning::new("contracts.setting_ignored", format!("`{key}` of foundry.toml is not applied")))
        .collect();
    Ok(Plan { folder: folder.to_owned(), paths, settings, extra, profile, notes })
}

impl Plan {
    /// The version that foundry.toml asks for.
    pub(super) fn compiler_version(&self) -> Option<&str> {
        self.profile.solc.as_deref().filter(|text| is_version(text))
    }

    /// The program that foundry.toml names.
    pub(super) fn compiler_path(&self) -> Option<Utf8PathBuf> {
        self.profile.solc.as_deref().filter(|text| !is_version(text)).map(|path| self.folder.join(path))
    }

    /// Whether warnings about this file, relative to the contracts' folder, are somebody else's: of libraries, and of
    /// what foundry.toml says.
    pub(super) fn ignores(&self, file: &str) -> bool {
        let listed = self.profile.ignored_warnings_from.iter().any(|path| Utf8Path::new(file).starts_with(path));
        listed || self.paths.libraries.iter().any(|lib| self.folder.join(file).starts_with(lib))
    }

    /// The project for this compiler.
    ///
    /// # Errors
    /// Input: `contracts.no_sources`, `contracts.bad_settings`, unreadable sources.
    pub(super) fn project(&self, compiler: Found) -> Result<Project<SolcCompiler>> {
        ProjectBuilder::<SolcCompiler>::new(outputs())
            .paths(self.paths.clone())
            .settings(self.settings.clone())
            .additional_settings(self.extra.clone())
            .restrictions(self.restrictions()?)
            .single_solc_jobs()
            .offline()
            .build(SolcCompiler::Specific(compiler.solc))
            .map_err(|error| diagnostics::of_build(&error))
    }

    /// Which files may only be compiled with which settings: every source of the project against every pattern.
    fn restrictions(&self) -> Result<BTreeMap<std::path::PathBuf, RestrictionsWithVersion<SolcRestrictions>>> {
        let sources = self.paths.read_sources().map_err(|error| diagnostics::of_build(&error))?;
        if sources.is_empty() {
            let folder = self.paths.sources.display();
            return Err(Error::input("contracts.no_sources", format!("there is no contract in {folder}"))
                .hint("put the contracts into src/, or say where they are with `src` in foundry.toml"));
        }
        let mut all: BTreeMap<_, RestrictionsWithVersion<SolcRestrictions>> = BTreeMap::new();
        for rule in &self.profile.compilation_restrictions {
            let restrictions = restriction(rule)?;
            let mut used = false;
            for path in sources.keys() {
                let name = path.strip_prefix(&self.folder).unwrap_or(path).to_string_lossy();
                if !matches(rule.paths.trim_start_matches("./").as_bytes(), name.as_bytes()) {
                    continue;
                }
                used = true;
                let merged = match all.remove(path) {
                    Some(earlier) => earlier
                        .merge(restrictions.clone())
                        .ok_or_else(|| bad(format!("compilation_restrictions contradict each other for {name}")))?,
                    None => restrictions.clone(),
                };
                all.insert(path.clone(), merged);
            }
            if !used {
                return Err(bad(format!("compilation_restrictions: no source is `{}`", rule.paths)));
            }
        }
        Ok(all)
    }
}

fn is_version(text: &str) -> bool {
    text.split('.').count() == 3 && text.split('.').all(|part| part.parse::<u32>().is_ok())
}

fn bad(message: String) -> Error {
    Error::input("contracts.bad_settings", message).hint("mend foundry.toml in the folder of the contracts")
}

fn value<T: FromStr>(key: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_| bad(format!("`{text}` is no {key}")))
}

/// What artifacts are made of: ABI, code, and the metadata that has the settings.
fn outputs() -> ConfigurableArtifacts {
    ConfigurableArtifacts {
        additional_values: ExtraOutputValues { metadata: true, ..Default::default() },
        ..Default::default()
    }
}

/// The settings of the default profile. What the file leaves open is as Foundry has it: no optimizer unless it or its
/// runs are set; without a file, 200 runs.
fn base(profile: &Profile) -> Result<SolcSettings> {
    let mut settings = outputs().solc_settings();
    settings.optimizer.enabled = Some(profile.optimizer.unwrap_or(profile.optimizer_runs.is_some()));
    settings.optimizer.runs = Some(profile.optimizer_runs.unwrap_or(200));
    settings.via_ir = Some(profile.via_ir.unwrap_or(false));
    if let Some(version) = &profile.evm_version {
        settings.evm_version = Some(value("evm_version", version)?);
    }
    settings.metadata = Some(SettingsMetadata {
        use_literal_content: profile.use_literal_content,
        bytecode_hash: Some(match &profile.bytecode_hash {
            Some(text) => value("bytecode_hash", text)?,
            None => BytecodeHash::Ipfs,
        }),
        cbor_metadata: Some(profile.cbor_metadata.unwrap_or(true)),
    });
    Ok(SolcSettings { settings, cli_settings: Default::default() })
}

fn with_extra(mut settings: SolcSettings, extra: &Extra) -> Result<SolcSettings> {
    if let Some(via_ir) = extra.via_ir {
        settings.via_ir = Some(via_ir);
    }
    if let Some(runs) = extra.optimizer_runs {
        settings.optimizer.enabled = Some(true);
        settings.optimizer.runs = Some(runs);
    }
    if let Some(version) = &extra.evm_version {
        settings.evm_version = Some(value("evm_version", version)?);
    }
    if let (Some(text), Some(metadata)) = (&extra.bytecode_hash, settings.metadata.as_mut()) {
        metadata.bytecode_hash = Some(value("bytecode_hash", text)?);
    }
    Ok(settings)
}

fn restriction(rule: &foundry_toml::Restriction) -> Result<RestrictionsWithVersion<SolcRestrictions>> {
    let evm = |text: &Option<String>| -> Result<Option<EvmVersion>> {
        text.as_deref().map(|text| value("evm_version", text)).transpose()
    };
    let exact = evm(&rule.evm_version)?;
    let version = rule.version.as_deref().map(|text| value("version", text)).transpose()?;
    let restrictions = SolcRestrictions {
        evm_version: Restriction {
            min: exact.or(evm(&rule.min_evm_version)?),
            max: exact.or(evm(&rule.max_evm_version)?),
        },
        via_ir: rule.via_ir,
        optimizer_runs: Restriction {
            min: rule.optimizer_runs.or(rule.min_optimizer_runs),
            max: rule.optimizer_runs.or(rule.max_optimizer_runs),
        },
        bytecode_hash: rule.bytecode_hash.as_deref().map(|text| value("bytecode_hash", text)).transpose()?,
    };
    Ok(RestrictionsWithVersion { version, restrictions })
}

/// Sources, libraries and remappings. Tests and scripts are Foundry's business: their folders are left out.
fn paths(
    folder: &Utf8Path,
    sources: &Utf8Path,
    cache: &Utf8Path,
    profile: &Profile,
) -> Result<ProjectPathsConfig<SolcLanguage>> {
    let libs: Vec<Utf8PathBuf> = match &profile.libs {
        Some(libs) => libs.iter().map(|lib| folder.join(lib)).collect(),
        None => ["lib", "node_modules"].map(|name| folder.join(name)).into_iter().collect(),
    };
    let file = folder.join("remappings.txt");
    let lines = if file.is_file() { fs_err::read_to_string(&file)? } else { String::new() };
    let written = profile.remappings.iter().map(String::as_str).chain(lines.lines());
    let mut remappings: Vec<Remapping> = Vec::new();
    for text in written.map(str::trim).filter(|line| !line.is_empty()) {
        let remapping: Remapping = value("remapping", text)?;
        add(&mut remappings, RelativeRemapping::new(remapping, folder.as_std_path()).to_remapping(folder.into()));
    }
    if profile.auto_detect_remappings.unwrap_or(true) {
        for lib in &libs {
            for remapping in Remapping::find_many(lib.as_std_path()) {
                add(&mut remappings, remapping);
            }
        }
    }
    let paths = ProjectPathsConfig::builder()
        .sources(sources)
        .tests(cache.join("none"))
        .scripts(cache.join("none"))
        .libs(libs)
        .remappings(remappings)
        .cache(cache.join("cache.json"))
        .artifacts(cache.join("out"))
        .build_infos(cache.join("build-info"));
    Ok(paths.build_with_root(folder))
}

/// The first remapping of a name counts.
fn add(remappings: &mut Vec<Remapping>, new: Remapping) {
    if !remappings.iter().any(|known| known.name == new.name && known.context == new.context) {
        remappings.push(new);
    }
}

/// Whether a path matches a pattern of foundry.toml, where `*` stands for any characters, `/` included.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=path.len()).any(|taken| matches(rest, &path[taken..])),
        ([b'?', rest @ ..], [_, after @ ..]) => matches(rest, after),
        ([wanted, rest @ ..], [byte, after @ ..]) if wanted == byte => matches(rest, after),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        let cases = [
            ("src/A.sol", "src/A.sol", true),
            ("src/A.sol", "src/AB.sol", false),
            ("src/*.sol", "src/deep/A.sol", true),
            ("src/**", "src/deep/A.sol", true),
            ("src/?.sol", "src/A.sol", true),
            ("src/?.sol", "src/AB.sol", false),
            ("*", "", true),
            ("src", "src/A.sol", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_the_file_leaves_open_is_as_foundry_has_it() {
        let of = |text: &str| base(&toml::from_str(text).unwrap()).unwrap();
        assert_eq!(of("").optimizer.enabled, Some(false));
        assert_eq!(of("optimizer_runs = 7").optimizer.enabled, Some(true));
        assert_eq!(of("optimizer = false\noptimizer_runs = 7").optimizer.enabled, Some(false));
        let error = base(&toml::from_str("evm_version = \"pragueish\"").unwrap()).unwrap_err();
        assert_eq!((error.code(), error.hints().len()), ("contracts.bad_settings", 1));
    }

    #[test]
    fn an_exact_restriction_is_a_range_of_one() {
        let rule = toml::from_str("paths = \"src/A.sol\"\noptimizer_runs = 1000").unwrap();
        let runs = restriction(&rule).unwrap().restrictions.optimizer_runs;
        assert_eq!((runs.min, runs.max), (Some(1000), Some(1000)));
    }
}
