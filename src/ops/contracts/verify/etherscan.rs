//! Etherscan's API (v2: one server for all chains), which Blockscout speaks, too.

use alloy::hex;
use alloy::primitives::{Address, Bytes};
use dgov_contracts::sources::CompilerInput;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::http::{Answer, Client};
use super::{PATIENCE, State, Verdict, refused};
use crate::env_vars;
use crate::error::{Error, ErrorKind, Result};

/// Etherscan's server for all chains.
pub(super) const SERVER: &str = "https://api.etherscan.io/v2/api";

/// An explorer with Etherscan's API, and one chain.
pub(super) struct Etherscan {
    pub(super) client: Client,
    pub(super) chain_id: u64,
    /// Etherscan wants one; Blockscout none.
    pub(super) key: Option<String>,
}

impl Etherscan {
    /// Publishes the sources of a contract unless they are there.
    pub(super) async fn verify(&self, address: Address, input: &CompilerInput, arguments: &Bytes) -> Result<Verdict> {
        let at = address.to_checksum(None);
        let known = self.ask(self.client.get(self.action("getsourcecode", &[("address", &at)]))).await?;
        if known.body["result"][0]["SourceCode"].as_str().is_some_and(|text| !text.is_empty()) {
            return Ok(Verdict::of(State::Already));
        }
        let arguments = hex::encode(arguments);
        let form = Serializer::new(String::new())
            .append_pair("contractaddress", &at)
            .append_pair("sourceCode", &input.standard_json.to_string())
            .append_pair("codeformat", "solidity-standard-json-input")
            .append_pair("contractname", &input.identifier)
            .append_pair("compilerversion", &format!("v{}", input.compiler))
            // Both spellings are in use.
            .append_pair("constructorArguements", &arguments)
            .append_pair("constructorArguments", &arguments)
            .finish();
        let request = self
            .client
            .post(self.action("verifysourcecode", &[]))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let answer = self.ask(request).await?;
        let (result, text) = said(&answer);
        if text.contains("already verified") {
            return Ok(Verdict::of(State::Already));
        }
        if answer.body["status"] != "1" || result.is_empty() {
            return Err(self.refusal(&answer));
        }
        self.job(&result).await
    }

    async fn job(&self, id: &str) -> Result<Verdict> {
        for _ in 0..PATIENCE {
            let answer = self.ask(self.client.get(self.action("checkverifystatus", &[("guid", id)]))).await?;
            let (result, text) = said(&answer);
            let job = Some(id.to_owned());
            if text.contains("already verified") {
                return Ok(Verdict { job, ..Verdict::of(State::Already) });
            }
            if text.contains("pass - verified") {
                return Ok(Verdict { job, ..Verdict::of(State::Verified) });
            }
            if text.contains("fail") && !text.contains("pending") {
                return Ok(Verdict { job, message: Some(result), ..Verdict::of(State::Mismatch) });
            }
            if !text.contains("pending") && !text.contains("in progress") {
                return Err(self.refusal(&answer));
            }
            tokio::time::sleep(self.client.poll).await;
        }
        Ok(Verdict { job: Some(id.to_owned()), ..Verdict::of(State::Pending) })
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer> {
        let answer = self.client.ask(request, |answer| said(answer).1.contains("rate limit")).await?;
        let (_, text) = said(&answer);
        if text.contains("api key") || text.contains("apikey") {
            let message = format!("{} does not accept the API key", self.client.name());
            return Err(Error::new(ErrorKind::Unauthorized, "verify.api_key", message)
                .hint(format!("put a valid one into the environment variable {}", env_vars::ETHERSCAN_API_KEY)));
        }
        Ok(answer)
    }

    fn action(&self, action: &str, more: &[(&str, &str)]) -> Url {
        let mut url = self.client.at(&[]);
        let mut query = url.query_pairs_mut();
        if let Some(key) = &self.key {
            query.append_pair("chainid", &self.chain_id.to_string()).append_pair("apikey", key);
        }
        query.append_pair("module", "contract").append_pair("action", action).extend_pairs(more);
        drop(query);
        url
    }

    fn refusal(&self, answer: &Answer) -> Error {
        let (result, _) = said(answer);
        let why = if result.is_empty() { format!("it answers {}", answer.status) } else { result };
        refused(&self.client.name(), &why)
    }
}

/// What the answer says, as it is and for comparing. Etherscan says it in `result`, Blockscout now and then in `message`.
fn said(answer: &Answer) -> (String, String) {
    let result = match &answer.body["result"] {
        Value::String(text) => text.clone(),
        _ => answer.text("message").to_owned(),
    };
    let text = result.to_lowercase();
    (result, text)
}
