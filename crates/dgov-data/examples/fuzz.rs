//! Feeds broken input to every parser: `fuzz [--seed N] [--seconds N] [--case N] [--only TARGET]`; see `scripts/fuzz`.
//!
//! Prints its seed first, then what was seen of every target; a failing case with the options that run it again and a file
//! with its input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;

use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fuzzing::{Failure, Fuzzer};

#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut seed, mut seconds, mut only_case, mut only) = (None, 60, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or("every option has a value")?;
        match option.as_str() {
            "--seed" => seed = Some(value.parse()?),
            "--seconds" => seconds = value.parse()?,
            "--case" => only_case = Some(value.parse()?),
            "--only" => only = Some(value),
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    let seed = seed.unwrap_or(now);
    writeln!(io::stdout(), "seed {seed}")?;
    // Panics are counted, not shown: parsers of others have many.
    std::panic::set_hook(Box::new(|_| ()));
    let mut fuzzer = Fuzzer::new(seed, only.as_deref());
    let mut failures = 0;
    let mut report = |failure: Failure| -> io::Result<()> {
        failures += 1;
        let path = std::env::temp_dir().join(format!("dgov-fuzz-{}-{}.bin", failure.target, failure.case));
        std::fs::write(&path, &failure.input)?;
        let only = only.as_ref().map(|only| format!(" --only {only}")).unwrap_or_default();
        let Failure { target, case, reason, .. } = failure;
        writeln!(io::stdout(), "{target}: {reason}; --seed {seed} --case {case}{only}, input in {}", path.display())
    };
    match only_case {
        Some(case) => {
            let _ = std::panic::take_hook();
            fuzzer.case(case).or_else(&mut report)?;
        }
        None => {
            let start = Instant::now();
            let mut case = 0;
            while start.elapsed() < Duration::from_secs(seconds) {
                fuzzer.case(case).or_else(&mut report)?;
                case += 1;
            }
        }
    }
    for (target, seen) in &fuzzer.seen {
        writeln!(
            io::stdout(),
            "{target:15} {:8} cases, {:7} accepted, {:6} panics caught, slowest {:5} ms, at most {:5} MiB",
            seen.cases,
            seen.accepted,
            seen.caught,
            seen.slowest.as_millis(),
            seen.peak >> 20
        )?;
    }
    if failures == 0 { Ok(()) } else { Err(format!("{failures} failures").into()) }
}
