//! From what a user types to what the chain knows.

use alloy::primitives::{Address, B256, Bytes};
use cid::Cid;
use cid::multihash::Multihash;

use crate::error::{Error, Result};

/// Code of dag-pb in the multicodec table.
const DAG_PB: u64 = 0x70;
/// Code of raw blocks in the multicodec table.
const RAW: u64 = 0x55;
/// Code of sha2-256 in the multihash table.
const SHA2_256: u64 = 0x12;

/// The CIDv1 of a UnixFS folder with this sha2-256 digest.
pub fn folder_cid(digest: B256) -> Result<Cid> {
    cid(DAG_PB, digest)
}

/// The CIDv1 of one block of bytes with this sha2-256 digest.
pub fn raw_cid(digest: B256) -> Result<Cid> {
    cid(RAW, digest)
}

fn cid(codec: u64, digest: B256) -> Result<Cid> {
    let hash = Multihash::wrap(SHA2_256, digest.as_slice())
        .map_err(|error| Error::bug("a 32-byte digest is no multihash").caused_by(&error))?;
    Ok(Cid::new_v1(codec, hash))
}

/// Reads a 0x-hex word of 32 bytes, e.g. a record key.
pub fn word(text: &str) -> Option<B256> {
    let bytes: Bytes = text.starts_with("0x").then(|| text.parse().ok())??;
    B256::try_from(bytes.as_ref()).ok()
}

/// The beginning of an id, for people: what a dataset without a name is called.
pub fn short(id: B256) -> String {
    format!("0x{}", &alloy::hex::encode(id)[..8])
}

/// The beginning and the end of an address, for titles; all of it is beside it.
pub fn short_account(account: Address) -> String {
    let text = account.to_checksum(None);
    format!("{}…{}", &text[..6], &text[38..])
}

/// Names for a hint: a handful, and how many more there are.
pub fn some_of(names: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<_> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_no_wall_of_text() {
        let names: Vec<String> = (0..14).map(|number| number.to_string()).collect();
        assert_eq!(some_of(&names[..2]), "0, 1");
        assert_eq!(some_of(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more");
    }
}
