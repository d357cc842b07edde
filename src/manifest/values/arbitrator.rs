//! Who rules on disputes, and bytes in hexadecimal.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::{Address, Bytes};

use super::{AccountRef, ValueError, text_value};

/// Who rules on disputes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Arbitrator {
    /// The DAO, by proposal.
    #[default]
    Dao,
    /// A contract that follows ERC-792.
    Contract(Address),
}

impl Arbitrator {
    /// Its address as the contracts store it: zero for the DAO.
    pub const fn address(self) -> Address {
        match self {
            Self::Dao => Address::ZERO,
            Self::Contract(address) => address,
        }
    }
}

impl FromStr for Arbitrator {
    type Err = ValueError;

    /// Reads `dao` or an address.
    ///
    /// # Errors
    /// Anything else, and the zero address.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let hint = "write `dao`, or the address of an ERC-792 arbitrator";
        match text {
            "dao" => Ok(Self::Dao),
            _ => match text.parse()? {
                AccountRef::Address(address) if address.is_zero() => {
                    Err(ValueError::new("nobody would rule at the zero address").hint(hint))
                }
                AccountRef::Address(address) => Ok(Self::Contract(address)),
                AccountRef::Name(_) => Err(ValueError::new(format!("`{text}` is not an arbitrator")).hint(hint)),
            },
        }
    }
}

impl fmt::Display for Arbitrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dao => f.write_str("dao"),
            Self::Contract(address) => f.write_str(&address.to_checksum(None)),
        }
    }
}

text_value!(Arbitrator, "^(dao|0x[0-9A-Fa-f]{40})$", ["dao", "0x5FbDB2315678afecb367f032d93F642f64180aa3"]);

/// Bytes, written as `0x` and hex digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HexData(pub Bytes);

impl FromStr for HexData {
    type Err = ValueError;

    /// Reads `0x` and an even number of hex digits.
    ///
    /// # Errors
    /// Anything else, and more than 1,024 bytes.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let malformed = || {
            ValueError::new(format!("`{text}` is not a string of bytes"))
                .hint("write 0x and two hex digits for each byte")
        };
        if !text.starts_with("0x") {
            return Err(malformed());
        }
        let bytes: Bytes = text.parse().map_err(|_| malformed())?;
        if bytes.len() > 1_024 {
            return Err(ValueError::new(format!("{} bytes are too many", bytes.len())).hint("at most 1,024 are stored"));
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for HexData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_value!(HexData, "^0x([0-9A-Fa-f]{2})*$", ["0x0003"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_dao_or_a_contract() {
        assert_eq!("dao".parse::<Arbitrator>().unwrap().address(), Address::ZERO);
        let text = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
        let contract = text.parse::<Arbitrator>().unwrap();
        assert_eq!((contract.to_string().as_str(), contract.address().to_checksum(None).as_str()), (text, text));
        for wrong in ["DAO", "dev0", "kleros", "0x5FbDB2315678afecb367f032d93F642f64180aA3", "0x00"] {
            assert!(wrong.parse::<Arbitrator>().is_err(), "{wrong}");
        }
        let zero = format!("0x{}", "0".repeat(40));
        assert!(zero.parse::<Arbitrator>().unwrap_err().message.contains("zero address"));
    }

    #[test]
    fn bytes_are_whole() {
        assert_eq!("0x00Ff".parse::<HexData>().unwrap().to_string(), "0x00ff");
        assert_eq!("0x".parse::<HexData>().unwrap().0.len(), 0);
        for wrong in ["00ff", "0x0", "0xgg", ""] {
            assert!(wrong.parse::<HexData>().is_err(), "{wrong}");
        }
        assert!(format!("0x{}", "00".repeat(1_025)).parse::<HexData>().is_err());
    }
}
