//! A hermetic environment: empty environment variables, a temporary home, a fixed clock for the embedded chain.

pub mod anvil;
pub mod blocks;
pub mod books;
pub mod gateway;
pub mod package;
pub mod project;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Start of the embedded chain in tests: 2026-01-01T00:00:00Z.
pub const START: &str = "1767225600";

/// A folder to work in, a home, and nothing else.
pub struct TestEnv {
    root: TempDir,
    vars: Vec<(String, String)>,
}

/// What a run of dgov printed.
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl TestEnv {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("home")).unwrap();
        std::fs::create_dir_all(root.path().join("work")).unwrap();
        Self { root, vars: Vec::new() }
    }

    /// Sets a variable for all runs.
    pub fn var(&mut self, name: &str, value: impl Into<String>) {
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.to_owned(), value.into()));
    }

    /// The working folder.
    pub fn dir(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Writes a file below the working folder.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.dir().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir().join(path)).unwrap()
    }

    /// A command that is dgov, in this environment, in the working folder.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_in(&self.dir(), args)
    }

    pub fn command_in(&self, dir: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dgov"));
        command.args(args).current_dir(dir).env_clear().stdin(Stdio::null());
        command.env("HOME", self.home()).env("PATH", "/usr/bin:/bin").env("DGOV_EMBEDDED_TIME", START);
        command.envs(self.vars.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.run_in(&self.dir(), args)
    }

    pub fn run_in(&self, dir: &Path, args: &[&str]) -> Output {
        self.run_with(dir, args, &[])
    }

    /// Runs with further variables.
    pub fn run_with(&self, dir: &Path, args: &[&str], vars: &[(&str, &str)]) -> Output {
        let output = self.command_in(dir, args).envs(vars.iter().copied()).output().unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: self.redact(&String::from_utf8(output.stdout).unwrap()),
            stderr: self.redact(&String::from_utf8(output.stderr).unwrap()),
        }
    }

    /// Transaction count and balance of an account on the embedded chain of a project.
    pub fn account(&self, dir: &Path, address: &str) -> (String, String) {
        let dir = camino::Utf8PathBuf::from_path_buf(dir.join(".dgov/chain")).unwrap();
        let chain = dgov::chain::embedded::EmbeddedChain::open(&dir).unwrap();
        let ask = |method: &str| {
            let params = serde_json::json!([address, "latest"]);
            chain.answer(method, Some(params)).unwrap().as_str().unwrap().to_owned()
        };
        (ask("eth_getTransactionCount"), ask("eth_getBalance"))
    }

    /// Runs, expects success, and returns what was printed.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert_eq!(output.code, 0, "dgov {}\n{output}", args.join(" "));
        output
    }

    /// Runs with `--json`, expects success, and returns `data`.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.ok(&[args, &["--json"]].concat());
        let document: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(document["success"], true, "{output}");
        assert_eq!(output.stderr, "", "--json keeps standard error quiet");
        document["data"].clone()
    }

    /// Runs with `--json`, expects this exit code for a result that is no error, and returns `data`.
    #[track_caller]
    pub fn json_exit(&self, args: &[&str], exit: i32) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert_eq!(output.code, exit, "dgov {}\n{output}", args.join(" "));
        let document: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(document["errors"], serde_json::json!([]), "{output}");
        document["data"].clone()
    }

    /// Runs, expects this exit code and this error code, and returns the whole output.
    #[track_caller]
    pub fn fails(&self, args: &[&str], exit: i32, code: &str) -> Output {
        let output = self.run(&[args, &["--json"]].concat());
        assert_eq!(output.code, exit, "dgov {}\n{output}", args.join(" "));
        let document: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output}"));
        assert_eq!(document["errors"][0]["code"], code, "{output}");
        assert_eq!(document["success"], false);
        assert!(document["errors"][0]["hint"].is_string(), "an error without a hint\n{output}");
        output
    }

    /// Puts one block into the project's local store; nobody checks that it is the block of this CID.
    pub fn store_block(&self, cid: &str, bytes: &[u8]) {
        let folder = camino::Utf8PathBuf::from_path_buf(self.dir().join(".dgov/store")).unwrap();
        let store = dgov::storage::LocalStore::new(folder);
        let cid = cid.parse().unwrap();
        let mut pack = store.begin(&cid, 0).unwrap();
        pack.put(&cid, bytes).unwrap();
        pack.finish().unwrap();
    }

    fn redact(&self, text: &str) -> String {
        text.replace(&self.root.path().display().to_string(), "[ROOT]")
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit: {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
