//! `dgov keys`: what is written, what is shown, and what never is.

use std::io::Write;
use std::process::Stdio;

use crate::common::TestEnv;

/// The first development key; public.
const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

fn with_password() -> TestEnv {
    let mut env = TestEnv::new();
    env.write("password", "correct horse\n");
    env.var("DGOV_PASSWORD_FILE", env.dir().join("password").display().to_string());
    env
}

#[test]
fn a_new_key_is_listed_and_never_shown() {
    let env = with_password();
    assert_eq!(env.json(&["keys", "list"])["keys"].as_array().unwrap().len(), 0);
    let made = env.json(&["keys", "new", "steward"]);
    let keys = env.json(&["keys", "list"])["keys"].clone();
    assert_eq!(keys.as_array().unwrap().len(), 1);
    assert_eq!(keys[0], made);
    let members: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(members, ["name", "address", "path"]);
    let path =
        std::path::PathBuf::from(made["path"].as_str().unwrap().replace("[ROOT]", &env.root().display().to_string()));
    assert!(path.starts_with(env.home()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    }
    env.fails(&["keys", "new", "steward"], 3, "signer.exists");
    env.fails(&["keys", "new", "dev3"], 3, "signer.bad_name");
}

#[test]
fn a_key_comes_from_the_environment_or_standard_input() {
    let mut env = with_password();
    let mut child = env
        .command(&["keys", "import", "piped", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("0x{KEY}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(ADDRESS) && !text.contains(&KEY[..16]), "{text}");

    env.var("DGOV_PRIVATE_KEY", KEY);
    assert_eq!(env.json(&["keys", "import", "named"])["address"], ADDRESS);
    env.var("DGOV_PRIVATE_KEY", format!("{KEY}00"));
    let refused = env.fails(&["keys", "import", "third"], 3, "signer.bad_key");
    assert!(!refused.to_string().contains(&KEY[..16]), "a key that is refused is not repeated");
    assert_eq!(env.json(&["keys", "list"])["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn without_a_password_nothing_is_written() {
    let env = TestEnv::new();
    env.fails(&["keys", "new", "steward"], 8, "signer.no_password");
    env.fails(&["keys", "import", "steward"], 3, "signer.bad_key");
    assert_eq!(env.json(&["keys", "list"])["keys"].as_array().unwrap().len(), 0);
}

#[test]
fn the_key_signs_with_its_password_only() {
    let mut env = with_password();
    env.write("dgov.toml", "[project]\nname = \"p\"\n");
    env.var("DGOV_PRIVATE_KEY", KEY);
    env.json(&["keys", "import", "steward"]);
    env.var("DGOV_PRIVATE_KEY", "");
    env.write("password", "wrong\n");
    env.fails(&["deploy", "--from", "steward"], 8, "signer.wrong_password");
    env.write("password", "correct horse\n");
    env.ok(&["deploy", "--from", "steward"]);
    assert!(env.read("dgov.lock").to_lowercase().contains(&ADDRESS.to_lowercase()));
}

#[test]
fn an_address_without_a_key_is_called_that() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let address = "0x00000000000000000000000000000000000000AA";
    let output = env.fails(&["data", "push", "--from", address], 8, "signer.missing");
    assert!(output.stdout.contains(&format!("there is no key for {address}")), "{output}");
    assert!(output.stdout.contains("--unsigned") && !output.stdout.contains("keystore `"), "{output}");
    env.ok(&["data", "push", "--from", address, "--unsigned", "push.json"]);
    // A development account has a key by its address too.
    env.ok(&["data", "push", "--from", crate::common::project::DEV[0]]);
}
