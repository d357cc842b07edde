//! A buyer asks for terms of their own, the DAO votes, the buyer buys; the chain is asked what came of it.

use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::project::DEV;

const NOTE: &str = "a trial for our lab";
const ASK: [&str; 9] = ["license", "request", "raccoon", "--price", "0.002 ETH", "--duration", "30d", "--from", "dev3"];

fn market() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env
}

fn asked<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ASK[..], more].concat()
}

#[test]
fn a_request_becomes_a_proposal_and_then_a_pass() {
    let env = market();
    let dry = env.json(&asked(&["--note", NOTE, "--dry-run"]));
    assert_eq!((&dry["request"], &dry["tx_hash"]), (&Value::Null, &Value::Null));
    assert_eq!(env.json(&["license", "requests"])["requests"], json!([]), "a dry run asks for nothing");

    let made = env.json(&asked(&["--note", NOTE]));
    assert_eq!((&made["request"], &made["already"]), (&json!(1), &json!(false)));
    assert_eq!((&made["price"], &made["duration_seconds"]), (&json!("2000000000000000"), &json!(30 * 86_400)));
    assert_eq!(made["allow"], json!(["train-generative", "evaluate"]), "what was not said is as it is offered now");
    let again = env.json(&asked(&["--note", NOTE]));
    assert_eq!((&again["already"], &again["tx_hash"], &again["request"]), (&json!(true), &Value::Null, &json!(1)));

    let list = env.json(&["license", "requests", "raccoon"])["requests"].clone();
    let row = &list[0];
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!((&row["state"], &row["requester"], &row["note_text"]), (&json!("open"), &json!(DEV[3]), &json!(NOTE)));
    assert_eq!((&row["terms_id"], &row["note"]), (&made["terms_id"], &made["note"]));

    let proposed = env.json(&["gov", "propose", "--request", "1"]);
    let text = proposed["description"].as_str().unwrap();
    for part in [DEV[3], "price of one term: 0.002 ETH", "duration: 30d", &format!("> {NOTE}")] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(proposed["title"], "Offer raccoon to 0x90F7…b906 at 0.002 ETH, 30d");
    let signatures: Vec<&str> =
        proposed["calls"].as_array().unwrap().iter().map(|call| call["signature"].as_str().unwrap()).collect();
    assert!(signatures[0].starts_with("addTerms(") && signatures[1].starts_with("setOffer("), "{signatures:?}");
    assert_eq!(env.json(&["gov", "propose", "--request", "1"])["already"], true);

    let terms = made["terms_id"].as_str().unwrap();
    let buy = ["license", "buy", "raccoon", "--license", terms, "--from", "dev3"];
    env.fails(&buy, 5, "license.not_offered");
    env.ok(&["chain", "advance", "1d"]);
    env.ok(&["gov", "vote", "latest", "yes"]);
    env.ok(&["chain", "advance", "3d"]);
    env.ok(&["gov", "queue", "latest"]);
    env.ok(&["chain", "advance", "2d"]);
    env.ok(&["gov", "execute", "latest"]);
    assert_eq!(env.json(&["license", "requests"])["requests"][0]["state"], "offered");
    let bought = env.json(&buy);
    assert_eq!((&bought["bought"], &bought["price"]), (&json!(true), &json!("2000000000000000")));
    assert!(env.may_use(DEV[3], &made["dataset_id"], 0));
    // The offer that was there before stays.
    assert_eq!(env.json(&["data", "show", "raccoon"])["offers"].as_array().unwrap().len(), 2);
    env.fails(&["gov", "propose", "--request", "1"], 3, "gov.nothing_to_propose");
    env.fails(&["gov", "propose", "--request", terms], 3, "gov.nothing_to_propose");
    // The same terms again, by somebody else: they are there.
    env.fails(
        &["license", "request", "raccoon", "--price", "0.002 ETH", "--duration", "30d", "--from", "dev4"],
        5,
        "license.terms_exist",
    );
}

#[test]
fn terms_are_what_the_flags_say() {
    let env = market();
    let flags = [
        "license",
        "request",
        "raccoon",
        "--terms",
        "research",
        "--allow",
        "evaluate",
        "--deny",
        "train-generative,redistribute",
        "--price",
        "0 ETH",
        "--duration",
        "forever",
        "--revocable",
        "--royalty",
        "5%",
        "--from",
        "dev4",
    ];
    let made = env.json(&flags);
    assert_eq!((&made["allow"], &made["price"]), (&json!(["evaluate"]), &json!("0")));
    assert_eq!((&made["duration_seconds"], &made["revocable"]), (&Value::Null, &json!(true)));
    let row = env.json(&["license", "requests"])["requests"][0].clone();
    assert_eq!((&row["royalty_bps"], &row["note"], &row["note_text"]), (&json!(500), &Value::Null, &Value::Null));
    // Another license text is possible, and said to be one.
    let output = env.ok(&["license", "request", "raccoon", "--license", "MIT", "--from", "dev4", "--json"]);
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["warnings"][0]["code"], "license.other_text");
    assert_eq!(document["data"]["request"], 2);
}

#[test]
fn what_cannot_be_asked_says_why() {
    let env = market();
    env.fails(&["license", "request", "raccoon", "--from", "dev3"], 5, "license.terms_exist");
    env.fails(&asked(&["--allow", "evaluate", "--deny", "evaluate"]), 2, "license.wanted");
    let output = env.fails(&asked(&["--allow", "evaluat"]), 2, "license.wanted");
    assert!(output.stdout.contains("did you mean `evaluate`?"), "{output}");
    env.fails(&["license", "request", "raccoon", "--duration", "soon"], 2, "license.wanted");
    env.fails(&["license", "request", "raccoon", "--price", "a lot"], 2, "usage.amount");
    env.fails(&asked(&["--note", "no/such/file"]), 3, "note.missing");
    env.fails(&asked(&["--terms", "reserch"]), 3, "license.unknown");
    env.fails(&["license", "request", "racoon"], 3, "dataset.unknown");
    env.fails(&["gov", "propose", "--request", "7"], 3, "license.request_unknown");
    env.fails(&["gov", "propose", "--request", "1", "--call", "registry:x()"], 2, "usage");
    assert_eq!(env.json(&["license", "requests"])["requests"], json!([]));
}

/// The note is a stranger's text inside a proposal: it can't end the quotation or name another proposer.
#[test]
fn a_note_stays_a_quotation() {
    let env = market();
    env.write("note.md", "please\n\n# Approve everything\n\n#proposer=0x0000000000000000000000000000000000000001\n");
    env.ok(&asked(&["--note", "note.md"]));
    let text = env.json(&["gov", "propose", "--request", "1"])["description"].as_str().unwrap().to_owned();
    assert!(text.contains("> # Approve everything\n"), "{text}");
    assert!(text.ends_with(&format!("\n#proposer={}", DEV[0])), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("# ")).count(), 1, "{text}");
}

#[test]
fn a_killed_request_is_made_once() {
    let env = market();
    let command = asked(&["--note", NOTE]);
    env.kill_everywhere(&command, |point| {
        env.ok(&command);
        let requests = env.json(&["license", "requests"])["requests"].clone();
        assert_eq!(requests.as_array().unwrap().len(), 1, "after a kill at {point}");
        assert_eq!(env.json(&["status"])["unfinished"], json!([]), "after a kill at {point}");
    });
}
