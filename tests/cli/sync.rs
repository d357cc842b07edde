//! `dgov sync`: a lock that was lost, damaged or tampered with.

use crate::common::TestEnv;

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
