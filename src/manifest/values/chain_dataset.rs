//! A dataset of any project on a chain.

use std::fmt;
use std::str::FromStr;

use alloy::primitives::{B256, U256};

use super::{RegistryRef, ValueError, text_value};

/// `eip155:CHAIN:REGISTRY/DATASET@VERSION`: a registry, a token of it, and the number of one of its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainDataset {
    /// The registry.
    pub registry: RegistryRef,
    /// Id of the dataset; its token id is the same as a number.
    pub dataset_id: B256,
    /// From 1; `None` is whatever is the latest, which is no pin.
    pub version: Option<u32>,
}

impl FromStr for ChainDataset {
    type Err = ValueError;

    /// Reads the parts; the dataset is a decimal token id, or 0x and 64 hex digits.
    ///
    /// # Errors
    /// Anything else.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let malformed = || {
            ValueError::new(format!("`{text}` does not name a dataset on a chain"))
                .hint("write eip155:CHAIN:REGISTRY/DATASET@VERSION, as `dgov data show` prints registry and dataset id")
        };
        let (registry, rest) = text.split_once('/').ok_or_else(malformed)?;
        let (id, version) = match rest.split_once('@') {
            Some((id, version)) => {
                let number = version.parse::<u32>().ok().filter(|number| *number >= 1 && !version.starts_with('+'));
                (id, Some(number.ok_or_else(malformed)?))
            }
            None => (rest, None),
        };
        let dataset_id = if id.starts_with("0x") {
            id.parse().map_err(|_| malformed())?
        } else {
            let decimal = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
            let number = U256::from_str_radix(id, 10).ok().filter(|_| decimal).ok_or_else(malformed)?;
            B256::from(number)
        };
        Ok(Self { registry: registry.parse()?, dataset_id, version })
    }
}

impl fmt::Display for ChainDataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, U256::from_be_bytes(self.dataset_id.0))?;
        self.version.map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

text_value!(
    ChainDataset,
    "^eip155:[1-9][0-9]*:0[xX][0-9a-fA-F]{40}/([0-9]+|0x[0-9a-fA-F]{64})(@[1-9][0-9]*)?$",
    ["eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3/12@3"]
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const REGISTRY: &str = "eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3";

    #[test]
    fn token_ids_and_dataset_ids_are_the_same() {
        let by_number: ChainDataset = format!("{REGISTRY}/258@3").parse().unwrap();
        let by_id: ChainDataset = format!("{REGISTRY}/0x{:0>64}@3", "102").parse().unwrap();
        assert_eq!(by_number, by_id);
        assert_eq!(by_id.to_string(), format!("{REGISTRY}/258@3"));
        assert_eq!(format!("{REGISTRY}/258").parse::<ChainDataset>().unwrap().version, None);
    }

    #[test]
    fn everything_else_is_refused() {
        for rest in ["", "/", "/x", "/12@", "/12@0", "/12@+1", "/-1@1", "/0x12@1", "/12/13@1"] {
            assert!(format!("{REGISTRY}{rest}").parse::<ChainDataset>().is_err(), "{rest}");
        }
        assert!(format!("{REGISTRY}/{}@1", "9".repeat(90)).parse::<ChainDataset>().is_err());
    }
}
