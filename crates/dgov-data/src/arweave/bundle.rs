//! ANS-104 bundles: the number of items, length and id of each, the items end to end.

use super::ArweaveError;
use super::item::DataItem;

/// What stands before the items, from the length and id of each.
pub fn bundle_header(items: &[(u64, [u8; 32])]) -> Vec<u8> {
    let mut header = number(items.len() as u64).to_vec();
    for (len, id) in items {
        header.extend_from_slice(&number(*len));
        header.extend_from_slice(id);
    }
    header
}

/// A bundle of items with Ethereum signatures as it was read.
#[derive(Clone, Debug)]
pub struct Bundle<'a>(pub Vec<DataItem<'a>>);

impl<'a> Bundle<'a> {
    /// Reads a bundle; every item has to have the id that the header says.
    ///
    /// # Errors
    /// [`ArweaveError::Bundle`], and those of [`DataItem::parse`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ArweaveError> {
        let cut = ArweaveError::Bundle("it is cut off");
        let (count, rest) = bytes.split_first_chunk::<32>().ok_or_else(|| cut.clone())?;
        let header = value(count).and_then(|count| count.checked_mul(64)).ok_or_else(|| cut.clone())?;
        let (header, mut rest) = rest.split_at_checked(header).ok_or_else(|| cut.clone())?;
        let mut items = Vec::new();
        for entry in header.as_chunks::<64>().0 {
            let (len, id) = entry.split_at(32);
            let len = len.first_chunk().and_then(value).ok_or_else(|| cut.clone())?;
            let (item, after) = rest.split_at_checked(len).ok_or_else(|| cut.clone())?;
            let item = DataItem::parse(item)?;
            if item.id() != id {
                return Err(ArweaveError::Bundle("an item has another id"));
            }
            items.push(item);
            rest = after;
        }
        if rest.is_empty() { Ok(Self(items)) } else { Err(ArweaveError::Bundle("bytes follow after the end")) }
    }
}

/// 32 bytes, little-endian.
fn number(value: u64) -> [u8; 32] {
    let mut number = [0; 32];
    number[..8].copy_from_slice(&value.to_le_bytes());
    number
}

fn value(number: &[u8; 32]) -> Option<usize> {
    let (low, high) = number.split_first_chunk::<8>()?;
    let value = usize::try_from(u64::from_le_bytes(*low)).ok()?;
    high.iter().all(|byte| *byte == 0).then_some(value)
}
