//! The identifiers and EIP-712 structs against known answers made by an independent implementation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::{Eip712Domain, SolStruct},
};
use dgov_contracts::{eip712::*, ids, suite::Split};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/eip712.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
fn hash(value: &Value) -> B256 {
    text(value).parse().unwrap()
}
fn account(value: &Value) -> Address {
    text(value).parse().unwrap()
}
fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    // Small fields are JSON numbers here and there, all others decimal strings.
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().unwrap()
}

fn version(v: &Value) -> Version {
    Version {
        datasetId: hash(&v["datasetId"]),
        number: number(&v["number"]),
        packageDigest: hash(&v["packageDigest"]),
        recordRoot: hash(&v["recordRoot"]),
        records: number(&v["records"]),
        contributorRoot: hash(&v["contributorRoot"]),
        splitsDigest: hash(&v["splitsDigest"]),
        cardDigest: hash(&v["cardDigest"]),
        licenseDigest: hash(&v["licenseDigest"]),
        parentsHash: hash(&v["parentsHash"]),
    }
}

fn usage_line(v: &Value) -> UsageLine {
    UsageLine { versionKey: hash(&v["versionKey"]), weight: number(&v["weight"]) }
}

fn vector_domain(all: &Value) -> Eip712Domain {
    domain(number(&all["domain"]["chainId"]), account(&all["domain"]["verifyingContract"]))
}

/// Type, hash, digest and signature of one struct; then the same with other domains and damaged signatures.
fn check<T: SolStruct>(entry: &Value, message: &T, domain: &Eip712Domain) {
    let name = text(&entry["name"]);
    assert_eq!(T::eip712_encode_type(), text(&entry["encodeType"]), "{name}");
    assert_eq!(message.eip712_type_hash(), hash(&entry["typehash"]), "{name}");
    assert_eq!(message.eip712_hash_struct(), hash(&entry["structHash"]), "{name}");
    assert_eq!(digest(message, domain), hash(&entry["digest"]), "{name}");
    let Some(signature) = entry["signature"].as_str() else { return };
    let signature: Bytes = signature.parse().unwrap();
    let signer = account(&entry["signer"]);
    verify(message, domain, signer, &signature).unwrap();

    assert!(verify(message, domain, Address::repeat_byte(7), &signature).is_err(), "{name}: another signer");
    let elsewhere = dgov_contracts::eip712::domain(1, domain.verifying_contract.unwrap());
    assert!(verify(message, &elsewhere, signer, &signature).is_err(), "{name}: another chain");
    let other_contract = dgov_contracts::eip712::domain(31337, Address::repeat_byte(9));
    assert!(verify(message, &other_contract, signer, &signature).is_err(), "{name}: another contract");
    for bit in 0..65 * 8 {
        let mut damaged = signature.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(message, domain, signer, &damaged.into()).is_err(), "{name}: bit {bit}");
    }
    for length in [0, 64, 66] {
        let mut resized = signature.to_vec();
        resized.resize(length, 0);
        assert!(verify(message, domain, signer, &resized.into()).is_err(), "{name}: {length} bytes");
    }
}

/// The twin (r, n - s, other v) recovers to the same account; contracts refuse it, so must we.
#[test]
fn malleable_twin_of_a_signature_is_refused() {
    let all = vectors();
    let entry = all["structs"].as_array().unwrap().iter().find(|e| e["name"] == "RevokeConsent").unwrap();
    let m = &entry["message"];
    let message = revoke_consent(m);
    let signature: Bytes = text(&entry["signature"]).parse().unwrap();
    let order: U256 = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141".parse().unwrap();
    let s = U256::from_be_slice(&signature[32..64]);
    let mut twin = signature.to_vec();
    twin[32..64].copy_from_slice(&(order - s).to_be_bytes::<32>());
    twin[64] = 27 + 28 - twin[64];
    let error = verify(&message, &vector_domain(&all), account(&entry["signer"]), &twin.into()).unwrap_err();
    assert!(matches!(error, SignatureCheckError::HighS), "{error}");
}

fn revoke_consent(m: &Value) -> RevokeConsent {
    RevokeConsent {
        contributor: account(&m["contributor"]),
        consentDigest: hash(&m["consentDigest"]),
        nonce: number(&m["nonce"]),
        deadline: number(&m["deadline"]),
    }
}

#[test]
fn structs() {
    let all = vectors();
    let domain = vector_domain(&all);
    assert_eq!(domain.separator(), hash(&all["domain"]["separator"]));
    assert_eq!(domain.type_hash(), hash(&all["domain"]["typehash"]));
    let entries = all["structs"].as_array().unwrap();
    for entry in entries {
        let m = &entry["message"];
        let (nonce, deadline) = || -> Option<(U256, U256)> {
            Some((m["nonce"].as_str()?.parse().ok()?, m["deadline"].as_str()?.parse().ok()?))
        }()
        .unwrap_or_default();
        match text(&entry["name"]) {
            "Version" => check(entry, &version(m), &domain),
            "Register" => {
                let (publisher, salt) = (account(&m["publisher"]), hash(&m["salt"]));
                check(entry, &Register { publisher, salt, version: version(&m["version"]), nonce, deadline }, &domain);
            }
            "AddVersion" => {
                let previous = hash(&m["previous"]);
                check(entry, &AddVersion { previous, version: version(&m["version"]), nonce, deadline }, &domain);
            }
            "Consent" => {
                let consent = Consent {
                    contributor: account(&m["contributor"]),
                    payee: account(&m["payee"]),
                    datasetId: hash(&m["datasetId"]),
                    licenseDigest: hash(&m["licenseDigest"]),
                    purposes: number(&m["purposes"]),
                    expiry: number(&m["expiry"]),
                    nonce,
                    deadline,
                };
                check(entry, &consent, &domain);
                assert_eq!(digest(&consent, &domain), hash(&all["ids"]["consentDigest"]));
            }
            "RevokeConsent" => check(entry, &revoke_consent(m), &domain),
            "IssuePass" => {
                let request = IssuePass {
                    issuer: account(&m["issuer"]),
                    holder: account(&m["holder"]),
                    versionKey: hash(&m["versionKey"]),
                    termsId: hash(&m["termsId"]),
                    expiry: number(&m["expiry"]),
                    burnAuth: number(&m["burnAuth"]),
                    nonce,
                    deadline,
                };
                check(entry, &request, &domain);
            }
            "ClaimTo" => {
                let claim = ClaimTo {
                    account: account(&m["account"]),
                    to: account(&m["to"]),
                    currency: account(&m["currency"]),
                    poolsHash: hash(&m["poolsHash"]),
                    nonce,
                    deadline,
                };
                check(entry, &claim, &domain);
            }
            "UsageLine" => check(entry, &usage_line(m), &domain),
            "UsageReport" => {
                let report = UsageReport {
                    jobId: hash(&m["jobId"]),
                    signerSetId: hash(&m["signerSetId"]),
                    lines: m["lines"].as_array().unwrap().iter().map(usage_line).collect(),
                    receiptDigest: hash(&m["receiptDigest"]),
                    nonce,
                    deadline,
                };
                check(entry, &report, &domain);
            }
            "Attestation" => {
                let attestation = Attestation {
                    validator: account(&m["validator"]),
                    versionKey: hash(&m["versionKey"]),
                    score: number(&m["score"]),
                    evidence: hash(&m["evidence"]),
                    nonce,
                    deadline,
                };
                check(entry, &attestation, &domain);
            }
            other => panic!("no test for {other}"),
        }
    }
    assert_eq!(entries.len(), 10);
}

#[test]
fn identifiers() {
    let all = vectors();
    let ids = &all["ids"];
    let (chain_id, registry, vault) = (number(&ids["chainId"]), account(&ids["registry"]), account(&ids["vault"]));
    let salt = ids::dataset_salt(text(&ids["slug"])).unwrap();
    assert_eq!(salt, hash(&ids["salt"]));
    let dataset = ids::dataset_id(chain_id, registry, account(&ids["publisher"]), salt);
    assert_eq!(dataset, hash(&ids["datasetId"]));
    assert_eq!(ids::token_id(dataset), number::<U256>(&ids["tokenId"]));

    for entry in ids["versionKeys"].as_array().unwrap() {
        assert_eq!(ids::version_key(&version(&entry["version"])), hash(&entry["versionKey"]));
    }
    for entry in ids["parentsHash"].as_array().unwrap() {
        let parents: Vec<B256> = entry["parents"].as_array().unwrap().iter().map(hash).collect();
        assert_eq!(ids::parents_hash(&parents).unwrap(), hash(&entry["parentsHash"]));
        if parents.len() > 1 {
            let reversed: Vec<B256> = parents.iter().rev().copied().collect();
            assert!(matches!(ids::parents_hash(&reversed), Err(ids::IdError::NotAscending { index: 1, .. })));
        }
    }
    for entry in ids["splitsDigest"].as_array().unwrap() {
        let splits: Vec<Split> = entry["splits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|split| Split { to: account(&split["to"]), bps: number(&split["bps"]) })
            .collect();
        let contributors: u16 = number(&entry["contributorsBps"]);
        assert_eq!(ids::splits_digest(contributors, &splits).unwrap(), hash(&entry["splitsDigest"]));
        assert_eq!(
            ids::splits_digest(contributors - 1, &splits),
            Err(ids::IdError::ShareSum(9_999)),
            "a sum other than 10,000"
        );
    }
    let pool = &ids["poolId"];
    let id = ids::pool_id(
        chain_id,
        vault,
        hash(&pool["datasetId"]),
        hash(&pool["contributorRoot"]),
        hash(&pool["splitsDigest"]),
    );
    assert_eq!(id, hash(&pool["poolId"]));
    let pools: Vec<B256> = ids["poolsHash"]["pools"].as_array().unwrap().iter().map(hash).collect();
    assert_eq!(ids::pools_hash(&pools).unwrap(), hash(&ids["poolsHash"]["poolsHash"]));
    assert!(ids::pools_hash(&[pools[0], pools[0]]).is_err(), "twice the same pool");
}

#[test]
fn slugs() {
    let all = vectors();
    for entry in all["ids"]["slugs"].as_array().unwrap() {
        assert_eq!(ids::dataset_salt(text(&entry["slug"])).unwrap(), hash(&entry["salt"]));
    }
    for refused in all["ids"]["slugsRefused"].as_array().unwrap() {
        assert_eq!(ids::check_slug(text(refused)), Err(ids::IdError::Slug(text(refused).to_owned())));
    }
}

#[test]
fn package_digests() {
    let digest = B256::repeat_byte(0xab);
    for codec in [ids::Codec::DagPb, ids::Codec::Raw] {
        let cid = ids::package_cid(codec, digest);
        assert_eq!(ids::package_digest(&cid), Ok((codec, digest)));
        assert!(ids::package_digest(&cid[..35]).is_err());
        for byte in 0..4 {
            let mut other = cid;
            other[byte] ^= 0x80;
            assert!(ids::package_digest(&other).is_err(), "byte {byte}");
        }
    }
    assert!(ids::package_digest(&[]).is_err());
}

#[test]
fn parents_are_at_most_sixteen() {
    let parents: Vec<B256> = (1..=17).map(B256::with_last_byte).collect();
    assert!(ids::parents_hash(&parents[..16]).is_ok());
    assert_eq!(ids::parents_hash(&parents), Err(ids::IdError::TooManyParents(17)));
}
