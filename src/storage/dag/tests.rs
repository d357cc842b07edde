use camino::Utf8Path;
use cid::multihash::Multihash;
use ipld_dagpb::PbLink;
use sha2::{Digest, Sha256};

use super::*;
use crate::ErrorKind;
use crate::storage::LocalStore;

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
        self.put(RAW, bytes.to_vec())
    }

    fn node(&mut self, kind: u64, links: &[(&str, Cid)]) -> Cid {
        let link = |(name, cid): &(&str, Cid)| PbLink { cid: *cid, name: Some((*name).to_owned()), size: Some(0) };
        let data = vec![0x08, u8::try_from(kind).unwrap()];
        let node = PbNode { links: links.iter().map(link).collect(), data: Some(data.into()) };
        self.put(0x70, node.into_bytes())
    }

    /// Nodes of a kind that each link twice to the next, down to a leaf.
    fn bomb(&mut self, kind: u64, levels: usize, leaf: Cid) -> Cid {
        (0..levels).fold(leaf, |below, _| self.node(kind, &[("aaa", below), ("bbb", below)]))
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
    let file = blocks.node(FILE, &[("", one), ("", two)]);
    let bomb = blocks.bomb(FILE, 60, one);
    let root = blocks.node(DIRECTORY, &[("a", file), ("b", two), ("records", bomb)]);
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
    let deep = blocks.bomb(FILE, 40, byte);
    let wide: Vec<_> = (0..1_000).map(|_| ("", empty)).collect();
    let wide = blocks.node(FILE, &wide);
    let wide = blocks.bomb(FILE, FILE_DEPTH - 1, wide);
    let folder = blocks.node(DIRECTORY, &[("a", byte)]);
    let root = blocks.node(DIRECTORY, &[("deep", deep), ("wide", wide), ("folder", folder)]);
    let sources = blocks.sources();
    for name in ["deep", "wide"] {
        assert_eq!(refused(read_files(&sources, &root, &[name], PLENTY).await), "storage.too_large", "{name}");
    }
    assert_eq!(refused(read_files(&sources, &root, &["folder"], PLENTY).await), "storage.dag_malformed");
}

#[tokio::test]
async fn leaves_come_in_order_and_one_at_a_time() {
    let mut blocks = Blocks::new();
    let leaves: Vec<_> = (0..6u8).map(|number| blocks.raw(&[number])).collect();
    let left = blocks.node(FILE, &[("", leaves[0]), ("", leaves[1])]);
    let right = blocks.node(FILE, &[("", leaves[3]), ("", leaves[4])]);
    let old = blocks.node(FILE, &[]);
    let root = blocks.node(FILE, &[("", left), ("", leaves[2]), ("", right), ("", leaves[5]), ("", old)]);
    let sources = blocks.sources();
    let (mut walk, mut budget, mut found) = (Leaves::of(root), PLENTY, Vec::new());
    while let Some(leaf) = walk.next(&sources, &mut budget).await.unwrap() {
        found.push(leaf);
    }
    assert_eq!(found, [leaves, vec![old]].concat());
}

#[tokio::test]
async fn folders_are_listed_within_what_is_expected() {
    let mut blocks = Blocks::new();
    let byte = blocks.raw(b"x");
    let inner = blocks.node(DIRECTORY, &[("c", byte)]);
    let shard = blocks.node(HAMT_SHARD, &[("0Fd", byte)]);
    let shards = blocks.node(HAMT_SHARD, &[("00", shard), ("01e", byte)]);
    let root = blocks.node(DIRECTORY, &[("a", byte), ("b", inner), ("s", shards)]);
    let bomb = blocks.bomb(DIRECTORY, 40, byte);
    let chain = (0..=FOLDER_DEPTH + 1).fold(byte, |below, _| blocks.node(DIRECTORY, &[("", below)]));
    let sources = blocks.sources();
    let files = list_files(&sources, &root, PLENTY).await.unwrap();
    let paths: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(paths, ["a", "b/c", "s/d", "s/e"]);
    // Folders on the way cost something, too.
    assert_eq!(refused(list_files(&sources, &root, listing_cost(paths.into_iter())).await), "storage.too_large");
    assert_eq!(refused(list_files(&sources, &bomb, PLENTY).await), "storage.too_large");
    assert_eq!(refused(list_files(&sources, &chain, PLENTY).await), "storage.too_large");
}
