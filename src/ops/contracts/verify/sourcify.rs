//! Sourcify, API v2: a job for each contract, asked for until it is over.

use alloy::primitives::Address;
use dgov_contracts::sources::CompilerInput;
use serde_json::{Value, json};

use super::http::{Answer, Client};
use super::{PATIENCE, State, Verdict, refused};
use crate::error::{Error, ErrorKind, Result};

/// The server that Sourcify runs.
pub(super) const SERVER: &str = "https://sourcify.dev/server";

/// A Sourcify server and one chain.
pub(super) struct Sourcify {
    pub(super) client: Client,
    pub(super) chain_id: u64,
}

impl Sourcify {
    /// Publishes the sources of a contract unless they are there.
    pub(super) async fn verify(&self, address: Address, input: &CompilerInput) -> Result<Verdict> {
        if let Some(known) = self.known(address).await? {
            return Ok(known.already());
        }
        let chain = self.chain_id.to_string();
        let place = self.client.at(&["v2", "verify", &chain, &address.to_checksum(None)]);
        let body = json!({
            "stdJsonInput": input.standard_json,
            "compilerVersion": input.compiler,
            "contractIdentifier": input.identifier,
        });
        let request = self.client.post(place).json(&body);
        let answer = match self.client.ask(request, |_| false).await {
            // 429 is the answer to a second request about the same contract, too: the first may have come to its end.
            Err(error) if error.code() == "verify.rate_limit" => return self.wait_for(address, error).await,
            answer => answer?,
        };
        match (answer.status.as_u16(), answer.text("customCode")) {
            (200 | 202, _) if answer.body["verificationId"].is_string() => {
                self.job(answer.text("verificationId")).await
            }
            (_, "already_verified") => Ok(Verdict::of(State::Already)),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// What the server has of a contract.
    async fn known(&self, address: Address) -> Result<Option<Verdict>> {
        let chain = self.chain_id.to_string();
        let place = self.client.at(&["v2", "contract", &chain, &address.to_checksum(None)]);
        let answer = self.client.ask(self.client.get(place), |_| false).await?;
        match (answer.status.as_u16(), &answer.body["match"]) {
            (200, Value::String(kind)) => Ok(Some(Verdict::matched(kind))),
            // The answer for what it does not know has the key, too: another 404 is no Sourcify.
            (200 | 404, Value::Null) if answer.body.get("match").is_some() => Ok(None),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// Somebody else's job about the same contract may be the reason that a new one was refused.
    async fn wait_for(&self, address: Address, busy: Error) -> Result<Verdict> {
        match self.known(address).await? {
            Some(known) => Ok(known.already()),
            None => Err(busy),
        }
    }

    async fn job(&self, id: &str) -> Result<Verdict> {
        for _ in 0..PATIENCE {
            let place = self.client.at(&["v2", "verify", id]);
            let answer = self.client.ask(self.client.get(place), |_| false).await?;
            if answer.body["isJobCompleted"] == true {
                return self.outcome(id, &answer);
            }
            if answer.body["isJobCompleted"] != false {
                return Err(self.refusal(&answer));
            }
            tokio::time::sleep(self.client.poll).await;
        }
        Ok(Verdict { job: Some(id.to_owned()), ..Verdict::of(State::Pending) })
    }

    fn outcome(&self, id: &str, answer: &Answer) -> Result<Verdict> {
        let job = Some(id.to_owned());
        let error = &answer.body["error"];
        let message = error["message"].as_str().unwrap_or("no reason given").to_owned();
        match (error["customCode"].as_str(), answer.body["contract"]["match"].as_str()) {
            (None, Some(kind)) => Ok(Verdict { job, ..Verdict::matched(kind) }),
            (Some("already_verified"), _) => Ok(Verdict { job, ..Verdict::of(State::Already) }),
            // The service's own trouble says nothing about the sources.
            (Some(code @ ("internal_error" | "cannot_fetch_bytecode" | "contract_not_deployed")), _) => {
                Err(refused(&self.client.name(), &format!("{code}: {message}")))
            }
            (Some(code), _) => {
                Ok(Verdict { job, message: Some(format!("{code}: {message}")), ..Verdict::of(State::Mismatch) })
            }
            (None, None) => Ok(Verdict { job, ..Verdict::of(State::Mismatch) }),
        }
    }

    fn refusal(&self, answer: &Answer) -> Error {
        let name = self.client.name();
        match answer.text("customCode") {
            "unsupported_chain" => {
                let message = format!("{name} does not know chain {}", self.chain_id);
                Error::new(ErrorKind::Input, "verify.unsupported_chain", message)
                    .hint("use another service: --service blockscout --url URL")
            }
            "" => refused(&name, &format!("it answers {}", answer.status)),
            code => refused(&name, &format!("{code}: {}", answer.text("message"))),
        }
    }
}
