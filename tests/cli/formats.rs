//! Records inside files: pushed, proved on chain, and refused when the file is broken.

use alloy::hex;
use serde_json::{Value, json};

use crate::common::TestEnv;

/// A project whose dataset `raccoon` lies in `data/rows`.
fn project(format: &str, files: &[(&str, &[u8])]) -> TestEnv {
    let env = TestEnv::project();
    let dataset = format!("path = \"data/rows\"\nformat = \"{format}\"");
    env.write("dgov.toml", env.read("dgov.toml").replace("path = \"data/raccoon\"", &dataset));
    for (name, bytes) in files {
        env.write(&format!("data/rows/{name}"), bytes);
    }
    env.ok(&["deploy"]);
    env
}

/// A file of pyarrow: three rows, whose keys a script beside the file computes.
fn typed(name: &str) -> (Vec<u8>, Value) {
    let vectors: Value =
        serde_json::from_str(include_str!("../../crates/dgov-data/tests/vectors/typed_rows.json")).unwrap();
    (hex::decode(vectors["files"][name].as_str().unwrap()).unwrap(), vectors["keys"].clone())
}

/// Pushes, and proves the second of three records present and the one in `other` absent, to the chain and to a stranger.
fn prove(env: &TestEnv, record: &str, other: &str) -> Value {
    let pushed = env.json(&["data", "push"]);
    let proof = env.json(&["data", "prove", "raccoon", "--record", record, "--on-chain", "--out", "in.json"]);
    assert_eq!((&proof["claim"], &proof["accepted_on_chain"]), (&json!("present"), &json!(true)));
    assert_eq!((&proof["record_root"], &proof["total"]), (&pushed["record_root"], &json!("3")));
    env.ok(&["data", "verify-proof", "in.json"]);
    let absent = env.json(&["data", "prove", "raccoon", "--absent", other, "--on-chain", "--out", "out.json"]);
    assert_eq!((&absent["claim"], &absent["accepted_on_chain"]), (&json!("absent"), &json!(true)));
    env.ok(&["data", "verify-proof", "out.json"]);
    proof["key"].clone()
}

#[test]
fn rows_of_csv_are_pushed_and_proved() {
    let env = project("auto", &[("a.csv", b"id,text\n1,one\n2,\"two\n\"\n"), ("b.csv", b"id,text\n3,three\n")]);
    env.write("same.csv", "id,text\r\n\"2\",\"two\n\"\r\n");
    env.write("other.csv", "id,text\n2,two\n");
    prove(&env, "a.csv:2", "other.csv");
    env.fails(&["data", "prove", "raccoon", "--absent", "same.csv"], 7, "record.present");
    env.fails(&["data", "prove", "raccoon", "--absent", "data/rows/a.csv"], 3, "record.many_records");
    env.write("data/rows/b.csv", "id,text\n3\n");
    let refused = env.fails(&["data", "push"], 3, "dataset.damaged");
    assert!(refused.stdout.contains("b.csv, line 2, byte 8: 1 fields, but the header has 2"), "{}", refused.stdout);
}

#[test]
fn records_of_tfrecord_are_pushed_and_proved() {
    // `foo`, `bar`, `baz`; checksums by a script.
    let record = |body: &str| hex::decode(format!("0300000000000000b099490e{body}")).unwrap();
    let (foo, bar, baz) = (record("666f6f618abefe"), record("6261724600e5c8"), record("62617ab4eb7f3a"));
    let env = project("auto", &[("a.tfrecord", &[&*foo, &bar, &foo].concat())]);
    env.write("same.tfrecord", &bar);
    env.write("other.tfrecord", &baz);
    prove(&env, "a.tfrecord:2", "other.tfrecord");
    env.fails(&["data", "prove", "raccoon", "--absent", "same.tfrecord"], 7, "record.present");
    env.write("data/rows/a.tfrecord", &foo[..18]);
    assert!(env.fails(&["data", "push"], 3, "dataset.damaged").stdout.contains("a.tfrecord"));
}

#[test]
fn rows_of_parquet_and_arrow_are_pushed_and_proved() {
    for name in ["zstd.parquet", "lz4.arrow"] {
        let (content, keys) = typed(name);
        let env = project("auto", &[(name, &content)]);
        let key = prove(&env, &format!("{name}:2"), &format!("0x{}", "11".repeat(32)));
        assert_eq!(key, keys[1]);
        env.write(&format!("data/rows/{name}"), &content[..content.len() - 1]);
        assert!(env.fails(&["data", "push"], 3, "dataset.damaged").stdout.contains(name));
    }
}

/// A data page that needs a dictionary which is not there: the parser panics, and that is no bug of dgov.
#[test]
fn a_file_that_makes_its_parser_panic_is_a_broken_file() {
    let (mut broken, _) = typed("zstd.parquet");
    assert_eq!(broken[4..6], [0x15, 4]);
    // The dictionary becomes a page that readers pass over.
    broken[5] = 2;
    let env = project("parquet", &[("a.parquet", &broken)]);
    let refused = env.fails(&["data", "push"], 3, "dataset.damaged");
    assert!(refused.stdout.contains("a.parquet"), "{}", refused.stdout);
    assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
}
