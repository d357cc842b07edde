//! Finding and loading a manifest.

use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::Document;

use super::context::Context;
use super::decode;
use super::finding::{Finding, Severity, invalid};
use super::reader::Reader;
use super::sources::{Source, SourcedValue};
use super::types::{Manifest, Named, Network};
use super::validate::{WrittenNames, across_keys};
use super::values::{ValueError, did_you_mean};
use crate::env_vars::{DGOV_MANIFEST_PATH, DGOV_NETWORK};
use crate::error::{Error, ErrorKind, Result};

/// Name of the manifest's file.
pub const FILE_NAME: &str = "dgov.toml";
/// Name of the network that is there without being asked for.
pub const IMPLIED_NETWORK: &str = "local";

/// What the command line says over the manifest.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--network`: the network to work on.
    pub network: Option<String>,
    /// Where the search for a manifest starts; the current directory unless given.
    pub start: Option<Utf8PathBuf>,
}

/// A valid manifest with everything known about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The manifest.
    pub manifest: Manifest,
    /// Its file.
    pub path: Utf8PathBuf,
    /// The directory that its paths are relative to.
    pub dir: Utf8PathBuf,
    /// Name of the network to work on.
    pub network: String,
    /// What is probably not as it was meant.
    pub warnings: Vec<Finding>,
    sources: Vec<SourcedValue>,
}

impl Loaded {
    /// Every value with where it comes from, in the order of the manifest's types.
    pub fn sources(&self) -> &[SourcedValue] {
        &self.sources
    }

    /// The network to work on.
    pub fn network(&self) -> Network {
        // The loader has refused every other name that is not in the table.
        self.manifest.networks.get(&self.network).cloned().unwrap_or_else(Network::embedded)
    }

    /// A path of the manifest as a path of this process.
    pub fn resolve(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.dir.join(path)
    }

    /// Where machine-written state that is not committed lies.
    pub fn state_dir(&self) -> Utf8PathBuf {
        self.dir.join(".dgov")
    }
}

impl Manifest {
    /// Loads the manifest at `path`; without one that of `DGOV_MANIFEST_PATH`, or else the nearest `dgov.toml` from the
    /// start directory upward.
    ///
    /// # Errors
    /// [`ErrorKind::Input`]: `manifest.not_found`, or `manifest.invalid` with all findings in its message and, as
    /// `Finding`s, in its details; [`ErrorKind::Usage`]: `network.unknown`; [`ErrorKind::LocalIo`] when a file cannot
    /// be read.
    pub fn load(
        path: Option<&Utf8Path>,
        env: &dyn Fn(&str) -> Option<String>,
        overrides: &Overrides,
    ) -> Result<Loaded> {
        let path = match path.map(Utf8Path::to_owned).or_else(|| set(env, DGOV_MANIFEST_PATH).map(Utf8PathBuf::from)) {
            Some(path) if path.is_file() => path,
            Some(path) => return Err(not_found(format!("there is no manifest at {path}"))),
            None => find(overrides.start.as_deref())?,
        };
        let text = fs_err::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => {
                Error::input("manifest.invalid", format!("{path} is not UTF-8 text")).hint("save it as UTF-8")
            }
            _ => Error::from(error),
        })?;
        Self::parse(&text, &path, env, overrides)
    }

    /// Loads a manifest from its text; `path` is the file it is, or will be, in.
    ///
    /// # Errors
    /// As [`Manifest::load`], files aside.
    pub fn parse(
        text: &str,
        path: &Utf8Path,
        env: &dyn Fn(&str) -> Option<String>,
        overrides: &Overrides,
    ) -> Result<Loaded> {
        let file = path.file_name().unwrap_or(path.as_str()).to_owned();
        let cx = Context::new(file.clone(), text, env);
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let malformed = ValueError::new(format!("not valid TOML: {}", error.message().replace('\n', "; ")));
                cx.finding_at(offset, Severity::Error, "manifest.syntax", "", malformed);
                return Err(invalid(&file, cx.into_parts().0));
            }
        };
        let chosen = match (&overrides.network, set(env, DGOV_NETWORK)) {
            (Some(name), _) => Some((name.clone(), Source::Flag("--network"))),
            (None, Some(name)) => Some((name, Source::Env(DGOV_NETWORK))),
            (None, None) => None,
        };
        let root = Reader::new(&cx, Some(document.as_table()), String::new());
        let manifest = decode::manifest(&root, chosen.as_ref().map(|(name, _)| name.as_str()));
        let names = |key: &str| -> Vec<&str> {
            let table = document.get(key).and_then(toml_edit::Item::as_table_like);
            table.into_iter().flat_map(|table| table.iter()).map(|(name, _)| name).collect()
        };
        let names =
            WrittenNames { networks: names("networks"), licenses: names("licenses"), datasets: names("datasets") };
        across_keys(&cx, &manifest, &names);
        root.finish();
        let (findings, mut sources) = cx.into_parts();
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(invalid(&file, findings));
        }
        let (network, source) = chosen.unwrap_or_else(|| first_network(&manifest.networks, &file, &sources));
        if manifest.networks.get(&network).is_none() && !(manifest.networks.is_empty() && network == IMPLIED_NETWORK) {
            return Err(unknown_network(&network, &source, &manifest.networks, &file));
        }
        sources.insert(0, SourcedValue { key: "network".to_owned(), value: network.clone(), source });
        let dir = match path.parent() {
            Some(parent) if !parent.as_str().is_empty() => parent.to_owned(),
            _ => Utf8PathBuf::from("."),
        };
        Ok(Loaded { manifest, path: path.to_owned(), dir, network, warnings: findings, sources })
    }
}

/// A variable that is set to something.
fn set(env: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}

fn find(start: Option<&Utf8Path>) -> Result<Utf8PathBuf> {
    let start = match start {
        Some(start) => start.to_owned(),
        None => current_dir()?,
    };
    let found = start.ancestors().map(|dir| dir.join(FILE_NAME)).find(|path| path.is_file());
    found.ok_or_else(|| not_found(format!("there is no {FILE_NAME} in {start} or above")))
}

fn current_dir() -> Result<Utf8PathBuf> {
    let dir = std::env::current_dir()?;
    Utf8PathBuf::from_path_buf(dir).map_err(|dir| {
        Error::new(ErrorKind::LocalIo, "io.not_utf8", format!("the path {} is not UTF-8", dir.display()))
    })
}

fn not_found(message: String) -> Error {
    Error::input("manifest.not_found", message).hint("run `dgov init` to start a project, or give --manifest")
}

fn first_network(networks: &Named<Network>, file: &str, sources: &[SourcedValue]) -> (String, Source) {
    let Some((name, _)) = networks.first() else { return (IMPLIED_NETWORK.to_owned(), Source::Default) };
    let prefix = format!("networks.{name}.");
    let line = sources.iter().find_map(|value| match &value.source {
        Source::File { line, .. } if value.key.starts_with(&prefix) => Some(*line),
        _ => None,
    });
    let source = line.map_or(Source::Default, |line| Source::File { file: file.to_owned(), line });
    (name.to_owned(), source)
}

fn unknown_network(name: &str, source: &Source, networks: &Named<Network>, file: &str) -> Error {
    let error = Error::usage("network.unknown", format!("{source} names `{name}`, which is not a network of {file}"));
    let known: Vec<&str> = if networks.is_empty() { vec![IMPLIED_NETWORK] } else { networks.names().collect() };
    match did_you_mean(name, known.iter().copied()) {
        Some(close) => error.hint(format!("did you mean `{close}`?")),
        None => error.hint(format!("its networks are {}", known.join(", "))),
    }
}
