//! Licenses: offered, bought, renewed, granted, revoked, listed; the chain is asked what came of it.

use alloy::primitives::Address;
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::project::{DEV, copy_dir};

const YEAR: u64 = 365 * 86_400;
const PRICE: &str = "10000000000000000";
/// A license that the DAO has approved and nothing is offered under; its passes may be revoked.
const TRIAL: &str = r#"
[licenses.trial]
spdx = "CC-BY-NC-4.0"
allow = ["evaluate"]
price = "1 gwei"
duration = "30d"
revocable = true
"#;

/// A deployed project with the small data set pushed, and what push said of it.
fn market(licenses: &str) -> (TestEnv, Value) {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}{licenses}"));
    env.ok(&["deploy"]);
    let pushed = env.json(&["data", "push", "raccoon"]);
    (env, pushed)
}

#[test]
fn a_pass_is_bought_once_and_renewed_by_one_term() {
    let (env, pushed) = market("");
    let dry = env.json(&["license", "buy", "raccoon", "--from", "dev3", "--dry-run"]);
    assert_eq!(
        (dry["bought"].clone(), dry["price"].clone(), dry["tx_hash"].clone()),
        (json!(false), json!(PRICE), Value::Null)
    );
    let id = dry["dataset_id"].clone();
    assert!(!env.may_use(DEV[3], &id, 0), "a dry run buys nothing");

    let bought = env.json(&["license", "buy", "raccoon", "--from", "dev3", "--max-price", "0.01 ETH"]);
    assert_eq!(bought["purposes"], json!(["train-generative", "evaluate"]));
    assert_eq!((bought["holder"].clone(), bought["license"].clone()), (json!(DEV[3]), json!("research")));
    assert_eq!(bought["transactions"].as_array().unwrap().len(), 1);
    assert!(env.may_use(DEV[3], &id, 0) && env.may_use(DEV[3], &id, 5) && !env.may_use(DEV[3], &id, 7));
    let end = env.pass_end(DEV[3], &id);
    let pool = env.json(&["royalties", "show"])["pools"][0]["pool_id"].clone();
    assert_eq!(env.income(&pool, Address::ZERO), PRICE, "the price is in the pool of the version");

    let again = env.json(&["license", "buy", "raccoon", "--from", "dev3"]);
    assert_eq!((again["tx_hash"].clone(), again["expiry"].clone()), (Value::Null, bought["expiry"].clone()));
    let renewed = env.json(&["license", "buy", "raccoon", "--from", "dev3", "--renew"]);
    assert_eq!(renewed["bought"], true);
    assert_eq!(env.pass_end(DEV[3], &id), end + YEAR);
    // The ledger is lost, as on a CI runner: with more than a term ahead nothing is paid again.
    std::fs::remove_file(env.dir().join(".dgov/ledger.db")).unwrap();
    assert_eq!(env.json(&["license", "buy", "raccoon", "--from", "dev3", "--renew"])["tx_hash"], Value::Null);
    assert_eq!(env.pass_end(DEV[3], &id), end + YEAR);
    assert_eq!(env.income(&pool, Address::ZERO), "20000000000000000");
    // Once less than a term is left, a renewal counts again.
    env.ok(&["chain", "advance", "366d"]);
    assert_eq!(
        env.json(&["license", "buy", &format!("{}@1", id.as_str().unwrap()), "--from", "dev3", "--renew"])["bought"],
        true
    );
    assert_eq!(env.pass_end(DEV[3], &id), end + 2 * YEAR);
    assert_eq!(pushed["dataset"], "raccoon");
}

#[test]
fn a_killed_renewal_is_paid_once_even_without_the_ledger() {
    let (env, _) = market("");
    let id = env.json(&["license", "buy", "raccoon", "--from", "dev3"])["dataset_id"].clone();
    let end = env.pass_end(DEV[3], &id);
    // Without the ledger a purchase of a moment ago can't be told from the one that this command was to make.
    env.ok(&["chain", "advance", "10d"]);
    let command = ["license", "buy", "raccoon", "--from", "dev3", "--renew"];
    env.kill_everywhere(&command, |point| {
        forget(&env);
        env.ok(&command);
        assert_eq!(env.pass_end(DEV[3], &id), end + YEAR, "after a kill at {point}");
        let pool = env.json(&["royalties", "show"])["pools"][0].clone();
        assert_eq!(pool["income"], "20000000000000000", "after a kill at {point}");
    });
}

/// Forgets what the ledger knows, as a CI runner does.
fn forget(env: &TestEnv) {
    for lost in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(env.dir().join(".dgov").join(lost));
    }
}

#[test]
fn a_killed_first_purchase_with_renew_is_paid_once_without_the_ledger() {
    let (env, _) = market("");
    let command = ["license", "buy", "raccoon", "--from", "dev3", "--renew"];
    env.kill_everywhere(&command, |point| {
        forget(&env);
        // Time passes between the runs.
        env.ok(&["chain", "advance", "1h"]);
        env.ok(&command);
        let pool = env.json(&["royalties", "show"])["pools"][0].clone();
        assert_eq!(pool["income"], PRICE, "after a kill at {point}");
    });
}

/// A purchase that a killed command left behind is no purchase of the next year, nor the renewal of this one.
#[test]
fn a_stale_purchase_stands_in_for_no_new_one() {
    let (env, _) = market("");
    let command = ["license", "buy", "raccoon", "--from", "dev3"];
    let pool = || env.json(&["royalties", "show"])["pools"][0].clone();
    let mut stale = 0;
    env.kill_everywhere(&command, |point| {
        if pool()["income"] != PRICE {
            return;
        }
        stale += 1;
        let case = |name: &str| env.dir().with_file_name(format!("{name}-{point}"));
        for later in ["expired", "renewed", "held"] {
            copy_dir(&env.dir(), &case(later));
        }
        let run = |name: &str, args: &[&str]| {
            let output = env.run_in(&case(name), &[args, &["--json"]].concat());
            assert_eq!(output.code, 0, "{name} after a kill at {point}\n{output}");
            serde_json::from_str::<Value>(&output.stdout).unwrap()["data"].clone()
        };
        let income = |name: &str| run(name, &["royalties", "show"])["pools"][0]["income"].clone();
        run("expired", &["chain", "advance", "400d"]);
        let bought = run("expired", &command);
        assert_eq!((bought["bought"].clone(), income("expired")), (json!(true), json!("20000000000000000")));
        run("renewed", &["chain", "advance", "300d"]);
        let bought = run("renewed", &[&command[..], &["--renew"]].concat());
        assert_eq!((bought["bought"].clone(), income("renewed")), (json!(true), json!("20000000000000000")));
        assert_eq!(run("held", &command)["tx_hash"], Value::Null);
        assert_eq!(income("held"), PRICE);
        assert_eq!(run("held", &["status"])["unfinished"], json!([]), "after a kill at {point}");
        run("held", &["chain", "advance", "400d"]);
        assert_eq!(run("held", &command)["bought"], json!(true));
    });
    assert!(stale >= 3, "only {stale} kills after the purchase was mined");
}

#[test]
fn a_killed_first_purchase_with_renew_is_paid_once() {
    let (env, _) = market("");
    let command = ["license", "buy", "raccoon", "--from", "dev3", "--renew"];
    let mut incomes = Vec::new();
    env.kill_everywhere(&command, |_| {
        env.ok(&command);
        incomes.push(env.json(&["royalties", "show"])["pools"][0]["income"].clone());
    });
    // At the last point the work was recorded as done: the same command again is a renewal of its own.
    let last = incomes.pop().unwrap();
    assert_eq!(last, "20000000000000000");
    assert!(incomes.iter().all(|income| income == PRICE), "{incomes:?}");
}

#[test]
fn what_cannot_be_bought_says_why() {
    let (env, _) = market(TRIAL);
    let buy: [&str; 5] = ["license", "buy", "raccoon", "--from", "dev4"];
    env.fails(&[&buy[..], &["--max-price", "0.009 ETH"]].concat(), 8, "license.price_above_max");
    env.fails(&[&buy[..], &["--max-price", "a lot"]].concat(), 2, "usage.amount");
    env.fails(&[&buy[..], &["--license", "trial"]].concat(), 5, "license.not_offered");
    let output = env.fails(&[&buy[..], &["--license", "reserch"]].concat(), 3, "license.unknown");
    assert!(output.stdout.contains("did you mean `research`?"), "{output}");
    let output = env.fails(&["license", "buy", "racoon"], 3, "dataset.unknown");
    assert!(output.stdout.contains("did you mean `raccoon`?"), "{output}");
    env.fails(&["license", "buy", "raccoon@2"], 3, "dataset.version_unknown");
    assert_eq!(env.json(&["license", "list", "--for", "dev4"])["passes"], json!([]), "nobody paid");
}

#[test]
fn an_offer_is_the_owners_once() {
    let (env, _) = market(TRIAL);
    let there = env.json(&["license", "offer", "raccoon"]);
    assert_eq!((there["offered"].clone(), there["tx_hash"].clone()), (json!(true), Value::Null));
    let output = env.fails(&["license", "offer", "raccoon", "trial"], 5, "license.offer_decided");
    assert!(output.stdout.contains("dgov gov propose"), "{output}");
    env.fails(&["license", "offer", "raccoon", "trial", "--from", "dev1"], 8, "license.not_owner");
    env.fails(&["license", "offer", "raccoon", "free"], 3, "license.unknown");
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("1 gwei", "2 gwei"));
    env.fails(&["license", "offer", "raccoon", "trial"], 5, "license.not_approved");
}

#[test]
fn a_grant_needs_both_consents_and_its_end_is_by_its_terms() {
    let (env, _) = market("");
    let granted = env.json(&["license", "grant", "raccoon", "--to", "dev4", "--duration", "30d"]);
    let id = granted["dataset_id"].clone();
    assert_eq!(granted["granted"], true);
    assert!(env.may_use(DEV[4], &id, 0));
    assert_eq!(env.json(&["license", "grant", "raccoon", "--to", "dev4", "--duration", "30d"])["tx_hash"], Value::Null);
    env.fails(&["license", "grant", "raccoon", "--to", "dev4", "--from", "dev1"], 8, "license.not_owner");
    let stranger = "0x00000000000000000000000000000000000000aa";
    env.fails(&["license", "grant", "raccoon", "--to", stranger], 2, "license.holder_absent");

    let signed = env.json(&["license", "grant", "raccoon", "--to", "dev3", "--out", "grant.json"]);
    assert_eq!((signed["granted"].clone(), signed["file"].clone()), (json!(false), json!("grant.json")));
    assert!(!env.may_use(DEV[3], &id, 0), "the holder has not agreed yet");
    env.fails(&["license", "grant", "--accept", "grant.json", "--from", "dev4"], 8, "license.not_holder");
    let file = env.read("grant.json");
    let longer: Value = serde_json::from_str(&file).unwrap();
    let end = longer["request"]["expiry"].to_string();
    env.write("longer.json", file.replace(&end, "1099511627775"));
    env.fails(&["license", "grant", "--accept", "longer.json", "--from", "dev3"], 7, "license.grant_forged");
    env.write("elsewhere.json", file.replace("31337", "1"));
    env.fails(&["license", "grant", "--accept", "elsewhere.json", "--from", "dev3"], 3, "license.grant_elsewhere");
    env.write("nothing.json", "{}");
    env.fails(&["license", "grant", "--accept", "nothing.json", "--from", "dev3"], 3, "license.grant_malformed");
    let accepted = env.json(&["license", "grant", "--accept", "grant.json", "--from", "dev3"]);
    assert_eq!(accepted["granted"], true);
    assert_eq!(env.pass_end(DEV[3], &id).to_string(), end);
    assert_eq!(env.json(&["license", "grant", "--accept", "grant.json", "--from", "dev3"])["tx_hash"], Value::Null);

    // The terms are not revocable: only the holder may end the pass.
    env.fails(&["license", "revoke", "raccoon", "--holder", "dev3"], 8, "license.revoke_forbidden");
    assert_eq!(env.json(&["license", "revoke", "raccoon", "--holder", "dev3", "--from", "dev3"])["revoked"], true);
    assert_eq!(env.pass_end(DEV[3], &id), 0);
    let again = env.json(&["license", "revoke", "raccoon", "--holder", "dev3", "--from", "dev3"]);
    assert_eq!((again["revoked"].clone(), again["tx_hash"].clone()), (json!(false), Value::Null));
    env.fails(&["license", "grant", "--accept", "grant.json", "--from", "dev3"], 5, "license.grant_used");
    // What was revoked can be bought: the new purchase is work of its own.
    assert_eq!(env.json(&["license", "buy", "raccoon", "--from", "dev3"])["bought"], true);
    assert!(env.may_use(DEV[3], &id, 0));

    env.ok(&["license", "grant", "raccoon", "--to", "dev5", "--out", "late.json"]);
    env.ok(&["chain", "advance", "31d"]);
    env.fails(&["license", "grant", "--accept", "late.json", "--from", "dev5"], 3, "license.grant_expired");
    let passes = env.json(&["license", "list", "--for", "dev4"])["passes"].clone();
    assert_eq!((passes[0]["dataset"].clone(), passes[0]["valid"].clone()), (json!("raccoon"), json!(false)));
}

#[test]
fn the_list_shows_terms_offers_and_passes() {
    let (env, _) = market(TRIAL);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    let list = env.json(&["license", "list", "--for", "dev3"]);
    let terms = list["terms"].as_array().unwrap();
    assert_eq!(terms.len(), 2);
    let fields =
        |row: &Value| json!([row["license"], row["spdx"], row["price"], row["duration_seconds"], row["datasets"]]);
    assert_eq!(fields(&terms[0]), json!(["research", "CC-BY-NC-4.0", PRICE, YEAR, ["raccoon"]]));
    assert_eq!(fields(&terms[1]), json!(["trial", "CC-BY-NC-4.0", "1000000000", 30 * 86_400, []]));
    assert_eq!((terms[0]["revocable"].clone(), terms[1]["revocable"].clone()), (json!(false), json!(true)));
    let pass = &list["passes"][0];
    assert_eq!(json!([pass["dataset"], pass["valid"], pass["license"]]), json!(["raccoon", true, "research"]));
    env.fails(&["license", "list", "--for", "nobody-i-know"], 3, "signer.unknown");
    assert_eq!(env.json(&["license", "list", "--for", "dev9"])["passes"], json!([]));
}

#[test]
fn a_renewal_that_is_too_early_says_when_it_is_not() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let buy = ["license", "buy", "raccoon", "--from", "dev3"];
    assert_eq!(env.json(&buy)["renewable_from"], serde_json::Value::Null);
    let renewed = env.json(&[&buy[..], &["--renew"]].concat());
    assert_eq!((&renewed["bought"], &renewed["renewable_from"]), (&true.into(), &serde_json::Value::Null));
    let refused = env.json(&[&buy[..], &["--renew"]].concat());
    assert_eq!((&refused["bought"], &refused["expiry"]), (&false.into(), &renewed["expiry"]));
    let from = refused["renewable_from"].as_str().unwrap();
    // One term of a year before the end.
    assert_eq!((&renewed["expiry"].as_str().unwrap()[..4], &from[..4]), ("2028", "2027"), "{from}");
    let text = env.ok(&[&buy[..], &["--renew"]].concat()).stdout;
    assert!(text.contains("more than one term is left") && text.contains(from), "{text}");
    assert!(text.contains(renewed["expiry"].as_str().unwrap()), "{text}");
}
