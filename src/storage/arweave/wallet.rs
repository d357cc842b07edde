//! The wallet that pays: an RSA key of 4,096 bits as a JSON Web Key, as Arweave's own wallets write it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::RSA_PSS_SHA256;
use camino::Utf8Path;
use serde::Deserialize;

use super::text;
use crate::env_vars::DGOV_ARWEAVE_KEYFILE;
use crate::error::{Error, Result};

/// Bytes of the modulus, and of a signature.
const KEY_LEN: usize = 512;

/// A wallet with its key.
pub struct Wallet {
    owner: Vec<u8>,
    key: KeyPair,
}

/// The members of RFC 7518 section 6.3, in base64url.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    n: String,
    e: String,
    d: String,
    p: String,
    q: String,
    dp: String,
    dq: String,
    qi: String,
}

impl Wallet {
    /// Reads a key file.
    ///
    /// # Errors
    /// File errors, `storage.wallet_malformed`.
    pub fn load(path: &Utf8Path) -> Result<Self> {
        let text = fs_err::read(path)?;
        Self::parse(&text).ok_or_else(|| {
            Error::input("storage.wallet_malformed", format!("{path} is not an Arweave wallet"))
                .hint(format!("{DGOV_ARWEAVE_KEYFILE} names a JSON Web Key with an RSA key of 4096 bits"))
        })
    }

    fn parse(json: &[u8]) -> Option<Self> {
        let jwk: Jwk = serde_json::from_slice(json).ok()?;
        let part = |part: &str| text::decode(part);
        let owner = part(&jwk.n)?;
        let components = KeyPairComponents {
            public_key: PublicKeyComponents { n: owner.clone(), e: part(&jwk.e)? },
            d: part(&jwk.d)?,
            p: part(&jwk.p)?,
            q: part(&jwk.q)?,
            dP: part(&jwk.dp)?,
            dQ: part(&jwk.dq)?,
            qInv: part(&jwk.qi)?,
        };
        let key = KeyPair::from_components(&components).ok()?;
        (jwk.kty == "RSA" && owner.len() == KEY_LEN).then_some(Self { owner, key })
    }

    /// A new one, which nothing else knows.
    #[cfg(test)]
    pub fn generate() -> Self {
        use aws_lc_rs::signature::KeyPair as _;
        let key = KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa4096).ok();
        #[allow(clippy::expect_used)]
        let key = key.expect("a key");
        // DER of an RSAPublicKey: two headers of four bytes, and a zero before the modulus.
        let owner = key.public_key().as_ref()[9..9 + KEY_LEN].to_vec();
        Self { owner, key }
    }

    /// The public key: its modulus.
    pub fn owner(&self) -> &[u8] {
        &self.owner
    }

    /// The address, as people write it.
    pub fn address(&self) -> String {
        text::encode(&dgov_data::arweave::address_of(&self.owner))
    }

    /// Signs what a transaction says.
    ///
    /// # Errors
    /// A bug: the key was checked when it was read.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; KEY_LEN];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::bug("an RSA key does not sign"))?;
        Ok(signature)
    }
}
