//! Evidence: a file, its digest, and where it is stored.

use alloy::primitives::B256;
use camino::Utf8Path;
use dgov_data::unixfs::{Options, Package};

use crate::error::{Error, Result};
use crate::ops::data::{package, store};
use crate::ops::documents;
use crate::session::Session;

/// Evidence that is ready to be stored and named on chain.
pub(super) struct Document {
    /// sha256 of the file.
    pub digest: B256,
    /// ipfs://CID.
    pub uri: String,
    package: Package,
}

impl Document {
    /// Reads a file; nothing is stored yet.
    ///
    /// # Errors
    /// `evidence.missing`, `evidence.not_a_file`, `evidence.empty`.
    pub fn read(session: &Session<'_>, path: &Utf8Path) -> Result<Self> {
        let hint = "evidence is one file: a report, a notebook, an archive of what was found";
        let about = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Error::input("evidence.missing", format!("there is no file {path}")).hint(hint)
            }
            _ => Error::from(error),
        })?;
        if !about.is_file() {
            return Err(Error::input("evidence.not_a_file", format!("{path} is not a file")).hint(hint));
        }
        let bytes = fs_err::read(path)?;
        if bytes.is_empty() {
            return Err(Error::input("evidence.empty", format!("{path} is empty")).hint(hint));
        }
        // A file that was named is meant, also when its name begins with a dot.
        let options = Options { hidden: true, ..Options::default() };
        let package = package::package(&session.context.ui, path, &options)?;
        Ok(Self { digest: documents::digest(&bytes), uri: format!("ipfs://{}", package.cid()), package })
    }

    /// Puts it into the project's stores, before the chain names it.
    pub async fn store(&self, session: &Session<'_>) -> Result<()> {
        store::store(session, &[("evidence", &self.package)]).await.map(|_| ())
    }
}
