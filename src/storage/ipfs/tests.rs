use super::ipfs_stub::{IpfsStub, Mood};
use super::*;
use crate::env_vars::DGOV_TEST_IPFS;
use crate::storage::{Source, conformance};

const RAW: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

fn cid() -> Cid {
    RAW.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stub_of_a_node_conforms() {
    let (_, address) = IpfsStub::start().await;
    conformance::conforms(&|| Arc::new(Ipfs::new(&address, None).unwrap()), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an IPFS node: tests/interop/ipfs/run starts two"]
async fn a_node_conforms() {
    let address = std::env::var(DGOV_TEST_IPFS).unwrap();
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    conformance::conforms(&|| Arc::new(Ipfs::new(&address, None).unwrap()), seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_node_says_is_passed_on() {
    let (stub, address) = IpfsStub::start().await;
    let node = Ipfs::new(&address, None).unwrap();
    let sample = conformance::Sample::new(4, 0);
    let send = || async { node.send(&sample.pieces[0], sample.stream(0)).await.unwrap_err() };

    stub.set(Mood::Forgetful);
    let error = send().await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.refused"));
    assert!(error.message().contains("the disk is full"), "{error}");

    stub.set(Mood::Closed);
    let error = send().await;
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("403"), "{error}");
    assert_eq!(node.holds(&cid()).await.unwrap_err().kind(), ErrorKind::Storage);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_are_refused_by_their_hash() {
    let (stub, address) = IpfsStub::start().await;
    let node: Arc<dyn Backend> = Arc::new(Ipfs::new(&address, None).unwrap());
    let sample = conformance::Sample::new(5, 0);
    node.send(&sample.pieces[0], sample.stream(0)).await.unwrap();
    let (cid, bytes) = sample.blocks(0).remove(0);
    let source = Source::of_backend(&node);
    assert_eq!(source.block(&cid).await.unwrap(), Some(bytes));
    stub.set(Mood::Lying);
    assert_eq!(source.block(&cid).await.unwrap_err().kind(), ErrorKind::Integrity);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_with_every_request_and_only_over_loopback_or_tls() {
    let (stub, address) = IpfsStub::start().await;
    let node = Ipfs::new(&address, Some("secret".to_owned())).unwrap();
    let _ = node.block(&cid()).await.unwrap();
    assert!(!node.holds(&cid()).await.unwrap());
    assert_eq!(stub.authorization(), vec![Some("Bearer secret".to_owned()); 2]);
    let error = Ipfs::new("http://node.example:5001", Some("secret".to_owned())).err().unwrap();
    assert_eq!(error.code(), "storage.insecure");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_which_nothing_goes_on_ends() {
    let (stub, address) = IpfsStub::start().await;
    stub.set(Mood::Silent);
    let mut node = Ipfs::new(&address, None).unwrap();
    node.patience = std::time::Duration::from_millis(300);
    let sample = conformance::Sample::new(6, 0);
    let start = std::time::Instant::now();
    let error = node.send(&sample.pieces[0], sample.stream(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.stalled"));
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}
