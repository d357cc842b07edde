//! Which compiler builds a project's contracts. Only what the user installed is looked at; nothing is downloaded.

use camino::{Utf8Path, Utf8PathBuf};
use foundry_compilers::solc::Solc;

use super::settings::Plan;
use crate::error::{Error, Result};

/// Speaks solc's command line (`--version`, `--standard-json`) for npm's package; its folder is the first argument.
const NPM_SOLC: &str = r#"// Written by dgov: lets npm's solc be called like a native one.
"use strict";
const [folder, ...flags] = process.argv.slice(2);
const solc = require(folder);
if (flags.includes("--version")) {
  console.log(`Version: ${solc.version()}`);
} else {
  const missing = (name) => ({ error: `${name} is not among the sources` });
  process.stdout.write(solc.compile(require("fs").readFileSync(0, "utf8"), { import: missing }));
}
"#;

/// A compiler that answered.
#[derive(Debug)]
pub(super) struct Found {
    /// How to call it.
    pub(super) solc: Solc,
    /// What the user knows it by.
    pub(super) program: String,
}

impl Found {
    /// Version with the commit, without the platform.
    pub(super) fn version(&self) -> String {
        let version = self.solc.version.to_string();
        version.split(".Emscripten").next().unwrap_or(&version).to_owned()
    }
}

/// The compiler that `--solc` names; else npm's package in `node_modules` of one of `folders`; else `solc` on PATH.
///
/// # Errors
/// Input: `contracts.no_compiler`, `contracts.bad_compiler` when it does not answer, `contracts.compiler_version` when
/// foundry.toml asks for another version.
pub(super) fn find(chosen: Option<&Utf8Path>, folders: &[&Utf8Path], cache: &Utf8Path, plan: &Plan) -> Result<Found> {
    let found = match chosen {
        Some(path) => named(path, cache)?,
        None => installed(folders, cache)?.ok_or_else(|| none(plan))?,
    };
    let version = format!("{}.{}.{}", found.solc.version.major, found.solc.version.minor, found.solc.version.patch);
    match plan.compiler_version() {
        Some(wanted) if wanted != version => {
            let message = format!("foundry.toml asks for solc {wanted}, {} is {version}", found.program);
            Err(Error::input("contracts.compiler_version", message)
                .hint(format!("run `npm install solc@{wanted}`, or give that compiler with --solc PATH")))
        }
        _ => Ok(found),
    }
}

fn named(path: &Utf8Path, cache: &Utf8Path) -> Result<Found> {
    if !path.exists() {
        return Err(Error::input("contracts.no_compiler", format!("there is no compiler at {path}"))
            .hint("--solc takes a solc program, or a folder that holds npm's package solc"));
    }
    let path = path.canonicalize_utf8()?;
    if path.is_dir() { npm(&path, cache) } else { native(&path) }
}

fn installed(folders: &[&Utf8Path], cache: &Utf8Path) -> Result<Option<Found>> {
    let packages = folders.iter().map(|folder| folder.join("node_modules").join("solc"));
    if let Some(package) = packages.into_iter().find(|package| package.join("package.json").is_file()) {
        return npm(&package, cache).map(Some);
    }
    on_path("solc").map(|path| native(&path)).transpose()
}

fn native(path: &Utf8Path) -> Result<Found> {
    let solc = Solc::new(path.as_std_path()).map_err(|error| mute(path, &error))?;
    Ok(Found { solc, program: path.to_string() })
}

fn npm(package: &Utf8Path, cache: &Utf8Path) -> Result<Found> {
    let Some(node) = on_path("node") else {
        return Err(Error::input("contracts.no_compiler", format!("{package} needs `node`, which is not on PATH"))
            .hint("install Node.js, or give a native solc with --solc PATH"));
    };
    let script = cache.join("npm-solc.cjs");
    fs_err::write(&script, NPM_SOLC)?;
    let solc = Solc::new_with_args(node, [script.as_str(), package.as_str()]).map_err(|error| mute(package, &error))?;
    Ok(Found { solc, program: package.to_string() })
}

/// The first program of this name in the folders of PATH; relative folders are not looked into.
fn on_path(name: &str) -> Option<Utf8PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).filter_map(|folder| Utf8PathBuf::from_path_buf(folder).ok());
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

fn mute(program: &Utf8Path, error: &foundry_compilers::error::SolcError) -> Error {
    Error::input("contracts.bad_compiler", format!("{program} does not answer as a Solidity compiler"))
        .caused_by(error)
        .hint("run it with --version; --solc takes a solc program, or a folder that holds npm's package solc")
}

fn none(plan: &Plan) -> Error {
    let error = Error::input("contracts.no_compiler", "there is no Solidity compiler; dgov never downloads one");
    let error = match plan.compiler_path() {
        // A file of the project must not choose a program that runs; the user has to.
        Some(path) => error.hint(format!("foundry.toml names {path}: give it with --solc if you trust it")),
        None => error,
    };
    error.hint(
        "put solc on PATH, run `npm install solc` beside dgov.toml or in the contracts folder, or give --solc PATH",
    )
}
