//! The `dgov` binary: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dgov::cli::main(std::env::args_os().collect())
}
