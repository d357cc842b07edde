//! The contracts behind a project, and what each was made from.

use alloy::dyn_abi::{DynSolValue, JsonAbiExt};
use alloy::primitives::{Address, Bytes, keccak256};
use alloy::providers::Provider;
use dgov_contracts::artifacts::{Artifact, Contract};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::governance::calls::contract_of;
use crate::lockfile::NetworkLock;
use crate::manifest::values::did_you_mean;
use crate::ops::deploy::shared_contracts;
use crate::ops::view::unreachable;
use crate::session::Session;

/// Code of a minimal proxy (EIP-1167) before and behind the address that it calls; arguments may follow.
const CLONE_HEAD: [u8; 10] = [0x36, 0x3d, 0x3d, 0x37, 0x3d, 0x3d, 0x3d, 0x36, 0x3d, 0x73];
const CLONE_TAIL: [u8; 15] = [0x5a, 0xf4, 0x3d, 0x82, 0x80, 0x3e, 0x90, 0x3d, 0x91, 0x60, 0x2b, 0x57, 0xfd, 0x5b, 0xf3];

/// How the code at an address came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A full contract of the project.
    Contract,
    /// A minimal proxy of the project: its code is the implementation's.
    Proxy,
    /// What proxies run, shared by all projects of a chain.
    Implementation,
    /// A contract whose code is the creation code of others, shared: data that no source compiles to.
    CodeHolder,
    /// What makes projects, shared.
    Factory,
}

impl Kind {
    /// Whether sources compile to this code.
    pub fn has_sources(self) -> bool {
        !matches!(self, Self::Proxy | Self::CodeHolder)
    }
}

/// One contract.
#[derive(Clone, Debug)]
pub struct Target {
    /// Role in the project (`registry`), else the contract's name.
    pub name: String,
    /// What it is, or what its code creates.
    pub contract: Contract,
    /// Where it is.
    pub address: Address,
    /// How it came to be.
    pub kind: Kind,
    /// What a proxy calls.
    pub implementation: Option<Address>,
    /// ABI-encoded arguments of the constructor.
    pub arguments: Bytes,
}

/// All contracts behind a project, those of the project first. Addresses that this build can't account for are refused:
/// its sources are not theirs.
///
/// # Errors
/// Input: `contracts.other_build`; integrity: `contracts.code_differs`; those of reading the chain.
pub async fn all(session: &Session<'_>) -> Result<Vec<Target>> {
    let lock = session.network_lock()?;
    let shared = shared_contracts()?;
    if lock.factory != shared.factory.address {
        let message = format!("the project was made by factory {}, whose sources are not in this dgov", lock.factory);
        return Err(Error::input("contracts.other_build", message)
            .hint("run the version of dgov that deployed it: its sources are inside"));
    }
    let mut targets = Vec::new();
    for (role, address) in &lock.contracts {
        let Some(contract) = contract_of(role).filter(|_| !address.is_zero()) else { continue };
        targets.push(of_project(session, &lock, role, contract, *address).await?);
    }
    for known in shared.in_order() {
        let artifact = artifact(known.contract)?;
        let is_factory = known.contract == Contract::SuiteFactory;
        // Salt, creation code, arguments.
        let arguments = match code_of(artifact).map(|code| 32 + code.len()) {
            Ok(start) if is_factory => known.calldata.get(start..).unwrap_or_default().to_vec(),
            _ => Vec::new(),
        };
        let kind = match known.contract {
            Contract::SuiteFactory => Kind::Factory,
            contract if contract.is_held_as_code() => Kind::CodeHolder,
            _ => Kind::Implementation,
        };
        targets.push(Target {
            name: if is_factory { "factory".to_owned() } else { known.name() },
            contract: known.contract,
            address: known.address,
            kind,
            implementation: None,
            arguments: arguments.into(),
        });
    }
    Ok(targets)
}

/// Those that the user named, by role or by the contract's name; all without a name. Naming a proxy means its
/// implementation, too.
///
/// # Errors
/// Usage: `contracts.unknown`.
pub fn chosen(all: Vec<Target>, names: &[String]) -> Result<Vec<Target>> {
    for name in names {
        if !all.iter().any(|target| is_called(target, name)) {
            let known = all.iter().flat_map(|target| [target.name.as_str(), target.contract.name()]);
            let error = Error::usage("contracts.unknown", format!("the project has no contract {name}"));
            return Err(match did_you_mean(name, known) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("name a role (`registry`) or a contract (`DatasetRegistry`); leave it out for all"),
            });
        }
    }
    let named = |target: &Target| names.iter().any(|name| is_called(target, name));
    let behind: Vec<Address> =
        all.iter().filter(|target| named(target)).filter_map(|target| target.implementation).collect();
    Ok(all.into_iter().filter(|t| names.is_empty() || named(t) || behind.contains(&t.address)).collect())
}

fn is_called(target: &Target, name: &str) -> bool {
    target.name == name || target.contract.name().eq_ignore_ascii_case(name)
}

async fn of_project(
    session: &Session<'_>,
    lock: &NetworkLock,
    role: &str,
    contract: Contract,
    address: Address,
) -> Result<Target> {
    let mut target = Target {
        name: role.to_owned(),
        contract,
        address,
        kind: Kind::Contract,
        implementation: None,
        arguments: Bytes::new(),
    };
    if contract.is_held_as_code() {
        let artifact = artifact(contract)?;
        target.arguments = arguments(artifact, lock)?.into();
        let code = [code_of(artifact)?.as_ref(), target.arguments.as_ref()].concat();
        // The factory creates with CREATE2: an address that comes out right proves code and arguments.
        return if lock.factory.create2(lock.salt, keccak256(code)) == address {
            Ok(target)
        } else {
            Err(differs(&target))
        };
    }
    let code = session.connection.provider.get_code_at(address).await.map_err(unreachable)?;
    let implementation = code
        .strip_prefix(&CLONE_HEAD[..])
        .and_then(|rest| rest.split_first_chunk::<20>())
        .filter(|(_, rest)| rest.starts_with(&CLONE_TAIL))
        .map(|(implementation, _)| Address::from(*implementation));
    let expected = shared_contracts()?.implementations.into_iter().find(|shared| shared.contract == contract);
    target.kind = Kind::Proxy;
    target.implementation = implementation;
    if implementation.is_some() && implementation == expected.map(|shared| shared.address) {
        Ok(target)
    } else {
        Err(differs(&target))
    }
}

/// Arguments of the constructor by their names: addresses of roles, the factory, the salt and what it holds.
fn arguments(artifact: &Artifact, lock: &NetworkLock) -> Result<Vec<u8>> {
    let Some(constructor) = &artifact.abi.constructor else { return Ok(Vec::new()) };
    let mut values = Vec::new();
    for input in &constructor.inputs {
        let name = input.name.trim_end_matches('_');
        values.push(match name {
            "factory" => DynSolValue::Address(lock.factory),
            "salt" => DynSolValue::FixedBytes(lock.salt, 32),
            // The lowest bit of the salt says it.
            "daoApprovesCards" => DynSolValue::Bool(lock.salt[31] & 1 == 1),
            role => DynSolValue::Address(lock.contracts.get(role).copied().ok_or_else(|| {
                Error::bug(format!("nothing is known of `{role}`, which {} is made with", artifact.contract.name()))
            })?),
        });
    }
    constructor
        .abi_encode_input(&values)
        .map_err(|error| Error::bug("the arguments of a constructor have no encoding").caused_by(&error))
}

fn artifact(contract: Contract) -> Result<&'static Artifact> {
    contract.artifact().map_err(|error| Error::bug("the compiled contracts are damaged").caused_by(&error))
}

fn code_of(artifact: &'static Artifact) -> Result<&'static Bytes> {
    artifact.creation_code().map_err(|error| Error::bug("the compiled contracts are damaged").caused_by(&error))
}

fn differs(target: &Target) -> Error {
    let message = format!("{} at {} is not what this dgov compiles", target.name, target.address);
    Error::integrity("contracts.code_differs", message)
        .hint("check dgov.lock and --network; `dgov sync` rebuilds the lock from the chain")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn target(name: &str, contract: Contract, kind: Kind, address: u8, implementation: Option<u8>) -> Target {
        Target {
            name: name.into(),
            contract,
            address: Address::repeat_byte(address),
            kind,
            implementation: implementation.map(Address::repeat_byte),
            arguments: Bytes::new(),
        }
    }

    #[test]
    fn a_proxy_is_chosen_with_its_implementation() {
        let all = || {
            vec![
                target("registry", Contract::DatasetRegistry, Kind::Contract, 1, None),
                target("token", Contract::DataToken, Kind::Proxy, 2, Some(3)),
                target("DataToken", Contract::DataToken, Kind::Implementation, 3, None),
                target("code of DatasetRegistry", Contract::DatasetRegistry, Kind::CodeHolder, 4, None),
            ]
        };
        let pick = |names: &[&str]| -> Vec<u8> {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            chosen(all(), &names).unwrap().iter().map(|target| target.address[0]).collect()
        };
        assert_eq!(pick(&[]), [1, 2, 3, 4]);
        assert_eq!(pick(&["token"]), [2, 3]);
        assert_eq!(pick(&["registry"]), [1]);
        assert_eq!(pick(&["datasetregistry"]), [1, 4]);
        let error = chosen(all(), &["registri".to_owned()]).unwrap_err();
        assert_eq!((error.code(), error.hints()[0].as_str()), ("contracts.unknown", "did you mean `registry`?"));
    }
}
