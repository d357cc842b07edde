//! Signed in-toto statements: DSSE envelopes (secure-systems-lab/dsse 1.0) in sigstore bundles of version 0.3.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{SigningKey, VerifyingKey, forged, malformed, other_key};
use crate::error::Result;

/// What an in-toto statement is in an envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A bundle: an envelope, and a hint which key signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    public_key: KeyHint,
    #[serde(default)]
    tlog_entries: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KeyHint {
    hint: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Signature {
    sig: String,
    #[serde(default)]
    keyid: String,
}

/// What is signed of a payload: the pre-authentication encoding.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}

impl Bundle {
    /// Signs a statement.
    ///
    /// # Errors
    /// None in practice.
    pub fn sign(key: &SigningKey, statement: &impl Serialize) -> Result<Self> {
        let payload = super::canonical(statement)?;
        let sig = STANDARD.encode(key.sign_der(&pae(PAYLOAD_TYPE, &payload))?);
        Ok(Self {
            media_type: MEDIA_TYPE.to_owned(),
            verification_material: Material {
                public_key: KeyHint { hint: key.public()?.hint() },
                tlog_entries: Vec::new(),
            },
            dsse_envelope: Envelope {
                payload: STANDARD.encode(payload),
                payload_type: PAYLOAD_TYPE.to_owned(),
                signatures: vec![Signature { sig, keyid: String::new() }],
            },
        })
    }

    /// The payload, which `key` must have signed.
    ///
    /// # Errors
    /// Integrity: `receipt.other_key`, `receipt.signature`; input: `receipt.malformed`.
    pub fn verify(&self, key: &VerifyingKey) -> Result<Vec<u8>> {
        let hint = &self.verification_material.public_key.hint;
        if *hint != key.hint() {
            return Err(other_key(format!("it names another key: sha256 {hint}")));
        }
        let payload = self.payload()?;
        let [signature] = &self.dsse_envelope.signatures[..] else {
            return Err(forged("it does not have exactly one signature"));
        };
        let signature =
            STANDARD.decode(&signature.sig).map_err(|_| malformed("the signature is no base64".to_owned()))?;
        // The type is part of what was signed.
        if !key.verifies_der(&pae(&self.dsse_envelope.payload_type, &payload), &signature) {
            return Err(forged("the signature is not that of this content"));
        }
        Ok(payload)
    }

    /// The payload, whoever signed it.
    ///
    /// # Errors
    /// Input: `receipt.malformed`.
    pub fn payload(&self) -> Result<Vec<u8>> {
        if self.dsse_envelope.payload_type != PAYLOAD_TYPE || self.media_type != MEDIA_TYPE {
            return Err(malformed("it holds no in-toto statement".to_owned()));
        }
        STANDARD.decode(&self.dsse_envelope.payload).map_err(|_| malformed("the payload is no base64".to_owned()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The example of the DSSE specification, `protocol.md`.
    #[test]
    fn encoding_is_that_of_the_specification() {
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn every_changed_bit_of_payload_and_signature_is_refused() {
        let key = SigningKey::generate().unwrap();
        let public = key.public().unwrap();
        let bundle = Bundle::sign(&key, &json!({ "b": 1, "a": "x" })).unwrap();
        assert_eq!(bundle.verify(&public).unwrap(), br#"{"a":"x","b":1}"#);
        let flip = |text: &str, bit: usize| {
            let mut bytes = STANDARD.decode(text).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            STANDARD.encode(bytes)
        };
        for bit in 0..8 * 15 {
            let mut changed = bundle.clone();
            changed.dsse_envelope.payload = flip(&bundle.dsse_envelope.payload, bit);
            assert_eq!(changed.verify(&public).unwrap_err().code(), "receipt.signature");
        }
        let signature = &bundle.dsse_envelope.signatures[0].sig;
        for bit in 0..8 * STANDARD.decode(signature).unwrap().len() {
            let mut changed = bundle.clone();
            changed.dsse_envelope.signatures[0].sig = flip(signature, bit);
            assert_eq!(changed.verify(&public).unwrap_err().code(), "receipt.signature");
        }
        let other = SigningKey::generate().unwrap();
        assert_eq!(bundle.verify(&other.public().unwrap()).unwrap_err().code(), "receipt.other_key");
        let mut forged = Bundle::sign(&other, &json!({ "a": "x" })).unwrap();
        forged.verification_material = bundle.verification_material.clone();
        assert_eq!(forged.verify(&public).unwrap_err().code(), "receipt.signature");
        let mut twice = bundle;
        twice.dsse_envelope.signatures.push(twice.dsse_envelope.signatures[0].clone());
        assert_eq!(twice.verify(&public).unwrap_err().code(), "receipt.signature");
    }

    #[test]
    fn keys_survive_their_files() {
        let dir = tempfile::tempdir().unwrap();
        let path = camino::Utf8Path::from_path(dir.path()).unwrap();
        let key = SigningKey::generate().unwrap();
        std::fs::write(path.join("key"), key.to_pem()).unwrap();
        std::fs::write(path.join("key.pub"), key.public().unwrap().to_pem()).unwrap();
        let public = VerifyingKey::load(&path.join("key.pub")).unwrap();
        assert_eq!(
            public,
            SigningKey::load(&path.join("key"), &|| Err(malformed("nobody is to be asked".to_owned())))
                .unwrap()
                .public()
                .unwrap()
        );
        assert!(public.multikey().starts_with("zDn"), "{}", public.multikey());
        assert_eq!(VerifyingKey::load(&path.join("key")).unwrap_err().code(), "key.malformed");
        assert!(
            SigningKey::load(&path.join("key.pub"), &|| Err(malformed("nobody is to be asked".to_owned())))
                .is_err_and(|error| error.code() == "key.malformed")
        );
    }
}
