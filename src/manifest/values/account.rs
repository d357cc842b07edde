//! Accounts: addresses, or names that are resolved to addresses when a signer or a network is at hand.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::Address;

use super::{ValueError, text_value};

/// An account as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountRef {
    /// An address.
    Address(Address),
    /// `dev0` to `dev9`, or the name of a keystore.
    Name(String),
}

impl FromStr for AccountRef {
    type Err = ValueError;

    /// Reads an address (EIP-55 checksum verified when the letters have both cases) or a name.
    ///
    /// # Errors
    /// A wrong checksum or length, the zero address, a name with characters unsafe in file names.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            return parse_address(text, digits).map(Self::Address);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > 64 || text.starts_with('.') || !text.chars().all(allowed) {
            return Err(ValueError::new(format!("`{text}` is neither an address nor an account name"))
                .hint("write 0x and 40 hex digits, `dev0` to `dev9`, or the name of a keystore"));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

fn parse_address(text: &str, digits: &str) -> Result<Address, ValueError> {
    let address: Address = digits.parse().map_err(|_| {
        ValueError::new(format!("`{text}` is not an address")).hint("an address is 0x and 40 hex digits")
    })?;
    let mixed = digits.contains(|c: char| c.is_ascii_lowercase()) && digits.contains(|c: char| c.is_ascii_uppercase());
    let checksummed = address.to_checksum(None);
    if mixed && checksummed.get(2..) != Some(digits) {
        return Err(ValueError::new(format!("`{text}` has a wrong checksum")).hint(format!(
            "a digit is mistyped, or the letters have the wrong case; these digits would be `{checksummed}`"
        )));
    }
    if address.is_zero() {
        return Err(ValueError::new("the zero address belongs to nobody"));
    }
    Ok(address)
}

impl fmt::Display for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => f.write_str(&address.to_checksum(None)),
            Self::Name(name) => f.write_str(name),
        }
    }
}

text_value!(
    AccountRef,
    "^(0[xX][0-9a-fA-F]{40}|[A-Za-z0-9_-][A-Za-z0-9._-]{0,63})$",
    ["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "dev0"]
);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_either_case() {
        let checksummed = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        for text in [checksummed, &checksummed.to_lowercase(), &checksummed.to_uppercase()] {
            assert_eq!(text.parse::<AccountRef>().unwrap().to_string(), checksummed);
        }
    }

    #[test]
    fn refuses_slips() {
        let wrong_case = "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266".parse::<AccountRef>().unwrap_err();
        assert!(wrong_case.message.contains("checksum"), "{wrong_case}");
        for text in
            ["", "0x", "0x1234", "0x0000000000000000000000000000000000000000", "a b", "../key", ".hidden", "a/b"]
        {
            assert!(text.parse::<AccountRef>().is_err(), "{text}");
        }
        assert!("0x0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266".parse::<AccountRef>().is_err());
    }

    #[test]
    fn names_stay_names() {
        assert_eq!("dev0".parse::<AccountRef>().unwrap(), AccountRef::Name("dev0".into()));
        assert_eq!("lab_key-2".parse::<AccountRef>().unwrap().to_string(), "lab_key-2");
    }
}
