//! Reports: forms of authorities and the bill of materials.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::TestEnv;
use crate::common::project::{copy_dir, real_data};

fn lines(report: &Value) -> Vec<&Value> {
    let sections = report["sections"].as_array().unwrap();
    sections.iter().flat_map(|section| section["lines"].as_array().unwrap()).collect()
}

fn line<'a>(report: &'a Value, section: &str, key: &str) -> &'a Value {
    let sections = report["sections"].as_array().unwrap();
    let section = sections.iter().find(|known| known["number"] == section).unwrap();
    section["lines"].as_array().unwrap().iter().find(|line| line["key"] == key).unwrap()
}

fn says(line: &Value) -> Vec<String> {
    line["facts"].as_array().unwrap().iter().map(|fact| fact["says"].as_str().unwrap().to_owned()).collect()
}

fn sha256(bytes: &str) -> String {
    format!("sha256:{}", alloy::primitives::hex::encode(Sha256::digest(bytes)))
}

#[test]
fn nothing_is_inferred_and_every_fact_has_a_digest() {
    let env = TestEnv::project();
    for (form, sections) in [
        (
            "eu-ai-act",
            &[
                "0", "1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6", "3",
                "3.1", "3.2", "3.3",
            ][..],
        ),
        ("ab2013", &["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)", "(10)", "(11)", "(12)"][..]),
    ] {
        let report = env.json(&["report", form]);
        let numbers: Vec<_> = report["sections"].as_array().unwrap().iter().map(|s| s["number"].clone()).collect();
        assert_eq!(numbers, sections);
        assert_eq!(report["answers"], Value::Null);
        assert_eq!(report["unanswered"], report["questions"]);
        for line in lines(&report) {
            assert_eq!(line["state"], "not-answered", "{line}");
            for fact in line["facts"].as_array().unwrap() {
                let digest = fact["digest"].as_str().unwrap();
                assert!(["sha256:", "bafy", "0x"].iter().any(|kind| digest.starts_with(kind)), "{fact}");
            }
        }
        let told = env.ok(&["report", form]).stdout;
        assert!(told.contains("this is no legal advice") && told.contains("no digest proves"), "{told}");
        assert!(!told.contains("\nYes") && !told.contains("\nNo\n"), "{told}");
    }
    let report = env.json(&["report", "ab2013"]);
    let cid = env.json(&["data", "cid", "data/raccoon"])["cid"].clone();
    let sizes = line(&report, "(3)", "data-points");
    assert_eq!(says(sizes)[1], "3 records");
    assert_eq!(sizes["facts"][0]["digest"], cid);
    assert!(report["not_looked_at"][0].as_str().unwrap().contains("never pushed"));
}

#[test]
fn answers_come_from_their_file_alone() {
    let env = TestEnv::project();
    let written = env.json(&["report", "eu-ai-act", "--init"])["written"].as_str().unwrap().to_owned();
    assert!(written.ends_with("eu-ai-act.toml"), "{written}");
    env.fails(&["report", "eu-ai-act", "--init"], 3, "answers.exists");
    let template = env.read("eu-ai-act.toml");
    let report = env.json(&["report", "eu-ai-act"]);
    assert_eq!(report["unanswered"], report["questions"], "the template answers nothing");
    assert_eq!(report["answers"]["digest"], sha256(&template));

    let answers = "[\"1.1\"]\nprovider = \"Ring-tail Ltd <mail@example.org>\"\n[\"2.1\"]\nused = \"yes\"\n[\"2.3\"]\ncrawled = \"no\"\n";
    env.write("mine.toml", answers);
    let report = env.json(&["report", "eu-ai-act", "--answers", "mine.toml"]);
    assert_eq!(line(&report, "2.1", "used")["state"], "yes");
    assert_eq!(line(&report, "2.1", "used")["from"], sha256(answers));
    assert_eq!(line(&report, "2.3", "crawled")["state"], "no");
    assert_eq!(line(&report, "2.3", "period")["state"], "does-not-arise");
    assert_eq!(line(&report, "2.5", "synthetic")["state"], "not-answered");
    assert_eq!(line(&report, "2.5", "synthetic")["from"], Value::Null);
    let asked = report["questions"].as_u64().unwrap();
    assert_eq!(report["unanswered"], json!(asked - 3));
    let told = env.ok(&["report", "eu-ai-act", "--answers", "mine.toml", "--out", "report.md"]).stdout;
    assert!(told.contains("Ring-tail Ltd \\<mail@example.org\\>"), "{told}");
    assert_eq!(env.read("report.md"), told);
    let plain = env.ok(&["report", "eu-ai-act", "--answers", "mine.toml", "--format", "json"]).stdout;
    assert_eq!(serde_json::from_str::<Value>(&plain).unwrap(), report);

    let refused = |text: &str, code: &str| {
        env.write("mine.toml", text);
        env.fails(&["report", "eu-ai-act", "--answers", "mine.toml"], 3, code);
    };
    refused("[\"2.1\"]\nused = \"perhaps\"\n", "answers.kind");
    refused("[\"2.1\"]\nused = true\n", "answers.kind");
    refused("[\"1.1\"]\nprovider = 7\n", "answers.kind");
    refused("[\"2.1\"]\nusde = \"yes\"\n", "answers.unknown");
    refused("[\"2.9\"]\nused = \"yes\"\n", "answers.unknown");
    refused("top = \"yes\"\n", "answers.unknown");
    refused("[\"2.1\"]\nused = \"no\"\nlarge-datasets = \"many\"\n", "answers.contradiction");
    refused("[\"2.1\"\n", "answers.malformed");
    env.fails(&["report", "ab2013", "--answers", "none.toml"], 3, "answers.not_found");
}

#[test]
fn a_pushed_version_speaks_through_its_documents() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "profile", "raccoon"]);
    env.ok(&["data", "push"]);
    let shown = env.json(&["data", "show", "raccoon"])["versions"][0].clone();
    // Offline: neither the chain nor the data are there any more.
    std::fs::remove_dir_all(env.dir().join(".dgov/chain")).unwrap();
    std::fs::remove_dir_all(env.dir().join("data")).unwrap();
    let report = env.json(&["report", "ab2013"]);
    let sizes = line(&report, "(3)", "data-points");
    assert_eq!(says(sizes)[1], "3 records");
    assert_eq!(sizes["facts"][1]["digest"], shown["record_root"]);
    let sources = line(&report, "(1)", "sources-or-owners");
    assert_eq!(sources["facts"][0]["digest"], shown["cid"]);
    assert_eq!(sources["facts"][1]["digest"], shown["version_key"]);
    assert_eq!(says(line(&report, "(6)", "purchased-or-licensed"))[0], "license CC-BY-NC-4.0");
    let personal = line(&report, "(7)", "personal-information");
    assert_eq!(
        (&personal["state"], personal["facts"][0]["source"].as_str()),
        (&json!("not-answered"), Some("profile.json"))
    );

    let args = ["report", "aibom", "--model-version", "1"];
    let bom = env.json(&args);
    assert_eq!(bom, env.json(&args), "the same bytes again");
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&json!("CycloneDX"), &json!("1.7")));
    let data = &bom["components"][0];
    assert_eq!(data["licenses"], json!([{"license": {"id": "CC-BY-NC-4.0"}}]));
    assert_eq!(data["data"][0]["contents"]["url"], format!("ipfs://{}", shown["cid"].as_str().unwrap()));
    assert_eq!(data["properties"][2], json!({"name": "dgov:version-key", "value": shown["version_key"]}));
    assert_eq!(bom["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"], json!([{"ref": "data-1"}]));

    // A model: its files are in the document, and another byte is another document.
    env.write("model/a.bin", "weights");
    env.write("model/b.json", "{}");
    let args = ["report", "aibom", "--model", "model"];
    let first = env.json(&args);
    let hash = &first["metadata"]["component"]["components"][0]["hashes"][0]["content"];
    assert_eq!(format!("sha256:{}", hash.as_str().unwrap()), sha256("weights"));
    env.write("model/a.bin", "weightz");
    assert_ne!(env.json(&args)["serialNumber"], first["serialNumber"]);
    env.fails(&["report", "aibom", "--model", "nothing"], 3, "model.not_found");

    // Documents that are gone are no facts any more, and the report says so.
    std::fs::remove_dir_all(env.dir().join(".dgov/store")).unwrap();
    let report = env.json(&["report", "ab2013"]);
    assert!(report["not_looked_at"][0].as_str().unwrap().contains("not in this project's store"), "{report}");
    assert_eq!(says(line(&report, "(3)", "data-points")), ["3 records"]);
}

#[test]
fn data_without_a_project_and_a_wrong_pin() {
    let env = TestEnv::project();
    let cid = env.json(&["data", "cid", "data/raccoon"])["cid"].as_str().unwrap().to_owned();
    let card = r#"{"@context":"https://schema.org/","name":"r","license":"MIT","inLanguage":"en"}"#;
    let manifest = env.read("dgov.toml");
    let training = |digest: &str| {
        format!(
            "{manifest}[[training.datasets]]\npath = \"data/raccoon\"\ndigest = \"{digest}\"\n[[training.datasets]]\nname = \"raccoon\"\nrole = \"eval\"\n"
        )
    };
    env.write("dgov.toml", training(&cid));
    let report = env.json(&["report", "ab2013"]);
    let not_looked_at = report["not_looked_at"].to_string();
    assert!(
        not_looked_at.contains("used for `eval`") && not_looked_at.contains("no croissant.json"),
        "{not_looked_at}"
    );
    let named: BTreeSet<_> = lines(&report)
        .iter()
        .flat_map(|line| line["facts"].as_array().unwrap().iter().map(|fact| fact["dataset"].to_string()))
        .collect();
    assert_eq!(named, BTreeSet::from(["\"data/raccoon\"".to_owned()]));
    env.write("data/raccoon/croissant.json", card);
    env.fails(&["report", "ab2013"], 7, "report.digest");
    let cid = env.json(&["data", "cid", "data/raccoon"])["cid"].as_str().unwrap().to_owned();
    env.write("dgov.toml", training(&cid));
    let report = env.json(&["report", "eu-ai-act"]);
    let languages = line(&report, "1.3", "languages");
    assert_eq!(
        (says(languages)[0].as_str(), &languages["facts"][0]["digest"]),
        ("inLanguage: en", &json!(sha256(card)))
    );
}

#[test]
fn the_real_sets_on_the_embedded_chain() {
    let (Some(raccoon), Some(gsm8k)) = (real_data("raccoon"), real_data("gsm8k")) else { return };
    let env = TestEnv::new();
    env.write_project(1);
    copy_dir(&raccoon, &env.dir().join("data/raccoon"));
    copy_dir(&gsm8k, &env.dir().join("data/gsm8k"));
    let more = "[datasets.gsm8k]\npath = \"data/gsm8k\"\nlicense = \"research\"\ncontributors = \"contributors.csv\"\n";
    env.write("dgov.toml", env.read("dgov.toml") + more);
    env.ok(&["deploy"]);
    for name in ["raccoon", "gsm8k"] {
        env.ok(&["data", "profile", name]);
        env.ok(&["data", "push", name]);
    }
    let report = env.json(&["report", "eu-ai-act"]);
    let sizes = says(line(&report, "1.3", "text-size"));
    assert!(sizes.contains(&"8792 records".to_owned()), "{sizes:?}");
    assert_eq!(sizes.len(), 4);
    let types = says(line(&report, "1.3", "modalities"));
    assert!(types.contains(&"column `question`: 8792 texts".to_owned()), "{types:?}");
    assert_eq!(line(&report, "1.3", "modalities")["state"], "not-answered");
    let bom = env.json(&["report", "aibom"]);
    assert_eq!(bom["components"].as_array().unwrap().len(), 2);
}
