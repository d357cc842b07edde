//! ANS-104 data items, signed by an Ethereum key.

use super::avro::{self, Tag};
use super::deep_hash::{self, Digest384};
use super::{ArweaveError, id_of};

/// The signature type of an Ethereum key: `personal_sign` over the 48 bytes of [`Draft::signature_data`].
pub const ETHEREUM: u16 = 3;
/// r, s and v.
pub const SIGNATURE_LEN: usize = 65;
/// An uncompressed public key, 0x04 first.
const OWNER_LEN: usize = 65;

/// An item before it is signed, without target and anchor, and without its data.
#[derive(Clone, Debug)]
pub struct Draft {
    owner: [u8; OWNER_LEN],
    tags: Vec<u8>,
    count: u64,
}

impl Draft {
    /// An item of this public key.
    ///
    /// # Errors
    /// [`ArweaveError::Tags`].
    pub fn new(owner: [u8; OWNER_LEN], tags: &[Tag]) -> Result<Self, ArweaveError> {
        Ok(Self { owner, tags: avro::write(tags)?, count: tags.len() as u64 })
    }

    /// What is signed; `data` is the hash of the data as a blob.
    pub fn signature_data(&self, data: Digest384) -> Digest384 {
        signature_data(&self.owner, &[], &[], &self.tags, data)
    }

    /// What stands before the data once it is signed.
    pub fn header(&self, signature: &[u8; SIGNATURE_LEN]) -> Vec<u8> {
        let mut header = ETHEREUM.to_le_bytes().to_vec();
        header.extend_from_slice(signature);
        header.extend_from_slice(&self.owner);
        // Neither target nor anchor.
        header.extend_from_slice(&[0, 0]);
        header.extend_from_slice(&self.count.to_le_bytes());
        header.extend_from_slice(&(self.tags.len() as u64).to_le_bytes());
        header.extend_from_slice(&self.tags);
        header
    }

    /// Bytes of [`Self::header`].
    pub fn header_len(&self) -> usize {
        2 + SIGNATURE_LEN + OWNER_LEN + 2 + 16 + self.tags.len()
    }
}

/// A data item as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataItem<'a> {
    /// The signature.
    pub signature: [u8; SIGNATURE_LEN],
    /// The public key.
    pub owner: [u8; OWNER_LEN],
    /// Who it is for.
    pub target: Option<[u8; 32]>,
    /// What makes it differ from an equal one.
    pub anchor: Option<[u8; 32]>,
    /// Names and values.
    pub tags: Vec<Tag>,
    raw_tags: &'a [u8],
    /// What it carries.
    pub data: &'a [u8],
}

impl<'a> DataItem<'a> {
    /// Reads an item with an Ethereum signature. Whether the signature is right is for the caller, who has
    /// [`Self::signature_data`].
    ///
    /// # Errors
    /// [`ArweaveError::Item`], [`ArweaveError::Tags`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ArweaveError> {
        let mut rest = bytes;
        if u16::from_le_bytes(take(&mut rest)?) != ETHEREUM {
            return Err(ArweaveError::Item("it has no Ethereum signature"));
        }
        let (signature, owner) = (take(&mut rest)?, take(&mut rest)?);
        let (target, anchor) = (optional(&mut rest)?, optional(&mut rest)?);
        let count = u64::from_le_bytes(take(&mut rest)?);
        let len = usize::try_from(u64::from_le_bytes(take(&mut rest)?)).unwrap_or(usize::MAX);
        let (raw_tags, data) = rest.split_at_checked(len).ok_or(ArweaveError::Item("it is cut off"))?;
        let tags = avro::read(raw_tags, count)?;
        Ok(Self { signature, owner, target, anchor, tags, raw_tags, data })
    }

    /// What was signed.
    pub fn signature_data(&self) -> Digest384 {
        signature_data(
            &self.owner,
            part_of(&self.target),
            part_of(&self.anchor),
            self.raw_tags,
            deep_hash::blob(self.data),
        )
    }

    /// Its id.
    pub fn id(&self) -> [u8; 32] {
        id_of(&self.signature)
    }
}

fn signature_data(owner: &[u8], target: &[u8], anchor: &[u8], tags: &[u8], data: Digest384) -> Digest384 {
    let blob = deep_hash::blob;
    let head = [blob(b"dataitem"), blob(b"1"), blob(ETHEREUM.to_string().as_bytes())];
    deep_hash::list(&[head[0], head[1], head[2], blob(owner), blob(target), blob(anchor), blob(tags), data])
}

fn part_of(part: &Option<[u8; 32]>) -> &[u8] {
    part.as_ref().map_or(&[], |bytes| bytes)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ArweaveError> {
    let (bytes, after) = rest.split_first_chunk().ok_or(ArweaveError::Item("it is cut off"))?;
    *rest = after;
    Ok(*bytes)
}

fn optional(rest: &mut &[u8]) -> Result<Option<[u8; 32]>, ArweaveError> {
    match take(rest)? {
        [0] => Ok(None),
        [1] => take(rest).map(Some),
        _ => Err(ArweaveError::Item("a presence byte is neither 0 nor 1")),
    }
}
