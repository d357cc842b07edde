//! Prices that rise with each sale: manifest, offers, purchases and proposals; the chain is asked what came of it.

use alloy::primitives::Address;
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::project::DEV;

const CENT: u128 = 10_000_000_000_000_000;
const STEP: u128 = 1_000_000_000_000_000;

/// A deployed project that sells its data set at 0.01 ETH and 0.001 ETH more after each sale.
fn market() -> TestEnv {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    env.write(
        "dgov.toml",
        manifest.replace("price = \"0.01 ETH\"\n", "price = \"0.01 ETH\"\nprice-step = \"0.001 ETH\"\n"),
    );
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env
}

#[test]
fn each_buyer_pays_a_step_more_than_the_one_before() {
    let env = market();
    let next = || {
        let listed = env.json(&["license", "list"]);
        listed["terms"][0]["next_prices"][0]["price"].as_str().unwrap().parse::<u128>().unwrap()
    };
    let listed = env.json(&["license", "list"]);
    assert_eq!(listed["terms"][0]["price"], CENT.to_string());
    assert_eq!(listed["terms"][0]["price_step"], STEP.to_string());
    assert!(listed["terms"][0]["price_module"].is_string());
    assert_eq!(next(), CENT);

    let first = env.json(&["license", "buy", "raccoon", "--from", "dev3"]);
    assert_eq!((first["price"].clone(), first["bought"].clone()), (json!(CENT.to_string()), json!(true)));
    assert_eq!(next(), CENT + STEP);
    // What the first one paid is too little now.
    let refused = ["license", "buy", "raccoon", "--from", "dev4", "--max-price", "0.01 ETH"];
    env.fails(&refused, 8, "license.price_above_max");
    let dry = env.json(&["license", "buy", "raccoon", "--from", "dev4", "--dry-run"]);
    assert_eq!(dry["price"], (CENT + STEP).to_string());
    let before = env.wei(DEV[4]);
    let second = env.json(&["license", "buy", "raccoon", "--from", "dev4", "--max-price", "0.011 ETH"]);
    assert_eq!(second["price"], (CENT + STEP).to_string());
    assert!(before - env.wei(DEV[4]) >= CENT + STEP);
    let id = second["dataset_id"].clone();
    assert!(env.may_use(DEV[3], &id, 0) && env.may_use(DEV[4], &id, 0));
    let pool = env.json(&["royalties", "show"])["pools"][0]["pool_id"].clone();
    assert_eq!(env.income(&pool, Address::ZERO), (2 * CENT + STEP).to_string());

    // A renewal is a sale, too; to look and to have a pass already are none.
    assert_eq!(env.json(&["license", "buy", "raccoon", "--from", "dev4"])["tx_hash"], Value::Null);
    let renewed = env.json(&["license", "buy", "raccoon", "--from", "dev3", "--renew"]);
    assert_eq!(renewed["price"], (CENT + 2 * STEP).to_string());
    assert_eq!(env.income(&pool, Address::ZERO), (3 * CENT + 3 * STEP).to_string());
    assert_eq!(next(), CENT + 3 * STEP);

    // People and the other lists see the same.
    let text = env.ok(&["license", "list"]).stdout;
    assert!(text.contains("0.01 ETH + 0.001 ETH for each sold: raccoon now 0.013 ETH"), "{text}");
    let (shown, status) = (env.json(&["data", "show", "raccoon"]), env.json(&["status"]));
    let now = (CENT + 3 * STEP).to_string();
    assert_eq!(shown["offers"][0]["price"], now);
    assert_eq!(status["datasets"][0]["offers"][0]["price"], now);
    assert_eq!(env.json(&["data", "list"])["datasets"][0]["prices"][0]["price"], now);
    assert_eq!(env.json(&["license", "offer", "raccoon"])["price"], now);
    let text = env.ok(&["license", "offer", "raccoon"]).stdout;
    assert!(text.contains("at 0.013 ETH + 0.001 ETH for each sold is offered already"), "{text}");
}

/// A step is a part of the price: another one is other terms, which the DAO votes for.
#[test]
fn another_step_is_a_proposal() {
    let env = market();
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    assert_eq!(env.json(&["plan"])["differences"], json!([]));
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("price-step = \"0.001 ETH\"", "price-step = \"0.002 ETH\""));
    let plan = env.json_exit(&["plan", "--exit-code"], 11);
    let change = &plan["differences"][0];
    assert_eq!(
        json!([change["what"], change["desired"], change["actual"]]),
        json!(["licenses.research.price-step", "0.002 ETH for each sold", "0.001 ETH for each sold"])
    );
    env.write("dgov.toml", manifest.replace("price-step = \"0.001 ETH\"\n", ""));
    let plan = env.json(&["plan"]);
    assert_eq!(plan["differences"][0]["desired"], "none");

    // Voted for, the new terms start with no sale.
    env.write("dgov.toml", manifest.replace("price-step = \"0.001 ETH\"", "price-step = \"0.002 ETH\""));
    env.ok(&["gov", "propose"]);
    env.ok(&["chain", "advance", "25h"]);
    env.ok(&["gov", "vote", "latest", "yes"]);
    env.ok(&["chain", "advance", "4d"]);
    env.ok(&["gov", "queue", "latest"]);
    env.ok(&["chain", "advance", "3d"]);
    env.ok(&["gov", "execute", "latest"]);
    assert_eq!(env.json(&["plan"])["differences"], json!([]));
    for price in [CENT, CENT + 2 * STEP] {
        let from = if price == CENT { "dev3" } else { "dev4" };
        let bought = env.json(&["license", "buy", "raccoon", "--from", from, "--license", "research"]);
        assert_eq!((bought["price"].clone(), bought["bought"].clone()), (json!(price.to_string()), json!(true)));
    }
}
