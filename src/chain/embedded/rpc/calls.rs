//! `eth_call` and `eth_estimateGas`.

use alloy::eips::BlockId;
use alloy::primitives::{Address, TxKind, U64, U256};
use alloy::rpc::types::TransactionRequest;
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, HaltReason};
use revm::context_interface::either::Either;
use serde_json::Value;

use super::error::RpcError;
use super::params::{Params, Target, find_state};
use super::to_json;
use crate::chain::embedded::EmbeddedChain;
use crate::chain::embedded::executor::{Mode, Moment, call_environment, run};
use crate::chain::embedded::genesis::{BLOCK_GAS_LIMIT, CHAIN_ID, TRANSACTION_GAS_CAP};
use crate::chain::embedded::history::History;

/// A search for the gas limit ends when the bounds are this close: 1.5 %, as nodes do.
const ESTIMATE_TOLERANCE_PERMILLE: u64 = 15;

impl EmbeddedChain {
    pub(super) fn call(&self, params: &Params) -> Result<Value, RpcError> {
        let (request, block) = arguments(params)?;
        let output = self.read(|history| {
            let moment = self.moment(history, block)?;
            let tx = environment(history, &request, BLOCK_GAS_LIMIT)?;
            let (result, _) = run(history, moment, Mode::Call, tx)?;
            match result.is_success() {
                true => Ok(result.into_output().unwrap_or_default()),
                false => Err(RpcError::failed_run(&result)),
            }
        })??;
        to_json(output)
    }

    pub(super) fn estimate_gas(&self, params: &Params) -> Result<Value, RpcError> {
        let (request, block) = arguments(params)?;
        // A transaction lands in the next block, with its time, so that is where its cost is tried.
        let block = block.or(Some(BlockId::pending()));
        let gas = self.read(|history| {
            let moment = self.moment(history, block)?;
            let tx = environment(history, &request, TRANSACTION_GAS_CAP)?;
            smallest_gas(history, moment, tx)
        })??;
        to_json(U64::from(gas))
    }

    fn moment(&self, history: &History, block: Option<BlockId>) -> Result<Moment, RpcError> {
        Ok(match find_state(history, block)? {
            Target::Mined(_) => Moment::latest(history, self.clock.view_time(history)),
            Target::Pending => Moment::next(history, self.clock.next_block(history).0),
        })
    }
}

fn arguments(params: &Params) -> Result<(TransactionRequest, Option<BlockId>), RpcError> {
    let request: TransactionRequest = params.required(0, "transaction")?;
    let block = params.optional(1, "block")?;
    // An override that is silently ignored would answer another question.
    for (index, name) in [(2, "state overrides"), (3, "block overrides")] {
        match params.optional::<Value>(index, name)? {
            None => {}
            Some(Value::Object(members)) if members.is_empty() => {}
            Some(_) => return Err(RpcError::invalid_params(format!("{name} are not supported"))),
        }
    }
    Ok((request, block))
}

/// Turns a request into what revm runs, with at most `most_gas`, and at most what the sender can pay at a stated price.
fn environment(history: &History, request: &TransactionRequest, most_gas: u64) -> Result<TxEnv, RpcError> {
    if request.chain_id.is_some_and(|id| id != CHAIN_ID) {
        return Err(RpcError::refused(format!("chain id must be {CHAIN_ID}")));
    }
    if request.blob_versioned_hashes.as_ref().is_some_and(|hashes| !hashes.is_empty()) {
        return Err(RpcError::refused("blob transactions are not supported"));
    }
    let data = match (&request.input.input, &request.input.data) {
        (Some(input), Some(data)) if input != data => {
            return Err(RpcError::invalid_params("\"data\" and \"input\" are both set and differ"));
        }
        (Some(bytes), _) | (None, Some(bytes)) => bytes.clone(),
        (None, None) => alloy::primitives::Bytes::new(),
    };
    let caller = request.from.unwrap_or(Address::ZERO);
    let price = request.gas_price.or(request.max_fee_per_gas).unwrap_or_default();
    let value = request.value.unwrap_or_default();
    let mut gas = request.gas.unwrap_or(most_gas).min(most_gas);
    if price > 0 {
        let balance = history.world.balance(caller);
        let rest = balance.checked_sub(value).ok_or_else(|| {
            RpcError::refused(format!("insufficient funds for transfer: have {balance} want {value}"))
        })?;
        gas = gas.min((rest / U256::from(price)).saturating_to());
    }
    let kind = request.to.unwrap_or(TxKind::Create);
    let authorizations = request.authorization_list.clone().unwrap_or_default();
    let mut tx = TxEnv {
        value,
        data,
        gas_price: price,
        gas_priority_fee: request.max_priority_fee_per_gas.filter(|_| price > 0),
        nonce: request.nonce.unwrap_or_else(|| history.world.nonce(caller)),
        access_list: request.access_list.clone().unwrap_or_default(),
        authorization_list: authorizations.into_iter().map(Either::Left).collect(),
        ..call_environment(caller, kind, gas)
    };
    tx.derive_tx_type().map_err(|error| RpcError::invalid_params(format!("contradictory transaction: {error:?}")))?;
    Ok(tx)
}

/// The smallest gas limit with which `tx` succeeds, up to the tolerance above it.
///
/// Gas used is enough only without inner calls and refunds: a call passes on at most 63/64 of what is left, and refunds
/// come at the end. Otherwise the limit is searched for by running.
fn smallest_gas(history: &History, moment: Moment, tx: TxEnv) -> Result<u64, RpcError> {
    let with_gas = |gas_limit: u64| run(history, moment, Mode::Call, TxEnv { gas_limit, ..tx.clone() });
    let (result, _) = with_gas(tx.gas_limit)?;
    match &result {
        ExecutionResult::Success { .. } => {}
        ExecutionResult::Halt { reason: HaltReason::OutOfGas(_), .. } => {
            return Err(RpcError::refused(format!("gas required exceeds allowance ({})", tx.gas_limit)));
        }
        failed => return Err(RpcError::failed_run(failed)),
    }
    let used = result.tx_gas_used();
    let succeeds = |gas: u64| with_gas(gas).is_ok_and(|(result, _)| result.is_success());
    if succeeds(used) {
        return Ok(used);
    }
    let (mut fails, mut works) = (used, tx.gas_limit);
    // Mostly right at once: what was spent before refunds, and the 64th that stays behind.
    let guess = result.gas().total_gas_spent().saturating_mul(64) / 63;
    let mut middle = guess.clamp(fails + 1, works);
    while fails + 1 < works && works - fails > works.saturating_mul(ESTIMATE_TOLERANCE_PERMILLE) / 1000 {
        if succeeds(middle) {
            works = middle;
        } else {
            fails = middle;
        }
        middle = fails + (works - fails) / 2;
    }
    Ok(works)
}
