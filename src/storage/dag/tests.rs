use camino::Utf8Path;
use cid::multihash::Multihash;
use ipld_dagpb::{PbLink, PbNode};
use sha2::{Digest, Sha256};

use super::*;
use crate::ErrorKind;
use crate::storage::LocalStore;

/// UnixFS node types (unixfs.proto).
const DIRECTORY: u8 = 1;
const FILE: u8 = 2;
const HAMT_SHARD: u8 = 5;
/// More than any test needs by far; a walk over a bomb would not come back.
const PLENTY: u64 = 1 << 20;

/// Blocks in a store of their own.
struct Blocks {
    dir: tempfile::TempDir,
    blocks: Vec<(Cid, Vec<u8>)>,
}

impl Blocks {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), blocks: Vec::new() }
    }

    fn put(&mut self, codec: u64, bytes: Vec<u8>) -> Cid {
        let cid = Cid::new_v1(codec, Multihash::wrap(0x12, &Sha256::digest(&bytes)).unwrap());
        self.blocks.push((cid, bytes));
        cid
    }

    fn raw(&mut self, bytes: &[u8]) -> Cid {
        self.put(0x55, bytes.to_vec())
    }

    fn node(&mut self, data: Vec<u8>, links: &[(&str, Cid)]) -> Cid {
        let link = |(name, cid): &(&str, Cid)| PbLink { cid: *cid, name: Some((*name).to_owned()), size: Some(0) };
        let node = PbNode { links: links.iter().map(link).collect(), data: Some(data.into()) };
        self.put(0x70, node.into_bytes())
    }

    fn folder(&mut self, links: &[(&str, Cid)]) -> Cid {
        self.node(vec![0x08, DIRECTORY], links)
    }

    /// A file whose parts are of one byte each, as they say.
    fn file(&mut self, parts: &[Cid]) -> Cid {
        let mut data = vec![0x08, FILE, 0x18];
        let mut size = parts.len();
        while size > 0x7f {
            data.push((size & 0x7f) as u8 | 0x80);
            size >>= 7;
        }
        data.push(size as u8);
        data.extend(parts.iter().flat_map(|_| [0x20, 1]));
        let links: Vec<_> = parts.iter().map(|part| ("", *part)).collect();
        self.node(data, &links)
    }

    /// A shard with slots 0 to 7; names begin with two digits of the slot.
    fn shard(&mut self, links: &[(&str, Cid)]) -> Cid {
        let bits = links.iter().fold(0, |bits, (name, _)| bits | 1u8 << u8::from_str_radix(&name[..2], 16).unwrap());
        // murmur3-x64-64 (0x22), and a fanout of 256.
        self.node(vec![0x08, HAMT_SHARD, 0x12, 1, bits, 0x28, 0x22, 0x30, 0x80, 2], links)
    }

    /// Folders that each link twice to the next, down to a leaf.
    fn bomb(&mut self, levels: usize, leaf: Cid) -> Cid {
        (0..levels).fold(leaf, |below, _| self.folder(&[("aaa", below), ("bbb", below)]))
    }

    /// The same of files.
    fn deep(&mut self, levels: usize, leaf: Cid) -> Cid {
        (0..levels).fold(leaf, |below, _| self.file(&[below, below]))
    }

    fn sources(&self) -> Vec<Source> {
        let store = LocalStore::new(Utf8Path::from_path(self.dir.path()).unwrap());
        let mut pack = store.begin(&self.blocks[0].0, 0).unwrap();
        for (cid, bytes) in &self.blocks {
            pack.put(cid, bytes).unwrap();
        }
        pack.finish().unwrap();
        // A store looks at its packs once.
        vec![Source::new(LocalStore::new(store.dir()))]
    }
}

fn refused<T>(result: Result<T>) -> &'static str {
    let error = result.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(!error.hints().is_empty());
    error.code()
}

#[tokio::test]
async fn only_the_files_asked_for_are_read() {
    let mut blocks = Blocks::new();
    let (one, two) = (blocks.raw(b"one "), blocks.raw(b"two"));
    let file = blocks.file(&[one, two]);
    let bomb = blocks.deep(60, one);
    let root = blocks.folder(&[("a", file), ("b", two), ("records", bomb)]);
    let sources = blocks.sources();
    let files = read_files(&sources, &root, &["a", "b", "c"], 7).await.unwrap();
    assert_eq!(files, BTreeMap::from([("a", b"one two".to_vec()), ("b", b"two".to_vec())]));
    assert_eq!(refused(read_files(&sources, &root, &["a"], 6).await), "storage.too_large");
    assert_eq!(refused(read_files(&sources, &file, &["a"], 7).await), "storage.dag_malformed", "a file is no folder");
    assert_eq!(refused(read_files(&sources, &one, &["a"], 7).await), "storage.dag_malformed");
}

#[tokio::test]
async fn files_that_fold_out_without_end_are_refused() {
    let mut blocks = Blocks::new();
    let (byte, empty) = (blocks.raw(b"x"), blocks.raw(b""));
    // Too deep; and as deep as is permitted, but wide, with leaves that hold nothing.
    let deep = blocks.deep(40, byte);
    let wide = blocks.file(&vec![empty; 1_000]);
    let wide = blocks.deep(FILE_DEPTH - 1, wide);
    let folder = blocks.folder(&[("a", byte)]);
    // Says nothing of the sizes of its parts.
    let vague = blocks.node(vec![0x08, FILE], &[("", byte)]);
    let root = blocks.folder(&[("deep", deep), ("wide", wide), ("folder", folder), ("vague", vague)]);
    let sources = blocks.sources();
    for name in ["deep", "wide"] {
        assert_eq!(refused(read_files(&sources, &root, &[name], PLENTY).await), "storage.too_large", "{name}");
    }
    for name in ["folder", "vague"] {
        assert_eq!(refused(read_files(&sources, &root, &[name], PLENTY).await), "storage.dag_malformed", "{name}");
    }
}

#[tokio::test]
async fn leaves_come_in_order_and_one_at_a_time() {
    let mut blocks = Blocks::new();
    let leaves: Vec<_> = (0..6u8).map(|number| blocks.raw(&[number])).collect();
    let left = blocks.file(&leaves[..2]);
    let right = blocks.file(&leaves[3..5]);
    let old = blocks.node(vec![0x08, FILE, 0x12, 1, b'x'], &[]);
    let root = blocks.file(&[left, leaves[2], right, leaves[5], old]);
    let sources = blocks.sources();
    let (mut walk, mut budget, mut found) = (Leaves::of(id_of(&root).unwrap()), PLENTY, Vec::new());
    while let Some(leaf) = walk.next(&sources, &mut budget).await.unwrap() {
        found.push(cid_of(&leaf));
    }
    assert_eq!(found, [leaves, vec![old]].concat());
}

#[tokio::test]
async fn folders_are_listed_within_what_is_expected() {
    let mut blocks = Blocks::new();
    let byte = blocks.raw(b"x");
    let inner = blocks.folder(&[("c", byte)]);
    let shard = blocks.shard(&[("05d", byte)]);
    let shards = blocks.shard(&[("00", shard), ("01e", byte)]);
    let root = blocks.folder(&[("a", byte), ("b", inner), ("s", shards)]);
    let bomb = blocks.bomb(40, byte);
    let chain = (0..=FOLDER_DEPTH + 1).fold(byte, |below, _| blocks.folder(&[("", below)]));
    let sources = blocks.sources();
    let files = list_files(&sources, &root, PLENTY).await.unwrap();
    let paths: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(paths, ["a", "b/c", "s/d", "s/e"]);
    // Folders on the way cost something, too.
    assert_eq!(refused(list_files(&sources, &root, listing_cost(paths.into_iter())).await), "storage.too_large");
    assert_eq!(refused(list_files(&sources, &bomb, PLENTY).await), "storage.too_large");
    assert_eq!(refused(list_files(&sources, &chain, PLENTY).await), "storage.too_large");
}
