//! The gate's report as people read it: whole outputs of a project that passes and of one that does not, in each form, so
//! that a review sees when their words change.

use snapbox::{assert_data_eq, str};

use crate::check::{QUESTION, card, deployed, undeployed};
use crate::common::TestEnv;

/// The report in a form, with what differs from run to run taken out.
fn form(env: &TestEnv, form: &str, exit: i32) -> String {
    let output = env.run(&[&QUESTION[..], &["--format", form]].concat());
    assert_eq!((output.code, output.stderr.as_str()), (exit, ""), "{output}");
    let mut text = String::new();
    for line in output.stdout.lines() {
        text.push_str(&undated(line));
        text.push('\n');
    }
    text
}

/// A line with today's date and time as `[DATE]` and `[TIME]`.
fn undated(line: &str) -> String {
    let today = jiff::Timestamp::now().to_string();
    let Some((day, _)) = today.split_once('T') else { return line.to_owned() };
    match line.split_once(day) {
        Some((before, after)) if after.starts_with('T') && after.len() >= 9 => {
            format!("{before}[DATE]T[TIME]{}", &after[9..])
        }
        Some((before, after)) => format!("{before}[DATE]{after}"),
        None => line.to_owned(),
    }
}

/// A project that lacks much: no origin, a reservation, a waiver that has ended, one that holds.
fn failing() -> TestEnv {
    let env = undeployed(false);
    env.write("data/raccoon/robots.txt", "User-Agent: *\nContent-Usage: train-ai=n\n");
    let manifest = env.read("dgov.toml");
    let waiver = |rule: &str, year: u32| {
        format!(
            "[[training.waivers]]\nrule = \"{rule}\"\ndataset = \"raccoon\"\nreason = \"asked | on {year}-01-01\"\nexpires = \"{year}-06-30\"\n"
        )
    };
    env.write("dgov.toml", format!("{manifest}[training]\n{}{}", waiver("consent", 2099), waiver("origin", 2020)));
    env
}

/// The card of [`deployed`] and nothing else to find.
fn passing() -> TestEnv {
    let env = deployed();
    env.write("card.json", serde_json::to_vec_pretty(&card(true)).unwrap());
    env
}

#[test]
fn for_people() {
    assert_data_eq!(form(&passing(), "human", 0), str![[""]]);
    assert_data_eq!(form(&failing(), "human", 1), str![[""]]);
}

#[test]
fn as_markdown() {
    assert_data_eq!(form(&passing(), "markdown", 0), str![[""]]);
    assert_data_eq!(form(&failing(), "markdown", 1), str![[""]]);
}

#[test]
fn as_junit() {
    assert_data_eq!(form(&passing(), "junit", 0), str![[""]]);
    assert_data_eq!(form(&failing(), "junit", 1), str![[""]]);
}

/// The rules of the tool are those of `docs/rules.md`; here is what was found.
fn results(text: &str) -> String {
    let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
    let rules = document["runs"][0]["tool"]["driver"]["rules"].take();
    assert_eq!(rules.as_array().unwrap().len(), 20);
    document["runs"][0]["tool"] = serde_json::Value::Null;
    format!("{document:#}\n")
}

#[test]
fn as_sarif() {
    assert_data_eq!(results(&form(&passing(), "sarif", 0)), str![[""]]);
    assert_data_eq!(results(&form(&failing(), "sarif", 1)), str![[""]]);
}

#[test]
fn what_nobody_could_look_at() {
    let env = passing();
    std::fs::remove_dir_all(env.dir().join(".dgov/chain")).unwrap();
    assert_data_eq!(form(&env, "human", 9), str![[""]]);
}
