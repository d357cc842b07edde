//! The command line as users meet it: one test binary, a hermetic environment, whole outputs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod chain;
mod common;
mod config;
mod data;
mod frame;
mod join;
mod keys;
mod status;
mod sync;
mod gov;
mod keys;
mod kill;
mod license;
mod royalties;
mod story;
