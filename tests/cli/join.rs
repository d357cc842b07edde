//! `dgov join`: a stranger's folder, from the registry's address alone.

use std::path::PathBuf;

use crate::chain::Server;
use crate::common::TestEnv;
use crate::common::project::DEV;

/// A project with a dataset, served on this machine.
struct Joined {
    env: TestEnv,
    server: Server,
    project: String,
}

fn served() -> Joined {
    let env = TestEnv::project();
    let project = env.json(&["deploy"])["project"].as_str().unwrap().to_owned();
    env.ok(&["data", "push"]);
    let server = Server::start(&env);
    Joined { env, server, project }
}

impl Joined {
    fn other(&self) -> PathBuf {
        self.env.root().join("other")
    }

    fn join(&self, source: &[&str]) -> crate::common::Output {
        let other = self.other();
        let args = ["join", &self.project, "--rpc-url", &self.server.url, "--dir", other.to_str().unwrap(), "--json"];
        self.env.run(&[&args[..], source].concat())
    }

    /// Wei of an account on the project's chain.
    fn balance(&self, account: &str) -> u128 {
        let (_, balance) = self.env.account(&self.env.dir(), account);
        u128::from_str_radix(balance.trim_start_matches("0x"), 16).unwrap()
    }

    fn data(&self, args: &[&str]) -> serde_json::Value {
        let output = self.env.run_in(&self.other(), &[args, &["--json"]].concat());
        assert_eq!(output.code, 0, "dgov {}\n{output}", args.join(" "));
        serde_json::from_str::<serde_json::Value>(&output.stdout).unwrap()["data"].clone()
    }
}

#[test]
fn a_buyer_starts_from_an_address_and_a_gateway() {
    let joined = served();
    let output = joined.join(&["--source", &joined.server.url.clone()]);
    assert_eq!(output.code, 0, "{output}");
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["data"]["name"], "raccoon-commons");
    assert_eq!(document["data"]["datasets"], serde_json::json!(["raccoon"]));
    assert_eq!(document["data"]["deployer"], DEV[0]);

    assert_eq!(joined.data(&["data", "list"])["datasets"][0]["dataset"], "raccoon");
    let status = joined.data(&["status"]);
    assert_eq!((&status["project"], &status["datasets"][0]["stored"]), (&joined.project.clone().into(), &false.into()));
    let offer = &joined.data(&["license", "list"])["terms"][0];
    assert_eq!(offer["price"], "10000000000000000");
    joined.data(&["license", "buy", "raccoon", "--from", "dev3"]);
    let before = joined.balance(DEV[1]);
    let claimed = joined.data(&["royalties", "claim", "--from", "dev1"]);
    let fee: u128 = claimed["fee_wei"].as_str().unwrap().parse().unwrap();
    assert_eq!(joined.balance(DEV[1]) + fee - before, 4_800_000_000_000_000, "60 % of 80 % of 0.01 ETH");
    assert_eq!(joined.data(&["gov", "list"])["proposals"], serde_json::json!([]));
}

#[test]
fn the_manifest_of_a_joined_folder_describes_nothing_to_be_made() {
    let joined = served();
    let store = joined.env.dir();
    assert_eq!(joined.join(&["--source", store.to_str().unwrap()]).code, 0);
    let manifest = std::fs::read_to_string(joined.other().join("dgov.toml")).unwrap();
    assert!(manifest.contains(&format!("registry = \"{}\"", joined.project)), "{manifest}");
    assert!(manifest.contains(".dgov/store"), "a project's folder stands for its store: {manifest}");
    for args in [&["deploy"][..], &["plan"], &["gov", "propose", "--yes"]] {
        let output = joined.env.run_in(&joined.other(), &[args, &["--json"]].concat());
        assert!(output.code == 3 && output.stdout.contains("project.joined"), "{output}");
    }
    let again = joined.join(&[]);
    assert!(again.code == 3 && again.stdout.contains("join.exists"), "{again}");
    assert_eq!(std::fs::read_to_string(joined.other().join("dgov.toml")).unwrap(), manifest);

    let lock = std::fs::read_to_string(joined.other().join("dgov.lock")).unwrap();
    std::fs::remove_file(joined.other().join("dgov.lock")).unwrap();
    joined.data(&["sync"]);
    assert_eq!(std::fs::read_to_string(joined.other().join("dgov.lock")).unwrap(), lock);
}

#[test]
fn the_node_of_a_served_project_is_its_gateway_too() {
    let joined = served();
    let output = joined.join(&[]);
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(document["data"]["sources"], serde_json::json!([joined.server.url]));
    assert_eq!((&document["data"]["name"], &document["warnings"]), (&"raccoon-commons".into(), &serde_json::json!([])));
    let manifest = std::fs::read_to_string(joined.other().join("dgov.toml")).unwrap();
    assert!(manifest.contains(&format!("sources = [\"{}\"]", joined.server.url)), "{manifest}");
    joined.data(&["license", "buy", "raccoon", "--from", "dev3"]);
    joined.data(&["royalties", "claim", "--from", "dev1"]);
}

#[test]
fn without_documents_the_chain_is_enough_for_numbers_and_a_source_is_added_later() {
    let joined = served();
    let (store, kept) = (joined.env.dir().join(".dgov/store"), joined.env.root().join("kept"));
    std::fs::rename(&store, &kept).unwrap();
    let output = joined.join(&[]);
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((output.code, &document["data"]["name"]), (0, &"joined".into()), "{output}");
    assert_eq!(document["data"]["sources"], serde_json::json!([]), "it does not serve the documents");
    assert_eq!(document["warnings"][0]["code"], "join.no_documents", "{output}");
    assert!(document["warnings"][0]["hint"].as_str().unwrap().contains("--source"), "{output}");
    let short = document["data"]["datasets"][0].as_str().unwrap().to_owned();
    assert!(short.starts_with("0x"));
    assert_eq!(joined.data(&["status"])["datasets"][0]["records"], 3);
    for name in [short.as_str(), "raccoon"] {
        assert_eq!(joined.data(&["data", "show", name])["versions"][0]["records"], 3, "{name}");
    }
    let verify = joined.env.run_in(&joined.other(), &["data", "verify", "raccoon", "--json"]);
    assert!(verify.code == 3 && !verify.stdout.contains("[datasets.NAME]"), "{verify}");
    assert!(verify.stdout.contains("dgov data show"), "{verify}");
    joined.data(&["license", "buy", "raccoon", "--from", "dev3"]);
    let claim = joined.env.run_in(&joined.other(), &["royalties", "claim", "--from", "dev1", "--json"]);
    assert!(claim.code == 6 && claim.stdout.contains("--source"), "{claim}");

    let manifest = joined.other().join("dgov.toml");
    let written = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, format!("{written}# mine\n")).unwrap();
    let other = format!("eip155:31337:{}", DEV[4]);
    let dir = joined.other();
    let args = ["join", &other, "--rpc-url", &joined.server.url, "--dir", dir.to_str().unwrap(), "--source", "/tmp"];
    let refused = joined.env.run(&args);
    assert!(refused.code == 3 && refused.stderr.contains(&joined.project), "{refused}");
    let output = joined.join(&["--source", kept.to_str().unwrap()]);
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((output.code, &document["data"]["name"]), (0, &"raccoon-commons".into()), "{output}");
    assert_eq!(document["data"]["datasets"], serde_json::json!(["raccoon"]));
    let grown = std::fs::read_to_string(&manifest).unwrap();
    assert!(grown.contains("# mine") && grown.contains(&format!("sources = [\"{}\"]", kept.display())), "{grown}");
    assert_eq!(joined.data(&["data", "show", "raccoon"])["dataset"], "raccoon");
    joined.data(&["royalties", "claim", "--from", "dev1"]);
}

#[test]
fn what_is_no_project_is_refused_and_nothing_is_written() {
    let joined = served();
    let run = |project: &str, url: &str| {
        let other = joined.other();
        joined.env.run(&["join", project, "--rpc-url", url, "--dir", other.to_str().unwrap(), "--json"])
    };
    let url = joined.server.url.as_str();
    let lock = joined.env.read("dgov.lock");
    let token = lock.lines().find(|line| line.starts_with("token = \"0x")).unwrap().split('"').nth(1).unwrap();
    for (project, url, code, name) in [
        ("raccoon-commons".to_owned(), url, 2, "usage.project"),
        (format!("eip155:31337:{token}"), url, 7, "suite.foreign"),
        (format!("eip155:31337:{}", DEV[9 % DEV.len()]), url, 4, "project.not_on_chain"),
        (joined.project.replace("31337", "1"), url, 4, "chain.wrong_chain"),
        (joined.project.clone(), "http://127.0.0.1:1", 4, "chain.unreachable"),
    ] {
        let output = run(&project, url);
        assert!(output.code == code && output.stdout.contains(name), "{project}\n{output}");
    }
    let output = joined.join(&["--source", "/nowhere"]);
    assert!(output.code == 3 && output.stdout.contains("storage.source"), "{output}");
    assert!(!joined.other().exists());
}

#[test]
fn a_url_with_a_key_is_not_written_down() {
    let joined = served();
    let (url, other) = (format!("{}/?key=hunter2", joined.server.url), joined.other());
    let args = ["join", &joined.project, "--rpc-url", &url, "--dir", other.to_str().unwrap(), "--json"];
    let output = joined.env.run(&args);
    assert!(output.code == 0 && output.stdout.contains("join.rpc_url"), "{output}");
    let manifest = std::fs::read_to_string(other.join("dgov.toml")).unwrap();
    assert!(manifest.contains("rpc-url = \"${DGOV_RPC_URL}\"") && !manifest.contains("hunter2"), "{manifest}");
    assert_eq!(joined.env.run_with(&other, &["status"], &[("DGOV_RPC_URL", &url)]).code, 0);
}
