//! A part of a chain's state that follows from one block hash, and calls of contracts on it.
//!
//! A [`Witness`] is a header, nodes of the state trie and of the tries of accounts below it, and code. Everything in it
//! is found by its hash: the header by the block's, the state's root in the header, nodes by what their parents say, code
//! by what its account says. So whoever trusts the block hash need not trust who made the witness. A call runs in the
//! virtual machine; what it reads that the witness does not show is an error, never a zero.

mod collect;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
mod trie;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError, RwLock};

use alloy::consensus::{Header, TrieAccount};
use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, TxKind, U256, keccak256};
use alloy::rlp::Decodable;
use alloy::sol_types::SolCall;
use revm::bytecode::Bytecode;
use revm::context::result::EVMError;
use revm::context::{BlockEnv, CfgEnv, Context, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::database_interface::{DBErrorMarker, DatabaseRef, WrapDatabaseRef};
use revm::primitives::eip4844::BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE;
use revm::primitives::hardfork::SpecId;
use revm::state::AccountInfo;
use revm::{ExecuteEvm, MainBuilder, MainContext};
use serde::{Deserialize, Serialize};

pub use collect::collect;
use trie::{Gap, Nodes};

/// Gas of one call: reading a few slots costs a tenth of it, and code of anybody comes to an end soon.
const CALL_GAS: u64 = 500_000;

/// What shows a part of a state; see the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// RLP of the block's header.
    pub header: Bytes,
    /// RLP of trie nodes, each once, in the order of their bytes.
    pub nodes: Vec<Bytes>,
    /// Code of contracts, each once.
    pub codes: Vec<Bytes>,
}

/// A part of the state that is needed and not shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Whether there is such an account, and what it holds.
    Account(Address),
    /// A storage slot of an account.
    Slot(Address, U256),
    /// The code with that hash.
    Code(B256),
    /// The hash of an older block.
    Block(u64),
}

/// Why a proved state has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// The header is none.
    #[error("the header is malformed")]
    Header,
    /// Something that is needed is not shown, or what should show it was changed.
    #[error("the proof does not show {0}")]
    Missing(Part),
    /// A node is none of such a trie.
    #[error("the proof is malformed where it should show {0}")]
    Malformed(Part),
    /// The contract refuses the call, or has another interface.
    #[error("the contract {contract} does not answer: {why}")]
    Refused {
        /// Its address.
        contract: Address,
        /// What the virtual machine or the decoder said.
        why: String,
    },
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(address) => write!(f, "account {address}"),
            Self::Slot(address, slot) => write!(f, "slot {slot:#x} of {address}"),
            Self::Code(hash) => write!(f, "the code with hash {hash}"),
            Self::Block(number) => write!(f, "the hash of block {number}"),
        }
    }
}

impl DBErrorMarker for Unproved {}

/// A state to ask.
#[derive(Debug)]
pub struct Proved {
    header: Header,
    hash: B256,
    chain_id: u64,
    nodes: Nodes,
    codes: HashMap<B256, Bytecode>,
    accounts: RwLock<HashMap<Address, Option<TrieAccount>>>,
    /// What was asked for and is not shown.
    missing: Mutex<BTreeSet<Part>>,
}

impl Proved {
    /// Reads a witness of a chain. That it hangs together shows when something is asked.
    ///
    /// # Errors
    /// [`Unproved::Header`].
    pub fn open(witness: &Witness, chain_id: u64) -> Result<Self, Unproved> {
        let mut rest = &witness.header[..];
        let header = Header::decode(&mut rest).ok().filter(|_| rest.is_empty()).ok_or(Unproved::Header)?;
        let mut proved = Self::of_header(header, keccak256(&witness.header), chain_id);
        witness.nodes.iter().for_each(|node| proved.nodes.insert(node.clone()));
        witness.codes.iter().for_each(|code| proved.insert_code(code.clone()));
        Ok(proved)
    }

    fn of_header(header: Header, hash: B256, chain_id: u64) -> Self {
        Self {
            header,
            hash,
            chain_id,
            nodes: Nodes::default(),
            codes: HashMap::new(),
            accounts: RwLock::default(),
            missing: Mutex::default(),
        }
    }

    fn insert_code(&mut self, code: Bytes) {
        let hash = keccak256(&code);
        // Code that starts like a delegation and is none could not have been deployed.
        if let Ok(code) = Bytecode::new_raw_checked(code) {
            self.codes.insert(hash, code);
        }
    }

    fn witness(&self) -> Witness {
        let mut codes: Vec<Bytes> = self.codes.values().map(Bytecode::original_bytes).collect();
        codes.sort_unstable();
        Witness { header: alloy::rlp::encode(&self.header).into(), nodes: self.nodes.sorted(), codes }
    }

    /// The block: height, hash, and time in unix seconds.
    pub fn block(&self) -> (u64, B256, u64) {
        (self.header.number, self.hash, self.header.timestamp)
    }

    /// keccak256 of the code of an account; that of no code for an account that is not there.
    ///
    /// # Errors
    /// [`Unproved::Missing`], [`Unproved::Malformed`].
    pub fn code_hash(&self, address: Address) -> Result<B256, Unproved> {
        Ok(self.account(address)?.map_or(KECCAK256_EMPTY, |account| account.code_hash))
    }

    /// What a contract answers, by its own code.
    ///
    /// # Errors
    /// [`Unproved::Missing`] for a part of the state that is not shown, [`Unproved::Refused`] for a revert or an answer
    /// of another form.
    pub fn call<C: SolCall>(&self, contract: Address, call: &C) -> Result<C::Return, Unproved> {
        let refused = |why: String| Unproved::Refused { contract, why };
        let mut config = CfgEnv::new_with_spec(SpecId::OSAKA).with_chain_id(self.chain_id);
        config.disable_nonce_check = true;
        config.disable_base_fee = true;
        config.disable_eip3607 = true;
        let outcome = Context::mainnet()
            .with_db(WrapDatabaseRef(self))
            .with_cfg(config)
            .with_block(self.environment())
            .build_mainnet()
            .transact(TxEnv {
                caller: NOBODY,
                kind: TxKind::Call(contract),
                gas_limit: CALL_GAS,
                data: call.abi_encode().into(),
                chain_id: Some(self.chain_id),
                ..TxEnv::default()
            })
            .map_err(|error| match error {
                EVMError::Database(unproved) => unproved,
                other => refused(other.to_string()),
            })?;
        if !outcome.result.is_success() {
            return Err(refused("it refuses the call".into()));
        }
        let answer = outcome.result.into_output().unwrap_or_default();
        C::abi_decode_returns_validate(&answer).map_err(|error| refused(error.to_string()))
    }

    fn environment(&self) -> BlockEnv {
        BlockEnv {
            number: U256::from(self.header.number),
            beneficiary: NOBODY,
            timestamp: U256::from(self.header.timestamp),
            gas_limit: self.header.gas_limit.max(CALL_GAS),
            basefee: self.header.base_fee_per_gas.unwrap_or_default(),
            difficulty: U256::ZERO,
            prevrandao: Some(self.header.mix_hash),
            blob_excess_gas_and_price: Some(BlobExcessGasAndPrice::new(0, BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE)),
            slot_num: 0,
        }
    }

    fn account(&self, address: Address) -> Result<Option<TrieAccount>, Unproved> {
        if let Some(known) = self.accounts.read().unwrap_or_else(PoisonError::into_inner).get(&address) {
            return Ok(*known);
        }
        let part = || Part::Account(address);
        let found = self.nodes.get(self.header.state_root, keccak256(address)).map_err(|gap| self.gap(gap, part()))?;
        let account = match found {
            None => None,
            Some(leaf) => {
                let mut rest = &leaf[..];
                let account = TrieAccount::decode(&mut rest).ok().filter(|_| rest.is_empty());
                Some(account.ok_or_else(|| Unproved::Malformed(part()))?)
            }
        };
        self.accounts.write().unwrap_or_else(PoisonError::into_inner).insert(address, account);
        Ok(account)
    }

    fn slot(&self, address: Address, slot: U256) -> Result<U256, Unproved> {
        let Some(account) = self.account(address)? else { return Ok(U256::ZERO) };
        let part = || Part::Slot(address, slot);
        let found = self.nodes.get(account.storage_root, keccak256(B256::from(slot)));
        match found.map_err(|gap| self.gap(gap, part()))? {
            None => Ok(U256::ZERO),
            Some(leaf) => {
                let mut rest = &leaf[..];
                let value = U256::decode(&mut rest).ok().filter(|_| rest.is_empty());
                value.ok_or_else(|| Unproved::Malformed(part()))
            }
        }
    }

    fn gap(&self, gap: Gap, part: Part) -> Unproved {
        match gap {
            Gap::Missing => self.lacks(part),
            Gap::Malformed => Unproved::Malformed(part),
        }
    }

    fn lacks(&self, part: Part) -> Unproved {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(part.clone());
        Unproved::Missing(part)
    }

    /// What was asked for since the last time and is not shown.
    fn take_missing(&self) -> BTreeSet<Part> {
        std::mem::take(&mut *self.missing.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Who calls, and whose the fees would be: an account that needs no proof, because nothing that is asked depends on it.
const NOBODY: Address = Address::ZERO;

impl DatabaseRef for Proved {
    type Error = Unproved;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Unproved> {
        if address == NOBODY {
            return Ok(None);
        }
        Ok(self.account(address)?.map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            account_id: None,
            code: None,
        }))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Unproved> {
        if code_hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        self.codes.get(&code_hash).cloned().ok_or_else(|| self.lacks(Part::Code(code_hash)))
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, Unproved> {
        self.slot(address, slot)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Unproved> {
        Err(self.lacks(Part::Block(number)))
    }
}
