//! Where the shared contracts are: CREATE2 through the deterministic deployer gives the same addresses on every chain, so
//! that whoever deploys first deploys for all.

use alloy::{
    primitives::{Address, B256, Bytes, address, keccak256},
    sol_types::SolValue,
};

use crate::artifacts::{ArtifactError, Contract};

/// The deployer that takes `salt || creation code` as calldata, at the same address on practically every chain
/// (<https://github.com/Arachnid/deterministic-deployment-proxy>).
pub const DETERMINISTIC_DEPLOYER: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

/// Salt of all shared contracts.
pub const SALT: B256 = B256::ZERO;

/// One contract to be created by [`DETERMINISTIC_DEPLOYER`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedContract {
    /// Which one.
    pub contract: Contract,
    /// Where it is, or will be.
    pub address: Address,
    /// keccak256 of the creation code with arguments.
    pub init_code_hash: B256,
    /// Calldata for the deployer that creates it.
    pub calldata: Bytes,
}

/// The eight implementations and the factory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedContracts {
    /// In the order of [`Contract::IMPLEMENTATIONS`], which is the order of the factory's arguments.
    pub implementations: Vec<SharedContract>,
    /// The factory; to be deployed last.
    pub factory: SharedContract,
}

impl SharedContracts {
    /// What this build deploys.
    ///
    /// # Errors
    /// [`ArtifactError`] if this build was made without the compiled contracts.
    pub fn of_this_build() -> Result<Self, ArtifactError> {
        let implementations = Contract::IMPLEMENTATIONS
            .into_iter()
            .map(|contract| Ok(shared(contract, contract.artifact()?.creation_code()?)))
            .collect::<Result<Vec<_>, ArtifactError>>()?;
        let addresses: Vec<Address> = implementations.iter().map(|shared| shared.address).collect();
        let mut code = Contract::SuiteFactory.artifact()?.creation_code()?.to_vec();
        code.extend(factory_arguments(&addresses));
        Ok(Self { implementations, factory: shared(Contract::SuiteFactory, &code) })
    }

    /// All in the order in which they are deployed.
    pub fn in_order(&self) -> impl Iterator<Item = &SharedContract> {
        self.implementations.iter().chain([&self.factory])
    }
}

/// ABI encoding of the addresses in a row: static types need no offsets.
fn factory_arguments(addresses: &[Address]) -> Vec<u8> {
    addresses.iter().flat_map(SolValue::abi_encode).collect()
}

fn shared(contract: Contract, init_code: &[u8]) -> SharedContract {
    let init_code_hash = keccak256(init_code);
    SharedContract {
        contract,
        address: DETERMINISTIC_DEPLOYER.create2(SALT, init_code_hash),
        init_code_hash,
        calldata: [SALT.as_slice(), init_code].concat().into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// The address rule of EIP-1014, spelled out: the last 20 bytes of
    /// keccak256(0xff || deployer || salt || keccak256(code)).
    #[test]
    fn addresses_follow_eip_1014() {
        let code = [0x60, 0x00];
        let got = shared(Contract::DataToken, &code);
        let mut preimage = vec![0xff];
        preimage.extend(DETERMINISTIC_DEPLOYER);
        preimage.extend(SALT);
        preimage.extend(keccak256(code));
        assert_eq!(got.address.as_slice(), &keccak256(preimage)[12..]);
        assert_eq!(got.calldata.len(), 34);
    }

    #[test]
    fn arguments_are_left_padded_words_in_order() {
        let addresses: Vec<Address> = (1..=8).map(Address::with_last_byte).collect();
        let encoded = factory_arguments(&addresses);
        assert_eq!(encoded.len(), 256);
        for (i, word) in encoded.chunks(32).enumerate() {
            assert_eq!(word[31] as usize, i + 1);
            assert!(word[..31].iter().all(|b| *b == 0));
        }
    }
}
