//! `data card`, `license detect` and `license export`.

use std::fs;

use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::project::{copy_dir, real_data};

/// A folder of data that never met a project.
fn strange() -> TestEnv {
    let env = TestEnv::new();
    env.write("set/train.jsonl", "{\"q\":\"a\",\"n\":1}\n{\"q\":\"b\",\"n\":2}\n");
    env.write("set/rows.csv", "id,text\n1,one\n2,two\n");
    env.write("set/LICENSE", mit());
    env
}

fn mit() -> String {
    "MIT License\n\nCopyright (c) 2020 A\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of \
     this software and associated documentation files (the \"Software\"), to deal in the Software without restriction, \
     including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell \
     copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following \
     conditions:\n\nThe above copyright notice and this permission notice shall be included in all copies or substantial \
     portions of the Software.\n\nTHE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, \
     INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. \
     IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN \
     ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER \
     DEALINGS IN THE SOFTWARE.\n"
        .to_owned()
}

/// Fills in what only a person can.
fn finish(env: &TestEnv, path: &str) {
    let mut card: Value = serde_json::from_str(&env.read(path)).unwrap();
    for (key, value) in card.as_object_mut().unwrap() {
        if value.as_str().is_some_and(|text| text.starts_with("TODO(dgov)")) {
            *value = json!("Said by the person who knows.");
        }
        if key == "rai:hasSyntheticData" {
            *value = json!(false);
        }
    }
    card["creator"]["name"] = json!("A");
    card["datePublished"] = json!("2026-12-01");
    env.write(path, serde_json::to_vec_pretty(&card).unwrap());
}

fn ids(report: &Value) -> Vec<String> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_card_is_written_finished_and_compared_with_the_bytes() {
    let env = strange();
    let report = env.json(&["data", "card", "init", "set"]);
    assert_eq!(report["card_written"], true);
    assert_eq!(report["license"], "MIT");
    assert_eq!(report["records"], 4);
    assert!(report["to_write"].as_array().unwrap().contains(&json!("rai:dataCollection")));

    // Unfinished, it is not valid.
    env.fails(&["data", "card", "lint", "set"], 3, "card.invalid");
    let shown = env.json(&["data", "card", "show", "set"]);
    assert_eq!(shown["origin"], "undeclared");
    assert_eq!(shown["spdx"], "MIT");

    finish(&env, "set/croissant.json");
    let clean = env.json(&["data", "card", "lint", "set", "--profile", "neurips", "--strict"]);
    assert_eq!(ids(&clean), Vec::<String>::new());
    assert_eq!(env.json(&["data", "card", "show", "set/croissant.json"])["origin"], "declared");

    // A record that was changed, one that is gone.
    env.write("set/rows.csv", "id,text\n1,one\n2,too\n");
    let output = env.fails(&["data", "card", "lint", "set"], 7, "card.bytes");
    assert!(output.stdout.contains("card.file-digest"), "{output}");
    env.ok(&["data", "card", "lint", "set", "--no-files"]);
    fs::remove_file(env.dir().join("set/rows.csv")).unwrap();
    let output = env.fails(&["data", "card", "lint", "set"], 3, "card.invalid");
    assert!(output.stdout.contains("card.file-missing"), "{output}");
}

#[test]
fn what_people_wrote_is_never_replaced() {
    let env = strange();
    env.write("set/README.md", "---\nlicense: mit\ntags:\n- mine\n---\n\n# My own words\n");
    env.ok(&["data", "card", "init", "set"]);
    let card = env.read("set/croissant.json");
    let readme = env.read("set/README.md");
    assert!(
        readme.starts_with("---\nlicense: mit\ntags:\n- mine\n---\n\n# My own words\n\n<!-- dgov:begin -->"),
        "{readme}"
    );

    let again = env.json(&["data", "card", "init", "set"]);
    assert_eq!((&again["card_written"], &again["readme_state"]), (&json!(false), &json!("unchanged")));
    env.write("set/train.jsonl", "{\"q\":\"a\",\"n\":1}\n");
    let changed = env.json(&["data", "card", "init", "set"]);
    assert_eq!((&changed["card_written"], &changed["readme_state"]), (&json!(false), &json!("block refreshed")));
    assert_eq!(env.read("set/croissant.json"), card);
    assert!(env.read("set/README.md").contains("# My own words"));

    env.write("set/README.md", "<!-- dgov:end -->\n");
    env.fails(&["data", "card", "init", "set"], 3, "card.readme_markers");
    assert_eq!(env.read("set/README.md"), "<!-- dgov:end -->\n");
}

#[test]
fn a_dataset_of_the_manifest_has_its_card_beside_the_data() {
    let env = TestEnv::project();
    let report = env.json(&["data", "card", "init", "raccoon"]);
    assert!(report["card"].as_str().unwrap().ends_with("cards/raccoon/croissant.json"), "{report}");
    assert!(!env.dir().join("data/raccoon/croissant.json").exists());
    let card: Value = serde_json::from_str(&env.read("cards/raccoon/croissant.json")).unwrap();
    assert_eq!(card["recordSet"][0]["@id"], "images");
    finish(&env, "cards/raccoon/croissant.json");
    env.ok(&["data", "card", "lint", "raccoon", "--profile", "neurips"]);
    env.fails(&["data", "card", "init", "racoon"], 3, "dataset.unknown");
    env.fails(&["data", "card", "lint", "elsewhere/croissant.json"], 3, "card.missing");
}

#[test]
fn hostile_cards_are_findings() {
    let env = strange();
    for text in [
        "",
        "[]",
        "{\"@context\":",
        "{\"distribution\":[1,null,{\"contentUrl\":\"/etc/passwd\"}]}",
        "{\"@context\":[[]]}",
    ] {
        env.write("set/croissant.json", text);
        let output = env.fails(&["data", "card", "lint", "set"], 3, "card.invalid");
        assert!(!output.stdout.contains("root:"), "{output}");
    }
    env.write("set/croissant.json", "[".repeat(100_000));
    env.fails(&["data", "card", "lint", "set"], 3, "card.invalid");
}

#[test]
fn licenses_are_detected_and_have_to_agree() {
    let env = strange();
    let report = env.json(&["license", "detect", "set"]);
    assert_eq!(report["license"], "MIT");
    assert!(report["found"][0]["confidence"].as_f64().unwrap() > 0.95, "{report}");

    env.write("set/README.md", "---\nlicense: cc-by-nc-4.0\n---\n");
    let output = env.fails(&["license", "detect", "set"], 7, "license.mismatch");
    assert!(output.stdout.contains("README.md says CC-BY-NC-4.0, LICENSE is the text of MIT"), "{output}");
    env.write("set/README.md", "---\nlicense: mit\n---\n");
    env.ok(&["license", "detect", "set"]);

    env.write("set/LICENSE", "You may look at it on Sundays.\n");
    env.write("set/README.md", "no front matter\n");
    env.fails(&["license", "detect", "set"], 3, "license.not_found");
    env.fails(&["license", "detect", "nowhere"], 3, "license.path");
}

#[test]
fn rights_are_exported_with_those_of_the_lineage() {
    let env = TestEnv::new();
    env.write_project(1);
    env.write_small_set();
    let export = |format: &str| {
        env.json(&["license", "export", "raccoon", "--format", format, "--url", "/data/"])["document"].clone()
    };
    let policy = export("odrl");
    assert_eq!(policy["profile"], "urn:dgov:odrl:1#");
    assert!(export("rsl").as_str().unwrap().starts_with("<rsl xmlns=\"https://rslstandard.org/rsl\">"));
    assert_eq!(export("tdmrep")[0]["location"], "/data/");
    assert!(export("erc7517")["dataMiningPreference"]["aiGenerativeTraining"].is_string());
    let file = env.ok(&["license", "export", "raccoon", "--format", "rsl", "--out", "license.xml"]);
    assert_eq!(file.stdout, "license.xml\n");
    assert!(env.read("license.xml").ends_with("</rsl>\n"));

    // A parent that nobody here knows: nothing is permitted any more.
    let manifest = env.read("dgov.toml");
    let parent = format!("[datasets.raccoon]\nparents = [\"0x{}\"]", "11".repeat(32));
    env.write("dgov.toml", manifest.replace("[datasets.raccoon]", &parent));
    assert_eq!(export("erc7517")["dataMiningPreference"]["aiGenerativeTraining"], "notAllowed");
    assert_eq!(export("odrl")["permission"], json!([]));
}

#[test]
fn the_real_sets() {
    for (name, files) in [("gsm8k", 3), ("raccoon", 405)] {
        let Some(source) = real_data(name) else { return };
        let env = TestEnv::new();
        copy_dir(&source, &env.dir().join(name));
        let report = env.json(&["data", "card", "init", name]);
        assert_eq!((&report["files"], &report["license"]), (&json!(files), &json!("MIT")));
        // Who took the photographs is nowhere in the set: the card has to say it.
        assert_eq!(env.json(&["data", "card", "show", name])["origin"], "undeclared");
        finish(&env, &format!("{name}/croissant.json"));
        env.ok(&["data", "card", "lint", name, "--profile", "neurips", "--strict"]);
        assert_eq!(env.json(&["data", "card", "show", name])["origin"], "declared");
        assert_eq!(env.json(&["license", "detect", name])["license"], "MIT");
    }
}
