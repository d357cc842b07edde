//! Every kind of finding, alone.

use super::*;
use crate::manifest::values::{AccountRef, LicenseDuration};

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
fn rules_for_prices_that_rise() {
    let tokens = "[networks.dev]\nkind = \"embedded\"\n[tokens.USDC]\ndecimals = 6\naddress = { dev = \"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48\" }\n";
    let license = |rest: &str| format!("{tokens}[licenses.l]\nspdx = \"MIT\"\nallow = [\"mine\"]\n{rest}\n");
    let step = |price: &str, step: &str| license(&format!("price = \"{price}\"\nprice-step = \"{step}\""));
    let loaded = with(&step("0.01 ETH", "5 gwei")).unwrap();
    let found = loaded.manifest.licenses.get("l").unwrap().price_step.as_ref().unwrap();
    assert_eq!((found.value.to_string().as_str(), &found.currency), ("5000000000", &Currency::Native));
    assert!(with(&step("5 USDC", "0.5 USDC")).is_ok());
    assert_eq!(with(&license("price = \"1 ETH\"")).unwrap().manifest.licenses.get("l").unwrap().price_step, None);

    let key = "licenses.l.price-step";
    refused(&step("0.01 ETH", "0 ETH"), "manifest.price_step_zero", key);
    refused(&step("0 ETH", "1 gwei"), "manifest.price_step_without_price", key);
    refused(&license("price-step = \"1 gwei\""), "manifest.price_step_without_price", key);
    refused(&step("0.01 ETH", "5 USDC"), "manifest.price_step_currency", key);
    refused(&step("0.01 ETH", "0.1"), "manifest.invalid_value", key);
    // 2^96 wei, and one less.
    refused(&step("1 ETH", "79228162514.264337593543950336 ETH"), "manifest.price_step_too_large", key);
    assert!(with(&step("1 ETH", "79228162514.264337593543950335 ETH")).is_ok());
}

#[test]
fn rules_for_storage() {
    refused("[storage]\ntargets = [\"tape\"]", "manifest.invalid_value", "storage.targets[0]");
    let two = with("[storage]\ntargets = [\"local\", \"ipfs\"]").unwrap().manifest.storage;
    assert_eq!(two.required_copies(), 2);
    let arweave = "[storage]\ntargets = [\"arweave\"]\n[storage.arweave]\n";
    refused(arweave, "manifest.missing_key", "storage.arweave.gateway");
    let gateway = format!("{arweave}gateway = \"http://127.0.0.1:1984\"\n");
    assert!(with(&gateway).is_ok());
    refused(&format!("{gateway}upload = \"bundler\""), "manifest.missing_key", "storage.arweave.bundler");
    refused(&format!("{gateway}upload = \"turbo\""), "manifest.invalid_value", "storage.arweave.upload");
    refused("[storage]\ntargets = []", "manifest.no_storage", "storage.targets");
    refused("[storage]\ntargets = \"local\"", "manifest.wrong_type", "storage.targets");
    refused("[storage]\ntargets = [1]", "manifest.wrong_type", "storage.targets[0]");
    refused("[storage]\ncopies = 2", "manifest.too_many_copies", "storage.copies");
    refused("[storage]\ntargets = [\"local\", \"local\"]", "manifest.duplicate", "storage.targets[1]");
    let target = "storage.targets[0]";
    refused("[storage]\ntargets = [\"s3\"]", "manifest.no_bucket", "storage.targets");
    assert!(with("[storage]\ntargets = [\"s3\"]\n[storage.s3]\nbucket = \"b\"").is_ok());
    refused("[storage]\ntargets = [\"filecoin\"]", "manifest.no_data_set", "storage.targets");
    let service = "[storage.pinning]\nendpoint = \"https://pins.example.com\"";
    refused(
        &format!("[storage]\ntargets = [\"pinning\", \"ipfs\"]\n{service}"),
        "manifest.pinning_without_ipfs",
        target,
    );
    refused("[storage]\ntargets = [\"ipfs\", \"pinning\"]", "manifest.no_pinning", "storage.targets[1]");
    assert!(with(&format!("[storage]\ntargets = [\"ipfs\", \"pinning\"]\n{service}")).is_ok());
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
    warned("[governance]\nquorum = \"0%\"", "manifest.no_quorum", "governance.quorum");
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
    refused(&mit("geography = []"), "manifest.geography", "licenses.l.geography");
    refused(&mit("geography = [\"Germany\"]"), "manifest.invalid_value", "licenses.l.geography[0]");
    refused(&mit("expires = \"365d\""), "manifest.invalid_value", "licenses.l.expires");
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
fn modules_have_defaults() {
    let manifest = with("").unwrap().manifest;
    let (validators, disputes, rewards) = (&manifest.validators, &manifest.disputes, &manifest.rewards);
    let texts = [
        validators.lock.to_string(),
        validators.challenge_window.to_string(),
        validators.unbonding.to_string(),
        disputes.bond.to_string(),
        disputes.bond_share.to_string(),
        disputes.answer_window.to_string(),
        disputes.ruling_window.to_string(),
        disputes.appeal_window.to_string(),
        disputes.arbitrator.to_string(),
        rewards.cancel_window.to_string(),
        rewards.bond.to_string(),
    ];
    assert_eq!(texts, ["0.1 ETH", "7d", "42d", "0.05 ETH", "10%", "3d", "14d", "3d", "dao", "3d", "0.01 ETH"]);
    assert_eq!(disputes.arbitrator_data, None);
    // The default of unbonding follows the windows.
    let longer = with("[validators]\nchallenge-window = \"8d\"\n[disputes]\nruling-window = \"20d\"").unwrap();
    assert_eq!(longer.manifest.validators.unbonding.to_string(), "55d");
}

#[test]
fn rules_for_stake_and_disputes() {
    let invalid = "manifest.invalid_value";
    for (table, key) in [
        ("validators", "challenge-window"),
        ("validators", "unbonding"),
        ("disputes", "answer-window"),
        ("disputes", "ruling-window"),
        ("disputes", "appeal-window"),
        ("rewards", "cancel-window"),
    ] {
        for wrong in ["0s", "50000d"] {
            refused(&format!("[{table}]\n{key} = \"{wrong}\""), invalid, &format!("{table}.{key}"));
        }
    }
    for (table, key) in [("validators", "lock"), ("disputes", "bond"), ("rewards", "bond")] {
        let path = format!("{table}.{key}");
        refused(&format!("[{table}]\n{key} = \"5 USDC\""), invalid, &path);
        refused(&format!("[{table}]\n{key} = \"79228162515 ETH\""), invalid, &path);
        if table != "rewards" {
            refused(&format!("[{table}]\n{key} = \"0 ETH\""), invalid, &path);
        }
    }
    // A listed token is none either.
    let usdc = "[tokens.USDC]\ndecimals = 6\naddress = { local = \"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48\" }\n";
    refused(&format!("{usdc}[validators]\nlock = \"5 USDC\""), invalid, "validators.lock");
    refused("[disputes]\nbond-share = \"0%\"", invalid, "disputes.bond-share");
    refused("[disputes]\nbond-share = \"100.01%\"", invalid, "disputes.bond-share");
    refused("[disputes]\narbitrator = \"dev0\"", invalid, "disputes.arbitrator");
    refused("[disputes]\narbitrator-data = \"0x0\"", invalid, "disputes.arbitrator-data");
    assert_eq!(with("[rewards]\nbond = \"0 wei\"").unwrap().warnings, []);
    let data = "[disputes]\narbitrator-data = \"0x01\"";
    warned(data, "manifest.data_without_arbitrator", "disputes.arbitrator-data");
}

#[test]
fn stake_stays_as_long_as_the_longest_case() {
    let code = "manifest.unbonding_too_short";
    let unbonding = |span: &str| format!("[validators]\nunbonding = \"{span}\"");
    refused(&unbonding("40d23h59m59s"), code, "validators.unbonding");
    assert_eq!(with(&unbonding("41d")).unwrap().warnings, []);
    let slow = "[disputes]\nanswer-window = \"5d\"\n";
    refused(&format!("{slow}{}", unbonding("42d")), code, "validators.unbonding");
    assert_eq!(with(&format!("{slow}{}", unbonding("43d"))).unwrap().warnings, []);
}

/// Voting delay 1 d, period 3 d, extension 1 d, timelock delay 2 d, and a day.
#[test]
fn the_dao_can_rule_in_time() {
    let (code, key) = ("manifest.ruling_window_too_short", "disputes.ruling-window");
    let window = |span: &str| format!("[disputes]\nruling-window = \"{span}\"\n");
    refused(&window("7d23h59m59s"), code, key);
    assert_eq!(with(&window("8d")).unwrap().warnings, []);
    // The default is long enough for slow votes, up to a year.
    let slow = "[governance]\nvoting-period = \"12d\"\n";
    let loaded = with(slow).unwrap().manifest;
    assert_eq!(
        (loaded.disputes.ruling_window.to_string(), loaded.validators.unbonding.to_string()),
        ("20d".into(), "54d".into())
    );
    refused(&format!("{slow}{}", window("19d")), code, key);
    refused("[governance]\nvoting-delay = \"365d\"", code, key);
    // An outside arbitrator does not wait for votes.
    let outside = format!("{}arbitrator = \"0x5FbDB2315678afecb367f032d93F642f64180aa3\"", window("2d"));
    assert_eq!(with(&outside).unwrap().warnings, []);
    let text = with(&window("1d")).unwrap_err().to_string();
    assert!(text.contains("the DAO could never rule in `1d`") && text.contains("ruling-window = \"8d\""), "{text}");
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
    refused(&dataset("format = \"xlsx\""), "manifest.invalid_value", "datasets.d.format");
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
