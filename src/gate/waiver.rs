//! Waivers: findings that somebody answers for, signed over one canonical text (EIP-191).

use alloy::primitives::{Address, Signature};
use serde::Serialize;

use super::rule::Rule;
use crate::manifest::Waiver;
use crate::manifest::values::Sunset;
use crate::ops::times;

/// First line of what is signed; the document follows.
const HEADER: &str = "dgov waiver v1\n";

/// What a waiver says, in the order in which it is signed.
#[derive(Serialize)]
struct Canonical<'a> {
    project: &'a str,
    rule: &'a str,
    dataset: &'a str,
    reason: &'a str,
    expires: &'a str,
}

/// The text that a signer signs: a header, and the waiver as JSON without spaces. It binds the project, so that a waiver
/// can't be carried into another one.
pub fn text(project: &str, rule: Rule, dataset: &str, reason: &str, expires: u64) -> String {
    let expires = times::rfc3339(expires);
    let canonical = Canonical { project, rule: rule.id(), dataset, reason, expires: &expires };
    // Strings always serialize.
    format!("{HEADER}{}", serde_json::to_string(&canonical).unwrap_or_default())
}

/// End of a waiver, unix seconds.
pub fn end(waiver: &Waiver) -> u64 {
    match waiver.expires {
        Sunset::At(moment) => u64::try_from(moment.as_second()).unwrap_or(0),
        // The manifest lets no span through.
        Sunset::After(_) => 0,
    }
}

/// Whether a waiver counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does; with the account whose signature was verified, or without one where none is asked for.
    Holds(Option<Address>),
    /// It does not, and why.
    Void(String),
}

/// Looks at a waiver. `signers` are those whose waivers count; `named` is the account that the waiver names as signer.
pub fn standing(waiver: &Waiver, project: &str, signers: &[Address], named: Option<Address>, now: u64) -> Standing {
    let end = end(waiver);
    if end <= now {
        return Standing::Void(format!("it ended at {}", times::rfc3339(end)));
    }
    let Some(signature) = &waiver.signature else {
        if signers.is_empty() {
            return Standing::Holds(None);
        }
        return Standing::Void("it is not signed, and `waiver-signers` wants a signature".into());
    };
    let text = text(project, waiver.rule, &waiver.dataset, &waiver.reason, end);
    let recovered = Signature::try_from(signature.0.as_ref())
        .ok()
        // Of the two signatures of a text by one key only the one with the low s counts.
        .filter(|signature| signature.normalize_s().is_none())
        .and_then(|signature| signature.recover_address_from_msg(text.as_bytes()).ok());
    let Some(recovered) = recovered else {
        return Standing::Void("its signature is malformed".into());
    };
    if named.is_some_and(|named| named != recovered) {
        return Standing::Void(
            "its signature is not that of its signer, or the waiver was changed after it was signed".into(),
        );
    }
    if !signers.contains(&recovered) {
        if signers.is_empty() && named == Some(recovered) {
            return Standing::Holds(Some(recovered));
        }
        return Standing::Void(format!(
            "{recovered}, whose signature this would be, is not in `waiver-signers`; the waiver may have been changed"
        ));
    }
    Standing::Holds(Some(recovered))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloy::signers::SignerSync;
    use alloy::signers::local::PrivateKeySigner;

    use super::*;
    use crate::manifest::values::{AccountRef, HexData};

    fn signed(key: &PrivateKeySigner) -> Waiver {
        let mut waiver = Waiver {
            rule: Rule::PersonalData,
            dataset: "raccoon".into(),
            reason: "serial numbers,\n \"looked at\"".into(),
            expires: "2027-06-30".parse().unwrap(),
            signer: Some(AccountRef::Address(key.address())),
            signature: None,
        };
        let text = text("p", waiver.rule, &waiver.dataset, &waiver.reason, end(&waiver));
        let signature = key.sign_message_sync(text.as_bytes()).unwrap();
        waiver.signature = Some(HexData(signature.as_bytes().to_vec().into()));
        waiver
    }

    #[test]
    fn the_text_is_one_and_binds_everything() {
        let text = text("p", Rule::PersonalData, "d", "a \"b\"\nc", 1_767_225_600);
        let json =
            r#"{"project":"p","rule":"DG012","dataset":"d","reason":"a \"b\"\nc","expires":"2026-01-01T00:00:00Z"}"#;
        assert_eq!(text, format!("dgov waiver v1\n{json}"));
    }

    #[test]
    fn a_signed_waiver_holds_until_it_ends() {
        let key = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
        let waiver = signed(&key);
        let (signers, named) = ([key.address()], Some(key.address()));
        let ends = end(&waiver);
        assert_eq!(standing(&waiver, "p", &signers, named, ends - 1), Standing::Holds(Some(key.address())));
        assert_eq!(standing(&waiver, "p", &[], named, 0), Standing::Holds(Some(key.address())));
        assert!(matches!(standing(&waiver, "p", &signers, named, ends), Standing::Void(_)));
    }

    #[test]
    fn every_change_is_noticed() {
        let key = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
        let (signers, named) = ([key.address()], Some(key.address()));
        let good = signed(&key);
        let mut changed = vec![("project", good.clone(), "q")];
        let change = |of: &dyn Fn(&mut Waiver)| {
            let mut waiver = good.clone();
            of(&mut waiver);
            waiver
        };
        changed.push(("rule", change(&|it| it.rule = Rule::Purpose), "p"));
        changed.push(("dataset", change(&|it| it.dataset = "other".into()), "p"));
        changed.push(("reason", change(&|it| it.reason.push('!')), "p"));
        changed.push(("expires", change(&|it| it.expires = "2028-06-30".parse().unwrap()), "p"));
        changed.push(("unsigned", change(&|it| it.signature = None), "p"));
        for (what, waiver, project) in changed {
            assert!(matches!(standing(&waiver, project, &signers, named, 0), Standing::Void(_)), "{what}");
            assert!(
                what == "unsigned" || matches!(standing(&waiver, project, &signers, None, 0), Standing::Void(_)),
                "{what}"
            );
        }
        let original = good.signature.clone().unwrap().0.to_vec();
        for byte in 0..65 {
            for bit in 0..8 {
                let mut bytes = original.clone();
                bytes[byte] ^= 1 << bit;
                // 27 and 28 are also written 0 and 1: the same signature.
                if Signature::try_from(bytes.as_slice()).ok() == Signature::try_from(&original[..]).ok() {
                    continue;
                }
                let waiver = Waiver { signature: Some(HexData(bytes.into())), ..good.clone() };
                assert!(
                    matches!(standing(&waiver, "p", &signers, named, 0), Standing::Void(_)),
                    "byte {byte} bit {bit}"
                );
            }
        }
        let other = PrivateKeySigner::from_slice(&[8; 32]).unwrap();
        let forged = signed(&other);
        assert!(matches!(standing(&forged, "p", &signers, Some(other.address()), 0), Standing::Void(_)));
    }
}
