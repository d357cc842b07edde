//! What every store has to do, as one test that runs over any of them: call [`conforms`] with a way to open the store anew,
//! as the next command would, on a place that holds nothing of these packages yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::Utf8Path;
use cid::Cid;
use dgov_data::unixfs::{self, Options, Package};

use super::Source;
use super::backend::{Backend, Piece, Sent, Stream};
use super::beside::Beside;
use crate::error::{Error, Result};

/// Bytes of CAR of the shards below: the packages have several, whatever the store's own limit.
const SHARD: u64 = 1 << 20;

/// Opens the store as a command does that knows nothing of those before.
pub type Open<'a> = &'a dyn Fn() -> Arc<dyn Backend>;

/// Checks everything that the trait promises. `seed` makes the content: another one for each place that is used again.
pub async fn conforms(open: Open<'_>, seed: u64) {
    let sample = Sample::new(seed, 0);
    nothing_is_there(open, &sample).await;
    a_broken_shard_does_not_count(open, &sample).await;
    a_gap_is_noticed(open, &sample).await;
    a_package_is_kept(open, &sample).await;
    sending_again_changes_nothing(open, &sample).await;
    only_new_blocks_need_to_travel(open, &sample, &Sample::new(seed, 1)).await;
}

async fn nothing_is_there(open: Open<'_>, sample: &Sample) {
    let store = open();
    assert!(!store.holds(&sample.root()).await.unwrap());
    for piece in &sample.pieces {
        assert!(!store.has_shard(piece).await.unwrap(), "{piece:?}");
    }
    assert_eq!(store.block(&sample.root()).await.unwrap(), None);
}

async fn a_broken_shard_does_not_count(open: Open<'_>, sample: &Sample) {
    let piece = &sample.pieces[0];
    let mut blocks: Vec<Result<Sent>> = sample.blocks(0).into_iter().map(Ok).collect();
    let half = blocks.len() / 2;
    blocks.truncate(half);
    blocks.push(Err(Error::local_io("test.broken_off", "the file is gone")));
    let store = open();
    store.price(&[*piece]).await.unwrap();
    let error = store.send(piece, stream(blocks)).await.unwrap_err();
    // What was wrong with the files is not blamed on the store.
    assert_eq!(error.code(), "test.broken_off");
    assert!(!open().has_shard(piece).await.unwrap());
    assert!(!open().holds(&sample.root()).await.unwrap());
}

async fn a_gap_is_noticed(open: Open<'_>, sample: &Sample) {
    let store = open();
    for piece in &sample.pieces[1..] {
        assert!(!store.has_shard(piece).await.unwrap());
        store.price(&[*piece]).await.unwrap();
        store.send(piece, sample.stream(piece.shard.index)).await.unwrap();
        assert!(open().has_shard(piece).await.unwrap());
    }
    assert!(!store.finish(&sample.root(), &sample.pieces).await.unwrap(), "the first shard was never sent");
    assert!(!open().holds(&sample.root()).await.unwrap());
}

async fn a_package_is_kept(open: Open<'_>, sample: &Sample) {
    let store = open();
    store.price(&sample.pieces[..1]).await.unwrap();
    store.send(&sample.pieces[0], sample.stream(0)).await.unwrap();
    // Where each upload is for ever, nothing is left to be done when all of them are there.
    let early = store.holds(&sample.root()).await.unwrap();
    assert!(!early || store.is_permanent(), "it counts when it is finished, not before");
    assert!(store.finish(&sample.root(), &sample.pieces).await.unwrap());
    let store = open();
    assert!(store.holds(&sample.root()).await.unwrap());
    for piece in &sample.pieces {
        assert!(store.has_shard(piece).await.unwrap());
    }
    sample.is_readable(&store).await;
}

async fn sending_again_changes_nothing(open: Open<'_>, sample: &Sample) {
    let store = open();
    store.send(&sample.pieces[0], sample.stream(0)).await.unwrap();
    assert!(store.finish(&sample.root(), &sample.pieces).await.unwrap());
    assert!(store.finish(&sample.root(), &sample.pieces).await.unwrap());
    sample.is_readable(&open()).await;
}

/// The next version shares blocks; a store that says that it knows them need not get them.
async fn only_new_blocks_need_to_travel(open: Open<'_>, before: &Sample, next: &Sample) {
    let store = open();
    if let Some(beside) = store.beside(&next.package).await.unwrap() {
        return only_the_rest_is_sent(open, before, next, &beside).await;
    }
    // Where the store keeps what it knows, it has looked by now.
    for piece in &next.pieces {
        store.has_shard(piece).await.unwrap();
    }
    assert!(next.known(&store) == 0 || next.known(&store) < next.blocks.len(), "{}", store.name());
    assert_eq!(before.known(&store) > 0, next.known(&store) > 0, "what was stored is known, or nothing is");
    for piece in &next.pieces {
        let new = next.blocks(piece.shard.index).into_iter().filter(|(cid, _)| !knows(&store, next, cid));
        let new: Vec<_> = new.map(Ok).collect();
        if !new.is_empty() {
            store.send(piece, stream(new)).await.unwrap();
        }
    }
    assert!(store.finish(&next.root(), &next.pieces).await.unwrap());
    let store = open();
    next.is_readable(&store).await;
    before.is_readable(&store).await;
}

/// Shards without what earlier uploads hold: few bytes, and both versions are there.
async fn only_the_rest_is_sent(open: Open<'_>, before: &Sample, next: &Sample, beside: &Beside) {
    assert!(!beside.is_empty());
    let store = open();
    let left_out = |block: &unixfs::BlockId| beside.has(block);
    let rest = next.package.without(&left_out);
    let shards = rest.shards(SHARD, &|_| false).unwrap();
    let pieces = Piece::of(&next.package, &shards);
    assert!(pieces.iter().map(|piece| piece.shard.new).sum::<u64>() < 1_400_000);
    store.beside(&next.package).await.unwrap();
    store.price(&pieces).await.unwrap();
    for piece in &pieces {
        assert!(!store.has_shard(piece).await.unwrap());
        let mut blocks = Vec::new();
        let mut take = |_, block: unixfs::Block<'_>| {
            blocks.push(Ok((block.cid, block.bytes.to_vec())));
            Ok(())
        };
        rest.for_each_shard_block(&shards, &[piece.shard.index].into(), &|_| false, &mut take).unwrap();
        store.send(piece, stream(blocks)).await.unwrap();
    }
    assert!(store.finish(&next.root(), &pieces).await.unwrap());
    let store = open();
    assert!(store.holds(&next.root()).await.unwrap());
    next.is_readable(&store).await;
    before.is_readable(&store).await;
}

fn knows(store: &Arc<dyn Backend>, sample: &Sample, cid: &Cid) -> bool {
    let (id, ..) = sample.blocks.iter().find(|(id, ..)| id.cid(sample.package.profile()) == *cid).unwrap();
    store.knows(id).unwrap()
}

fn stream(blocks: Vec<Result<Sent>>) -> Stream {
    let (sender, stream) = Stream::new(blocks.len().max(1));
    for block in blocks {
        sender.try_send(block).unwrap();
    }
    stream
}

/// A package of several shards, and its blocks.
pub struct Sample {
    package: Package,
    pub pieces: Vec<Piece>,
    /// Identity, shard and bytes, in order.
    blocks: Vec<(unixfs::BlockId, usize, Vec<u8>)>,
    _dir: tempfile::TempDir,
}

impl Sample {
    /// Versions of one seed have a file in common.
    pub fn new(seed: u64, version: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(path.join("shared.bin"), noise(seed, 2_500_000)).unwrap();
        std::fs::write(path.join("own.bin"), noise(seed ^ (version + 1) << 32, 1_300_000)).unwrap();
        std::fs::write(path.join("note.txt"), format!("version {version} of {seed}")).unwrap();
        let package = unixfs::plan(path, &Options::default()).unwrap().hash(&|_| {}).unwrap();
        let shards = package.shards(SHARD).unwrap();
        assert!(shards.len() > 2);
        let pieces = Piece::of(&package, &shards);
        let all: BTreeSet<usize> = (0..shards.len()).collect();
        let mut blocks = Vec::new();
        let mut take = |shard, block: unixfs::Block<'_>| {
            blocks.push((block.id, shard, block.bytes.to_vec()));
            Ok(())
        };
        package.for_each_shard_block(&shards, &all, &|_| false, &mut take).unwrap();
        Self { package, pieces, blocks, _dir: dir }
    }

    fn root(&self) -> Cid {
        self.package.cid()
    }

    pub fn blocks(&self, shard: usize) -> Vec<Sent> {
        let profile = self.package.profile();
        let inside = self.blocks.iter().filter(|(_, of, _)| *of == shard);
        inside.map(|(id, _, bytes)| (id.cid(profile), bytes.clone())).collect()
    }

    pub fn stream(&self, shard: usize) -> Stream {
        stream(self.blocks(shard).into_iter().map(Ok).collect())
    }

    fn known(&self, store: &Arc<dyn Backend>) -> usize {
        self.blocks.iter().filter(|(id, ..)| store.knows(id).unwrap()).count()
    }

    async fn is_readable(&self, store: &Arc<dyn Backend>) {
        let source = Source::of_backend(store);
        for (id, _, bytes) in &self.blocks {
            let cid = id.cid(self.package.profile());
            assert_eq!(source.block(&cid).await.unwrap().as_ref(), Some(bytes), "{cid}");
        }
    }
}

/// Bytes that no two seeds share.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(&mut next).take(len).collect()
}

#[tokio::test]
async fn the_local_store_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(dir.path()).unwrap();
    conforms(&|| Arc::new(super::LocalStore::new(path)), 1).await;
}
