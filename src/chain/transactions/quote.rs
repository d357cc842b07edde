//! What a step costs: simulation, gas, fees, the charge of the chain below, and the account's balance.

use alloy::{
    consensus::{SignableTransaction, Transaction, TxEip1559, TxEnvelope, TxLegacy},
    eips::{BlockId, BlockNumberOrTag, Encodable2718},
    network::TxSignerSync,
    primitives::{Address, Bytes, TxHash, TxKind, U256, address, utils::format_ether},
    providers::Provider,
    rpc::types::TransactionRequest,
    sol,
};

use super::{Engine, Step};
use crate::{
    Error, ErrorKind, Result,
    chain::{
        networks::DataFee,
        reverts::{call_error, contract_error, reason_of, revert_error},
        signers::Account,
    },
};

/// Most gas that one transaction may have since Osaka (EIP-7825).
pub const TRANSACTION_GAS_CAP: u64 = 1 << 24;

/// Estimates can be too low where a call passes 63/64 of its gas on; a quarter more covers the suite's depth.
const fn with_margin(estimate: u64) -> u64 {
    let raised = estimate.saturating_add(estimate / 4);
    if raised > TRANSACTION_GAS_CAP { TRANSACTION_GAS_CAP } else { raised }
}

const GAS_PRICE_ORACLE: Address = address!("0x420000000000000000000000000000000000000F");

sol! {
    /// Predeploy of OP Stack chains.
    #[sol(rpc)]
    interface IGasPriceOracle {
        /// Charge for the chain below, wei, of an unsigned transaction.
        function getL1Fee(bytes memory data) external view returns (uint256);
    }
}

/// Price of gas, wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fees {
    /// EIP-1559.
    Dynamic {
        /// Highest price.
        max_fee: u128,
        /// Tip.
        priority: u128,
    },
    /// Chains without a base fee.
    Legacy {
        /// The price.
        gas_price: u128,
    },
}

impl Fees {
    /// The most that one gas can cost, wei.
    pub const fn highest(self) -> u128 {
        match self {
            Self::Dynamic { max_fee, .. } => max_fee,
            Self::Legacy { gas_price } => gas_price,
        }
    }

    /// At least an eighth more (nodes refuse less for a replacement), and at least what the market asks now.
    pub fn raised_over(self, old: Self) -> Self {
        let eighth = |price: u128| price.saturating_add(price.div_ceil(8)).max(price.saturating_add(1));
        match (self, old) {
            (Self::Dynamic { max_fee, priority }, Self::Dynamic { max_fee: old_max, priority: old_priority }) => {
                let priority = priority.max(eighth(old_priority));
                Self::Dynamic { max_fee: max_fee.max(eighth(old_max)).max(priority), priority }
            }
            (now, old) => Self::Legacy { gas_price: now.highest().max(eighth(old.highest())) },
        }
    }
}

/// What the user is asked to agree to.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The step's description.
    pub description: String,
    /// Who pays and signs.
    pub from: Address,
    /// The contract or account that is called.
    pub to: Address,
    /// Calldata.
    pub data: Bytes,
    /// Wei sent along.
    pub value: U256,
    /// Gas limit.
    pub gas_limit: u64,
    /// Price of gas.
    pub fees: Fees,
    /// Charge for the chain below, wei, with a margin.
    pub data_fee: U256,
    /// The account's balance, wei.
    pub balance: U256,
}

impl Quote {
    /// The most that the step can cost, wei: value, gas at the highest price, charge for the chain below.
    pub fn total(&self) -> U256 {
        let gas = U256::from(self.gas_limit).saturating_mul(U256::from(self.fees.highest()));
        self.value.saturating_add(gas).saturating_add(self.data_fee)
    }

    pub(super) fn unsigned(&self, chain_id: u64, nonce: u64) -> Unsigned {
        let (to, value, input) = (TxKind::Call(self.to), self.value, self.data.clone());
        Unsigned::new(chain_id, nonce, self.gas_limit, self.fees, to, value, input)
    }
}

/// A transaction of either kind before it is signed.
#[derive(Debug, Clone)]
pub(super) enum Unsigned {
    Dynamic(TxEip1559),
    Legacy(TxLegacy),
}

impl Unsigned {
    pub(super) fn new(
        chain_id: u64,
        nonce: u64,
        gas_limit: u64,
        fees: Fees,
        to: TxKind,
        value: U256,
        input: Bytes,
    ) -> Self {
        match fees {
            Fees::Dynamic { max_fee, priority } => Self::Dynamic(TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: max_fee,
                max_priority_fee_per_gas: priority,
                to,
                value,
                access_list: Default::default(),
                input,
            }),
            Fees::Legacy { gas_price } => {
                Self::Legacy(TxLegacy { chain_id: Some(chain_id), nonce, gas_price, gas_limit, to, value, input })
            }
        }
    }

    pub(super) fn value(&self) -> U256 {
        match self {
            Self::Dynamic(tx) => tx.value,
            Self::Legacy(tx) => tx.value,
        }
    }

    pub(super) fn max_gas_cost(&self) -> U256 {
        let (gas, price) = match self {
            Self::Dynamic(tx) => (tx.gas_limit, tx.max_fee_per_gas),
            Self::Legacy(tx) => (tx.gas_limit, tx.gas_price),
        };
        U256::from(gas).saturating_mul(U256::from(price))
    }

    /// What is hashed for signing: the form in which OP Stack chains take it for pricing.
    fn encoded(&self) -> Bytes {
        match self {
            Self::Dynamic(tx) => tx.encoded_for_signing().into(),
            Self::Legacy(tx) => tx.encoded_for_signing().into(),
        }
    }

    pub(super) fn sign(self, account: &Account) -> Result<(TxHash, Bytes)> {
        let signer = account.signer()?;
        let failed = |error| Error::unauthorized("signer.failed", "the transaction can't be signed").caused_by(&error);
        let envelope: TxEnvelope = match self {
            Self::Dynamic(mut tx) => {
                let signature = signer.sign_transaction_sync(&mut tx).map_err(failed)?;
                tx.into_signed(signature).into()
            }
            Self::Legacy(mut tx) => {
                let signature = signer.sign_transaction_sync(&mut tx).map_err(failed)?;
                tx.into_signed(signature).into()
            }
        };
        Ok((*envelope.tx_hash(), envelope.encoded_2718().into()))
    }
}

/// The price a signed transaction offers.
pub(super) fn fees_of(envelope: &TxEnvelope) -> Fees {
    match (envelope.gas_price(), envelope.max_priority_fee_per_gas()) {
        (None, Some(priority)) => Fees::Dynamic { max_fee: envelope.max_fee_per_gas(), priority },
        (Some(gas_price), _) => Fees::Legacy { gas_price },
        (None, None) => Fees::Legacy { gas_price: envelope.max_fee_per_gas() },
    }
}

impl Engine {
    /// Simulates a step and prices it. Nothing is signed.
    ///
    /// # Errors
    /// `contract.would_revert` with the decoded reason, `tx.insufficient_funds`, `tx.too_large`, connection errors.
    pub async fn quote(&self, step: &Step<'_>) -> Result<Quote> {
        let from = self.account.address;
        let provider = &self.connection.provider;
        let balance = provider.get_balance(from).await.map_err(|error| self.connection.error(error))?;
        if balance < step.value {
            return Err(self.insufficient_funds(balance, step.value, &step.description));
        }
        let gas_limit = self.estimate(step).await?;
        let fees = self.market_fees().await?;
        let mut quote = Quote {
            description: step.description.clone(),
            from,
            to: step.to,
            data: step.data.clone(),
            value: step.value,
            gas_limit,
            fees,
            data_fee: U256::ZERO,
            balance,
        };
        if self.connection.network.data_fee == DataFee::OpStack {
            let encoded = quote.unsigned(self.connection.chain_id, self.pending_count().await?).encoded();
            let oracle = IGasPriceOracle::new(GAS_PRICE_ORACLE, provider);
            let fee: U256 = oracle
                .getL1Fee(encoded)
                .call()
                .await
                .map_err(|error| contract_error(&self.connection, "asking for the data fee", error))?;
            // It follows the price of the chain below, which may rise before the transaction is mined.
            quote.data_fee = fee.saturating_add(fee / U256::from(4));
        }
        Ok(quote)
    }

    async fn estimate(&self, step: &Step<'_>) -> Result<u64> {
        let request = TransactionRequest::default()
            .from(self.account.address)
            .to(step.to)
            .value(step.value)
            .input(step.data.clone().into());
        let provider = &self.connection.provider;
        // A development node may have had no block for a long time, and its pending block has the time of now; or many in
        // one second, and its latest block is ahead. Where either block lets the step through, it is sent.
        let mut estimate = provider.estimate_gas(request.clone()).await;
        if estimate.is_err() && self.connection.network.is_local() {
            estimate = match provider.estimate_gas(request.clone()).block(BlockId::pending()).await {
                Ok(gas) => Ok(gas),
                Err(_) => estimate,
            };
        }
        let estimate = match estimate {
            Ok(estimate) => estimate,
            Err(error) => {
                // Some nodes keep the reason to themselves in an estimate, but give it in a call.
                let reason = reason_of(&error);
                if let Some(reason) = reason.as_ref().filter(|reason| !reason.name().is_empty()) {
                    return Err(revert_error("contract.would_revert", &step.description, reason));
                }
                provider.call(request).await.map_err(|error| call_error(&self.connection, &step.description, error))?;
                return Err(call_error(&self.connection, &step.description, error));
            }
        };
        if estimate > TRANSACTION_GAS_CAP {
            let message =
                format!("{} needs {estimate} gas; one transaction may have {TRANSACTION_GAS_CAP}", step.description);
            return Err(Error::new(ErrorKind::Reverted, "tx.too_large", message).hint("do the work in smaller parts"));
        }
        Ok(with_margin(estimate))
    }

    /// What the market asks now: EIP-1559, or the plain price on chains without a base fee.
    pub(super) async fn market_fees(&self) -> Result<Fees> {
        let provider = &self.connection.provider;
        let failed = |error| self.connection.error(error);
        let latest = provider.get_block_by_number(BlockNumberOrTag::Latest).await.map_err(failed)?;
        if latest.is_none_or(|block| block.header.base_fee_per_gas.is_none()) {
            return Ok(Fees::Legacy { gas_price: provider.get_gas_price().await.map_err(failed)? });
        }
        let market = provider.estimate_eip1559_fees().await.map_err(failed)?;
        let priority = market.max_priority_fee_per_gas.max(self.connection.network.min_priority_fee);
        let raise = priority - market.max_priority_fee_per_gas;
        Ok(Fees::Dynamic { max_fee: market.max_fee_per_gas.saturating_add(raise), priority })
    }

    pub(super) async fn pending_count(&self) -> Result<u64> {
        let count = self.connection.provider.get_transaction_count(self.account.address).pending();
        count.await.map_err(|error| self.connection.error(error))
    }

    pub(super) fn insufficient_funds(&self, balance: U256, needed: U256, description: &str) -> Error {
        let symbol = &self.connection.network.symbol;
        let message = format!(
            "{description} may cost {} {symbol}, but {} holds {} {symbol}",
            format_ether(needed),
            self.account.address,
            format_ether(balance)
        );
        Error::new(ErrorKind::Reverted, "tx.insufficient_funds", message)
            .hint(format!("send {symbol} to {} on network `{}`", self.account.address, self.connection.network.name))
    }
}
