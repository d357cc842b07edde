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

/// Largest code of a contract (EIP-170).
const CODE_LIMIT: u16 = 24_576;

/// One contract to be created by [`DETERMINISTIC_DEPLOYER`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedContract {
    /// Which one: it itself, or what holds its creation code ([`Contract::is_held_as_code`]).
    pub contract: Contract,
    /// Where it is, or will be.
    pub address: Address,
    /// keccak256 of the creation code with arguments.
    pub init_code_hash: B256,
    /// Calldata for the deployer that creates it.
    pub calldata: Bytes,
}

impl SharedContract {
    /// What to call it: the contract's name, or "code of" and the name.
    pub fn name(&self) -> String {
        let name = self.contract.name();
        if self.contract.is_held_as_code() { format!("code of {name}") } else { name.to_owned() }
    }
}

/// What the factory makes projects of, the factory, and what all projects use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedContracts {
    /// Contracts to clone, and four that hold creation code, in the order of [`Contract::IMPLEMENTATIONS`], which is the
    /// order of the factory's arguments.
    pub implementations: Vec<SharedContract>,
    /// The price module of terms with a step ([`linear_curve`]); terms that name it are refused until it is there.
    pub curve: SharedContract,
    /// The factory; to be deployed last.
    pub factory: SharedContract,
}

impl SharedContracts {
    /// What this build deploys.
    ///
    /// # Errors
    /// [`ArtifactError`] if this build was made without the compiled contracts, or with contracts that are too long.
    pub fn of_this_build() -> Result<Self, ArtifactError> {
        let implementations = Contract::IMPLEMENTATIONS
            .into_iter()
            .map(|contract| {
                let code = contract.artifact()?.creation_code()?;
                Ok(if contract.is_held_as_code() {
                    shared(contract, &holder(contract, code)?)
                } else {
                    shared(contract, code)
                })
            })
            .collect::<Result<Vec<_>, ArtifactError>>()?;
        let addresses: Vec<Address> = implementations.iter().map(|shared| shared.address).collect();
        let mut code = Contract::SuiteFactory.artifact()?.creation_code()?.to_vec();
        code.extend(factory_arguments(&addresses));
        Ok(Self { implementations, curve: linear_curve()?, factory: shared(Contract::SuiteFactory, &code) })
    }

    /// All in the order in which they are deployed.
    pub fn in_order(&self) -> impl Iterator<Item = &SharedContract> {
        self.implementations.iter().chain([&self.curve, &self.factory])
    }
}

/// The contract behind prices that rise with each sale, one for all projects of a chain.
///
/// # Errors
/// [`ArtifactError`] if this build was made without the compiled contracts.
pub fn linear_curve() -> Result<SharedContract, ArtifactError> {
    Ok(shared(Contract::LinearCurve, Contract::LinearCurve.artifact()?.creation_code()?))
}

/// ABI encoding of the addresses in a row: static types need no offsets.
fn factory_arguments(addresses: &[Address]) -> Vec<u8> {
    addresses.iter().flat_map(SolValue::abi_encode).collect()
}

/// Creation code of a contract whose code is 0x00 (STOP: a call does nothing) and then the creation code given, which is
/// how `CodeHolder.sol` reads it.
fn holder(contract: Contract, code: &[u8]) -> Result<Vec<u8>, ArtifactError> {
    let too_long = || ArtifactError::TooLong {
        contract: contract.name(),
        size: code.len(),
        limit: usize::from(CODE_LIMIT).saturating_sub(1),
    };
    let length = u16::try_from(code.len()).ok().and_then(|length| length.checked_add(1)).ok_or_else(too_long)?;
    if length > CODE_LIMIT {
        return Err(too_long());
    }
    let [high, low] = length.to_be_bytes();
    // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: returns what follows these ten bytes.
    let loader = [0x61, high, low, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3];
    Ok([&loader[..], &[0x00], code].concat())
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

    #[test]
    fn a_holder_is_a_loader_a_stop_and_the_code() {
        let code = [0xfe; 300];
        let init_code = holder(Contract::AccessPass, &code).unwrap();
        assert_eq!(init_code[..11], [0x61, 0x01, 0x2d, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3, 0x00]);
        assert_eq!(init_code[11..], code);
    }

    #[test]
    fn code_of_24_575_bytes_can_be_held_and_no_more() {
        assert!(holder(Contract::AccessPass, &vec![1; 24_575]).is_ok());
        for size in [24_576, 65_534, 65_535, 65_536, 100_000] {
            let error = holder(Contract::AccessPass, &vec![1; size]).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(&format!("{size} bytes, and at most 24575")), "{text}");
        }
    }

    /// The four data contracts are held, in this build too; everything else is deployed as it is.
    #[test]
    fn data_contracts_are_held_as_code() {
        let all = SharedContracts::of_this_build().unwrap();
        let names: Vec<String> = all.in_order().map(SharedContract::name).collect();
        assert_eq!(
            names,
            [
                "DataToken",
                "DataTimelock",
                "DataGovernor",
                "DataAccessManager",
                "code of DatasetRegistry",
                "code of LicenseRegistry",
                "code of RoyaltyVault",
                "code of AccessPass",
                "ValidatorStake",
                "DisputeCourt",
                "UsageLedger",
                "RewardRounds",
                "RecordToken",
                "LinearCurve",
                "SuiteFactory",
            ]
        );
        for shared in all.in_order() {
            let code = shared.contract.artifact().unwrap().creation_code().unwrap();
            // Salt, loader and STOP before the code; the factory's arguments behind it.
            let start = if shared.contract.is_held_as_code() { 32 + 11 } else { 32 };
            assert_eq!(&shared.calldata[start..start + code.len()], &code[..], "{}", shared.name());
            assert_eq!(shared.init_code_hash, keccak256(&shared.calldata[32..]));
        }
    }
}
