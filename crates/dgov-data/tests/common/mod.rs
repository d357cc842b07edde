//! Folders to fill, and the ChaCha20 stream that the published vectors of CIDs are made of.
#![allow(clippy::unwrap_used, dead_code, missing_docs, clippy::type_complexity)]

use std::fs;

use alloy_primitives::B256;
use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::records::{self, RecordError, RecordFormat, RecordSet, Row};
use dgov_data::unixfs::{Options, Package, plan};
use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 39] = b"abcdefghijklmnopqrstuvwxyz01234567890-_";

/// Key stream of ChaCha20 (RFC 8439) with key sha256(seed), nonce 0 and counter 0.
pub struct KeyStream {
    state: [u32; 16],
}

impl KeyStream {
    pub fn new(seed: &str) -> Self {
        let mut state = [0; 16];
        for (word, bytes) in state.iter_mut().zip(b"expand 32-byte k".chunks(4)) {
            *word = u32::from_le_bytes(bytes.try_into().unwrap());
        }
        for (word, bytes) in state[4..12].iter_mut().zip(Sha256::digest(seed).chunks(4)) {
            *word = u32::from_le_bytes(bytes.try_into().unwrap());
        }
        Self { state }
    }

    fn block(&mut self) -> [u8; 64] {
        let mut x = self.state;
        for _ in 0..10 {
            for (a, b, c, d) in [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)] {
                quarter(&mut x, a, b, c, d);
            }
            for (a, b, c, d) in [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)] {
                quarter(&mut x, a, b, c, d);
            }
        }
        let mut out = [0; 64];
        for (i, bytes) in out.chunks_mut(4).enumerate() {
            bytes.copy_from_slice(&x[i].wrapping_add(self.state[i]).to_le_bytes());
        }
        self.state[12] = self.state[12].wrapping_add(1);
        out
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(len + 64);
        while out.len() < len {
            out.extend_from_slice(&self.block());
        }
        out.truncate(len);
        out
    }
}

fn quarter(x: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    for (first, second, third, by) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        x[first] = x[first].wrapping_add(x[second]);
        x[third] = (x[third] ^ x[first]).rotate_left(by);
    }
}

/// File names of the published directory vectors.
pub fn names(count: usize, len: usize, last_len: usize, seed: &str) -> Vec<String> {
    let stream = KeyStream::new(seed).bytes(1 << 20);
    let mut rest = stream.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
    let name = |i| rest.by_ref().take(if i + 1 == count { last_len } else { len }).collect();
    (0..count).map(name).collect()
}

/// A temporary folder to fill.
pub struct Folder(pub tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The folder without links on the way to it.
    pub fn path(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.0.path()).unwrap().canonicalize_utf8().unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Utf8PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

/// Hashes a folder and finds its records.
pub fn read(folder: &Folder, format: &RecordFormat) -> Result<(Package, RecordSet), RecordError> {
    records::read(plan(&folder.path(), &Options::default()).unwrap(), format, &(), &|_| ())
}

/// Key, number and fields (for people) of every row; the keys are compared with those that a push computes.
pub fn rows(folder: &Folder, format: &RecordFormat) -> Result<Vec<(B256, u64, Vec<String>)>, RecordError> {
    let (package, set) = read(folder, format)?;
    let mut rows = Vec::new();
    for file in 0..package.entries().len() {
        records::rows(&package, &set, format, file, &mut |row: Row<'_>| {
            let fields = row.fields.iter().map(|field| format!("{}={:?}", field.name, field.value));
            rows.push((row.key, row.line, fields.collect()));
            Ok::<_, RecordError>(())
        })?;
    }
    let keys: Vec<_> = set.records().iter().map(|record| (record.key, record.line)).collect();
    assert_eq!(rows.iter().map(|row| (row.0, row.1)).collect::<Vec<_>>(), keys);
    Ok(rows)
}

/// [`rows`] of a folder with one file.
pub fn one(
    name: &str,
    content: impl AsRef<[u8]>,
    format: &RecordFormat,
) -> Result<Vec<(B256, u64, Vec<String>)>, String> {
    let folder = Folder::new();
    folder.write(name, content);
    rows(&folder, format).map_err(|error| error.to_string())
}
