//! What one journal line holds: a block with everything needed to continue from it, or a move of the clock.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Log, U256};
use serde::{Deserialize, Serialize};

/// Layout of the journal; a reader refuses any other.
pub const FORMAT: u32 = 1;

/// One line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// Always the first line, never a later one.
    Genesis {
        /// [`FORMAT`].
        format: u32,
        /// Chain id that the file was made for.
        chain_id: u64,
        /// Block 0.
        block: BlockRecord,
    },
    /// A mined block.
    Block(BlockRecord),
    /// The clock was moved without a block.
    Clock(ClockState),
}

/// Time travel that later blocks must respect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockState {
    /// Seconds added to the clock of the machine.
    pub offset: i64,
    /// Exact time of the next block, once.
    pub next: Option<u64>,
}

/// A block, without what follows from its parent and its transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockRecord {
    /// Height.
    pub number: u64,
    /// Unix seconds.
    pub time: u64,
    /// [`ClockState::offset`] after this block.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub time_offset: i64,
    /// Wei per gas.
    pub base_fee: u64,
    /// The one transaction of the block; none when the block was asked for by time travel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionRecord>,
    /// Accounts as they are after the block; `None` when the account is gone.
    pub changes: BTreeMap<Address, Option<AccountChange>>,
    /// Code that is new in this block, by its keccak-256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub code: BTreeMap<B256, Bytes>,
    /// Root of the state trie after the block.
    pub state_root: B256,
    /// Hash of the header; a reader rebuilds the header and compares.
    pub hash: B256,
}

/// A transaction and what it did.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionRecord {
    /// The signed transaction in its EIP-2718 encoding.
    pub raw: Bytes,
    /// Recovered sender, kept because recovery is the slow part of reading.
    pub from: Address,
    /// Whether it took effect.
    pub success: bool,
    /// Gas paid for.
    pub gas_used: u64,
    /// Address of the contract that a creation made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Address>,
    /// Events in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Log>,
}

/// An account after a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Wei.
    pub balance: U256,
    /// keccak-256 of the code.
    #[serde(default = "no_code", skip_serializing_if = "is_no_code")]
    pub code_hash: B256,
    /// Slots that changed; zero removes a slot.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage: BTreeMap<U256, U256>,
}

impl Default for AccountChange {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: no_code(), storage: BTreeMap::new() }
    }
}

fn no_code() -> B256 {
    KECCAK256_EMPTY
}

fn is_no_code(hash: &B256) -> bool {
    *hash == KECCAK256_EMPTY
}

fn is_zero(value: &i64) -> bool {
    *value == 0
}
