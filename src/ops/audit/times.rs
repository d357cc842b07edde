//! What events do not say themselves: the time of their block, and who sent the transaction.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use alloy::providers::Provider;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::line::Line;
use crate::error::{Error, Result};
use crate::ops::view::unreachable;
use crate::session::Session;

/// Questions to the node under way at once.
const AT_ONCE: usize = 8;

/// Gives every line its time, and those of which the event does not say who did it the sender of the transaction.
///
/// # Errors
/// Those of reading the chain.
pub(super) async fn fill(session: &Session<'_>, lines: &mut [Line]) -> Result<()> {
    let open: std::collections::BTreeSet<u64> =
        lines.iter().filter(|line| line.seconds == 0).filter_map(|line| line.block).collect();
    let times: BTreeMap<u64, u64> = stream::iter(open)
        .map(|block| async move { Ok::<_, Error>((block, time_of(session, block).await?)) })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let open: std::collections::BTreeSet<B256> =
        lines.iter().filter(|line| line.who.is_none()).filter_map(|line| line.tx_hash).collect();
    let senders: BTreeMap<B256, Option<Address>> = stream::iter(open)
        .map(|hash| async move { Ok::<_, Error>((hash, sender_of(session, hash).await?)) })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for line in lines {
        let seconds = line.block.and_then(|block| times.get(&block)).copied().unwrap_or(line.seconds);
        let sender = line.tx_hash.and_then(|hash| senders.get(&hash).copied().flatten());
        *line = line.clone().at(seconds);
        if line.who.is_none() {
            line.who = sender.map(|account| account.to_checksum(None));
        }
    }
    Ok(())
}

/// The latest block and its time.
///
/// # Errors
/// Those of reading the chain.
pub(super) async fn head(session: &Session<'_>) -> Result<(u64, u64)> {
    let number = session.connection.provider.get_block_number().await.map_err(unreachable)?;
    Ok((number, time_of(session, number).await?))
}

async fn time_of(session: &Session<'_>, number: u64) -> Result<u64> {
    let block = session.connection.provider.get_block_by_number(number.into()).await.map_err(unreachable)?;
    block.map(|block| block.header.timestamp).ok_or_else(|| {
        Error::chain("chain.no_block", format!("the node has events of block {number}, but not the block"))
            .hint("the chain was reorganized meanwhile, or the node is not whole; try again, or use another rpc-url")
    })
}

async fn sender_of(session: &Session<'_>, hash: B256) -> Result<Option<Address>> {
    let transaction = session.connection.provider.get_transaction_by_hash(hash).await.map_err(unreachable)?;
    Ok(transaction.map(|transaction| transaction.inner.signer()))
}
