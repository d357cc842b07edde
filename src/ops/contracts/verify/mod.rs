//! `dgov contracts verify`: publishes the sources of a project's contracts where everybody can read them.

mod etherscan;
mod http;
mod sourcify;
pub mod targets;

use alloy::primitives::{Address, Bytes};
use dgov_contracts::sources::{self, CompilerInput};
use serde::Serialize;
use serde_json::Value;
use url::Url;

use self::etherscan::Etherscan;
use self::http::Client;
use self::sourcify::Sourcify;
use self::targets::{Kind, Target};
use crate::env_vars;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::suites;
use crate::session::{Session, environment};
use crate::ui::{Report, table};

/// How often unfinished work is asked for; with the pause of public services, two minutes.
const PATIENCE: usize = 40;

/// Where sources are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Sourcify, which explorers read.
    Sourcify,
    /// Etherscan and its explorers of other chains; needs ETHERSCAN_API_KEY.
    Etherscan,
    /// A Blockscout explorer, by --url or the manifest's explorer-url.
    Blockscout,
}

/// What to publish, and where.
pub struct Options<'a> {
    /// The service.
    pub service: Service,
    /// Its address instead of the usual one.
    pub url: Option<&'a str>,
    /// Roles or contracts; all without a name.
    pub contracts: &'a [String],
    /// Only say what would be sent.
    pub dry_run: bool,
}

/// How a service judged a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Published in this run.
    Verified,
    /// Was published before.
    Already,
    /// The service is still at work.
    Pending,
    /// The service says that the sources do not give this code.
    Mismatch,
    /// Not sent: no sources compile to this code.
    Explained,
    /// Not sent, because that was asked for.
    Planned,
}

/// A service's answer about one contract.
struct Verdict {
    state: State,
    kind: Option<String>,
    job: Option<String>,
    message: Option<String>,
}

impl Verdict {
    fn of(state: State) -> Self {
        Self { state, kind: None, job: None, message: None }
    }

    fn matched(kind: &str) -> Self {
        Self { kind: Some(kind.to_owned()), ..Self::of(State::Verified) }
    }

    fn already(self) -> Self {
        Self { state: State::Already, ..self }
    }
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    /// Network name.
    pub network: String,
    /// EIP-155 id.
    pub chain_id: u64,
    /// The service.
    pub service: Service,
    /// Its address.
    pub url: String,
    /// The contracts of the project, then those that all projects of the chain share.
    pub contracts: Vec<Row>,
    /// Whether nothing was sent because that was asked for.
    pub dry_run: bool,
}

/// One contract.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Role in the project, else the contract's name.
    pub name: String,
    /// Name in Solidity.
    pub contract: &'static str,
    /// Where it is.
    pub address: Address,
    /// How its code came to be.
    pub kind: Kind,
    /// What a proxy calls.
    pub implementation: Option<Address>,
    /// How the service judged it.
    pub state: State,
    /// The service's word for the match: Sourcify says `match` where code holds no digest of its metadata, as here.
    #[serde(rename = "match")]
    pub matched: Option<String>,
    /// The service's name for its work.
    pub verification_id: Option<String>,
    /// What the service, or dgov, says about it.
    pub message: Option<String>,
    /// What would be sent; only in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// Everything that a service needs to verify one contract.
#[derive(Debug, Serialize)]
pub struct Request {
    /// The compiler's version with its commit.
    pub compiler_version: String,
    /// `path:name`.
    pub contract_identifier: String,
    /// ABI-encoded.
    pub constructor_arguments: Bytes,
    /// The compiler's input.
    pub standard_json: Value,
}

impl VerifyReport {
    /// Why the result is not a success: what the service would not accept, else what it has not finished.
    pub fn failure(&self) -> Option<Error> {
        let named = |state: State| -> Option<String> {
            let names: Vec<_> =
                self.contracts.iter().filter(|row| row.state == state).map(|row| row.name.as_str()).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        if let Some(names) = named(State::Mismatch) {
            let message = format!("{} does not get the code of {names} from these sources", self.url);
            return Some(Error::integrity("verify.mismatch", message).hint(
                "the code on chain is what this dgov deploys: see the message of each contract, and try another service",
            ));
        }
        let names = named(State::Pending)?;
        let message = format!("{} is still at work on {names}", self.url);
        Some(
            Error::new(ErrorKind::Storage, "verify.pending", message)
                .hint("run the same command again: what is published is not sent again"),
        )
    }
}

impl Report for VerifyReport {
    fn human(&self) -> String {
        let count = |state: State| self.contracts.iter().filter(|row| row.state == state).count();
        let mut text = if self.dry_run {
            format!("would publish the sources of {} contracts at {}\n", count(State::Planned), self.url)
        } else {
            let (new, old) = (count(State::Verified), count(State::Already));
            format!("{new} published at {} now, {old} before (chain {})\n", self.url, self.chain_id)
        };
        let rows: Vec<_> = self
            .contracts
            .iter()
            .map(|row| {
                let state = match row.state {
                    State::Verified => "verified",
                    State::Already => "verified before",
                    State::Pending => "pending",
                    State::Mismatch => "refused",
                    State::Explained => "-",
                    State::Planned => "would be sent",
                };
                vec![
                    row.name.clone(),
                    row.contract.to_owned(),
                    row.address.to_checksum(None),
                    state.to_owned(),
                    row.message.clone().unwrap_or_default(),
                ]
            })
            .collect();
        text.push_str(&table::render(&["contract", "source", "address", "state", ""], &rows));
        text
    }
}

/// Publishes what is not published yet. A service that can't be asked ends it; one that refuses a contract does not.
///
/// # Errors
/// Usage: `contracts.unknown`, `verify.url`, `verify.no_url`; input: `verify.local_chain`, `verify.unsupported_chain`;
/// unauthorized: `verify.api_key`; storage: `verify.unreachable`, `verify.rate_limit`, `verify.refused`; those of
/// [`targets::all`].
pub async fn verify(session: &Session<'_>, options: &Options<'_>) -> Result<VerifyReport> {
    suites::require_made(session, &session.network_lock()?, &session.suite()?).await?;
    let targets = targets::chosen(targets::all(session).await?, options.contracts)?;
    let url = address_of(session, options)?;
    let service = if options.dry_run { None } else { Some(Endpoint::new(session, options, url.clone())?) };
    let mut report = VerifyReport {
        network: session.name().to_owned(),
        chain_id: session.connection.chain_id,
        service: options.service,
        url: url.to_string().trim_end_matches('/').to_owned(),
        contracts: Vec::new(),
        dry_run: options.dry_run,
    };
    for target in targets {
        if !target.kind.has_sources() {
            let message = Some(explanation(&target));
            report.contracts.push(row(target, Verdict { message, ..Verdict::of(State::Explained) }, None));
            continue;
        }
        let input = sources::of(target.contract)
            .map_err(|error| Error::bug("the sources of the contracts are damaged").caused_by(&error))?;
        let Some(service) = &service else {
            let request = Request {
                compiler_version: input.compiler,
                contract_identifier: input.identifier,
                constructor_arguments: target.arguments.clone(),
                standard_json: input.standard_json,
            };
            report.contracts.push(row(target, Verdict::of(State::Planned), Some(request)));
            continue;
        };
        let spinner = session.context.ui.spinner(&format!("verifying {}", target.name));
        let verdict = service.verify(&target, &input).await;
        spinner.finish_and_clear();
        report.contracts.push(row(target, verdict?, None));
    }
    Ok(report)
}

/// A service that can be asked.
enum Endpoint {
    Sourcify(Sourcify),
    Etherscan(Etherscan),
}

impl Endpoint {
    fn new(session: &Session<'_>, options: &Options<'_>, url: Url) -> Result<Self> {
        let chain_id = session.connection.chain_id;
        if options.url.is_none() && session.connection.network.is_local() {
            let message = format!("network `{}` is on this machine: no public service can read it", session.name());
            return Err(Error::input("verify.local_chain", message)
                .hint("choose a public --network, name a service of your own with --url, or look with --dry-run"));
        }
        let client = Client::new(url)?;
        Ok(match options.service {
            Service::Sourcify => Self::Sourcify(Sourcify { client, chain_id }),
            Service::Blockscout => Self::Etherscan(Etherscan { client, chain_id, key: None }),
            Service::Etherscan => {
                let name = env_vars::ETHERSCAN_API_KEY;
                let key = environment(name).filter(|key| !key.is_empty()).ok_or_else(|| {
                    Error::unauthorized("verify.api_key", "Etherscan wants an API key")
                        .hint(format!("put one into the environment variable {name}, or use --service sourcify"))
                })?;
                Self::Etherscan(Etherscan { client, chain_id, key: Some(key) })
            }
        })
    }

    async fn verify(&self, target: &Target, input: &CompilerInput) -> Result<Verdict> {
        match self {
            Self::Sourcify(sourcify) => sourcify.verify(target.address, input).await,
            Self::Etherscan(etherscan) => etherscan.verify(target.address, input, &target.arguments).await,
        }
    }
}

/// The address that was given, else the service's own.
fn address_of(session: &Session<'_>, options: &Options<'_>) -> Result<Url> {
    let own = session.loaded.network().explorer_url.as_ref().map(ToString::to_string);
    let text = match (options.url, options.service) {
        (Some(url), _) => url.to_owned(),
        (None, Service::Sourcify) => sourcify::SERVER.to_owned(),
        (None, Service::Etherscan) => etherscan::SERVER.to_owned(),
        (None, Service::Blockscout) => own.ok_or_else(|| {
            Error::usage("verify.no_url", format!("no Blockscout is known for network `{}`", session.name()))
                .hint("give its address: --url https://base.blockscout.com")
        })?,
    };
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let mut url = url.ok_or_else(|| {
        Error::usage("verify.url", format!("{text} is not the address of a service"))
            .hint("write e.g. --url https://sourcify.dev/server")
    })?;
    if options.service == Service::Blockscout && !url.path().trim_end_matches('/').ends_with("/api") {
        let path = format!("{}/api", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Ok(url)
}

fn explanation(target: &Target) -> String {
    match target.implementation {
        Some(implementation) => {
            format!("a minimal proxy (EIP-1167); its code is that of {} at {implementation}", target.contract.name())
        }
        None => {
            format!("holds the creation code of {} for the factory; no source compiles to it", target.contract.name())
        }
    }
}

fn row(target: Target, verdict: Verdict, request: Option<Request>) -> Row {
    Row {
        name: target.name,
        contract: target.contract.name(),
        address: target.address,
        kind: target.kind,
        implementation: target.implementation,
        state: verdict.state,
        matched: verdict.kind,
        verification_id: verdict.job,
        message: verdict.message,
        request,
    }
}

/// The service answers, but not to this.
fn refused(service: &str, why: &str) -> Error {
    Error::new(ErrorKind::Storage, "verify.refused", format!("{service} refuses: {why}")).hint(
        "an explorer may need a minute to see a new contract: run the same command again, or use another --service",
    )
}
