//! `dgov chain advance`.

use alloy::providers::Provider;
use serde::Serialize;

use super::place;
use crate::chain::embedded::EmbeddedChain;
use crate::chain::provider::Connection;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::values::Duration;
use crate::ops::times::rfc3339;
use crate::ui::Report;

/// Where the clock is now.
#[derive(Debug, Serialize)]
pub struct AdvanceReport {
    /// Network name.
    pub network: String,
    /// Seconds that the clock was moved by.
    pub seconds: u64,
    /// The block that carries the new time.
    pub block: u64,
    /// Its time, RFC 3339.
    pub time: String,
}

impl Report for AdvanceReport {
    fn human(&self) -> String {
        format!("chain of network {} is at {} (block {})\n", self.network, self.time, self.block)
    }
}

/// Moves the clock of the embedded chain forward and mines a block with the new time.
///
/// # Errors
/// `chain.not_embedded`, `chain.time_zero`, `chain.time_overflow` (all usage), those of the chain's state.
pub async fn advance(context: &Context, by: Duration) -> Result<AdvanceReport> {
    if by.as_secs() == 0 {
        return Err(Error::usage("chain.time_zero", "the clock can't be moved by nothing")
            .hint("say how far, e.g. `dgov chain advance 1h`"));
    }
    let place = place(context)?;
    let chain = EmbeddedChain::open(&place.directory)?;
    chain.advance(std::time::Duration::from_secs(by.as_secs()))?;
    let network = place.network.name.clone();
    let connection = Connection::embedded(place.network, &chain).await?;
    let block = connection.provider.get_block_by_number(Default::default()).await;
    let header = block
        .map_err(|error| connection.error(error))?
        .ok_or_else(|| Error::bug("the embedded chain has no block"))?
        .header;
    Ok(AdvanceReport { network, seconds: by.as_secs(), block: header.number, time: rfc3339(header.timestamp) })
}
