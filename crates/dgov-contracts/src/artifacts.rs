//! The compiled contracts (`contracts/artifacts/*.json`), carried inside the binary.

use std::sync::LazyLock;

use alloy::{
    json_abi::JsonAbi,
    primitives::{B256, Bytes, hex, keccak256},
};
use serde::Deserialize;

/// A deployable contract of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Contract {
    /// Governance token.
    DataToken,
    /// Timelock controller.
    DataTimelock,
    /// Governor.
    DataGovernor,
    /// Access manager.
    DataAccessManager,
    /// Dataset registry.
    DatasetRegistry,
    /// License registry.
    LicenseRegistry,
    /// Royalty vault.
    RoyaltyVault,
    /// Access pass.
    AccessPass,
    /// Stake of validators and publishers.
    ValidatorStake,
    /// Cases.
    DisputeCourt,
    /// Jobs that pay per training run.
    UsageLedger,
    /// Reward rounds.
    RewardRounds,
    /// Single records as tokens.
    RecordToken,
    /// Factory of all the others.
    SuiteFactory,
    /// Price module of all projects of a chain.
    LinearCurve,
}

impl Contract {
    /// What the factory makes a project of, in the order of its constructor's arguments.
    pub const IMPLEMENTATIONS: [Self; 13] = [
        Self::DataToken,
        Self::DataTimelock,
        Self::DataGovernor,
        Self::DataAccessManager,
        Self::DatasetRegistry,
        Self::LicenseRegistry,
        Self::RoyaltyVault,
        Self::AccessPass,
        Self::ValidatorStake,
        Self::DisputeCourt,
        Self::UsageLedger,
        Self::RewardRounds,
        Self::RecordToken,
    ];

    /// Every contract: the implementations, then the factory, then what belongs to no project.
    pub const ALL: [Self; 15] = [
        Self::DataToken,
        Self::DataTimelock,
        Self::DataGovernor,
        Self::DataAccessManager,
        Self::DatasetRegistry,
        Self::LicenseRegistry,
        Self::RoyaltyVault,
        Self::AccessPass,
        Self::ValidatorStake,
        Self::DisputeCourt,
        Self::UsageLedger,
        Self::RewardRounds,
        Self::RecordToken,
        Self::SuiteFactory,
        Self::LinearCurve,
    ];

    /// Whether each project has its own full contract, for which the factory reads the creation code from a contract that
    /// holds it; the others are cloned (the factory itself is neither).
    pub const fn is_held_as_code(self) -> bool {
        matches!(self, Self::DatasetRegistry | Self::LicenseRegistry | Self::RoyaltyVault | Self::AccessPass)
    }

    /// Its name in Solidity.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataToken => "DataToken",
            Self::DataTimelock => "DataTimelock",
            Self::DataGovernor => "DataGovernor",
            Self::DataAccessManager => "DataAccessManager",
            Self::DatasetRegistry => "DatasetRegistry",
            Self::LicenseRegistry => "LicenseRegistry",
            Self::RoyaltyVault => "RoyaltyVault",
            Self::AccessPass => "AccessPass",
            Self::ValidatorStake => "ValidatorStake",
            Self::DisputeCourt => "DisputeCourt",
            Self::UsageLedger => "UsageLedger",
            Self::RewardRounds => "RewardRounds",
            Self::RecordToken => "RecordToken",
            Self::SuiteFactory => "SuiteFactory",
            Self::LinearCurve => "LinearCurve",
        }
    }

    const fn json(self) -> &'static str {
        match self {
            Self::DataToken => include_str!("../../../contracts/artifacts/DataToken.json"),
            Self::DataTimelock => include_str!("../../../contracts/artifacts/DataTimelock.json"),
            Self::DataGovernor => include_str!("../../../contracts/artifacts/DataGovernor.json"),
            Self::DataAccessManager => include_str!("../../../contracts/artifacts/DataAccessManager.json"),
            Self::DatasetRegistry => include_str!("../../../contracts/artifacts/DatasetRegistry.json"),
            Self::LicenseRegistry => include_str!("../../../contracts/artifacts/LicenseRegistry.json"),
            Self::RoyaltyVault => include_str!("../../../contracts/artifacts/RoyaltyVault.json"),
            Self::AccessPass => include_str!("../../../contracts/artifacts/AccessPass.json"),
            Self::ValidatorStake => include_str!("../../../contracts/artifacts/ValidatorStake.json"),
            Self::DisputeCourt => include_str!("../../../contracts/artifacts/DisputeCourt.json"),
            Self::UsageLedger => include_str!("../../../contracts/artifacts/UsageLedger.json"),
            Self::RewardRounds => include_str!("../../../contracts/artifacts/RewardRounds.json"),
            Self::RecordToken => include_str!("../../../contracts/artifacts/RecordToken.json"),
            Self::SuiteFactory => include_str!("../../../contracts/artifacts/SuiteFactory.json"),
            Self::LinearCurve => include_str!("../../../contracts/artifacts/LinearCurve.json"),
        }
    }

    /// The embedded artifact, parsed once.
    ///
    /// # Errors
    /// [`ArtifactError`] if the file in this build is not an artifact of this contract.
    pub fn artifact(self) -> Result<&'static Artifact, ArtifactError> {
        static PARSED: LazyLock<Vec<Result<Artifact, ArtifactError>>> =
            LazyLock::new(|| Contract::ALL.into_iter().map(parse).collect());
        // `ALL` is in the order of the discriminants.
        match PARSED.get(self as usize) {
            Some(Ok(artifact)) => Ok(artifact),
            Some(Err(error)) => Err(error.clone()),
            None => Err(ArtifactError::NoCode { contract: self.name() }),
        }
    }
}

/// Why an embedded artifact can't be used. It can only happen in a build made from broken files.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ArtifactError {
    /// Not JSON of the expected form.
    #[error("the artifact of {contract} in this build is malformed: {reason}")]
    Malformed {
        /// Name of the contract.
        contract: &'static str,
        /// What the parser said.
        reason: String,
    },
    /// The file is another contract's.
    #[error("the artifact of {contract} in this build belongs to {found}")]
    OtherContract {
        /// Name of the contract.
        contract: &'static str,
        /// Name inside the file.
        found: String,
    },
    /// No creation code, as of an interface.
    #[error("the artifact of {contract} in this build has no creation code")]
    NoCode {
        /// Name of the contract.
        contract: &'static str,
    },
    /// Its creation code does not fit into one contract, from which the factory could read it (EIP-170).
    #[error("the creation code of {contract} in this build has {size} bytes, and at most {limit} can be held on chain")]
    TooLong {
        /// Name of the contract.
        contract: &'static str,
        /// Bytes of creation code.
        size: usize,
        /// Most bytes that can be held.
        limit: usize,
    },
}

/// One compiled contract.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Its name.
    pub contract: Contract,
    /// Version of the compiler, as the compiler states it.
    pub compiler: String,
    /// Functions, events and errors.
    pub abi: JsonAbi,
    creation_code: Bytes,
}

impl Artifact {
    /// Creation code without constructor arguments.
    ///
    /// # Errors
    /// [`ArtifactError::NoCode`].
    pub fn creation_code(&self) -> Result<&Bytes, ArtifactError> {
        if self.creation_code.is_empty() {
            Err(ArtifactError::NoCode { contract: self.contract.name() })
        } else {
            Ok(&self.creation_code)
        }
    }

    /// keccak256 of the creation code: the digest that the lock file records.
    ///
    /// # Errors
    /// [`ArtifactError::NoCode`].
    pub fn code_digest(&self) -> Result<B256, ArtifactError> {
        self.creation_code().map(keccak256)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    contract_name: String,
    compiler: Compiler,
    abi: JsonAbi,
    bytecode: String,
}

#[derive(Deserialize)]
struct Compiler {
    version: String,
}

fn parse(contract: Contract) -> Result<Artifact, ArtifactError> {
    let malformed = |reason: String| ArtifactError::Malformed { contract: contract.name(), reason };
    let file: File = serde_json::from_str(contract.json()).map_err(|error| malformed(error.to_string()))?;
    if file.contract_name != contract.name() {
        return Err(ArtifactError::OtherContract { contract: contract.name(), found: file.contract_name });
    }
    // Unlinked libraries leave placeholders that are no hex digits: refused here.
    let code = hex::decode(&file.bytecode).map_err(|error| malformed(error.to_string()))?;
    Ok(Artifact { contract, compiler: file.compiler.version, abi: file.abi, creation_code: code.into() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn discriminants_are_positions() {
        for (position, contract) in Contract::ALL.into_iter().enumerate() {
            assert_eq!(contract as usize, position);
            assert_eq!(contract.artifact().unwrap().contract, contract);
        }
        assert_eq!(Contract::ALL[..13], Contract::IMPLEMENTATIONS);
    }

    /// Every selector that the bindings send or read exists in the compiled contract.
    #[test]
    fn bindings_agree_with_the_compiled_contracts() {
        use crate::{court::IDisputeCourt, governance::*, rounds::IRewardRounds, stake::IValidatorStake, suite::*};
        use alloy::sol_types::SolInterface;
        fn missing<T: SolInterface>(contract: Contract) -> Vec<String> {
            let abi = &contract.artifact().unwrap().abi;
            let known: Vec<[u8; 4]> = abi.functions().map(|f| f.selector().0).collect();
            let absent = T::selectors().filter(|selector| !known.contains(selector));
            absent.map(|selector| format!("{} {}", contract.name(), hex::encode(selector))).collect()
        }
        let all = [
            missing::<IDataToken::IDataTokenCalls>(Contract::DataToken),
            missing::<IErc20::IErc20Calls>(Contract::DataToken),
            missing::<IDataTimelock::IDataTimelockCalls>(Contract::DataTimelock),
            missing::<IDataGovernor::IDataGovernorCalls>(Contract::DataGovernor),
            missing::<IDataAccessManager::IDataAccessManagerCalls>(Contract::DataAccessManager),
            missing::<IDatasetRegistry::IDatasetRegistryCalls>(Contract::DatasetRegistry),
            missing::<ILicenseRegistry::ILicenseRegistryCalls>(Contract::LicenseRegistry),
            missing::<IRoyaltyVault::IRoyaltyVaultCalls>(Contract::RoyaltyVault),
            missing::<IAccessPass::IAccessPassCalls>(Contract::AccessPass),
            missing::<ISuiteFactory::ISuiteFactoryCalls>(Contract::SuiteFactory),
            missing::<IRecordToken::IRecordTokenCalls>(Contract::RecordToken),
            missing::<IStakeSettings::IStakeSettingsCalls>(Contract::ValidatorStake),
            missing::<ICourtSettings::ICourtSettingsCalls>(Contract::DisputeCourt),
            missing::<IRoundSettings::IRoundSettingsCalls>(Contract::RewardRounds),
            missing::<IDisputeCourt::IDisputeCourtCalls>(Contract::DisputeCourt),
            missing::<IValidatorStake::IValidatorStakeCalls>(Contract::ValidatorStake),
            missing::<IRewardRounds::IRewardRoundsCalls>(Contract::RewardRounds),
        ];
        assert_eq!(all.concat(), Vec::<String>::new());
    }

    /// Every event that the bindings read is emitted under the same topic.
    #[test]
    fn events_agree_with_the_compiled_contracts() {
        use crate::{court::IDisputeCourt, governance::*, rounds::IRewardRounds, stake::IValidatorStake, suite::*};
        use alloy::sol_types::SolEventInterface;
        fn missing<T: SolEventInterface>(contract: Contract, topics: &[[u8; 32]]) -> Vec<String> {
            assert_eq!(topics.len(), T::COUNT);
            let abi = &contract.artifact().unwrap().abi;
            let known: Vec<[u8; 32]> = abi.events().map(|event| event.selector().0).collect();
            let absent = topics.iter().filter(|topic| !known.contains(*topic));
            absent.map(|topic| format!("{} {}", contract.name(), hex::encode(topic))).collect()
        }
        macro_rules! check {
            ($($module:ident :: $events:ident in $contract:ident),* $(,)?) => {
                [$(missing::<$module::$events>(Contract::$contract, $module::$events::SELECTORS)),*].concat()
            };
        }
        let absent = check![
            IDataToken::IDataTokenEvents in DataToken,
            IErc20::IErc20Events in DataToken,
            IDataTimelock::IDataTimelockEvents in DataTimelock,
            IDataGovernor::IDataGovernorEvents in DataGovernor,
            IDataAccessManager::IDataAccessManagerEvents in DataAccessManager,
            IDatasetRegistry::IDatasetRegistryEvents in DatasetRegistry,
            ILicenseRegistry::ILicenseRegistryEvents in LicenseRegistry,
            IRoyaltyVault::IRoyaltyVaultEvents in RoyaltyVault,
            IAccessPass::IAccessPassEvents in AccessPass,
            ISuiteFactory::ISuiteFactoryEvents in SuiteFactory,
            IRecordToken::IRecordTokenEvents in RecordToken,
            IDisputeCourt::IDisputeCourtEvents in DisputeCourt,
            IValidatorStake::IValidatorStakeEvents in ValidatorStake,
            IRewardRounds::IRewardRoundsEvents in RewardRounds,
        ];
        assert_eq!(absent, Vec::<String>::new());
    }

    /// The factory can be deployed: every contract has code within the limit of EIP-170.
    #[test]
    fn every_contract_has_code() {
        for contract in Contract::ALL {
            let code = contract.artifact().unwrap().creation_code().unwrap();
            assert!((1_000..2 * 24_576).contains(&code.len()), "{} has {} bytes", contract.name(), code.len());
        }
    }
}
