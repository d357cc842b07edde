//! `dgov sync`: a lock that was lost, damaged or tampered with.

use crate::common::TestEnv;
use crate::common::project::{DEV, copy_dir};

fn pushed() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env
}

#[test]
fn a_lost_lock_comes_back_to_the_byte() {
    let env = pushed();
    let lock = env.read("dgov.lock");
    assert_eq!(env.json(&["sync"])["changed"], false);
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    env.fails(&["data", "list"], 3, "project.not_deployed");
    let report = env.json(&["sync"]);
    assert_eq!((report["changed"].clone(), report["datasets"][0]["dataset"].clone()), (true.into(), "raccoon".into()));
    assert_eq!(
        (report["datasets"][0]["versions"].clone(), report["datasets"][0]["stored"].clone()),
        (1.into(), 1.into())
    );
    assert_eq!(env.read("dgov.lock"), lock);

    std::fs::remove_dir_all(env.dir().join(".dgov/store")).unwrap();
    assert_eq!(env.json(&["sync"])["datasets"][0]["stored"], 0, "what the store lost is not claimed");
}

#[test]
fn the_name_of_a_dataset_that_left_the_manifest_is_in_its_documents() {
    let env = pushed();
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.split("[datasets.raccoon]").next().unwrap());
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    assert_eq!(env.json(&["sync"])["datasets"][0]["dataset"], "raccoon");

    // Without documents only the id is known.
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    std::fs::remove_dir_all(env.dir().join(".dgov/store")).unwrap();
    let report = env.json(&["sync"]);
    let (name, id) =
        (report["datasets"][0]["dataset"].as_str().unwrap(), report["datasets"][0]["dataset_id"].as_str().unwrap());
    assert_eq!(name, &id[..10]);
}

#[test]
fn contracts_that_no_factory_made_are_refused() {
    let env = pushed();
    let lock = env.read("dgov.lock");
    let line = |role: &str| lock.lines().find(|line| line.starts_with(&format!("{role} = \"0x"))).unwrap().to_owned();
    let address = |role: &str| line(role).split('"').nth(1).unwrap().to_owned();
    // Another contract in the vault's place would get the money.
    env.write("dgov.lock", lock.replacen(&line("vault"), &format!("vault = \"{}\"", address("pass")), 1));
    env.fails(&["sync"], 7, "suite.foreign");
    env.write("dgov.lock", lock.replacen(&line("registry"), &format!("registry = \"{}\"", address("token")), 1));
    env.fails(&["sync"], 7, "suite.foreign");
    env.write("dgov.lock", &lock);
    env.ok(&["sync"]);
}

#[test]
fn no_money_goes_to_what_a_lock_says_but_no_factory_made() {
    let env = pushed();
    let lock = env.read("dgov.lock");
    let line = |role: &str| lock.lines().find(|line| line.starts_with(&format!("{role} = \"0x"))).unwrap().to_owned();
    let deposit = ["royalties", "deposit", "raccoon", "1 gwei", "--reference", "a", "--from", "dev3"];
    let before = env.account(&env.dir(), DEV[3]);
    // An account in a contract's place takes whatever it is sent.
    env.write("dgov.lock", lock.replacen(&line("pass"), &format!("pass = \"{}\"", DEV[4]), 1));
    for more in [&[][..], &["--dry-run"]] {
        env.fails(&[&deposit[..], more].concat(), 7, "suite.foreign");
    }
    env.write("dgov.lock", lock.replacen(&line("manager"), &format!("manager = \"{}\"", DEV[4]), 1));
    env.fails(&["license", "buy", "raccoon", "--from", "dev3"], 7, "suite.foreign");
    let key = line("version-key");
    env.write("dgov.lock", lock.replacen(&key, &format!("version-key = \"0x{}\"", "11".repeat(32)), 1));
    env.fails(&deposit, 7, "data.lock_differs");
    assert_eq!(env.account(&env.dir(), DEV[3]), before);
    env.write("dgov.lock", &lock);
    env.ok(&deposit);
}

#[test]
fn work_that_was_killed_is_told_and_its_transactions_are_settled() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let sent = u64::from_str_radix(env.account(&env.dir(), DEV[0]).0.trim_start_matches("0x"), 16).unwrap();
    let mut settled = 0;
    for point in (1..).step_by(2) {
        let dir = env.dir().with_file_name(format!("at-{point}"));
        copy_dir(&env.dir(), &dir);
        if env.run_with(&dir, &["data", "push"], &[("DGOV_FAULT_AT", &point.to_string())]).code == 0 {
            break;
        }
        let run = |args: &[&str]| {
            let output = env.run_in(&dir, &[args, &["--json"]].concat());
            assert_eq!(output.code, 0, "{output}");
            serde_json::from_str::<serde_json::Value>(&output.stdout).unwrap()["data"].clone()
        };
        let synced = run(&["sync"]);
        assert_eq!(run(&["sync"])["transactions_settled"], 0, "once is enough");
        settled += synced["transactions_settled"].as_u64().unwrap();
        let unfinished = run(&["status"])["unfinished"].clone();
        assert_eq!(unfinished.as_array().unwrap().len(), synced["unfinished"].as_array().unwrap().len());
        // Without a sync the rerun settles its own past.
        let alone = env.dir().with_file_name(format!("alone-{point}"));
        copy_dir(&env.dir(), &alone);
        env.run_with(&alone, &["data", "push"], &[("DGOV_FAULT_AT", &point.to_string())]);
        assert_eq!(env.run_in(&alone, &["data", "push"]).code, 0);
        assert!(!env.run_in(&alone, &["status"]).stdout.contains("unfinished"), "at point {point}");
        // A sync between the kill and the rerun must not make the rerun pay again.
        run(&["data", "push"]);
        assert_eq!(run(&["status"])["unfinished"], serde_json::json!([]), "at point {point}");
        assert_eq!(env.account(&dir, DEV[0]).0, format!("{:#x}", sent + 2), "at point {point}: register and offer");
    }
    assert!(settled > 0, "some kill fell between a transaction and its record");
}

#[test]
fn nothing_deployed_and_several_deployed() {
    let env = TestEnv::project();
    env.fails(&["sync"], 3, "project.not_found");
    env.ok(&["deploy"]);
    let first = env.read("dgov.lock");
    let manifest = env.read("dgov.toml");
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    env.write("dgov.toml", manifest.replace("quorum = \"4%\"", "quorum = \"5%\""));
    env.ok(&["deploy"]);

    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    env.write("dgov.toml", &manifest);
    env.ok(&["sync"]);
    assert_eq!(env.read("dgov.lock"), first, "the one that the manifest describes");

    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    env.write("dgov.toml", manifest.replace("quorum = \"4%\"", "quorum = \"6%\""));
    let output = env.fails(&["sync"], 3, "project.ambiguous");
    assert_eq!(output.stdout.matches("eip155:31337:0x").count(), 2, "{output}");
    env.fails(&["sync", "--from", "dev7"], 3, "project.not_found");
}
