//! Royalties: exact amounts, one transaction, nothing twice; the vault and the balances are asked what came of it.

use alloy::primitives::{Address, U256};
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::{DEV, copy_dir};

/// A second dataset of the project, paid to dev2 alone.
const NOTES: &str = r#"
[datasets.notes]
path = "data/notes"
license = "research"
contributors = "notes.csv"
"#;

/// A deployed project with both datasets pushed.
fn market() -> TestEnv {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}{NOTES}"));
    env.write("data/notes/a.txt", "a note");
    env.write("notes.csv", format!("account,shares\n{},1\n", DEV[2]));
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["data", "push", "notes"]);
    env
}

#[test]
fn everything_is_claimed_in_one_transaction_to_the_wei() {
    let env = market();
    env.ok(&["royalties", "deposit", "raccoon", "999 wei"]);
    // Other shares are another pool; the old one stays.
    env.write("contributors.csv", format!("account,shares\n{},1\n{},2\n", DEV[1], DEV[2]));
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["royalties", "deposit", "raccoon", "1001 wei"]);
    env.ok(&["royalties", "deposit", "notes", "7 wei"]);

    // Contributors' 80 %: floor(999 * 0.8) = 799, of which dev2 has 40 of 100; floor(1,001 * 0.8) = 800, 2 of 3; 5.
    let (first, second, notes) = (319, 533, 5);
    let owed = (first + second + notes).to_string();
    let dry = env.json(&["royalties", "claim", "--for", "dev2", "--dry-run"]);
    assert_eq!((dry["claimed_wei"].clone(), dry["tx_hash"].clone()), (json!(owed), Value::Null));
    let shown = env.json(&["royalties", "show", "--for", "dev2"]);
    let claimable: u64 = shown["pools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pool| pool["claimable"].as_str().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(claimable.to_string(), owed);

    let before = env.wei(DEV[2]);
    let claim = env.json(&["royalties", "claim", "--for", "dev2"]);
    assert_eq!(env.wei(DEV[2]) - before, u128::from(claimable), "dev0 sent it, dev2 got it");
    assert_eq!(claim["claimed_wei"], owed);
    assert_eq!(claim["transactions"].as_array().unwrap().len(), 1);
    let rows: Vec<_> = claim["datasets"].as_array().unwrap().iter().collect();
    let mut amounts: Vec<_> =
        rows.iter().map(|row| json!([row["dataset"], row["versions"], row["amount_wei"], row["as"]])).collect();
    amounts.sort_by_key(ToString::to_string);
    assert_eq!(
        amounts,
        [
            json!(["notes", [1], "5", "contributor"]),
            json!(["raccoon", [1], "319", "contributor"]),
            json!(["raccoon", [2], "533", "contributor"]),
        ]
    );

    let again = env.json(&["royalties", "claim", "--for", "dev2"]);
    assert_eq!(json!([again["claimed_wei"], again["tx_hash"], again["datasets"]]), json!(["0", null, []]));
    assert_eq!(env.wei(DEV[2]) - before, u128::from(claimable));
    // The fixed part of the publisher, from one dataset: floor(999 / 10) + floor(1,001 / 10).
    let split = env.json(&["royalties", "claim", "--dataset", "raccoon"]);
    assert_eq!((split["claimed_wei"].clone(), split["datasets"][0]["as"].clone()), (json!("199"), json!("split")));
    let nobody = env.json(&["royalties", "claim", "--for", "dev9"]);
    assert_eq!((nobody["claimed_wei"].clone(), nobody["tx_hash"].clone()), (json!("0"), Value::Null));
    let paid: Vec<_> = env.json(&["royalties", "show", "raccoon"])["pools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pool| json!([pool["income"], pool["paid_contributors"], pool["paid_splits"]]))
        .collect();
    assert_eq!(paid, [json!(["999", "319", "99"]), json!(["1001", "533", "100"])]);
    env.fails(&["royalties", "claim", "--dataset", "note"], 3, "dataset.unknown");
    env.fails(&["royalties", "show", "note"], 3, "dataset.unknown");
}

/// The sender's own royalties, both as contributor and as publisher, paid to an address of its choice.
#[test]
fn an_account_has_its_royalties_paid_elsewhere() {
    let env = market();
    // dev0 is curator by default, and a contributor of one of the datasets now.
    env.write("contributors.csv", format!("account,shares\n{},3\n{},1\n", DEV[0], DEV[1]));
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["royalties", "deposit", "raccoon", "1000 wei", "--from", "dev3"]);
    env.ok(&["royalties", "deposit", "notes", "1000 wei", "--from", "dev3"]);

    // Only the account itself can say so.
    env.fails(&["royalties", "claim", "--for", "dev1", "--to", "dev4"], 8, "royalties.not_the_account");
    let vault = env.contract("vault").to_checksum(None);
    env.fails(&["royalties", "claim", "--to", &vault], 2, "royalties.receiver");
    // 800 * 3 / 4 and the curators' 100 of the one, 100 of the other; the treasury is the timelock.
    let before = env.wei(DEV[4]);
    let command = ["royalties", "claim", "--from", "dev0", "--to", "dev4"];
    let dry = env.json(&[&command[..], &["--dry-run"]].concat());
    assert_eq!((dry["claimed_wei"].clone(), dry["to"].clone()), (json!("800"), json!(DEV[4])));
    let claim = env.json(&command);
    assert_eq!((claim["claimed_wei"].clone(), claim["account"].clone()), (json!("800"), json!(DEV[0])));
    assert_eq!(claim["transactions"].as_array().unwrap().len(), 1);
    assert_eq!(env.wei(DEV[4]) - before, 800);
    assert_eq!(env.json(&command)["tx_hash"], Value::Null);
    assert_eq!(env.json(&["royalties", "claim", "--for", "dev1"])["claimed_wei"], "200");
    assert_eq!(env.wei(DEV[4]) - before, 800);
}

#[test]
fn a_deposit_is_paid_once_for_each_reference() {
    let env = market();
    let pay =
        |more: &[&str]| env.json(&[&["royalties", "deposit", "raccoon", "5 gwei", "--from", "dev3"], more].concat());
    let paid = pay(&["--reference", "invoice-1"]);
    let pool = paid["pool_id"].clone();
    assert_eq!((paid["amount"].clone(), paid["deposited"].clone()), (json!("5000000000"), json!(true)));
    assert_eq!(env.income(&pool, Address::ZERO), "5000000000");
    // Another version with another pool in between, and a lost ledger, change nothing about the bill.
    env.write("contributors.csv", format!("account,shares\n{},1\n", DEV[2]));
    env.ok(&["data", "push", "raccoon"]);
    std::fs::remove_file(env.dir().join(".dgov/ledger.db")).unwrap();
    let again = pay(&["--reference", "invoice-1"]);
    assert_eq!((again["tx_hash"].clone(), again["paid_before"].clone()), (Value::Null, paid["tx_hash"].clone()));
    assert_eq!(again["pool_id"], pool);
    assert_eq!(env.income(&pool, Address::ZERO), "5000000000");
    env.fails(
        &["royalties", "deposit", "raccoon", "6 gwei", "--from", "dev3", "--reference", "invoice-1"],
        3,
        "royalties.reference_used",
    );
    // Without a reference each run is a payment of its own.
    let (one, two) = (pay(&[]), pay(&[]));
    assert!(one["tx_hash"].is_string() && two["tx_hash"].is_string());
    assert_ne!(one["reference"], two["reference"]);
    assert_eq!(env.income(&two["pool_id"], Address::ZERO), "10000000000");
    env.fails(&["royalties", "deposit", "raccoon", "0 ETH"], 2, "usage.amount");
    env.fails(&["royalties", "deposit", "raccoon", "5 DOGE"], 2, "usage.amount");
    env.fails(&["royalties", "deposit", "raccoon", "1000000 ETH"], 5, "tx.insufficient_funds");
}

#[test]
fn a_killed_deposit_without_a_reference_is_paid_once() {
    let env = market();
    let command = ["royalties", "deposit", "notes", "1 gwei", "--from", "dev3"];
    let mut incomes = Vec::new();
    env.kill_everywhere(&command, |_| {
        let pool = env.json(&command)["pool_id"].clone();
        incomes.push(env.income(&pool, Address::ZERO));
        env.ok(&command);
        assert_ne!(incomes.last().unwrap(), &env.income(&pool, Address::ZERO), "the next payment is one of its own");
    });
    // At the last point the work was recorded as done: the same command again is another payment.
    assert_eq!(incomes.pop().unwrap(), "2000000000");
    assert!(incomes.iter().all(|income| income == "1000000000"), "{incomes:?}");
}

/// The same amount for another pool is another payment, whatever a killed command left in the ledger.
#[test]
fn a_killed_deposit_stands_in_for_none_into_another_pool() {
    let env = market();
    env.write("notes.csv", format!("account,shares\n{},1\n", DEV[3]));
    env.ok(&["data", "push", "notes"]);
    let pool_of = |version: u64| {
        let shown = env.json(&["royalties", "show", "notes"]);
        let mut pools = shown["pools"].as_array().unwrap().iter();
        pools.find(|pool| pool["versions"] == json!([version])).unwrap()["pool_id"].clone()
    };
    let (first, second) = (pool_of(1), pool_of(2));
    let mut paid = 0;
    env.kill_everywhere(&["royalties", "deposit", "notes@1", "1 gwei", "--from", "dev3"], |point| {
        paid += u32::from(env.income(&first, Address::ZERO) == "1000000000");
        let other = env.json(&["royalties", "deposit", "notes@2", "1 gwei", "--from", "dev3"]);
        assert_eq!(json!([other["deposited"], other["pool_id"]]), json!([true, second]), "after a kill at {point}");
        assert_eq!(env.income(&second, Address::ZERO), "1000000000", "after a kill at {point}");
    });
    assert!(paid >= 3, "only {paid} kills after the payment was mined");
}

/// A node that is not on this machine's loopback by its address: nothing on it is free to try.
#[test]
fn unattended_payments_on_a_public_network_name_what_limits_them() {
    let Some(anvil) = Anvil::start() else { return };
    let (env, token) = token_market(&anvil);
    let address = format!("anvil = \"{token}\"");
    let manifest = env.read("dgov.toml").replace(&address, &format!("{address}, public = \"{token}\""));
    let public = format!("[networks.public]\nrpc-url = \"http://0.0.0.0:{}\"\nchain-id = 31337\n", anvil.port);
    env.write("dgov.toml", manifest.replace("[networks.local]", &format!("{public}[networks.local]")));
    let lock = env.read("dgov.lock");
    let section = lock.split_once("[networks.anvil").unwrap().1;
    let section = format!("[networks.anvil{section}").replace("[networks.anvil", "[networks.public");
    let section = section.replace("networks.anvil", "networks.public");
    env.write("dgov.lock", format!("{lock}\n{section}"));
    let with = |args: &[&'static str]| [args, &["--network", "public", "--from", "dev0", "--yes"]].concat();
    let buy = ["license", "buy", "raccoon", "--max-spend", "1 ETH"];
    let output = env.fails(&with(&buy), 2, "license.max_price_required");
    assert!(output.stdout.contains("2.5 RCN"), "{output}");
    env.fails(&with(&[&buy[..], &["--max-price", "2 RCN"]].concat()), 8, "license.price_above_max");
    // With a limit the next rule is that of the development keys.
    env.fails(&with(&[&buy[..], &["--max-price", "2.5 RCN"]].concat()), 8, "signer.dev_refused");
    let plan = env.json(&with(&["license", "buy", "raccoon", "--dry-run"]));
    assert!(plan["transactions"][1]["description"].as_str().unwrap().ends_with(" for 2.5 RCN"), "{plan}");

    let pay = ["royalties", "deposit", "raccoon", "1 gwei", "--max-spend", "1 ETH"];
    env.fails(&with(&pay), 2, "royalties.reference_required");
    env.fails(&with(&[&pay[..], &["--reference", "invoice-1"]].concat()), 8, "signer.dev_refused");
    assert_eq!(env.json(&with(&["royalties", "deposit", "raccoon", "1 gwei", "--dry-run"]))["deposited"], false);
}

/// A permission that a killed command had given and another payment used up is given again.
#[test]
fn a_used_permission_is_given_again() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let token = env.contract("token");
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    let manifest = env.read("dgov.toml").replace("raccoon-commons", "token-market").replace("0.01 ETH", "2.5 RCN");
    env.write("dgov.toml", format!("{manifest}[tokens.RCN]\ndecimals = 18\naddress = {{ local = \"{token}\" }}\n"));
    env.ok(&["deploy"]);
    let pool = env.json(&["data", "push", "raccoon"]);
    assert_eq!(pool["dataset"], "raccoon");
    let pool = env.json(&["royalties", "show"])["pools"][0]["pool_id"].clone();
    let (holder, vault): (Address, _) = (DEV[0].parse().unwrap(), env.contract("vault"));
    let mut waiting = 0;
    let pay = |name: &str| env.json(&["royalties", "deposit", "raccoon", "10 RCN", "--reference", name]);
    env.kill_everywhere(&["royalties", "deposit", "raccoon", "10 RCN", "--reference", "one"], |point| {
        let call = dgov_contracts::governance::IErc20::allowanceCall { owner: holder, spender: vault };
        waiting += u32::from(!env.ask(token, call).is_zero());
        // The killed payment may be on its way and use its permission first: then this one says so, and asks again.
        env.run(&["royalties", "deposit", "raccoon", "10 RCN", "--reference", "two"]);
        pay("two");
        pay("one");
        assert_eq!(env.income(&pool, token), "20000000000000000000", "after a kill at {point}");
    });
    assert!(waiting >= 3, "only {waiting} kills between the permission and the payment");
}

#[test]
fn who_is_paid_must_be_readable_and_what_the_chain_says() {
    let env = market();
    env.ok(&["royalties", "deposit", "raccoon", "1 ETH"]);
    let store = env.dir().join(".dgov/store");
    let aside = env.dir().join("aside");
    std::fs::rename(&store, &aside).unwrap();
    let output = env.fails(&["royalties", "claim", "--for", "dev1"], 6, "royalties.documents_missing");
    assert!(output.stdout.contains("dataset raccoon"), "{output}");
    let shown = env.json(&["royalties", "show", "raccoon", "--for", "dev1"]);
    assert_eq!(
        (shown["pools"][0]["income"].clone(), shown["pools"][0]["claimable"].clone()),
        (json!("1000000000000000000"), Value::Null)
    );
    assert_eq!(
        env.json(&["royalties", "claim", "--for", "dev2", "--dataset", "notes"])["claimed_wei"],
        "0",
        "no income, no need"
    );

    // The store as another source, beside one that lies: nothing is believed, and what is right is found.
    let lock: toml::Table = env.read("dgov.lock").parse().unwrap();
    let documents = &lock["networks"]["local"]["datasets"]["raccoon"]["versions"][0]["meta-cid"];
    env.store_block(documents.as_str().unwrap(), b"something else");
    env.fails(&["royalties", "claim", "--for", "dev1"], 7, "storage.block_differs");
    env.fails(&["royalties", "show", "--for", "dev1"], 7, "storage.block_differs");
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("targets = [\"local\"]", "targets = [\"local\"]\nsources = [\"aside\"]"));
    assert_eq!(env.json(&["royalties", "claim", "--for", "dev1"])["claimed_wei"], "480000000000000000");
}

/// A stranger registers a dataset in the open registry, gives its pool a wei and publishes no documents, or wrong ones:
/// that holds up nobody else's claim.
#[test]
fn a_strangers_unreadable_pool_holds_up_nobody() {
    let env = market();
    env.ok(&["royalties", "deposit", "raccoon", "1 ETH"]);
    let manifest = env.read("dgov.toml");
    let lock = env.read("dgov.lock");
    let (store, before) = (env.dir().join(".dgov/store"), env.dir().join("store-before"));
    copy_dir(&store, &before);
    env.write("dgov.toml", manifest.clone() + &NOTES.replace("notes]", "foreign]"));
    env.write("notes.csv", format!("account,shares\n{},1\n", DEV[4]));
    let foreign = env.json(&["data", "push", "foreign", "--from", "dev5"]);
    let id = foreign["dataset_id"].as_str().unwrap();
    env.ok(&["royalties", "deposit", id, "1 wei", "--from", "dev5"]);
    let documents: toml::Table = env.read("dgov.lock").parse().unwrap();
    let documents = documents["networks"]["local"]["datasets"]["foreign"]["versions"][0]["meta-cid"].clone();
    std::fs::remove_dir_all(&store).unwrap();
    std::fs::rename(&before, &store).unwrap();
    env.write("dgov.lock", lock);
    env.write("dgov.toml", manifest);

    let warned = |args: &[&str], code: &str| {
        let output = env.run(&[args, &["--json"]].concat());
        assert_eq!(output.code, 0, "{output}");
        let document: Value = serde_json::from_str(&output.stdout).unwrap();
        let mut warnings = document["warnings"].as_array().unwrap().iter();
        assert!(
            warnings.any(|warning| warning["code"] == code && warning["message"].to_string().contains(id)),
            "{output}"
        );
        document["data"].clone()
    };
    let claim = warned(&["royalties", "claim", "--for", "dev1"], "royalties.documents_missing");
    assert_eq!(claim["claimed_wei"], "480000000000000000");
    let nothing = warned(&["royalties", "claim", "--for", "dev1"], "royalties.documents_missing");
    assert_eq!(nothing["claimed_wei"], "0", "a stranger's documents are no failure of ours");
    env.fails(&["royalties", "claim", "--for", "dev1", "--dataset", id], 6, "royalties.documents_missing");

    env.store_block(documents.as_str().unwrap(), b"something else");
    let claim = warned(&["royalties", "claim", "--for", "dev2"], "storage.block_differs");
    assert_eq!(claim["claimed_wei"], "320000000000000000");
    let shown = warned(&["royalties", "show", "--for", "dev2"], "storage.block_differs");
    assert_eq!(shown["pools"].as_array().unwrap().len(), 3);
    env.fails(&["royalties", "show", id, "--for", "dev2"], 7, "storage.block_differs");
}

/// A token that was paid in and reverts by now leaves the coin claimable.
#[test]
fn a_token_that_reverts_holds_up_no_coin() {
    let Some(anvil) = Anvil::start() else { return };
    let (env, token) = token_market(&anvil);
    let run = |args: &[&str]| env.json(&[args, &["--network", "anvil"]].concat());
    run(&["royalties", "deposit", "raccoon", "10 RCN", "--reference", "tokens"]);
    run(&["royalties", "deposit", "raccoon", "100 wei", "--reference", "coin"]);
    let code = anvil.rpc("eth_getCode", json!([token, "latest"]));
    // PUSH1 0 PUSH1 0 REVERT
    anvil.rpc("anvil_setCode", json!([token, "0x60006000fd"]));
    let output = env.run(&["royalties", "claim", "--from", "dev1", "--network", "anvil", "--json"]);
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["data"]["claimed"], json!({ "ETH": "48" }), "{output}");
    let mut warnings = document["warnings"].as_array().unwrap().iter();
    let warning = warnings.find(|warning| warning["code"] == "royalties.currency_reverts").unwrap();
    assert!(warning["message"].to_string().contains("4.8 RCN"), "{output}");
    env.fails(&["royalties", "claim", "--from", "dev1", "--network", "anvil"], 5, "contract.would_revert");
    anvil.rpc("anvil_setCode", json!([token, code]));
    let claim = run(&["royalties", "claim", "--from", "dev1"]);
    assert_eq!(claim["claimed"], json!({ "RCN": "4800000000000000000" }));
}

/// On a node: a project whose currency is the governance token of another one; dev0 holds all of it.
fn token_market(anvil: &Anvil) -> (TestEnv, String) {
    let env = TestEnv::project();
    env.write_project(anvil.port);
    env.ok(&["deploy", "--network", "anvil"]);
    let lock: toml::Table = env.read("dgov.lock").parse().unwrap();
    let token = lock["networks"]["anvil"]["contracts"]["token"].as_str().unwrap().to_owned();
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    let manifest = env.read("dgov.toml").replace("raccoon-commons", "token-market").replace("0.01 ETH", "2.5 RCN");
    env.write("dgov.toml", format!("{manifest}[tokens.RCN]\ndecimals = 18\naddress = {{ anvil = \"{token}\" }}\n"));
    env.ok(&["deploy", "--network", "anvil"]);
    env.ok(&["data", "push", "raccoon", "--network", "anvil"]);
    (env, token)
}

/// The governance token of one project is the currency of another one beside it on the same chain.
#[test]
fn tokens_are_approved_paid_in_and_claimed() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let token = env.contract("token");
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    let manifest = env.read("dgov.toml").replace("raccoon-commons", "token-market").replace("0.01 ETH", "2.5 RCN");
    let tokens = format!("[tokens.RCN]\ndecimals = 18\naddress = {{ local = \"{token}\" }}\n");
    let other = "[tokens.OTHER]\ndecimals = 18\n";
    env.write("dgov.toml", format!("{manifest}{tokens}"));
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    let output = env.fails(&["license", "buy", "raccoon", "--from", "dev3"], 5, "token.insufficient");
    assert!(output.stdout.contains("2.5 RCN"), "{output}");
    env.fails(&["license", "buy", "raccoon", "--max-price", "5 ETH"], 8, "license.price_above_max");
    let dry = env.json(&["license", "buy", "raccoon", "--dry-run"]);
    assert_eq!(dry["transactions"].as_array().unwrap().len(), 2, "approve, then buy");
    let bought = env.json(&["license", "buy", "raccoon", "--max-price", "2.5 RCN"]);
    assert_eq!(json!([bought["price"], bought["currency_symbol"]]), json!(["2500000000000000000", "RCN"]));
    assert_eq!(bought["transactions"].as_array().unwrap().len(), 2);
    assert!(env.may_use(DEV[0], &bought["dataset_id"], 0));

    let paid = env.json(&["royalties", "deposit", "raccoon", "10 RCN", "--reference", "x"]);
    assert_eq!(paid["transactions"].as_array().unwrap().len(), 2);
    assert_eq!(env.income(&paid["pool_id"], token), "12500000000000000000");
    assert_eq!(env.json(&["royalties", "deposit", "raccoon", "10 RCN", "--reference", "x"])["tx_hash"], Value::Null);
    env.ok(&["royalties", "deposit", "raccoon", "100 wei"]);
    // Both currencies in one transaction: 80 % of 12.5 RCN and of 100 wei, of which dev1 has 60 of 100.
    let claim = env.json(&["royalties", "claim", "--from", "dev1"]);
    assert_eq!(claim["claimed"], json!({ "ETH": "48", "RCN": "6000000000000000000" }));
    assert_eq!((claim["claimed_wei"].clone(), claim["transactions"].as_array().unwrap().len()), (json!("48"), 1));
    assert_eq!(env.tokens(token, DEV[1].parse().unwrap()), U256::from(6_000_000_000_000_000_000_u128));
    assert_eq!(env.json(&["royalties", "claim", "--from", "dev1"])["claimed"], json!({}));

    // A payee that takes no coin: a contract. It gets its tokens, and keeps its claim on the coin.
    let payee = env.contract("timelock").to_checksum(None);
    let refuses = env.contract("registry").to_checksum(None);
    env.write("contributors.csv", format!("account,shares\n{payee},1\n{refuses},1\n"));
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["royalties", "deposit", "raccoon", "100 wei"]);
    let output = env.fails(&["royalties", "claim", "--for", &refuses], 5, "royalties.payee_refuses");
    assert!(output.stdout.contains(&refuses), "{output}");
    // 40 as contributor, and the treasury's 10 % of this and of all that came in before.
    assert_eq!(env.json(&["royalties", "claim", "--for", &payee])["claimed_wei"], "60", "the others are not held up");
    env.ok(&["royalties", "deposit", "raccoon", "10 RCN"]);
    let output = env.run(&["royalties", "claim", "--for", &refuses, "--json"]);
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["data"]["claimed"], json!({ "RCN": "4000000000000000000" }), "{output}");
    let mut warnings = document["warnings"].as_array().unwrap().iter();
    assert!(warnings.any(|warning| warning["code"] == "royalties.payee_refuses"), "{output}");
    assert_eq!(env.tokens(token, refuses.parse().unwrap()), U256::from(4_000_000_000_000_000_000_u128));

    // A token that the manifest knows and the DAO has not allowed.
    let vault = env.contract("vault");
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}{other}address = {{ local = \"{vault}\" }}\n"));
    let output = env.fails(&["royalties", "deposit", "raccoon", "1 OTHER"], 5, "royalties.currency_not_allowed");
    assert!(output.stdout.contains("dgov gov propose"), "{output}");
}
