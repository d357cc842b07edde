//! Receipts of training runs: statements, signatures, credentials. Nothing here knows a project or a chain.
//!
//! A receipt says what somebody signed that a run used. No signature proves that a training happened.

pub mod credential;
pub mod dsse;
mod encryption;
mod key;
pub mod model;
pub mod statement;

use serde::Serialize;

use crate::error::{Error, Result};

pub use key::{SigningKey, VerifyingKey};

/// The canonical JSON of a value (RFC 8785).
///
/// # Errors
/// None for values that JSON can hold.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value)
        .map_err(|error| Error::bug("a value has no canonical JSON").caused_by(&error))
}

/// A file that is not what it should be: `receipt.malformed`.
pub fn malformed(why: String) -> Error {
    Error::input("receipt.malformed", why).hint("give the folder that `dgov run record` made, as it made it")
}

/// A signature that does not fit: `receipt.signature`.
fn forged(why: &str) -> Error {
    Error::integrity("receipt.signature", why.to_owned()).hint("the file was changed after it was signed")
}

/// A signature of somebody else: `receipt.other_key`.
fn other_key(why: String) -> Error {
    Error::integrity("receipt.other_key", why).hint("ask the signer for the public key, on a way that you trust")
}

/// sha256 in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    alloy::hex::encode(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::canonical;

    /// The example of RFC 8785, section 3.2.2 and 3.2.3: numbers, escapes and the order of names.
    #[test]
    fn canonical_json_is_that_of_the_rfc() {
        let input = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let value: serde_json::Value = serde_json::from_str(input).unwrap();
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                        \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(String::from_utf8(canonical(&value).unwrap()).unwrap(), expected);
        let names: serde_json::Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        let text = String::from_utf8(canonical(&names).unwrap()).unwrap();
        let order: Vec<usize> = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
            .iter()
            .map(|word| text.find(word).unwrap())
            .collect();
        assert!(order.is_sorted(), "{text}");
    }
}
