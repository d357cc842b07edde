//! `deepHash`: SHA-384 over nested lists of byte strings, each with its kind and length.

use sha2::{Digest, Sha384};

/// A SHA-384 digest.
pub type Digest384 = [u8; 48];

/// The hash of one byte string.
pub fn blob(bytes: &[u8]) -> Digest384 {
    let mut hasher = BlobHasher::default();
    hasher.update(bytes);
    hasher.finish()
}

/// The hash of a list, from those of its elements.
pub fn list(elements: &[Digest384]) -> Digest384 {
    let start = sha384(&[b"list", elements.len().to_string().as_bytes()]);
    elements.iter().fold(start, |acc, element| sha384(&[&acc, element]))
}

/// The hash of a byte string that comes in parts.
#[derive(Default)]
pub struct BlobHasher {
    inner: Sha384,
    len: u64,
}

impl BlobHasher {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
        self.len += bytes.len() as u64;
    }

    /// The hash.
    pub fn finish(self) -> Digest384 {
        let kind = sha384(&[b"blob", self.len.to_string().as_bytes()]);
        sha384(&[&kind, &self.inner.finalize()])
    }
}

fn sha384(parts: &[&[u8]]) -> Digest384 {
    let mut hasher = Sha384::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
