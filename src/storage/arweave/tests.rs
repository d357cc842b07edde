#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod node;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use camino::Utf8PathBuf;
use dgov_data::unixfs::{Options, Package, plan};
use serde_json::json;

use self::node::{START, node, stub_bundler};
use super::wallet::Wallet;
use super::*;
use crate::chain::signers::dev_account;
use crate::storage::{Source, conformance};

/// One wallet for all tests: making one takes seconds.
fn wallet() -> Arc<Wallet> {
    static WALLET: OnceLock<Arc<Wallet>> = OnceLock::new();
    Arc::clone(WALLET.get_or_init(|| Arc::new(Wallet::generate())))
}

/// Bytes of CAR of a shard.
const SHARD: u64 = 256 << 10;

struct Folder {
    dir: tempfile::TempDir,
    /// Roots that a lock would name.
    locked: Mutex<Vec<Cid>>,
}

impl Folder {
    fn new() -> Self {
        let folder = Self { dir: tempfile::tempdir().unwrap(), locked: Mutex::default() };
        std::fs::create_dir(folder.path().join("data")).unwrap();
        for (name, len) in [("a", 700_000u32), ("b", 10), ("c", 300_000), ("d", 0)] {
            let bytes: Vec<u8> = (0..len).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            std::fs::write(folder.path().join("data").join(name), bytes).unwrap();
        }
        folder
    }

    fn path(&self) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.dir.path().to_owned()).unwrap()
    }

    /// The next version: another `c`, and a new file; `a` and `b` stay.
    fn change(&self) {
        for (name, seed) in [("c", 7u32), ("e", 9)] {
            let bytes: Vec<u8> = (0..290_000u32).map(|i| (i.wrapping_mul(seed + 2_654_435_761) >> 24) as u8).collect();
            std::fs::write(self.path().join("data").join(name), bytes).unwrap();
        }
    }

    fn package(&self) -> Package {
        plan(&self.path().join("data"), &Options::default()).unwrap().hash(&|_| ()).unwrap()
    }

    fn journal(&self) -> Journal {
        Journal::new(self.path().join("ledger.db"))
    }

    fn network(gateway: &str) -> ArweaveNetwork {
        ArweaveNetwork { gateway: Some(gateway.to_owned()), ..ArweaveNetwork::default() }
    }

    fn open(&self, network: &ArweaveNetwork) -> Arweave {
        let signer: Signer = Arc::new(|| dev_account(0));
        let (journal, state_dir) = (self.journal(), self.path());
        let packages = self.locked.lock().unwrap().clone();
        let packages = if packages.is_empty() { vec![self.package().cid()] } else { packages };
        let setting = Setting { journal, state_dir, signer, packages, keyfile: None };
        let mut arweave = Arweave::new(network, setting).unwrap();
        if let Way::Chunks(purse) = &mut arweave.way {
            *purse = way::Purse::of(wallet());
        }
        arweave.shard_limit = SHARD;
        arweave
    }

    fn forget(&self) {
        std::fs::remove_file(self.path().join("ledger.db")).unwrap();
        let _ = std::fs::remove_dir_all(self.path().join("sent"));
    }
}

/// The package in shards of about 256 KiB.
fn pieces(package: &Package) -> Vec<Piece> {
    let shards = package.shards(SHARD).unwrap();
    assert!(shards.len() > 1);
    Piece::of(package, &shards)
}

async fn send(arweave: &Arweave, package: &Package, piece: &Piece) -> Result<()> {
    let shards: Vec<_> = pieces(package).iter().map(|piece| piece.shard).collect();
    let (sender, stream) = Stream::new(10_000);
    let wanted = BTreeSet::from([piece.shard.index]);
    package
        .for_each_shard_block(&shards, &wanted, &|_| false, &mut |_, block| {
            sender.try_send(Ok((block.cid, block.bytes.to_vec()))).map_err(std::io::Error::other)
        })
        .unwrap();
    drop(sender);
    arweave.send(piece, stream).await
}

async fn push(arweave: &Arweave, package: &Package) {
    let pieces = pieces(package);
    arweave.price(&pieces).await.unwrap();
    for piece in &pieces {
        assert!(!arweave.has_shard(piece).await.unwrap());
        send(arweave, package, piece).await.unwrap();
        assert!(arweave.has_shard(piece).await.unwrap());
    }
    assert!(arweave.finish(&package.cid(), &pieces).await.unwrap());
}

/// Every block of the package, read through a checked source.
async fn read_all(arweave: Arweave, package: &Package) -> usize {
    let source = Source::new(arweave);
    let mut blocks = Vec::new();
    let mut keep = |block: dgov_data::unixfs::Block<'_>| {
        blocks.push((block.cid, block.bytes.to_vec()));
        Ok(())
    };
    package.for_each_block(&mut keep).unwrap();
    for (cid, bytes) in &blocks {
        assert_eq!(source.block(cid).await.unwrap().as_deref(), Some(&bytes[..]), "{cid}");
    }
    blocks.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_in_memory_conforms() {
    let folder = Folder::new();
    let (server, _node) = node().await;
    let network = Folder::network(&server.uri());
    conformance::conforms(&|| Arc::new(folder.open(&network)), 5).await;
}

#[tokio::test]
async fn a_package_goes_there_and_back_and_is_paid_once() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let package = folder.package();
    let arweave = folder.open(&network);
    assert!(!arweave.holds(&package.cid()).await.unwrap());
    push(&arweave, &package).await;
    let paid = node.with(|node| node.transactions.len());
    assert_eq!(paid, pieces(&package).len());

    let again = folder.open(&network);
    assert!(again.holds(&package.cid()).await.unwrap());
    assert_eq!(again.price(&pieces(&package)).await.unwrap(), None, "what was signed was agreed to");
    let waiting = again.waiting(&package.cid()).await.unwrap().unwrap();
    assert!(waiting.starts_with(&format!("{paid} of {paid} uploads")), "{waiting}");
    node.with(|node| node.mined = true);
    assert_eq!(again.waiting(&package.cid()).await.unwrap(), None);

    for ranges in [true, false] {
        node.with(|node| node.ranges = ranges);
        assert!(read_all(folder.open(&network), &package).await > 4);
    }
    // Nothing of it is in the ledger any more: uploads are found by their tags.
    folder.forget();
    let forgetful = folder.open(&network);
    assert!(forgetful.holds(&package.cid()).await.unwrap());
    for piece in pieces(&package) {
        assert!(forgetful.has_shard(&piece).await.unwrap());
    }
    assert!(forgetful.finish(&package.cid(), &pieces(&package)).await.unwrap());
    assert!(read_all(folder.open(&network), &package).await > 4);
    assert_eq!(node.with(|node| node.transactions.len()), paid);
}

#[tokio::test]
async fn the_length_that_is_paid_for_is_the_length_that_is_sent() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let package = folder.package();
    let arweave = folder.open(&Folder::network(&server.uri()));
    let price = arweave.price(&pieces(&package)).await.unwrap().unwrap();
    push(&arweave, &package).await;
    let rewards = node.with(|node| node.transactions.iter().map(|tx| node::number(tx, "reward")).sum::<u64>());
    assert_eq!(price.amount, U256::from(rewards));
    assert_eq!((price.decimals, price.currency, price.payer), (12, "AR", wallet().address()));
    for tx in node.with(|node| node.transactions.clone()) {
        assert_eq!(node::number(&tx, "reward"), START + node::number(&tx, "data_size"));
    }
}

#[tokio::test]
async fn a_transaction_that_was_signed_is_the_one_that_is_sent_again() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let package = folder.package();
    let piece = pieces(&package)[0];
    let arweave = folder.open(&network);
    arweave.price(&[piece]).await.unwrap();
    node.with(|node| node.refuse_chunks = true);
    assert_eq!(send(&arweave, &package, &piece).await.unwrap_err().code(), "storage.refused");
    node.with(|node| node.refuse_chunks = false);

    // Another process, and another price: nobody is asked again.
    node.with(|node| node.base *= 2);
    let arweave = folder.open(&network);
    assert!(!arweave.has_shard(&piece).await.unwrap());
    assert_eq!(arweave.price(&[piece]).await.unwrap(), None);
    send(&arweave, &package, &piece).await.unwrap();
    assert_eq!(node.with(|node| node.transactions.len()), 1);

    // The same with a lost ledger: the chunks are missing, the transaction is there.
    node.with(|node| node.chunks.clear());
    folder.forget();
    let arweave = folder.open(&network);
    assert!(!arweave.has_shard(&piece).await.unwrap());
    assert_eq!(arweave.price(&[piece]).await.unwrap(), None);
    send(&arweave, &package, &piece).await.unwrap();
    assert!(arweave.has_shard(&piece).await.unwrap());
    assert_eq!(node.with(|node| node.transactions.len()), 1);
}

#[tokio::test]
async fn a_transaction_that_can_never_be_mined_is_made_anew_after_a_question() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let package = folder.package();
    let piece = pieces(&package)[0];
    let arweave = folder.open(&network);
    let refused = send(&arweave, &package, &piece).await.unwrap_err();
    assert_eq!(refused.code(), "storage.not_agreed");
    arweave.price(&[piece]).await.unwrap();
    node.with(|node| node.refuse = Some("Invalid anchor (last_tx)."));
    for _ in 0..2 {
        assert_eq!(send(&arweave, &package, &piece).await.unwrap_err().code(), "storage.refused");
        assert_eq!(arweave.price(&[piece]).await.unwrap(), None, "it is young, and could still be mined");
    }
    let mut record = arweave.record(&piece).unwrap().unwrap();
    record.signed -= 5 * 3_600;
    arweave.write(&piece, &record).unwrap();
    assert_eq!(send(&arweave, &package, &piece).await.unwrap_err().code(), "storage.refused");
    node.with(|node| node.refuse = None);
    assert!(!arweave.has_shard(&piece).await.unwrap());
    assert!(arweave.price(&[piece]).await.unwrap().is_some());
    send(&arweave, &package, &piece).await.unwrap();
    assert_ne!(arweave.record(&piece).unwrap().unwrap().id, record.id);
}

#[tokio::test]
async fn uploads_of_strangers_neither_count_nor_deceive() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let package = folder.package();
    push(&folder.open(&network), &package).await;
    folder.forget();
    // Somebody copies the uploads with other bytes in the same places, and is listed first.
    node.with(|node| node.forge(|data| data.iter_mut().rev().skip(100_000).for_each(|byte| *byte ^= 1)));
    assert!(read_all(folder.open(&network), &package).await > 4);
    // Only strangers are left: nothing is held, and what differs is refused.
    node.with(|node| node.transactions.clear());
    let arweave = folder.open(&network);
    assert!(!arweave.holds(&package.cid()).await.unwrap());
    assert!(!arweave.has_shard(&pieces(&package)[0]).await.unwrap());
    let error = Source::new(arweave).block(&package.cid()).await.unwrap_err();
    assert_eq!(error.code(), "storage.block_differs");
}

#[tokio::test]
async fn a_gateway_that_sends_too_much_or_nonsense_is_left() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let package = folder.package();
    push(&folder.open(&network), &package).await;
    node.with(|node| node.extra = 1 << 20);
    let error = folder.open(&network).block(&package.cid()).await.unwrap_err();
    assert_eq!(error.code(), "storage.too_long");
    node.with(|node| (node.extra, node.nonsense) = (0, true));
    folder.forget();
    let error = folder.open(&network).holds(&package.cid()).await.unwrap_err();
    assert_eq!(error.code(), "storage.malformed");
    let error = folder.open(&network).price(&pieces(&package)).await.unwrap_err();
    assert_eq!(error.code(), "storage.malformed");
}

#[tokio::test]
async fn a_wallet_without_money_is_told_before_anything_is_signed() {
    let folder = Folder::new();
    let (server, node) = node().await;
    node.with(|node| node.balance = 1);
    let arweave = folder.open(&Folder::network(&server.uri()));
    let package = folder.package();
    let error = arweave.price(&pieces(&package)).await.unwrap_err();
    assert_eq!(error.code(), "storage.no_funds");
    assert!(error.message().contains("has 0.000000000001 AR where"), "{}", error.message());
    assert!(arweave.records().unwrap().is_empty());
}

#[tokio::test]
async fn a_stub_bundler_gets_the_same_item_again_and_is_not_believed() {
    let folder = Folder::new();
    let (server, _) = node().await;
    let (stub, items) = stub_bundler().await;
    let mut network = Folder::network(&server.uri());
    (network.upload, network.bundler) = (crate::manifest::ArweaveUpload::Bundler, Some(stub.uri()));
    let package = folder.package();
    let piece = pieces(&package)[0];
    let arweave = folder.open(&network);
    let price = arweave.price(&[piece]).await.unwrap().unwrap();
    assert_eq!((price.currency, price.payer), ("credits", dev_account(0).unwrap().address.to_string()));
    send(&arweave, &package, &piece).await.unwrap();
    assert!(arweave.has_shard(&piece).await.unwrap());
    let stored = items.lock().unwrap().clone();
    assert_eq!(price.amount, U256::from(stored[0].len() * 7));
    let item = dgov_data::arweave::DataItem::parse(&stored[0]).unwrap();
    assert_eq!(item.tags, upload::tags(&piece, &[]));
    let signature = alloy::primitives::Signature::from_raw(&item.signature).unwrap();
    let signed = item.signature_data();
    assert_eq!(signature.recover_address_from_msg(signed).unwrap(), dev_account(0).unwrap().address);

    folder.forget();
    let arweave = folder.open(&network);
    assert!(!arweave.has_shard(&piece).await.unwrap(), "no gateway lists it yet");
    arweave.price(&[piece]).await.unwrap();
    send(&arweave, &package, &piece).await.unwrap();
    assert_eq!(items.lock().unwrap().len(), 1, "the service knew it");

    items.lock().unwrap().clear();
    let other = pieces(&package)[1];
    arweave.price(&[other]).await.unwrap();
    items.lock().unwrap().push(b"lie".to_vec());
    assert_eq!(send(&arweave, &package, &other).await.unwrap_err().code(), "storage.other_id");
}

/// As a command pushes: what earlier uploads hold is left out, and only what is not there is paid for and sent.
async fn push_beside(arweave: &Arweave, package: &Package) -> (Option<U256>, usize) {
    let beside = arweave.beside(package).await.unwrap().unwrap();
    let pieces = pieces_beside(package, &beside);
    let mut wanted = Vec::new();
    for piece in &pieces {
        if !arweave.has_shard(piece).await.unwrap() {
            wanted.push(*piece);
        }
    }
    let price = if wanted.is_empty() { None } else { arweave.price(&wanted).await.unwrap() };
    for piece in &wanted {
        send_beside(arweave, package, piece, &beside).await.unwrap();
    }
    assert!(arweave.finish(&package.cid(), &pieces).await.unwrap());
    (price.map(|price| price.amount), wanted.len())
}

fn pieces_beside(package: &Package, beside: &Beside) -> Vec<Piece> {
    let left_out = |block: &dgov_data::unixfs::BlockId| beside.has(block);
    Piece::of(package, &package.without(&left_out).shards(SHARD, &|_| false).unwrap())
}

async fn send_beside(arweave: &Arweave, package: &Package, piece: &Piece, beside: &Beside) -> Result<()> {
    let shards: Vec<_> = pieces_beside(package, beside).iter().map(|piece| piece.shard).collect();
    let (sender, stream) = Stream::new(10_000);
    let left_out = |block: &dgov_data::unixfs::BlockId| beside.has(block);
    package
        .without(&left_out)
        .for_each_shard_block(&shards, &[piece.shard.index].into(), &|_| false, &mut |_, block| {
            sender.try_send(Ok((block.cid, block.bytes.to_vec()))).map_err(std::io::Error::other)
        })
        .unwrap();
    drop(sender);
    arweave.send(piece, stream).await
}

/// Bytes of all transactions.
fn stored(node: &node::Node) -> (usize, u64) {
    node.with(|node| (node.transactions.len(), node.transactions.iter().map(|tx| node::number(tx, "data_size")).sum()))
}

#[tokio::test]
async fn only_new_blocks_of_a_version_are_paid_for() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let first = folder.package();
    *folder.locked.lock().unwrap() = vec![first.cid()];
    push_beside(&folder.open(&network), &first).await;
    let (before, bytes_before) = stored(&node);

    folder.change();
    let next = folder.package();
    let arweave = folder.open(&network);
    assert!(!arweave.holds(&next.cid()).await.unwrap());
    let (price, sent) = push_beside(&arweave, &next).await;
    let (after, bytes_after) = stored(&node);
    let new = bytes_after - bytes_before;
    // Two files of 290,000 bytes, the root and the indexes; `a` has 700,000.
    assert!((580_000..585_000).contains(&new), "{new} of {bytes_before}");
    assert_eq!(
        (after - before, price),
        (sent, Some(U256::from(new + START * sent as u64))),
        "what is paid is what is sent"
    );
    let again = folder.open(&network);
    assert!(again.holds(&next.cid()).await.unwrap());
    assert_eq!(push_beside(&again, &next).await, (None, 0));

    // A third version goes back to the first `c`: only its folder is new.
    let bytes: Vec<u8> = (0..300_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(folder.path().join("data/c"), bytes).unwrap();
    let third = folder.package();
    *folder.locked.lock().unwrap() = vec![next.cid(), first.cid()];
    push_beside(&folder.open(&network), &third).await;
    assert!(stored(&node).1 - bytes_after < 2_000);
    assert_eq!(folder.open(&network).records().unwrap().iter().map(|record| record.bases.len()).max(), Some(1));

    // A stranger knows the roots alone, and finds every block of each version; so does one who has lost everything.
    folder.forget();
    *folder.locked.lock().unwrap() = vec![third.cid()];
    assert!(read_all(folder.open(&network), &third).await > 5);
    let (count, _) = stored(&node);
    *folder.locked.lock().unwrap() = vec![third.cid(), next.cid(), first.cid()];
    assert_eq!(push_beside(&folder.open(&network), &third).await, (None, 0), "nothing is paid again");
    assert_eq!(stored(&node).0, count);
    assert!(folder.open(&network).holds(&third.cid()).await.unwrap());
}

#[tokio::test]
async fn a_version_that_was_broken_off_is_cut_the_same_way_again() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let first = folder.package();
    *folder.locked.lock().unwrap() = vec![first.cid()];
    push_beside(&folder.open(&network), &first).await;
    folder.change();
    let next = folder.package();
    for lose in [false, true] {
        // The transaction is signed and posted, its chunks are not.
        let arweave = folder.open(&network);
        let beside = arweave.beside(&next).await.unwrap().unwrap();
        let piece = pieces_beside(&next, &beside)[usize::from(lose)];
        assert_eq!((beside.is_empty(), &beside.bases[..]), (false, &[first.cid().to_string()][..]));
        arweave.price(&[piece]).await.unwrap();
        node.with(|node| node.refuse_chunks = true);
        assert_eq!(send_beside(&arweave, &next, &piece, &beside).await.unwrap_err().code(), "storage.refused");
        node.with(|node| node.refuse_chunks = false);
        let (count, _) = stored(&node);

        // Meanwhile another package with the same blocks has come, and would make another cut.
        if lose {
            folder.forget();
        }
        let arweave = folder.open(&network);
        let again = arweave.beside(&next).await.unwrap().unwrap();
        assert_eq!(pieces_beside(&next, &again)[usize::from(lose)].shard, piece.shard);
        assert!(!arweave.has_shard(&piece).await.unwrap());
        assert_eq!(arweave.price(&[piece]).await.unwrap(), None, "it was paid for");
        send_beside(&arweave, &next, &piece, &again).await.unwrap();
        assert!(arweave.has_shard(&piece).await.unwrap());
        assert_eq!(stored(&node).0, count);
    }
    push_beside(&folder.open(&network), &next).await;
    assert!(read_all(folder.open(&network), &next).await > 5);
}

#[tokio::test]
async fn what_the_network_dropped_of_an_earlier_version_is_sent_with_the_next() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let first = folder.package();
    push_beside(&folder.open(&network), &first).await;
    folder.change();
    let next = folder.package();
    let arweave = folder.open(&network);
    let beside = arweave.beside(&next).await.unwrap().unwrap();
    let pieces = pieces_beside(&next, &beside);
    arweave.price(&pieces).await.unwrap();
    for piece in &pieces {
        send_beside(&arweave, &next, piece, &beside).await.unwrap();
    }
    let used = beside.uses[0].clone();
    node.with(|node| node.transactions.retain(|tx| tx["id"] != *used));
    let error = arweave.finish(&next.cid(), &pieces).await.unwrap_err();
    assert_eq!(error.code(), "storage.lost");
    assert!(error.message().contains(&used), "{}", error.message());
    let (_, bytes) = stored(&node);
    push_beside(&folder.open(&network), &next).await;
    let sent = stored(&node).1 - bytes;
    // `a` has 700,000 bytes; the 580,000 of the new files are there.
    assert!((700_000..702_000).contains(&sent), "{sent}");
    assert!(folder.open(&network).holds(&next.cid()).await.unwrap());
    folder.forget();
    *folder.locked.lock().unwrap() = vec![next.cid()];
    assert!(read_all(folder.open(&network), &next).await > 5);
}

#[tokio::test]
async fn uploads_that_nobody_serves_yet_are_no_reason_to_pay_again() {
    let folder = Folder::new();
    let (server, node) = node().await;
    let network = Folder::network(&server.uri());
    let first = folder.package();
    push_beside(&folder.open(&network), &first).await;
    folder.change();
    let next = folder.package();
    let chunks = node.with(|node| std::mem::take(&mut node.chunks));
    // What was noted when they were sent is enough.
    let beside = folder.open(&network).beside(&next).await.unwrap().unwrap();
    assert!(!beside.is_empty());
    // Without it nobody knows what they hold.
    std::fs::remove_dir_all(folder.path().join("sent")).unwrap();
    let error = folder.open(&network).beside(&next).await.unwrap_err();
    assert_eq!(error.code(), "storage.not_served");
    node.with(|node| node.chunks = chunks);
    let again = folder.open(&network).beside(&next).await.unwrap().unwrap();
    assert_eq!((&again.uses, &again.bases), (&beside.uses, &beside.bases));
}

#[test]
fn only_a_wallet_is_a_wallet() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().join("key.json")).unwrap();
    let part = text::encode(&[7; 512]);
    let key = json!({ "kty": "RSA", "n": part, "e": "AQAB", "d": part, "p": part, "q": part, "dp": part, "dq": part,
                      "qi": part });
    for wrong in [json!({}), json!("key"), json!({ "kty": "EC" }), key] {
        std::fs::write(&path, wrong.to_string()).unwrap();
        let error = Wallet::load(&path).err().unwrap();
        assert_eq!(error.code(), "storage.wallet_malformed");
    }
}
