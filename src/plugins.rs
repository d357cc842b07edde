//! Plugin verbs: `dgov <word>` runs `dgov-<word>` from beside this binary, then from PATH (`docs/plugins.md`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::cli;
use crate::context::Context;
use crate::env_vars;
use crate::error::{Error, ErrorKind, Result};
use crate::ui::Outcome;
use crate::ui::output::SCHEMA_VERSION;

const PREFIX: &str = "dgov-";

/// An installed plugin.
#[derive(Debug, Serialize)]
pub struct Plugin {
    /// What follows `dgov`.
    pub word: String,
    /// The program.
    pub path: String,
}

/// The plugins that would run, first match wins, in order of their words.
pub fn list() -> Vec<Plugin> {
    let mut found = BTreeMap::new();
    for dir in search_path() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(word) = name.strip_prefix(PREFIX)
                && is_executable(&entry.path())
            {
                found.entry(word.to_owned()).or_insert_with(|| entry.path().display().to_string());
            }
        }
    }
    found.into_iter().map(|(word, path)| Plugin { word, path }).collect()
}

/// Runs a plugin and hands its exit code on; key material is never in its environment.
pub(crate) fn run(args: &[OsString], context: &Context) -> Result<Outcome> {
    let word = args.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(program) = find(&word) else {
        return Err(unknown(&word));
    };
    let mut command = Command::new(&program);
    command.args(&args[1..]);
    if let Ok(dgov) = std::env::current_exe() {
        command.env(env_vars::DGOV, dgov);
    }
    if let Some(manifest) = &context.global.manifest {
        command.env(env_vars::DGOV_MANIFEST_PATH, manifest);
    }
    if let Some(network) = &context.global.network {
        command.env(env_vars::DGOV_NETWORK, network);
    }
    command.env(env_vars::DGOV_OUTPUT, if context.ui.json() { "json" } else { "human" });
    command.env(env_vars::DGOV_FORMAT_VERSION, SCHEMA_VERSION.to_string());
    command.env_remove(env_vars::DGOV_PRIVATE_KEY).env_remove(env_vars::DGOV_PASSWORD_FILE);
    command.env_remove(env_vars::DGOV_ARWEAVE_KEYFILE);
    let status = command.status().map_err(|error| {
        Error::local_io("plugin.not_started", format!("{} did not start", program.display())).caused_by(&error)
    })?;
    // The plugin has printed its own result; its exit code is ours. A signal is a bug of the plugin.
    std::process::exit(status.code().unwrap_or(i32::from(ErrorKind::Bug.exit_code())));
}

fn find(word: &str) -> Option<PathBuf> {
    let name = format!("{PREFIX}{word}");
    search_path().into_iter().map(|dir| dir.join(&name)).find(|path| is_executable(path))
}

fn search_path() -> Vec<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    beside.into_iter().chain(std::env::split_paths(&path)).collect()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

fn unknown(word: &str) -> Error {
    let error = Error::usage("usage.unknown_verb", format!("there is no verb `{word}`, and no plugin dgov-{word}"));
    let tree = cli::command_tree();
    let nearest = tree
        .get_subcommands()
        .map(|verb| (strsim::damerau_levenshtein(verb.get_name(), word), verb.get_name()))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    match nearest {
        Some((_, verb)) => error.hint(format!("did you mean `dgov {verb}`?")),
        None => error.hint("`dgov --help` lists the verbs, `dgov plugins` the plugins"),
    }
}
