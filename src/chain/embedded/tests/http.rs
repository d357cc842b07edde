//! The HTTP server: who is served and who is not.

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::samples::*;
use crate::chain::embedded::server::{bind, serve_on};
use crate::error::ErrorKind;

#[tokio::test]
async fn programs_on_this_machine_are_served_and_pages_of_others_are_not() {
    let bench = Bench::new();
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve_on(bench.chain.clone(), listener, async move { drop(stopped.await) }));

    let client = reqwest::Client::new();
    let url = format!("http://127.0.0.1:{port}/");
    let request = || client.post(&url).json(&json!({"jsonrpc": "2.0", "id": 7, "method": "evm_mine"}));
    let answer: Value = request().send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({"jsonrpc": "2.0", "id": 7, "result": "0x0"}));
    for host in ["localhost:1", "127.0.0.1", "[::1]:8545"] {
        assert_eq!(request().header("host", host).send().await.unwrap().status(), 200, "{host}");
    }
    assert_eq!(bench.chain.height(), 4, "the server and the library share one chain");

    for host in ["evil.example", "localhost.evil.example:8545", "192.0.2.1"] {
        assert_eq!(request().header("host", host).send().await.unwrap().status(), 403, "{host}");
    }
    let text = r#"{"jsonrpc":"2.0","id":7,"method":"evm_mine"}"#;
    let posted = client.post(&url).header("content-type", "text/plain").body(text).send().await.unwrap();
    assert_eq!(posted.status(), 415);
    assert_eq!(bench.chain.height(), 4);

    let taken = bind(format!("127.0.0.1:{port}").parse().unwrap()).await.unwrap_err();
    assert_eq!((taken.kind(), taken.code()), (ErrorKind::LocalIo, "io.port"));
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(client.post(&url).body(text).send().await.is_err(), "stopped");
}

#[tokio::test]
async fn addresses_that_others_can_reach_are_refused() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let error = bind(address.parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "chain.not_loopback"), "{address}");
    }
}
