//! A node and gateway in memory, and a stub of a bundling service, both without any check of their own: what they get is
//! judged by arweave-js and arbundles in `tests/interop/arweave`.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use super::super::text;
use super::super::upload::names;

/// Fee of an upload without its bytes.
pub const START: u64 = 1_000;

#[derive(Default)]
pub struct State {
    pub transactions: Vec<Value>,
    pub chunks: Vec<Value>,
    /// Copies by somebody else, listed first: as the transactions, with their data.
    pub forged: Vec<(Value, Vec<u8>)>,
    pub base: u64,
    pub balance: u64,
    pub mined: bool,
    pub ranges: bool,
    pub refuse_chunks: bool,
    pub refuse: Option<&'static str>,
    /// Bytes after the end of every answer with data.
    pub extra: usize,
    pub nonsense: bool,
}

#[derive(Clone)]
pub struct Node(Arc<Mutex<State>>);

impl Node {
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }
}

pub fn number(json: &Value, key: &str) -> u64 {
    json[key].as_str().unwrap().parse().unwrap()
}

impl State {
    fn data(&self, id: &str) -> Option<Vec<u8>> {
        if let Some((_, data)) = self.forged.iter().find(|(tx, _)| tx["id"] == id) {
            return Some(data.clone());
        }
        let tx = self.transactions.iter().find(|tx| tx["id"] == id)?;
        let mut chunks: Vec<_> = self.chunks.iter().filter(|chunk| chunk["data_root"] == tx["data_root"]).collect();
        chunks.sort_by_key(|chunk| number(chunk, "offset"));
        chunks.dedup_by_key(|chunk| number(chunk, "offset"));
        let data: Vec<u8> =
            chunks.iter().flat_map(|chunk| text::decode(chunk["chunk"].as_str().unwrap()).unwrap()).collect();
        (data.len() as u64 == number(tx, "data_size")).then_some(data)
    }

    /// Copies every upload under another owner and id, its data changed.
    pub fn forge(&mut self, change: impl Fn(&mut Vec<u8>)) {
        for (at, mut tx) in self.transactions.clone().into_iter().enumerate() {
            let mut data = self.data(tx["id"].as_str().unwrap()).unwrap();
            change(&mut data);
            tx["id"] = json!(text::encode(&[at as u8 + 1; 32]));
            tx["owner"] = json!(text::encode(&[9; 512]));
            self.forged.push((tx, data));
        }
    }

    fn listed(&self, question: &Value) -> Value {
        let wanted = question["variables"]["roots"].as_array().unwrap();
        let all = self.forged.iter().map(|(tx, _)| tx).chain(&self.transactions);
        let edges: Vec<Value> = all
            .map(|tx| {
                let plain = |text: &Value| String::from_utf8(text::decode(text.as_str().unwrap()).unwrap()).unwrap();
                let tag = |tag: &Value| json!({ "name": plain(&tag["name"]), "value": plain(&tag["value"]) });
                let tags: Vec<Value> = tx["tags"].as_array().unwrap().iter().map(tag).collect();
                let owner = dgov_data::arweave::address_of(&text::decode(tx["owner"].as_str().unwrap()).unwrap());
                json!({ "cursor": "c", "node": { "id": tx["id"], "owner": { "address": text::encode(&owner) },
                        "data": { "size": tx["data_size"] }, "tags": tags } })
            })
            .filter(|edge| {
                let tags = edge["node"]["tags"].as_array().unwrap();
                tags.iter().any(|tag| tag["name"] == names::ROOT && wanted.contains(&tag["value"]))
            })
            .collect();
        // Owners are not looked at: a gateway may leave a filter out.
        json!({ "data": { "transactions": { "pageInfo": { "hasNextPage": false }, "edges": edges } } })
    }

    fn serve(&self, id: &str, range: Option<&str>) -> ResponseTemplate {
        let Some(data) = self.data(id) else { return ResponseTemplate::new(404) };
        let more = vec![0; self.extra];
        let range = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
        match range.filter(|_| self.ranges) {
            Some((from, to)) => {
                let part = &data[from.parse().unwrap()..=to.parse().unwrap()];
                ResponseTemplate::new(206).set_body_bytes([part, &more].concat())
            }
            None => ResponseTemplate::new(200).set_body_bytes([&data[..], &more].concat()),
        }
    }

    fn answer(&mut self, request: &Request) -> ResponseTemplate {
        let ok = |text: String| ResponseTemplate::new(200).set_body_string(text);
        let path: Vec<&str> = request.url.path().split('/').skip(1).collect();
        let json = || serde_json::from_slice::<Value>(&request.body).unwrap();
        if self.nonsense {
            return ok("<html>".into());
        }
        match (request.method.as_str(), &path[..]) {
            ("GET", ["price", bytes]) => ok((self.base + bytes.parse::<u64>().unwrap()).to_string()),
            ("GET", ["wallet", _, "balance"]) => ok(self.balance.to_string()),
            ("GET", ["tx_anchor"]) => ok(text::encode(&[5; 48])),
            ("GET", ["tx", id, "status"]) => match self.transactions.iter().any(|tx| tx["id"] == *id) {
                true if self.mined => ok(json!({ "number_of_confirmations": 1 }).to_string()),
                true => ResponseTemplate::new(202).set_body_string("Pending"),
                false => ResponseTemplate::new(404),
            },
            ("GET", ["tx", id]) => match self.transactions.iter().find(|tx| tx["id"] == *id) {
                Some(tx) => ok(tx.to_string()),
                None => ResponseTemplate::new(404),
            },
            ("POST", ["tx"]) => match self.refuse {
                Some(why) => ResponseTemplate::new(400).set_body_string(why),
                None => {
                    self.transactions.push(json());
                    ok("OK".into())
                }
            },
            ("POST", ["chunk"]) if self.refuse_chunks => ResponseTemplate::new(400).set_body_string("disk_full"),
            ("POST", ["chunk"]) => {
                self.chunks.push(json());
                ok("OK".into())
            }
            ("POST", ["graphql"]) => ok(self.listed(&json()).to_string()),
            ("GET", [id]) => self.serve(id, request.headers.get("range").map(|range| range.to_str().unwrap())),
            _ => ResponseTemplate::new(404),
        }
    }
}

impl Respond for Node {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.with(|state| state.answer(request))
    }
}

pub async fn node() -> (MockServer, Node) {
    let state = State { base: START, balance: u64::MAX, ranges: true, ..State::default() };
    let node = Node(Arc::new(Mutex::new(state)));
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(node.clone()).mount(&server).await;
    (server, node)
}

/// Items that a stub has taken.
pub type Items = Arc<Mutex<Vec<Vec<u8>>>>;

struct Stub(Items);

impl Respond for Stub {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        if let Some(bytes) = path.strip_prefix("/v1/price/bytes/") {
            return ResponseTemplate::new(200)
                .set_body_json(json!({ "winc": (bytes.parse::<u64>().unwrap() * 7).to_string() }));
        }
        assert_eq!((request.method.as_str(), path), ("POST", "/v1/tx/ethereum"));
        assert_eq!(request.headers["content-length"].to_str().unwrap(), request.body.len().to_string());
        let mut items = self.0.lock().unwrap();
        if items.contains(&request.body) {
            return ResponseTemplate::new(202).set_body_string("Data Item Exists");
        }
        let lies = items.first().is_some_and(|item| item == b"lie");
        items.push(request.body.clone());
        let id = dgov_data::arweave::DataItem::parse(&request.body).unwrap().id();
        let id = if lies { [0; 32] } else { id };
        ResponseTemplate::new(200).set_body_json(json!({ "id": text::encode(&id) }))
    }
}

pub async fn stub_bundler() -> (MockServer, Items) {
    let items = Items::default();
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Stub(Arc::clone(&items))).mount(&server).await;
    (server, items)
}
