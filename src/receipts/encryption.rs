//! Private keys under a password: PKCS #8 `EncryptedPrivateKeyInfo` (RFC 5958) with PBES2 (RFC 8018), as OpenSSL writes and
//! reads it.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use camino::Utf8Path;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::pkcs5::{self, EncryptionScheme, scrypt};
use pkcs8::{EncryptedPrivateKeyInfo, PrivateKeyInfo};

use super::key::malformed;
use crate::error::{Error, Result};

/// Tag of the PEM file.
pub(super) const TAG: &str = "ENCRYPTED PRIVATE KEY";

/// scrypt with N = 2^14, r = 8, p = 5: 16 MiB, below the 32 MiB that OpenSSL allows, and five times over (RFC 7914; the
/// parameters are one of OWASP's equivalent choices).
const LOG_N: u8 = 14;
const R: u32 = 8;
const P: u32 = 5;

/// What a file of somebody may cost to open: bytes of memory, and rounds.
const MOST_MEMORY: u64 = 256 << 20;
const MOST_ROUNDS: u64 = 10_000_000;

/// A PKCS #8 document under a password: AES-256-CBC, scrypt.
///
/// # Errors
/// None but a bug of the libraries, or a system without randomness.
pub(super) fn encrypt(document: &[u8], password: &str) -> Result<Vec<u8>> {
    let bug = |what: &str| Error::bug(format!("a key could not be encrypted: {what}"));
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    let random = SystemRandom::new();
    random.fill(&mut salt).and_then(|()| random.fill(&mut iv)).map_err(|_| bug("no randomness"))?;
    let cost = scrypt::Params::new(LOG_N, R, P, 32).map_err(|error| bug(&error.to_string()))?;
    let scheme = Parameters::scrypt_aes256cbc(cost, &salt, &iv).map_err(|error| bug(&error.to_string()))?;
    let key = PrivateKeyInfo::try_from(document).map_err(|error| bug(&error.to_string()))?;
    let encrypted = key.encrypt_with_params(scheme, password).map_err(|error| bug(&error.to_string()))?;
    Ok(encrypted.as_bytes().to_vec())
}

/// The PKCS #8 document in an encrypted one; the password is asked for only when its scheme is known and affordable.
///
/// # Errors
/// `key.malformed`, `key.unsupported`; `key.wrong_password` (exit 8); those of asking.
pub(super) fn decrypt(path: &Utf8Path, encrypted: &[u8], password: &dyn Fn() -> Result<String>) -> Result<Vec<u8>> {
    let encrypted = EncryptedPrivateKeyInfo::try_from(encrypted).map_err(|error| malformed(path).caused_by(&error))?;
    let EncryptionScheme::Pbes2(scheme) = &encrypted.encryption_algorithm else {
        return Err(unsupported(path, "with PBES1"));
    };
    let affordable = match &scheme.kdf {
        Kdf::Pbkdf2(pbkdf2) => u64::from(pbkdf2.iteration_count) <= MOST_ROUNDS,
        Kdf::Scrypt(scrypt) => {
            let [n, r, p] = [scrypt.cost_parameter, scrypt.block_size.into(), scrypt.parallelization.into()];
            let memory = n.checked_add(p).and_then(|blocks| blocks.checked_mul(r)?.checked_mul(128));
            let rounds = n.checked_mul(r).and_then(|rounds| rounds.checked_mul(p));
            memory.is_some_and(|memory| memory <= MOST_MEMORY) && rounds.is_some_and(|rounds| rounds <= MOST_ROUNDS)
        }
        _ => return Err(unsupported(path, "with another way from password to key than PBKDF2 and scrypt")),
    };
    if !affordable {
        return Err(unsupported(path, "so that opening it takes more memory or time than any key needs"));
    }
    let wrong = || {
        Error::unauthorized("key.wrong_password", format!("wrong password for {path}"))
            .hint("type it again, or check the first line of the file that holds it")
    };
    match encrypted.decrypt(password()?) {
        // A wrong password gives noise, which now and then ends like a padded text.
        Ok(document) if PrivateKeyInfo::try_from(document.as_bytes()).is_ok() => Ok(document.as_bytes().to_vec()),
        Err(pkcs8::Error::EncryptedPrivateKey(
            pkcs5::Error::UnsupportedAlgorithm { .. } | pkcs5::Error::AlgorithmParametersInvalid { .. },
        )) => Err(unsupported(path, "with another cipher or hash than AES-CBC and SHA-2")),
        Ok(_) | Err(_) => Err(wrong()),
    }
}

fn unsupported(path: &Utf8Path, how: &str) -> Error {
    Error::input("key.unsupported", format!("{path} is encrypted {how}"))
        .hint("`openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW` encrypts it anew")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use camino::Utf8PathBuf;
    use pkcs8::pkcs5::pbes2::ScryptParams;

    use super::super::SigningKey;
    use super::*;
    use crate::error::ErrorKind;

    fn path_of(dir: &tempfile::TempDir, name: &str) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(dir.path().join(name)).unwrap()
    }

    #[test]
    fn an_encrypted_key_opens_with_its_password_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_of(&dir, "key");
        let key = SigningKey::generate().unwrap();
        let text = key.to_encrypted_pem("pass wörd").unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert_ne!(text, key.to_encrypted_pem("pass wörd").unwrap(), "salt and IV are new each time");
        std::fs::write(&path, &text).unwrap();
        let load = |password: &str| SigningKey::load(&path, &|| Ok(password.to_owned()));
        assert_eq!(load("pass wörd").unwrap().to_pem(), key.to_pem());
        for wrong in ["", "pass word", "pass wörd "] {
            let error = load(wrong).err().unwrap();
            assert_eq!((error.code(), error.kind()), ("key.wrong_password", ErrorKind::Unauthorized));
        }
        let plain = path_of(&dir, "plain");
        std::fs::write(&plain, key.to_pem()).unwrap();
        assert!(SigningKey::load(&plain, &|| Err(Error::bug("nothing to ask"))).is_ok());
    }

    /// One round of PBKDF2, so that a test can open many.
    fn cheap(key: &SigningKey) -> Vec<u8> {
        let plain = pem::parse(key.to_pem()).unwrap().into_contents();
        let scheme = Parameters::pbkdf2_sha256_aes256cbc(1, &[1; 16], &[2; 16]).unwrap();
        let key = PrivateKeyInfo::try_from(plain.as_slice()).unwrap();
        key.encrypt_with_params(scheme, "x").unwrap().as_bytes().to_vec()
    }

    /// AES-CBC authenticates nothing, but the key does: its halves belong together.
    #[test]
    fn a_changed_file_gives_no_other_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_of(&dir, "key");
        let key = SigningKey::generate().unwrap();
        let encrypted = cheap(&key);
        let mut refused = 0;
        for bit in 0..encrypted.len() * 8 {
            let mut changed = encrypted.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, pem::encode(&pem::Pem::new(TAG, changed))).unwrap();
            match SigningKey::load(&path, &|| Ok("x".to_owned())) {
                Ok(opened) => assert_eq!(opened.public().unwrap(), key.public().unwrap(), "bit {bit}"),
                Err(error) => {
                    assert!(error.code().starts_with("key."), "bit {bit}: {error}");
                    refused += 1;
                }
            }
        }
        assert!(refused > encrypted.len() * 8 * 95 / 100, "{refused} of {}", encrypted.len() * 8);
    }

    #[test]
    fn a_key_that_costs_gigabytes_is_refused_before_the_password() {
        let path = Utf8Path::new("key");
        let cheap = cheap(&SigningKey::generate().unwrap());
        assert!(decrypt(path, &cheap, &|| Ok("x".to_owned())).is_ok());
        let data = EncryptedPrivateKeyInfo::try_from(cheap.as_slice()).unwrap().encrypted_data;
        let (salt, iv) = ([1; 16], [2; 16]);
        let asked = Cell::new(false);
        let refused = |scheme: Parameters<'_>| {
            let info = EncryptedPrivateKeyInfo { encryption_algorithm: scheme.into(), encrypted_data: data };
            let encoded: pkcs8::SecretDocument = info.try_into().unwrap();
            let ask = || {
                asked.set(true);
                Ok("x".to_owned())
            };
            decrypt(path, encoded.as_bytes(), &ask).is_err_and(|error| error.code() == "key.unsupported")
        };
        for (log_n, block_size, parallelization) in [(40, 8, 1), (18, 16, 1), (14, 8, 1000), (10, 60_000, 60_000)] {
            let cost_parameter = 1 << log_n;
            let scrypt = ScryptParams { salt: &salt, cost_parameter, block_size, parallelization, key_length: None };
            let encryption = pkcs5::pbes2::EncryptionScheme::Aes256Cbc { iv: &iv };
            assert!(refused(Parameters { kdf: Kdf::Scrypt(scrypt), encryption }), "{log_n}");
        }
        assert!(refused(Parameters::pbkdf2_sha256_aes256cbc(50_000_000, &salt, &iv).unwrap()));
        assert!(!asked.get());
    }
}
