//! The command line as users meet it: one test binary, a hermetic environment, whole outputs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod card;
mod chain;
mod common;
mod config;
mod contracts;
mod data;
mod dispute;
mod export;
mod frame;
mod gov;
mod hostile;
mod join;
mod keys;
mod kill;
mod license;
mod namesakes;
mod prices;
mod profile;
mod proof;
mod pull;
mod push;
mod recall;
mod remote;
mod report;
mod request;
mod reward;
mod royalties;
mod run;
mod status;
mod story;
mod sync;
mod trouble;
mod validator;
mod verify;
