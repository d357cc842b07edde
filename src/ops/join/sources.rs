//! Where a joined folder reads documents from.

use camino::{Utf8Path, Utf8PathBuf};
use cid::Cid;
use url::Url;

use crate::chain::networks::is_loopback;
use crate::error::{Error, Result};
use crate::ops::lookup;
use crate::ops::names::folder_cid;
use crate::ops::view::View;
use crate::session::Session;
use crate::storage::{Gateway, Source, fetch};
use crate::ui::Warning;

/// A source as the manifest in `dir` names it. A project's folder stands for the store in it.
pub(super) fn in_manifest(text: &str, dir: &Utf8Path) -> Result<String> {
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

/// The gateway beside the node, when it has documents that no source of the session has: `dgov chain serve` is both.
/// Only on loopback: nobody named the node of a provider as a gateway. What then still can't be read is a warning.
pub(super) async fn complete(session: &Session<'_>, view: &View, rpc_url: &Url) -> Result<Option<String>> {
    let mut missing = unread(&session.sources()?, roots(session, view)?).await;
    if missing.is_empty() {
        return Ok(None);
    }
    let mut found = None;
    if is_loopback(rpc_url) {
        // Without user, path and query, which may hold a key.
        let origin = rpc_url.origin().ascii_serialization();
        let gateway = Url::parse(&origin).map_err(|error| Error::bug("an origin is no URL").caused_by(&error))?;
        let count = missing.len();
        missing = unread(&[Source::new(Gateway::new(gateway)?)], missing).await;
        found = (missing.len() < count).then_some(origin);
    }
    if !missing.is_empty() {
        let names: Vec<_> = missing.into_iter().map(|(name, _)| name).collect();
        let message = format!(
            "the documents of {} can't be read from anywhere, so that names and royalty shares are missing",
            names.join(", ")
        );
        let hint =
            "run the same `dgov join` again with --source: the publisher's gateway URL, or the folder of a store";
        session.context.ui.warn(Warning::new("join.no_documents", message).hint(hint));
    }
    Ok(found)
}

/// The root blocks of the documents, the latest version's of each dataset, with what to call the dataset.
fn roots(session: &Session<'_>, view: &View) -> Result<Vec<(String, Cid)>> {
    let mut roots = Vec::new();
    for id in view.dataset_ids() {
        if let Some(latest) = view.latest(id) {
            roots.push((lookup::name_of(session, view, id), folder_cid(latest.meta_digest)?));
        }
    }
    Ok(roots)
}

/// Those whose block is in none of the sources.
async fn unread(sources: &[Source], roots: Vec<(String, Cid)>) -> Vec<(String, Cid)> {
    let mut missing = Vec::new();
    for (name, root) in roots {
        if fetch(sources, &root).await.is_err() {
            missing.push((name, root));
        }
    }
    missing
}
