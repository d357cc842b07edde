//! Transactions of format 2 that carry data and move no money but the fee.

use super::avro::Tag;
use super::deep_hash::{self, Digest384};

/// What is signed of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Modulus of the wallet's key.
    pub owner: Vec<u8>,
    /// The anchor: a block that the network has seen lately. Without it the transaction can't be mined.
    pub anchor: Vec<u8>,
    /// Fee in winston, 10^-12 AR, as a decimal number.
    pub reward: String,
    /// Names and values.
    pub tags: Vec<Tag>,
    /// Bytes of data.
    pub data_size: u64,
    /// Root of the tree over them.
    pub data_root: [u8; 32],
}

impl Transaction {
    /// What the key signs: RSA-PSS with SHA-256 over these bytes.
    pub fn signature_data(&self) -> Digest384 {
        let text = |text: &str| deep_hash::blob(text.as_bytes());
        let tags: Vec<_> = self.tags.iter().map(|tag| deep_hash::list(&[text(&tag.name), text(&tag.value)])).collect();
        deep_hash::list(&[
            text("2"),
            deep_hash::blob(&self.owner),
            // No recipient, and no money for one.
            text(""),
            text("0"),
            text(&self.reward),
            deep_hash::blob(&self.anchor),
            deep_hash::list(&tags),
            text(&self.data_size.to_string()),
            deep_hash::blob(&self.data_root),
        ])
    }
}
