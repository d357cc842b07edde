use camino::Utf8PathBuf;

use super::pinning_stub::{PinningStub, Script};
use super::*;

const ROOT: &str = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
const OTHER: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

struct Place {
    stub: PinningStub,
    address: String,
    dir: tempfile::TempDir,
}

impl Place {
    async fn new(states: &[&'static str]) -> Self {
        let (stub, address) = PinningStub::start(Script { states: states.to_vec(), ..Script::default() }).await;
        Self { stub, address, dir: tempfile::tempdir().unwrap() }
    }

    /// As the next command opens it.
    fn open(&self, token: Option<&str>, patience: Duration) -> Pinning {
        let node = Ipfs::new(&self.address, None).unwrap();
        let ledger = Utf8PathBuf::from_path_buf(self.dir.path().join("ledger.db")).unwrap();
        let endpoint = format!("{}/psa", self.address);
        Pinning::new(&endpoint, token.map(str::to_owned), node, Journal::new(ledger), patience).unwrap()
    }

    async fn finish(&self) -> Result<bool> {
        self.open(Some("secret"), Duration::from_secs(20)).finish(&root(), &[]).await
    }
}

fn root() -> Cid {
    ROOT.parse().unwrap()
}

#[tokio::test]
async fn a_package_is_pinned() {
    let place = Place::new(&["queued", "pinning", "pinned"]).await;
    let service = place.open(Some("secret"), Duration::from_secs(20));
    assert!(!service.holds(&root()).await.unwrap());
    assert!(service.finish(&root(), &[]).await.unwrap());
    assert!(service.holds(&root()).await.unwrap());
    assert!(!service.holds(&OTHER.parse().unwrap()).await.unwrap());
    let pins = place.stub.pins();
    assert_eq!(pins.len(), 1);
    assert_eq!(pins[0]["cid"], ROOT);
    assert_eq!(pins[0]["origins"], serde_json::json!(["/ip4/198.51.100.7/tcp/4001/p2p/QmNode"]));

    // The next command finds the request of this one.
    assert!(place.finish().await.unwrap());
    assert_eq!(place.stub.pins().len(), 1);
}

#[tokio::test]
async fn a_request_that_failed_is_made_again() {
    let place = Place::new(&["queued", "failed"]).await;
    let error = place.finish().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.pin_failed"));
    assert!(error.message().ends_with("no providers found"), "{error}");
    place.stub.set(Script { states: vec!["pinned"], ..Script::default() });
    assert!(place.finish().await.unwrap());
    assert_eq!(place.stub.pins().len(), 2);
}

#[tokio::test]
async fn a_queue_without_end_is_left() {
    let place = Place::new(&["queued"]).await;
    for _ in 0..2 {
        let service = place.open(Some("secret"), Duration::from_millis(300));
        let error = service.finish(&root(), &[]).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.pin_waiting"));
        assert!(error.message().contains("request-1"), "{error}");
    }
    assert_eq!(place.stub.pins().len(), 1, "the second command asks about the first one's request");
}

#[tokio::test]
async fn a_service_that_speaks_of_another_package_is_not_believed() {
    let place = Place::new(&["pinned"]).await;
    place.stub.set(Script { states: vec!["pinned"], other_cid: Some(OTHER.to_owned()), refuses: None });
    let error = place.finish().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Integrity, "storage.pin_differs"));
    assert!(!place.open(Some("secret"), Duration::ZERO).holds(&root()).await.unwrap());
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let place = Place::new(&["pinned"]).await;
    let error = place.open(None, Duration::ZERO).finish(&root(), &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.refused"));
    assert!(error.hints().iter().any(|hint| hint.contains(DGOV_PINNING_TOKEN)), "{error:?}");

    place.stub.set(Script { refuses: Some((409, "INSUFFICIENT_FUNDS")), ..Script::default() });
    let error = place.finish().await.unwrap_err();
    assert!(error.message().contains("INSUFFICIENT_FUNDS as the script says"), "{error}");
    assert!(error.hints().iter().any(|hint| hint.contains("funds")), "{error:?}");
}

#[test]
fn a_token_needs_https() {
    let node = || Ipfs::new("http://127.0.0.1:5001", None).unwrap();
    let open = |token: Option<String>| {
        Pinning::new("http://pins.example.com", token, node(), Journal::new("none.db"), Duration::ZERO)
    };
    assert_eq!(open(Some("secret".to_owned())).err().unwrap().code(), "storage.insecure");
}
