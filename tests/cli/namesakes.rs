//! Datasets of one slug by several publishers: a stranger who is faster, or comes later, gets neither name nor money.

use serde_json::{Value, json};

use crate::chain::Server;
use crate::common::TestEnv;
use crate::common::project::DEV;

/// A deployed project in whose registry dev5 was the first to register `raccoon`, under the project's own terms; the
/// lock is the one of a checkout that knows nothing of it. Also gives the id of that dataset.
fn squatted() -> (TestEnv, Value) {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let lock = env.read("dgov.lock");
    let theirs = env.json(&["data", "push", "raccoon", "--from", "dev5"])["dataset_id"].clone();
    env.write("dgov.lock", lock);
    (env, theirs)
}

/// Removes the datasets from the lock, as a checkout has it that was not synced since the deployment.
fn forget_datasets(env: &TestEnv) {
    let mut lock: toml::Table = env.read("dgov.lock").parse().unwrap();
    lock["networks"]["local"].as_table_mut().unwrap().remove("datasets");
    env.write("dgov.lock", lock.to_string());
}

fn locked(env: &TestEnv, name: &str) -> Value {
    let lock: toml::Table = env.read("dgov.lock").parse().unwrap();
    let dataset = lock["networks"]["local"]["datasets"].get(name);
    dataset.map_or(Value::Null, |dataset| json!(dataset["dataset-id"].as_str()))
}

#[test]
fn a_name_stays_with_the_dataset_that_has_it() {
    let (env, theirs) = squatted();
    env.ok(&["sync"]);
    assert_eq!(locked(&env, "raccoon"), Value::Null, "the manifest claims the name, and nobody here has published it");
    assert_eq!(locked(&env, &theirs.as_str().unwrap()[..10]), theirs);

    let ours = env.json(&["data", "push", "raccoon"])["dataset_id"].clone();
    assert_ne!(ours, theirs);
    assert_eq!(locked(&env, "raccoon"), ours);
    // Whoever runs it: what the lock has named stays named.
    env.ok(&["sync", "--from", "dev5"]);
    assert_eq!(
        (locked(&env, "raccoon"), locked(&env, &theirs.as_str().unwrap()[..10])),
        (ours.clone(), theirs.clone())
    );
    assert_eq!(env.json(&["license", "buy", "raccoon", "--from", "dev5"])["dataset_id"], ours);
    env.fails(&["data", "push", "raccoon", "--from", "dev5"], 8, "dataset.not_owner");
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    env.ok(&["sync"]);
    assert_eq!(locked(&env, "raccoon"), ours);
    let names: Vec<_> = env.json(&["data", "list"])["datasets"].as_array().unwrap().clone();
    assert_eq!(names.iter().filter(|row| row["dataset"] == "raccoon").count(), 1, "one of them has the name");
}

#[test]
fn money_goes_to_the_deployers_dataset_where_the_lock_names_none() {
    let (env, theirs) = squatted();
    let ours = env.json(&["data", "push", "raccoon"])["dataset_id"].clone();
    forget_datasets(&env);
    let bought = env.json(&["license", "buy", "raccoon", "--from", "dev3"]);
    assert_eq!(bought["dataset_id"], ours);
    let paid = env.json(&["royalties", "deposit", "raccoon", "1 gwei", "--reference", "a", "--from", "dev3"]);
    assert_eq!(paid["dataset_id"], ours);
    assert_eq!(env.json(&["data", "show", "raccoon"])["dataset_id"], ours);
    // Its publisher means its own.
    assert_eq!(env.json(&["data", "show", "raccoon", "--from", "dev5"])["dataset_id"], theirs);
    assert_eq!(env.json(&["data", "show", theirs.as_str().unwrap()])["publisher"].as_str().unwrap().len(), 42);
}

#[test]
fn whoever_joins_gets_the_deployers_dataset_under_its_name() {
    let (env, theirs) = squatted();
    let ours = env.json(&["data", "push", "raccoon"])["dataset_id"].clone();
    let server = Server::start(&env);
    let other = env.root().join("other");
    let project = env.json(&["deploy"])["project"].as_str().unwrap().to_owned();
    let url = server.url.as_str();
    let args = ["join", &project, "--rpc-url", url, "--source", url, "--dir", other.to_str().unwrap()];
    env.ok(&args);
    let lock: toml::Table = std::fs::read_to_string(other.join("dgov.lock")).unwrap().parse().unwrap();
    let datasets = lock["networks"]["joined"]["datasets"].as_table().unwrap();
    assert_eq!(json!(datasets["raccoon"]["dataset-id"].as_str()), ours);
    assert_eq!(json!(datasets[&theirs.as_str().unwrap()[..10]]["dataset-id"].as_str()), theirs);
}

#[test]
fn of_several_strangers_none_is_chosen() {
    let (env, theirs) = squatted();
    let lock = env.read("dgov.lock");
    // The only one of that slug: nobody else can be meant.
    assert_eq!(env.json(&["license", "buy", "raccoon", "--from", "dev3", "--dry-run"])["dataset_id"], theirs);
    env.ok(&["data", "push", "raccoon", "--from", "dev6"]);
    env.write("dgov.lock", lock);
    for command in [
        &["license", "buy", "raccoon", "--from", "dev3"][..],
        &["royalties", "deposit", "raccoon", "1 ETH", "--from", "dev3"],
        &["data", "show", "raccoon"],
    ] {
        let output = env.fails(command, 3, "dataset.ambiguous");
        assert!(output.stdout.contains(theirs.as_str().unwrap()), "{output}");
    }
    let chosen = env.json(&["license", "buy", theirs.as_str().unwrap(), "--from", "dev3"]);
    assert_eq!(chosen["dataset_id"], theirs);
    assert!(env.may_use(DEV[3], &theirs, 0));
}

#[test]
fn a_lock_that_names_another_dataset_is_refused() {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    let notes =
        "[datasets.notes]\npath = \"data/notes\"\nlicense = \"research\"\ncontributors = \"contributors.csv\"\n";
    env.write("dgov.toml", format!("{manifest}{notes}"));
    env.write("data/notes/a.txt", "a note");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "notes"]);
    env.ok(&["data", "push", "raccoon"]);
    let lock = env.read("dgov.lock");
    let swapped = lock.replace("datasets.notes", "datasets.x").replace("datasets.raccoon", "datasets.notes");
    env.write("dgov.lock", swapped.replace("datasets.x", "datasets.raccoon"));
    env.fails(&["license", "buy", "raccoon", "--from", "dev3"], 7, "lock.name_differs");
    env.ok(&["sync"]);
    assert_eq!(env.read("dgov.lock"), lock);
}
