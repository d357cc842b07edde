//! CIDs against the published vectors of both profiles (IPIP-0499, as asserted by Kubo and js-ipfs).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::fs;
use std::io::Write;

use camino::Utf8Path;
use common::{Folder, KeyStream, names};
use dgov_data::unixfs::{Options, Package, Profile, hash_bytes, plan};

const V0: Profile = Profile::V0_2015;
const V1: Profile = Profile::V1_2025;

fn package(path: &Utf8Path, profile: Profile) -> Package {
    plan(path, &Options { profile, ..Options::default() }).unwrap().hash(&|_| ()).unwrap()
}

fn file_cid(profile: Profile, content: &[u8]) -> String {
    let folder = Folder::new();
    let path = folder.write("file", content);
    let cid = package(&path, profile).cid().to_string();
    assert_eq!(hash_bytes(profile, content).cid(profile).to_string(), cid);
    cid
}

fn stream(seed: &str, len: usize) -> Vec<u8> {
    KeyStream::new(seed).bytes(len)
}

#[test]
fn small_files() {
    assert_eq!(file_cid(V0, b"hello world"), "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD");
    assert_eq!(file_cid(V1, b"hello world"), "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    assert_eq!(file_cid(V0, b""), "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH");
    assert_eq!(file_cid(V1, b""), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
}

#[test]
fn files_at_and_over_one_chunk() {
    let (v0, v1) = (stream("chunk-v0-seed", (256 << 10) + 1), stream("chunk-v1-seed", (1 << 20) + 1));
    assert_eq!(file_cid(V0, &v0[..256 << 10]), "QmWmRj3dFDZdb6ABvbmKhEL6TmPbAfBZ1t5BxsEyJrcZhE");
    assert_eq!(file_cid(V0, &v0), "QmYyLxtzZyW22zpoVAtKANLRHpDjZtNeDjQdJrcQNWoRkJ");
    assert_eq!(file_cid(V1, &v1[..1 << 20]), "bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmta");
    assert_eq!(file_cid(V1, &v1), "bafybeigmix7t42i6jacydtquhet7srwvgpizfg7gjbq7627d35mjomtu64");
}

#[test]
fn old_profile_files_at_and_over_one_node() {
    let full = 174 * (256 << 10);
    let bytes = stream("v0-seed", full + (256 << 10));
    assert_eq!(file_cid(V0, &bytes[..full]), "QmUbBALi174SnogsUzLpYbD4xPiBSFANF4iztWCsHbMKh2");
    assert_eq!(file_cid(V0, &bytes[..full + 1]), "QmV81WL765sC8DXsRhE5fJv2rwhS4icHRaf3J9Zk5FdRnW");
    assert_eq!(file_cid(V0, &bytes), "QmepeWtdmS1hHXx1oZXsPUv6bMrfRRKfZcoPPU4eEfjnbf");
}

#[test]
#[ignore = "writes 1 GiB"]
fn new_profile_files_at_and_over_one_node() {
    let folder = Folder::new();
    let path = folder.path().join("file");
    let mut file = fs::File::create(&path).unwrap();
    let mut bytes = KeyStream::new("v1-2025-seed");
    let mut grow = |len| {
        file.write_all(&bytes.bytes(len)).unwrap();
        file.flush().unwrap();
        package(&path, V1).cid().to_string()
    };
    for _ in 0..15 {
        grow(64 << 20);
    }
    assert_eq!(grow(64 << 20), "bafybeihmf37wcuvtx4hpu7he5zl5qaf2ineo2lqlfrapokkm5zzw7zyhvm");
    assert_eq!(grow(1 << 20), "bafybeihmzokxxjqwxjcryerhp5ezpcog2wcawfryb2xm64xiakgm4a5jue");

    file.set_len((1 << 30) + 1).unwrap();
    assert_eq!(package(&path, V1).cid().to_string(), "bafybeibdsi225ugbkmpbdohnxioyab6jsqrmkts3twhpvfnzp77xtzpyhe");
}

fn directory_cid(profile: Profile, names: &[String]) -> String {
    let folder = Folder::new();
    for name in names {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let options = Options { profile, hidden: true, ..Options::default() };
    plan(&folder.path(), &options).unwrap().hash(&|_| ()).unwrap().cid().to_string()
}

#[test]
fn directories_at_and_over_the_sharding_threshold() {
    let (seed0, seed1) = ("hamt-unixfs-v0-2015", "hamt-unixfs-v1-2025");
    for (profile, names, cid) in [
        (V0, names(4096, 30, 30, seed0), "QmX5GtRk3TSSEHtdrykgqm4eqMEn3n2XhfkFAis5fjyZmN"),
        (V0, names(4033, 31, 31, seed0), "QmeMiJzmhpJAUgynAcxTQYek5PPKgdv3qEvFsdV3XpVnvP"),
        (V1, names(4766, 11, 21, seed1), "bafybeic3h7rwruealwxkacabdy45jivq2crwz6bufb5ljwupn36gicplx4"),
        (V1, names(4766, 11, 22, seed1), "bafybeiegvuterwurhdtkikfhbxcldohmxp566vpjdofhzmnhv6o4freidu"),
    ] {
        assert_eq!(directory_cid(profile, &names), cid);
    }
}

#[test]
fn empty_directories() {
    assert_eq!(directory_cid(V0, &[]), "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
    assert_eq!(directory_cid(V1, &[]), "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
}
