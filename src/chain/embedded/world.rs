//! The accounts of the embedded chain as they are now.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use alloy::consensus::TrieAccount;
use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy::rpc::types::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy::trie::proof::ProofRetainer;
use alloy::trie::root::{state_root_unhashed, storage_root_unhashed};
use alloy::trie::{HashBuilder, Nibbles};
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

impl Account {
    /// The account as a leaf of the state trie.
    fn leaf(&self) -> TrieAccount {
        let storage_root = *self.storage_root.get_or_init(|| {
            storage_root_unhashed(self.storage.iter().map(|(slot, value)| (B256::from(*slot), *value)))
        });
        TrieAccount { nonce: self.nonce, balance: self.balance, storage_root, code_hash: self.code_hash }
    }
}

/// The nodes from the root of a trie towards each key: as far as the trie has any.
fn paths(leaves: BTreeMap<B256, Vec<u8>>, keys: &[B256]) -> Vec<Vec<Bytes>> {
    if leaves.is_empty() {
        return vec![Vec::new(); keys.len()];
    }
    let keys: Vec<Nibbles> = keys.iter().map(Nibbles::unpack).collect();
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(keys.clone()));
    for (key, value) in &leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    builder.root();
    let nodes = builder.take_proof_nodes();
    // A node of less than 32 bytes is inside its parent and has no place of its own.
    let path = |key: &Nibbles| {
        let found = nodes.matching_nodes_sorted(key).into_iter();
        found.filter(|(at, node)| at.is_empty() || node.len() >= 32).map(|(_, node)| node).collect()
    };
    keys.iter().map(path).collect()
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
        state_root_unhashed(self.accounts.iter().map(|(address, account)| (*address, account.leaf())))
    }

    /// What an account and slots of it hold, with the nodes of the state trie and of the account's own that show it
    /// (EIP-1186), from the root down. An empty trie has no nodes.
    pub fn prove(&self, address: Address, slots: &[U256]) -> EIP1186AccountProofResponse {
        let none = BTreeMap::new();
        let account = self.accounts.get(&address);
        let leaf = account.map_or_else(TrieAccount::default, Account::leaf);
        let leaves =
            self.accounts.iter().map(|(address, account)| (keccak256(address), alloy::rlp::encode(account.leaf())));
        let hashed_slots: Vec<B256> = slots.iter().map(|slot| keccak256(B256::from(*slot))).collect();
        let storage = account.map_or(&none, |account| &account.storage);
        let storage_leaves =
            storage.iter().map(|(slot, value)| (keccak256(B256::from(*slot)), alloy::rlp::encode(value)));
        let proofs = paths(storage_leaves.collect(), &hashed_slots);
        let storage_proof = slots.iter().zip(proofs).map(|(slot, proof)| EIP1186StorageProof {
            key: B256::from(*slot).into(),
            value: storage.get(slot).copied().unwrap_or_default(),
            proof,
        });
        EIP1186AccountProofResponse {
            address,
            balance: leaf.balance,
            code_hash: leaf.code_hash,
            nonce: leaf.nonce,
            storage_hash: leaf.storage_root,
            account_proof: paths(leaves.collect(), &[keccak256(address)]).pop().unwrap_or_default(),
            storage_proof: storage_proof.collect(),
        }
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
