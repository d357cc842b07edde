//! Verifiable Credentials 2.0 with a Data Integrity proof of the suite `ecdsa-jcs-2019` (W3C "Data Integrity ECDSA
//! Cryptosuites v1.0", 3.3): P-256, canonical JSON, SHA-256.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{SigningKey, VerifyingKey};
use crate::error::Result;

/// The second one lends meaning to names that no vocabulary defines. Both are addresses: a verifier in use compares contexts
/// by identity, and refuses one that is written out.
const CONTEXTS: [&str; 2] =
    ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"];

/// A credential about a subject, signed at that time (RFC 3339). The issuer is the key itself, as a `did:key`.
///
/// # Errors
/// None in practice.
pub fn issue(key: &SigningKey, subject: Value, time: &str) -> Result<Value> {
    let multikey = key.public()?.multikey();
    let issuer = format!("did:key:{multikey}");
    let credential = json!({
        "@context": CONTEXTS,
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": time,
        "credentialSubject": subject,
    });
    let mut proof = json!({
        "@context": credential["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-jcs-2019",
        "created": time,
        "verificationMethod": format!("{issuer}#{multikey}"),
        "proofPurpose": "assertionMethod",
    });
    let signature = key.sign_fixed(&hash_data(&credential, &proof)?)?;
    proof["proofValue"] = multibase::encode(multibase::Base::Base58Btc, signature).into();
    let mut secured = credential;
    secured["proof"] = proof;
    Ok(secured)
}

/// Whether the key signed the credential.
///
/// # Errors
/// Integrity: `receipt.signature`, `receipt.other_key`; input: `receipt.malformed`.
pub fn verify(key: &VerifyingKey, secured: &Value) -> Result<()> {
    let malformed = || super::malformed("it is no credential with a proof of ecdsa-jcs-2019".to_owned());
    let mut credential: Map<String, Value> = secured.as_object().ok_or_else(malformed)?.clone();
    let mut proof = credential.remove("proof").ok_or_else(malformed)?;
    let fields = proof.as_object_mut().ok_or_else(malformed)?;
    let value = fields.remove("proofValue").ok_or_else(malformed)?;
    let (base, signature) = multibase::decode(value.as_str().ok_or_else(malformed)?).map_err(|_| malformed())?;
    if base != multibase::Base::Base58Btc || fields.get("cryptosuite") != Some(&"ecdsa-jcs-2019".into()) {
        return Err(malformed());
    }
    let multikey = key.multikey();
    let issuer = format!("did:key:{multikey}");
    let method = format!("{issuer}#{multikey}");
    if credential.get("issuer") != Some(&issuer.into()) || proof["verificationMethod"] != method.as_str() {
        return Err(super::other_key("the credential names another key".to_owned()));
    }
    if proof["proofPurpose"] != "assertionMethod"
        || proof["@context"] != credential["@context"]
        || !key.verifies_fixed(&hash_data(&Value::Object(credential), &proof)?, &signature)
    {
        return Err(super::forged("the signature is not that of this credential"));
    }
    Ok(())
}

/// sha256 of the proof's options, then of the credential, each in canonical JSON.
fn hash_data(credential: &Value, proof: &Value) -> Result<Vec<u8>> {
    let digest = |value: &Value| -> Result<[u8; 32]> { Ok(Sha256::digest(super::canonical(value)?).into()) };
    Ok([digest(proof)?, digest(credential)?].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_field_is_refused() {
        let key = SigningKey::generate().unwrap();
        let public = key.public().unwrap();
        let subject = json!({ "id": "urn:dgov:run:1", "datasets": ["a", "b"], "decision": "yes" });
        let secured = issue(&key, subject, "2026-01-02T03:04:05Z").unwrap();
        verify(&public, &secured).unwrap();
        for pointer in [
            "/@context/0",
            "/type/0",
            "/issuer",
            "/validFrom",
            "/credentialSubject/id",
            "/credentialSubject/datasets/1",
            "/credentialSubject/decision",
            "/proof/@context/0",
            "/proof/type",
            "/proof/cryptosuite",
            "/proof/created",
            "/proof/verificationMethod",
            "/proof/proofPurpose",
            "/proof/proofValue",
        ] {
            let mut changed = secured.clone();
            let field = changed.pointer_mut(pointer).unwrap();
            *field = format!("{}x", field.as_str().unwrap()).into();
            assert!(verify(&public, &changed).is_err(), "{pointer}");
        }
        let mut more = secured.clone();
        more["extra"] = 1.into();
        assert_eq!(verify(&public, &more).unwrap_err().code(), "receipt.signature");
        let other = SigningKey::generate().unwrap().public().unwrap();
        assert_eq!(verify(&other, &secured).unwrap_err().code(), "receipt.other_key");
    }
}
