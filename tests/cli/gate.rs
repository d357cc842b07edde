//! Each rule of the gate seen to fail and to pass, one fact changed between the two. What `check.rs` and `proved.rs` hold
//! already is not here.

use std::fs;

use alloy::sol_types::SolCall;
use serde_json::{Value, json};

use crate::check::{QUESTION, card, check, deployed, found, message, not_applicable, passed, rules, undeployed};
use crate::common::TestEnv;
use crate::common::project::DEV;

/// Writes the manifest as it was, with `[training]` at its end.
fn training(env: &TestEnv, manifest: &str, rows: &str) {
    env.write("dgov.toml", format!("{manifest}[training]\n{rows}"));
}

/// Severity of the first finding of a rule, with its state.
fn severity(report: &Value, rule: &str) -> (String, String) {
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule).unwrap();
    (finding["severity"].as_str().unwrap().to_owned(), finding["state"].as_str().unwrap().to_owned())
}

fn hint(report: &Value, rule: &str) -> String {
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule).unwrap();
    finding["hint"].as_str().unwrap_or_default().to_owned()
}

/// Votes and waits until the latest proposal is executed.
fn carry(env: &TestEnv) {
    env.ok(&["chain", "advance", "1d2s"]);
    env.ok(&["gov", "vote", "latest", "yes"]);
    env.ok(&["chain", "advance", "3d"]);
    env.ok(&["gov", "queue", "latest"]);
    env.ok(&["chain", "advance", "2d"]);
    env.ok(&["gov", "execute", "latest"]);
}

#[test]
fn dg005_the_dao_approves_the_card_where_the_project_wants_that() {
    let env = undeployed(true);
    let manifest = env.read("dgov.toml").replace("quorum = \"4%\"", "quorum = \"4%\"\ncard-approval = \"dao\"");
    env.write("dgov.toml", manifest);
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG005"], "{report:#}");
    assert!(hint(&report, "DG005").contains("dgov gov propose"), "{report:#}");
    // Not by a proposal, nor by a vote: when it is executed.
    env.ok(&["gov", "propose"]);
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG005"]);
    carry(&env);
    let report = check(&env, &QUESTION, 0);
    assert!(passed(&report, "DG005"), "{report:#}");
    // The next version has a card that nobody approved.
    env.write("data/raccoon/images/raccoon-4.jpg", "new");
    env.ok(&["data", "push"]);
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG005"]);
}

mod calls {
    alloy::sol! {
        function revokeConsent(bytes32 consentDigest) external;
    }
}

/// More contributors than are asked about at a time: the one who revoked is found wherever they stand.
#[test]
fn dg008_every_consent_is_asked_about() {
    let env = undeployed(true);
    let consent = |number: u8| alloy::hex::encode_prefixed([number; 32]);
    let account = |number: u8| match number {
        40 => DEV[2].to_owned(),
        _ => format!("0x{:040x}", 0x1000 + u32::from(number)),
    };
    let rows: String = (1..=40).map(|number| format!("{},1,{}\n", account(number), consent(number))).collect();
    env.write("contributors.csv", format!("account,shares,consent\n{rows}"));
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    assert!(passed(&check(&env, &QUESTION, 0), "DG008"));
    // Somebody else's consent is not theirs to revoke.
    let revoke = |number: u8| {
        let call = calls::revokeConsentCall { consentDigest: [number; 32].into() };
        env.send_from(2, &env.contract("registry").to_string(), &alloy::hex::encode_prefixed(call.abi_encode()));
    };
    revoke(39);
    assert!(passed(&check(&env, &QUESTION, 0), "DG008"));
    revoke(40);
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG008"], "{report:#}");
    assert!(message(&report, "DG008").starts_with(DEV[2]), "{report:#}");
}

#[test]
fn dg008_a_record_is_opted_out_by_its_key_as_well() {
    let env = TestEnv::new();
    env.write("train/README.md", "---\nlicense: mit\nsource_datasets: [original]\n---\n");
    env.write("train/a.jsonl", "{\"q\":1}\n{\"q\":2}\n");
    let cid = env.json(&["data", "cid", "train"])["cid"].as_str().unwrap().to_owned();
    let proof = env.json(&["data", "prove", "train", "--local", "--record", "a.jsonl:2"]);
    let key = proof["key"].as_str().unwrap();
    let manifest = |role: &str| {
        env.write(
            "dgov.toml",
            format!(
                "[project]\nname = \"p\"\n[training]\npurpose = \"train-generative\"\ncommercial = false\n\
                 opt-outs = [\"out.txt\"]\n[[training.datasets]]\npath = \"train\"\ndigest = \"{cid}\"\nrole = \"{role}\"\n"
            ),
        );
    };
    manifest("train");
    env.write("out.txt", format!("# a key of nobody\n0x{}\n", "11".repeat(32)));
    assert!(passed(&check(&env, &["check"], 0), "DG008"));
    env.write("out.txt", format!("  0x{}  \r\n", key[2..].to_uppercase()));
    let report = check(&env, &["check"], 1);
    assert_eq!(found(&report), ["DG008"], "{report:#}");
    assert!(message(&report, "DG008").contains("1 records have opted out: a.jsonl:2"), "{report:#}");
    // What is measured with is not trained on; what is looked up is used.
    manifest("eval");
    check(&env, &["check"], 0);
    manifest("rag");
    assert_eq!(found(&check(&env, &["check"], 1)), ["DG008"]);
    // Without the records nobody knows.
    assert_eq!(rules(&check(&env, &["check", "--no-rehash"], 9), "undecided"), ["DG008"]);
}

#[test]
fn dg008_declarations_in_the_set() {
    let env = undeployed(true);
    let reserve = |number: u8| format!("[{{\"location\":\"/\",\"tdm-reservation\":{number}}}]");
    env.write("data/raccoon/tdmrep.json", reserve(0));
    assert!(passed(&check(&env, &QUESTION, 0), "DG008"));
    env.write("data/raccoon/tdmrep.json", reserve(1));
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG008"], "{report:#}");
    assert!(message(&report, "DG008").contains("tdmrep.json reserves rights: tdm-reservation for /"), "{report:#}");
    fs::remove_file(env.dir().join("data/raccoon/tdmrep.json")).unwrap();
    assert!(not_applicable(&check(&env, &QUESTION, 0), "DG008"));
}

#[test]
fn dg011_records_that_cannot_be_looked_for_are_not_taken_for_absent() {
    let env = TestEnv::new();
    for folder in ["train", "eval"] {
        env.write(&format!("{folder}/README.md"), "---\nlicense: mit\nsource_datasets: [original]\n---\n");
        env.write(&format!("{folder}/a.jsonl"), format!("{{\"of\":\"{folder}\"}}\n"));
    }
    let rows: String = [("train", "train"), ("eval", "eval")]
        .map(|(path, role)| {
            let cid = env.json(&["data", "cid", path])["cid"].as_str().unwrap().to_owned();
            format!("[[training.datasets]]\npath = \"{path}\"\ndigest = \"{cid}\"\nrole = \"{role}\"\n")
        })
        .concat();
    training(&env, "[project]\nname = \"p\"\n", &format!("purpose = \"train-other\"\n{rows}"));
    let report = check(&env, &["check"], 0);
    assert!(report["subjects"][1]["passed"].as_array().unwrap().contains(&json!("DG011")), "{report:#}");
    assert!(not_applicable(&report, "DG011"), "the training set is not looked for");
    let report = check(&env, &["check", "--no-rehash"], 9);
    assert_eq!(rules(&report, "undecided"), ["DG011"], "{report:#}");
}

#[test]
fn dg012_dg013_dg019_what_the_profile_says() {
    let env = TestEnv::new();
    env.write("set/README.md", "---\nlicense: mit\nsource_datasets: [original]\n---\n");
    let row = |number: u32| format!("{{\"text\":\"the number {number} comes after the one before it\"}}\n");
    env.write("set/train.jsonl", (0..9).map(row).collect::<String>());
    env.write("set/test.jsonl", row(100));
    let question = ["check", "set", "--purpose", "train-other", "--no-commercial"];
    let profile = || env.ok(&["data", "profile", "set", "--out", "set/profile.json"]);
    let report = check(&env, &question, 0);
    assert_eq!(severity(&report, "DG019"), ("note".into(), "found".into()));
    assert!(not_applicable(&report, "DG012") && passed(&report, "DG013"), "{report:#}");
    profile();
    let report = check(&env, &question, 0);
    assert!(passed(&report, "DG019") && passed(&report, "DG012") && passed(&report, "DG013"), "{report:#}");

    // Personal data, a copy, and one record in two splits: warnings that let it through, unless the project is stricter.
    env.write("set/train.jsonl", (0..9).map(row).collect::<String>() + "{\"text\":\"ask bob@mail.de\"}\n" + &row(100));
    let report = check(&env, &question, 0);
    assert!(message(&report, "DG019").contains("profile.json is of other records than these"), "{report:#}");
    profile();
    let report = check(&env, &question, 0);
    assert!(passed(&report, "DG019"), "{report:#}");
    for (rule, says) in [
        ("DG012", "1 of 12 records look as if they had e-mail addresses in text"),
        ("DG013", "1 of 12 records are exact copies"),
        ("DG013", "1 records of split test are also in split train"),
    ] {
        assert!(message(&report, rule).contains(says), "{rule}: {report:#}");
        assert_eq!(severity(&report, rule), ("warning".into(), "found".into()));
    }
    env.write("set/profile.json", "{}");
    assert!(message(&check(&env, &question, 0), "DG019").contains("is not a profile"));
}

#[test]
fn dg014_a_pass_that_has_ended_or_is_for_something_else_is_none() {
    let env = deployed();
    let manifest = env.read("dgov.toml");
    training(&env, &manifest, &format!("account = \"{}\"\n", DEV[3]));
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG014"], "{report:#}");
    assert!(hint(&report, "DG014").contains("dgov license buy raccoon"), "{report:#}");
    env.ok(&["license", "buy", "raccoon", "--from", "dev3", "--yes"]);
    assert!(passed(&check(&env, &QUESTION, 0), "DG014"));
    assert!(passed(&check(&env, &["check", "--purpose", "evaluate", "--no-commercial"], 0), "DG014"));
    // The terms speak of other purposes.
    let report = check(&env, &["check", "--purpose", "train-other", "--no-commercial"], 1);
    assert!(found(&report).contains(&"DG014".to_owned()), "{report:#}");
    env.ok(&["chain", "advance", "364d"]);
    assert!(passed(&check(&env, &QUESTION, 0), "DG014"));
    env.ok(&["chain", "advance", "2d"]);
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG014"]);
}

#[test]
fn dg015_what_is_disputed_is_refused_until_the_case_is_closed() {
    let env = deployed();
    assert!(passed(&check(&env, &QUESTION, 0), "DG015"));
    env.write("found.txt", "image 2 is not ours");
    env.ok(&["dispute", "open", "raccoon", "--evidence", "found.txt", "--from", "dev1"]);
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG015"], "{report:#}");
    assert!(message(&report, "DG015").contains("case 1 disputes this version"), "{report:#}");
    assert!(hint(&report, "DG015").contains("dgov dispute show"), "{report:#}");
}

#[test]
fn dg015_a_status_of_disputed_without_a_case_counts() {
    let env = deployed();
    let show = env.json(&["data", "show", "raccoon"]);
    let zero = alloy::primitives::B256::ZERO;
    let id = show["dataset_id"].as_str().unwrap();
    let call =
        |status: u8| format!("registry:setStatus(bytes32,uint32,uint8,bytes32,bytes32):{id},1,{status},{zero},{zero}");
    env.ok(&["gov", "propose", "--title", "Dispute", "--call", &call(3)]);
    assert!(passed(&check(&env, &QUESTION, 0), "DG015"));
    carry(&env);
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG015"]);
    env.ok(&["gov", "propose", "--title", "Settled", "--call", &call(0)]);
    carry(&env);
    assert!(passed(&check(&env, &QUESTION, 0), "DG015"));
}

#[test]
fn dg016_ends_are_warned_of_before_they_come() {
    // A hundred years, so that the clock of the machine does not matter.
    let env = undeployed(true);
    let manifest = env.read("dgov.toml").replace("duration = \"365d\"", "duration = \"36500d\"");
    env.write("dgov.toml", &manifest);
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3", "--yes"]);
    let account = format!("account = \"{}\"\n", DEV[3]);
    training(&env, &manifest, &format!("{account}expiry-warning = \"1d\"\n"));
    assert!(passed(&check(&env, &QUESTION, 0), "DG016"));
    training(&env, &manifest, &format!("{account}expiry-warning = \"50000d\"\n"));
    let report = check(&env, &QUESTION, 0);
    assert!(message(&report, "DG016").starts_with("the pass ends at 2125-12-"), "{report:#}");
    assert_eq!(severity(&report, "DG016"), ("warning".into(), "found".into()));
    training(&env, &manifest, &format!("{account}expiry-warning = \"50000d\"\nrules = {{ expiry = \"error\" }}\n"));
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG016"]);

    // A waiver ends, too.
    let waiver =
        "[[training.waivers]]\nrule = \"origin\"\ndataset = \"raccoon\"\nreason = \"r\"\nexpires = \"2125-01-01\"\n";
    env.write("card.json", serde_json::to_vec_pretty(&card(false)).unwrap());
    env.ok(&["data", "push"]);
    training(&env, &manifest, &format!("expiry-warning = \"1d\"\n{waiver}"));
    let report = check(&env, &QUESTION, 0);
    assert_eq!((rules(&report, "waived"), message(&report, "DG016")), (vec!["DG017".to_owned()], String::new()));
    training(&env, &manifest, &format!("expiry-warning = \"50000d\"\n{waiver}"));
    let report = check(&env, &QUESTION, 0);
    assert!(message(&report, "DG016").contains("the waiver of DG017 for raccoon ends at 2125-01-01"), "{report:#}");
}

#[test]
fn dg010_what_was_made_from_a_recalled_version_is_refused() {
    let env = undeployed(true);
    let manifest = env.read("dgov.toml");
    // The card goes with the parent; the copy needs one of its own.
    env.write("data/cropped/a.jsonl", "{\"q\":1}\n");
    let copy = manifest.split("[datasets.raccoon]\n").nth(1).unwrap().replace("data/raccoon", "data/cropped");
    env.write("dgov.toml", format!("{manifest}[datasets.cropped]\n{copy}parents = [\"raccoon@1\"]\n"));
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["data", "push", "cropped"]);
    let question = [&QUESTION[..], &["--dataset", "cropped"]].concat();
    assert!(passed(&check(&env, &question, 0), "DG010"));
    // A later version of the parent changes nothing; the recall of the one that was used does.
    env.write("data/raccoon/images/raccoon-4.jpg", "new");
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["data", "recall", "raccoon@2", "--reason", "r", "--yes"]);
    assert!(passed(&check(&env, &question, 0), "DG010"));
    env.ok(&["data", "recall", "raccoon@1", "--reason", "r", "--yes"]);
    for question in [&question[..], &[&question[..], &["--proofs", "p.json"]].concat()] {
        let report = check(&env, question, 1);
        assert_eq!(found(&report), ["DG010"], "{report:#}");
        assert!(message(&report, "DG010").contains("it was made from raccoon@1, which was recalled"), "{report:#}");
    }
    let report = check(&env, &[&question[..], &["--offline", "--proofs", "p.json"]].concat(), 1);
    assert_eq!(
        (found(&report), &report["chain"]["source"]),
        (vec!["DG010".to_owned()], &json!("proved")),
        "{report:#}"
    );
    // The grandchild, whose parent nobody recalled.
    let manifest = env.read("dgov.toml");
    let child = manifest.split("[datasets.cropped]\n").nth(1).unwrap().replace("raccoon@1", "cropped");
    env.write("dgov.toml", format!("{manifest}[datasets.gray]\n{child}"));
    env.ok(&["data", "push", "gray"]);
    let report = check(&env, &[&QUESTION[..], &["--dataset", "gray"]].concat(), 1);
    assert!(message(&report, "DG010").contains("it was made from raccoon@1, which was recalled"), "{report:#}");
    env.ok(&["data", "reinstate", "raccoon@1", "--yes"]);
    check(&env, &[&QUESTION[..], &["--dataset", "gray"]].concat(), 0);
}

/// A parent without a number is the version that was the newest at the push: the digest on chain says which.
#[test]
fn dg010_a_parent_without_a_number_is_the_version_that_was_used() {
    let env = undeployed(true);
    let manifest = env.read("dgov.toml");
    env.write("data/cropped/a.jsonl", "{\"q\":1}\n");
    let copy = manifest.split("[datasets.raccoon]\n").nth(1).unwrap().replace("data/raccoon", "data/cropped");
    env.write("dgov.toml", format!("{manifest}[datasets.cropped]\n{copy}parents = [\"raccoon\"]\n"));
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["data", "push", "cropped"]);
    env.write("data/raccoon/images/raccoon-4.jpg", "new");
    env.ok(&["data", "push", "raccoon"]);
    let question = [&QUESTION[..], &["--dataset", "cropped"]].concat();
    env.ok(&["data", "recall", "raccoon@2", "--reason", "r", "--yes"]);
    assert!(passed(&check(&env, &question, 0), "DG010"), "made from version 1");
    env.ok(&["data", "reinstate", "raccoon@2", "--yes"]);
    env.ok(&["data", "recall", "raccoon@1", "--reason", "r", "--yes"]);
    assert!(message(&check(&env, &question, 1), "DG010").contains("raccoon@1, which was recalled"));
}

#[test]
fn at_block_is_the_chain_as_it_was() {
    let env = deployed();
    let block = |report: &Value| report["chain"]["block"].to_string();
    let before = block(&check(&env, &QUESTION, 0));
    env.ok(&["data", "recall", "raccoon@1", "--reason", "r", "--yes"]);
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG010"], "{report:#}");
    let after = block(&report);
    assert_ne!(before, after);
    let at = |block: &str, exit: i32| check(&env, &[&QUESTION[..], &["--at-block", block]].concat(), exit);
    assert_eq!(found(&at(&after, 1)), ["DG010"]);
    // The embedded chain keeps no old state, and that is no yes; a version that was not there yet is a no.
    let report = at(&before, 9);
    assert_eq!((block(&report), found(&report)), (before.clone(), Vec::new()));
    assert_eq!(rules(&report, "undecided"), ["DG002", "DG004", "DG005", "DG010", "DG014", "DG015"], "{report:#}");
    assert!(found(&at("1", 1)).contains(&"DG002".to_owned()));
    env.fails(&[&QUESTION[..], &["--at-block", "100000"]].concat(), 2, "usage.block");
    env.fails(&[&QUESTION[..], &["--at-block", &before, "--offline"]].concat(), 2, "usage");
    // What was asked about the past is not what is remembered of today.
    let report = check(&env, &[&QUESTION[..], &["--offline"]].concat(), 1);
    assert_eq!(found(&report), ["DG010"], "{report:#}");
}

#[test]
fn each_severity_counts_as_it_says() {
    let env = undeployed(false);
    let manifest = env.read("dgov.toml");
    for (name, exit, counted) in [("error", 1, "errors"), ("warning", 0, "warnings"), ("note", 0, "notes")] {
        for rule in ["origin", "DG017"] {
            training(&env, &manifest, &format!("rules = {{ {rule} = \"{name}\" }}\n"));
            let report = check(&env, &QUESTION, exit);
            assert_eq!(severity(&report, "DG017"), (name.into(), "found".into()), "{report:#}");
            assert!(report["counts"][counted].as_u64().unwrap() >= 1, "{report:#}");
        }
    }
    training(&env, &manifest, "rules = { origin = \"off\" }\n");
    let report = check(&env, &QUESTION, 0);
    assert_eq!((message(&report, "DG017"), report["counts"]["off"].clone()), (String::new(), json!(1)));
    assert!(!passed(&report, "DG017") && !not_applicable(&report, "DG017"), "{report:#}");
    for (rows, says) in [
        ("rules = { origin = \"off\", DG017 = \"note\" }\n", "DG017 is set twice"),
        ("rules = { orgin = \"off\" }\n", "`orgin` is not a rule"),
    ] {
        training(&env, &manifest, rows);
        let output = env.run(&QUESTION);
        assert!(output.code == 3 && output.stderr.contains(says), "{output}");
    }

    // What nobody could look at blocks by the same severity.
    env.write("card.json", serde_json::to_vec_pretty(&card(true)).unwrap());
    env.write("dgov.toml", &manifest);
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let offline = [&QUESTION[..], &["--offline"]].concat();
    assert_eq!(rules(&check(&env, &offline, 9), "undecided"), ["DG005", "DG010", "DG014", "DG015"]);
    let rows = "rules = { DG005 = \"note\", DG010 = \"warning\", pass = \"off\", dispute = \"note\" }\n";
    training(&env, &manifest, rows);
    let report = check(&env, &offline, 0);
    assert_eq!(rules(&report, "undecided"), ["DG005", "DG010", "DG015"], "shown all the same");
}
