//! The accounts of the embedded chain as they are now.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use alloy::consensus::TrieAccount;
use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy::trie::root::{state_root_unhashed, storage_root_unhashed};
use revm::bytecode::Bytecode;
use revm::state::AccountInfo;

use super::record::{AccountChange, BlockRecord};

/// Accounts and code.
#[derive(Debug, Default)]
pub struct World {
    accounts: BTreeMap<Address, Account>,
    codes: HashMap<B256, Bytecode>,
}

#[derive(Debug)]
struct Account {
    nonce: u64,
    balance: U256,
    code_hash: B256,
    storage: BTreeMap<U256, U256>,
    /// Root of `storage`, computed on demand and forgotten on change: most accounts keep theirs from block to block.
    storage_root: OnceCell<B256>,
}

impl World {
    /// Takes the changes of one block. Fails with a sentence when the code in the record is not what its hash says.
    pub fn apply(&mut self, block: &BlockRecord) -> Result<(), String> {
        for (hash, code) in &block.code {
            if keccak256(code) != *hash {
                return Err(format!("code {hash} has another hash"));
            }
            let code = Bytecode::new_raw_checked(code.clone()).map_err(|error| format!("code {hash}: {error}"))?;
            self.codes.insert(*hash, code);
        }
        for (address, change) in &block.changes {
            match change {
                Some(change) => self.apply_account(*address, change)?,
                None => drop(self.accounts.remove(address)),
            }
        }
        Ok(())
    }

    fn apply_account(&mut self, address: Address, change: &AccountChange) -> Result<(), String> {
        if change.code_hash != KECCAK256_EMPTY && !self.codes.contains_key(&change.code_hash) {
            return Err(format!("account {address} has code {} that is not stored", change.code_hash));
        }
        let account = self.accounts.entry(address).or_insert_with(|| Account {
            nonce: 0,
            balance: U256::ZERO,
            code_hash: KECCAK256_EMPTY,
            storage: BTreeMap::new(),
            storage_root: OnceCell::new(),
        });
        account.nonce = change.nonce;
        account.balance = change.balance;
        account.code_hash = change.code_hash;
        if !change.storage.is_empty() {
            account.storage_root = OnceCell::new();
        }
        for (slot, value) in &change.storage {
            if value.is_zero() {
                account.storage.remove(slot);
            } else {
                account.storage.insert(*slot, *value);
            }
        }
        Ok(())
    }

    /// Root of the state trie, as the header of an Ethereum block has it.
    pub fn state_root(&self) -> B256 {
        state_root_unhashed(self.accounts.iter().map(|(address, account)| {
            let storage_root = *account.storage_root.get_or_init(|| {
                storage_root_unhashed(account.storage.iter().map(|(slot, value)| (B256::from(*slot), *value)))
            });
            let leaf = TrieAccount {
                nonce: account.nonce,
                balance: account.balance,
                storage_root,
                code_hash: account.code_hash,
            };
            (*address, leaf)
        }))
    }

    /// What revm asks about an account.
    pub fn info(&self, address: Address) -> Option<AccountInfo> {
        self.accounts.get(&address).map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            account_id: None,
            code: None,
        })
    }

    /// The account as a change that changes nothing yet; the start for editing one slot.
    pub fn unchanged(&self, address: Address) -> Option<AccountChange> {
        self.accounts.get(&address).map(|account| AccountChange {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
            ..AccountChange::default()
        })
    }

    /// Balance in wei.
    pub fn balance(&self, address: Address) -> U256 {
        self.accounts.get(&address).map_or(U256::ZERO, |account| account.balance)
    }

    /// Transactions sent by the account.
    pub fn nonce(&self, address: Address) -> u64 {
        self.accounts.get(&address).map_or(0, |account| account.nonce)
    }

    /// Code of an account; empty when it has none.
    pub fn code_of(&self, address: Address) -> Bytes {
        let hash = self.accounts.get(&address).map(|account| account.code_hash);
        hash.and_then(|hash| self.codes.get(&hash)).map(Bytecode::original_bytes).unwrap_or_default()
    }

    /// Code by hash.
    pub fn code(&self, hash: B256) -> Option<&Bytecode> {
        self.codes.get(&hash)
    }

    /// One storage slot.
    pub fn storage(&self, address: Address, slot: U256) -> U256 {
        self.accounts.get(&address).and_then(|account| account.storage.get(&slot)).copied().unwrap_or_default()
    }
}
