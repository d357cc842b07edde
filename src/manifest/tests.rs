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
    refused("[networks.n]", "manifest.missing_key", "networks.n.kind");
    refused("[networks.n]\nkind = \"rpc\"", "manifest.missing_key", "networks.n.rpc-url");
    refused("[networks.n]\npreset = \"base\"", "manifest.missing_key", "networks.n.rpc-url");
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

#[test]
fn rules_for_tokens_and_prices() {
    let usdc = "[networks.dev]\nkind = \"embedded\"\n[tokens.USDC]\ndecimals = 6\n";
    let address = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";
    let priced = |price: &str| format!("[licenses.l]\nspdx = \"MIT\"\nallow = [\"mine\"]\nprice = \"{price}\"\n");
    let listed = format!("{usdc}address = {{ dev = \"{address}\" }}\n");
    let loaded = with(&format!("{listed}{}", priced("5.5 USDC"))).unwrap();
    assert_eq!(loaded.warnings, []);
    let price = &loaded.manifest.licenses.get("l").unwrap().price;
    assert_eq!((price.value.to_string().as_str(), &price.currency), ("5500000", &Currency::Token("USDC".into())));
    let token = loaded.manifest.tokens.get("USDC").unwrap();
    assert_eq!(token.address.get("dev").unwrap().to_checksum(None), address);

    refused(&format!("{listed}{}", priced("0.0000001 USDC")), "manifest.invalid_value", "licenses.l.price");
    refused(&priced("5 USDC"), "manifest.invalid_value", "licenses.l.price");
    refused(usdc, "manifest.missing_key", "tokens.USDC.address");
    refused(&format!("{usdc}address = {{ dev = \"dev0\" }}"), "manifest.invalid_value", "tokens.USDC.address.dev");
    let elsewhere = format!("{usdc}address = {{ prod = \"{address}\" }}");
    refused(&elsewhere, "manifest.unknown_network", "tokens.USDC.address.prod");
    let coin = format!("[tokens.ETH]\ndecimals = 18\naddress = {{ local = \"{address}\" }}");
    refused(&coin, "manifest.invalid_name", "tokens.ETH");
    let none = format!("{usdc}address = {{}}\n{}", priced("5 USDC"));
    warned(&none, "manifest.token_without_address", "licenses.l.price");
    let polygon = "[networks.p]\npreset = \"polygon\"\nrpc-url = \"http://h\"\n";
    warned(&format!("{polygon}{}", priced("1 ETH")), "manifest.other_coin", "licenses.l.price");
}

#[test]
fn rules_for_storage() {
    for target in ["ipfs", "arweave", "s3", "filecoin", "pinning"] {
        let error = with(&format!("[storage]\ntargets = [\"{target}\"]")).unwrap_err();
        assert!(error.message().contains("not supported by this version"), "{error}");
    }
    refused("[storage]\ntargets = []", "manifest.no_storage", "storage.targets");
    refused("[storage]\ntargets = \"local\"", "manifest.wrong_type", "storage.targets");
    refused("[storage]\ntargets = [1]", "manifest.wrong_type", "storage.targets[0]");
    refused("[storage]\ncopies = 2", "manifest.too_many_copies", "storage.copies");
    refused("[storage]\ntargets = [\"local\", \"local\"]", "manifest.duplicate", "storage.targets[1]");
    let error = parse("storage = 1\n[project]\nname = \"p\"").unwrap_err();
    assert_eq!(findings(&error), [("manifest.wrong_type".to_owned(), "storage".to_owned())]);
}

#[test]
fn rules_for_governance() {
    let period = "governance.voting-period";
    refused("[governance]\nvoting-period = \"0s\"", "manifest.invalid_value", period);
    refused("[governance]\nvoting-period = \"50000d\"", "manifest.invalid_value", period);
    let delay = "governance.timelock-delay";
    refused("[governance]\ntimelock-delay = \"281474976710656s\"", "manifest.invalid_value", delay);
    refused("[governance]\nguardian = \"dev1\"", "manifest.guardian_without_sunset", "governance.guardian");
    refused("[governance]\ncard-approval = 1", "manifest.wrong_type", "governance.card-approval");
    refused("[governance.token]\nname = \" \"", "manifest.invalid_value", "governance.token.name");
    refused("[governance.token]\nsupply = \"0\"", "manifest.invalid_value", "governance.token.supply");
    let sunset = "governance.guardian-sunset";
    warned("[governance]\nguardian-sunset = \"1d\"", "manifest.sunset_without_guardian", sunset);
    let short = "manifest.short_on_main_network";
    let main = "[networks.main]\npreset = \"ethereum\"\nrpc-url = \"http://h\"\n[governance]\n";
    warned(&format!("{main}voting-delay = \"5m\""), short, "governance.voting-delay");
    let by_id = "[networks.main]\nchain-id = 8453\nrpc-url = \"http://h\"\n[governance]\n";
    warned(&format!("{by_id}timelock-delay = \"23h\""), short, delay);
    let test = main.replace("ethereum", "sepolia");
    assert_eq!(with(&format!("{test}voting-delay = \"1m\"")).unwrap().warnings, []);
}

#[test]
fn allocations_are_the_whole_supply() {
    let rows = |rows: &[(&str, &str)]| {
        let row =
            |(who, what): &(&str, &str)| format!("[[governance.token.allocation]]\naccount = \"{who}\"\n{what}\n");
        format!("[governance.token]\nsupply = \"1000\"\n{}", rows.iter().map(row).collect::<String>())
    };
    let loaded = with(&rows(&[("dev0", "share = \"62.5%\""), ("dev1", "amount = \"375\"")])).unwrap();
    let token = &loaded.manifest.governance.token;
    let holdings: Vec<_> = token.holdings().map(|(who, units)| (who.clone(), units.to_string())).collect();
    assert_eq!(holdings[0], (AccountRef::Name("dev0".into()), "625000000000000000000".into()));
    assert_eq!(holdings[1].1, "375000000000000000000");
    let (code, key) = ("manifest.allocations_do_not_add_up", "governance.token.allocation");
    refused(&rows(&[("dev0", "share = \"99.99%\"")]), code, key);
    refused(&rows(&[("dev0", "amount = \"1000.000000000000000001\"")]), code, key);
    let twice = rows(&[("dev0", "share = \"50%\""), ("dev0", "share = \"50%\"")]);
    refused(&twice, "manifest.duplicate", "governance.token.allocation[1].account");
    let size = "manifest.allocation_size";
    refused(&rows(&[("dev0", "")]), size, "governance.token.allocation[0]");
    refused(&rows(&[("dev0", "share = \"50%\"\namount = \"500\"")]), size, "governance.token.allocation[0]");
    refused("[governance.token]\nallocation = [1]", "manifest.wrong_type", key);
}

#[test]
fn rules_for_licenses() {
    refused("[licenses.l]", "manifest.license_without_text", "licenses.l");
    refused("[licenses.l]\nspdx = \"LicenseRef-x\"", "manifest.license_without_text", "licenses.l.spdx");
    refused("[licenses.l]\nspdx = \"odc-by\"", "manifest.invalid_value", "licenses.l.spdx");
    refused("[licenses.l]\ntext = \"${HOME}/l\"", "manifest.variable_not_allowed", "licenses.l.text");
    let mit = |lines: &str| format!("[licenses.l]\nspdx = \"MIT\"\n{lines}");
    let both = mit("allow = [\"mine\"]\ndeny = [\"mine\"]");
    refused(&both, "manifest.allowed_and_denied", "licenses.l.deny");
    refused(&mit("allow = [\"${P}\"]"), "manifest.variable_not_allowed", "licenses.l.allow[0]");
    refused(&mit("commercial = \"no\""), "manifest.wrong_type", "licenses.l.commercial");
    warned(&mit("price = \"1 wei\""), "manifest.nothing_allowed", "licenses.l");
    let own = "[licenses.l]\nspdx = \"LicenseRef-x\"\ntext = \"L\"\nduration = \"forever\"\nshare-alike = false";
    let loaded = with(own).unwrap();
    let license = loaded.manifest.licenses.get("l").unwrap();
    assert_eq!(license.duration, LicenseDuration::Forever);
    assert_eq!((license.share_alike, license.commercial), (Some(false), None));
}

#[test]
fn royalties_are_the_whole_income() {
    let code = "manifest.royalties_do_not_add_up";
    refused("[royalties]\ncontributors = \"99.99%\"", code, "royalties");
    refused("[royalties]\ncontributors = \"80%\"\ntreasury = \"20.01%\"", code, "royalties");
    refused("[royalties]", code, "royalties");
    refused("[royalties]\ncontributors = \"0.001%\"", "manifest.invalid_value", "royalties.contributors");
    let loaded = with("[royalties]\ncontributors = \"87.5%\"\nvalidators = \"12.5%\"").unwrap();
    let royalties = loaded.manifest.royalties;
    assert_eq!((royalties.validators.bps(), royalties.curators.bps()), (1_250, 0));
}

#[test]
fn rules_for_datasets() {
    let base = "[licenses.l]\nspdx = \"MIT\"\n[datasets.d]\npath = \"d\"\nlicense = \"l\"\n";
    let open = format!("{base}contributors = \"c.csv\"\n");
    let dataset = |lines: &str| format!("{open}{lines}");
    assert_eq!(with(&open).unwrap().warnings, []);
    warned(base, "manifest.no_contributors", "datasets.d");
    refused(&open.replace("path = \"d\"\n", ""), "manifest.missing_key", "datasets.d.path");
    refused(&open.replace("license = \"l\"\n", ""), "manifest.missing_key", "datasets.d.license");
    refused(&open.replace("= \"l\"", "= \"ll\""), "manifest.unknown_license", "datasets.d.license");
    let private = "contributors-public = false";
    refused(&dataset(private), "manifest.not_supported", "datasets.d.contributors-public");
    refused(&dataset("format = \"csv\""), "manifest.invalid_value", "datasets.d.format");
    refused(&dataset("profile = \"v1\""), "manifest.invalid_value", "datasets.d.profile");
    let annotations = dataset("format = \"file\"\nannotations = \"a/*.xml\"");
    warned(&annotations, "manifest.annotations_without_images", "datasets.d.annotations");
    let finding = warned(&dataset("licence = \"l\""), "manifest.unknown_key", "datasets.d.licence");
    assert_eq!((finding.line, finding.column, finding.hint.as_deref()), (9, 1, Some("did you mean `license`?")));
}

#[test]
fn rules_for_curators() {
    let curated = |first: &str, second: &str| {
        let one = format!("{{ account = \"dev0\"{first} }}");
        let two = format!("{{ account = \"{second}\", share = \"50%\" }}");
        format!(
            "[licenses.l]\nspdx = \"MIT\"\n[datasets.d]\npath = \"d\"\nlicense = \"l\"\ncontributors = \"c\"\n\
             curators = [{one}, {two}]"
        )
    };
    let half = ", share = \"50%\"";
    assert_eq!(with(&curated(half, "dev1")).unwrap().manifest.datasets.get("d").unwrap().curators.len(), 2);
    let less = ", share = \"49.99%\"";
    refused(&curated(less, "dev1"), "manifest.curators_do_not_add_up", "datasets.d.curators");
    refused(&curated(half, "dev0"), "manifest.duplicate", "datasets.d.curators[1].account");
    refused(&curated("", "dev1"), "manifest.missing_key", "datasets.d.curators[0].share");
}

#[test]
fn rules_for_parents() {
    let derived = |parents: &str| {
        format!(
            "[licenses.l]\nspdx = \"MIT\"\n[datasets.d]\npath = \"d\"\nlicense = \"l\"\ncontributors = \"c\"\n\
             parents = [{parents}]\n"
        )
    };
    refused(&derived("\"d\""), "manifest.parent_cycle", "datasets.d.parents[0]");
    refused(&derived("\"e\""), "manifest.unknown_dataset", "datasets.d.parents[0]");
    refused(&derived("\"d@1\", \"d@1\""), "manifest.duplicate", "datasets.d.parents[1]");
    let many: Vec<String> = (1..=17).map(|version| format!("\"d@{version}\"")).collect();
    refused(&derived(&many.join(", ")), "manifest.too_many_parents", "datasets.d.parents");
    assert_eq!(with(&derived(&many[1..].join(", "))).unwrap().manifest.datasets.get("d").unwrap().parents.len(), 16);
    let other = "[datasets.e]\npath = \"e\"\nlicense = \"l\"\ncontributors = \"c\"\nparents = [\"d\"]";
    let error = with(&format!("{}{other}", derived("\"e\""))).unwrap_err();
    let cycle = |key: &str| ("manifest.parent_cycle".to_owned(), key.to_owned());
    assert_eq!(findings(&error), [cycle("datasets.d.parents[0]"), cycle("datasets.e.parents[0]")]);
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
    assert_eq!(warned("[training]\nx = 1", "manifest.unknown_key", "training").line, 3);
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
    let env = |name: &str| (name == ENV_MANIFEST_PATH).then(|| other.to_string());
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
        let mut mutated = include_str!("testdata/bad.toml").to_owned();
        if mutated.is_char_boundary(at) {
            mutated.insert_str(at, &byte);
        }
        let _ = parse(&mutated);
    }
}
