//! Hostile gateways and hostile packages: nothing is written outside the folder, nothing hangs, nothing fills the memory.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::TestEnv;
use crate::common::blocks::{Blocks, Linked};
use crate::common::gateway::{Gateway, head, respond};
use crate::common::package::tree;

/// Most memory of a pull, in KiB.
const MEMORY: u64 = 512 << 10;
/// Longest run of a pull from a host that stalls, told to wait for a second.
const PATIENCE: Duration = Duration::from_secs(60);

struct Run {
    code: i32,
    error: String,
    message: String,
    /// Largest resident size in KiB, as long as the process could be looked at.
    memory: u64,
    time: Duration,
}

/// Pulls into `out` and looks at the memory meanwhile.
fn pull(env: &TestEnv, gateways: &[&Gateway], more: &[&str]) -> Run {
    let mut args = vec!["data", "pull", "raccoon", "--to", "out", "--json"];
    gateways.iter().for_each(|gateway| args.extend(["--gateway", &gateway.url]));
    args.extend(more);
    let output = env.root().join("output.json");
    let start = Instant::now();
    let mut child = env.command(&args).stdout(std::fs::File::create(&output).unwrap()).spawn().unwrap();
    let mut memory = 0;
    let status = loop {
        memory = memory.max(peak(child.id()));
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let report: Value = serde_json::from_str(&std::fs::read_to_string(output).unwrap()).unwrap();
    let text = |key: &str| report["errors"][0][key].as_str().unwrap_or_default().to_owned();
    let (error, message) = (text("code"), text("message"));
    Run { code: status.code().unwrap_or(-1), error, message, memory, time: start.elapsed() }
}

/// `VmHWM` of a process; 0 where there is no such thing.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// Pulls a package that some publisher made by hand, from a gateway that gives exactly its blocks.
#[track_caller]
fn refused(blocks: Blocks, root: Linked, code: &str, more: &[&str]) -> Run {
    let env = TestEnv::with_root(root.digest());
    let before = outside(&env);
    let gateway = Gateway::honest(blocks);
    let run = pull(&env, &[&gateway], more);
    assert_eq!((run.code, run.error.as_str()), (7, code), "{}", run.message);
    assert!(run.memory < MEMORY, "{} KiB", run.memory);
    assert_eq!(outside(&env), before, "something was written outside");
    run
}

/// All paths beside the folder that is pulled into.
fn outside(env: &TestEnv) -> Vec<String> {
    let paths = tree(env.root()).into_keys();
    paths.filter(|path| !path.starts_with("work/out/") && path != "output.json").collect()
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["..", ".", "", "/etc/passwd", "../../escaped", "a/../../escaped", "a\0b", &"x".repeat(300)] {
        let mut blocks = Blocks::default();
        let byte = blocks.raw(b"x");
        let root = blocks.folder(&[(name, byte)]);
        let run = refused(blocks, root, "storage.name", &["--native-names"]);
        assert!(run.message.contains("a name in the package"), "{}", run.message);
    }
}

#[test]
fn names_that_not_every_system_holds_need_a_word() {
    for names in [&["aux.txt"][..], &["a\\b"], &["x."], &["README", "readme"], &["\u{1b}]0;x"]] {
        let mut blocks = Blocks::default();
        let byte = blocks.raw(b"x");
        let links: Vec<_> = names.iter().map(|name| (*name, byte)).collect();
        let root = blocks.folder(&links);
        refused(blocks.clone(), root, "storage.name", &[]);
        let env = TestEnv::with_root(root.digest());
        let run = pull(&env, &[&Gateway::honest(blocks)], &["--native-names"]);
        assert_eq!(run.code, 0, "{}", run.message);
        assert_eq!(tree(&env.dir().join("out")).len(), names.len());
    }
    let mut blocks = Blocks::default();
    let (byte, other) = (blocks.raw(b"x"), blocks.raw(b"y"));
    let root = blocks.folder(&[("a", byte), ("a", other)]);
    refused(blocks, root, "storage.name", &["--native-names"]);
    let mut blocks = Blocks::default();
    let byte = blocks.raw(b"x");
    let inner = blocks.folder(&[("lock", byte)]);
    let root = blocks.folder(&[(".dgov-pull", inner)]);
    refused(blocks, root, "storage.name", &[]);
}

#[test]
fn sizes_that_do_not_add_up_are_refused() {
    let sized = |size: u64, lens: [u64; 2]| {
        let mut blocks = Blocks::default();
        let (one, two) = (blocks.raw(b"one "), blocks.raw(b"two"));
        let file = blocks.file(size, &[(one, lens[0]), (two, lens[1])]);
        let root = blocks.folder(&[("f", file.saying(1_000))]);
        (blocks, root)
    };
    let huge = u64::MAX;
    for (size, lens) in [(7, [3, 4]), (8, [4, 3]), (7, [7, 0]), (huge, [4, 3]), (6, [huge, 7]), (8, [4, 4])] {
        let (blocks, root) = sized(size, lens);
        refused(blocks, root, "storage.dag_malformed", &[]);
    }
    // A file that is larger than its folder says, and a folder that is.
    let mut blocks = Blocks::default();
    let long = blocks.raw(&[1; 4_000]);
    let root = blocks.folder(&[("f", long.saying(3_999))]);
    refused(blocks, root, "storage.dag_malformed", &[]);
    let mut blocks = Blocks::default();
    let long = blocks.raw(&[1; 4_000]);
    let inner = blocks.folder(&[("f", long)]);
    let root = blocks.folder(&[("d", inner.saying(inner.total - 1))]);
    refused(blocks, root, "storage.dag_malformed", &[]);
    // Symbolic links are no part of a package.
    let mut blocks = Blocks::default();
    let link = blocks.node(&[], b"\x08\x04\x12\x0b/etc/passwd");
    let root = blocks.folder(&[("f", link)]);
    refused(blocks, root, "storage.dag_malformed", &[]);
}

/// Nodes that each link twice to the next, down to a leaf.
fn fold(blocks: &mut Blocks, leaf: Linked, levels: u32, node: impl Fn(&mut Blocks, Linked, u32) -> Linked) -> Linked {
    (0..levels).fold(leaf, |below, level| node(blocks, below, level))
}

#[test]
fn packages_that_fold_out_without_end_are_refused() {
    let file = |blocks: &mut Blocks, below: Linked, level: u32| {
        blocks.file(2 << level, &[(below, 1 << level), (below, 1 << level)])
    };
    let folder = |blocks: &mut Blocks, below: Linked, _: u32| blocks.folder(&[("a", below), ("b", below)]);
    // A file of 2^40 bytes that says so, of leaves of one byte.
    let mut blocks = Blocks::default();
    let byte = blocks.raw(b"x");
    let bomb = fold(&mut blocks, byte, 40, file);
    let root = blocks.folder(&[("bomb", bomb)]);
    refused(blocks.clone(), root, "storage.too_large", &["--max-bytes", "1000000000000"]);
    // The same, said to be small.
    let root = blocks.folder(&[("bomb", bomb.saying(1 << 20))]);
    refused(blocks, root, "storage.dag_malformed", &[]);
    // A small file that is too deep.
    let mut blocks = Blocks::default();
    let byte = blocks.raw(b"x");
    let deep = fold(&mut blocks, byte, 40, |blocks, below, _| blocks.file(1, &[(below, 1)]));
    let root = blocks.folder(&[("deep", deep)]);
    refused(blocks, root, "storage.too_large", &[]);
    // Folders: 2^30 of them, and a chain.
    let mut blocks = Blocks::default();
    let byte = blocks.raw(b"x");
    let bomb = fold(&mut blocks, byte, 30, folder);
    refused(blocks.clone(), bomb, "storage.too_large", &["--max-bytes", "1000000000"]);
    let root = blocks.folder(&[("bomb", bomb.saying(1 << 20))]);
    refused(blocks, root, "storage.dag_malformed", &[]);
    let mut blocks = Blocks::default();
    let byte = blocks.raw(b"x");
    let chain = fold(&mut blocks, byte, 300, |blocks, below, _| blocks.folder(&[("d", below)]));
    refused(blocks, chain, "storage.too_large", &[]);
    // Sums of 2^64 and more.
    let mut blocks = Blocks::default();
    let byte = blocks.raw(b"x").saying(u64::MAX / 2 + 1);
    let root = blocks.folder(&[("a", byte), ("b", byte)]);
    refused(blocks, root, "storage.too_large", &[]);
}

#[test]
fn one_small_node_linked_very_often_does_not_fill_the_memory() {
    let mut blocks = Blocks::default();
    let empty = blocks.raw(b"");
    // Blocks near two MiB, read at the same time.
    let wide: Vec<_> = (0..16)
        .map(|number| {
            let names: Vec<String> = (0..38_000).map(|entry| format!("{number:02}{entry:05}")).collect();
            let links: Vec<_> = names.iter().map(|name| (name.as_str(), empty)).collect();
            blocks.folder(&links)
        })
        .collect();
    let nested: Vec<String> = (0..16).map(|number| format!("d{number:02}")).collect();
    let links: Vec<_> = nested.iter().zip(&wide).map(|(name, folder)| (name.as_str(), *folder)).collect();
    let root = blocks.folder(&links);
    let run = refused(blocks, root, "storage.too_large", &["--max-files", "600000"]);
    assert!(run.memory > 0 || !cfg!(target_os = "linux"));
}

/// Makes a sharded folder around one leaf.
type Shard<'a> = dyn Fn(&mut Blocks, Linked) -> Linked + 'a;

#[test]
fn shards_that_lie_about_their_names_are_refused() {
    let name = "raccoon";
    let hash = dgov_data::unixfs::hash_name(name.as_bytes());
    let slot = |level: u32| format!("{:02X}", (hash >> (56 - 8 * level)) as u8);
    let right = format!("{}{name}", slot(0));
    let wrong = format!("{:02X}{name}", ((hash >> 56) as u8).wrapping_add(1));
    let shards: [&Shard<'_>; 5] = [
        // In another slot; twice in one slot; not where the way down leads.
        &|blocks, byte| blocks.shard(&[(&wrong, byte)]),
        &|blocks, byte| blocks.shard(&[(&right, byte), (&right, byte)]),
        &|blocks, byte| {
            let below = blocks.shard(&[(&format!("{:02X}{name}", (slot(1) == "00") as u8), byte)]);
            blocks.shard(&[(&slot(0), below)])
        },
        // A shard without entries; something else in its place.
        &|blocks, _| {
            let below = blocks.shard(&[]);
            blocks.shard(&[(&slot(0), below)])
        },
        &|blocks, byte| blocks.shard(&[(&slot(0), byte)]),
    ];
    for shard in shards {
        let mut blocks = Blocks::default();
        let byte = blocks.raw(b"x");
        let root = shard(&mut blocks, byte);
        refused(blocks, root, "storage.dag_malformed", &[]);
    }
    // The same name at two levels: its place is the deeper one only if the way there is its own.
    let mut blocks = Blocks::default();
    let byte = blocks.raw(b"x");
    let below = blocks.shard(&[(&format!("{}{name}", slot(1)), byte)]);
    let root = blocks.shard(&[(&slot(0), below)]);
    let env = TestEnv::with_root(root.digest());
    assert_eq!(pull(&env, &[&Gateway::honest(blocks)], &[]).code, 0, "a shard of one entry is odd, not wrong");
}

/// What a gateway can do instead of giving a block; each with the exit code of a pull that has no other.
fn tricks() -> Vec<(&'static str, Gateway, i32)> {
    vec![
        ("other bytes", Gateway::start(|_, _, stream| respond(stream, 200, b"not this block")), 7),
        (
            "an endless block",
            Gateway::start(|_, _, stream| {
                head(stream, 200, "");
                while stream.write_all(&[0; 64 << 10]).is_ok() {}
            }),
            7,
        ),
        (
            "a length that is never reached",
            Gateway::start(|_, _, stream| {
                head(stream, 200, "content-length: 1000\r\n");
                let _ = stream.write_all(b"short");
            }),
            6,
        ),
        (
            "a length without end",
            Gateway::start(|_, _, stream| {
                head(stream, 200, "content-length: 1099511627776\r\n");
                while stream.write_all(&[0; 64 << 10]).is_ok() {}
            }),
            7,
        ),
        ("nothing", Gateway::start(|_, _, _| std::thread::sleep(PATIENCE)), 6),
        (
            "a byte now and then",
            Gateway::start(|_, _, stream| {
                head(stream, 200, "content-length: 1000\r\n");
                while stream.write_all(b"x").is_ok() {
                    std::thread::sleep(Duration::from_millis(300));
                }
            }),
            6,
        ),
        (
            "headers without end",
            Gateway::start(|_, _, stream| {
                let _ = write!(stream, "HTTP/1.1 200 OK\r\n");
                while write!(stream, "x-more: {}\r\n", "y".repeat(4_000)).is_ok() {}
            }),
            6,
        ),
        (
            "a file of this machine",
            Gateway::start(|_, _, stream| {
                head(stream, 302, "location: file:///etc/passwd\r\ncontent-length: 0\r\n");
            }),
            6,
        ),
        (
            "itself, for ever",
            Gateway::start(|_, cid, stream| {
                head(stream, 302, &format!("location: /ipfs/{cid}\r\ncontent-length: 0\r\n"));
            }),
            6,
        ),
        ("an error", Gateway::start(|_, _, stream| respond(stream, 500, &[b'x'; 100_000])), 6),
        ("no HTTP", Gateway::start(|_, _, stream| drop(stream.write_all(b"SSH-2.0-OpenSSH\r\n"))), 6),
        ("that it has nothing", Gateway::start(|_, _, stream| respond(stream, 404, b"")), 6),
    ]
}

/// Hosts that stall are waited for a second only; others may be slow because the machine is.
fn patience(trick: &str) -> &'static [&'static str] {
    if ["nothing", "a byte now and then"].contains(&trick) { &["--timeout", "1"] } else { &[] }
}

#[test]
fn a_gateway_that_does_not_give_blocks_is_told_by_its_exit_code() {
    let (env, _) = TestEnv::pushed_elsewhere("unixfs-v1-2025", |_| {});
    let before = outside(&env);
    for (trick, gateway, code) in tricks() {
        let run = pull(&env, &[&gateway], patience(trick));
        assert_eq!(run.code, code, "{trick}: {} {}", run.error, run.message);
        assert!(run.memory < MEMORY, "{trick}: {} KiB", run.memory);
        assert!(run.time < PATIENCE, "{trick}: {:?}", run.time);
        assert_eq!(outside(&env), before, "{trick}");
        assert!(!env.dir().join("out").exists(), "{trick}: there is nothing to begin a folder with");
    }
}

#[test]
fn with_one_honest_gateway_beside_it_no_trick_matters() {
    let (env, blocks) = TestEnv::pushed_elsewhere("unixfs-v1-2025", |_| {});
    let honest = Gateway::honest(blocks);
    for (trick, gateway, _) in tricks() {
        let run = pull(&env, &[&gateway, &honest], &[&["--jobs", "4"], patience(trick)].concat());
        assert_eq!(run.code, 0, "{trick}: {} {}", run.error, run.message);
        assert!(run.memory < MEMORY && run.time < PATIENCE, "{trick}: {} KiB, {:?}", run.memory, run.time);
        assert_eq!(tree(&env.dir().join("out")), tree(&env.dir().join("data/raccoon")), "{trick}");
        std::fs::remove_dir_all(env.dir().join("out")).unwrap();
    }
}
