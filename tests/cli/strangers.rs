//! The gate over what this project does not govern: datasets of others on a chain, folders, and upstreams.

use std::fs;

use serde_json::{Value, json};

use crate::check::{QUESTION, check, deployed, found, message, not_applicable, passed, rules, undeployed};
use crate::common::TestEnv;
use crate::common::project::DEV;

/// A deployed project whose manifest uses its own dataset as a stranger would: by chain, registry and id.
fn by_chain(version: &str, more: &str) -> (TestEnv, String) {
    let env = deployed();
    let show = env.json(&["data", "show", "raccoon"]);
    let id = show["dataset_id"].as_str().unwrap();
    let name = format!("eip155:31337:{}/{id}{version}", env.contract("registry"));
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}[training]\n{more}[[training.datasets]]\ndataset = \"{name}\"\n"));
    (env, name)
}

#[test]
fn a_dataset_on_a_chain_is_judged_by_what_chain_and_stores_have() {
    let (env, _) = by_chain("@1", &format!("account = \"{}\"\n", DEV[3]));
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG014"], "somebody else's data needs a pass: {report:#}");
    env.ok(&["license", "buy", "raccoon", "--from", "dev3", "--yes"]);
    let report = check(&env, &QUESTION, 0);
    for rule in ["DG001", "DG002", "DG003", "DG004", "DG006", "DG007", "DG010", "DG014", "DG015", "DG017"] {
        assert!(passed(&report, rule), "{rule}: {report:#}");
    }
    assert_eq!(report["subjects"][0]["license"], "CC-BY-NC-4.0");
    assert!(not_applicable(&report, "DG009"), "{report:#}");
    assert!(report["not_looked_at"][0].as_str().unwrap().contains("which are not here"), "{report:#}");
    // The conditions of its license hold for strangers.
    let report = check(&env, &["check", "--purpose", "train-generative"], 1);
    assert_eq!(found(&report), ["DG007"], "{report:#}");
    assert!(message(&report, "DG007").contains("commercial"), "{report:#}");

    env.ok(&["data", "recall", "raccoon@1", "--reason", "r", "--yes"]);
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG010"]);
}

#[test]
fn a_dataset_on_a_chain_whose_documents_nobody_has_is_undecided() {
    let (env, _) = by_chain("@1", "");
    check(&env, &QUESTION, 0);
    fs::remove_dir_all(env.dir().join(".dgov/store")).unwrap();
    let report = check(&env, &QUESTION, 9);
    assert_eq!(rules(&report, "undecided"), ["DG003", "DG004", "DG006", "DG007", "DG017", "DG018"], "{report:#}");
    assert!(message(&report, "DG007").contains("storage.sources"), "{report:#}");
    // Without its conditions nobody knows whether it may be used commercially, not even where silence is let through.
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("[training]\n", "[training]\nunset = \"warn\"\n"));
    let report = check(&env, &["check", "--purpose", "train-generative"], 9);
    assert!(rules(&report, "undecided").contains(&"DG007".to_owned()), "{report:#}");
    // Neither are the rules of the chain answered by a lock that is of this project.
    let report = check(&env, &[&QUESTION[..], &["--offline"]].concat(), 9);
    assert!(message(&report, "DG002").contains("--offline asks no chain"), "{report:#}");
    assert!(message(&report, "DG003").contains("--offline asks no chain"), "{report:#}");
    assert!(!passed(&report, "DG010") && !passed(&report, "DG014"), "{report:#}");
}

#[test]
fn a_dataset_on_a_chain_is_named_with_its_version() {
    let (env, name) = by_chain("", "");
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG001"], "{report:#}");
    let hint = report["findings"][0]["hint"].as_str().unwrap();
    assert!(hint.starts_with("write the version: dataset = ") && hint.ends_with("@1\""), "{report:#}");
    let manifest = env.read("dgov.toml");
    let named = |other: &str| env.write("dgov.toml", manifest.replace(&name, other));
    named(&format!("{name}@7"));
    let report = check(&env, &QUESTION, 1);
    assert!(message(&report, "DG002").contains("is not registered"), "{report:#}");
    // A chain that no network is, and a registry that no factory made.
    named(&format!("{}@1", name.replace("31337", "1")));
    let report = check(&env, &QUESTION, 9);
    assert!(message(&report, "DG002").contains("no network of the manifest is chain 1"), "{report:#}");
    named(&format!("{}@1", name.replace(&env.contract("registry").to_string(), DEV[4])));
    let report = check(&env, &QUESTION, 9);
    assert!(rules(&report, "undecided").contains(&"DG002".to_owned()), "{report:#}");
    assert!(!passed(&report, "DG007"), "{report:#}");
    named("eip155:31337:nowhere/1@1");
    let output = env.run(&QUESTION);
    assert!(output.code == 3 && output.stderr.contains("training.datasets[0].dataset"), "{output}");
}

#[test]
fn dg001_a_folder_is_pinned_by_its_digest_and_the_finding_says_which() {
    let env = TestEnv::new();
    env.write("hub/README.md", "---\nlicense: mit\nsource_datasets: [original]\n---\n");
    env.write("hub/a.jsonl", "{\"q\":1}\n");
    let head =
        "[project]\nname = \"p\"\n[training]\npurpose = \"train-other\"\n[[training.datasets]]\npath = \"hub\"\n";
    env.write("dgov.toml", head);
    let report = check(&env, &["check"], 1);
    assert_eq!(found(&report), ["DG001"], "{report:#}");
    let hint = report["findings"][0]["hint"].as_str().unwrap();
    let line = hint.strip_prefix("write ").unwrap().split(" into").next().unwrap();
    env.write("dgov.toml", format!("{head}{line}\n"));
    let report = check(&env, &["check"], 0);
    assert!(passed(&report, "DG001") && passed(&report, "DG009"), "{report:#}");
    for rule in ["DG002", "DG004", "DG005", "DG010", "DG014", "DG015"] {
        assert!(not_applicable(&report, rule), "{rule}: {report:#}");
    }
    env.write("hub/a.jsonl", "{\"q\":2}\n");
    assert_eq!(found(&check(&env, &["check"], 1)), ["DG009"]);
    // A digest that is none is not no digest.
    env.write("dgov.toml", format!("{head}digest = \"bafynonsense\"\n"));
    assert_eq!(env.run(&["check"]).code, 3);
    env.write("dgov.toml", head.replace("hub", "gone"));
    env.fails(&["check"], 3, "check.path");
}

#[test]
fn dg006_dg007_dg017_dg018_of_a_folder() {
    let env = TestEnv::new();
    let question = ["check", "set", "--purpose", "train-other", "--no-commercial"];
    env.write("set/a.jsonl", "{\"q\":1}\n");
    let report = check(&env, &question, 1);
    assert_eq!(found(&report), ["DG006", "DG007", "DG017"], "nobody says anything: {report:#}");
    assert!(message(&report, "DG018").contains("no license text lies with the data"), "{report:#}");
    env.write("set/LICENSE", dgov::ops::license_text::of_expression("CC-BY-4.0").unwrap());
    let report = check(&env, &question, 1);
    assert_eq!(found(&report), ["DG017"], "{report:#}");
    for rule in ["DG006", "DG007", "DG018"] {
        assert!(passed(&report, rule), "{rule}: {report:#}");
    }
    let card = |license: &str, origin: &str| {
        env.write("set/README.md", format!("---\nlicense: {license}\nsource_datasets:\n{origin}---\n"));
    };
    card("cc-by-4.0", "- original\n");
    assert!(passed(&check(&env, &question, 0), "DG017"));
    card("cc-by-4.0", "");
    assert_eq!(found(&check(&env, &question, 1)), ["DG017"]);
    // A text that no license is, under the name of one.
    card("cc-by-4.0", "- original\n");
    env.write("set/LICENSE", "All my friends may use this.\n");
    let report = check(&env, &question, 1);
    assert_eq!(found(&report), ["DG006"], "{report:#}");
    assert!(message(&report, "DG006").contains("not recognized"), "{report:#}");
    // A license that speaks of another purpose only.
    fs::remove_file(env.dir().join("set/LICENSE")).unwrap();
    card("cc-by-nc-4.0", "- original\n");
    check(&env, &question, 0);
    assert_eq!(found(&check(&env, &["check", "set", "--purpose", "train-other"], 1)), ["DG007"]);
}

/// A project with two datasets, the second made from the first under a license that permits more than that of the first.
fn derived(parent: &str) -> TestEnv {
    let env = undeployed(true);
    let manifest = env.read("dgov.toml");
    env.write("data/cropped/a.jsonl", "{\"q\":1}\n");
    env.write("open.json", env.read("card.json").replace("CC-BY-NC-4.0", "CC-BY-4.0"));
    env.write(
        "dgov.toml",
        format!(
            "{manifest}[licenses.open]\nspdx = \"CC-BY-4.0\"\nallow = [\"train-generative\"]\nprice = \"0.01 ETH\"\n\
             [datasets.cropped]\npath = \"data/cropped\"\nlicense = \"open\"\ncontributors = \"contributors.csv\"\n\
             card = \"open.json\"\nparents = [\"{parent}\"]\n"
        ),
    );
    env
}

const CROPPED: [&str; 5] = ["check", "--purpose", "train-generative", "--dataset", "cropped"];

#[test]
fn dg007_an_upstreams_conditions_hold_for_what_was_made_from_it() {
    let env = derived("raccoon");
    let report = check(&env, &CROPPED, 1);
    assert_eq!(found(&report), ["DG007"], "{report:#}");
    assert!(message(&report, "DG007").contains("for raccoon"), "{report:#}");
    check(&env, &[&CROPPED[..], &["--no-commercial"]].concat(), 0);
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("parents = [\"raccoon\"]\n", ""));
    check(&env, &CROPPED, 0);
}

#[test]
fn dg007_an_upstream_that_is_named_by_its_key_has_its_conditions_from_its_documents() {
    let env = derived("raccoon");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    let show = env.json(&["data", "show", "raccoon"]);
    let key = show["versions"][0]["version_key"].as_str().unwrap();
    env.write("dgov.toml", env.read("dgov.toml").replace("parents = [\"raccoon\"]", &format!("parents = [\"{key}\"]")));
    env.ok(&["data", "push", "cropped"]);
    check(&env, &[&CROPPED[..], &["--no-commercial"]].concat(), 0);
    let report = check(&env, &CROPPED, 1);
    assert_eq!(found(&report), ["DG007"], "{report:#}");
    assert!(message(&report, "DG007").contains("commercial use is forbidden"), "{report:#}");
    // Whoever has neither chain nor documents is told nothing that permits.
    fs::remove_dir_all(env.dir().join(".dgov/store")).unwrap();
    let report = check(&env, &[&CROPPED[..], &["--no-commercial"]].concat(), 1);
    assert!(message(&report, "DG007").contains("is not known here"), "{report:#}");
}

/// Many ways lead from the last dataset to the first: each dataset is looked at once.
#[test]
fn a_lineage_of_many_ways_is_read_in_one() {
    let env = undeployed(true);
    let mut manifest = env.read("dgov.toml");
    for layer in 0..28 {
        for side in ["a", "b"] {
            let parents = match layer {
                0 => "[\"raccoon\"]".to_owned(),
                _ => format!("[\"a{0}\", \"b{0}\"]", layer - 1),
            };
            manifest += &format!(
                "[datasets.{side}{layer}]\npath = \"data/raccoon\"\nlicense = \"research\"\nparents = {parents}\n"
            );
        }
    }
    env.write("dgov.toml", manifest);
    let start = std::time::Instant::now();
    let report = check(&env, &["check", "--purpose", "train-generative", "--dataset", "a27"], 1);
    assert!(message(&report, "DG007").contains("commercial use is forbidden"), "{report:#}");
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

/// Who waives counts, not what the manifest says of them.
#[test]
fn dg020_waivers_that_do_not_hold_and_those_that_waive_nothing() {
    let env = undeployed(false);
    let manifest = env.read("dgov.toml");
    let training = |rows: &str| env.write("dgov.toml", format!("{manifest}[training]\n{rows}"));
    let listed = format!("waiver-signers = [\"{}\"]\n", DEV[2]);
    let unsigned = |rule: &str, dataset: &str| {
        format!(
            "[[training.waivers]]\nrule = \"{rule}\"\ndataset = \"{dataset}\"\nreason = \"r\"\nexpires = \"2099-01-01\"\n"
        )
    };
    // Whoever is listed has to have signed; naming them is not enough.
    training(&format!("{listed}{}signer = \"{}\"\n", unsigned("origin", "raccoon"), DEV[2]));
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG017", "DG020"], "{report:#}");
    assert!(message(&report, "DG020").contains("is not signed"), "{report:#}");
    // Signed by another one in the name of the listed one.
    training(&listed);
    env.ok(&["check", "waive", "origin", "raccoon", "--reason", "r", "--expires", "2099-01-01", "--from", "dev3"]);
    let forged = env.read("dgov.toml").replace(DEV[3], DEV[2]);
    env.write("dgov.toml", forged);
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG017", "DG020"]);
    // Nothing to waive, another dataset, and a name twice.
    training(&format!("{}{}", unsigned("origin", "raccoon"), unsigned("bytes", "raccoon")));
    let report = check(&env, &QUESTION, 0);
    assert!(message(&report, "DG020").contains("DG009 for raccoon has nothing to waive"), "{report:#}");
    training(&unsigned("origin", "racoon"));
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG017"], "{report:#}");
    assert!(message(&report, "DG020").contains("DG017 for racoon has nothing to waive"), "{report:#}");
    training(&format!("{0}{0}", unsigned("origin", "raccoon")));
    assert!(message(&check(&env, &QUESTION, 0), "DG020").contains("is there twice"));
    // A waiver that has ended, of a dataset that is not there, is a no that every form shows.
    training(&unsigned("origin", "gone").replace("2099", "2020"));
    env.write("card.json", serde_json::to_vec_pretty(&crate::check::card(true)).unwrap());
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG020"]);
    let junit = env.run(&[&QUESTION[..], &["--format", "junit"]].concat());
    assert!(junit.code == 1 && junit.stdout.contains("failures=\"1\""), "{junit}");
    env.fails(&["check", "waive", "origin", "raccoon", "--reason", " ", "--expires", "2099-01-01"], 2, "waiver.empty");
    env.fails(&["check", "waive", "origin", "raccoon", "--reason", "r", "--expires", "2020-01-01"], 2, "waiver.ended");
    env.fails(&["check", "waive", "orgin", "raccoon", "--reason", "r", "--expires", "2099-01-01"], 2, "usage");
}

/// What was found is a no, though another source of the same rule was silent; a waiver of it leaves the silence.
#[test]
fn what_is_waived_does_not_hide_what_nobody_could_look_at() {
    let env = TestEnv::new();
    env.write("train/README.md", "---\nlicense: mit\nsource_datasets: [original]\n---\n");
    env.write("train/a.jsonl", "{\"q\":1}\n");
    env.write("train/robots.txt", "User-Agent: *\nContent-Usage: train-ai=n\n");
    env.write("out.txt", "nobody\n");
    let cid = env.json(&["data", "cid", "train"])["cid"].as_str().unwrap().to_owned();
    let head = "[project]\nname = \"p\"\n[training]\npurpose = \"train-other\"\nopt-outs = [\"out.txt\"]\n";
    let rows = format!("[[training.datasets]]\npath = \"train\"\ndigest = \"{cid}\"\n");
    env.write("dgov.toml", format!("{head}{rows}"));
    let report: Value = check(&env, &["check", "--no-rehash"], 1);
    assert_eq!((found(&report), rules(&report, "undecided")), (vec!["DG008".to_owned()], vec!["DG008".to_owned()]));
    let waiver =
        "[[training.waivers]]\nrule = \"consent\"\ndataset = \"train\"\nreason = \"r\"\nexpires = \"2099-01-01\"\n";
    env.write("dgov.toml", format!("{head}{rows}{waiver}"));
    check(&env, &["check"], 0);
    let report = check(&env, &["check", "--no-rehash"], 9);
    assert_eq!(report["decision"], json!("undecided"), "{report:#}");
}
