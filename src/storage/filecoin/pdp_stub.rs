//! A stub of a PDP service, written from the handlers of Curio (`pdp/` in github.com/filecoin-project/curio): none runs
//! offline. It computes the piece CID of what it gets, as the real one does.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{StatusCode, header::LOCATION};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use dgov_data::filecoin::PieceHasher;
use serde_json::{Value, json};

/// What the stub knows and does; tests look and reach in.
#[derive(Default)]
pub struct Inner {
    /// Uploads, by id; finished ones are pieces.
    pub uploads: BTreeMap<String, Bytes>,
    /// Content of pieces, by CID of version 2.
    pub pieces: BTreeMap<String, Bytes>,
    /// Pieces of data set 7, as version 1: a service may answer with either.
    pub listed: Vec<String>,
    /// Requests that added pieces.
    pub changes: usize,
    /// Pieces of the last change, until the chain has them.
    pub waiting: Vec<String>,
    /// What the chain says to changes: `pending`, `confirmed` or `rejected`.
    pub chain: &'static str,
}

#[derive(Clone, Default)]
pub struct PdpStub(pub Arc<Mutex<Inner>>);

impl PdpStub {
    /// Starts it on a free port of this machine; returns its address.
    pub async fn start() -> (Self, String) {
        let stub = Self::default();
        stub.0.lock().unwrap().chain = "confirmed";
        let router = Router::new()
            .route("/pdp/piece", get(find))
            .route("/pdp/piece/uploads", post(begin))
            .route("/pdp/piece/uploads/{id}", post(finish).put(upload))
            .route("/pdp/data-sets/{set}", get(show))
            .route("/pdp/data-sets/{set}/pieces", post(add))
            .route("/pdp/data-sets/{set}/pieces/added/{hash}", get(added))
            .layer(DefaultBodyLimit::disable())
            .with_state(stub.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (stub, address)
    }
}

async fn begin(State(stub): State<PdpStub>) -> Response {
    let mut inner = stub.0.lock().unwrap();
    let id = format!("00000000-0000-0000-0000-{:012}", inner.uploads.len() + 1);
    inner.uploads.insert(id.clone(), Bytes::new());
    (StatusCode::CREATED, [(LOCATION, format!("/pdp/piece/uploads/{id}"))]).into_response()
}

async fn upload(State(stub): State<PdpStub>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    match stub.0.lock().unwrap().uploads.get_mut(&id) {
        Some(upload) => {
            *upload = body;
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

async fn finish(State(stub): State<PdpStub>, Path(id): Path<String>, Json(said): Json<Value>) -> Response {
    let mut inner = stub.0.lock().unwrap();
    let Some(bytes) = inner.uploads.get(&id).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let mut hasher = PieceHasher::default();
    std::io::Write::write_all(&mut hasher, &bytes).unwrap();
    let cid = hasher.finish().cid_v2().to_string();
    if said["pieceCid"] != *cid {
        return (StatusCode::BAD_REQUEST, "Computed piece CID does not match expected piece CID").into_response();
    }
    inner.pieces.insert(cid, bytes);
    StatusCode::OK.into_response()
}

async fn find(State(stub): State<PdpStub>, RawQuery(query): RawQuery) -> Response {
    let cid = query.unwrap_or_default().strip_prefix("pieceCid=").unwrap_or_default().to_owned();
    match stub.0.lock().unwrap().pieces.contains_key(&cid) {
        true => Json(json!({ "pieceCid": cid })).into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn show(State(stub): State<PdpStub>, Path(set): Path<u64>) -> Response {
    if set != 7 {
        return StatusCode::NOT_FOUND.into_response();
    }
    let listed = stub.0.lock().unwrap().listed.clone();
    let pieces = listed.iter().enumerate().map(|(id, cid)| json!({ "pieceId": id, "pieceCid": cid }));
    Json(json!({ "id": set, "pieces": pieces.collect::<Vec<_>>() })).into_response()
}

async fn add(State(stub): State<PdpStub>, Path(set): Path<u64>, Json(body): Json<Value>) -> Response {
    let mut inner = stub.0.lock().unwrap();
    let cids: Vec<String> =
        body["pieces"].as_array().unwrap().iter().map(|piece| piece["pieceCid"].as_str().unwrap().to_owned()).collect();
    if !cids.iter().all(|cid| inner.pieces.contains_key(cid)) {
        return (StatusCode::BAD_REQUEST, "subPiece not found").into_response();
    }
    inner.changes += 1;
    inner.waiting = cids;
    let hash = format!("0x{:064x}", inner.changes);
    (StatusCode::CREATED, [(LOCATION, format!("/pdp/data-sets/{set}/pieces/added/{hash}"))]).into_response()
}

async fn added(State(stub): State<PdpStub>) -> Json<Value> {
    let mut inner = stub.0.lock().unwrap();
    let confirmed = inner.chain == "confirmed";
    if confirmed {
        let waiting = std::mem::take(&mut inner.waiting);
        let contents: Vec<_> = waiting.iter().map(|cid| inner.pieces[cid].clone()).collect();
        for bytes in contents {
            let mut hasher = PieceHasher::default();
            std::io::Write::write_all(&mut hasher, &bytes).unwrap();
            inner.listed.push(hasher.finish().cid_v1().to_string());
        }
    }
    Json(json!({ "txStatus": inner.chain, "piecesAdded": confirmed, "addMessageOk": confirmed }))
}
