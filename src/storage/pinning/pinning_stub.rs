//! A stub of a pinning service, written from the specification: no service runs offline. It keeps what it was asked for
//! and moves each request one state a question, as its script says.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// What the stub does with the next requests.
#[derive(Clone, Default)]
pub struct Script {
    /// States that a request goes through; the last one stays.
    pub states: Vec<&'static str>,
    /// The CID that it speaks of instead of the right one.
    pub other_cid: Option<String>,
    /// Answers every request with this status.
    pub refuses: Option<(u16, &'static str)>,
}

struct Request {
    pin: Value,
    ahead: VecDeque<&'static str>,
}

#[derive(Default)]
struct Inner {
    script: Script,
    requests: BTreeMap<String, Request>,
}

/// The stub, on a free port of this machine.
#[derive(Clone, Default)]
pub struct PinningStub(Arc<Mutex<Inner>>);

impl PinningStub {
    /// Starts it; returns its address.
    pub async fn start(script: Script) -> (Self, String) {
        let stub = Self::default();
        stub.set(script);
        let router = Router::new()
            .route("/psa/pins", post(add).get(list))
            .route("/psa/pins/{id}", get(show))
            // What dgov asks of the node behind the target `ipfs`.
            .route("/api/v0/id", post(id))
            .route("/api/v0/swarm/connect", post(connect))
            .with_state(stub.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (stub, address)
    }

    pub fn set(&self, script: Script) {
        self.0.lock().unwrap().script = script;
    }

    /// Bodies of all requests for a pin, in order.
    pub fn pins(&self) -> Vec<Value> {
        self.0.lock().unwrap().requests.values().map(|request| request.pin.clone()).collect()
    }
}

async fn id() -> Json<Value> {
    Json(
        json!({ "ID": "QmNode", "Addresses": ["/ip4/127.0.0.1/tcp/4001/p2p/QmNode", "/ip4/198.51.100.7/tcp/4001/p2p/QmNode"] }),
    )
}

async fn connect() -> Json<Value> {
    Json(json!({ "Strings": [] }))
}

fn refusal(inner: &Inner, headers: &HeaderMap) -> Option<Response> {
    let (status, reason) = match inner.script.refuses {
        Some(refuses) => refuses,
        None if headers.get("authorization").is_some_and(|token| token == "Bearer secret") => return None,
        None => (401, "UNAUTHORIZED"),
    };
    let body = json!({ "error": { "reason": reason, "details": "as the script says" } });
    Some((StatusCode::from_u16(status).unwrap(), Json(body)).into_response())
}

async fn add(State(stub): State<PinningStub>, headers: HeaderMap, Json(pin): Json<Value>) -> Response {
    let mut inner = stub.0.lock().unwrap();
    if let Some(refusal) = refusal(&inner, &headers) {
        return refusal;
    }
    let id = format!("request-{}", inner.requests.len() + 1);
    let ahead = inner.script.states.clone().into();
    inner.requests.insert(id.clone(), Request { pin, ahead });
    (StatusCode::ACCEPTED, Json(status(&mut inner, &id))).into_response()
}

async fn show(State(stub): State<PinningStub>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let mut inner = stub.0.lock().unwrap();
    if let Some(refusal) = refusal(&inner, &headers) {
        return refusal;
    }
    if !inner.requests.contains_key(&id) {
        return (StatusCode::NOT_FOUND, Json(json!({ "error": { "reason": "NOT_FOUND" } }))).into_response();
    }
    Json(status(&mut inner, &id)).into_response()
}

async fn list(State(stub): State<PinningStub>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let query: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut inner = stub.0.lock().unwrap();
    if let Some(refusal) = refusal(&inner, &headers) {
        return refusal;
    }
    let ids: Vec<String> = inner.requests.keys().cloned().collect();
    let all: Vec<Value> = ids.iter().map(|id| status(&mut inner, id)).collect();
    let fits = |pin: &Value| query.get("cid").is_none_or(|cid| pin["pin"]["cid"] == **cid);
    let found: Vec<Value> = all
        .into_iter()
        .filter(|pin| fits(pin) && query.get("status").is_none_or(|wanted| pin["status"] == **wanted))
        .collect();
    Json(json!({ "count": found.len(), "results": found })).into_response()
}

/// The status of a request, which moves on when it is told.
fn status(inner: &mut Inner, id: &str) -> Value {
    let other = inner.script.other_cid.clone();
    let request = inner.requests.get_mut(id).unwrap();
    let state = if request.ahead.len() > 1 { request.ahead.pop_front().unwrap() } else { request.ahead[0] };
    let mut pin = request.pin.clone();
    if let Some(other) = other {
        pin["cid"] = other.into();
    }
    json!({
        "requestid": id, "status": state, "created": "2026-01-02T03:04:05Z", "pin": pin,
        "delegates": ["/ip4/198.51.100.9/tcp/4001/p2p/QmService"],
        "info": { "status_details": "no providers found" },
    })
}
