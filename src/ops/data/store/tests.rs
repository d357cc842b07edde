use std::sync::Mutex;
use std::time::Duration;

use camino::Utf8Path;
use dgov_data::unixfs::{self, Options};
use tokio::sync::Barrier;

use super::*;
use crate::error::ErrorKind;
use crate::storage::Blocks;
use crate::storage::backend::Work;

/// Whether the store sees each of two shards end well.
fn ends(finish: bool) -> Vec<bool> {
    let (open, mut opened) = mpsc::channel(2);
    let mut feeder = Feeder { open, current: None };
    feeder.give(0, (Cid::default(), vec![1])).unwrap();
    feeder.give(1, (Cid::default(), vec![2])).unwrap();
    if finish {
        feeder.finish();
    }
    drop(feeder);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut ends = Vec::new();
    while let Some((_, mut blocks)) = runtime.block_on(opened.recv()) {
        assert!(runtime.block_on(blocks.next()).unwrap().is_some());
        ends.push(matches!(runtime.block_on(blocks.next()), Ok(None)));
    }
    ends
}

#[test]
fn a_shard_that_was_not_read_to_its_end_is_no_whole_one() {
    assert_eq!(ends(true), [true, true]);
    assert_eq!(ends(false), [true, false]);
}

/// A store that keeps what it gets, until it fails.
struct Shelf {
    /// Waits for the others before it takes anything.
    together: Option<Arc<Barrier>>,
    /// Blocks that it takes.
    room: usize,
    got: Mutex<Vec<(usize, Cid)>>,
}

impl Shelf {
    fn new(together: Option<Arc<Barrier>>, room: usize) -> Arc<Self> {
        Arc::new(Self { together, room, got: Mutex::default() })
    }
}

impl Blocks for Shelf {
    fn place(&self) -> String {
        "shelf".to_owned()
    }

    fn block<'a>(&'a self, _cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }
}

impl Backend for Shelf {
    fn name(&self) -> &'static str {
        "shelf"
    }

    fn holds<'a>(&'a self, _root: &'a Cid) -> Work<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn has_shard<'a>(&'a self, _piece: &'a Piece) -> Work<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn send<'a>(&'a self, piece: &'a Piece, mut blocks: Stream) -> Work<'a, ()> {
        Box::pin(async move {
            if let Some(together) = &self.together {
                together.wait().await;
            }
            while let Some((cid, _)) = blocks.next().await? {
                if self.got.lock().unwrap().len() == self.room {
                    return Err(Error::new(ErrorKind::Storage, "test.full", "the shelf is full"));
                }
                self.got.lock().unwrap().push((piece.shard.index, cid));
            }
            Ok(())
        })
    }

    fn finish<'a>(&'a self, _root: &'a Cid, _pieces: &'a [Piece]) -> Work<'a, bool> {
        Box::pin(async { Ok(true) })
    }
}

struct Sample {
    dir: tempfile::TempDir,
    package: Package,
}

impl Sample {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..40u8 {
            std::fs::write(dir.path().join(format!("{number:02}.bin")), vec![number; 100_000]).unwrap();
        }
        let path = Utf8Path::from_path(dir.path()).unwrap();
        let package = unixfs::plan(path, &Options::default()).unwrap().hash(&|_| {}).unwrap();
        Self { dir, package }
    }

    fn pieces(&self, limit: u64) -> Vec<Piece> {
        Piece::of(&self.package, &self.package.shards(limit).unwrap())
    }
}

fn lane<'a>(backend: &Arc<Shelf>, pieces: &'a [Piece], wanted: impl IntoIterator<Item = usize>) -> Lane<'a> {
    let (backend, wanted) = (Arc::clone(backend) as Arc<dyn Backend>, wanted.into_iter().collect());
    Lane { label: "data → shelf", backend, pieces, wanted, beside: None, known: Box::new(|_| false) }
}

/// Shard and CID of every block.
fn cut(sample: &Sample, pieces: &[Piece]) -> Vec<(usize, Cid)> {
    let shards: Vec<Shard> = pieces.iter().map(|piece| piece.shard).collect();
    let all: BTreeSet<usize> = (0..shards.len()).collect();
    let mut blocks = Vec::new();
    let mut take = |shard, block: Block<'_>| {
        blocks.push((shard, block.cid));
        Ok(())
    };
    sample.package.for_each_shard_block(&shards, &all, &|_| false, &mut take).unwrap();
    blocks
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_are_sent_to_at_once_and_each_cuts_for_itself() {
    let sample = Sample::new();
    let (long, short) = (sample.pieces(2_000_000), sample.pieces(300_000));
    assert!(long.len() > 1 && short.len() > 2 * long.len());
    // Both have to be open at the same time, or neither goes on.
    let both = Arc::new(Barrier::new(2));
    let (first, second) = (Shelf::new(Some(Arc::clone(&both)), 100), Shelf::new(Some(both), 100));
    let ui = Ui::new(true, true);
    let lanes = [lane(&first, &long, [0]), lane(&second, &short, [0])];
    let sent =
        tokio::time::timeout(Duration::from_secs(60), send(&ui, &sample.package, &lanes)).await.unwrap().unwrap();
    let of = |blocks: Vec<(usize, Cid)>, shard| blocks.into_iter().filter(|(at, _)| *at == shard).collect::<Vec<_>>();
    assert_eq!(*first.got.lock().unwrap(), of(cut(&sample, &long), 0));
    assert_eq!(*second.got.lock().unwrap(), of(cut(&sample, &short), 0));
    let sent: Vec<u64> = sent.into_iter().map(Result::unwrap).collect();
    assert_eq!(sent, [long[0].shard.new, short[0].shard.new]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_stops_nobody_else() {
    let sample = Sample::new();
    let pieces = sample.pieces(300_000);
    let (full, whole) = (Shelf::new(None, 3), Shelf::new(None, 100));
    let lanes = [lane(&full, &pieces, 0..pieces.len()), lane(&whole, &pieces, 0..pieces.len())];
    let mut sent = send(&Ui::new(true, true), &sample.package, &lanes).await.unwrap().into_iter();
    assert_eq!(sent.next().unwrap().unwrap_err().code(), "test.full");
    assert_eq!(sent.next().unwrap().unwrap(), pieces.iter().map(|piece| piece.shard.new).sum::<u64>());
    assert_eq!(*whole.got.lock().unwrap(), cut(&sample, &pieces));
    // Nobody is left: there is nothing more to read.
    let lanes = [lane(&full, &pieces, 0..pieces.len())];
    let mut sent = send(&Ui::new(true, true), &sample.package, &lanes).await.unwrap().into_iter();
    assert_eq!(sent.next().unwrap().unwrap_err().code(), "test.full");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_is_everybodys_error() {
    let sample = Sample::new();
    std::fs::write(sample.dir.path().join("39.bin"), "other").unwrap();
    let pieces = sample.pieces(300_000);
    let store = Shelf::new(None, 100);
    let lanes = [lane(&store, &pieces, 0..pieces.len())];
    let error = send(&Ui::new(true, true), &sample.package, &lanes).await.unwrap_err();
    assert_eq!(error.code(), "dataset.changed");
    assert!(error.message().contains("39.bin"), "{}", error.message());
}
