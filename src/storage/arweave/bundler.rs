//! A bundling service with the interface of Turbo: data items signed by an Ethereum key go to `POST /v1/tx/{token}`, prices
//! come from `GET /v1/price/bytes/{n}` (docs.ardrive.io "Turbo"). The service pays Arweave, and is paid in credits.

use std::time::Duration;

use alloy::primitives::U256;
use reqwest::header;
use serde::Deserialize;
use url::Url;

use super::super::http;
use super::gateway::no_funds;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::ArweaveNetwork;

/// The slowest upload that is waited for, bytes a second.
const SLOWEST: u64 = 64 << 10;

/// A bundling service.
pub struct Bundler {
    uploads: Url,
    payments: Url,
    token: String,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Quote {
    winc: String,
}

#[derive(Deserialize)]
struct Receipt {
    id: String,
}

impl Bundler {
    /// The service of the manifest.
    ///
    /// # Errors
    /// `storage.url`.
    pub fn new(network: &ArweaveNetwork, address: &str) -> Result<Self> {
        let uploads = http::address("storage.arweave.bundler", address, false)?;
        let payments = match &network.payment {
            Some(address) => http::address("storage.arweave.payment", address, false)?,
            None => uploads.clone(),
        };
        Ok(Self { client: http::upload_client(&uploads)?, uploads, payments, token: network.token.clone() })
    }

    /// For messages.
    pub fn place(&self) -> String {
        self.uploads.origin().ascii_serialization()
    }

    /// Price of so many bytes in credits, 10^-12 of one.
    pub async fn price(&self, bytes: u64) -> Result<U256> {
        let url = http::join(&self.payments, &["v1", "price", "bytes", &bytes.to_string()]);
        let answer = self.client.get(url).timeout(http::PATIENCE).send().await;
        let answer = answer.map_err(|error| http::unreachable(&self.payments, &error))?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| http::unreachable(&self.payments, &error))?;
        if !status.is_success() {
            return Err(http::refused(&format!("{} price", self.payments), status, &body));
        }
        let quote = serde_json::from_str::<Quote>(&body).ok().and_then(|quote| quote.winc.parse().ok());
        quote.ok_or_else(|| {
            Error::new(ErrorKind::Storage, "storage.malformed", format!("{} names no price", self.payments))
                .hint("is this the address of a payment service? storage.arweave.payment names another one")
        })
    }

    /// Posts a data item: `header` and `data` end to end. The service knows one that it has by its id.
    pub async fn post(&self, id: &str, header: Vec<u8>, data: Vec<u8>) -> Result<()> {
        let len = (header.len() + data.len()) as u64;
        let parts = futures_util::stream::iter([header, data].map(Ok::<_, std::io::Error>));
        let request = self
            .client
            .post(http::join(&self.uploads, &["v1", "tx", &self.token]))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_LENGTH, len)
            .timeout(http::PATIENCE + Duration::from_secs(len / SLOWEST))
            .body(reqwest::Body::wrap_stream(parts));
        let answer = request.send().await.map_err(|error| http::unreachable(&self.uploads, &error))?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| http::unreachable(&self.uploads, &error))?;
        match status.as_u16() {
            // It has had it before, and says so in words.
            202 => Ok(()),
            402 => Err(no_funds(format!("{} has too few credits of this account", self.place()))),
            200..=299 => match serde_json::from_str::<Receipt>(&body) {
                Ok(receipt) if receipt.id == id => Ok(()),
                _ => Err(Error::integrity("storage.other_id", format!("{} gives another id than {id}", self.place()))
                    .hint("the service is broken; what it answered is not the item that was signed")),
            },
            _ => Err(http::refused(&format!("{} tx", self.place()), status, &body)),
        }
    }
}
