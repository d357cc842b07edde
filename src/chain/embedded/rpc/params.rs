//! Positional parameters of a request.

use alloy::eips::{BlockId, BlockNumberOrTag};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::RpcError;
use crate::chain::embedded::history::{Block, History};

/// The `params` array.
#[derive(Debug)]
pub struct Params(Vec<Value>);

impl Params {
    /// Takes an array, or nothing.
    pub fn new(params: Option<Value>) -> Result<Self, RpcError> {
        match params {
            None | Some(Value::Null) => Ok(Self(Vec::new())),
            Some(Value::Array(values)) => Ok(Self(values)),
            Some(_) => Err(RpcError::invalid_params("params must be an array")),
        }
    }

    /// Parameter `index`, which must be there.
    pub fn required<T: DeserializeOwned>(&self, index: usize, name: &str) -> Result<T, RpcError> {
        self.optional(index, name)?
            .ok_or_else(|| RpcError::invalid_params(format!("missing value for required argument {index} ({name})")))
    }

    /// Parameter `index`, or `None` when it is missing or null.
    pub fn optional<T: DeserializeOwned>(&self, index: usize, name: &str) -> Result<Option<T>, RpcError> {
        match self.0.get(index) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value)
                .map(Some)
                .map_err(|error| RpcError::invalid_params(format!("invalid argument {index} ({name}): {error}"))),
        }
    }

    /// Seconds or a Unix time, as a number, a decimal string or a hex string.
    pub fn seconds(&self, index: usize, name: &str) -> Result<Option<u64>, RpcError> {
        let parsed = match self.0.get(index) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => match text.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            },
            Some(_) => None,
        };
        parsed.map(Some).ok_or_else(|| {
            RpcError::invalid_params(format!("invalid argument {index} ({name}): not a number of seconds"))
        })
    }
}

/// A block that a request names.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// One that exists.
    Mined(&'a Block),
    /// The one after the latest.
    Pending,
}

/// Finds the block, or `None` when it does not exist.
pub fn find(history: &History, id: BlockId) -> Option<Target<'_>> {
    match id {
        BlockId::Hash(hash) => history.block_by_hash(hash.block_hash).map(Target::Mined),
        BlockId::Number(BlockNumberOrTag::Pending) => Some(Target::Pending),
        BlockId::Number(tag) => history.block(number(history, tag)).map(Target::Mined),
    }
}

/// Height that a tag stands for; a block here is final as soon as it is made.
pub fn number(history: &History, tag: BlockNumberOrTag) -> u64 {
    match tag {
        BlockNumberOrTag::Number(number) => number,
        BlockNumberOrTag::Earliest => 0,
        BlockNumberOrTag::Pending => history.head().number + 1,
        BlockNumberOrTag::Latest | BlockNumberOrTag::Safe | BlockNumberOrTag::Finalized => history.head().number,
    }
}

/// Finds a block whose *state* is asked for: only that after the latest block is kept.
pub fn find_state(history: &History, id: Option<BlockId>) -> Result<Target<'_>, RpcError> {
    let latest = history.head().number;
    match find(history, id.unwrap_or_default()) {
        None => Err(RpcError::refused("header not found")),
        Some(Target::Mined(block)) if block.header.number != latest => Err(RpcError::refused(format!(
            "the state of block {} is not kept: this chain answers state questions for the latest block ({latest}) only",
            block.header.number
        ))),
        Some(target) => Ok(target),
    }
}
