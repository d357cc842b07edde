//! The audit of a dataset: a story is played, and what it says is compared with what the story did and with what other
//! verbs and the chain say.

use alloy::sol_types::SolCall;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::DEV;

/// A second dataset, whose events must not be in the audit of the first.
const NOTES: &str =
    "\n[datasets.notes]\npath = \"data/notes\"\nlicense = \"research\"\ncontributors = \"contributors.csv\"\n";

/// Two versions, sales, income, claims, a job, a recall with its reason and a case.
fn story() -> TestEnv {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}{NOTES}"));
    env.write("data/notes/a.txt", "a note");
    env.write("found.txt", "image 2 is not ours");
    env.write("report.md", "looked at all of it");
    env.write("usage.csv", "dataset,records\nraccoon,3\n");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["data", "push", "notes"]);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    env.ok(&["license", "buy", "notes", "--from", "dev3"]);
    env.ok(&["chain", "advance", "1d"]);
    env.ok(&["royalties", "deposit", "raccoon", "999 wei"]);
    env.ok(&["royalties", "deposit", "notes", "77 wei"]);
    env.ok(&["royalties", "claim", "--for", "dev1"]);
    env.ok(&["royalties", "claim", "--from", "dev2", "--to", "dev4"]);
    env.write("data/raccoon/images/raccoon-4.jpg", "a fourth one");
    env.write("data/raccoon/annotations/raccoon-4.xml", "<annotation/>\n");
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["data", "recall", "raccoon@1", "--reason", "withdrawn | by\n a contributor", "--successor", "raccoon@2"]);
    env.ok(&["validator", "stake", "1 ETH", "--from", "dev4"]);
    env.ok(&["validator", "attest", "raccoon", "--score", "92.5%", "--evidence", "report.md", "--from", "dev4"]);
    env.ok(&["dispute", "open", "raccoon", "--evidence", "found.txt", "--from", "dev1"]);
    env
}

fn events(audit: &Value) -> Vec<String> {
    audit["lines"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
}

fn lines<'a>(audit: &'a Value, event: &str) -> Vec<&'a Value> {
    audit["lines"].as_array().unwrap().iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn everything_is_there_in_the_order_of_time() {
    let env = story();
    let audit = env.json(&["audit", "raccoon"]);
    assert_eq!(
        events(&audit),
        [
            "policy.changed",
            "terms.added",
            "dataset.registered",
            "offer.made",
            "pass.sold",
            "income",
            "income",
            "royalty.claimed",
            "royalty.claimed",
            "royalty.redirected",
            "version.added",
            "version.recalled",
            "attested",
            "case.opened",
            "case.joined",
            "case.evidence",
        ],
        "{audit:#}"
    );
    // In the order of the chain, each with its transaction and a digest.
    let all = audit["lines"].as_array().unwrap();
    let places: Vec<_> = all.iter().map(|line| (line["block"].as_u64().unwrap(), line["log_index"].as_u64())).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(all.iter().all(|line| line["tx_hash"].is_string() && line["digest"].as_str().unwrap().len() == 66));
    assert!(all.iter().all(|line| line["who"].as_str().is_some_and(|who| who.len() == 42)), "{audit:#}");

    // What lines say is what the other verbs say.
    let shown = env.json(&["data", "show", "raccoon"]);
    let versions = [lines(&audit, "dataset.registered")[0], lines(&audit, "version.added")[0]];
    for (line, version) in versions.iter().zip(shown["versions"].as_array().unwrap()) {
        let told = json!([line["digest"], line["block"], line["tx_hash"], line["versions"], line["who"]]);
        let key = &version["version_key"];
        assert_eq!(told, json!([key, version["block"], version["tx_hash"], [version["version"]], DEV[0]]));
        for part in ["cid", "record_root"] {
            assert!(line["what"].as_str().unwrap().contains(version[part].as_str().unwrap()), "{line}");
        }
    }
    let recall = lines(&audit, "version.recalled")[0];
    assert_eq!(json!([recall["digest"], recall["versions"]]), json!([shown["versions"][0]["evidence"], [1]]));
    assert!(recall["what"].as_str().unwrap().ends_with("replaced by raccoon@2: withdrawn | by a contributor"));
    let found = format!("0x{}", alloy::hex::encode(Sha256::digest("image 2 is not ours")));
    assert_eq!(
        json!([lines(&audit, "case.opened")[0]["digest"], DEV[1]]),
        json!([found, lines(&audit, "case.opened")[0]["who"]])
    );
    // The bond is on the line of who paid it, once.
    assert_eq!(
        json!([lines(&audit, "case.opened")[0]["amount"], lines(&audit, "case.joined")[0]["amount"]]),
        json!([null, "50000000000000000"])
    );
    let sale = lines(&audit, "pass.sold")[0];
    assert_eq!(json!([sale["who"], sale["amount"], sale["versions"]]), json!([DEV[3], "10000000000000000", [1]]));

    // Money: to the wei what the books of the vault say.
    let books = &env.json(&["royalties", "show", "raccoon"])["pools"][0];
    let total = &audit["totals"][0];
    assert_eq!(total["income"], "10000000000000999");
    for (told, kept) in
        [("income", "income"), ("paid_contributors", "paid_contributors"), ("paid_splits", "paid_splits")]
    {
        assert_eq!(total[told], books[kept], "{told}");
    }
    let claimed: Vec<_> =
        lines(&audit, "royalty.claimed").iter().map(|line| json!([line["who"], line["amount"]])).collect();
    // floor(income * 0.8) = 8,000,000,000,000,799, of which 60 and 40 of 100.
    assert_eq!(claimed, [json!([DEV[1], "4800000000000479"]), json!([DEV[2], "3200000000000319"])]);
    assert!(lines(&audit, "royalty.redirected")[0]["what"].as_str().unwrap().ends_with(DEV[4]));

    // The other dataset has its own, and no chain changes by being asked.
    let other = env.json(&["audit", "notes"]);
    assert_eq!(other["totals"][0]["income"], "10000000000000077");
    assert!(!events(&other).iter().any(|event| event.starts_with("case") || event.starts_with("version")));
    assert_eq!(env.json(&["audit", "raccoon"]), audit);
    env.fails(&["audit", "nothing"], 3, "dataset.unknown");
}

#[test]
fn it_is_narrowed_to_a_time_a_version_and_a_record() {
    let env = story();
    let all = env.json(&["audit", "raccoon"]);
    let claim = lines(&all, "income")[1]["time"].as_str().unwrap().to_owned();
    let before = env.json(&["audit", "raccoon", "--until", &claim]);
    let after = env.json(&["audit", "raccoon", "--since", &claim]);
    assert_eq!([events(&before), events(&after)].concat(), events(&all));
    assert_eq!(events(&after)[0], "income");
    assert_eq!(before["totals"][0]["income"], "10000000000000000", "sums are over the lines shown");
    env.fails(&["audit", "raccoon", "--since", "yesterday"], 2, "usage.time");

    let second = env.json(&["audit", "raccoon@2"]);
    assert!(
        !events(&second).contains(&"version.recalled".to_owned()) && events(&second).contains(&"attested".to_owned())
    );

    // A record of the second version alone, proven to be in the one and not in the other.
    let record = env.json(&["audit", "raccoon", "--record", "images/raccoon-4.jpg"]);
    let places: Vec<_> = record["record"]["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| json!([version["version"], version["present"], version["total"]]))
        .collect();
    assert_eq!(places, [json!([1, false, "3"]), json!([2, true, "4"])]);
    let proof = env.json(&["data", "prove", "raccoon", "--record", "images/raccoon-4.jpg"]);
    assert_eq!(record["record"]["versions"][1]["proof"], proof["proof"]);
    assert_eq!(record["record"]["versions"][1]["key"], proof["key"]);
    assert!(!events(&record).contains(&"version.recalled".to_owned()));
    // The pool is shared by both versions.
    let paid: Vec<_> = record["record"]["payments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["account"], row["amount"]]))
        .collect();
    assert_eq!(paid.len(), 2, "{record:#}");
    assert!(paid.contains(&json!([DEV[1], "4800000000000479"])));
    // By its key it is the same record.
    let by_key = env.json(&["audit", "raccoon", "--record", proof["key"].as_str().unwrap()]);
    assert_eq!(by_key["record"]["versions"], record["record"]["versions"]);
    env.fails(&["audit", "raccoon", "--record", "images/none.jpg"], 3, "record.unknown");
    // A list that is not the version's proves nothing.
    let text = env.ok(&["audit", "raccoon", "--record", "images/raccoon-1.jpg"]).stdout;
    assert!(text.contains("nothing on chain says whose a single record is"), "{text}");
}

#[test]
fn it_is_written_for_people_and_for_tables() {
    let env = story();
    let audit = env.json(&["audit", "raccoon"]);
    let count = audit["lines"].as_array().unwrap().len();
    let text = env.ok(&["audit", "raccoon"]).stdout;
    assert!(text.contains("Audit of raccoon on local (chain 31337)"), "{text}");
    for line in audit["lines"].as_array().unwrap() {
        let times = text.matches(line["digest"].as_str().unwrap()).count();
        assert!(times > 0 && text.contains(line["tx_hash"].as_str().unwrap()), "{line}");
    }
    let csv = env.ok(&["audit", "raccoon", "--format", "csv", "--out", "audit.csv"]).stdout;
    assert_eq!(env.read("audit.csv"), csv);
    let rows: Vec<_> = csv.lines().collect();
    assert_eq!(rows.len(), count + 1);
    assert!(rows[0].starts_with("block,time,event,versions,what,who,amount,currency"));
    let claimed = rows.iter().find(|row| row.contains(",royalty.claimed,")).unwrap();
    assert!(claimed.contains(",4800000000000479,0x0000000000000000000000000000000000000000,"), "{claimed}");
    let markdown = env.ok(&["audit", "raccoon", "--format", "markdown"]).stdout;
    assert_eq!(markdown.lines().filter(|line| line.starts_with("| ")).count(), count + 2);
    assert!(markdown.contains("withdrawn \\| by a contributor"), "{markdown}");
    // Names of files are text of others, too.
    env.write("data/raccoon/images/a|b_[c].jpg", "an odd one");
    env.write("data/raccoon/annotations/a|b_[c].xml", "<annotation/>\n");
    env.ok(&["data", "push", "raccoon"]);
    let args = ["audit", "raccoon", "--record", "images/a|b_[c].jpg", "--format", "markdown"];
    let markdown = env.ok(&args).stdout;
    let row = markdown.lines().find(|line| line.starts_with("| 3 | in it | 0x")).unwrap();
    assert!(row.contains("images/a\\|b\\_\\[c\\].jpg"), "{row}");
}

/// What only happens rarely, on a node: consent given and revoked, taint, stake behind the dataset.
#[test]
fn consents_taint_and_stake_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    let env = TestEnv::new();
    env.write_project(anvil.port);
    env.write_small_set();
    let consent = format!("0x{}", "c0".repeat(32));
    let joined = [format!("0x{}", "a1".repeat(32)), format!("0x{}", "b2".repeat(32))];
    let [one, two] = &joined;
    env.write(
        "contributors.csv",
        format!("account,shares,consent\n{},60,{consent}\n{},20,{one}\n{},20,{two}\n", DEV[1], DEV[2], DEV[2]),
    );
    let run = |args: &[&str]| env.json(&[args, &["--network", "anvil"]].concat());
    run(&["deploy"]);
    let pushed = run(&["data", "push", "raccoon"]);
    let lock: toml::Table = env.read("dgov.lock").parse().unwrap();
    let address = |role: &str| lock["networks"]["anvil"]["contracts"][role].as_str().unwrap().to_owned();
    let send = |from: &str, role: &str, data: Vec<u8>, value: u64| {
        let request = json!([{ "from": from, "to": address(role), "data": alloy::hex::encode_prefixed(data), "value": format!("{value:#x}") }]);
        anvil.rpc("eth_sendTransaction", request);
        anvil.rpc("evm_mine", json!([]));
    };
    alloy::sol! {
        function revokeConsent(bytes32 consentDigest) external;
        function stake() external payable;
        function back(bytes32 datasetId, uint96 amount) external returns (bytes32 lockId);
    }
    let word = |text: &str| text.parse::<alloy::primitives::B256>().unwrap();
    // Another account revokes the digest in its own name, which is nobody's consent here.
    send(DEV[3], "registry", revokeConsentCall { consentDigest: word(&consent) }.abi_encode(), 0);
    send(DEV[1], "registry", revokeConsentCall { consentDigest: word(&consent) }.abi_encode(), 0);
    send(DEV[2], "registry", revokeConsentCall { consentDigest: word(two) }.abi_encode(), 0);
    send(DEV[0], "stake", stakeCall {}.abi_encode(), 5_000);
    let dataset_id = word(pushed["dataset_id"].as_str().unwrap());
    send(DEV[0], "stake", backCall { datasetId: dataset_id, amount: "5000".parse().unwrap() }.abi_encode(), 0);

    let audit = run(&["audit", "raccoon"]);
    let told = |event: &str| -> Vec<Value> {
        lines(&audit, event).iter().map(|line| json!([line["who"], line["digest"], line["versions"]])).collect()
    };
    let mut given = told("consent.given");
    given.sort_by_key(ToString::to_string);
    assert_eq!(given, [json!([DEV[2], one, [1]]), json!([DEV[2], two, [1]]), json!([DEV[1], consent, [1]])]);
    assert_eq!(told("consent.revoked"), [json!([DEV[1], consent, [1]]), json!([DEV[2], two, [1]])]);
    assert_eq!(
        json!([lines(&audit, "stake.backed")[0]["amount"], lines(&audit, "stake.backed")[0]["who"]]),
        json!(["5000", DEV[0]])
    );
    let blocks: Vec<_> = audit["lines"].as_array().unwrap().iter().map(|line| line["block"].as_u64()).collect();
    assert!(blocks.is_sorted(), "{blocks:?}");
}
