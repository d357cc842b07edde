//! `dgov run key`.

use camino::Utf8PathBuf;

use crate::chain::signers::{Password, PasswordSource};
use crate::context::Context;
use crate::error::Result;
use crate::ops::run::key;
use crate::session::environment;
use crate::ui::Outcome;

/// Make a P-256 key that signs receipts
///
/// The private half is a PEM file that only you can read, with --encrypt under a password; the public half, FILE.pub, is for
/// those who verify. OpenSSL, OpenSSF model signing and others read both.
///
/// Example: dgov run key ~/keys/training --encrypt
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File for the private half
    file: Utf8PathBuf,
    /// Encrypt the private half; the password is asked for, or is in the file that DGOV_PASSWORD_FILE names
    #[arg(long)]
    encrypt: bool,
    /// File whose first line is the password
    #[arg(long, value_name = "FILE", requires = "encrypt")]
    password_file: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, _context: &Context) -> Result<Outcome> {
    let passwords = Password::of(args.password_file.as_deref(), &environment);
    let passwords: &dyn PasswordSource = &passwords;
    Outcome::of(&key::make(&args.file, args.encrypt.then_some(passwords))?)
}
