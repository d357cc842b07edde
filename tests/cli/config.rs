//! `dgov config`: values with their sources, and the schema.

use serde_json::Value;

use crate::common::TestEnv;

fn row<'a>(report: &'a Value, key: &str) -> &'a Value {
    report["values"].as_array().unwrap().iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn every_value_knows_its_source() {
    let mut env = TestEnv::new();
    env.write("dgov.toml", "[project]\nname = \"p\"\n\n[governance]\nvoting-delay = \"36h\"\n\n[networks.a]\nkind = \"embedded\"\n[networks.b]\nrpc-url = \"http://127.0.0.1:1/${SECRET}\"\n");
    env.var("SECRET", "hunter2");
    let report = env.json(&["config", "show", "--sources"]);
    assert_eq!(row(&report, "project.name")["source"], "dgov.toml:2");
    assert_eq!(
        (&row(&report, "governance.voting-delay")["value"], &row(&report, "governance.voting-delay")["source"]),
        (&"1d12h".into(), &"dgov.toml:5".into())
    );
    assert_eq!(row(&report, "governance.voting-period")["source"], "default");
    assert_eq!(row(&report, "network")["value"], "a");
    assert!(!report.to_string().contains("hunter2"), "what the environment fills in stays there");

    let chosen = env.json(&["config", "show", "--sources", "--network", "b"]);
    assert_eq!(
        (&row(&chosen, "network")["value"], &row(&chosen, "network")["source"]),
        (&"b".into(), &"--network".into())
    );
    assert!(row(&env.json(&["config", "show"]), "network").get("source").is_none());
    assert!(env.ok(&["config", "show"]).stdout.starts_with("key "));
}

#[test]
fn a_manifest_that_is_not_there_is_an_input_error() {
    TestEnv::new().fails(&["config", "show"], 3, "manifest.not_found");
}

#[test]
fn the_schema_is_a_file_and_needs_no_project() {
    let output = TestEnv::new().ok(&["config", "schema"]);
    let schema: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(schema["title"], "dgov.toml");
    assert!(schema["properties"]["project"].is_object());
    assert_eq!(TestEnv::new().ok(&["config", "schema", "--json"]).stdout, output.stdout, "never an envelope");
}
