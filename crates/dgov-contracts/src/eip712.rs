//! EIP-712: the domain and every struct that somebody signs (`spec.md`, "EIP-712"). Those that are also calldata live
//! with their contract: [`Version`], [`IssuePass`] and [`ClaimTo`] in [`crate::suite`], [`UsageReport`] in
//! [`crate::usage`], [`Attestation`] in [`crate::stake`].

use alloy::{
    primitives::{Address, B256, Bytes, Signature, SignatureError},
    sol,
    sol_types::{Eip712Domain, SolStruct},
};

pub use crate::stake::Attestation;
pub use crate::suite::{ClaimTo, IssuePass, Version};
pub use crate::usage::{UsageLine, UsageReport};

sol! {
    /// Registration of a dataset on behalf of its publisher.
    #[derive(Debug, PartialEq, Eq)]
    struct Register {
        /// First owner of the dataset's token; part of the dataset's id.
        address publisher;
        /// keccak256 of the slug.
        bytes32 salt;
        /// Version 1.
        Version version;
        /// 192 bits of key, 64 bits of sequence.
        uint256 nonce;
        /// Unix seconds.
        uint256 deadline;
    }

    /// A further version on behalf of the dataset's owner.
    #[derive(Debug, PartialEq, Eq)]
    struct AddVersion {
        /// Key of the version it follows.
        bytes32 previous;
        /// The new version.
        Version version;
        /// 192 bits of key, 64 bits of sequence.
        uint256 nonce;
        /// Unix seconds.
        uint256 deadline;
    }

    /// A contributor's consent to the use of what they contributed.
    #[derive(Debug, PartialEq, Eq)]
    struct Consent {
        /// Who consents.
        address contributor;
        /// Who is paid.
        address payee;
        /// The dataset.
        bytes32 datasetId;
        /// sha256 of the license text.
        bytes32 licenseDigest;
        /// Purposes, bit i as numbered in the specification.
        uint256 purposes;
        /// Unix seconds.
        uint64 expiry;
        /// 192 bits of key, 64 bits of sequence.
        uint256 nonce;
        /// Unix seconds.
        uint256 deadline;
    }

    /// Withdrawal of a consent.
    #[derive(Debug, PartialEq, Eq)]
    struct RevokeConsent {
        /// Who withdraws.
        address contributor;
        /// The full EIP-712 digest of the consent, domain included.
        bytes32 consentDigest;
        /// 192 bits of key, 64 bits of sequence.
        uint256 nonce;
        /// Unix seconds.
        uint256 deadline;
    }
}

/// The EIP-712 domain of one contract: name "dgov", version "1".
pub fn domain(chain_id: u64, verifying_contract: Address) -> Eip712Domain {
    alloy::sol_types::eip712_domain! {
        name: "dgov",
        version: "1",
        chain_id: chain_id,
        verifying_contract: verifying_contract,
    }
}

/// keccak256(0x1901 || domain separator || hashStruct): what is signed.
pub fn digest<T: SolStruct>(message: &T, domain: &Eip712Domain) -> B256 {
    message.eip712_signing_hash(domain)
}

/// Why a signature is not the signer's.
#[derive(Debug, thiserror::Error)]
pub enum SignatureCheckError {
    /// Not 65 bytes `r || s || v`, or no curve point.
    #[error("the signature is malformed")]
    Malformed(#[source] SignatureError),
    /// `s` is in the upper half of the curve order; contracts refuse such a signature.
    #[error("the signature has a high s value, which contracts refuse")]
    HighS,
    /// It belongs to another account or another message.
    #[error("the signature was made by {actual} over this message, not by {expected}")]
    WrongSigner {
        /// Who should have signed.
        expected: Address,
        /// Whom the signature leads to.
        actual: Address,
    },
}

/// Checks an account's `r || s || v` signature, as strictly as the contracts do. Contract wallets (ERC-1271) can only be
/// asked on chain.
///
/// # Errors
/// [`SignatureCheckError`] says what is wrong.
pub fn verify<T: SolStruct>(
    message: &T,
    domain: &Eip712Domain,
    signer: Address,
    signature: &Bytes,
) -> Result<(), SignatureCheckError> {
    // OpenZeppelin's ECDSA takes only v = 27 or 28; alloy's parser would also take 0, 1 and EIP-155 values.
    let v_is_27_or_28 = signature.len() == 65 && matches!(signature[64], 27 | 28);
    if !v_is_27_or_28 {
        return Err(SignatureCheckError::Malformed(SignatureError::InvalidParity(
            signature.last().copied().map_or(0, u64::from),
        )));
    }
    let parsed = Signature::from_raw(signature).map_err(SignatureCheckError::Malformed)?;
    if parsed.normalize_s().is_some() {
        return Err(SignatureCheckError::HighS);
    }
    let actual =
        parsed.recover_address_from_prehash(&digest(message, domain)).map_err(SignatureCheckError::Malformed)?;
    if actual == signer { Ok(()) } else { Err(SignatureCheckError::WrongSigner { expected: signer, actual }) }
}
