//! Gas prices. Nobody competes for a block here, so a constant tip is enough.

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::U64;
use alloy::rpc::types::FeeHistory;
use serde_json::Value;

use super::error::RpcError;
use super::params::{Params, number};
use super::to_json;
use crate::chain::embedded::EmbeddedChain;
use crate::chain::embedded::history::Block;

/// Suggested tip in wei per gas.
const PRIORITY_FEE: u64 = 1_000_000_000;

/// Most blocks in one answer of `eth_feeHistory`.
const HISTORY_LIMIT: u64 = 1024;

pub(super) fn priority_fee() -> Result<Value, RpcError> {
    to_json(U64::from(PRIORITY_FEE))
}

impl EmbeddedChain {
    pub(super) fn gas_price(&self) -> Result<Value, RpcError> {
        to_json(U64::from(self.read(|history| history.next_base_fee())?.saturating_add(PRIORITY_FEE)))
    }

    pub(super) fn fee_history(&self, params: &Params) -> Result<Value, RpcError> {
        let count: U64 = params.required(0, "blockCount")?;
        let newest: BlockNumberOrTag = params.required(1, "newestBlock")?;
        let percentiles: Option<Vec<f64>> = params.optional(2, "rewardPercentiles")?;
        let percentiles = percentiles.unwrap_or_default();
        if percentiles.iter().any(|percentile| !(0.0..=100.0).contains(percentile)) || !percentiles.is_sorted() {
            return Err(RpcError::invalid_params("reward percentiles must rise from 0 to 100"));
        }
        let answer = self.read(|history| {
            let head = history.head().number;
            let newest = match newest {
                BlockNumberOrTag::Pending => head,
                tag => number(history, tag),
            };
            if newest > head {
                return Err(RpcError::refused(format!("request beyond head block: requested {newest}, head {head}")));
            }
            let count = count.to::<u64>().min(HISTORY_LIMIT).min(newest + 1);
            let oldest = newest + 1 - count;
            let blocks: Vec<&Block> = (oldest..=newest).filter_map(|number| history.block(number)).collect();
            let after = history.block(newest + 1).map_or(history.next_base_fee(), base_fee);
            Ok(FeeHistory {
                base_fee_per_gas: blocks.iter().map(|block| base_fee(block)).chain([after]).map(u128::from).collect(),
                gas_used_ratio: blocks
                    .iter()
                    .map(|block| block.header.gas_used as f64 / block.header.gas_limit as f64)
                    .collect(),
                // No blobs: the price stays at its floor of 1 wei.
                base_fee_per_blob_gas: vec![1; blocks.len() + 1],
                blob_gas_used_ratio: vec![0.0; blocks.len()],
                oldest_block: oldest,
                reward: (!percentiles.is_empty())
                    .then(|| blocks.iter().map(|block| vec![tip(block); percentiles.len()]).collect()),
            })
        })??;
        to_json(answer)
    }
}

fn base_fee(block: &Block) -> u64 {
    block.header.base_fee_per_gas.unwrap_or_default()
}

/// Tip of the one transaction, which is every percentile of the block's tips.
fn tip(block: &Block) -> u128 {
    let price = block.transaction.as_ref().map(|executed| executed.effective_gas_price);
    price.map_or(0, |price| price.saturating_sub(u128::from(base_fee(block))))
}
