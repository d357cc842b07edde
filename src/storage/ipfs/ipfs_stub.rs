//! A stub of an IPFS node, written from the description of Kubo's RPC: what `cargo test` has everywhere.
//! `tests/interop/ipfs/run` brings the real ones.

#![allow(clippy::unwrap_used, clippy::result_large_err)]

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use cid::Cid;
use ipld_dagpb::PbNode;
use serde_json::json;

/// How the node misbehaves.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Well,
    /// Accepts an import and says at its end that it failed.
    Forgetful,
    /// Answers 403 to everything.
    Closed,
    /// Takes an upload and never answers.
    Silent,
    /// Sends other bytes than asked for.
    Lying,
}

#[derive(Default)]
struct Inner {
    mood: Mood,
    blocks: HashMap<Cid, Vec<u8>>,
    pins: BTreeSet<Cid>,
    authorization: Vec<Option<String>>,
}

/// The stub, on a free port of this machine.
#[derive(Clone, Default)]
pub struct IpfsStub(Arc<Mutex<Inner>>);

impl IpfsStub {
    /// Starts it; returns its address.
    pub async fn start() -> (Self, String) {
        let stub = Self::default();
        let router = Router::new()
            .route("/api/v0/dag/import", post(import))
            .route("/api/v0/block/stat", post(block))
            .route("/api/v0/block/get", post(block))
            .route("/api/v0/pin/add", post(pin))
            .route("/api/v0/pin/ls", post(pins))
            .layer(DefaultBodyLimit::disable())
            .with_state(stub.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (stub, address)
    }

    pub fn set(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    /// The Authorization headers of all requests so far.
    pub fn authorization(&self) -> Vec<Option<String>> {
        self.0.lock().unwrap().authorization.clone()
    }

    fn asked(&self, headers: &HeaderMap) -> Result<Mood, Response> {
        let mut inner = self.0.lock().unwrap();
        let token = headers.get(header::AUTHORIZATION).map(|token| token.to_str().unwrap().to_owned());
        inner.authorization.push(token);
        match inner.mood {
            Mood::Closed => Err((StatusCode::FORBIDDEN, "403 - Forbidden").into_response()),
            mood => Ok(mood),
        }
    }
}

/// Kubo's way to say no.
fn no(message: &str) -> Response {
    let body = json!({ "Message": message, "Code": 0, "Type": "error" });
    (StatusCode::INTERNAL_SERVER_ERROR, body.to_string()).into_response()
}

fn wanted(query: Option<String>) -> Option<Cid> {
    let query = query.unwrap_or_default();
    let (_, cid) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "arg")?;
    cid.parse().ok()
}

async fn import(State(stub): State<IpfsStub>, headers: HeaderMap, body: Bytes) -> Response {
    let mood = match stub.asked(&headers) {
        Ok(mood) => mood,
        Err(refusal) => return refusal,
    };
    if mood == Mood::Silent {
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
    let boundary = headers[header::CONTENT_TYPE].to_str().unwrap().split_once("boundary=").unwrap().1;
    let start = body.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    let end = body.len() - format!("\r\n--{boundary}--\r\n").len();
    let mut car = &body[start..end];
    section(&mut car).unwrap();
    while !car.is_empty() {
        let Some(mut block) = section(&mut car) else { return no("unexpected EOF") };
        let cid = Cid::read_bytes(&mut block).unwrap();
        stub.0.lock().unwrap().blocks.insert(cid, block.to_vec());
    }
    let error = if mood == Mood::Forgetful { "the disk is full" } else { "" };
    let root = json!({ "Root": { "Cid": { "/": "bafkqaaa" }, "PinErrorMsg": error } });
    format!("{root}\n").into_response()
}

/// The next section of a CAR file.
fn section<'a>(car: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (mut len, mut shift) = (0_usize, 0);
    loop {
        let (byte, rest) = car.split_first()?;
        *car = rest;
        len |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let (section, rest) = car.split_at_checked(len)?;
    *car = rest;
    Some(section)
}

async fn block(State(stub): State<IpfsStub>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let mood = match stub.asked(&headers) {
        Ok(mood) => mood,
        Err(refusal) => return refusal,
    };
    let found = wanted(query).and_then(|cid| stub.0.lock().unwrap().blocks.get(&cid).cloned());
    match found {
        Some(_) if mood == Mood::Lying => "other bytes".into_response(),
        Some(bytes) => bytes.into_response(),
        None => no("block was not found locally (offline): ipld: could not find node"),
    }
}

async fn pin(State(stub): State<IpfsStub>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if let Err(refusal) = stub.asked(&headers) {
        return refusal;
    }
    let mut inner = stub.0.lock().unwrap();
    let root = wanted(query).unwrap();
    let mut open = vec![root];
    while let Some(cid) = open.pop() {
        let Some(bytes) = inner.blocks.get(&cid) else { return no("ipld: could not find node") };
        if cid.codec() == 0x70 {
            open.extend(PbNode::from_bytes(Bytes::copy_from_slice(bytes)).unwrap().links.iter().map(|link| link.cid));
        }
    }
    inner.pins.insert(root);
    format!("{}\n{}\n", json!({ "Progress": 1 }), json!({ "Pins": [root.to_string()] })).into_response()
}

async fn pins(State(stub): State<IpfsStub>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if let Err(refusal) = stub.asked(&headers) {
        return refusal;
    }
    match wanted(query).filter(|cid| stub.0.lock().unwrap().pins.contains(cid)) {
        Some(cid) => json!({ "Keys": { cid.to_string(): { "Type": "recursive" } } }).to_string().into_response(),
        None => no("path is not pinned"),
    }
}
