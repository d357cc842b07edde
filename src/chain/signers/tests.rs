#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use camino::Utf8PathBuf;

use super::*;
use crate::{
    ErrorKind,
    chain::networks::{Network, NetworkParameters},
};

struct Fixed(&'static str);

impl PasswordSource for Fixed {
    fn password(&self, _: &str, _: bool) -> Result<String> {
        Ok(self.0.to_owned())
    }
}

fn network(url: &str) -> Network {
    let parameters =
        NetworkParameters { name: "n".into(), rpc_url: Some(url.into()), chain_id: Some(31_337), ..Default::default() };
    Network::resolve(&parameters).unwrap()
}

fn store(dir: &tempfile::TempDir) -> Keystore {
    let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
    Keystore::at(root.join("own/keystores"), vec![root.join("foundry")])
}

fn nothing(_: &str) -> Option<String> {
    None
}

#[test]
fn development_accounts_are_the_well_known_ones() {
    // As every development node prints them.
    assert_eq!(dev_account(0).unwrap().address.to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    assert_eq!(dev_account(9).unwrap().address.to_string(), "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720");
    assert_eq!(dev_account(10).unwrap_err().code(), "signer.unknown");
}

#[test]
fn development_keys_are_refused_off_loopback_however_given() {
    let dir = tempfile::tempdir().unwrap();
    let (local, public) = (network("http://127.0.0.1:1"), network("https://rpc.example.org"));
    let from = |name, network: &Network| resolve(name, network, 31_337, &store(&dir), &Fixed(""), &nothing);
    assert_eq!(from(Some("dev3"), &local).unwrap().name, "dev3");
    assert_eq!(from(None, &local).unwrap().name, "dev0");
    assert_eq!(from(Some("dev3"), &public).unwrap_err().code(), "signer.dev_refused");
    assert_eq!(from(None, &public).unwrap_err().code(), "signer.missing");
    assert_eq!(from(Some("dev12"), &local).unwrap_err().code(), "signer.unknown");
    // The same key as raw key and in a keystore.
    let key = dev_account(0).unwrap().signer().unwrap().to_bytes().to_string();
    let raw = |name: &str| (name == DGOV_PRIVATE_KEY).then(|| key.clone());
    let error = resolve(None, &public, 31_337, &store(&dir), &Fixed(""), &raw).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, "signer.dev_refused"));
    store(&dir).import("mine", dev_account(0).unwrap().signer().unwrap(), &Fixed("p")).unwrap();
    let error = resolve(Some("mine"), &public, 31_337, &store(&dir), &Fixed("p"), &nothing).unwrap_err();
    assert_eq!(error.code(), "signer.dev_refused");
}

#[test]
fn keystores_round_trip_and_are_private() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = store(&dir);
    assert!(keystore.list().unwrap().is_empty());
    let entry = keystore.create("steward", &Fixed("correct")).unwrap();
    assert_eq!(keystore.list().unwrap(), vec![entry.clone()]);
    let account = keystore.unlock("steward", &Fixed("correct")).unwrap();
    assert_eq!(Some(account.address), entry.address);
    let by_address = keystore.unlock(&account.address.to_string(), &Fixed("correct")).unwrap();
    assert_eq!(by_address.name, "steward");
    assert_eq!(address_of("steward", &keystore).unwrap(), account.address);

    let error = keystore.unlock("steward", &Fixed("wrong")).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, "signer.wrong_password"));
    assert_eq!(keystore.unlock("nobody", &Fixed("")).unwrap_err().code(), "signer.unknown");

    let before = fs_err::read(&entry.path).unwrap();
    assert_eq!(keystore.create("steward", &Fixed("x")).unwrap_err().code(), "signer.exists");
    assert_eq!(fs_err::read(&entry.path).unwrap(), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &camino::Utf8Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&entry.path), mode(entry.path.parent().unwrap())), (0o600, 0o700));
    }
    // Nothing half-made is left behind.
    assert_eq!(fs_err::read_dir(entry.path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn names_that_mean_something_else_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["", "dev0", "dev77", "../x", "a/b", ".hidden", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"] {
        assert_eq!(store(&dir).create(name, &Fixed("p")).unwrap_err().code(), "signer.bad_name", "{name}");
    }
}

#[test]
fn keystores_of_others_are_read_without_an_address() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = store(&dir);
    let foundry = dir.path().join("foundry");
    fs_err::create_dir_all(&foundry).unwrap();
    let signer = PrivateKeySigner::random();
    let mut rng = alloy::signers::k256::elliptic_curve::rand_core::OsRng;
    PrivateKeySigner::encrypt_keystore(&foundry, &mut rng, signer.to_bytes(), "p", Some("theirs")).unwrap();
    fs_err::write(foundry.join("notes.txt"), "no keystore").unwrap();
    let list = keystore.list().unwrap();
    assert_eq!((list.len(), list[0].name.as_str(), list[0].address), (1, "theirs", None));
    assert_eq!(keystore.unlock("theirs", &Fixed("p")).unwrap().address, signer.address());
}

#[test]
fn raw_keys_warn_and_never_show() {
    let dir = tempfile::tempdir().unwrap();
    let key = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    for text in [format!("0x{key}"), format!(" {key}\n")] {
        let raw = |name: &str| (name == DGOV_PRIVATE_KEY).then(|| text.clone());
        let account = resolve(None, &network("http://localhost:1"), 31_337, &store(&dir), &Fixed(""), &raw).unwrap();
        assert!(account.warning.as_ref().unwrap().contains(DGOV_PRIVATE_KEY));
        assert!(!format!("{account:?}").contains(&key[..8]));
    }
    for bad in ["", "0x12", &key[1..], &"0".repeat(64), &format!("{}g", &key[1..])] {
        let error = parse_key(bad).unwrap_err();
        assert_eq!(error.code(), "signer.bad_key");
        assert!(bad.len() < 8 || !error.to_string().contains(bad));
    }
}

#[test]
fn passwords_come_from_the_named_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    fs_err::write(&path, "s3cret \n").unwrap();
    let text = path.to_str().unwrap().to_owned();
    let source = Password::from_environment(&move |name| (name == "DGOV_PASSWORD_FILE").then(|| text.clone()));
    assert_eq!(source.password("x", false).unwrap(), "s3cret ");
    fs_err::remove_file(&path).unwrap();
    assert_eq!(source.password("x", false).unwrap_err().kind(), ErrorKind::LocalIo);
}
