//! `dgov chain`: the embedded chain's clock, its end, and its server.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::common::TestEnv;

fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("dgov.toml", "[project]\nname = \"p\"\n\n[networks.local]\nkind = \"embedded\"\n\n[networks.node]\nrpc-url = \"http://127.0.0.1:1\"\n");
    env
}

#[test]
fn the_clock_moves_forward_and_stays_there() {
    let env = project();
    let first = env.json(&["chain", "advance", "3d"]);
    assert_eq!((first["seconds"].as_u64(), first["block"].as_u64()), (Some(259_200), Some(1)));
    assert_eq!(first["time"], "2026-01-04T00:00:01Z");
    let second = env.json(&["chain", "advance", "90s"]);
    assert_eq!((second["block"].as_u64(), second["time"].as_str()), (Some(2), Some("2026-01-04T00:01:32Z")));
    env.fails(&["chain", "advance", "10000000000000w"], 2, "chain.time_overflow");
    assert_eq!(env.run(&["chain", "advance", "tomorrow"]).code, 2);
}

#[test]
fn a_node_is_not_ours_to_move() {
    let env = project();
    for args in [&["chain", "advance", "1d"][..], &["chain", "reset", "--yes"], &["chain", "serve"]] {
        env.fails(&[args, &["--network", "node"]].concat(), 2, "chain.not_embedded");
    }
}

#[test]
fn reset_forgets_the_chain_and_what_the_lock_said_of_it() {
    let env = project();
    env.ok(&["deploy"]);
    env.fails(&["chain", "reset"], 8, "confirm.not_asked");
    assert!(env.read("dgov.lock").contains("[networks.local"), "an unconfirmed reset changes nothing");

    let gone = env.json(&["chain", "reset", "--yes"]);
    assert_eq!(gone["lock_section_removed"], true);
    assert_eq!(gone["contracts"].as_array().unwrap().len(), 13);
    assert!(!env.read("dgov.lock").contains("networks.local"));
    assert_eq!(env.json(&["chain", "advance", "1s"])["block"], 1, "the chain is new");
    assert_eq!(env.json(&["chain", "reset", "--yes"])["lock_section_removed"], false);
    assert_eq!(env.json(&["deploy"])["deployed"], true, "what is gone can be made again");
}

#[test]
fn reset_mends_a_damaged_chain() {
    let env = project();
    env.ok(&["chain", "advance", "1d"]);
    for entry in std::fs::read_dir(env.dir().join(".dgov/chain")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap() != "lock" {
            std::fs::write(path, "nonsense\n").unwrap();
        }
    }
    let output = env.run(&["chain", "advance", "1d"]);
    assert_eq!(output.code, 7, "{output}");
    env.ok(&["chain", "reset", "--yes"]);
    assert_eq!(env.json(&["chain", "advance", "1s"])["block"], 1);
}

/// A server of the project, ended when the test ends.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    pub fn start(env: &TestEnv) -> Self {
        let mut child =
            env.command(&["chain", "serve", "--port", "0", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let first: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self { child, url: first["url"].as_str().unwrap().to_owned() }
    }

    /// A request over plain HTTP: status line, head and body.
    fn get(&self, path: &str, host: &str) -> (u16, String, Vec<u8>) {
        use std::io::{Read, Write};
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
        (head[9..12].parse().unwrap(), head, answer[end + 4..].to_vec())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[cfg(unix)]
fn a_server_stopped_by_its_user_has_not_failed() {
    let env = project();
    let mut server = Server::start(&env);
    let pid = server.child.id().to_string();
    assert!(std::process::Command::new("sh").args(["-c", &format!("kill -INT {pid}")]).status().unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_store_is_served_block_by_block_while_it_grows() {
    let env = project();
    let server = Server::start(&env);
    // sha2-256 of "hello\n", as a raw block.
    let cid = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
    let path = format!("/ipfs/{cid}?format=raw");
    assert_eq!(server.get(&path, "localhost").0, 404);
    env.store_block(cid, b"hello\n");
    let (status, head, body) = server.get(&path, "localhost");
    assert_eq!((status, body.as_slice()), (200, &b"hello\n"[..]));
    assert!(head.contains("content-type: application/vnd.ipld.raw"), "{head}");
    assert_eq!(server.get(&path, "evil.example").0, 403);
    assert_eq!(server.get(&format!("/ipfs/{cid}"), "localhost").0, 406);
    assert_eq!(server.get("/ipfs/nonsense?format=raw", "localhost").0, 400);

    let taken = server.url.rsplit(':').next().unwrap().to_owned();
    env.fails(&["chain", "serve", "--port", &taken], 10, "io.port");
}

#[test]
fn damaged_blocks_are_not_served() {
    let env = project();
    let cid = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
    env.store_block(cid, b"hellO\n");
    assert_eq!(Server::start(&env).get(&format!("/ipfs/{cid}?format=raw"), "localhost").0, 500);
}

#[test]
fn the_clock_goes_no_further_than_anybody_means() {
    let env = project();
    for args in [["chain", "advance", "0s"], ["chain", "advance", "0d"]] {
        env.fails(&args, 2, "chain.time_zero");
    }
    let output = env.fails(&["chain", "advance", "99999999d"], 2, "chain.time_overflow");
    assert!(output.stdout.contains("100 years"), "{output}");
    env.fails(&["chain", "advance", "36526d"], 2, "chain.time_overflow");
    for _ in 0..4 {
        env.ok(&["chain", "advance", "36525d"]);
    }
    let output = env.fails(&["chain", "advance", "36525d"], 2, "chain.time_overflow");
    assert!(output.stdout.contains("2500"), "{output}");
    assert!(
        env.json(&["chain", "advance", "1s"])["time"].as_str().unwrap().starts_with("2426-"),
        "it stayed where it was"
    );
}
