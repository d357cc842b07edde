//! What belongs to a package, what is refused, and the blocks that come out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::Ordering;

use alloy_primitives::hex;
use camino::Utf8Path;
use common::{Folder, KeyStream};
use dgov_data::car;
use dgov_data::unixfs::{BlockId, Codec, Options, Package, Profile, UnixfsError, plan};
use sha2::{Digest, Sha256};

fn hash(path: &Utf8Path, options: Options) -> Result<Package, UnixfsError> {
    plan(path, &options)?.hash(&|_| ())
}

fn paths(package: &Package) -> Vec<&str> {
    package.entries().map(|entry| entry.path).collect()
}

/// Nested folders, empty ones, sizes around the chunk, equal files, names that sort differently as paths.
fn sample() -> Folder {
    let folder = Folder::new();
    let bytes = KeyStream::new("sample").bytes((5 << 20) + 17);
    folder.write("a/b.txt", "b");
    folder.write("a-b", "dash");
    folder.write("a/deep/er/empty", "");
    folder.write("chunk", &bytes[..1 << 20]);
    folder.write("chunk-and-one", &bytes[..(1 << 20) + 1]);
    folder.write("copies/one", &bytes);
    folder.write("copies/two", &bytes);
    folder.write("zeros", vec![0; 3 << 20]);
    folder.write("Ünïcode/名前", "text");
    fs::create_dir_all(folder.path().join("nothing/here")).unwrap();
    folder
}

/// The CAR file that is written while the folder is hashed.
fn in_place(path: &Utf8Path, profile: Profile) -> Vec<u8> {
    let mut out = tempfile::tempfile().unwrap();
    let hashed = std::sync::atomic::AtomicU64::new(0);
    let plan = plan(path, &Options { profile, ..Options::default() }).unwrap();
    let content = plan.content_size();
    let count = |bytes| _ = hashed.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    let (package, bytes) = car::write_in_place(plan, &out, &count).unwrap();
    assert_eq!(hashed.into_inner(), content);
    assert_eq!(car::size(&package).unwrap(), bytes);
    let mut written = Vec::new();
    std::io::Seek::rewind(&mut out).unwrap();
    std::io::Read::read_to_end(&mut out, &mut written).unwrap();
    written
}

#[test]
fn a_car_file_written_while_hashing_has_the_same_bytes() {
    let folder = Folder::new();
    // More than a window, and sizes around those of chunks and segments; no two chunks are alike.
    let sizes = [0, 1, 262_143, 262_145, 1 << 20, (4 << 20) + 1, (66 << 20) + 7];
    for (number, size) in sizes.into_iter().enumerate() {
        let content: Vec<u8> =
            (0..size as u64).flat_map(|at| (at / 4 * 31 + number as u64).to_le_bytes()).take(size).collect();
        fs::write(folder.path().join(format!("{number}.bin")), content).unwrap();
    }
    for number in 0..3000 {
        folder.write(
            &format!("many/file-with-a-name-that-is-quite-long-{number}-{}", "x".repeat(100)),
            number.to_string(),
        );
    }
    for profile in [Profile::V1_2025, Profile::V0_2015] {
        for path in [folder.path().to_owned(), folder.path().join("6.bin"), folder.path().join("0.bin")] {
            let package = hash(&path, Options { profile, ..Options::default() }).unwrap();
            let mut file = Vec::new();
            car::write(&package, &mut file).unwrap();
            assert!(in_place(&path, profile) == file, "{path}");
        }
    }
}

#[test]
fn entries_follow_the_bytes_of_names_and_hidden_ones_are_left_out() {
    let folder = sample();
    let plain = hash(&folder.path(), Options::default()).unwrap();
    assert_eq!(paths(&plain)[..4], ["a/b.txt", "a/deep/er/empty", "a-b", "chunk"]);
    folder.write(".hidden", "h");
    folder.write(".git/config", "h");
    let again = hash(&folder.path(), Options::default()).unwrap();
    assert_eq!(again.cid(), plain.cid());
    let hidden = hash(&folder.path(), Options { hidden: true, ..Options::default() }).unwrap();
    assert_eq!(paths(&hidden)[..2], [".git/config", ".hidden"]);
    assert_ne!(hidden.cid(), plain.cid());
    fs::remove_dir_all(folder.path().join("nothing/here")).unwrap();
    assert_ne!(hash(&folder.path(), Options::default()).unwrap().cid(), plain.cid(), "an empty directory counts");
    let entry = plain.find("copies/one").unwrap();
    assert_eq!((entry.stamp.size, entry.cid), ((5 << 20) + 17, plain.find("copies/two").unwrap().cid));
    assert_eq!(plain.find("copies"), None);
}

#[test]
fn links_are_refused_unless_asked_and_never_lead_out() {
    let folder = Folder::new();
    let outside = Folder::new();
    folder.write("data/file", "content");
    symlink("data/file", folder.path().join("link")).unwrap();
    assert!(
        matches!(hash(&folder.path(), Options::default()), Err(UnixfsError::Symlink { path }) if path.ends_with("link"))
    );
    let follow = Options { follow_links: true, ..Options::default() };
    let followed = hash(&folder.path(), follow).unwrap();
    assert_eq!(paths(&followed), ["data/file", "link"]);
    symlink("data", folder.path().join("folder")).unwrap();
    assert_eq!(paths(&hash(&folder.path(), follow).unwrap()), ["data/file", "folder/file", "link"]);

    symlink("..", folder.path().join("data/up")).unwrap();
    assert!(
        matches!(hash(&folder.path(), follow), Err(UnixfsError::SymlinkLoop { path }) if path.ends_with("data/up"))
    );
    fs::remove_file(folder.path().join("data/up")).unwrap();

    outside.write("secret", "s");
    symlink(outside.path().join("secret"), folder.path().join("data/leak")).unwrap();
    for options in [follow, Options::default()] {
        let error = hash(&folder.path(), options).unwrap_err();
        assert!(matches!(error, UnixfsError::SymlinkOutside { path, .. } if path.ends_with("data/leak")));
    }
    fs::remove_file(folder.path().join("data/leak")).unwrap();
    symlink("nowhere", folder.path().join("broken")).unwrap();
    let error = hash(&folder.path(), follow).unwrap_err();
    assert!(matches!(error, UnixfsError::SymlinkBroken { path } if path.ends_with("broken")));
}

#[test]
fn what_has_no_cid_is_named() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(
        matches!(hash(&folder.path(), Options::default()), Err(UnixfsError::SpecialFile { path }) if path.ends_with("socket"))
    );
    drop(socket);
    fs::remove_file(folder.path().join("socket")).unwrap();
    fs::write(folder.0.path().join(std::ffi::OsStr::from_bytes(b"bad\xff")), "x").unwrap();
    assert!(
        matches!(hash(&folder.path(), Options::default()), Err(UnixfsError::NotUtf8 { path }) if path.contains("bad"))
    );
    assert!(matches!(hash(&folder.path().join("missing"), Options::default()), Err(UnixfsError::Io { .. })));
}

#[test]
fn a_file_that_changes_is_named() {
    let folder = sample();
    let path = folder.path().join("copies/two");
    let planned = plan(&folder.path(), &Options::default()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(1);
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(planned.hash(&|_| ()), Err(UnixfsError::Changed { path: named }) if named == path));

    // While it is read: the first finished piece triggers the change.
    let planned = plan(&path, &Options::default()).unwrap();
    let grown = std::sync::Once::new();
    let outcome = planned.hash(&|_| grown.call_once(|| fs::write(&path, b"short").unwrap()));
    assert!(matches!(outcome, Err(UnixfsError::Changed { path: named }) if named == path));

    let package = hash(&folder.path(), Options::default()).unwrap();
    fs::write(&path, b"other").unwrap();
    assert!(
        matches!(package.for_each_block(&mut |_| Ok(())), Err(UnixfsError::Changed { path: named }) if named == path)
    );
}

#[test]
fn progress_counts_every_byte_once() {
    let folder = sample();
    let planned = plan(&folder.path(), &Options::default()).unwrap();
    let (expected, seen) = (planned.content_size(), std::sync::atomic::AtomicU64::new(0));
    let count = |bytes| {
        seen.fetch_add(bytes, Ordering::Relaxed);
    };
    planned.hash(&count).unwrap();
    assert_eq!(seen.into_inner(), expected);
}

/// Reads a varint at the start of `bytes`.
fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

/// Fields of a protobuf message: number and payload, varints as their value.
fn fields(mut bytes: &[u8]) -> Vec<(u64, u64, &[u8])> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let value = varint(&mut bytes);
        let (payload, rest) = bytes.split_at(if tag & 7 == 2 { value as usize } else { 0 });
        bytes = rest;
        out.push((tag >> 3, value, payload));
    }
    out
}

/// A reader of its own: the content of a file, or the names below a directory, out of blocks alone.
fn read(blocks: &HashMap<Vec<u8>, Vec<u8>>, cid: &[u8], path: &str, out: &mut HashMap<String, Vec<u8>>) {
    let block = &blocks[cid];
    if cid[..2] == [1, 0x55] {
        out.entry(path.to_owned()).or_default().extend_from_slice(block);
        return;
    }
    let node = fields(block);
    let data = fields(node.iter().find(|(field, ..)| *field == 1).unwrap().2);
    let kind = data[0].1;
    if kind == 2 {
        let content = data.iter().find(|(field, ..)| *field == 2).map_or(&[][..], |field| field.2);
        out.entry(path.to_owned()).or_default().extend_from_slice(content);
    }
    for (_, _, link) in node.iter().filter(|(field, ..)| *field == 2) {
        let link = fields(link);
        let name = std::str::from_utf8(link[1].2).unwrap();
        let below = match (kind, name) {
            (2, _) => path.to_owned(),
            (5, name) if name.len() == 2 => path.to_owned(),
            (5, name) => format!("{path}/{}", &name[2..]),
            (_, name) => format!("{path}/{name}"),
        };
        read(blocks, link[0].2, &below, out);
    }
}

#[test]
fn a_car_holds_every_block_once_and_gives_the_files_back() {
    let folder = sample();
    for i in 0..6_000 {
        folder.write(&format!("many/file-with-a-long-name-{i}"), format!("{}", i % 100));
    }
    // For the same folder, CIDs as Kubo 0.41.0 and js-ipfs (ipfs-unixfs-importer 17.1.1) give them, sizes as js-ipfs does,
    // digests of what `ipfs dag export` of Kubo writes.
    for (profile, cid, size, digest) in [
        (
            Profile::V1_2025,
            "bafybeiay6z56zrgsej5ikgnhcc36443ehf7nclvf2vuiy5lakldw54x4hm",
            16_214_640,
            "f9adc75ceaaf90430e730ff220cdefa71e3c101f0014c37d328da846a1df7b15",
        ),
        (
            Profile::V0_2015,
            "QmRSKJZzk5EX6aVmEZts4PqbRKNYxPWTuDM9SFHcMCGxX1",
            16_252_692,
            "77913f732c0ad5f0b69c7b310eadf8912cf85c78010cd3de78e8a77237438c66",
        ),
    ] {
        let package = hash(&folder.path(), Options { profile, ..Options::default() }).unwrap();
        assert_eq!((package.cid().to_string().as_str(), package.cumulative_size()), (cid, size));
        let mut file = Vec::new();
        let written = car::write(&package, &mut file).unwrap();
        assert_eq!(written, file.len() as u64);
        assert_eq!(car::size(&package).unwrap(), written);
        assert_eq!(hex::encode(Sha256::digest(&file)), digest, "the bytes of `ipfs dag export`");
        // Many of its files are alike.
        assert!(in_place(&folder.path(), profile) == file);

        let mut rest = &file[..];
        let header = varint(&mut rest) as usize;
        let root = package.cid().to_bytes();
        assert!(rest[..header].windows(root.len()).any(|window| window == root));
        rest = &rest[header..];
        let mut blocks = HashMap::new();
        let mut first = None;
        let mut digests = HashSet::new();
        while !rest.is_empty() {
            let section = varint(&mut rest) as usize;
            let (section, after) = rest.split_at(section);
            let (cid, block) = section.split_at(root.len());
            assert_eq!(cid[cid.len() - 32..], Sha256::digest(block)[..]);
            assert!(digests.insert(cid.to_vec()), "a block occurs twice");
            first.get_or_insert_with(|| cid.to_vec());
            blocks.insert(cid.to_vec(), block.to_vec());
            rest = after;
        }
        assert_eq!(first.unwrap(), root);
        let mut out = HashMap::new();
        read(&blocks, &root, "", &mut out);
        assert_eq!(out.len(), package.entries().len());
        for entry in package.entries() {
            assert_eq!(
                out[&format!("/{}", entry.path)],
                fs::read(folder.path().join(entry.path)).unwrap(),
                "{}",
                entry.path
            );
        }
    }
}

#[test]
fn the_binary_cid_of_a_record_is_that_of_the_new_profile() {
    let id = BlockId { codec: Codec::Raw, digest: [7; 32] };
    assert_eq!(id.cid_v1_bytes().to_vec(), id.cid(Profile::V1_2025).to_bytes());
    let id = BlockId { codec: Codec::DagPb, ..id };
    assert_eq!(id.cid_v1_bytes().to_vec(), id.cid(Profile::V1_2025).to_bytes());
}

#[test]
fn shards_follow_from_the_package_and_any_of_them_can_be_made_alone() {
    let folder = sample();
    let package = hash(&folder.path(), Options::default()).unwrap();
    let shards = package.shards(2 << 20).unwrap();
    assert!(shards.len() > 3, "{shards:?}");
    assert_eq!(shards, package.shards(2 << 20).unwrap());
    let all: Vec<usize> = (0..shards.len()).collect();
    assert_eq!(shards.iter().map(|shard| shard.index).collect::<Vec<_>>(), all);
    let mut order = Vec::new();
    package
        .for_each_block(&mut |block| {
            order.push(block.id);
            Ok(())
        })
        .unwrap();
    for wanted in [vec![0], vec![shards.len() - 1], vec![1, 3], vec![0, 2, 3], all] {
        let wanted: std::collections::BTreeSet<usize> = wanted.into_iter().collect();
        let mut given: Vec<(usize, BlockId)> = Vec::new();
        package
            .for_each_shard_block(&shards, &wanted, &|_| false, &mut |index, block| {
                given.push((index, block.id));
                Ok(())
            })
            .unwrap();
        let mut expected = Vec::new();
        let mut rest = &order[..];
        for shard in &shards {
            let (own, after) = rest.split_at(shard.blocks as usize);
            assert_eq!((own.first(), own.last()), (Some(&shard.first), Some(&shard.last)));
            if wanted.contains(&shard.index) {
                expected.extend(own.iter().map(|id| (shard.index, *id)));
            }
            rest = after;
        }
        assert!(rest.is_empty());
        assert_eq!(given, expected);
        // Every second block is known already.
        let known: HashSet<BlockId> = order.iter().step_by(2).copied().collect();
        given.clear();
        let mut receive = |index, block: dgov_data::unixfs::Block<'_>| {
            given.push((index, block.id));
            Ok(())
        };
        package.for_each_shard_block(&shards, &wanted, &|id| known.contains(id), &mut receive).unwrap();
        expected.retain(|(_, id)| !known.contains(id));
        assert_eq!(given, expected);
        let beside = package.shards_beside(2 << 20, &|id| known.contains(id)).unwrap();
        for shard in beside.iter().filter(|shard| wanted.contains(&shard.index)) {
            let own: Vec<_> = expected.iter().filter(|(index, _)| *index == shard.index).map(|(_, id)| *id).collect();
            let ends = (own.first().copied().unwrap_or(shard.first), own.last().copied().unwrap_or(shard.last));
            assert_eq!((shard.first, shard.last, shard.new == 0), (ends.0, ends.1, own.is_empty()));
        }
    }
    // The lengths are those of the CAR files: all of them, less the headers that each has, are one CAR.
    let header = car::header_of(&package.cid()).len() as u64;
    let sum: u64 = shards.iter().map(|shard| shard.car_len - header).sum();
    assert_eq!(sum + header, car::size(&package).unwrap());
    assert!(shards[..shards.len() - 1].iter().all(|shard| (2 << 20..(3 << 20) + 4096).contains(&shard.car_len)));
}

#[test]
fn the_files_of_other_shards_are_not_read() {
    let folder = Folder::new();
    let bytes = KeyStream::new("shards").bytes(3 << 20);
    folder.write("a", &bytes[..1 << 20]);
    folder.write("b", &bytes[1 << 20..2 << 20]);
    folder.write("c", &bytes[2 << 20..]);
    let package = hash(&folder.path(), Options::default()).unwrap();
    let shards = package.shards(1 << 20).unwrap();
    fs::remove_file(folder.path().join("a")).unwrap();
    let mut count = 0;
    let last = [shards.len() - 1].into_iter().collect();
    let mut receive = |_, _: dgov_data::unixfs::Block<'_>| {
        count += 1;
        Ok(())
    };
    package.for_each_shard_block(&shards, &last, &|_| false, &mut receive).unwrap();
    assert_eq!(count, 1);
    let first = [0].into_iter().collect();
    assert!(package.for_each_shard_block(&shards, &first, &|_| false, &mut |_, _| Ok(())).is_err());
}

mod remote {
    //! Files that are listed rather than walked.

    use std::collections::BTreeMap;
    use std::io;
    use std::sync::Arc;

    use dgov_data::unixfs::{self, Options, RemoteTree, Stamp, UnixfsError};

    #[derive(Debug)]
    struct Memory(BTreeMap<String, Vec<u8>>);

    impl RemoteTree for Memory {
        fn place(&self) -> &str {
            "memory://tree"
        }

        fn read_at(&self, path: &str, buffer: &mut [u8], offset: u64) -> io::Result<()> {
            let rest = self.0.get(path).and_then(|bytes| bytes.get(offset as usize..)).unwrap_or_default();
            let Some(found) = rest.get(..buffer.len()) else { return Err(io::ErrorKind::UnexpectedEof.into()) };
            buffer.copy_from_slice(found);
            Ok(())
        }
    }

    fn plan(files: &[(&str, usize)], options: &Options) -> Result<unixfs::Plan, UnixfsError> {
        let files: BTreeMap<String, Vec<u8>> =
            files.iter().map(|(path, len)| ((*path).to_owned(), vec![*len as u8; *len])).collect();
        let stamp = |size| Stamp { size, mtime: (0, 0), ctime: (0, 0), inode: (0, 0) };
        let listing: Vec<_> = files.iter().map(|(path, bytes)| (path.clone(), stamp(bytes.len() as u64))).collect();
        unixfs::plan_remote(Arc::new(Memory(files)), listing, options)
    }

    #[test]
    fn a_listing_has_the_cid_of_the_folder() {
        let files = [("a.txt", 10), ("a/x", 3_000_000), ("a/b/c", 0), ("a-b", 1_048_576), (".git/config", 5)];
        let dir = tempfile::tempdir().unwrap();
        let root = camino::Utf8Path::from_path(dir.path()).unwrap();
        for (path, len) in files {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), vec![len as u8; len]).unwrap();
        }
        for profile in [unixfs::Profile::V1_2025, unixfs::Profile::V0_2015] {
            for hidden in [false, true] {
                let options = Options { profile, hidden, follow_links: false };
                let here = unixfs::plan(root, &options).unwrap().hash(&|_| {}).unwrap();
                let there = plan(&files, &options).unwrap().hash(&|_| {}).unwrap();
                assert_eq!(there.cid(), here.cid());
                let car = |package: &unixfs::Package| {
                    let mut car = Vec::new();
                    dgov_data::car::write(package, &mut car).unwrap();
                    car
                };
                assert!(car(&there) == car(&here));
            }
        }
    }

    #[test]
    fn names_that_no_folder_has_are_refused() {
        for path in ["", "a//b", "../a", "a/..", "./a", "/a", "a/", "a\0b"] {
            let error = plan(&[(path, 1)], &Options::default()).unwrap_err();
            assert!(matches!(error, UnixfsError::BadName { .. }), "{path:?}: {error:?}");
        }
        let both = plan(&[("a", 1), ("a/b", 1)], &Options::default()).unwrap_err();
        assert_eq!(both.to_string(), "memory://tree/a/b can't be a file of a folder");
    }

    #[test]
    fn a_file_that_is_cut_short_is_a_change() {
        let stamp = |size| Stamp { size, mtime: (0, 0), ctime: (0, 0), inode: (0, 0) };
        let tree = Arc::new(Memory(BTreeMap::from([("a".to_owned(), vec![0; 10])])));
        let plan = unixfs::plan_remote_file(tree, "a", stamp(11), &Options::default());
        assert!(matches!(plan.hash(&|_| {}), Err(UnixfsError::Changed { .. })));
    }
}
