//! Short documents whose sha256 goes on chain: why a version was recalled, what a buyer asks for.
//!
//! Each is one raw block of the content store: its CID follows from the digest, so that whoever reads the chain knows what
//! to ask a store for, and checks what it gets.

use alloy::primitives::B256;
use camino::Utf8Path;
use cid::Cid;
use cid::multihash::Multihash;

use crate::error::{Error, Result};
use crate::ops::documents;
use crate::session::Session;
use crate::storage::{Source, fetch};

/// Code of raw blocks in the multicodec table.
const RAW: u64 = 0x55;
/// Code of sha2-256 in the multihash table.
const SHA2_256: u64 = 0x12;
/// One block; gateways give no larger ones.
const LIMIT: usize = 1 << 20;

/// A document and its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// sha256 of them: what goes on chain.
    pub digest: B256,
}

impl Note {
    /// Of a file, else of the words themselves.
    ///
    /// # Errors
    /// Input: `note.missing` for what looks like a path of no file, `note.empty`, `note.too_long`; file errors.
    pub fn read(text: &str) -> Result<Self> {
        let path = Utf8Path::new(text);
        let is_word = !text.contains(char::is_whitespace);
        let bytes = if path.is_file() {
            fs_err::read(path)?
        } else if is_word && (text.contains('/') || path.extension().is_some()) {
            return Err(Error::input("note.missing", format!("there is no file {text}"))
                .hint("give the path of a document, or the reason itself in quotes"));
        } else {
            format!("{}\n", text.trim()).into_bytes()
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(
                Error::input("note.empty", "the reason is empty").hint("say in a sentence why, or name a document")
            );
        }
        if bytes.len() > LIMIT {
            let message = format!("{text} has {} bytes; a document of this kind has at most {LIMIT}", bytes.len());
            return Err(Error::input("note.too_long", message).hint("sum it up, and link to the rest"));
        }
        Ok(Self { digest: documents::digest(&bytes), bytes })
    }

    /// Puts it into the project's store, where its digest finds it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn store(&self, session: &Session<'_>) -> Result<()> {
        session.local_store().put_block(&cid_of(self.digest)?, &self.bytes)
    }
}

/// The CID of the block with this digest.
///
/// # Errors
/// None in practice: a word always is a digest.
pub fn cid_of(digest: B256) -> Result<Cid> {
    let hash = Multihash::wrap(SHA2_256, digest.as_slice())
        .map_err(|error| Error::bug("a 32-byte digest is no multihash").caused_by(&error))?;
    Ok(Cid::new_v1(RAW, hash))
}

/// The text of a document where a source has it. Others wrote it: control characters are left out, because it is printed.
pub async fn text_of(sources: &[Source], digest: B256) -> Option<String> {
    let bytes = fetch(sources, &cid_of(digest).ok()?).await.ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_documents_and_missing_files_are_not_words() {
        let note = Note::read("  withdrawn by a contributor ").unwrap();
        assert_eq!(note.bytes, b"withdrawn by a contributor\n");
        assert_eq!(note.digest, documents::digest(b"withdrawn by a contributor\n"));
        assert_eq!(cid_of(note.digest).unwrap().hash().digest(), note.digest.as_slice());
        for (wrong, code) in [("why.md", "note.missing"), ("notes/why", "note.missing"), (" ", "note.empty")] {
            assert_eq!(Note::read(wrong).unwrap_err().code(), code, "{wrong}");
        }
        assert!(Note::read("Duplicates of v1.2, see the report.").is_ok(), "a sentence with a dot is no path");
        let dir = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(dir.path()).unwrap().join("why.md");
        std::fs::write(&file, "# Why\n").unwrap();
        assert_eq!(Note::read(file.as_str()).unwrap().bytes, b"# Why\n");
        std::fs::write(&file, vec![b'x'; LIMIT + 1]).unwrap();
        assert_eq!(Note::read(file.as_str()).unwrap_err().code(), "note.too_long");
    }
}
