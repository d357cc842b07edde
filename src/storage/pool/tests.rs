use std::sync::Arc;

use cid::multihash::Multihash;
use sha2::{Digest, Sha256};

use super::*;
use crate::storage::backend::{Blocks, Work};

/// What a source does when asked for the n-th time, from 1.
type Answer = dyn Fn(u64) -> Result<Option<Vec<u8>>> + Send + Sync;

#[derive(Clone)]
struct Host {
    name: &'static str,
    near: bool,
    asked: Arc<AtomicU64>,
    answer: Arc<Answer>,
}

impl Host {
    fn new(name: &'static str, answer: impl Fn(u64) -> Result<Option<Vec<u8>>> + Send + Sync + 'static) -> Self {
        Self { name, near: false, asked: Arc::default(), answer: Arc::new(answer) }
    }

    fn asked(&self) -> u64 {
        self.asked.load(Relaxed)
    }
}

impl Blocks for Host {
    fn place(&self) -> String {
        self.name.to_owned()
    }

    fn is_near(&self) -> bool {
        self.near
    }

    fn block<'a>(&'a self, _: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        let number = self.asked.fetch_add(1, Relaxed) + 1;
        Box::pin(async move { (self.answer)(number) })
    }
}

fn cid() -> Cid {
    Cid::new_v1(0x55, Multihash::wrap(0x12, &Sha256::digest(b"block")).unwrap())
}

fn gone() -> Error {
    Error::new(ErrorKind::Storage, "storage.unreachable", "gone")
}

fn pool(hosts: &[&Host]) -> Pool {
    Pool::new(hosts.iter().map(|host| Source::new((*host).clone())).collect(), Duration::from_secs(1))
}

#[tokio::test]
async fn what_nobody_has_is_asked_for_once() {
    let (one, two) = (Host::new("one", |_| Ok(None)), Host::new("two", |_| Ok(None)));
    let error = pool(&[&one, &two]).fetch(&cid()).await.unwrap_err();
    assert_eq!((error.code(), one.asked(), two.asked()), ("storage.missing", 1, 1));
}

#[tokio::test]
async fn a_host_that_stumbles_is_asked_again_and_forgiven() {
    let host = Host::new("host", |number| if number % 3 == 0 { Ok(Some(b"block".to_vec())) } else { Err(gone()) });
    let pool = pool(&[&host]);
    for _ in 0..5 {
        assert_eq!(pool.fetch(&cid()).await.unwrap(), b"block");
    }
    assert_eq!((host.asked(), pool.served()[0].blocks), (15, 5));
    assert!(pool.served()[0].aside.is_none());
}

#[tokio::test]
async fn a_lie_is_not_forgiven() {
    let liar = Host::new("liar", |number| Ok(Some(if number % 2 == 0 { b"block" } else { b"other" }.to_vec())));
    let steady = Host::new("steady", |_| Ok(Some(b"block".to_vec())));
    let pool = pool(&[&liar, &steady]);
    for _ in 0..20 {
        pool.fetch(&cid()).await.unwrap();
    }
    assert_eq!(pool.served()[0].aside.as_ref().unwrap().code(), "storage.block_differs");
    assert_eq!(liar.asked(), 5, "put aside at its third lie");
}

#[tokio::test]
async fn a_lie_is_told_before_a_silence() {
    let (liar, silent) = (Host::new("liar", |_| Ok(Some(vec![]))), Host::new("silent", |_| Err(gone())));
    for hosts in [[&liar, &silent], [&silent, &liar]] {
        let error = pool(&hosts).fetch(&cid()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity);
    }
    let pool = pool(&[&silent]);
    assert_eq!(pool.fetch(&cid()).await.unwrap_err().code(), "storage.unreachable");
    assert_eq!(pool.fetch(&cid()).await.unwrap_err().code(), "storage.unreachable", "put aside for the same reason");
}

#[tokio::test]
async fn near_stores_come_first_and_barren_ones_last() {
    let mut near = Host::new("near", |number| Ok((number > 20).then(|| b"block".to_vec())));
    near.near = true;
    let (barren, full) = (Host::new("barren", |_| Ok(None)), Host::new("full", |_| Ok(Some(b"block".to_vec()))));
    let pool = pool(&[&barren, &full, &near]);
    for _ in 0..30 {
        pool.fetch(&cid()).await.unwrap();
    }
    assert_eq!((near.asked(), barren.asked(), full.asked()), (30, BARREN, 20));
}
