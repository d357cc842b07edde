//! Receipts of training runs, and the reports over them.

use serde_json::{Value, json};

use crate::common::TestEnv;

/// A deployed project with one version of `notes`, a model, a configuration and a key.
fn recorded() -> (TestEnv, Value) {
    let env = TestEnv::new();
    env.write(
        "dgov.toml",
        "[project]\nname = \"lab\"\n[licenses.open]\nspdx = \"CC0-1.0\"\nallow = [\"train-generative\", \"evaluate\"]\n\
         [royalties]\ncontributors = \"0%\"\ntreasury = \"100%\"\n[training]\npurpose = \"train-generative\"\ncommercial = false\n\
         [datasets.notes]\npath = \"notes\"\nlicense = \"open\"\ndescription = \"Notes.\"\n\
         [datasets.clean]\npath = \"clean\"\nlicense = \"open\"\nparents = [\"notes@1\"]\n",
    );
    env.write("notes/a.txt", "one\n");
    env.write("clean/a.txt", "two\n");
    env.write("train.yaml", "epochs: 3\n");
    env.write("model/weights.bin", [7; 5000]);
    env.write("model/deep/config.json", "{}\n");
    env.write("model/.gitignore", "ignored by the signature\n");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "notes"]);
    env.ok(&["data", "push", "clean"]);
    env.ok(&["run", "key", "signer"]);
    let receipt = env.json(&record("notes"));
    (env, receipt)
}

fn record(dataset: &'static str) -> [&'static str; 12] {
    [
        "run",
        "record",
        "--model",
        "model",
        "--config",
        "train.yaml",
        "--key",
        "signer",
        "--code-commit",
        "c0ffee",
        "--dataset",
        dataset,
    ]
}

/// Everything that can be compared.
fn verify(folder: &str) -> Vec<&str> {
    "run verify FOLDER --key signer.pub --model model --config-dir . --lock dgov.lock"
        .split(' ')
        .map(|word| if word == "FOLDER" { folder } else { word })
        .collect()
}

fn folder(receipt: &Value) -> String {
    format!("receipts/{}", receipt["receipt"].as_str().unwrap())
}

#[test]
fn a_receipt_binds_the_run_and_is_verified_offline() {
    let (env, receipt) = recorded();
    assert_eq!(receipt["code_commit"], "c0ffee");
    assert_eq!(receipt["datasets"][0]["name"], "notes");
    let lock = env.read("dgov.lock");
    assert!(lock.contains(receipt["datasets"][0]["version_key"].as_str().unwrap()));
    let folder = folder(&receipt);
    let all = verify(&folder);
    let report = env.json(&all);
    assert_eq!(report["not_verified"], json!([]));
    assert_eq!(report["verified"].as_array().unwrap().len(), 4, "{report}");
    assert_eq!(report["datasets"][0]["in_lock"], true);
    // Nothing of the project is needed for the signatures.
    let elsewhere = TestEnv::new();
    let copy = elsewhere.dir().join("receipt");
    crate::common::project::copy_dir(&env.dir().join(&folder), &copy);
    std::fs::copy(env.dir().join("signer.pub"), elsewhere.dir().join("key.pub")).unwrap();
    let report = elsewhere.json(&["run", "verify", "receipt", "--key", "key.pub"]);
    assert_eq!(report["verified"].as_array().unwrap().len(), 1);
}

#[test]
fn whatever_is_changed_is_refused() {
    let (env, receipt) = recorded();
    let folder = folder(&receipt);
    let verify = self::verify(&folder);
    env.json(&verify);
    for (path, code) in [
        ("model/weights.bin", "receipt.model"),
        ("train.yaml", "receipt.config"),
        (&*format!("{folder}/gate.json"), "receipt.inconsistent"),
    ] {
        let file = env.dir().join(path);
        let before = std::fs::read(&file).unwrap();
        std::fs::write(&file, [&before[..], b" "].concat()).unwrap();
        env.fails(&verify, 7, code);
        std::fs::write(&file, before).unwrap();
    }
    env.write("model/more.bin", "x");
    assert!(env.fails(&verify, 7, "receipt.model").stdout.contains("more.bin was not there"));
    std::fs::remove_file(env.dir().join("model/more.bin")).unwrap();

    // Parts of another receipt of the same signer are whole, and don't belong here.
    env.write("model/weights.bin", [8; 5000]);
    let other = env.json(&record("clean"));
    env.write("model/weights.bin", [7; 5000]);
    for name in ["gate.sigstore.json", "model.sig", "credential.json", "run.sigstore.json", "gate.json"] {
        let file = env.dir().join(&folder).join(name);
        let before = std::fs::read(&file).unwrap();
        std::fs::copy(env.dir().join(self::folder(&other)).join(name), &file).unwrap();
        let output = env.run(&verify);
        assert_eq!(output.code, 7, "{name}\n{output}");
        std::fs::write(&file, before).unwrap();
    }
    // Each signed file with one character of its content changed.
    for name in ["gate.sigstore.json", "model.sig", "run.sigstore.json"] {
        let text = env.read(&format!("{folder}/{name}"));
        let mut bundle: Value = serde_json::from_str(&text).unwrap();
        let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap().to_owned();
        let swapped = if payload.as_bytes()[100] == b'A' { "B" } else { "A" };
        bundle["dsseEnvelope"]["payload"] = format!("{}{swapped}{}", &payload[..100], &payload[101..]).into();
        env.write(&format!("{folder}/{name}"), bundle.to_string());
        env.fails(&verify, 7, "receipt.signature");
        env.write(&format!("{folder}/{name}"), text);
    }
    env.ok(&["run", "key", "stranger"]);
    env.fails(&["run", "verify", &folder, "--key", "stranger.pub"], 7, "receipt.other_key");
    env.fails(&["run", "verify", &folder, "--key", "signer"], 3, "key.malformed");
    env.fails(&["run", "verify", "nothing", "--key", "signer.pub"], 3, "receipt.missing");
    env.fails(&["run", "key", "signer"], 2, "usage.file_exists");
    env.write("dgov.lock", "format = 1\n");
    env.fails(&verify, 7, "receipt.lock");
}

#[test]
fn lineage_and_impact_lead_from_a_dataset_to_the_models() {
    let (env, receipt) = recorded();
    let lineage = env.json(&["report", "lineage"]);
    let labels: Vec<_> =
        lineage["nodes"].as_array().unwrap().iter().map(|node| node["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["clean@1", "notes@1", "model"]);
    let relations: Vec<_> = lineage["edges"].as_array().unwrap().iter().map(|edge| &edge["relation"]).collect();
    assert_eq!(relations.len(), 2);
    let impact = env.json(&["report", "impact", "notes@1"]);
    assert_eq!(impact["datasets"][0]["label"], "clean@1");
    assert_eq!(impact["models"][0]["id"], receipt["model_digest"]);
    assert_eq!(env.json(&["report", "impact", "clean"])["models"], json!([]), "nothing was trained with it yet");
    env.json(&record("clean"));
    assert_eq!(env.json(&["report", "impact", "clean"])["models"][0]["label"], "model");
    assert!(env.ok(&["report", "lineage", "clean", "--svg"]).stdout.starts_with("<svg "));
    assert!(env.ok(&["report", "lineage"]).stdout.contains("**clean@1**, from notes@1 (derived)"));
    env.fails(&["report", "impact", "nobody"], 3, "report.unknown");
}
