//! A local store over HTTP, as a trustless gateway of single blocks (specs.ipfs.tech "Trustless Gateway"): whoever reads
//! checks the hash, so the server needs no trust.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use camino::Utf8PathBuf;
use cid::Cid;

use super::{LocalStore, verify};
use crate::error::Result;

/// Media type of a raw block.
const RAW_BLOCK: &str = "application/vnd.ipld.raw";

/// `GET /ipfs/{cid}?format=raw` over the store in this folder. Whoever serves these routes decides who may ask.
pub fn routes(directory: Utf8PathBuf) -> Router {
    Router::new().route("/ipfs/{cid}", get(block)).with_state(Arc::new(Shelf::new(directory)))
}

/// The store as it was when it was last looked through; a push adds packs while the server runs.
struct Shelf {
    directory: Utf8PathBuf,
    store: Mutex<Arc<LocalStore>>,
}

impl Shelf {
    fn new(directory: Utf8PathBuf) -> Self {
        let store = Mutex::new(Arc::new(LocalStore::new(directory.clone())));
        Self { directory, store }
    }

    /// The checked block. A miss, and a pack that has gone, look at the folder again.
    fn read(&self, cid: &Cid) -> Result<Option<Vec<u8>>> {
        let known = Arc::clone(&self.store.lock().unwrap_or_else(PoisonError::into_inner));
        if let Ok(Some(bytes)) = known.stored(cid)
            && verify(cid, &bytes, self.directory.as_str()).is_ok()
        {
            return Ok(Some(bytes));
        }
        let fresh = Arc::new(LocalStore::new(self.directory.clone()));
        let found = fresh.stored(cid)?;
        if let Some(bytes) = &found {
            verify(cid, bytes, self.directory.as_str())?;
        }
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(found)
    }
}

async fn block(State(shelf): State<Arc<Shelf>>, Path(text): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    if !wants_raw(&uri, &headers) {
        return (StatusCode::NOT_ACCEPTABLE, "only single blocks are served: add ?format=raw\n").into_response();
    }
    let Ok(cid) = text.parse::<Cid>() else {
        return (StatusCode::BAD_REQUEST, "this is not a CID\n").into_response();
    };
    match tokio::task::spawn_blocking(move || shelf.read(&cid)).await {
        Ok(Ok(Some(bytes))) => {
            let fixed = [
                (header::CONTENT_TYPE, RAW_BLOCK.to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{cid}.bin\"")),
                (header::ETAG, format!("\"{cid}.raw\"")),
                (header::CACHE_CONTROL, "public, max-age=29030400, immutable".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (fixed, bytes).into_response()
        }
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, "the store does not have this block\n").into_response(),
        // The message would name this machine's folders.
        Ok(Err(_)) | Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the store is damaged\n").into_response(),
    }
}

/// The format as the query says it, else as the header does.
fn wants_raw(uri: &Uri, headers: &HeaderMap) -> bool {
    let format =
        uri.query().into_iter().flat_map(|query| query.split('&')).find_map(|pair| pair.strip_prefix("format="));
    match format {
        Some(format) => format == "raw",
        None => {
            let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
            accept.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == RAW_BLOCK))
        }
    }
}
