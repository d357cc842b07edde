//! `dgov join`: a folder that takes part in a project of others.

mod sources;

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Serialize;
use url::Url;

use crate::context::Context;
use crate::env_vars::DGOV_RPC_URL;
use crate::error::{Error, Result};
use crate::manifest::edit::Editor;
use crate::manifest::values::{RegistryRef, Slug, ValueError};
use crate::manifest::{FILE_NAME, Loaded, Manifest, Overrides};
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
    /// Content stores and gateways that the manifest names now.
    pub sources: Vec<String>,
}

impl Report for JoinReport {
    fn human(&self) -> String {
        let datasets = if self.datasets.is_empty() { "none yet".to_owned() } else { self.datasets.join(", ") };
        let rows = [
            ("joined", format!("{} ({})", self.name, self.project)),
            ("deployer", self.deployer.clone()),
            ("datasets", datasets),
            ("sources", if self.sources.is_empty() { "none".to_owned() } else { self.sources.join(", ") }),
            ("wrote", format!("{} and dgov.lock", self.manifest)),
        ];
        table::pairs(&rows)
    }
}

/// Checks a project on its chain and writes a manifest and a lock for it. A folder that has joined the same project
/// already gets the sources and the URL that are given, and keeps the rest of its manifest.
///
/// # Errors
/// `join.exists` when the folder has a manifest of another project, or one to which nothing is added; `usage.project`,
/// `chain.wrong_chain`, `project.not_on_chain`, `suite.foreign` (integrity) when the registry was not made by this dgov's
/// factory, `storage.source`, file errors.
pub async fn join(context: &Context, options: &Options<'_>) -> Result<JoinReport> {
    let registry: RegistryRef = options.project.parse().map_err(|error: ValueError| {
        Error::usage("usage.project", error.message).hint(error.hint.unwrap_or_else(|| "eip155:CHAIN:REGISTRY".into()))
    })?;
    let path = options.dir.join(FILE_NAME);
    let known = path.try_exists()?;
    let mut editor = if known {
        widened(context, options, &registry, &path)?
    } else {
        Editor::parse(&manifest(&registry, &shown_url(context, options.rpc_url)))?
    };
    let mut loaded = parse(context, options, &editor, &path, known)?;
    for text in options.sources {
        add_source(&mut editor, &mut loaded, sources::in_manifest(text, options.dir)?)?;
    }

    // All is checked before anything is written, with a manifest that is in memory only.
    let mut session = Session::open_with(context, loaded).await.map_err(about_the_url)?;
    let factory = deploy::shared_contracts()?.factory.address;
    let deployment = suites::of_registry(&session.connection, registry.address, factory, None).await?;
    let view = View::load(&session.connection.provider, &deployment.suite, deployment.block).await?;
    if let Some(gateway) = sources::complete(&session, &view, options.rpc_url).await? {
        add_source(&mut editor, &mut session.loaded, gateway)?;
    }
    let section = sync::section(&session, &deployment, &view).await?;
    let mut name = session.loaded.manifest.project.name.to_string();
    if name == UNNAMED
        && let Some(documented) = project_name(&session, &view).await?
    {
        editor.set("project.name", documented.as_str())?;
        name = documented;
    }

    fs_err::create_dir_all(options.dir)?;
    session.update_lock(|networks| {
        networks.insert(session.name().to_owned(), section.clone());
    })?;
    // Last, because a manifest is what keeps a second try from being made.
    if known {
        editor.save(&path)?;
    } else {
        write_new(&path, &editor.to_string())?;
    }
    Ok(JoinReport {
        project: registry.to_string(),
        name,
        manifest: path.to_string(),
        chain_id: section.chain_id,
        deployer: deployment.deployer.to_checksum(None),
        contracts: section.contracts.iter().map(|(role, at)| (role.clone(), at.to_checksum(None))).collect(),
        datasets: section.datasets.keys().cloned().collect(),
        sources: session.loaded.manifest.storage.sources.clone(),
    })
}

/// The manifest that other hints speak of is not written yet: the flag is what can be changed.
fn about_the_url(error: Error) -> Error {
    if !matches!(error.code(), "chain.unreachable" | "chain.malformed_answer" | "chain.refused" | "chain.wrong_chain") {
        return error;
    }
    Error::chain(error.code(), error.message())
        .hint("give the URL of a running node of the project's chain with --rpc-url, then join again")
}

fn manifest(registry: &RegistryRef, rpc_url: &str) -> String {
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    format!(
        "# Takes part in a project of others: read, buy, vote and claim here. What the project is, the chain says;\n\
         # `dgov sync` refreshes dgov.lock from it.\n\n\
         [project]\nname = {}\nregistry = {}\n\n\
         [networks.joined]\nrpc-url = {}\nchain-id = {}\n",
        quoted(UNNAMED),
        quoted(&registry.to_string()),
        quoted(rpc_url),
        registry.chain_id,
    )
}

/// The manifest of a folder that has joined the project before, with the URL that is given now.
fn widened(context: &Context, options: &Options<'_>, registry: &RegistryRef, path: &Utf8Path) -> Result<Editor> {
    let mut editor = Editor::open(path)?;
    let loaded = parse(context, options, &editor, path, true)?;
    let joined = loaded.manifest.project.registry.as_ref();
    let network = loaded.network();
    let known = network.rpc_url.as_ref().and_then(|url| url.resolved());
    let same_url = known == Some(options.rpc_url);
    if joined != Some(registry) || (options.sources.is_empty() && same_url) {
        return Err(exists(path, joined));
    }
    if !same_url {
        editor.set(&format!("networks.\"{}\".rpc-url", loaded.network), shown_url(context, options.rpc_url))?;
    }
    Ok(editor)
}

/// The manifest as it will be. The URL of this run stands for its variable, whether that is set or not.
fn parse(context: &Context, options: &Options<'_>, editor: &Editor, path: &Utf8Path, known: bool) -> Result<Loaded> {
    let variables = |name: &str| match name {
        DGOV_RPC_URL => Some(options.rpc_url.to_string()),
        // What is written for the first time has one network, whatever the environment says.
        _ => known.then(|| environment(name)).flatten(),
    };
    let network = context.global.network.clone().filter(|_| known);
    Manifest::parse(&editor.to_string(), path, &variables, &Overrides { network, start: None })
}

fn add_source(editor: &mut Editor, loaded: &mut Loaded, source: String) -> Result<()> {
    let sources = &mut loaded.manifest.storage.sources;
    if !sources.contains(&source) {
        editor.push("storage.sources", source.as_str())?;
        sources.push(source);
    }
    Ok(())
}

/// The first name of a project in the documents of its datasets, if it can be a name here.
async fn project_name(session: &Session<'_>, view: &View) -> Result<Option<String>> {
    let sources = session.sources()?;
    for id in view.dataset_ids() {
        let Some(latest) = view.latest(id) else { continue };
        let token = lock_view::token_document(&sources, latest).await;
        let title = token.as_ref().and_then(|token| token["name"].as_str()).unwrap_or_default();
        if let Some((project, _)) = title.split_once(" / ")
            && project.parse::<Slug>().is_ok()
        {
            return Ok(Some(project.to_owned()));
        }
    }
    Ok(None)
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

fn exists(path: &Utf8Path, joined: Option<&RegistryRef>) -> Error {
    let error = Error::input("join.exists", format!("there is a manifest at {path} already"));
    match joined {
        Some(other) => error.hint(format!(
            "it takes part in {other}; add a place to read from with --source, refresh the lock with `dgov sync`, or \
             choose another folder with --dir"
        )),
        None => error.hint("choose another folder with --dir"),
    }
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
        std::io::ErrorKind::AlreadyExists => exists(path, None),
        _ => Error::from(error.error),
    })
}
