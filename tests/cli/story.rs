//! The main job from end to end, on both networks, on the small set and on the real ones.

use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::{DEV, copy_dir, real_data};

/// Where the story takes place.
enum Net {
    Embedded,
    Node(Anvil),
}

struct Story {
    env: TestEnv,
    net: Net,
}

impl Story {
    fn new(net: Net) -> Self {
        let env = TestEnv::new();
        env.write_project(if let Net::Node(anvil) = &net { anvil.port } else { 1 });
        Self { env, net }
    }

    fn network(&self) -> &'static str {
        if matches!(self.net, Net::Embedded) { "local" } else { "anvil" }
    }

    fn json(&self, args: &[&str]) -> Value {
        self.env.json(&[args, &["--network", self.network()]].concat())
    }

    fn wait(&self, days: u64) {
        match &self.net {
            Net::Embedded => drop(self.env.ok(&["chain", "advance", &format!("{days}d")])),
            Net::Node(anvil) => anvil.advance(days * 86_400),
        }
    }

    fn balance(&self, account: &str) -> u128 {
        let hex = match &self.net {
            Net::Embedded => self.env.account(&self.env.dir(), account).1,
            Net::Node(anvil) => anvil.rpc("eth_getBalance", json!([account, "latest"])).as_str().unwrap().to_owned(),
        };
        u128::from_str_radix(hex.trim_start_matches("0x"), 16).unwrap()
    }
}

const ETHER: u128 = 1_000_000_000_000_000_000;

/// Everything of the main job on the datasets of the project; `records` is what each must have.
fn tell(story: &Story, datasets: &[(&str, u64)]) {
    let env = &story.env;
    assert_eq!(env.run(&["plan", "--exit-code", "--network", story.network()]).code, 11);
    let deployed = story.json(&["deploy"]);
    assert_eq!(deployed["contracts"].as_object().unwrap().len(), 13);
    assert_eq!(story.json(&["deploy"])["transactions"], json!([]), "a second deploy sends nothing");

    for (dataset, records) in datasets {
        let pushed = story.json(&["data", "push", dataset]);
        assert_eq!(pushed["records"], *records, "{dataset}");
        assert_eq!(story.json(&["data", "push", dataset])["tx_hash"], Value::Null);
    }
    let verified = story.json(&["data", "verify"]);
    assert_eq!(verified["datasets"].as_array().unwrap().len(), datasets.len());

    // A lab buys each license for 0.01 ETH; a second purchase is not sent.
    for (dataset, _) in datasets {
        let bought = story.json(&["license", "buy", dataset, "--from", "dev3"]);
        assert!(bought["tx_hash"].is_string());
        assert_eq!(story.json(&["license", "buy", dataset, "--from", "dev3"])["tx_hash"], Value::Null);
    }

    // The price is changed by proposal.
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("0.01 ETH", "0.02 ETH"));
    assert_eq!(env.run(&["plan", "--exit-code", "--network", story.network()]).code, 11);
    let proposal = story.json(&["gov", "propose"])["proposal_id"].as_str().unwrap().to_owned();
    assert!(proposal.bytes().all(|byte| byte.is_ascii_digit()), "{proposal} is a decimal string");
    assert_eq!(story.json(&["gov", "propose"])["tx_hash"], Value::Null, "the same proposal is not sent twice");
    story.wait(1);
    story.json(&["gov", "vote", &proposal, "yes"]);
    story.wait(3);
    story.json(&["gov", "queue", &proposal]);
    story.wait(2);
    story.json(&["gov", "execute", "latest"]);
    let plan = env.run(&["plan", "--exit-code", "--network", story.network()]);
    assert_eq!(plan.code, 0, "{plan}");
    for (dataset, _) in datasets {
        let before = story.balance(DEV[4]);
        story.json(&["license", "buy", dataset, "--from", "dev4", "--max-price", "0.02 ETH"]);
        let spent = before - story.balance(DEV[4]);
        assert!((ETHER / 50..ETHER / 50 + ETHER / 1_000).contains(&spent), "{spent} wei for a pass of 0.02 ETH");
    }

    // 0.03 ETH of income a dataset: 80 % to contributors, of which dev1 has 60 %.
    let sets = datasets.len() as u128;
    let owed = 3 * ETHER / 100 * 80 / 100 * 60 / 100 * sets;
    let before = story.balance(DEV[1]);
    let dry = story.json(&["royalties", "claim", "--for", "dev1", "--dry-run"]);
    assert_eq!((dry["claimed_wei"].clone(), dry["tx_hash"].clone()), (owed.to_string().into(), Value::Null));
    let claim = story.json(&["royalties", "claim", "--for", "dev1"]);
    assert_eq!(claim["claimed_wei"], owed.to_string());
    assert_eq!(claim["transactions"].as_array().unwrap().len(), 1, "all datasets in one transaction");
    assert_eq!(story.balance(DEV[1]) - before, owed, "the money went to the account, although dev0 sent it");
    let again = story.json(&["royalties", "claim", "--for", "dev1"]);
    assert_eq!((again["claimed_wei"].clone(), again["tx_hash"].clone()), ("0".into(), Value::Null));

    for (dataset, _) in datasets {
        env.write("stranger", "in no version");
        story.json(&["data", "prove", dataset, "--absent", "stranger", "--on-chain"]);
    }
}

/// Gas of every transaction of a command, in order.
fn gas(report: &Value) -> Vec<u64> {
    let transactions = report["transactions"].as_array().unwrap();
    transactions.iter().map(|transaction| transaction["gas_used"].as_u64().unwrap()).collect()
}

#[test]
fn gas_is_the_same_on_the_embedded_chain_and_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    let stories = [Story::new(Net::Embedded), Story::new(Net::Node(anvil))];
    for story in &stories {
        story.env.write_small_set();
        // The card that a push makes has the chain's day in it, and zeros in its digest are cheaper.
        story.env.write("card.json", "{}");
        let manifest = story.env.read("dgov.toml");
        let own = manifest.replace(
            "contributors = \"contributors.csv\"",
            "card = \"card.json\"\ncontributors = \"contributors.csv\"",
        );
        assert_ne!(own, manifest);
        story.env.write("dgov.toml", own);
    }
    let commands: [&[&str]; 7] = [
        &["deploy"],
        &["data", "push"],
        &["license", "buy", "raccoon", "--from", "dev3"],
        &["license", "buy", "raccoon", "--from", "dev3", "--renew"],
        &["royalties", "deposit", "raccoon", "1 ETH", "--reference", "test"],
        &["royalties", "claim", "--from", "dev1"],
        &["gov", "delegate", "dev1"],
    ];
    let mut compared = 0;
    for command in commands {
        if command[0] == "gov" {
            // Within the second of the deployment a checkpoint is overwritten, which costs less than a new one.
            stories.iter().for_each(|story| story.wait(1));
        }
        let [embedded, node] = [gas(&stories[0].json(command)), gas(&stories[1].json(command))];
        assert_eq!(embedded, node, "{command:?}");
        compared += embedded.len();
    }
    assert!(compared >= 17, "only {compared} transactions were compared");
}

#[test]
fn the_small_set_on_the_embedded_chain() {
    let story = Story::new(Net::Embedded);
    story.env.write_small_set();
    tell(&story, &[("raccoon", 3)]);
}

#[test]
fn the_small_set_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    let story = Story::new(Net::Node(anvil));
    story.env.write_small_set();
    tell(&story, &[("raccoon", 3)]);
}

/// Raccoon with gsm8k beside it, under the same license.
fn tell_real(net: Net) {
    let (Some(raccoon), Some(gsm8k)) = (real_data("raccoon"), real_data("gsm8k")) else { return };
    let story = Story::new(net);
    copy_dir(&raccoon, &story.env.dir().join("data/raccoon"));
    copy_dir(&gsm8k, &story.env.dir().join("data/gsm8k"));
    let manifest = story.env.read("dgov.toml");
    let second =
        "[datasets.gsm8k]\npath = \"data/gsm8k\"\nlicense = \"research\"\ncontributors = \"contributors.csv\"\n";
    story.env.write("dgov.toml", format!("{manifest}{second}"));
    tell(&story, &[("raccoon", 200), ("gsm8k", 8_792)]);
    // Roots that an independent program computed from the same files.
    let root = |dataset| story.json(&["data", "show", dataset])["versions"][0]["record_root"].clone();
    assert!(
        root("raccoon").as_str().unwrap().starts_with("0x5e9279c3")
            && root("raccoon").as_str().unwrap().ends_with("8662")
    );
    assert!(
        root("gsm8k").as_str().unwrap().starts_with("0xb174633e") && root("gsm8k").as_str().unwrap().ends_with("81b7")
    );
}

#[test]
fn the_real_sets_on_the_embedded_chain() {
    tell_real(Net::Embedded);
}

#[test]
fn the_real_sets_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    tell_real(Net::Node(anvil));
}

#[test]
fn quickstart_tells_the_story_and_leaves_the_project() {
    let env = TestEnv::new();
    let report = env.json(&["quickstart"]);
    let commands: Vec<_> = report["steps"].as_array().unwrap().iter().map(|step| step["command"].clone()).collect();
    assert!(
        commands.contains(&json!("dgov gov propose")) && commands.contains(&json!("dgov royalties claim --from dev1"))
    );
    assert!(report["seconds"].as_f64().unwrap() < 20.0);
    assert_eq!(env.json(&["data", "list"])["datasets"][0]["dataset"], "photos");
    env.fails(&["quickstart", "."], 3, "quickstart.not_empty");
    // In a folder with other things it takes a new one of its own.
    let second = env.json(&["quickstart"])["dir"].as_str().unwrap().to_owned();
    assert!(second.ends_with("/dgov-quickstart"), "{second}");
}
