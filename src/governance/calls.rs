//! The calls of a proposal, and what they say to people.

use std::collections::BTreeMap;

use alloy::dyn_abi::{DynSolValue, JsonAbiExt};
use alloy::json_abi::{Function, JsonAbi, Param};
use alloy::primitives::{Address, Bytes, U256, hex};
use alloy::sol_types::SolCall;
use dgov_contracts::artifacts::Contract;
use serde::Serialize;

use crate::manifest::values::format_units;
use crate::ops::apply::decimal;

/// One call that the timelock will make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalCall {
    /// The contract or account.
    pub target: Address,
    /// Wei sent along, from the treasury.
    pub value: U256,
    /// Calldata; empty for a plain payment.
    pub data: Bytes,
}

impl ProposalCall {
    /// A call of one of the suite's functions, without value.
    pub fn of<C: SolCall>(target: Address, call: &C) -> Self {
        Self { target, value: U256::ZERO, data: call.abi_encode().into() }
    }
}

/// A call with names instead of bytes, as far as the suite's ABIs know it.
#[derive(Clone, Debug, Serialize)]
pub struct DecodedCall {
    /// The contract or account.
    #[serde(serialize_with = "checksummed")]
    pub target: Address,
    /// Which contract of the project that is.
    pub role: Option<String>,
    /// Wei sent along.
    #[serde(rename = "value_wei", serialize_with = "decimal")]
    pub value: U256,
    /// Signature of the function, e.g. `updateDelay(uint256)`.
    pub signature: Option<String>,
    /// Arguments in order.
    pub arguments: Vec<DecodedArgument>,
    /// Calldata.
    pub calldata: Bytes,
    /// All of it on one line.
    pub text: String,
}

/// One argument.
#[derive(Clone, Debug, Serialize)]
pub struct DecodedArgument {
    /// Name in the contract; may be empty.
    pub name: String,
    /// Solidity type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Addresses checksummed, numbers decimal, bytes 0x-hex.
    pub value: String,
}

/// An address with its checksum.
pub fn checksummed<S: serde::Serializer>(address: &Address, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

/// The contract behind a role of the lock.
pub fn contract_of(role: &str) -> Option<Contract> {
    Some(match role {
        "token" => Contract::DataToken,
        "timelock" => Contract::DataTimelock,
        "governor" => Contract::DataGovernor,
        "manager" => Contract::DataAccessManager,
        "registry" => Contract::DatasetRegistry,
        "licenses" => Contract::LicenseRegistry,
        "vault" => Contract::RoyaltyVault,
        "pass" => Contract::AccessPass,
        "stake" => Contract::ValidatorStake,
        "court" => Contract::DisputeCourt,
        "ledger" => Contract::UsageLedger,
        "rounds" => Contract::RewardRounds,
        "records" => Contract::RecordToken,
        _ => return None,
    })
}

/// The ABI of a contract of this build.
fn abi(contract: Contract) -> Option<&'static JsonAbi> {
    contract.artifact().ok().map(|artifact| &artifact.abi)
}

/// Finds names for a call. A target outside the project is looked up in all ABIs of the suite: the governance token's
/// knows every ERC-20 function.
pub fn decode(call: &ProposalCall, roles: &BTreeMap<String, Address>) -> DecodedCall {
    let role = roles.iter().find(|(_, address)| **address == call.target).map(|(role, _)| role.clone());
    let known = match &role {
        Some(role) => contract_of(role).and_then(abi).and_then(|abi| find(abi, &call.data)),
        None => Contract::ALL.into_iter().filter_map(abi).find_map(|abi| find(abi, &call.data)),
    };
    let decoded = known.and_then(|function| {
        let values = function.abi_decode_input(call.data.get(4..)?).ok()?;
        Some((function, values))
    });
    let (signature, arguments) = match decoded {
        Some((function, values)) => {
            let arguments = function.inputs.iter().zip(&values).map(|(input, value)| DecodedArgument {
                name: input.name.clone(),
                kind: input.selector_type().into_owned(),
                value: show(input, value),
            });
            (Some(function.signature()), arguments.collect())
        }
        None => (None, Vec::new()),
    };
    let text = line(call, role.as_deref(), signature.as_deref(), &arguments);
    DecodedCall {
        target: call.target,
        role,
        value: call.value,
        signature,
        arguments,
        calldata: call.data.clone(),
        text,
    }
}

fn find<'a>(abi: &'a JsonAbi, data: &[u8]) -> Option<&'a Function> {
    let selector = data.get(..4)?;
    abi.functions().find(|function| function.selector().as_slice() == selector)
}

/// `licenses.setPolicy(newPolicy: (contributors: 8000, …))`, with the money at the end.
fn line(call: &ProposalCall, role: Option<&str>, signature: Option<&str>, arguments: &[DecodedArgument]) -> String {
    let target = role.map_or_else(|| call.target.to_checksum(None), str::to_owned);
    let mut text = match signature.and_then(|signature| signature.split_once('(')) {
        Some((name, _)) => {
            let arguments: Vec<_> = arguments.iter().map(|a| named(&a.name, &a.value)).collect();
            format!("{target}.{name}({})", arguments.join(", "))
        }
        None if call.data.is_empty() => format!("pay {target}"),
        None => format!("call {target} with {}", call.data),
    };
    if !call.value.is_zero() {
        // Every network's own coin has 18 decimals; its symbol is not known here.
        text.push_str(&format!(" with {} of the chain's coin", format_units(call.value, 18)));
    }
    text
}

fn named(name: &str, value: &str) -> String {
    if name.is_empty() { value.to_owned() } else { format!("{name}: {value}") }
}

/// A value with the names of its parts.
fn show(param: &Param, value: &DynSolValue) -> String {
    match value {
        DynSolValue::Bool(value) => value.to_string(),
        DynSolValue::Int(value, _) => value.to_string(),
        DynSolValue::Uint(value, _) => value.to_string(),
        DynSolValue::FixedBytes(word, size) => hex::encode_prefixed(word.get(..*size).unwrap_or_default()),
        DynSolValue::Address(address) => address.to_checksum(None),
        DynSolValue::Function(function) => hex::encode_prefixed(function),
        DynSolValue::Bytes(bytes) => hex::encode_prefixed(bytes),
        DynSolValue::String(text) => format!("{text:?}"),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) => {
            format!("[{}]", items.iter().map(|item| show(param, item)).collect::<Vec<_>>().join(", "))
        }
        DynSolValue::Tuple(items) => {
            let parts: Vec<_> = items
                .iter()
                .enumerate()
                .map(|(index, item)| match param.components.get(index) {
                    Some(component) => named(&component.name, &show(component, item)),
                    None => show(param, item),
                })
                .collect();
            format!("({})", parts.join(", "))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use dgov_contracts::governance::{IDataTimelock, IErc20};
    use dgov_contracts::suite::{ILicenseRegistry, RoyaltyPolicy};

    use super::*;

    fn roles() -> BTreeMap<String, Address> {
        BTreeMap::from([
            ("licenses".to_owned(), Address::repeat_byte(1)),
            ("timelock".to_owned(), Address::repeat_byte(2)),
        ])
    }

    #[test]
    fn structs_are_shown_with_the_names_of_their_fields() {
        let policy = RoyaltyPolicy { contributors: 8_000, curators: 1_000, validators: 0, treasury: 1_000 };
        let call = ProposalCall::of(Address::repeat_byte(1), &ILicenseRegistry::setPolicyCall { policy });
        let decoded = decode(&call, &roles());
        assert_eq!(decoded.signature.unwrap(), "setPolicy((uint16,uint16,uint16,uint16))");
        assert_eq!(
            decoded.text,
            "licenses.setPolicy(newPolicy: (contributors: 8000, curators: 1000, validators: 0, treasury: 1000))"
        );
        assert_eq!(decoded.arguments[0].kind, "(uint16,uint16,uint16,uint16)");
    }

    #[test]
    fn calls_outside_the_project_are_named_where_possible() {
        let stranger = Address::repeat_byte(9);
        let pay = IErc20::transferCall { to: Address::repeat_byte(7), value: U256::from(5) };
        let text = decode(&ProposalCall::of(stranger, &pay), &roles()).text;
        assert!(text.starts_with(&format!("{stranger}.transfer(to: 0x07")) && text.ends_with("value: 5)"), "{text}");

        let plain = ProposalCall { target: stranger, value: U256::from(10).pow(U256::from(18)), data: Bytes::new() };
        assert_eq!(decode(&plain, &roles()).text, format!("pay {stranger} with 1 of the chain's coin"));

        let unknown = ProposalCall { target: stranger, value: U256::ZERO, data: Bytes::from_static(&[1, 2, 3, 4]) };
        assert_eq!(decode(&unknown, &roles()).text, format!("call {stranger} with 0x01020304"));
    }

    /// A role's own ABI decides: a function of another contract must not be shown as if it would work.
    #[test]
    fn a_function_that_the_target_does_not_have_is_not_named() {
        let call = IDataTimelock::updateDelayCall { newDelay: U256::from(1) };
        assert!(decode(&ProposalCall::of(Address::repeat_byte(1), &call), &roles()).signature.is_none());
        assert!(decode(&ProposalCall::of(Address::repeat_byte(2), &call), &roles()).signature.is_some());
        let cut = ProposalCall {
            target: Address::repeat_byte(2),
            value: U256::ZERO,
            data: call.abi_encode()[..20].to_vec().into(),
        };
        assert!(decode(&cut, &roles()).signature.is_none(), "arguments cut short");
    }
}
