//! Flags, envelope, plugins, pipes.

use std::io::Read;
use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use crate::common::TestEnv;

#[test]
fn an_unknown_verb_names_the_nearest() {
    let output = TestEnv::new().run(&["plugin"]);
    assert_data_eq!(
        output.to_string(),
        str![[r#"
exit: 2
--- stdout
--- stderr
error: there is no verb `plugin`, and no plugin dgov-plugin
hint: did you mean `dgov plugins`?

"#]]
    );
}

#[test]
fn an_error_in_json_is_the_envelope() {
    let output = TestEnv::new().run(&["plugin", "--json"]);
    // External words take every flag that follows them, so the text form is right here.
    assert_eq!(output.code, 2);
    let output = TestEnv::new().run(&["--json", "plugin"]);
    assert_data_eq!(
        output.to_string(),
        str![[r#"
exit: 2
--- stdout
{
  "schema_version": 1,
  "success": false,
  "data": null,
  "errors": [
    {
      "code": "usage.unknown_verb",
      "message": "there is no verb `plugin`, and no plugin dgov-plugin",
      "hint": "did you mean `dgov plugins`?"
    }
  ],
  "warnings": []
}
--- stderr

"#]]
    );
}

#[test]
fn wrong_flags_are_usage_errors_in_both_forms() {
    let env = TestEnv::new();
    assert_eq!(env.run(&["metadata", "--nonsense"]).code, 2);
    env.fails(&["metadata", "--nonsense"], 2, "usage");
}

#[test]
#[cfg(unix)]
fn a_plugin_runs_with_the_documented_environment_and_its_exit_code() {
    use std::os::unix::fs::PermissionsExt;
    let mut env = TestEnv::new();
    env.write(
        "bin/dgov-hello",
        "#!/bin/sh\necho \"$DGOV_OUTPUT $DGOV_FORMAT_VERSION $1 ${DGOV_PRIVATE_KEY:-none}\"; exit 7\n",
    );
    let plugin = env.dir().join("bin/dgov-hello");
    std::fs::set_permissions(&plugin, std::fs::Permissions::from_mode(0o755)).unwrap();
    env.var("PATH", format!("{}:/usr/bin:/bin", env.dir().join("bin").display()));
    env.var("DGOV_PRIVATE_KEY", "0x01");
    let output = env.run(&["--json", "hello", "world"]);
    assert_eq!((output.code, output.stdout.as_str()), (7, "json 1 world none\n"));
    assert_eq!(env.json(&["plugins"])["plugins"][0]["word"], "hello");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let env = TestEnv::new();
    let mut child = env.command(&["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn manual_pages_cover_every_verb() {
    let env = TestEnv::new();
    env.ok(&["man", "--out", "pages"]);
    for verb in env.json(&["metadata"])["verbs"].as_array().unwrap() {
        let page = env.read(&format!("pages/dgov-{}.1", verb.as_str().unwrap()));
        assert!(page.contains(".SH NAME"), "{verb}");
    }
}

#[test]
fn no_color_and_no_terminal_mean_no_escapes() {
    let output = TestEnv::new().run(&["--help"]);
    assert!(!output.stdout.contains('\u{1b}'));
}
