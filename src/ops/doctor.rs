//! `dgov doctor`: everything that a project leans on, checked in turn. What can't be checked is a finding, not an end.

use alloy::providers::Provider;
use dgov_contracts::deploy::DETERMINISTIC_DEPLOYER;
use serde::Serialize;

use crate::chain::ledger::Ledger;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::lockfile::Lock;
use crate::manifest::Loaded;
use crate::manifest::values::format_units;
use crate::ops::status;
use crate::ops::view::unreachable;
use crate::session::Session;
use crate::storage::LocalStore;
use crate::ui::Report;

/// All checks.
#[derive(Debug, Serialize)]
pub struct DoctorReport {
    /// In the order in which they lean on each other.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Serialize)]
pub struct Check {
    /// `manifest`, `state`, `lock`, `ledger`, `store`, `network`, `deployer`, `account`, `contracts`.
    pub name: &'static str,
    /// How it went.
    pub result: Verdict,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
    #[serde(skip)]
    kind: Option<ErrorKind>,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Works, but something will not.
    Warn,
    /// Does not work.
    Fail,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, result: Verdict::Ok, detail: detail.into(), hint: None, kind: None }
    }

    fn warn(name: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, result: Verdict::Warn, detail: detail.into(), hint: Some(hint.into()), kind: None }
    }

    fn fail(name: &'static str, error: &Error) -> Self {
        let hint = error.hints().join("; ");
        Self {
            name,
            result: Verdict::Fail,
            detail: error.to_string(),
            hint: (!hint.is_empty()).then_some(hint),
            kind: Some(error.kind()),
        }
    }

    /// The check of a result: its error is the finding.
    fn of(name: &'static str, result: Result<Self>) -> Self {
        result.unwrap_or_else(|error| Self::fail(name, &error))
    }
}

impl DoctorReport {
    /// Kind of the first check that failed: the exit code.
    pub fn failed(&self) -> Option<ErrorKind> {
        self.checks.iter().find_map(|check| check.kind)
    }
}

impl Report for DoctorReport {
    fn human(&self) -> String {
        let mut text = String::new();
        for check in &self.checks {
            let word = match check.result {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Fail => "fail",
            };
            let detail = check.detail.replace('\n', "\n                  ");
            text.push_str(&format!("{word:<5} {:<11} {detail}\n", check.name));
            if let Some(hint) = &check.hint {
                text.push_str(&format!("{:<17} hint: {hint}\n", ""));
            }
        }
        text
    }
}

/// Runs the checks. Those that need what an earlier one did not find are left out.
pub async fn doctor(context: &Context) -> DoctorReport {
    let mut checks = Vec::new();
    let loaded = match context.manifest() {
        Ok(loaded) => loaded,
        Err(error) => {
            checks.push(Check::fail("manifest", &error));
            return DoctorReport { checks };
        }
    };
    let state = loaded.state_dir();
    checks.push(Check::ok("manifest", format!("{}, network `{}`", loaded.path, loaded.network)));
    checks.push(Check::of("state", writable(&state)));
    checks.push(Check::of("lock", lock(&loaded)));
    checks.push(Check::of("ledger", ledger(&loaded)));
    checks.push(Check::of("store", store(&loaded)));
    match Session::open_with(context, loaded).await {
        Ok(session) => {
            checks.push(Check::of("network", network(&session).await));
            checks.push(Check::of("deployer", deployer(&session).await));
            checks.push(Check::of("account", account(&session).await));
            checks.push(Check::of("contracts", contracts(&session).await));
        }
        Err(error) => checks.push(Check::fail("network", &error)),
    }
    DoctorReport { checks }
}

fn writable(state: &camino::Utf8Path) -> Result<Check> {
    fs_err::create_dir_all(state)?;
    tempfile::NamedTempFile::new_in(state).map_err(|error| {
        Error::local_io("io.permission", format!("nothing can be written to {state}"))
            .caused_by(&error)
            .hint("make the folder writable, or work in another copy of the project")
    })?;
    Ok(Check::ok("state", format!("{state} is writable")))
}

fn lock(loaded: &Loaded) -> Result<Check> {
    let lock = Lock::load(&loaded.dir)?;
    let names: Vec<_> = lock.networks.keys().map(String::as_str).collect();
    let detail =
        if names.is_empty() { "nothing deployed yet".to_owned() } else { format!("networks {}", names.join(", ")) };
    Ok(Check::ok("lock", detail))
}

fn ledger(loaded: &Loaded) -> Result<Check> {
    let path = loaded.state_dir().join("ledger.db");
    if !path.try_exists()? {
        return Ok(Check::ok("ledger", "none yet; the first transaction makes it"));
    }
    Ledger::open(&path)?;
    Ok(Check::ok("ledger", format!("{path} can be read")))
}

fn store(loaded: &Loaded) -> Result<Check> {
    let (packs, bytes) = LocalStore::new(loaded.state_dir().join("store")).survey()?;
    Ok(Check::ok("store", format!("{packs} packs, {bytes} bytes")))
}

async fn network(session: &Session<'_>) -> Result<Check> {
    let block = session.connection.provider.get_block_number().await.map_err(unreachable)?;
    let kind = if session.embedded.is_some() { "embedded chain" } else { "node" };
    Ok(Check::ok("network", format!("{kind} {}, block {block}", session.connection.chain_id)))
}

async fn deployer(session: &Session<'_>) -> Result<Check> {
    if session.has_code(DETERMINISTIC_DEPLOYER).await? {
        return Ok(Check::ok("deployer", format!("deterministic deployer at {DETERMINISTIC_DEPLOYER}")));
    }
    Ok(Check::warn(
        "deployer",
        format!("no deterministic deployer at {DETERMINISTIC_DEPLOYER}: `dgov deploy` can't work here"),
        "one well-known transaction deploys it: see github.com/Arachnid/deterministic-deployment-proxy",
    ))
}

async fn account(session: &Session<'_>) -> Result<Check> {
    let address = match session.account() {
        Ok(address) => address,
        // Reading needs no account.
        Err(error) if error.code() == "signer.missing" => {
            return Ok(Check::warn("account", "none chosen: nothing can be sent", error.hints().join("; ")));
        }
        Err(error) => return Err(error),
    };
    let balance = session.connection.provider.get_balance(address).await.map_err(unreachable)?;
    let detail = format!("{address} with {} {}", format_units(balance, 18), session.connection.network.symbol);
    if balance.is_zero() {
        return Ok(Check::warn("account", detail, "it can't pay for a transaction: send it some of the chain's coin"));
    }
    Ok(Check::ok("account", detail))
}

async fn contracts(session: &Session<'_>) -> Result<Check> {
    let Ok(lock) = session.network_lock() else {
        return Ok(Check::ok("contracts", format!("nothing deployed on `{}` yet", session.name())));
    };
    let contracts = status::contracts(session, &lock).await?;
    let roles = |code: &str| -> Vec<String> {
        contracts.iter().filter(|contract| contract.code == code).map(|contract| contract.role.clone()).collect()
    };
    let (missing, different) = (roles("missing"), roles("differs"));
    if !different.is_empty() {
        return Err(Error::integrity(
            "suite.code_differs",
            format!("other code than in dgov.lock: {}", different.join(", ")),
        )
        .hint("the lock is of another chain or release: run `dgov sync`"));
    }
    if !missing.is_empty() {
        return Err(Error::chain("project.not_on_chain", format!("not on chain: {}", missing.join(", ")))
            .hint("the chain was reset, or rpc-url leads to another one; `dgov deploy` makes them again"));
    }
    Ok(Check::ok("contracts", format!("{} as dgov.lock says", contracts.len())))
}
