//! Some seconds of broken input for every parser. `scripts/fuzz` goes on for as long as one likes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs, dead_code)]

mod fuzzing;

use std::time::{Duration, Instant};

use fuzzing::{Fuzzer, targets};

#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// The same cases each time.
#[test]
fn broken_input_is_refused_or_read_without_harm() {
    let mut fuzzer = Fuzzer::new(1, None);
    let start = Instant::now();
    let mut case = 0;
    while case < 4_000 && start.elapsed() < Duration::from_secs(30) {
        if let Err(failure) = fuzzer.case(case) {
            panic!("{}, case {case} of seed 1: {}", failure.target, failure.reason);
        }
        case += 1;
    }
    assert_eq!(fuzzer.seen.len(), targets().len(), "a target without a case");
    // An image whose header nobody understands is a record all the same.
    let refuses = |target: &str| target != "image";
    for (target, seen) in fuzzer.seen.iter().filter(|(target, _)| refuses(target)) {
        assert!(seen.accepted < seen.cases, "{target}: what is never refused is not broken");
    }
}
