//! Proofs in the hands of somebody who has nothing but the file.

use serde_json::{Value, json};

use crate::common::TestEnv;

/// A project whose dataset is on chain, with a proof that one record is in it and one that another is not.
fn proved() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env.write("other.jpg", "nobody has seen this");
    env.ok(&["data", "prove", "raccoon", "--record", "images/raccoon-1.jpg", "--out", "in.json"]);
    env.ok(&["data", "prove", "raccoon", "--absent", "other.jpg", "--out", "out.json"]);
    env
}

/// Somewhere else: no manifest, no chain, no lock, only these files.
fn stranger(env: &TestEnv, files: &[&str]) -> TestEnv {
    let other = TestEnv::new();
    for file in files {
        let bytes = std::fs::read(env.dir().join(file)).unwrap();
        other.write(file, bytes);
    }
    other
}

#[test]
fn a_stranger_checks_a_proof_with_nothing_else() {
    let env = proved();
    let (image, annotation) = ("data/raccoon/images/raccoon-1.jpg", "data/raccoon/annotations/raccoon-1.xml");
    let there = stranger(&env, &["in.json", "out.json", "other.jpg", "dgov.lock", image, annotation]);
    let report = there.json(&["data", "verify-proof", "in.json"]);
    assert_eq!(
        (report["claim"].clone(), report["total"].clone(), report["copies"].clone()),
        json_three("present", 3, 1)
    );
    assert_eq!(report["root_from"], json!([]));
    let told = there.ok(&["data", "verify-proof", "in.json"]).stdout;
    assert!(told.contains("The root is what the file says"), "{told}");

    let root = report["record_root"].as_str().unwrap();
    let args = ["data", "verify-proof", "in.json", "--record", image, "--root", root, "--lock", "dgov.lock"];
    let report = there.json(&args);
    assert_eq!((report["record_matches"].clone(), report["root_from"].clone()), (json!(true), json!(["root", "lock"])));
    assert!(!there.ok(&args).stdout.contains("The root is what the file says"));
    let report = there.json(&["data", "verify-proof", "out.json", "--record", "other.jpg", "--lock", "."]);
    assert_eq!((report["claim"].clone(), report["copies"].clone()), (json!("absent"), json!(0)));

    // The output of --json is as good as the file, and the chain knows the version.
    let output = env.ok(&["data", "prove", "raccoon", "--record", "images/raccoon-1.jpg", "--on-chain", "--json"]);
    env.write("enveloped.json", output.stdout);
    let report = env.json(&["data", "verify-proof", "enveloped.json", "--on-chain"]);
    assert_eq!(report["root_from"], json!(["chain"]));
}

fn json_three(claim: &str, total: u64, copies: u64) -> (Value, Value, Value) {
    (json!(claim), json!(total), json!(copies))
}

#[test]
fn what_a_proof_is_not_of_is_refused() {
    let env = proved();
    env.fails(
        &["data", "verify-proof", "in.json", "--record", "data/raccoon/images/raccoon-2.jpg"],
        7,
        "proof.refused",
    );
    // The image without its annotation is another record.
    let there = stranger(&env, &["in.json", "data/raccoon/images/raccoon-1.jpg"]);
    let lone = ["data", "verify-proof", "in.json", "--record", "data/raccoon/images/raccoon-1.jpg"];
    there.fails(&lone, 7, "proof.refused");
    let zero = format!("0x{}", "0".repeat(64));
    env.fails(&["data", "verify-proof", "in.json", "--root", &zero], 7, "proof.other_root");
    env.fails(&["data", "verify-proof", "in.json", "--root", "0x12"], 2, "usage");
    let lock = env.read("dgov.lock");
    let root = env.json(&["data", "verify-proof", "in.json"])["record_root"].as_str().unwrap().to_owned();
    there.write("dgov.lock", lock.replace(&root, &zero));
    there.fails(&["data", "verify-proof", "in.json", "--lock", "dgov.lock"], 7, "proof.other_root");
    there.fails(&["data", "verify-proof", "in.json", "--lock", "elsewhere"], 3, "lock.missing");
    for (name, text) in
        [("none.json", None), ("text.json", Some("no json")), ("other.json", Some("{\"format\":\"x\"}"))]
    {
        if let Some(text) = text {
            there.write(name, text);
        }
        there.fails(&["data", "verify-proof", name], 3, "proof.malformed");
    }
    there.write("huge.json", " ".repeat((1 << 20) + 1));
    there.fails(&["data", "verify-proof", "huge.json"], 3, "proof.malformed");
}

/// Every place of a document with another value there.
fn mutants(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let mut inner = Vec::new();
                mutants(member, &format!("{path}/{name}"), &mut inner);
                for (at, mutant) in inner {
                    let mut whole = members.clone();
                    whole.insert(name.clone(), mutant);
                    found.push((at, Value::Object(whole)));
                }
                let mut whole = members.clone();
                whole.remove(name);
                found.push((format!("{path}/{name} removed"), Value::Object(whole)));
            }
            let mut whole = members.clone();
            whole.insert("more".to_owned(), json!(1));
            found.push((format!("{path} and more"), Value::Object(whole)));
        }
        Value::Number(number) => found.push((path.to_owned(), json!(number.as_u64().unwrap() + 1))),
        Value::String(text) => {
            // Another last digit, one more, one less, nothing.
            let last = if text.ends_with('1') { "2" } else { "1" };
            let short = &text[..text.len() - 1];
            for mutant in [format!("{short}{last}"), format!("{text}00"), short.to_owned(), String::new()] {
                found.push((format!("{path} = {mutant}"), json!(mutant)));
            }
            found.push((format!("{path} = null"), Value::Null));
        }
        Value::Null => found.push((path.to_owned(), json!("0x00"))),
        other => panic!("{path} is {other}"),
    }
}

#[test]
fn a_proof_that_was_changed_anywhere_is_refused() {
    let env = proved();
    for file in ["in.json", "out.json"] {
        let document: Value = serde_json::from_str(&env.read(file)).unwrap();
        let mut found = Vec::new();
        mutants(&document, "", &mut found);
        assert!(found.len() > 80, "{}", found.len());
        for (path, mutant) in found {
            env.write("mutant.json", mutant.to_string());
            let output = env.run(&["data", "verify-proof", "mutant.json", "--json"]);
            // A name is for people, nothing can bind it. The format says how to get from a record to its key.
            let named = path.starts_with("/record =") && mutant["record"].is_string();
            let format = path.starts_with("/record_format =") && mutant["record_format"].is_string();
            if format {
                let record = if file == "in.json" { "data/raccoon/images/raccoon-1.jpg" } else { "other.jpg" };
                env.fails(&["data", "verify-proof", "mutant.json", "--record", record], 3, "record.format");
            }
            // A proof of absence is as good for the other keys that would lie in the same place; not for this record.
            let neighbor = file == "out.json" && path.starts_with("/key = 0x") && output.code == 0;
            if neighbor {
                let args = ["data", "verify-proof", "mutant.json", "--record", "other.jpg"];
                env.fails(&args, 7, "proof.refused");
            }
            let harmless = named || format || neighbor;
            let refused = if path.starts_with("/format") { 3 } else { 7 };
            assert_eq!(output.code, if harmless { 0 } else { refused }, "{file} {path}\n{output}");
        }
    }
}

#[test]
fn files_are_proved_without_a_chain() {
    let env = TestEnv::project();
    let args = ["data", "prove", "raccoon", "--local", "--record", "images/raccoon-2.jpg", "--out", "local.json"];
    let before = env.json(&args);
    assert!(before.get("chain_id").is_none() && before["claim"] == "present", "{before}");
    let report = env.json(&["data", "verify-proof", "local.json"]);
    assert_eq!(report["version"], Value::Null);
    env.fails(&["data", "verify-proof", "local.json", "--on-chain"], 2, "proof.no_version");

    // After a push the lock says of which version the files are, and the proof is the one from the stores.
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env.ok(&args);
    env.ok(&["data", "prove", "raccoon", "--record", "images/raccoon-2.jpg", "--out", "stored.json"]);
    assert_eq!(env.read("local.json"), env.read("stored.json"));
    assert_eq!(env.json(&["data", "verify-proof", "local.json", "--on-chain"])["root_from"], json!(["chain"]));

    // Without a manifest a path will do.
    let there = TestEnv::new();
    there.write("set/a.jsonl", "{\"n\":1}\n{\"n\":2}\n{\"n\":1}\n");
    there.write("one.jsonl", "{\"n\":1}\n");
    there.write("three.jsonl", "{\"n\":3}\n");
    there.ok(&["data", "prove", "./set", "--local", "--record", "a.jsonl:3", "--out", "twice.json"]);
    let report = there.json(&["data", "verify-proof", "twice.json", "--record", "one.jsonl"]);
    assert_eq!((report["copies"].clone(), report["total"].clone()), (json!(2), json!(3)));
    there.ok(&["data", "prove", "set", "--local", "--absent", "three.jsonl", "--out", "absent.json"]);
    there.ok(&["data", "verify-proof", "absent.json", "--record", "three.jsonl"]);
    there.fails(&["data", "prove", "set", "--local", "--absent", "one.jsonl"], 7, "record.present");
    there.fails(&["data", "prove", "set", "--local", "--record", "a.jsonl:4"], 3, "record.unknown");
    there.fails(&["data", "prove", "nothing", "--local", "--record", "a.jsonl:4"], 3, "manifest.not_found");
}
