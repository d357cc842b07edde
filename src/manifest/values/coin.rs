//! Amounts of the chain's own coin: `0.1 ETH`, `5 gwei`, `100 wei`.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::U256;

use super::{Amount, Price, ValueError, text_value};

/// An amount of the chain's own coin in its smallest unit, below 2^96: what stakes and bonds are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoinAmount(pub U256);

impl FromStr for CoinAmount {
    type Err = ValueError;

    /// Reads an amount of ETH, gwei or wei.
    ///
    /// # Errors
    /// Another unit, more decimals than there are, 2^96 or more.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let price: Price = text.parse()?;
        if !["ETH", "gwei", "wei"].contains(&price.unit.as_str()) {
            return Err(ValueError::new(format!("`{}` is not the chain's own coin", price.unit))
                .hint("stakes and bonds are in the chain's own coin: `0.1 ETH`, `5 gwei`, `100 wei`"));
        }
        let amount = Amount::parse(text, &|_| None)?;
        if amount.value >> 96 != U256::ZERO {
            return Err(ValueError::new(format!("`{text}` is more than the contracts can store")));
        }
        Ok(Self(amount.value))
    }
}

impl fmt::Display for CoinAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Amount::native(self.0).fmt(f)
    }
}

text_value!(CoinAmount, "^[0-9]+(\\.[0-9]+)? ?(ETH|gwei|wei)$", ["0.1 ETH", "5 gwei"]);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn only_the_chains_own_coin() {
        let wei = |text: &str| text.parse::<CoinAmount>().unwrap().0.to_string();
        assert_eq!(wei("0.1 ETH"), "100000000000000000");
        assert_eq!(wei("5gwei"), "5000000000");
        assert_eq!(wei("0 wei"), "0");
        assert_eq!(wei("79228162514264337593543950335 wei"), "79228162514264337593543950335");
        for (text, part) in [
            ("5 USDC", "`USDC` is not the chain's own coin"),
            ("0.1", "is not an amount"),
            ("0.5 wei", "decimal"),
            ("79228162514264337593543950336 wei", "more than the contracts can store"),
        ] {
            let error = text.parse::<CoinAmount>().unwrap_err();
            assert!(error.message.contains(part), "{text}: {error}");
        }
        assert_eq!("0.10 ETH".parse::<CoinAmount>().unwrap().to_string(), "0.1 ETH");
    }
}
