use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::unixfs::{self, Options, Package};

use super::pdp_stub::PdpStub;
use super::*;
use crate::storage::backend::Sent;

struct Place {
    stub: PdpStub,
    address: String,
    dir: tempfile::TempDir,
    package: Package,
    pieces: Vec<Piece>,
}

impl Place {
    async fn new() -> Self {
        let (stub, address) = PdpStub::start().await;
        let dir = tempfile::tempdir().unwrap();
        let data = Utf8Path::from_path(dir.path()).unwrap().join("data");
        std::fs::create_dir(&data).unwrap();
        for (name, byte) in [("a.bin", 1), ("b.bin", 2), ("c.bin", 3)] {
            std::fs::write(data.join(name), vec![byte; 1_500_000]).unwrap();
        }
        let package = unixfs::plan(&data, &Options::default()).unwrap().hash(&|_| {}).unwrap();
        let shards = package.shards(1 << 20).unwrap();
        let pieces = Piece::of(&package, &shards);
        assert!(pieces.len() > 1);
        Self { stub, address, dir, package, pieces }
    }

    /// As the next command opens it.
    fn open(&self, data_set: u64, patience: Duration) -> Filecoin {
        let ledger = Utf8PathBuf::from_path_buf(self.dir.path().join("ledger.db")).unwrap();
        let state_dir = Utf8Path::from_path(self.dir.path()).unwrap();
        let token = Some("secret".to_owned());
        Filecoin::new(&self.address, data_set, token, Journal::new(ledger), state_dir, patience).unwrap()
    }

    fn stream(&self, shard: usize, broken: bool) -> Stream {
        let (sender, stream) = Stream::new(100);
        let shards: Vec<_> = self.pieces.iter().map(|piece| piece.shard).collect();
        let mut give = |_, block: unixfs::Block<'_>| {
            let sent: Sent = (block.cid, block.bytes.to_vec());
            sender.try_send(Ok(sent)).map_err(std::io::Error::other)
        };
        self.package.for_each_shard_block(&shards, &[shard].into(), &|_| false, &mut give).unwrap();
        if broken {
            sender.try_send(Err(Error::local_io("test.broken_off", "the file is gone"))).unwrap();
        }
        stream
    }

    async fn send_all(&self, store: &Filecoin) {
        for piece in &self.pieces {
            store.send(piece, self.stream(piece.shard.index, false)).await.unwrap();
            assert!(store.has_shard(piece).await.unwrap());
        }
    }
}

#[tokio::test]
async fn shards_become_pieces_of_the_data_set() {
    let place = Place::new().await;
    let root = place.package.cid();
    let store = place.open(7, Duration::from_secs(20));
    assert!(!store.holds(&root).await.unwrap());
    assert!(!store.has_shard(&place.pieces[0]).await.unwrap());
    assert!(!store.finish(&root, &place.pieces).await.unwrap(), "nothing was uploaded");

    let error = store.send(&place.pieces[0], place.stream(0, true)).await.unwrap_err();
    assert_eq!(error.code(), "test.broken_off");
    assert!(!store.has_shard(&place.pieces[0]).await.unwrap());

    place.send_all(&store).await;
    assert!(!store.holds(&root).await.unwrap());
    assert!(store.finish(&root, &place.pieces).await.unwrap());
    let store = place.open(7, Duration::from_secs(20));
    assert!(store.holds(&root).await.unwrap());
    assert!(store.finish(&root, &place.pieces).await.unwrap());
    let inner = place.stub.0.lock().unwrap();
    assert_eq!((inner.pieces.len(), inner.changes), (place.pieces.len(), 1), "added once");
    let lengths: Vec<u64> = place.pieces.iter().map(|piece| piece.shard.car_len).collect();
    assert!(inner.pieces.values().all(|bytes| lengths.contains(&(bytes.len() as u64))));
}

#[tokio::test]
async fn a_slow_chain_is_asked_about_once_begun_changes() {
    let place = Place::new().await;
    let root = place.package.cid();
    place.stub.0.lock().unwrap().chain = "pending";
    let store = place.open(7, Duration::from_millis(400));
    place.send_all(&store).await;
    for _ in 0..2 {
        let error = place.open(7, Duration::from_millis(400)).finish(&root, &place.pieces).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.waiting"));
    }
    place.stub.0.lock().unwrap().chain = "confirmed";
    assert!(place.open(7, Duration::from_secs(5)).finish(&root, &place.pieces).await.unwrap());
    assert_eq!(place.stub.0.lock().unwrap().changes, 1, "no piece is added twice");
}

#[tokio::test]
async fn what_the_chain_refuses_is_said_and_can_be_tried_again() {
    let place = Place::new().await;
    let root = place.package.cid();
    place.stub.0.lock().unwrap().chain = "rejected";
    let store = place.open(7, Duration::from_secs(5));
    place.send_all(&store).await;
    let error = store.finish(&root, &place.pieces).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.pieces_refused"));
    place.stub.0.lock().unwrap().chain = "confirmed";
    assert!(store.finish(&root, &place.pieces).await.unwrap());

    let error = place.open(8, Duration::from_secs(5)).finish(&root, &place.pieces).await.unwrap_err();
    assert_eq!(error.code(), "storage.no_data_set");
}

#[test]
fn a_shard_fits_into_a_piece() {
    let journal = Journal::new("none.db");
    let store = Filecoin::new("http://127.0.0.1:1", 7, None, journal, Utf8Path::new("none"), Duration::ZERO).unwrap();
    assert!(store.shard_limit() + LAST_BLOCK <= MAX_PAYLOAD / 4);
}

#[tokio::test]
async fn only_new_blocks_of_a_version_become_pieces() {
    let mut place = Place::new().await;
    let store = place.open(7, Duration::from_secs(20));
    place.send_all(&store).await;
    assert!(store.finish(&place.package.cid(), &place.pieces).await.unwrap());
    let before: usize = place.stub.0.lock().unwrap().pieces.values().map(|bytes| bytes.len()).sum();

    let data = Utf8Path::from_path(place.dir.path()).unwrap().join("data");
    std::fs::write(data.join("c.bin"), vec![4; 1_500_000]).unwrap();
    place.package = unixfs::plan(&data, &Options::default()).unwrap().hash(&|_| {}).unwrap();
    let root = place.package.cid();
    let store = place.open(7, Duration::from_secs(20));
    let beside = store.beside(&place.package).await.unwrap().unwrap();
    let left_out = |block: &unixfs::BlockId| beside.has(block);
    let rest = place.package.without(&left_out);
    place.pieces = Piece::of(&place.package, &rest.shards(1 << 20, &|_| false).unwrap());
    let shards: Vec<_> = place.pieces.iter().map(|piece| piece.shard).collect();
    for piece in &place.pieces {
        assert!(!store.has_shard(piece).await.unwrap());
        let (sender, stream) = Stream::new(100);
        let mut give = |_, block: unixfs::Block<'_>| {
            sender.try_send(Ok((block.cid, block.bytes.to_vec()))).map_err(std::io::Error::other)
        };
        rest.for_each_shard_block(&shards, &[piece.shard.index].into(), &|_| false, &mut give).unwrap();
        drop(sender);
        store.send(piece, stream).await.unwrap();
        // Another command cuts the same shards, and finds what was sent.
        let next = place.open(7, Duration::from_secs(20));
        let again = next.beside(&place.package).await.unwrap().unwrap();
        assert_eq!(again.uses, beside.uses);
        assert!(next.has_shard(piece).await.unwrap());
    }
    assert!(store.finish(&root, &place.pieces).await.unwrap());
    assert!(place.open(7, Duration::from_secs(20)).holds(&root).await.unwrap());
    let after: usize = place.stub.0.lock().unwrap().pieces.values().map(|bytes| bytes.len()).sum();
    assert!((1_500_000..1_510_000).contains(&(after - before)), "{before} {after}");

    // The piece of the first version goes from the data set: the second one is not whole any more.
    let used = PieceCids::parse(&beside.uses[0]).unwrap();
    place.stub.0.lock().unwrap().listed.retain(|cid| !used.is(cid));
    assert!(!place.open(7, Duration::from_secs(20)).holds(&root).await.unwrap());
    let store = place.open(7, Duration::from_secs(20));
    store.beside(&place.package).await.unwrap();
    assert_eq!(store.finish(&root, &place.pieces).await.unwrap_err().code(), "storage.lost");
    let anew = place.open(7, Duration::from_secs(20)).beside(&place.package).await.unwrap().unwrap();
    assert!(!anew.uses.contains(&beside.uses[0]));
}
