//! What the embedded chain holds before its first transaction: funded accounts and well-known contracts.

use std::collections::BTreeMap;

use alloy::eips::eip2935::{HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE};
use alloy::primitives::{Address, B256, Bytes, U256, address, bytes, keccak256};

use super::record::{AccountChange, BlockRecord};

/// Chain id of the embedded chain; the one that development nodes use, so that wallets know it.
pub const CHAIN_ID: u64 = 31337;

/// The public development mnemonic. Anybody can sign for its accounts.
pub const DEV_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// Gas limit of every block.
pub const BLOCK_GAS_LIMIT: u64 = 30_000_000;

/// Highest gas limit of one transaction (EIP-7825).
pub const TRANSACTION_GAS_CAP: u64 = 1 << 24;

/// Base fee of the first two blocks, in wei; from there on EIP-1559 moves it.
pub const INITIAL_BASE_FEE: u64 = 1_000_000_000;

/// The contract through which CREATE2 gives the same addresses on every chain.
pub const DETERMINISTIC_DEPLOYER: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

const DETERMINISTIC_DEPLOYER_CODE: Bytes = bytes!(
    "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Balance of each development account: 10,000 ETH in wei.
const DEV_BALANCE: u128 = 10_000 * 10u128.pow(18);

/// Accounts `m/44'/60'/0'/0/0` to `.../9` of [`DEV_MNEMONIC`]. Written down, because deriving them takes longer than
/// starting the chain; a test derives them.
const DEV_ADDRESSES: [Address; 10] = [
    address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    address!("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
    address!("0x90F79bf6EB2c4f870365E785982E1f101E93b906"),
    address!("0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"),
    address!("0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"),
    address!("0x976EA74026E726554dB657fA54763abd0C3a0aa9"),
    address!("0x14dC79964da2C08b23698B3D3cc7Ca32193d9955"),
    address!("0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"),
    address!("0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"),
];

/// The funded development accounts, `dev0` first.
pub fn dev_addresses() -> [Address; 10] {
    DEV_ADDRESSES
}

/// The record of block 0 at `time` (Unix seconds), without state root and hash.
pub(super) fn block(time: u64) -> BlockRecord {
    let mut changes = BTreeMap::new();
    for account in DEV_ADDRESSES {
        changes.insert(account, Some(AccountChange { balance: U256::from(DEV_BALANCE), ..AccountChange::default() }));
    }
    let mut code = BTreeMap::new();
    let mut contract = |account: Address, bytes: Bytes| {
        let hash = keccak256(&bytes);
        changes.insert(account, Some(AccountChange { nonce: 1, code_hash: hash, ..AccountChange::default() }));
        code.insert(hash, bytes);
    };
    contract(DETERMINISTIC_DEPLOYER, DETERMINISTIC_DEPLOYER_CODE);
    contract(HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE.clone());
    BlockRecord {
        number: 0,
        time,
        time_offset: 0,
        base_fee: INITIAL_BASE_FEE,
        transaction: None,
        changes,
        code,
        state_root: B256::ZERO,
        hash: B256::ZERO,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use alloy::signers::local::{MnemonicBuilder, coins_bip39::English};

    #[test]
    fn written_addresses_are_those_of_the_mnemonic() {
        for (index, expected) in dev_addresses().iter().enumerate() {
            let signer = MnemonicBuilder::<English>::default()
                .phrase(DEV_MNEMONIC)
                .index(u32::try_from(index).unwrap())
                .unwrap()
                .build()
                .unwrap();
            assert_eq!(signer.address(), *expected, "dev{index}");
        }
    }
}
