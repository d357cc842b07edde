//! Money and votes: exact integers in the smallest unit, written as decimals with a unit.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::U256;

use super::{ValueError, text_value};

/// Decimals of the governance token; OpenZeppelin's `ERC20Votes` leaves the default.
pub const GOVERNANCE_DECIMALS: u8 = 18;

/// Decimals of the coin of every EVM chain.
const NATIVE_DECIMALS: u8 = 18;

/// What an amount is counted in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Currency {
    /// The chain's own coin, written `ETH`, `gwei` or `wei`.
    Native,
    /// The symbol of a token in the manifest's `[tokens]`.
    Token(String),
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native => f.write_str("ETH"),
            Self::Token(symbol) => f.write_str(symbol),
        }
    }
}

/// An exact amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    /// In the smallest unit of the currency (wei for the chain's own coin).
    pub value: U256,
    /// What it is counted in.
    pub currency: Currency,
    /// Decimals of the currency, for display.
    pub decimals: u8,
}

impl Amount {
    /// An amount of the chain's own coin, in wei.
    pub fn native(wei: U256) -> Self {
        Self { value: wei, currency: Currency::Native, decimals: NATIVE_DECIMALS }
    }

    /// Binds a price text to the tokens it may name: `decimals_of` answers for a symbol of `[tokens]`.
    ///
    /// # Errors
    /// Not `<number> <unit>`, an unknown unit, more decimals than the currency has, more than 2^128 - 1 units (the
    /// contracts store prices as `uint128`).
    pub fn parse(text: &str, decimals_of: &dyn Fn(&str) -> Option<u8>) -> Result<Self, ValueError> {
        let price: Price = text.parse()?;
        let (decimals, currency) = match price.unit.as_str() {
            "ETH" => (18, Currency::Native),
            "gwei" => (9, Currency::Native),
            "wei" => (0, Currency::Native),
            symbol => match decimals_of(symbol) {
                Some(decimals) => (decimals, Currency::Token(symbol.to_owned())),
                None => {
                    return Err(ValueError::new(format!("`{symbol}` is neither ETH, gwei, wei nor a known token"))
                        .hint(format!("declare it: [tokens.{symbol}] with `decimals` and an `address` per network")));
                }
            },
        };
        let value = parse_units(&price.number, decimals)?;
        if value > U256::from(u128::MAX) {
            return Err(ValueError::new(format!("`{text}` is more than the contracts can store")));
        }
        let decimals = if currency == Currency::Native { NATIVE_DECIMALS } else { decimals };
        Ok(Self { value, currency, decimals })
    }

    /// Whether nothing is asked.
    pub fn is_zero(&self) -> bool {
        self.value.is_zero()
    }
}

impl fmt::Display for Amount {
    /// Small amounts of the chain's own coin are written in gwei or wei, so that people need not count zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.currency == Currency::Native && !self.value.is_zero() {
            if self.value < U256::from(1_000_000_000_u64) {
                return write!(f, "{} wei", self.value);
            }
            if self.value < U256::from(1_000_000_000_000_u64) {
                return write!(f, "{} gwei", format_units(self.value, 9));
            }
        }
        write!(f, "{} {}", format_units(self.value, self.decimals), self.currency)
    }
}

text_value!(Amount, "^[0-9]+(\\.[0-9]+)? ?[A-Za-z][A-Za-z0-9.]*$", ["0.01 ETH", "5 USDC", "5 gwei"]);

/// A price as written, before the unit is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The decimal number.
    pub number: String,
    /// `ETH`, `gwei`, `wei` or a token symbol.
    pub unit: String,
}

impl FromStr for Price {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let malformed = || {
            ValueError::new(format!("`{text}` is not an amount"))
                .hint("write a number and a unit: `0.01 ETH`, `5 gwei`, `5 USDC`")
        };
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(malformed)?;
        let (number, unit) = text.split_at(split);
        let unit = unit.strip_prefix(' ').unwrap_or(unit);
        let starts_well = unit.starts_with(|c: char| c.is_ascii_alphabetic());
        if number.is_empty() || !starts_well || !unit.chars().all(|c| c.is_ascii_alphanumeric() || c == '.') {
            return Err(malformed());
        }
        Ok(Self { number: number.to_owned(), unit: unit.to_owned() })
    }
}

/// An amount of the governance token, in its smallest unit (18 decimals).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenAmount(pub U256);

impl FromStr for TokenAmount {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let value = parse_units(text, GOVERNANCE_DECIMALS).map_err(|error| match error.hint {
            Some(_) => error,
            None => error.hint("write plain digits: `1000000`"),
        })?;
        // ERC20Votes counts votes in uint208.
        if value.bit_len() > 208 {
            return Err(ValueError::new(format!("`{text}` tokens are more than the contracts can count")));
        }
        Ok(Self(value))
    }
}

impl fmt::Display for TokenAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_units(self.0, GOVERNANCE_DECIMALS))
    }
}

text_value!(TokenAmount, "^[0-9]+(\\.[0-9]{1,18})?$", ["1000000"]);

/// Reads a decimal number as a whole number of 10^-`decimals` units, exactly.
///
/// # Errors
/// Not plain digits with an optional point between digits (no hint); more decimals than there are (with a hint); more
/// than 2^256 - 1 units (no hint).
pub fn parse_units(text: &str, decimals: u8) -> Result<U256, ValueError> {
    let malformed = || ValueError::new(format!("`{text}` is not a decimal number"));
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(malformed()),
        None => (text, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(malformed());
    }
    // Zeros at the end add nothing, so `0.50` is as good as `0.5`.
    let fraction = fraction.trim_end_matches('0');
    let missing = usize::from(decimals).checked_sub(fraction.len()).ok_or_else(|| {
        ValueError::new(format!("`{text}` has {} decimals, the unit has {decimals}", fraction.len()))
            .hint(format!("write at most {decimals} decimals"))
    })?;
    let digits = format!("{whole}{fraction}{}", "0".repeat(missing));
    U256::from_str_radix(&digits, 10).map_err(|_| ValueError::new(format!("`{text}` is too large")))
}

/// The decimal number of `value` units of 10^-`decimals`, without zeros at the end.
pub fn format_units(value: U256, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{value:0>width$}", value = value.to_string(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(symbol: &str) -> Option<u8> {
        (symbol == "USDC").then_some(6)
    }

    #[test]
    fn exact_values() {
        for (text, value, canonical) in [
            ("0.01 ETH", 10_000_000_000_000_000_u128, "0.01 ETH"),
            ("0.0100ETH", 10_000_000_000_000_000, "0.01 ETH"),
            ("5 gwei", 5_000_000_000, "5 gwei"),
            ("100 wei", 100, "100 wei"),
            ("0.000000000000000001 ETH", 1, "1 wei"),
            ("5 USDC", 5_000_000, "5 USDC"),
            ("0.000001 USDC", 1, "0.000001 USDC"),
            ("0 ETH", 0, "0 ETH"),
        ] {
            let amount = Amount::parse(text, &tokens).unwrap();
            assert_eq!(amount.value, U256::from(value), "{text}");
            assert_eq!(amount.to_string(), canonical);
        }
    }

    #[test]
    fn refuses_what_is_not_exact() {
        for text in [
            "0.0000000000000000001 ETH",
            "0.0000001 USDC",
            "0.5 wei",
            "1 EURC",
            "ETH",
            "1",
            "",
            "-1 ETH",
            "1e3 wei",
            ".5 ETH",
            "1. ETH",
            "1..2 ETH",
            "1  ETH",
            "1 ETH ",
            "340282366920938463463374607431768211456 wei",
        ] {
            assert!(Amount::parse(text, &tokens).is_err(), "{text}");
        }
        assert!(Amount::parse("340282366920938463463374607431768211455 wei", &tokens).is_ok());
    }

    #[test]
    fn supply_has_eighteen_decimals_and_208_bits() {
        let supply: TokenAmount = "1000000".parse().unwrap();
        assert_eq!(supply.0, U256::from(10).pow(U256::from(24)));
        assert_eq!(supply.to_string(), "1000000");
        assert!("411376139330301510538742295639337626245683966.408394965837152255".parse::<TokenAmount>().is_ok());
        assert!("411376139330301510538742295639337626245683966.408394965837152256".parse::<TokenAmount>().is_err());
    }

    proptest! {
        #[test]
        fn round_trip_native(value: u128) {
            let amount = Amount::native(U256::from(value));
            prop_assert_eq!(Amount::parse(&amount.to_string(), &tokens).unwrap(), amount);
        }

        #[test]
        fn round_trip_units(limbs: [u64; 4], decimals in 0u8..=30) {
            let value = U256::from_limbs(limbs);
            prop_assert_eq!(parse_units(&format_units(value, decimals), decimals).unwrap(), value);
        }

        #[test]
        fn never_panics(text in ".{0,24}") {
            let _ = Amount::parse(&text, &tokens);
            let _ = text.parse::<TokenAmount>();
        }
    }
}
