//! `dgov join`: a folder that takes part in a project of others.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use url::Url;

use crate::context::Context;
use crate::env_vars::DGOV_RPC_URL;
use crate::error::{Error, Result};
use crate::manifest::values::{RegistryRef, Slug, ValueError};
use crate::manifest::{FILE_NAME, Manifest, Overrides};
use crate::ops::view::View;
use crate::ops::{deploy, lock_view, suites, sync};
use crate::session::{Session, environment};
use crate::ui::{Report, Warning, table};

/// Name of a project whose documents nobody serves.
const UNNAMED: &str = "joined";

/// What to join.
pub struct Options<'a> {
    /// `eip155:CHAIN:REGISTRY`.
    pub project: &'a str,
    /// JSON-RPC endpoint.
    pub rpc_url: &'a Url,
    /// Content stores and gateways to read from.
    pub sources: &'a [String],
    /// Folder to set up.
    pub dir: &'a Utf8Path,
}

/// What was set up.
#[derive(Debug, Serialize)]
pub struct JoinReport {
    /// `eip155:CHAIN:REGISTRY`.
    pub project: String,
    /// Name of the project, from its documents; `joined` where nobody serves them.
    pub name: String,
    /// The manifest that was written.
    pub manifest: String,
    /// EIP-155 id.
    pub chain_id: u64,
    /// Who deployed the project.
    pub deployer: String,
    /// Addresses by role, checksummed.
    pub contracts: BTreeMap<String, String>,
    /// Datasets on chain, by name.
    pub datasets: Vec<String>,
}

impl Report for JoinReport {
    fn human(&self) -> String {
        let datasets = if self.datasets.is_empty() { "none yet".to_owned() } else { self.datasets.join(", ") };
        let rows = [
            ("joined", format!("{} ({})", self.name, self.project)),
            ("deployer", self.deployer.clone()),
            ("datasets", datasets),
            ("wrote", format!("{} and dgov.lock", self.manifest)),
        ];
        table::pairs(&rows)
    }
}

/// Checks a project on its chain and writes a manifest and a lock for it.
///
/// # Errors
/// `join.exists` when the folder has a manifest, `usage.project`, `chain.wrong_chain`, `project.not_on_chain`,
/// `suite.foreign` (integrity) when the registry was not made by this dgov's factory, `storage.source`, file errors.
pub async fn join(context: &Context, options: &Options<'_>) -> Result<JoinReport> {
    let registry: RegistryRef = options.project.parse().map_err(|error: ValueError| {
        Error::usage("usage.project", error.message).hint(error.hint.unwrap_or_else(|| "eip155:CHAIN:REGISTRY".into()))
    })?;
    let path = options.dir.join(FILE_NAME);
    if path.try_exists()? {
        return Err(exists(&path));
    }
    let sources = options.sources.iter().map(|text| source(text, options.dir)).collect::<Result<Vec<_>>>()?;

    // All is checked before anything is written, with a manifest that is in memory only.
    let draft = manifest(&registry, UNNAMED, options.rpc_url.as_str(), &sources);
    let loaded = Manifest::parse(&draft, &path, &|_| None, &Overrides::default())?;
    let session = Session::open_with(context, loaded).await?;
    let factory = deploy::shared_contracts()?.factory.address;
    let deployment = suites::of_registry(&session.connection, registry.address, factory, None).await?;
    let view = View::load(&session.connection.provider, &deployment.suite, deployment.block).await?;
    let section = sync::section(&session, &deployment, &view).await?;
    let name = project_name(&session, &view).await?;

    fs_err::create_dir_all(options.dir)?;
    session.update_lock(|networks| {
        networks.insert(session.name().to_owned(), section.clone());
    })?;
    // Last, because a manifest is what keeps a second try from being made.
    write_new(&path, &manifest(&registry, &name, &shown_url(context, options.rpc_url), &sources))?;
    Ok(JoinReport {
        project: registry.to_string(),
        name,
        manifest: path.to_string(),
        chain_id: section.chain_id,
        deployer: deployment.deployer.to_checksum(None),
        contracts: section.contracts.iter().map(|(role, at)| (role.clone(), at.to_checksum(None))).collect(),
        datasets: section.datasets.keys().cloned().collect(),
    })
}

fn manifest(registry: &RegistryRef, name: &str, rpc_url: &str, sources: &[String]) -> String {
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let mut text = format!(
        "# Takes part in a project of others: read, buy, vote and claim here. What the project is, the chain says;\n\
         # `dgov sync` refreshes dgov.lock from it.\n\n\
         [project]\nname = {}\nregistry = {}\n\n\
         [networks.joined]\nrpc-url = {}\nchain-id = {}\n",
        quoted(name),
        quoted(&registry.to_string()),
        quoted(rpc_url),
        registry.chain_id,
    );
    if !sources.is_empty() {
        let sources: Vec<_> = sources.iter().map(|source| quoted(source)).collect();
        text.push_str(&format!("\n[storage]\nsources = [{}]\n", sources.join(", ")));
    }
    text
}

/// A source as the manifest in `dir` names it. A project's folder stands for the store in it.
fn source(text: &str, dir: &Utf8Path) -> Result<String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(text.to_owned());
    }
    let given = Utf8Path::new(text);
    let store = match given.join(".dgov") {
        state if state.is_dir() => state.join("store"),
        _ if given.is_dir() => given.to_owned(),
        _ => {
            return Err(Error::input("storage.source", format!("there is no folder {text}"))
                .hint("name a content store, a project's folder, or the URL of a trustless gateway"));
        }
    };
    if dir == "." || store.is_absolute() {
        return Ok(store.to_string());
    }
    let absolute = std::path::absolute(&store)?;
    Utf8PathBuf::from_path_buf(absolute).map(String::from).map_err(|path| {
        Error::local_io("io.not_utf8", format!("the path {} is not UTF-8", path.display()))
            .hint("run dgov in a folder whose path is UTF-8")
    })
}

/// The first name of a project in the documents of its datasets, if it can be a name here.
async fn project_name(session: &Session<'_>, view: &View) -> Result<String> {
    let sources = session.sources()?;
    for id in view.dataset_ids() {
        let Some(latest) = view.latest(id) else { continue };
        let token = lock_view::token_document(&sources, latest).await;
        let title = token.as_ref().and_then(|token| token["name"].as_str()).unwrap_or_default();
        if let Some((project, _)) = title.split_once(" / ")
            && project.parse::<Slug>().is_ok()
        {
            return Ok(project.to_owned());
        }
    }
    Ok(UNNAMED.to_owned())
}

/// The URL for the manifest; one that may hold a key stays in the environment.
fn shown_url(context: &Context, url: &Url) -> String {
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.path() == "/";
    if plain {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    if environment(DGOV_RPC_URL).is_none_or(|set| set != url.as_str()) {
        let message =
            format!("the RPC URL may hold a key and was not written: set {DGOV_RPC_URL} to it in this folder");
        context.ui.warn(Warning::new("join.rpc_url", message));
    }
    format!("${{{DGOV_RPC_URL}}}")
}

fn exists(path: &Utf8Path) -> Error {
    Error::input("join.exists", format!("there is a manifest at {path} already"))
        .hint("choose another folder with --dir; `dgov sync` refreshes a folder that has joined")
}

/// Writes a file that is not there yet, whole or not at all.
fn write_new(path: &Utf8Path, text: &str) -> Result<()> {
    use std::io::Write;
    let dir = path.parent().filter(|dir| !dir.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(drop).map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(path),
        _ => Error::from(error.error),
    })
}
