//! The file that carries a signed grant from a dataset's owner to the holder.

use alloy::primitives::{Address, B256, Bytes, U256};
use camino::Utf8Path;
use dgov_contracts::suite::IssuePass;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ops::lookup::Target;
use crate::session::Session;

const KIND: &str = "dgov-grant";
const FORMAT: u32 = 1;

/// A grant with the owner's signature, and everything needed to check and to send it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantFile {
    kind: String,
    format: u32,
    chain_id: u64,
    pass: Address,
    /// Name of the dataset, for people.
    dataset: String,
    /// The dataset.
    pub dataset_id: B256,
    /// Number of the version.
    pub version: u32,
    request: Request,
    /// Signature of the issuer over the request (EIP-712).
    pub issuer_signature: Bytes,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Request {
    issuer: Address,
    holder: Address,
    version_key: B256,
    terms_id: B256,
    /// Unix seconds; 2^40 - 1 is without end.
    expiry: u64,
    burn_auth: u8,
    /// Decimal.
    nonce: String,
    /// Unix seconds.
    deadline: u64,
}

impl GrantFile {
    /// A file for this request.
    pub fn new(session: &Session<'_>, target: &Target<'_>, request: &IssuePass, signature: &Bytes) -> Result<Self> {
        Ok(Self {
            kind: KIND.to_owned(),
            format: FORMAT,
            chain_id: session.connection.chain_id,
            pass: session.suite()?.pass,
            dataset: target.name.clone(),
            dataset_id: target.id,
            version: target.number(),
            request: Request {
                issuer: request.issuer,
                holder: request.holder,
                version_key: request.versionKey,
                terms_id: request.termsId,
                expiry: request.expiry,
                burn_auth: request.burnAuth,
                nonce: request.nonce.to_string(),
                deadline: request.deadline.saturating_to(),
            },
            issuer_signature: signature.clone(),
        })
    }

    /// The request, if it is for this project.
    ///
    /// # Errors
    /// `license.grant_malformed`, `license.grant_elsewhere`.
    pub fn request(&self, session: &Session<'_>) -> Result<IssuePass> {
        if (self.chain_id, self.pass) != (session.connection.chain_id, session.suite()?.pass) {
            let message = format!("this grant is for contract {} on chain {}", self.pass, self.chain_id);
            return Err(Error::input("license.grant_elsewhere", message)
                .hint("choose its network with --network, in the project that it is for"));
        }
        let request = &self.request;
        Ok(IssuePass {
            issuer: request.issuer,
            holder: request.holder,
            versionKey: request.version_key,
            termsId: request.terms_id,
            expiry: request.expiry,
            burnAuth: request.burn_auth,
            nonce: U256::from_str_radix(&request.nonce, 10)
                .map_err(|error| malformed("the nonce is no number", &error))?,
            deadline: U256::from(request.deadline),
        })
    }
}

/// Writes a grant: all of it or nothing.
pub fn write(path: &Utf8Path, file: &GrantFile) -> Result<()> {
    let mut bytes =
        serde_json::to_vec_pretty(file).map_err(|error| Error::bug("a grant did not serialize").caused_by(&error))?;
    bytes.push(b'\n');
    write_atomically(path, &bytes)
}

/// Reads a grant.
///
/// # Errors
/// `license.grant_malformed`, `license.grant_newer`, and file errors.
pub fn read(path: &Utf8Path) -> Result<GrantFile> {
    let text = fs_err::read_to_string(path)
        .map_err(|error| Error::from(error).hint("give the file that the dataset's owner wrote with --out"))?;
    let file: GrantFile =
        serde_json::from_str(&text).map_err(|error| malformed(&format!("{path} is no grant"), &error))?;
    if file.kind != KIND {
        return Err(Error::input("license.grant_malformed", format!("{path} is a `{}`, not a grant", file.kind))
            .hint("give the file that the dataset's owner wrote with --out"));
    }
    if file.format > FORMAT {
        let message = format!("{path} has format {}, this dgov reads {FORMAT}", file.format);
        return Err(Error::input("license.grant_newer", message).hint("update dgov"));
    }
    Ok(file)
}

fn malformed(message: &str, error: &dyn std::error::Error) -> Error {
    Error::input("license.grant_malformed", message)
        .caused_by(error)
        .hint("ask the dataset's owner for the file as it was written")
}
