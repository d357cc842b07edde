//! Measures the core on real paths: `measure cid PATH [PROFILE]`, `measure records PATH`, `measure car PATH`,
//! `measure tree COUNT`.
//!
//! Prints one line with the result and the wall time in seconds; run it under `time` for the CPU time, and
//! `openssl dgst -sha256` on the same file beside it.

use std::error::Error;
use std::io::{self, Write};
use std::time::Instant;

use alloy_primitives::B256;
use dgov_data::car;
use dgov_data::records::{self, detect};
use dgov_data::tree::{Kind, Leaf, SumTree};
use dgov_data::unixfs::{Options, Package, Profile, plan};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, subject, profile) = match &arguments[..] {
        [task, subject] => (task, subject, Profile::default()),
        [task, subject, profile] => (task, subject, profile.parse()?),
        _ => return Err("usage: measure cid|records|car PATH [PROFILE], or measure tree COUNT".into()),
    };
    let start = Instant::now();
    let result = match task.as_str() {
        "cid" => package(subject, profile)?.cid().to_string(),
        "records" => {
            let plan = plan(subject.as_str().into(), &Options { profile, ..Options::default() })?;
            let format = detect(&plan);
            let (package, set) = records::read(plan, &format, &(), &|_| ())?;
            format!("{} {} records, root {}", package.cid(), set.len(), set.tree()?.root())
        }
        "car" => format!("{} bytes", car::write(&package(subject, profile)?, &mut io::sink())?),
        "tree" => tree(subject.parse()?)?,
        other => return Err(format!("unknown task {other}").into()),
    };
    writeln!(io::stdout(), "{result} in {:.2} s", start.elapsed().as_secs_f64())?;
    Ok(())
}

fn package(path: &str, profile: Profile) -> Result<Package, Box<dyn Error>> {
    Ok(plan(path.into(), &Options { profile, ..Options::default() })?.hash(&|_| ())?)
}

fn tree(count: u32) -> Result<String, Box<dyn Error>> {
    let leaves = (0..count).map(|i| Leaf::new(key(i), 1)).collect();
    let tree = SumTree::build(Kind::Records, leaves)?;
    let built = Instant::now();
    let bytes: usize = tree.par_proofs().map(|proof| proof.siblings.len()).sum();
    Ok(format!("root {}, {bytes} bytes of siblings in {:.2} s", tree.root(), built.elapsed().as_secs_f64()))
}

fn key(i: u32) -> B256 {
    records::jsonl_key(&i.to_be_bytes())
}
