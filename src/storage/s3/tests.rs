use std::sync::Arc;

use dgov_data::unixfs::{self, Options};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::env_vars::DGOV_TEST_S3;
use crate::error::ErrorKind;
use crate::storage::conformance;

fn credentials(name: &str) -> Option<String> {
    [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY].contains(&name).then(|| "test".to_owned())
}

fn bucket(endpoint: &str, prefix: &str) -> S3Bucket {
    let (bucket, prefix) = ("dgov".to_owned(), prefix.to_owned());
    S3Bucket { bucket, prefix, endpoint: Some(endpoint.to_owned()), ..S3Bucket::default() }
}

fn cid() -> Cid {
    "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku".parse().unwrap()
}

/// Another place each time, on a server that may have been used before.
fn fresh_prefix(name: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{name}/{}", now.as_nanos())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an S3 server: tests/interop/s3/run starts one"]
async fn a_bucket_conforms() {
    let endpoint = std::env::var(DGOV_TEST_S3).unwrap();
    let place = bucket(&endpoint, &fresh_prefix("conformance"));
    conformance::conforms(&|| Arc::new(S3::new(&place, &credentials).unwrap()), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an S3 server: tests/interop/s3/run starts one"]
async fn what_lies_beside_a_package_does_no_harm() {
    let endpoint = std::env::var(DGOV_TEST_S3).unwrap();
    let place = bucket(&endpoint, &fresh_prefix("beside"));
    let open = || S3::new(&place, &credentials).unwrap();
    let store = open();
    for (name, bytes) in [("readme.txt", "hello"), ("1.car", "a CAR without an index"), ("2.idx", "an index alone")] {
        store.store.put(&store.key(&cid(), name), bytes.as_bytes().to_vec().into()).await.unwrap();
    }
    assert_eq!(store.block(&cid()).await.unwrap(), None);

    // An index of a CAR that has another length speaks of another one: it does not count.
    let mut index = IndexBuilder::default();
    index.add(&cid(), 10, 5).unwrap();
    store.store.put(&store.key(&cid(), "1.idx"), index.finish().into()).await.unwrap();
    assert_eq!(open().block(&cid()).await.unwrap(), None);

    store.store.put(&store.key(&cid(), "1.idx"), b"no index at all".to_vec().into()).await.unwrap();
    let error = open().block(&cid()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Integrity, "storage.index_damaged"));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an S3 server: tests/interop/s3/run starts one"]
async fn a_bucket_that_is_not_there_is_named() {
    let endpoint = std::env::var(DGOV_TEST_S3).unwrap();
    let missing = S3Bucket { bucket: "dgov-missing".to_owned(), ..bucket(&endpoint, "") };
    let error = S3::new(&missing, &credentials).unwrap().block(&cid()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.no_bucket"));
}

#[tokio::test]
async fn wrong_credentials_are_named() {
    let server = MockServer::start().await;
    let denied = "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>";
    Mock::given(method("GET"))
        .and(path("/dgov"))
        .respond_with(ResponseTemplate::new(403).set_body_string(denied))
        .mount(&server)
        .await;
    for (environment, hint) in
        [(&credentials as &dyn Fn(&str) -> Option<String>, "check AWS_ACCESS"), (&|_: &str| None, "set AWS_ACCESS")]
    {
        let store = S3::new(&bucket(&server.uri(), "p"), environment).unwrap();
        let error = store.block(&cid()).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.refused"));
        assert!(error.hints()[0].starts_with(hint), "{error:?}");
    }
    let signed = server.received_requests().await.unwrap();
    let signed: Vec<bool> = signed.iter().map(|request| request.headers.contains_key("authorization")).collect();
    assert_eq!(signed, [true, false]);
}

#[tokio::test]
async fn a_silent_service_is_named() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let store = S3::new(&bucket(&format!("http://127.0.0.1:{port}"), ""), &credentials).unwrap();
    let error = store.holds(&cid()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.unreachable"));
}

#[test]
fn plain_http_stays_on_this_machine() {
    for (endpoint, code) in [("http://example.com", "storage.insecure"), ("no url", "storage.url")] {
        let error = S3::new(&bucket(endpoint, ""), &credentials).err().unwrap();
        assert_eq!(error.code(), code);
    }
    let error = S3::new(&bucket("http://127.0.0.1:1", "a//b"), &credentials).err().unwrap();
    assert_eq!(error.code(), "storage.bucket");
}

/// Puts the same files into a bucket and into a folder.
async fn both(place: &S3Bucket, folder: &camino::Utf8Path, files: &[(&str, Vec<u8>)]) {
    let store = S3::new(place, &credentials).unwrap().store;
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        store.put(&Path::from(format!("{}/{name}", place.prefix)), bytes.clone().into()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an S3 server: tests/interop/s3/run starts one"]
async fn a_dataset_in_a_bucket_is_the_one_in_a_folder() {
    let endpoint = std::env::var(DGOV_TEST_S3).unwrap();
    let place = bucket(&endpoint, &fresh_prefix("dataset"));
    let dir = tempfile::tempdir().unwrap();
    let folder = camino::Utf8Path::from_path(dir.path()).unwrap();
    let files = [
        ("a/one.txt", b"one".to_vec()),
        ("a.txt", b"sorted before a/".to_vec()),
        ("a/b/big.bin", (0..3_500_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("empty", Vec::new()),
        (".hidden", b"left out".to_vec()),
    ];
    both(&place, folder, &files).await;
    // What consoles put there to show a folder.
    let store = S3::new(&place, &credentials).unwrap().store;
    store.put(&Path::from(format!("{}/a", place.prefix)), Vec::new().into()).await.unwrap();

    let options = Options::default();
    let location = format!("dgov/{}", place.prefix);
    let plan = |location: &str| tree::plan(location, &place, &credentials, &options);
    let here = unixfs::plan(folder, &options).unwrap().hash(&|_| {}).unwrap();
    let there = plan(&location).unwrap().hash(&|_| {}).unwrap();
    assert_eq!(there.cid(), here.cid());
    let paths = |package: &unixfs::Package| package.entries().map(|entry| entry.path.to_owned()).collect::<Vec<_>>();
    assert_eq!(paths(&there), paths(&here));
    let car = |package: &unixfs::Package| {
        let mut car = Vec::new();
        dgov_data::car::write(package, &mut car).map(|_| car)
    };
    assert_eq!(car(&there).unwrap(), car(&here).unwrap());

    let single = plan(&format!("{location}/a/b/big.bin")).unwrap().hash(&|_| {}).unwrap();
    assert!(single.plan().is_single_file());
    assert_eq!(single.cid(), unixfs::plan(&folder.join("a/b/big.bin"), &options).unwrap().hash(&|_| {}).unwrap().cid());

    // Another object of the same length: what was planned is gone.
    let planned = plan(&location).unwrap();
    store.put(&Path::from(format!("{}/a/one.txt", place.prefix)), b"two".to_vec().into()).await.unwrap();
    let changed = |error: unixfs::UnixfsError| {
        assert!(matches!(&error, unixfs::UnixfsError::Changed { path } if path.ends_with("a/one.txt")), "{error:?}");
    };
    changed(planned.hash(&|_| {}).unwrap_err());
    changed(car(&there).unwrap_err());

    let error = plan("dgov/nothing/here").err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Input, "dataset.path_missing"));
    let error = plan("dgov-missing/nothing").err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "storage.no_bucket"));
}
