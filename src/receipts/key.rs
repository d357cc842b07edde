//! P-256 keys of receipts: PEM files, PKCS #8 for the private half (RFC 5958), encrypted or not, SubjectPublicKeyInfo for the
//! public one.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPublicKeyCompressedBin, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, UnparsedPublicKey, VerificationAlgorithm,
};
use camino::Utf8Path;

use super::encryption;
use crate::error::{Error, ErrorKind, Result};

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";
/// Before a P-256 public key in a multikey: 0x1200 as a varint (multicodec `p256-pub`).
const P256_PUB: [u8; 2] = [0x80, 0x24];

/// A private key.
pub struct SigningKey(Vec<u8>);

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// SubjectPublicKeyInfo, DER.
    spki: Vec<u8>,
    /// SEC 1, compressed; 33 bytes.
    compressed: Vec<u8>,
}

fn pem(tag: &str, der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(tag, der), config)
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
            .map_err(|_| Error::bug("no key could be made"))?;
        Ok(Self(document.as_ref().to_vec()))
    }

    /// From a PEM file; of an encrypted one the password is asked.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`, `key.wrong_password`; those of asking; file errors.
    pub fn load(path: &Utf8Path, password: &dyn Fn() -> Result<String>) -> Result<Self> {
        let (tag, der) = read(path)?;
        let der = match tag.as_str() {
            PRIVATE => der,
            encryption::TAG => encryption::decrypt(path, &der, password)?,
            _ => return Err(malformed(path)),
        };
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).map_err(|_| malformed(path))?;
        Ok(Self(der))
    }

    /// The PEM file's text.
    pub fn to_pem(&self) -> String {
        pem(PRIVATE, &self.0)
    }

    /// The text of a PEM file that opens with a password.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn to_encrypted_pem(&self, password: &str) -> Result<String> {
        Ok(pem(encryption::TAG, &encryption::encrypt(&self.0, password)?))
    }

    fn pair(&self, algorithm: &'static EcdsaSigningAlgorithm) -> Result<EcdsaKeyPair> {
        EcdsaKeyPair::from_pkcs8(algorithm, &self.0).map_err(|_| Error::bug("a key that was checked is refused"))
    }

    /// The public half.
    ///
    /// # Errors
    /// None in practice.
    pub fn public(&self) -> Result<VerifyingKey> {
        let pair = self.pair(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
        let lost = |_| Error::bug("a public key could not be written");
        let spki = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).map_err(lost)?;
        let compressed = AsBigEndian::<EcPublicKeyCompressedBin<'_>>::as_be_bytes(pair.public_key()).map_err(lost)?;
        Ok(VerifyingKey { spki: spki.as_ref().to_vec(), compressed: compressed.as_ref().to_vec() })
    }

    /// ECDSA over SHA-256, as DER (what DSSE envelopes hold).
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn sign_der(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign(&ECDSA_P256_SHA256_ASN1_SIGNING, message)
    }

    /// ECDSA over SHA-256, as r and s, 32 bytes each (what Data Integrity proofs hold).
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn sign_fixed(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign(&ECDSA_P256_SHA256_FIXED_SIGNING, message)
    }

    fn sign(&self, algorithm: &'static EcdsaSigningAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        let signature = self.pair(algorithm)?.sign(&SystemRandom::new(), message);
        Ok(signature.map_err(|_| Error::bug("a message could not be signed"))?.as_ref().to_vec())
    }
}

impl VerifyingKey {
    /// From a PEM file.
    ///
    /// # Errors
    /// `key.malformed`; file errors.
    pub fn load(path: &Utf8Path) -> Result<Self> {
        let (tag, spki) = read(path)?;
        if tag != PUBLIC {
            return Err(malformed(path));
        }
        // The one form of a P-256 key: a fixed head, and the uncompressed point.
        let point = spki.len().checked_sub(65).map(|start| &spki[start..]).filter(|point| point[0] == 4);
        let point = point.ok_or_else(|| malformed(path))?;
        let mut compressed = vec![2 + (point[64] & 1)];
        compressed.extend_from_slice(&point[1..33]);
        let key = Self { spki, compressed };
        aws_lc_rs::signature::ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &key.spki).map_err(|_| malformed(path))?;
        Ok(key)
    }

    /// The PEM file's text.
    pub fn to_pem(&self) -> String {
        pem(PUBLIC, &self.spki)
    }

    /// sha256 of the PEM text in hex: how a sigstore bundle names its key.
    pub fn hint(&self) -> String {
        super::sha256_hex(self.to_pem().as_bytes())
    }

    /// The key as a multikey (W3C Controlled Identifiers, "Multikey").
    pub fn multikey(&self) -> String {
        multibase::encode(multibase::Base::Base58Btc, [&P256_PUB[..], &self.compressed].concat())
    }

    /// Whether this key signed the message: DER.
    pub fn verifies_der(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifies(&ECDSA_P256_SHA256_ASN1, message, signature)
    }

    /// Whether this key signed the message: r and s.
    pub fn verifies_fixed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifies(&ECDSA_P256_SHA256_FIXED, message, signature)
    }

    fn verifies(&self, algorithm: &'static dyn VerificationAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(algorithm, &self.spki).verify(message, signature).is_ok()
    }
}

fn read(path: &Utf8Path) -> Result<(String, Vec<u8>)> {
    match pem::parse(fs_err::read(path)?) {
        Ok(found) => Ok((found.tag().to_owned(), found.into_contents())),
        Err(_) => Err(malformed(path)),
    }
}

pub(super) fn malformed(path: &Utf8Path) -> Error {
    Error::new(ErrorKind::Input, "key.malformed", format!("{path} is no P-256 key in a PEM file"))
        .hint("`dgov run key FILE` makes one: FILE is the private half, FILE.pub the public one")
}
