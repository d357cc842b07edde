//! Loading: the whole of good and bad manifests.

use camino::{Utf8Path, Utf8PathBuf};

use super::values::Currency;
use super::*;
use crate::env_vars::{DGOV_MANIFEST_PATH, DGOV_NETWORK};
use crate::error::{Error, ErrorKind};

mod rules;

const RACCOON: &str = include_str!("../testdata/raccoon.toml");

fn no_env(_: &str) -> Option<String> {
    None
}

fn parse(text: &str) -> Result<Loaded, Error> {
    Manifest::parse(text, Utf8Path::new("/project/dgov.toml"), &no_env, &Overrides::default())
}

/// A valid manifest around some lines.
fn with(lines: &str) -> Result<Loaded, Error> {
    parse(&format!("[project]\nname = \"p\"\n{lines}"))
}

fn findings(error: &Error) -> Vec<(String, String)> {
    let details = error.details().and_then(serde_json::Value::as_array).expect("findings");
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().expect("text").to_owned();
    details.iter().map(|finding| (text(finding, "code"), text(finding, "key"))).collect()
}

#[track_caller]
fn refused(lines: &str, code: &str, key: &str) {
    let error = with(lines).expect_err(lines);
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.code(), "manifest.invalid");
    assert_eq!(findings(&error), [(code.to_owned(), key.to_owned())], "{error}");
}

#[track_caller]
fn warned(lines: &str, code: &str, key: &str) -> Finding {
    let loaded = with(lines).expect(lines);
    let [warning] = loaded.warnings.as_slice() else { panic!("{:?}", loaded.warnings) };
    assert_eq!((warning.code, warning.key.as_str()), (code, key));
    assert_eq!(warning.severity, Severity::Warning);
    warning.clone()
}

#[test]
fn the_raccoon_manifest() {
    let loaded = parse(RACCOON).unwrap();
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.network, "local");
    assert_eq!(loaded.dir, "/project");
    assert_eq!(loaded.network().kind, NetworkKind::Embedded);
    let manifest = &loaded.manifest;
    assert_eq!(manifest.networks.names().collect::<Vec<_>>(), ["local", "anvil"]);
    let anvil = manifest.networks.get("anvil").unwrap();
    assert_eq!((anvil.kind, anvil.chain_id), (NetworkKind::Rpc, Some(31_337)));
    assert_eq!(anvil.rpc_url.as_ref().unwrap().resolved().unwrap().as_str(), "http://127.0.0.1:18545/");
    let governance = &manifest.governance;
    assert_eq!(governance.voting_delay.as_secs(), 86_400);
    assert_eq!(governance.voting_period.as_secs(), 259_200);
    assert_eq!(governance.late_quorum_extension.as_secs(), 86_400);
    assert_eq!(governance.timelock_delay.as_secs(), 172_800);
    assert_eq!((governance.quorum.bps(), governance.proposal_threshold.bps()), (400, 100));
    assert_eq!((governance.token.name.as_str(), governance.token.symbol.as_str()), ("Raccoon Commons", "RCN"));
    assert_eq!(governance.token.supply.to_string(), "1000000");
    let license = manifest.licenses.get("research").unwrap();
    assert_eq!(license.allow.mask(), 0b10_0001);
    assert_eq!(license.price.value.to_string(), "10000000000000000");
    assert_eq!(license.price.currency, Currency::Native);
    assert_eq!(license.duration.as_secs(), 31_536_000);
    assert_eq!(manifest.royalties.treasury.bps(), 1_000);
    let dataset = manifest.datasets.get("raccoon").unwrap();
    assert_eq!(loaded.resolve(&dataset.path), "/project/data/raccoon");
    assert_eq!(dataset.contributors.as_deref(), Some(Utf8Path::new("contributors.csv")));
    assert!(dataset.contributors_public);
}

#[test]
fn every_value_has_its_source() {
    let loaded = parse(RACCOON).unwrap();
    let source = |key: &str| {
        let value = loaded.sources().iter().find(|value| value.key == key).unwrap_or_else(|| panic!("{key}"));
        (value.value.clone(), value.source.to_string())
    };
    assert_eq!(source("network"), ("local".into(), "dgov.toml:4".into()));
    assert_eq!(source("licenses.research.price"), ("0.01 ETH".into(), "dgov.toml:23".into()));
    assert_eq!(source("licenses.research.revocable"), ("false".into(), "default".into()));
    assert_eq!(source("networks.anvil.kind"), ("rpc".into(), "default".into()));
    assert_eq!(source("storage.targets"), ("[local]".into(), "dgov.toml:9".into()));
    assert_eq!(source("governance.late-quorum-extension"), ("1d".into(), "default".into()));
    let keys: Vec<&str> = loaded.sources().iter().map(|value| value.key.as_str()).collect();
    let mut unique = keys.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), keys.len(), "a key is listed twice: {keys:?}");
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let env = |name: &str| (name == DGOV_NETWORK).then(|| "anvil".to_owned());
    let path = Utf8Path::new("dgov.toml");
    let loaded = Manifest::parse(RACCOON, path, &env, &Overrides::default()).unwrap();
    assert_eq!(
        (loaded.network.as_str(), loaded.sources()[0].source.to_string().as_str()),
        ("anvil", "env DGOV_NETWORK")
    );
    assert_eq!(loaded.dir, ".");
    let flag = |name: &str| Overrides { network: Some(name.to_owned()), ..Overrides::default() };
    let loaded = Manifest::parse(RACCOON, path, &env, &flag("local")).unwrap();
    assert_eq!((loaded.network.as_str(), loaded.sources()[0].source.to_string().as_str()), ("local", "--network"));
    let error = Manifest::parse(RACCOON, path, &env, &flag("anvill")).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "network.unknown"));
    assert_eq!(error.hints(), ["did you mean `anvil`?"]);
}

#[test]
fn a_project_name_is_enough() {
    let loaded = with("").unwrap();
    assert_eq!(loaded.warnings, []);
    assert_eq!((loaded.network.as_str(), loaded.network()), ("local", Network::embedded()));
    assert_eq!(loaded.manifest.governance.token.symbol, "P");
    assert_eq!(loaded.manifest.royalties, Royalties::default());
    assert_eq!(loaded.manifest.storage.required_copies(), 1);
}

#[test]
fn all_findings_at_once() {
    let error = parse(include_str!("../testdata/bad.toml")).unwrap_err();
    assert_eq!(error.kind().exit_code(), 3);
    snapbox::assert_data_eq!(format!("{}\n", error.message()), snapbox::file!["../testdata/bad.findings.txt"].raw());
}

#[test]
fn malformed_toml_points_to_the_line() {
    for (text, place) in [
        ("[project]\nname = \n", "dgov.toml:2:"),
        ("[project]\nname = \"p\"\nname = \"q\"\n", "dgov.toml:3:"),
        ("[project\n", "dgov.toml:1:"),
        ("a = 1979-99-99", "dgov.toml:1:"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(findings(&error), [("manifest.syntax".to_owned(), String::new())]);
        assert!(error.message().contains(place), "{error}");
    }
}

#[test]
fn variables_only_hold_up_the_network_in_use() {
    let lines =
        "[project]\nname = \"p\"\n[networks.dev]\nkind = \"embedded\"\n[networks.n]\nrpc-url = \"https://h/${KEY}\"\n";
    let path = Utf8Path::new("dgov.toml");
    let on = |network: &str| Overrides { network: Some(network.to_owned()), ..Overrides::default() };
    let loaded = Manifest::parse(lines, path, &no_env, &Overrides::default()).unwrap();
    assert_eq!(loaded.warnings[0].code, "manifest.undefined_variable");
    let error = Manifest::parse(lines, path, &no_env, &on("n")).unwrap_err();
    assert_eq!(findings(&error)[0].0, "manifest.undefined_variable");
    let env = |name: &str| (name == "KEY").then(|| "s3cret".to_owned());
    let loaded = Manifest::parse(lines, path, &env, &on("n")).unwrap();
    assert_eq!(loaded.network().rpc_url.unwrap().resolved().unwrap().as_str(), "https://h/s3cret");
    let shown = format!("{loaded:?} {}", serde_json::to_string(&loaded.manifest).unwrap());
    assert!(!shown.contains("s3cret") && shown.contains("${KEY}"), "{shown}");
    let broken = lines.replace("https://h/", "${KEY}://");
    let error = Manifest::parse(&broken, path, &env, &on("n")).unwrap_err();
    assert!(!format!("{error:?}").contains("s3cret"), "{error}");
}

#[test]
fn unknown_tables_are_warnings() {
    let finding = warned("[dataset.d]\npath = \"d\"", "manifest.unknown_key", "dataset");
    assert_eq!(finding.hint.as_deref(), Some("did you mean `datasets`?"));
    assert_eq!(warned("[trainer]\nx = 1", "manifest.unknown_key", "trainer").line, 3);
}

#[test]
fn columns_count_characters() {
    let text = "[project]\nname = \"p\"\n[licenses.l]\n\"é\" = 1\nspdx = 5\n[royalties] # é\ncontributors = \"1%\"\n";
    let error = parse(text).unwrap_err();
    for place in ["4:1: licenses.l.\"é\": unknown key", "5:8: licenses.l.spdx: expected text", "6:1: royalties: the"] {
        assert!(error.message().contains(&format!("dgov.toml:{place}")), "{error}");
    }
    let inline = "[project]\nname = \"p\"\n[datasets]\nd = { description = \"éé\", path = 1, license = \"l\" }";
    let error = parse(inline).unwrap_err();
    assert!(error.message().contains("dgov.toml:4:34: datasets.d.path"), "{error}");
}

#[test]
fn found_upward_from_the_start() {
    let temp = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(temp.path().to_owned()).unwrap();
    let deep = root.join("a/b");
    fs_err::create_dir_all(&deep).unwrap();
    let from_deep = Overrides { start: Some(deep.clone()), ..Overrides::default() };
    let error = Manifest::load(None, &no_env, &from_deep).unwrap_err();
    assert_eq!((error.kind().exit_code(), error.code()), (3, "manifest.not_found"));
    assert!(error.hints()[0].contains("dgov init"));
    fs_err::write(root.join(FILE_NAME), RACCOON).unwrap();
    let loaded = Manifest::load(None, &no_env, &from_deep).unwrap();
    assert_eq!((loaded.dir.as_path(), loaded.path), (root.as_path(), root.join(FILE_NAME)));
    assert_eq!(loaded.manifest, parse(RACCOON).unwrap().manifest);

    let other = deep.join("other.toml");
    let env = |name: &str| (name == DGOV_MANIFEST_PATH).then(|| other.to_string());
    let error = Manifest::load(None, &env, &from_deep).unwrap_err();
    assert!(error.message().contains("other.toml"), "{error}");
    fs_err::write(&other, "[project]\nname = \"other\"").unwrap();
    assert_eq!(Manifest::load(None, &env, &from_deep).unwrap().manifest.project.name, "other");
    let given = Manifest::load(Some(&root.join(FILE_NAME)), &env, &from_deep).unwrap();
    assert_eq!(given.manifest.project.name, "raccoon-commons");
    fs_err::write(&other, b"\xff").unwrap();
    assert_eq!(Manifest::load(None, &env, &from_deep).unwrap_err().kind(), ErrorKind::Input);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in ".{0,200}", at in 0usize..900, byte in "[\\[\\]{}=\"'.#a0\n$é-]") {
        let _ = parse(&text);
        let mut mutated = include_str!("../testdata/bad.toml").to_owned();
        if mutated.is_char_boundary(at) {
            mutated.insert_str(at, &byte);
        }
        let _ = parse(&mutated);
    }
}

#[test]
fn marks_and_line_ends_of_other_systems() {
    let windows = format!("\u{feff}{}", RACCOON.replace('\n', "\r\n"));
    assert_eq!(parse(&windows).unwrap().manifest, parse(RACCOON).unwrap().manifest);
    let error = parse(&windows.replace("\"4%\"", "\"4\"")).unwrap_err();
    let line = RACCOON.lines().position(|line| line.starts_with("quorum")).unwrap() + 1;
    assert!(error.message().contains(&format!("dgov.toml:{line}:10: governance.quorum")), "{error}");
}
