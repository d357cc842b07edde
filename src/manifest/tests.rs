//! Loading: the whole of good and bad manifests.

use camino::{Utf8Path, Utf8PathBuf};

use super::values::{AccountRef, Currency, LicenseDuration};
use super::*;
use crate::error::{Error, ErrorKind};

const RACCOON: &str = include_str!("testdata/raccoon.toml");

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
    let details = error.structured().and_then(serde_json::Value::as_array).expect("findings");
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
    assert_eq!(source("licenses.research.price"), ("0.01 ETH".into(), "dgov.toml:22".into()));
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
    let env = |name: &str| (name == ENV_NETWORK).then(|| "anvil".to_owned());
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
    let error = parse(include_str!("testdata/bad.toml")).unwrap_err();
    assert_eq!(error.kind().exit_code(), 3);
    snapbox::assert_data_eq!(format!("{}\n", error.message()), snapbox::file!["testdata/bad.findings.txt"].raw());
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
fn rules_for_networks() {
    let key = "networks.n";
    refused("[networks.n]", "manifest.missing_key", key);
    refused("[networks.n]\nkind = \"rpc\"", "manifest.missing_key", key);
    refused("[networks.n]\npreset = \"base\"", "manifest.missing_key", key);
    refused("[networks.n]\nrpc-url = 1", "manifest.wrong_type", "networks.n.rpc-url");
    refused("[networks.n]\nrpc-url = \"ws://h\"", "manifest.invalid_value", "networks.n.rpc-url");
    refused("[networks.n]\nrpc-url = \"http://h/${X\"", "manifest.invalid_value", "networks.n.rpc-url");
    refused("[networks.n]\nrpc-url = \"http://h/${X}\"", "manifest.undefined_variable", "networks.n.rpc-url");
    refused("[networks.n]\nkind = \"embedded\"\nchain-id = 1", "manifest.embedded_network_key", "networks.n.chain-id");
    refused("[networks.n]\nrpc-url = \"http://h\"\nchain-id = 0", "manifest.invalid_value", "networks.n.chain-id");
    refused(
        "[networks.n]\npreset = \"base\"\nrpc-url = \"http://h\"\nchain-id = 1",
        "manifest.chain_id_conflict",
        "networks.n.chain-id",
    );
    refused("[networks.\"N n\"]\nkind = \"embedded\"", "manifest.invalid_name", "networks.\"N n\"");
    refused("[networks]\nn = 1", "manifest.wrong_type", "networks.n");
}
