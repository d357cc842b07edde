//! 32 bytes as people write them.

use alloy_primitives::{B256, hex};

/// `0x` and 64 hex digits.
pub fn word(text: &str) -> Option<B256> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 64)?;
    hex::decode(digits).ok().map(|bytes| B256::from_slice(&bytes))
}
