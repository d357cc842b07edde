//! Receipts of training runs, and the reports over them.

use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::DEV;

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

/// Transactions of dev0 so far.
fn sent(env: &TestEnv) -> u64 {
    let count = env.account(&env.dir(), DEV[0]).0;
    u64::from_str_radix(count.trim_start_matches("0x"), 16).unwrap()
}

#[test]
fn the_digest_of_a_receipt_is_on_chain_once() {
    let (env, receipt) = recorded();
    let folder = folder(&receipt);
    let anchor = ["run", "anchor", &*folder];
    let verify = ["run", "verify", &*folder, "--key", "signer.pub"];
    let on_chain = [&verify[..], &["--anchor"]].concat();
    env.fails(&on_chain, 3, "receipt.not_anchored");

    let before = sent(&env);
    let plan = env.json(&[&anchor[..], &["--dry-run"]].concat());
    assert_eq!(json!([plan["anchor"], plan["tx_hash"], plan["dry_run"]]), json!([null, null, true]));
    assert!(plan["gas_used"].as_u64().unwrap() < 25_000, "{plan}");
    env.ok(&[&anchor[..], &["--unsigned", "anchor.unsigned.json"]].concat());
    // What a wallet would sign: to itself, the tag and the digest.
    let unsigned = env.read("anchor.unsigned.json");
    let data = format!("{}{}", alloy::hex::encode("dgov.run.anchor.v1"), receipt["digest"].as_str().unwrap());
    assert!(unsigned.contains(&format!("0x{data}")), "{unsigned}");
    assert_eq!((sent(&env), env.dir().join(&folder).join("anchor.json").exists()), (before, false));

    let made = env.json(&anchor);
    assert_eq!(
        json!([made["already"], made["digest"], made["anchor"]["sender"]]),
        json!([false, receipt["digest"], DEV[0]])
    );
    let again = env.json(&anchor);
    assert_eq!(json!([again["already"], again["tx_hash"], again["anchor"]]), json!([true, null, made["anchor"]]));
    // The ledger knows it, too: a folder that lost its file gets it back.
    let kept = env.read(&format!("{folder}/anchor.json"));
    std::fs::remove_file(env.dir().join(&folder).join("anchor.json")).unwrap();
    assert_eq!(env.json(&anchor)["already"], true);
    assert_eq!((env.read(&format!("{folder}/anchor.json")), sent(&env)), (kept.clone(), before + 1));

    let offline = env.json(&verify);
    assert_eq!(offline["anchor"], Value::Null);
    assert!(offline["not_verified"].to_string().contains(made["anchor"]["tx_hash"].as_str().unwrap()), "{offline}");
    let verified = env.json(&on_chain);
    assert_eq!(
        json!([verified["anchor"]["block"], verified["anchor"]["time"]]),
        json!([made["anchor"]["block"], made["anchor"]["time"]])
    );
    assert!(verified["verified"].to_string().contains("its digest on chain 31337"), "{verified}");

    // Another transaction, one that is not there, another chain, another receipt.
    let file = format!("{folder}/anchor.json");
    let pushed = env.json(&["data", "show", "notes"])["versions"][0]["tx_hash"].as_str().unwrap().to_owned();
    let hash = made["anchor"]["tx_hash"].as_str().unwrap();
    for other in [pushed.as_str(), &format!("0x{}", "12".repeat(32))] {
        env.write(&file, kept.replace(hash, other));
        env.fails(&on_chain, 7, "receipt.anchor");
        env.fails(&anchor, 7, "receipt.anchor");
    }
    env.write(&file, kept.replace("31337", "1"));
    env.fails(&on_chain, 4, "chain.wrong_chain");
    env.fails(&anchor, 3, "receipt.anchored_elsewhere");
    env.write(&file, "{}");
    env.fails(&on_chain, 3, "receipt.malformed");
    env.write(&file, &kept);
    let other = self::folder(&env.json(&record("clean")));
    env.write(&format!("{other}/anchor.json"), &kept);
    env.fails(&["run", "verify", &other, "--key", "signer.pub", "--anchor"], 7, "receipt.anchor");
    env.fails(&["audit", "clean"], 7, "receipt.anchor");

    // The audit of the dataset has both lines, and no other dataset's.
    let audit = env.json(&["audit", "notes"]);
    let run: Vec<_> = audit["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["event"].as_str().unwrap().starts_with("run."))
        .collect();
    assert_eq!(run.len(), 2, "{audit:#}");
    for line in &run {
        assert_eq!(
            json!([line["digest"], line["versions"]]),
            json!([format!("0x{}", receipt["digest"].as_str().unwrap()), [1]])
        );
    }
    let anchored = run.iter().find(|line| line["event"] == "run.anchored").unwrap();
    assert_eq!(
        json!([anchored["tx_hash"], anchored["block"], anchored["who"]]),
        json!([hash, made["anchor"]["block"], DEV[0]])
    );
}

#[test]
fn a_receipt_is_anchored_as_it_is_recorded_and_after_every_kill() {
    let (env, _) = recorded();
    let before = sent(&env);
    let command = record("notes");
    env.fails(&[&command[..], &["--max-spend", "1 ETH"]].concat(), 2, "usage.anchor");
    let recorded = env.json(&[&command[..], &["--anchor"]].concat());
    assert_eq!(recorded["anchor"]["already"], false);
    assert_eq!(recorded["anchor"]["digest"], recorded["digest"]);
    assert_eq!(sent(&env), before + 1);
    let planned = env.json(&[&command[..], &["--anchor", "--dry-run"]].concat());
    assert_eq!(json!([planned["anchor"]["anchor"], sent(&env)]), json!([null, before + 1]));

    // Another receipt: that of the same run at the same second is the same one.
    let folder = folder(&env.json(&record("clean")));
    let anchor = ["run", "anchor", &*folder];
    env.kill_everywhere(&anchor, |point| {
        env.ok(&anchor);
        env.ok(&["run", "verify", &folder, "--key", "signer.pub", "--anchor"]);
        assert_eq!(sent(&env), before + 2, "after a kill at {point}");
    });
}

/// On a node: what others see of an anchor, and verifying it without a project.
#[test]
fn an_anchor_is_seen_by_anybody_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    let (env, receipt) = recorded();
    let folder = folder(&receipt);
    let manifest = env.read("dgov.toml");
    let network = format!("[networks.anvil]\nrpc-url = \"{}\"\nchain-id = 31337\n[licenses.open]", anvil.url());
    env.write("dgov.toml", manifest.replace("[licenses.open]", &network));
    let made = env.json(&["run", "anchor", &folder, "--network", "anvil"]);
    let transaction = anvil.rpc("eth_getTransactionByHash", json!([made["tx_hash"]]));
    let data = format!("0x{}{}", alloy::hex::encode("dgov.run.anchor.v1"), receipt["digest"].as_str().unwrap());
    assert_eq!(json!([transaction["input"], transaction["value"]]), json!([data, "0x0"]));
    assert_eq!(transaction["from"], transaction["to"]);

    let elsewhere = TestEnv::new();
    crate::common::project::copy_dir(&env.dir().join(&folder), &elsewhere.dir().join("receipt"));
    std::fs::copy(env.dir().join("signer.pub"), elsewhere.dir().join("key.pub")).unwrap();
    let verify = ["run", "verify", "receipt", "--key", "key.pub", "--rpc-url"];
    let report = elsewhere.json(&[&verify[..], &[&anvil.url()]].concat());
    assert_eq!(report["anchor"]["tx_hash"], made["tx_hash"]);
    elsewhere.fails(&[&verify[..], &["http://127.0.0.1:1"]].concat(), 4, "chain.unreachable");
}

#[test]
fn a_bill_of_materials_follows_from_the_receipt_alone() {
    let (env, receipt) = recorded();
    let folder = folder(&receipt);
    let id = receipt["receipt"].as_str().unwrap();
    let args = ["report", "aibom", "--receipt", id, "--key", "signer.pub", "--model", "model", "--model-version", "1"];
    let bom = env.json(&args);
    let model = &bom["metadata"]["component"];
    let property = |of: &Value, name: &str| {
        let all = of["properties"].as_array().unwrap();
        all.iter().find(|known| known["name"] == name).map(|known| known["value"].as_str().unwrap().to_owned())
    };
    assert_eq!((&model["name"], &model["version"]), (&json!("model"), &json!("1")));
    for (name, value) in [
        ("dgov:receipt-sha256", receipt["digest"].as_str().unwrap()),
        ("dgov:model-sha256", receipt["model_digest"].as_str().unwrap()),
        ("dgov:gate", receipt["decision"].as_str().unwrap()),
        ("dgov:purpose", "train-generative"),
        ("dgov:commercial", "false"),
        ("dgov:receipt-signature", "verified"),
    ] {
        assert_eq!(property(model, name).as_deref(), Some(value), "{name}");
    }
    let sha = |path: &str| {
        alloy::hex::encode(<sha2::Sha256 as sha2::Digest>::digest(std::fs::read(env.dir().join(path)).unwrap()))
    };
    assert_eq!(property(model, "dgov:gate-report-sha256").unwrap(), sha(&format!("{folder}/gate.json")));
    assert_eq!(model["externalReferences"][1]["hashes"][0]["content"], sha(&format!("{folder}/gate.json")));
    let files: Vec<_> = model["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| json!([file["name"], file["hashes"][0]["content"]]))
        .collect();
    assert_eq!(
        files,
        [json!(["deep/config.json", sha("model/deep/config.json")]), json!(["weights.bin", sha("model/weights.bin")])]
    );
    let shown = env.json(&["data", "show", "notes"])["versions"][0].clone();
    let [data, config, code] = [0, 1, 2].map(|index| &bom["components"][index]);
    assert_eq!(json!([data["type"], data["name"], data["version"]]), json!(["data", "notes", "1"]));
    assert_eq!(property(data, "dgov:version-key").unwrap(), shown["version_key"].as_str().unwrap());
    assert_eq!(property(data, "dgov:package").unwrap(), shown["cid"].as_str().unwrap());
    assert_eq!(data["licenses"], json!([{"license": {"id": "CC0-1.0"}}]));
    for reference in data["externalReferences"].as_array().unwrap().iter().filter(|known| known["hashes"].is_array()) {
        assert_eq!(reference["hashes"][0]["content"].as_str().unwrap().len(), 64, "{reference}");
    }
    assert_eq!(json!([config["name"], config["hashes"][0]["content"]]), json!(["train.yaml", sha("train.yaml")]));
    assert_eq!(property(code, "dgov:git-commit").as_deref(), Some("c0ffee"));
    assert_eq!(bom["dependencies"][0]["dependsOn"], json!(["data-1", "config-1", "code-1"]));

    // The same bytes again, whatever the manifest says by now; and without a project.
    env.write("notes/b.txt", "more\n");
    env.ok(&["data", "push", "notes"]);
    assert_eq!(env.json(&args), bom);
    let elsewhere = TestEnv::new();
    crate::common::project::copy_dir(&env.dir().join(&folder), &elsewhere.dir().join("r"));
    let alone = elsewhere.json(&["report", "aibom", "--receipt", "r", "--model-version", "1"]);
    assert_eq!(alone["components"], bom["components"]);
    assert_eq!(property(&alone["metadata"]["component"], "dgov:receipt-signature").as_deref(), Some("not looked at"));

    env.ok(&["run", "key", "stranger"]);
    env.fails(&["report", "aibom", "--receipt", id, "--key", "stranger.pub"], 7, "receipt.other_key");
    env.write("model/weights.bin", "other");
    env.fails(&args, 7, "receipt.model");
    let report = env.read(&format!("{folder}/gate.json"));
    env.write(&format!("{folder}/gate.json"), report + " ");
    env.fails(&["report", "aibom", "--receipt", id], 7, "receipt.inconsistent");
    env.fails(&["report", "aibom", "--receipt", "nothing"], 3, "receipt.missing");
}

/// openssl in the project's folder; `None` when it isn't installed.
fn openssl(env: &TestEnv, args: &[&str]) -> Option<std::process::Output> {
    match std::process::Command::new("openssl").args(args).current_dir(env.dir()).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("SKIPPED: openssl is not installed");
            None
        }
        Err(error) => panic!("openssl: {error}"),
    }
}

/// The verb with the encrypted key `secret` and a file for its password.
fn signed_with<'a>(key: &'a str, password: &'a str) -> Vec<&'a str> {
    let mut command = record("notes").to_vec();
    command[7] = key;
    [command, vec!["--password-file", password]].concat()
}

#[test]
fn an_encrypted_key_signs_with_its_password_alone() {
    let (env, _) = recorded();
    env.write("password", "corr\u{e8}ct horse\n");
    env.write("wrong", "correct horse\n");
    env.write("empty", "\n");
    let make = ["run", "key", "secret", "--encrypt", "--password-file"];
    env.fails(&["run", "key", "secret", "--password-file", "password"], 2, "usage");
    env.fails(&["run", "key", "secret", "--encrypt"], 8, "signer.no_password");
    env.fails(&[&make[..], &["empty"]].concat(), 3, "key.empty_password");
    assert!(!env.dir().join("secret").exists() && !env.dir().join("secret.pub").exists());
    let made = env.json(&[&make[..], &["password"]].concat());
    assert_eq!(made["encrypted"], true);
    assert!(env.read("secret").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));

    let command = signed_with("secret", "password");
    let (unnamed, _) = command.split_at(command.len() - 2);
    env.fails(unnamed, 8, "signer.no_password");
    let refused = env.fails(&signed_with("secret", "wrong"), 8, "key.wrong_password");
    assert!(!format!("{}{}", refused.stdout, refused.stderr).contains("horse"));
    env.fails(&signed_with("secret", "nothing"), 10, "io.not_found");
    let receipt = env.json(&command);
    assert_eq!(receipt["key"], made["fingerprint"]);
    env.ok(&["run", "verify", &folder(&receipt), "--key", "secret.pub"]);
    let path = env.dir().join("password").display().to_string();
    let named = env.run_with(&env.dir(), unnamed, &[("DGOV_PASSWORD_FILE", &path)]);
    assert_eq!(named.code, 0, "{}", named.stderr);
}

/// Known answers from another implementation, both ways.
#[test]
fn openssl_reads_our_encrypted_keys_and_we_read_its() {
    let (env, _) = recorded();
    env.write("password", "a b\u{e8}c\n");
    env.write("wrong", "ab\n");
    env.ok(&["run", "key", "secret", "--encrypt", "--password-file", "password"]);
    let ours = ["pkey", "-in", "secret", "-pubout", "-passin"];
    let Some(public) = openssl(&env, &[&ours[..], &["file:password"]].concat()) else { return };
    assert_eq!(String::from_utf8(public.stdout).unwrap(), env.read("secret.pub"));
    assert!(!openssl(&env, &[&ours[..], &["file:wrong"]].concat()).unwrap().status.success());

    let run = |args: &[&str]| {
        let output = openssl(&env, args).unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["pkey", "-in", "secret", "-check", "-noout", "-passin", "file:password"]);
    run(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "plain"]);
    run(&["pkey", "-in", "plain", "-pubout", "-out", "plain.pub"]);
    run(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "other"]);
    let encrypt = |from: &str, scheme: &[&str]| {
        let args = ["pkcs8", "-topk8", "-in", from, "-out", "theirs", "-passout", "file:password"];
        run(&[&args[..], scheme].concat());
    };
    let command = signed_with("theirs", "password");
    for scheme in [&[][..], &["-scrypt"], &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"], &["-iter", "100000"]] {
        encrypt("plain", scheme);
        let receipt = env.json(&command);
        env.ok(&["run", "verify", &folder(&receipt), "--key", "plain.pub"]);
        env.fails(&signed_with("theirs", "wrong"), 8, "key.wrong_password");
    }
    encrypt("plain", &["-v2prf", "hmacWithSHA1"]);
    env.fails(&command, 3, "key.unsupported");
    encrypt("plain", &["-v2", "camellia-256-cbc"]);
    env.fails(&command, 3, "key.malformed");
    encrypt("other", &[]);
    env.fails(&command, 3, "key.malformed");
}
