//! The gate: what it lets through, what it refuses, what it cannot decide.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::common::project::{DEV, copy_dir, real_data};
use crate::common::{Output, TestEnv};

pub const QUESTION: [&str; 4] = ["check", "--purpose", "train-generative", "--no-commercial"];

/// The report of a check with this exit code.
#[track_caller]
pub fn check(env: &TestEnv, args: &[&str], exit: i32) -> Value {
    let output = env.run(&[args, &["--json"]].concat());
    assert_eq!(output.code, exit, "dgov {}\n{output}", args.join(" "));
    let document: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output}"));
    assert_eq!(document["success"], exit == 0, "{output}");
    document["data"].clone()
}

/// Rules with findings of a state, each once, in their order.
pub fn rules(report: &Value, state: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let mut ids: Vec<_> = findings
        .filter(|finding| finding["state"] == state && (state != "found" || finding["severity"] == "error"))
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    ids.dedup();
    ids
}

pub fn found(report: &Value) -> Vec<String> {
    rules(report, "found")
}

pub fn message(report: &Value, rule: &str) -> String {
    let findings = report["findings"].as_array().unwrap().iter();
    let own = findings.filter(|finding| finding["rule"] == rule).map(|finding| finding["message"].as_str().unwrap());
    own.collect::<Vec<_>>().join("; ")
}

pub fn passed(report: &Value, rule: &str) -> bool {
    report["subjects"][0]["passed"].as_array().unwrap().contains(&json!(rule))
}

pub fn not_applicable(report: &Value, rule: &str) -> bool {
    report["subjects"][0]["not_applicable"].as_array().unwrap().iter().any(|it| it["rule"] == rule)
}

/// A card that is complete enough for the linter's errors, with or without the origin of the data.
pub fn card(origin: bool) -> Value {
    let mut card = json!({
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "citeAs": "cr:citeAs",
            "conformsTo": "dct:conformsTo",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "includes": "cr:includes",
            "md5": "cr:md5",
            "rai": "http://mlcommons.org/croissant/RAI/",
            "sc": "https://schema.org/"
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "raccoon",
        "description": "Raccoons with boxes, made for tests.",
        "license": "https://spdx.org/licenses/CC-BY-NC-4.0",
        "url": "https://example.org/raccoon",
        "creator": { "@type": "Person", "name": "A" },
        "datePublished": "2026-01-01",
        "version": "1.0.0",
        "distribution": [{
            "@type": "cr:FileSet", "@id": "images", "name": "images", "encodingFormat": "image/jpeg",
            "includes": "images/*.jpg"
        }]
    });
    if origin {
        card["rai:dataCollection"] = json!("Photographs taken by the contributors in their gardens in 2025.");
    }
    card
}

/// The small set with a card, and nothing deployed.
pub fn undeployed(origin: bool) -> TestEnv {
    let env = TestEnv::project();
    env.write("card.json", serde_json::to_vec_pretty(&card(origin)).unwrap());
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}card = \"card.json\"\n"));
    fs::remove_file(env.dir().join("data/raccoon/LICENSE")).unwrap();
    env
}

pub fn deployed() -> TestEnv {
    let env = undeployed(true);
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env
}

#[test]
fn useful_without_a_chain_and_the_chains_rules_do_not_apply() {
    let env = undeployed(false);
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG017"], "{report:#}");
    for rule in ["DG001", "DG002", "DG004", "DG005", "DG010", "DG014", "DG015"] {
        assert!(not_applicable(&report, rule), "{rule}");
    }
    let output = env.run(&QUESTION);
    assert!(output.stdout.starts_with("no: may raccoon be used for train-generative, non-commercial, on "), "{output}");
    assert!(output.stdout.contains("nothing is deployed on network `local` yet"), "{output}");
    assert!(output.stdout.contains("no legal advice"), "{output}");

    env.write("card.json", serde_json::to_vec_pretty(&card(true)).unwrap());
    let report = check(&env, &QUESTION, 0);
    assert!(passed(&report, "DG017") && passed(&report, "DG003") && passed(&report, "DG007"));
    assert!(report["subjects"][0]["duties"].as_array().unwrap().contains(&json!("no commercial use")));
}

#[test]
fn purposes_and_conditions_decide_and_the_source_is_named() {
    let env = undeployed(true);
    let report = check(&env, &["check", "--purpose", "train-generative"], 1);
    assert!(message(&report, "DG007").contains("commercial use is forbidden"), "{report:#}");
    assert!(message(&report, "DG007").contains("CC-BY-NC-4.0"), "{report:#}");
    let report = check(&env, &["check", "--purpose", "mine", "--no-commercial"], 1);
    assert!(message(&report, "DG007").contains("nothing says that mine is permitted"), "{report:#}");
    // An upstream's license counts as well, and is named.
    let manifest = env.read("dgov.toml");
    env.write(
        "dgov.toml",
        format!(
            "{manifest}parents = [\"scans\"]\n[licenses.closed]\nspdx = \"CC-BY-ND-4.0\"\ndeny = [\"train-generative\"]\n\
             [datasets.scans]\npath = \"data/raccoon\"\nlicense = \"closed\"\n[training]\nunset = \"warn\"\n"
        ),
    );
    let report = check(&env, &[&QUESTION[..], &["--dataset", "raccoon"]].concat(), 1);
    assert!(message(&report, "DG007").contains("for scans"), "{report:#}");
    env.fails(&["check"], 3, "check.purpose");
    env.fails(&["check", "--purpose", "mine", "--dataset", "racoon"], 3, "check.dataset");
    env.fails(&["check", "--purpose", "minee"], 2, "usage");
}

#[test]
fn a_pass_and_a_push_are_needed_and_the_bytes_have_to_match() {
    let env = undeployed(true);
    env.ok(&["deploy"]);
    let report = check(&env, &QUESTION, 1);
    assert!(found(&report).contains(&"DG002".to_owned()), "{report:#}");
    env.ok(&["data", "push"]);
    let report = check(&env, &QUESTION, 0);
    for rule in ["DG001", "DG002", "DG004", "DG009", "DG010", "DG014", "DG015"] {
        assert!(passed(&report, rule), "{rule}: {report:#}");
    }
    assert!(not_applicable(&report, "DG005"), "publishers vouch");

    let stranger = [&QUESTION[..], &["--from", "dev3"]].concat();
    let report = check(&env, &stranger, 1);
    assert_eq!(found(&report), ["DG014"], "{report:#}");
    env.ok(&["license", "buy", "raccoon", "--from", "dev3", "--yes"]);
    assert!(passed(&check(&env, &stranger, 0), "DG014"));

    let path = env.dir().join("data/raccoon/images/raccoon-2.jpg");
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[7] ^= 1;
    fs::write(&path, bad).unwrap();
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG009"]);
    let report = check(&env, &[&QUESTION[..], &["--sample", "100"]].concat(), 1);
    assert!(message(&report, "DG009").contains("images/raccoon-2.jpg changed"), "{report:#}");
    let report = check(&env, &[&QUESTION[..], &["--no-rehash"]].concat(), 0);
    assert_eq!(report["not_looked_at"], json!(["bytes: --no-rehash"]));
    fs::write(&path, good).unwrap();

    let text = env.read("card.json");
    env.write("card.json", text.replace("gardens", "parks"));
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG004"]);
    env.write("card.json", "{");
    assert!(found(&check(&env, &QUESTION, 1)).contains(&"DG003".to_owned()));
    env.write("card.json", text);
    check(&env, &QUESTION, 0);
}

#[test]
fn a_recalled_version_is_refused_and_its_successor_named() {
    let env = deployed();
    env.write("data/raccoon/images/raccoon-4.jpg", "new");
    env.ok(&["data", "push"]);
    env.ok(&["data", "deprecate", "raccoon@2", "--reason", "old", "--yes"]);
    let report = check(&env, &QUESTION, 0);
    assert!(message(&report, "DG010").contains("deprecated"), "{report:#}");
    env.write("data/raccoon/images/raccoon-5.jpg", "newer");
    env.ok(&["data", "push"]);
    env.ok(&["data", "recall", "raccoon@3", "--reason", "a contributor withdrew", "--successor", "raccoon@1", "--yes"]);
    let report = check(&env, &QUESTION, 1);
    assert_eq!(found(&report), ["DG010"], "{report:#}");
    assert!(message(&report, "DG010").contains("raccoon@1 replaces it"), "{report:#}");
}

#[test]
fn a_changed_lock_is_noticed_with_and_without_the_chain() {
    let env = deployed();
    let lock = env.read("dgov.lock");
    check(&env, &QUESTION, 0);
    let offline = [&QUESTION[..], &["--offline"]].concat();
    let report = check(&env, &offline, 0);
    assert_eq!(report["chain"]["source"], "proved", "{report:#}");

    let records = lock.lines().find(|line| *line == "records = 3").unwrap();
    env.write("dgov.lock", lock.replace(records, "records = 4"));
    for question in [&QUESTION[..], &offline] {
        let report = check(&env, question, 1);
        assert!(message(&report, "DG002").contains("dgov.lock was changed"), "{report:#}");
    }
    env.write("dgov.lock", "format = 1\n[networks.local]\n");
    env.fails(&QUESTION, 3, "lock.malformed");
    env.write("dgov.lock", lock);

    // Nothing remembered, too old, or no chain at all: not decided, and never a silent pass.
    let memory = env.read(".dgov/cache/gate/local.json");
    let asked = serde_json::from_str::<Value>(&memory).unwrap()["asked"].as_u64().unwrap();
    env.write(".dgov/cache/gate/local.json", memory.replace(&asked.to_string(), &(asked - 86_400).to_string()));
    check(&env, &offline, 0);
    let report = check(&env, &[&offline[..], &["--max-staleness", "1h"]].concat(), 9);
    assert_eq!(rules(&report, "undecided"), ["DG005", "DG010", "DG014", "DG015"], "{report:#}");
    fs::remove_dir_all(env.dir().join(".dgov/cache/gate")).unwrap();
    assert_eq!(check(&env, &offline, 9)["chain"]["source"], "lock");
    fs::remove_dir_all(env.dir().join(".dgov/chain")).unwrap();
    let report = check(&env, &QUESTION, 9);
    assert_eq!(report["chain"]["source"], "unreachable");
    assert!(!env.dir().join(".dgov/chain").exists(), "a chain was made");
}

#[test]
fn waivers_are_signed_and_stay_visible() {
    let env = undeployed(false);
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}[training]\nwaiver-signers = [\"{}\"]\n", DEV[2]));
    let waive = |from: &str| {
        env.ok(&[
            "check",
            "waive",
            "origin",
            "raccoon",
            "--reason",
            "known to the \"team\"",
            "--expires",
            "2099-01-01",
            "--from",
            from,
        ])
    };
    waive("dev2");
    let report = check(&env, &QUESTION, 0);
    assert_eq!(rules(&report, "waived"), ["DG017"], "{report:#}");
    let waived = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "DG017").unwrap();
    assert_eq!(waived["waiver"]["signer"], DEV[2]);
    assert!(env.run(&QUESTION).stdout.contains("waived until 2099-01-01"));
    let signed = env.read("dgov.toml");
    for (from, to) in
        [("the \\\"team", "the \\\"crew"), ("\"team\"", "\"crew\""), ("2099-01-01", "2098-01-01"), ("DG017", "DG007")]
    {
        if !signed.contains(from) {
            continue;
        }
        env.write("dgov.toml", signed.replace(from, to));
        let report = check(&env, &QUESTION, 1);
        assert!(found(&report).contains(&"DG020".to_owned()), "{from}: {report:#}");
        assert!(found(&report).contains(&"DG017".to_owned()), "{from}: {report:#}");
    }
    // By somebody else, and by nobody.
    env.write("dgov.toml", format!("{manifest}[training]\nwaiver-signers = [\"{}\"]\n", DEV[2]));
    let output = waive("dev3");
    assert!(output.stderr.contains("will not count"), "{output}");
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG017", "DG020"]);
    let unsigned =
        "[[training.waivers]]\nrule = \"origin\"\ndataset = \"raccoon\"\nreason = \"r\"\nexpires = \"2099-01-01\"\n";
    env.write("dgov.toml", format!("{manifest}{unsigned}"));
    assert_eq!(rules(&check(&env, &QUESTION, 0), "waived"), ["DG017"]);
    env.write("dgov.toml", format!("{manifest}{}", unsigned.replace("2099", "2020")));
    assert_eq!(found(&check(&env, &QUESTION, 1)), ["DG017", "DG020"]);
}

#[test]
fn a_set_that_never_met_dgov() {
    let env = TestEnv::new();
    env.write("set/train.jsonl", "{\"q\":1}\n{\"q\":2}\n{\"q\":2}\n");
    env.write("set/README.md", "---\nlicense: cc-by-4.0\nsource_datasets:\n- original\n---\n# Set\n");
    let text = dgov::ops::license_text::of_expression("CC-BY-4.0").unwrap();
    env.write("set/LICENSE", text);
    let question = ["check", "set", "--purpose", "train-generative", "--commercial"];
    let report = check(&env, &question, 0);
    assert!(not_applicable(&report, "DG001") && report["subjects"][0]["cid"].is_string(), "{report:#}");
    assert_eq!(report["subjects"][0]["license"], "CC-BY-4.0");
    assert!(message(&report, "DG013").contains("1 of 3 records"), "{report:#}");
    env.write("set/robots.txt", "User-Agent: *\nContent-Usage: train-ai=y\n");
    assert!(passed(&check(&env, &question, 0), "DG008"));
    env.write("set/robots.txt", "User-Agent: *\nContent-Usage: train-ai=n\n");
    assert!(found(&check(&env, &question, 1)).contains(&"DG008".to_owned()));
    env.write("set/LICENSE", dgov::ops::license_text::of_expression("CC-BY-NC-4.0").unwrap());
    let report = check(&env, &question, 1);
    assert!(message(&report, "DG006").contains("the license text is that of CC-BY-NC-4.0"), "{report:#}");
    env.fails(&["check", "nowhere", "--purpose", "mine"], 3, "check.path");
    env.fails(&["check", "--purpose", "mine"], 3, "manifest.not_found");
}

/// A manifest around two folders, pinned, one trained on and one measured with.
fn two_folders(env: &TestEnv, rows: &str) {
    let cid = |path: &str| env.json(&["data", "cid", path])["cid"].as_str().unwrap().to_owned();
    env.write(
        "dgov.toml",
        format!(
            "[project]\nname = \"p\"\n[training]\npurpose = \"train-generative\"\ncommercial = false\n{rows}\
             [[training.datasets]]\npath = \"train\"\ndigest = \"{}\"\n\
             [[training.datasets]]\npath = \"eval\"\ndigest = \"{}\"\nrole = \"eval\"\n",
            cid("train"),
            cid("eval")
        ),
    );
}

#[test]
fn evaluation_sets_and_opt_outs_are_kept_out() {
    let env = TestEnv::new();
    for folder in ["train", "eval"] {
        env.write(&format!("{folder}/README.md"), "---\nlicense: mit\nsource_datasets: [original]\n---\n");
    }
    env.write("train/a.jsonl", "{\"q\":1}\n{\"q\":2}\n");
    env.write("eval/b.jsonl", "{\"q\":3}\n");
    two_folders(&env, "");
    check(&env, &["check"], 0);
    env.write("eval/b.jsonl", "{\"q\":3}\n{\"q\":2}\n");
    assert_eq!(
        found(&check(&env, &["check"], 1)),
        ["DG009", "DG011"],
        "changed bytes, and a record of the training set"
    );
    two_folders(&env, "");
    let report = check(&env, &["check"], 1);
    assert!(message(&report, "DG011").contains("1 of its records are also in train"), "{report:#}");
    env.write("eval/b.jsonl", "{\"q\":3}\n");
    two_folders(&env, "opt-outs = [\"out.txt\"]\n");
    env.fails(&["check"], 3, "check.opt_outs");
    env.write("out.txt", "# nobody\n");
    check(&env, &["check"], 0);
    env.write("out.txt", "a.jsonl:2\n");
    let report = check(&env, &["check"], 1);
    assert_eq!(found(&report), ["DG008"], "{report:#}");
    two_folders(&env, "opt-outs = [\"out.txt\"]\nrules = { consent = \"warning\" }\n");
    check(&env, &["check"], 0);
}

#[test]
fn forms_for_other_tools() {
    let env = undeployed(false);
    let form = |form: &str| -> Output { env.run(&[&QUESTION[..], &["--format", form]].concat()) };
    let sarif = form("sarif");
    assert_eq!(sarif.code, 1);
    let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
    let errors: Vec<_> =
        sarif["runs"][0]["results"].as_array().unwrap().iter().filter(|it| it["level"] == "error").collect();
    assert_eq!((errors.len(), errors[0]["ruleId"].clone()), (1, json!("DG017")));
    assert_eq!(errors[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "card.json");
    let junit = form("junit").stdout;
    assert!(
        junit.contains("failures=\"1\"") && junit.contains("<failure message=\"raccoon: the card does not"),
        "{junit}"
    );
    assert!(form("markdown").stdout.starts_with("## dgov check: no\n"));
    let envelope: Value = serde_json::from_str(&form("json").stdout).unwrap();
    assert_eq!((envelope["success"].clone(), envelope["errors"][0]["code"].clone()), (json!(false), json!("gate.no")));
    let output = env.run(&[&QUESTION[..], &["--format", "sarif", "--out", "r.sarif"]].concat());
    assert!(output.code == 1 && output.stdout.starts_with("no: "), "{output}");
    assert_eq!(serde_json::from_str::<Value>(&env.read("r.sarif")).unwrap()["version"], "2.1.0");
}

#[test]
fn the_real_sets() {
    let (Some(raccoon), Some(gsm8k)) = (real_data("raccoon"), real_data("gsm8k")) else { return };
    let env = TestEnv::new();
    copy_dir(&raccoon, &env.dir().join("raccoon"));
    copy_dir(&gsm8k, &env.dir().join("gsm8k"));
    let report = check(&env, &["check", "raccoon", "--purpose", "train-other", "--no-commercial"], 1);
    assert!(message(&report, "DG017").contains("where the data comes from"), "{report:#}");
    let report = check(&env, &["check", "gsm8k", "--purpose", "evaluate", "--no-commercial"], 1);
    assert_eq!(report["subjects"][0]["license"], "MIT", "{report:#}");
    assert!(passed(&report, "DG006") && passed(&report, "DG007"), "{report:#}");
}

/// The shell lines of a YAML file below a key, in order: what a runner would execute.
fn shell_of(yaml: &str, key: &str) -> Vec<String> {
    let lines: Vec<&str> = yaml.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut blocks = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let text = line.trim_start().trim_start_matches("- ");
        let Some(rest) = text.strip_prefix(key).and_then(|rest| rest.strip_prefix(':')) else { continue };
        let below =
            || lines[index + 1..].iter().take_while(|next| next.trim().is_empty() || indent(next) > indent(line));
        match rest.trim() {
            "|" => blocks.push(below().map(|next| next.trim()).collect::<Vec<_>>().join("\n")),
            "" => {
                let items: Vec<&str> = below().map(|next| next.trim()).collect();
                let script =
                    items.iter().map(|item| item.strip_prefix("- ").unwrap_or(item)).filter(|item| *item != "|");
                blocks.push(script.collect::<Vec<_>>().join("\n"));
            }
            inline => blocks.push(inline.to_owned()),
        }
    }
    blocks.retain(|block| block.contains("dgov check"));
    blocks
}

#[test]
fn the_examples_for_ci_run_as_scripts() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_dgov")).parent().unwrap().display().to_string();
    for (path, key) in [
        ("examples/ci/github/dgov-check.yml", "run"),
        ("examples/ci/gitlab/dgov-check.yml", "script"),
        ("templates/common/github-workflow.yml", "run"),
        ("templates/common/gitlab-ci.yml", "script"),
    ] {
        let blocks = shell_of(&read(path), key);
        assert_eq!(blocks.len(), 1, "{path}: {blocks:?}");
        for (origin, exit) in [(true, 0), (false, 1)] {
            let env = undeployed(origin);
            let manifest = env.read("dgov.toml");
            env.write(
                "dgov.toml",
                format!("{manifest}[training]\npurpose = \"train-generative\"\ncommercial = false\n"),
            );
            let status = Command::new("bash")
                .args(["-eo", "pipefail", "-c", &blocks[0]])
                .current_dir(env.dir())
                .env_clear()
                .env("HOME", env.home())
                .env("PATH", format!("{bin}:/usr/bin:/bin"))
                .env("GITHUB_STEP_SUMMARY", env.dir().join("summary.md"))
                .output()
                .unwrap();
            assert_eq!(status.status.code(), Some(exit), "{path}: {}", String::from_utf8_lossy(&status.stderr));
        }
    }
}

#[test]
fn places_and_ends_of_a_license_decide_and_are_warned_of() {
    let env = undeployed(true);
    let manifest = env.read("dgov.toml");
    let day = |days: i64| {
        let moment = jiff::Timestamp::now().as_second() + days * 86_400;
        jiff::Timestamp::from_second(moment).unwrap().to_string()[..10].to_owned()
    };
    let with = |license: &str, training: &str| {
        let text = manifest.replace("duration = \"365d\"\n", &format!("duration = \"365d\"\n{license}\n"));
        env.write("dgov.toml", format!("{text}[training]\n{training}\n"));
    };
    let places = "geography = [\"DE\", \"FR\"]";
    with(places, "place = \"DE\"");
    let report = check(&env, &QUESTION, 0);
    assert!(
        report["subjects"][0]["duties"].as_array().unwrap().contains(&json!("use it only in DE, FR")),
        "{report:#}"
    );
    with(places, "place = \"US\"");
    assert!(message(&check(&env, &QUESTION, 1), "DG007").contains("it may not be used there"));
    with(places, "");
    assert!(message(&check(&env, &QUESTION, 1), "DG007").contains("the place of use was not said"));

    with(&format!("expires = \"{}\"", day(400)), "");
    let report = check(&env, &QUESTION, 0);
    assert!(passed(&report, "DG016"), "{report:#}");
    let near = day(10);
    with(&format!("expires = \"{near}\""), "");
    let report = check(&env, &QUESTION, 0);
    assert_eq!(message(&report, "DG016"), format!("the rights end at {near}T00:00:00Z"), "{report:#}");
    with(&format!("expires = \"{near}\""), "expiry-warning = \"5d\"");
    assert!(passed(&check(&env, &QUESTION, 0), "DG016"));
    with(&format!("expires = \"{}\"", day(0)), "");
    assert!(message(&check(&env, &QUESTION, 1), "DG007").contains("the rights have ended"));
    // What a push publishes says the same.
    with("geography = [\"DE\"]\nexpires = \"2998-12-31\"", "");
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let policy = env.read(".dgov/documents/raccoon/policy.jsonld");
    assert!(policy.contains("\"DE\"") && policy.contains("2998-12-31T00:00:00Z"), "{policy}");
}

#[test]
fn a_card_that_contradicts_the_manifest_is_refused() {
    let env = undeployed(true);
    let lint = ["data", "card", "lint", "raccoon", "--no-files"];
    let write = |key: &str, value: Value| {
        let mut card = card(true);
        card[key] = value;
        env.write("card.json", serde_json::to_vec_pretty(&card).unwrap());
    };
    for (key, value, told) in [
        (
            "license",
            json!("https://spdx.org/licenses/CC-BY-4.0"),
            "the card names CC-BY-4.0, the manifest CC-BY-NC-4.0",
        ),
        ("isAccessibleForFree", json!(true), "the card says that it is free, the manifest asks 0.01 ETH"),
    ] {
        write(key, value);
        let report = check(&env, &QUESTION, 1);
        assert_eq!(found(&report), ["DG003"], "{report:#}");
        assert_eq!(message(&report, "DG003"), format!("the card says otherwise at /{key}: {told}"), "{report:#}");
    }
    // The linter compares the card that lies beside the project's data.
    env.write("cards/raccoon/croissant.json", env.read("card.json"));
    let refused = env.fails(&lint, 3, "card.invalid");
    assert!(refused.stdout.contains("card.contradicts-price"), "{}", refused.stdout);
    write("datePublished", json!("2999-01-01"));
    let report = check(&env, &QUESTION, 0);
    assert!(message(&report, "DG003").contains("2999-01-01 has not been yet"), "{report:#}");
    let manifest = env.read("dgov.toml");
    env.write(
        "dgov.toml",
        manifest.replace("duration = \"365d\"\n", "duration = \"365d\"\nexpires = \"2998-12-31\"\n"),
    );
    let report = check(&env, &QUESTION, 1);
    assert!(message(&report, "DG003").contains("the rights end on 2998-12-31"), "{report:#}");
}

#[test]
fn a_push_completes_its_card_with_the_day_of_publication() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let pushed = env.json(&["data", "push"]);
    let path = ".dgov/documents/raccoon/croissant.json";
    let first = env.read(path);
    let card: Value = serde_json::from_str(&first).unwrap();
    let shown = env.json(&["audit", "raccoon"]);
    let registered = shown["lines"].as_array().unwrap().iter().find(|line| line["event"] == "dataset.registered");
    assert_eq!(card["datePublished"], registered.unwrap()["time"].as_str().unwrap()[..10]);
    let linted = env.run(&["data", "card", "lint", path, "--json"]);
    assert!(!linted.stdout.contains("card.date-published"), "{linted}");

    // Later, elsewhere, the same data is the same version; a new version keeps the day of the first.
    env.ok(&["chain", "advance", "40d"]);
    assert_eq!(env.json(&["data", "push"])["changed"], false);
    fs::remove_dir_all(env.dir().join(".dgov/documents")).unwrap();
    let again = env.json(&["data", "push"]);
    assert_eq!((&again["changed"], &again["meta_cid"]), (&json!(false), &pushed["meta_cid"]));
    env.write("data/raccoon/images/raccoon-9.jpg", "another");
    env.write("data/raccoon/annotations/raccoon-9.xml", "<annotation/>\n");
    assert_eq!(env.json(&["data", "push"])["version"], 2);
    let second: Value = serde_json::from_str(&env.read(path)).unwrap();
    assert_eq!(second["datePublished"], card["datePublished"]);
}
