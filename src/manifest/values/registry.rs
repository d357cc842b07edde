//! The name of a project anywhere: its registry on a chain.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::Address;

use super::{AccountRef, ValueError, text_value};

/// A registry contract (CAIP-10): `eip155:CHAIN:ADDRESS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegistryRef {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The registry.
    pub address: Address,
}

impl FromStr for RegistryRef {
    type Err = ValueError;

    /// Reads the three parts; the checksum of the address is verified when its letters have both cases.
    ///
    /// # Errors
    /// Anything else.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let malformed = || {
            ValueError::new(format!("`{text}` does not name a project"))
                .hint("write eip155:CHAIN:REGISTRY, as `dgov deploy` and `dgov status` print it")
        };
        let (chain, address) =
            text.strip_prefix("eip155:").and_then(|rest| rest.split_once(':')).ok_or_else(malformed)?;
        let digits = !chain.starts_with('0') && chain.bytes().all(|b| b.is_ascii_digit());
        let chain_id = chain.parse().ok().filter(|_| digits).ok_or_else(malformed)?;
        match address.parse()? {
            AccountRef::Address(address) => Ok(Self { chain_id, address }),
            AccountRef::Name(_) => Err(malformed()),
        }
    }
}

impl fmt::Display for RegistryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "eip155:{}:{}", self.chain_id, self.address.to_checksum(None))
    }
}

text_value!(
    RegistryRef,
    "^eip155:[1-9][0-9]*:0[xX][0-9a-fA-F]{40}$",
    ["eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3"]
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn projects_and_other_texts() {
        let text = "eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3";
        assert_eq!(text.parse::<RegistryRef>().unwrap().to_string(), text);
        assert_eq!(text.to_lowercase().parse::<RegistryRef>().unwrap().to_string(), text);
        for wrong in [
            "",
            "0x5FbDB2315678afecb367f032d93F642f64180aa3",
            "eip155:0x5FbDB2315678afecb367f032d93F642f64180aa3",
            "eip155:01:0x5FbDB2315678afecb367f032d93F642f64180aa3",
            "eip155:+1:0x5FbDB2315678afecb367f032d93F642f64180aa3",
            "eip155:1:0x5FbDB2315678afecb367f032d93F642f64180aA3",
            "eip155:1:0x0000000000000000000000000000000000000000",
            "eip155:1:steward",
            "solana:1:0x5FbDB2315678afecb367f032d93F642f64180aa3",
        ] {
            assert!(wrong.parse::<RegistryRef>().is_err(), "{wrong}");
        }
    }
}
