//! Running transactions and calls on the state of a [`History`] with revm.

use std::collections::BTreeMap;

use alloy::consensus::transaction::SignerRecoverable;
use alloy::consensus::{Transaction, TxEnvelope, Typed2718};
use alloy::eips::eip2718::Decodable2718;
use alloy::eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, TxKind, U256};
use revm::context::result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction};
use revm::context::{BlockEnv, CfgEnv, Context, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::context_interface::either::Either;
use revm::database_interface::WrapDatabaseRef;
use revm::primitives::eip4844::BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE;
use revm::primitives::hardfork::SpecId;
use revm::state::EvmState;
use revm::{ExecuteEvm, MainBuilder, MainContext};

use super::genesis::{BLOCK_GAS_LIMIT, CHAIN_ID};
use super::history::{History, history_slot, randomness};
use super::record::{AccountChange, BlockRecord, TransactionRecord};
use super::rpc::error::RpcError;

/// Rules of every block: what the development nodes run today. Blob parameter forks after Osaka change no gas.
const HARDFORK: SpecId = SpecId::OSAKA;

/// Number, time and fee that a run sees.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Block height.
    pub number: u64,
    /// Unix seconds.
    pub time: u64,
    /// Wei per gas.
    pub base_fee: u64,
    /// PREVRANDAO.
    pub randomness: B256,
}

impl Moment {
    /// The latest block, at time `time`.
    pub fn latest(history: &History, time: u64) -> Self {
        let head = history.head();
        let base_fee = head.base_fee_per_gas.unwrap_or_default();
        Self { number: head.number, time, base_fee, randomness: head.mix_hash }
    }

    /// The block after the latest one.
    pub fn next(history: &History, time: u64) -> Self {
        let parent = history.blocks().last().map_or(B256::ZERO, |block| block.hash);
        Self {
            number: history.head().number + 1,
            time,
            base_fee: history.next_base_fee(),
            randomness: randomness(parent),
        }
    }

    fn environment(self) -> BlockEnv {
        BlockEnv {
            number: U256::from(self.number),
            beneficiary: Address::ZERO,
            timestamp: U256::from(self.time),
            gas_limit: BLOCK_GAS_LIMIT,
            basefee: self.base_fee,
            difficulty: U256::ZERO,
            prevrandao: Some(self.randomness),
            blob_excess_gas_and_price: Some(BlobExcessGasAndPrice::new(0, BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE)),
            slot_num: 0,
        }
    }
}

/// How strictly a run is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A signed transaction.
    Transaction,
    /// A question: no signature, no nonce, free gas unless a price is named, no cap for one transaction.
    Call,
}

/// Runs `tx` without changing `history`.
///
/// # Errors
/// Codes -32000 when the transaction is not valid, -32603 when revm itself fails.
pub fn run(
    history: &History,
    moment: Moment,
    mode: Mode,
    tx: TxEnv,
) -> Result<(ExecutionResult<HaltReason>, EvmState), RpcError> {
    let mut config = CfgEnv::new_with_spec(HARDFORK).with_chain_id(CHAIN_ID);
    if mode == Mode::Call {
        config.disable_nonce_check = true;
        config.disable_eip3607 = true;
        config.disable_base_fee = tx.gas_price == 0;
        config.tx_gas_limit_cap = Some(u64::MAX);
    }
    let outcome = Context::mainnet()
        .with_db(WrapDatabaseRef(history))
        .with_cfg(config)
        .with_block(moment.environment())
        .build_mainnet()
        .transact(tx)
        .map_err(|error| match error {
            EVMError::Transaction(invalid) => refused(&invalid),
            other => RpcError::internal(format!("the virtual machine failed: {other}")),
        })?;
    Ok((outcome.result, outcome.state))
}

/// Decodes a signed transaction and runs it in the next block, at `time` with clock offset `time_offset` after it.
///
/// # Errors
/// -32602 for bytes that are no transaction, -32000 for one that the chain refuses.
pub fn execute(history: &History, raw: &Bytes, time: u64, time_offset: i64) -> Result<BlockRecord, RpcError> {
    let envelope = TxEnvelope::decode_2718_exact(raw)
        .map_err(|error| RpcError::invalid_params(format!("not a signed transaction: {error}")))?;
    if envelope.is_eip4844() {
        return Err(RpcError::refused("blob transactions are not supported"));
    }
    if envelope.chain_id().is_some_and(|id| id != CHAIN_ID) {
        let id = envelope.chain_id().unwrap_or_default();
        return Err(RpcError::refused(format!("invalid chain id for signer: have {id} want {CHAIN_ID}")));
    }
    let from = envelope.recover_signer().map_err(|_| RpcError::refused("invalid sender"))?;
    let moment = Moment::next(history, time);
    let (result, state) = run(history, moment, Mode::Transaction, environment_of(&envelope, from))?;

    let mut block = empty_block(history, time, time_offset);
    let (changes, code) = changes_of(&state);
    block.code.extend(code);
    for (address, change) in changes {
        // The block's own write to the history contract must survive a transaction that pays the contract.
        match (block.changes.remove(&address).flatten(), change) {
            (Some(system), Some(mut change)) => {
                for (slot, value) in system.storage {
                    change.storage.entry(slot).or_insert(value);
                }
                block.changes.insert(address, Some(change));
            }
            (_, change) => drop(block.changes.insert(address, change)),
        }
    }
    let success = result.is_success();
    block.transaction = Some(TransactionRecord {
        raw: raw.clone(),
        from,
        success,
        gas_used: result.tx_gas_used(),
        contract: (success && envelope.kind().is_create()).then(|| from.create(envelope.nonce())),
        logs: if success { result.into_logs() } else { Vec::new() },
    });
    Ok(block)
}

/// The next block without a transaction: only the parent's hash goes into the history contract (EIP-2935).
pub fn empty_block(history: &History, time: u64, time_offset: i64) -> BlockRecord {
    let mut changes = BTreeMap::new();
    let number = history.head().number + 1;
    if let (Some(mut contract), Some(parent)) =
        (history.world.unchanged(HISTORY_STORAGE_ADDRESS), history.blocks().last())
    {
        contract.storage.insert(history_slot(parent.header.number), parent.hash.into());
        changes.insert(HISTORY_STORAGE_ADDRESS, Some(contract));
    }
    BlockRecord {
        number,
        time,
        time_offset,
        base_fee: history.next_base_fee(),
        transaction: None,
        changes,
        code: BTreeMap::new(),
        state_root: B256::ZERO,
        hash: B256::ZERO,
    }
}

type Changes = (BTreeMap<Address, Option<AccountChange>>, BTreeMap<B256, Bytes>);

/// What of revm's state differs from before. An account that a transaction creates has no older storage that would have
/// to go: since EIP-6780 only accounts of the same transaction are destroyed.
fn changes_of(state: &EvmState) -> Changes {
    let mut changes = BTreeMap::new();
    let mut code = BTreeMap::new();
    for (address, account) in state.iter().filter(|(_, account)| account.is_touched()) {
        if account.is_selfdestructed() || account.is_empty() {
            changes.insert(*address, None);
            continue;
        }
        let storage: BTreeMap<U256, U256> =
            account.changed_storage_slots().map(|(slot, value)| (*slot, value.present_value())).collect();
        let before = account.original_info();
        let info = &account.info;
        let same = (before.nonce, before.balance, before.code_hash) == (info.nonce, info.balance, info.code_hash);
        if same && storage.is_empty() {
            continue;
        }
        if info.code_hash != KECCAK256_EMPTY
            && before.code_hash != info.code_hash
            && let Some(new) = &info.code
        {
            code.insert(info.code_hash, new.original_bytes());
        }
        let change = AccountChange { nonce: info.nonce, balance: info.balance, code_hash: info.code_hash, storage };
        changes.insert(*address, Some(change));
    }
    (changes, code)
}

fn environment_of(envelope: &TxEnvelope, caller: Address) -> TxEnv {
    TxEnv {
        tx_type: envelope.ty(),
        caller,
        gas_limit: envelope.gas_limit(),
        gas_price: envelope.max_fee_per_gas(),
        kind: envelope.kind(),
        value: envelope.value(),
        data: envelope.input().clone(),
        nonce: envelope.nonce(),
        chain_id: envelope.chain_id(),
        access_list: envelope.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: envelope.max_priority_fee_per_gas(),
        authorization_list: envelope
            .authorization_list()
            .unwrap_or_default()
            .iter()
            .cloned()
            .map(Either::Left)
            .collect(),
        ..TxEnv::default()
    }
}

/// The words that nodes use for the refusals that wallets look for; revm's own for the rest.
fn refused(invalid: &InvalidTransaction) -> RpcError {
    use InvalidTransaction as Invalid;
    RpcError::refused(match invalid {
        Invalid::NonceTooLow { tx, state } => format!("nonce too low: next nonce {state}, tx nonce {tx}"),
        Invalid::NonceTooHigh { tx, state } => {
            format!("nonce too high: next nonce {state}, tx nonce {tx} (this chain keeps no pending transactions)")
        }
        Invalid::LackOfFundForMaxFee { fee, balance } => {
            format!("insufficient funds for gas * price + value: have {balance} want {fee}")
        }
        Invalid::GasPriceLessThanBasefee => "max fee per gas less than block base fee".to_owned(),
        Invalid::CallGasCostMoreThanGasLimit { initial_gas: want, gas_limit: have }
        | Invalid::GasFloorMoreThanGasLimit { gas_floor: want, gas_limit: have } => {
            format!("intrinsic gas too low: have {have}, want {want}")
        }
        Invalid::TxGasLimitGreaterThanCap { gas_limit, cap } => {
            format!("transaction gas limit too high (cap: {cap}, tx: {gas_limit})")
        }
        Invalid::CallerGasLimitMoreThanBlock => "exceeds block gas limit".to_owned(),
        Invalid::CreateInitCodeSizeLimit => "max initcode size exceeded".to_owned(),
        other => other.to_string(),
    })
}

/// A call's environment; see [`Mode::Call`].
pub fn call_environment(caller: Address, kind: TxKind, gas_limit: u64) -> TxEnv {
    TxEnv { caller, kind, gas_limit, chain_id: Some(CHAIN_ID), ..TxEnv::default() }
}
