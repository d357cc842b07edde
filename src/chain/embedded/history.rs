//! All blocks of the embedded chain and the state after the latest one, in memory.

use std::collections::HashMap;

use alloy::consensus::constants::EMPTY_WITHDRAWALS;
use alloy::consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy::consensus::{
    EMPTY_OMMER_ROOT_HASH, Eip658Value, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction, TxEnvelope,
};
use alloy::eips::eip1559::BaseFeeParams;
use alloy::eips::eip2718::Decodable2718;
use alloy::eips::eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS};
use alloy::eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy::primitives::{Address, B256, Bloom, KECCAK256_EMPTY, Log, TxHash, U256, keccak256};
use revm::DatabaseRef;
use revm::bytecode::Bytecode;
use revm::state::AccountInfo;

use super::genesis::{BLOCK_GAS_LIMIT, CHAIN_ID, INITIAL_BASE_FEE};
use super::record::{BlockRecord, ClockState, Entry, FORMAT, TransactionRecord};
use super::world::World;

/// A block as it is served.
#[derive(Debug)]
pub struct Block {
    /// Header with every field that Prague and later ask for.
    pub header: Header,
    /// keccak-256 of the encoded header.
    pub hash: B256,
    /// The transaction, at most one.
    pub transaction: Option<Executed>,
}

/// A mined transaction.
#[derive(Debug)]
pub struct Executed {
    /// The signed transaction.
    pub envelope: TxEnvelope,
    /// Sender, outcome and events.
    pub record: TransactionRecord,
    /// Wei per gas that was paid.
    pub effective_gas_price: u128,
}

impl Executed {
    fn new(record: TransactionRecord, base_fee: u64) -> Result<Self, String> {
        let envelope = TxEnvelope::decode_2718_exact(&record.raw).map_err(|error| format!("transaction: {error}"))?;
        let effective_gas_price = envelope.effective_gas_price(Some(base_fee));
        Ok(Self { envelope, record, effective_gas_price })
    }

    /// Transaction hash.
    pub fn hash(&self) -> TxHash {
        *self.envelope.tx_hash()
    }

    /// Receipt with the logs given, so that it serves for the receipt root and for answers alike.
    pub fn receipt<L>(&self, logs: Vec<L>, bloom: Bloom) -> ReceiptEnvelope<L> {
        let receipt = Receipt {
            status: Eip658Value::Eip658(self.record.success),
            cumulative_gas_used: self.record.gas_used,
            logs,
        };
        ReceiptEnvelope::from_typed(self.envelope.tx_type(), ReceiptWithBloom::new(receipt, bloom))
    }
}

/// The chain in memory.
#[derive(Debug, Default)]
pub struct History {
    /// State after the latest block.
    pub world: World,
    /// Time travel.
    pub clock: ClockState,
    /// Header of the last of `blocks`.
    head: Header,
    blocks: Vec<Block>,
    by_hash: HashMap<B256, u64>,
    by_transaction: HashMap<TxHash, u64>,
}

impl History {
    /// Follows one journal entry. The sentence of an error says why the entry can't be the next one.
    pub fn apply(&mut self, entry: Entry) -> Result<(), String> {
        match entry {
            Entry::Genesis { format, .. } if format != FORMAT => Err(format!("format {format}, expected {FORMAT}")),
            Entry::Genesis { chain_id, .. } if chain_id != CHAIN_ID => {
                Err(format!("chain id {chain_id}, expected {CHAIN_ID}"))
            }
            Entry::Genesis { block, .. } if self.blocks.is_empty() => self.append(block),
            Entry::Genesis { .. } => Err("a second genesis".to_owned()),
            _ if self.blocks.is_empty() => Err("no genesis".to_owned()),
            Entry::Block(block) => self.append(block),
            Entry::Clock(clock) => {
                self.clock = clock;
                Ok(())
            }
        }
    }

    fn append(&mut self, record: BlockRecord) -> Result<(), String> {
        if record.number != self.blocks.len() as u64 {
            return Err(format!("block {} follows block {}", record.number, self.blocks.len().saturating_sub(1)));
        }
        self.world.apply(&record)?;
        let (state_root, hash) = (record.state_root, record.hash);
        let block = self.assemble(record.number, record.time, record.base_fee, state_root, record.transaction)?;
        if block.hash != hash {
            return Err(format!("block {} hashes to {}, recorded {hash}", record.number, block.hash));
        }
        self.push(block, record.time_offset);
        Ok(())
    }

    /// Applies a block that was just executed and completes its record with state root and hash.
    pub fn mine(&mut self, record: &mut BlockRecord) -> Result<(), String> {
        self.world.apply(record)?;
        record.state_root = self.world.state_root();
        let transaction = record.transaction.clone();
        let block = self.assemble(record.number, record.time, record.base_fee, record.state_root, transaction)?;
        record.hash = block.hash;
        self.push(block, record.time_offset);
        Ok(())
    }

    fn push(&mut self, block: Block, time_offset: i64) {
        let number = block.header.number;
        self.by_hash.insert(block.hash, number);
        if let Some(executed) = &block.transaction {
            self.by_transaction.insert(executed.hash(), number);
        }
        self.clock = ClockState { offset: time_offset, next: None };
        self.head = block.header.clone();
        self.blocks.push(block);
    }

    fn assemble(
        &self,
        number: u64,
        timestamp: u64,
        base_fee: u64,
        state_root: B256,
        transaction: Option<TransactionRecord>,
    ) -> Result<Block, String> {
        let parent_hash = self.blocks.last().map_or(B256::ZERO, |parent| parent.hash);
        let executed = transaction.map(|record| Executed::new(record, base_fee)).transpose()?;
        let bloom = executed.as_ref().map_or(Bloom::ZERO, |executed| executed.record.logs.iter().collect());
        let gas_used = executed.as_ref().map_or(0, |executed| executed.record.gas_used);
        let receipts: Vec<ReceiptEnvelope<Log>> =
            executed.iter().map(|executed| executed.receipt(executed.record.logs.clone(), bloom)).collect();
        let envelopes: Vec<&TxEnvelope> = executed.iter().map(|executed| &executed.envelope).collect();
        let header = Header {
            parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            state_root,
            transactions_root: calculate_transaction_root(&envelopes),
            receipts_root: calculate_receipt_root(&receipts),
            logs_bloom: bloom,
            number,
            gas_limit: BLOCK_GAS_LIMIT,
            gas_used,
            timestamp,
            mix_hash: randomness(parent_hash),
            base_fee_per_gas: Some(base_fee),
            withdrawals_root: Some(EMPTY_WITHDRAWALS),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(B256::ZERO),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            ..Header::default()
        };
        Ok(Block { hash: header.hash_slow(), header, transaction: executed })
    }

    /// Header of an empty block on top, for questions about "pending".
    pub fn pending(&self, time: u64) -> Result<Block, String> {
        self.assemble(self.head().number + 1, time, self.next_base_fee(), self.head().state_root, None)
    }

    /// Whether not even a genesis was read.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Header of the latest block.
    pub fn head(&self) -> &Header {
        &self.head
    }

    /// All blocks, oldest first.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Block by height.
    pub fn block(&self, number: u64) -> Option<&Block> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    /// Block by hash.
    pub fn block_by_hash(&self, hash: B256) -> Option<&Block> {
        self.by_hash.get(&hash).and_then(|number| self.block(*number))
    }

    /// Block that holds a transaction.
    pub fn block_of(&self, transaction: TxHash) -> Option<&Block> {
        self.by_transaction.get(&transaction).and_then(|number| self.block(*number))
    }

    /// Base fee of the block after the latest one, in wei per gas (EIP-1559).
    pub fn next_base_fee(&self) -> u64 {
        let head = self.head();
        // Nothing has been priced yet on top of the genesis; development nodes start the curve one block later.
        if head.number == 0 {
            return INITIAL_BASE_FEE;
        }
        head.next_block_base_fee(BaseFeeParams::ethereum()).unwrap_or(INITIAL_BASE_FEE)
    }
}

/// PREVRANDAO of the block after `parent`: repeatable, and as unpredictable as a development chain needs.
pub fn randomness(parent: B256) -> B256 {
    keccak256(parent)
}

/// Slot of the history contract that holds the hash of block `number` (EIP-2935).
pub fn history_slot(number: u64) -> U256 {
    U256::from(number % HISTORY_SERVE_WINDOW as u64)
}

impl DatabaseRef for History {
    type Error = std::convert::Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Self::Error> {
        Ok(self.world.info(address))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Self::Error> {
        debug_assert!(code_hash == KECCAK256_EMPTY || self.world.code(code_hash).is_some());
        Ok(self.world.code(code_hash).cloned().unwrap_or_default())
    }

    fn storage_ref(
        &self,
        address: Address,
        index: revm::primitives::StorageKey,
    ) -> Result<revm::primitives::StorageValue, Self::Error> {
        // EIP-2935: the hash of the latest block is written before the next one runs, so a run on top of it reads it.
        if address == HISTORY_STORAGE_ADDRESS && index == history_slot(self.head.number) {
            return self.block_hash_ref(self.head.number).map(Into::into);
        }
        Ok(self.world.storage(address, index))
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Self::Error> {
        Ok(self.block(number).map_or(B256::ZERO, |block| block.hash))
    }
}
