//! `--call TARGET:SIGNATURE[:ARGUMENT,...][:value=AMOUNT]`.

use std::collections::BTreeMap;

use alloy::dyn_abi::{DynSolType, DynSolValue, JsonAbiExt, Specifier};
use alloy::json_abi::Function;
use alloy::primitives::{Address, Bytes, U256};

use super::calls::ProposalCall;
use crate::error::{Error, Result};
use crate::manifest::values::{Amount, did_you_mean};

/// Reads a call of the command line; a target is an address or one of the roles.
///
/// # Errors
/// Usage: `gov.call`, with what is wrong in it.
pub fn call(text: &str, roles: &BTreeMap<String, Address>) -> Result<ProposalCall> {
    let (target, rest) = text.split_once(':').ok_or_else(|| bad(text, "no signature after the target"))?;
    let target = read_target(text, target, roles)?;
    let (rest, value) = split_value(text, rest)?;
    if rest.is_empty() {
        return Ok(ProposalCall { target, value, data: Bytes::new() });
    }
    let (signature, arguments) = split_signature(text, rest)?;
    let function = Function::parse(signature)
        .map_err(|error| bad(text, &format!("`{signature}` is no function signature")).caused_by(&error))?;
    let values = read_arguments(text, &function, arguments)?;
    let data = function
        .abi_encode_input(&values)
        .map_err(|error| bad(text, "the arguments do not fit the signature").caused_by(&error))?;
    Ok(ProposalCall { target, value, data: data.into() })
}

fn read_target(text: &str, target: &str, roles: &BTreeMap<String, Address>) -> Result<Address> {
    if let Some(address) = roles.get(target) {
        return Ok(*address);
    }
    if target.starts_with("0x") {
        // The manifest's rules for addresses: a wrong checksum is a slip.
        let account: crate::manifest::values::AccountRef =
            target.parse().map_err(|error: crate::manifest::values::ValueError| bad(text, &error.message))?;
        if let crate::manifest::values::AccountRef::Address(address) = account {
            return Ok(address);
        }
    }
    let known: Vec<&str> = roles.keys().map(String::as_str).collect();
    let error = bad(text, &format!("`{target}` is neither an address nor a contract of the project"));
    Err(match did_you_mean(target, known.iter().copied()) {
        Some(name) => error.hint(format!("did you mean `{name}`?")),
        None => error.hint(format!("contracts of the project are {}", known.join(", "))),
    })
}

/// Takes `value=AMOUNT` off the end.
fn split_value<'a>(text: &str, rest: &'a str) -> Result<(&'a str, U256)> {
    let (rest, amount) = match (rest.strip_prefix("value="), rest.rsplit_once(":value=")) {
        (Some(amount), _) => ("", amount),
        (None, Some((rest, amount))) => (rest, amount),
        (None, None) => return Ok((rest, U256::ZERO)),
    };
    let amount = Amount::parse(amount, &|_| None).map_err(|error| bad(text, &error.message))?;
    Ok((rest, amount.value))
}

/// The signature ends with the parenthesis that closes its first; the arguments follow a colon.
fn split_signature<'a>(text: &str, rest: &'a str) -> Result<(&'a str, Option<&'a str>)> {
    let mut depth = 0_usize;
    for (index, byte) in rest.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            let (signature, tail) = rest.split_at(index + 1);
            return match tail.strip_prefix(':') {
                Some(arguments) => Ok((signature, Some(arguments))),
                None if tail.is_empty() => Ok((signature, None)),
                None => Err(bad(text, &format!("`{tail}` after the signature"))),
            };
        }
    }
    Err(bad(text, "the signature needs its types in parentheses"))
}

fn read_arguments(text: &str, function: &Function, arguments: Option<&str>) -> Result<Vec<DynSolValue>> {
    let wrong = |error: alloy::dyn_abi::Error| bad(text, "the arguments do not fit the signature").caused_by(&error);
    if function.inputs.is_empty() {
        return match arguments {
            None | Some("") => Ok(Vec::new()),
            Some(_) => Err(bad(text, "the function takes no arguments")),
        };
    }
    let arguments = arguments.ok_or_else(|| bad(text, "the arguments are missing"))?;
    let mut kinds = Vec::new();
    for input in &function.inputs {
        kinds.push(input.resolve().map_err(wrong)?);
    }
    match DynSolType::Tuple(kinds).coerce_str(&format!("({arguments})")).map_err(wrong)? {
        DynSolValue::Tuple(values) => Ok(values),
        other => Ok(vec![other]),
    }
}

fn bad(text: &str, why: &str) -> Error {
    Error::usage("gov.call", format!("--call {text}: {why}"))
        .hint("write for example --call 'governor:setVotingDelay(uint48):86400' or --call '0xADDRESS:pay():value=1ETH'")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use alloy::sol_types::SolCall;
    use dgov_contracts::governance::{IDataGovernor, IErc20};
    use dgov_contracts::suite::{ILicenseRegistry, RoyaltyPolicy};

    use super::*;

    const STRANGER: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

    fn roles() -> BTreeMap<String, Address> {
        BTreeMap::from([
            ("licenses".to_owned(), Address::repeat_byte(1)),
            ("governor".to_owned(), Address::repeat_byte(2)),
        ])
    }

    /// The bytes are those of the typed bindings.
    #[test]
    fn calldata_is_that_of_the_bindings() {
        let made = call("governor:setVotingDelay(uint48):86400", &roles()).unwrap();
        let typed = IDataGovernor::setVotingDelayCall { newVotingDelay: "86400".parse().unwrap() };
        assert_eq!(made, ProposalCall::of(Address::repeat_byte(2), &typed));

        let made = call("licenses:setPolicy((uint16,uint16,uint16,uint16)):(8000,1000,0,1000)", &roles()).unwrap();
        let policy = RoyaltyPolicy { contributors: 8_000, curators: 1_000, validators: 0, treasury: 1_000 };
        assert_eq!(made.data, Bytes::from(ILicenseRegistry::setPolicyCall { policy }.abi_encode()));

        let made = call(&format!("{STRANGER}:transfer(address,uint256):{STRANGER},7"), &roles()).unwrap();
        let typed = IErc20::transferCall { to: STRANGER.parse().unwrap(), value: U256::from(7) };
        assert_eq!(made, ProposalCall::of(STRANGER.parse().unwrap(), &typed));
    }

    #[test]
    fn money_goes_along_with_and_without_a_function() {
        let ether = U256::from(10).pow(U256::from(18));
        let plain = call(&format!("{STRANGER}:value=1ETH"), &roles()).unwrap();
        assert_eq!((plain.value, plain.data.len()), (ether, 0));
        assert_eq!(call(&format!("{STRANGER}::value=1ETH"), &roles()).unwrap(), plain);
        let paid = call(&format!("{STRANGER}:pay():value=1 ETH"), &roles()).unwrap();
        assert_eq!((paid.value, paid.data.len()), (ether, 4));
        let noted = call(&format!("{STRANGER}:note(string):\"see https://x.example\":value=5 wei"), &roles()).unwrap();
        assert_eq!(noted.value, U256::from(5));
    }

    #[test]
    fn slips_are_usage_errors_with_a_hint() {
        for text in [
            "governor",
            "govenor:pay()",
            "governor:pay",
            "governor:pay(",
            "governor:pay)(",
            "governor:pay()x",
            "governor:setVotingDelay(uint48)",
            "governor:setVotingDelay(uint48):soon",
            "governor:setVotingDelay(uint48):1,2",
            "governor:setVotingDelay(uint49x):1",
            "governor:setVotingDelay(uint48):281474976710656",
            "governor:pay():1",
            "governor:pay():value=1 USDC",
            "0x70997970c51812dc3A010C7d01b50e0d17dc79C8:pay()",
            "0x12:pay()",
        ] {
            let error = call(text, &roles()).expect_err(text);
            assert_eq!(error.code(), "gov.call", "{text}");
            assert!(!error.hints().is_empty(), "{text}");
        }
        assert!(call("govenor:pay()", &roles()).unwrap_err().hints().iter().any(|hint| hint.contains("`governor`")));
    }
}
