//! Blocks, transactions, receipts and logs.

use alloy::consensus::transaction::Recovered;
use alloy::consensus::{BlockBody, Transaction as _};
use alloy::eips::eip4895::Withdrawals;
use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::primitives::{B256, U256};
use alloy::rpc::types::{
    Block as RpcBlock, BlockTransactions, Filter, FilterBlockOption, Header, Log, Transaction, TransactionReceipt,
};
use serde_json::Value;

use super::error::RpcError;
use super::params::{Params, Target, find, number};
use super::to_json;
use crate::chain::embedded::EmbeddedChain;
use crate::chain::embedded::history::{Block, Executed};

impl EmbeddedChain {
    pub(super) fn block_by_number(&self, params: &Params) -> Result<Value, RpcError> {
        let tag: BlockNumberOrTag = params.required(0, "block")?;
        self.block_answer(BlockId::Number(tag), params)
    }

    pub(super) fn block_by_hash(&self, params: &Params) -> Result<Value, RpcError> {
        let hash: B256 = params.required(0, "hash")?;
        self.block_answer(BlockId::from(hash), params)
    }

    fn block_answer(&self, id: BlockId, params: &Params) -> Result<Value, RpcError> {
        let full = params.optional(1, "full")?.unwrap_or(false);
        let block = self.read(|history| match find(history, id) {
            None => Ok(None),
            Some(Target::Mined(block)) => Ok(Some(rpc_block(block, full))),
            Some(Target::Pending) => {
                let (time, _) = self.clock.next_block(history);
                history.pending(time).map(|block| Some(rpc_block(&block, full))).map_err(RpcError::internal)
            }
        })??;
        to_json(block)
    }

    pub(super) fn block_receipts(&self, params: &Params) -> Result<Value, RpcError> {
        let id: BlockId = params.required(0, "block")?;
        to_json(self.read(|history| {
            find(history, id).map(|target| match target {
                Target::Mined(block) => receipt(block).into_iter().collect::<Vec<_>>(),
                Target::Pending => Vec::new(),
            })
        })?)
    }

    pub(super) fn transaction_by_hash(&self, params: &Params) -> Result<Value, RpcError> {
        let hash: B256 = params.required(0, "hash")?;
        to_json(self.read(|history| {
            let block = history.block_of(hash)?;
            block.transaction.as_ref().map(|executed| transaction(block, executed))
        })?)
    }

    pub(super) fn transaction_receipt(&self, params: &Params) -> Result<Value, RpcError> {
        let hash: B256 = params.required(0, "hash")?;
        to_json(self.read(|history| history.block_of(hash).and_then(receipt))?)
    }

    pub(super) fn logs(&self, params: &Params) -> Result<Value, RpcError> {
        let filter: Filter = params.required(0, "filter")?;
        let found = self.read(|history| {
            let blocks = match filter.block_option {
                FilterBlockOption::AtBlockHash(hash) => {
                    let block = history.block_by_hash(hash).ok_or_else(|| RpcError::refused("unknown block"))?;
                    std::slice::from_ref(block)
                }
                FilterBlockOption::Range { from_block, to_block } => {
                    let from = number(history, from_block.unwrap_or_default());
                    let to = number(history, to_block.unwrap_or_default());
                    if from > to {
                        return Err(RpcError::refused(format!("invalid block range params: {from} to {to}")));
                    }
                    let blocks = history.blocks();
                    let end = usize::try_from(to).map_or(blocks.len(), |to| blocks.len().min(to.saturating_add(1)));
                    usize::try_from(from).ok().and_then(|from| blocks.get(from..end)).unwrap_or_default()
                }
            };
            let matching = |log: &Log| filter.matches(&log.inner);
            Ok(blocks
                .iter()
                .filter(|block| filter.matches_bloom(block.header.logs_bloom))
                .flat_map(|block| block.transaction.iter().flat_map(|executed| logs_of(block, executed)))
                .filter(matching)
                .collect::<Vec<_>>())
        })??;
        to_json(found)
    }
}

fn rpc_block(block: &Block, full: bool) -> RpcBlock {
    let whole = alloy::consensus::Block {
        header: block.header.clone(),
        body: BlockBody {
            transactions: block.transaction.iter().map(|executed| executed.envelope.clone()).collect(),
            ommers: Vec::new(),
            withdrawals: Some(Withdrawals::default()),
        },
    };
    let size = U256::from(alloy::rlp::Encodable::length(&whole));
    let header = alloy::consensus::Sealed::new_unchecked(block.header.clone(), block.hash);
    let transactions = if full {
        BlockTransactions::Full(block.transaction.iter().map(|executed| transaction(block, executed)).collect())
    } else {
        BlockTransactions::Hashes(block.transaction.iter().map(Executed::hash).collect())
    };
    RpcBlock {
        header: Header::from_consensus(header, None, Some(size)),
        uncles: Vec::new(),
        transactions,
        withdrawals: Some(Withdrawals::default()),
    }
}

fn transaction(block: &Block, executed: &Executed) -> Transaction {
    Transaction {
        inner: Recovered::new_unchecked(executed.envelope.clone(), executed.record.from),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        transaction_index: Some(0),
        effective_gas_price: Some(executed.effective_gas_price),
        block_timestamp: Some(block.header.timestamp),
    }
}

fn receipt(block: &Block) -> Option<TransactionReceipt> {
    let executed = block.transaction.as_ref()?;
    Some(TransactionReceipt {
        inner: executed.receipt(logs_of(block, executed).collect(), block.header.logs_bloom),
        transaction_hash: executed.hash(),
        transaction_index: Some(0),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        gas_used: executed.record.gas_used,
        effective_gas_price: executed.effective_gas_price,
        blob_gas_used: None,
        blob_gas_price: None,
        from: executed.record.from,
        to: executed.envelope.to(),
        contract_address: executed.record.contract,
    })
}

fn logs_of<'a>(block: &'a Block, executed: &'a Executed) -> impl Iterator<Item = Log> + 'a {
    executed.record.logs.iter().zip(0..).map(|(log, index)| Log {
        inner: log.clone(),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        block_timestamp: Some(block.header.timestamp),
        transaction_hash: Some(executed.hash()),
        transaction_index: Some(0),
        log_index: Some(index),
        removed: false,
    })
}
