//! Patterns of personal data in texts.
//!
//! A pattern alone finds mostly something else: decimal numbers look like card numbers, versions like addresses, identifiers
//! like telephone numbers. So every kind has a check beyond its shape (check digits, issuer prefixes, ranges that are really
//! assigned), must stand by itself, and what is reserved for examples is left out.

mod address;
mod digits;
mod email;
mod iban;

use sha2::{Digest, Sha256};

use super::PiiKind;

/// A match: what it looks like, and its value without separators.
pub(super) type Match = (PiiKind, String);

/// All matches in a text, in no order that matters.
pub(super) fn find(text: &str, found: &mut Vec<Match>) {
    let bytes = text.as_bytes();
    // One look at what is in it at all: most texts have neither.
    let (mut at, mut colons, mut digits) = (false, false, false);
    for byte in bytes {
        match byte {
            b'@' => at = true,
            b':' => colons = true,
            b'0'..=b'9' => digits = true,
            _ => {}
        }
    }
    if at {
        email::find(text, found);
    }
    if digits {
        digits::find(text, found);
        address::find_v4(text, found);
        iban::find(text, found);
    }
    if colons {
        address::find_v6(text, found);
    }
}

/// The tag of a value: 20 bits of sha256("dgov.pii.v1" || 0 || kind || 0 || value) as five hex digits.
///
/// A whole hash of a telephone number or a social security number *is* the number: there are so few that trying all of them
/// takes seconds, and a salt that travels with the hash changes nothing. About a thousand of the social security numbers
/// share each tag, so it tells those who have the record which value is meant, and nobody else the value.
pub(super) fn tag(kind: PiiKind, value: &str) -> String {
    let name = match kind {
        PiiKind::Email => "email",
        PiiKind::Phone => "phone",
        PiiKind::Iban => "iban",
        PiiKind::Card => "card",
        PiiKind::Ipv4 => "ipv4",
        PiiKind::Ipv6 => "ipv6",
        PiiKind::UsSsn => "us-ssn",
    };
    let mut hasher = Sha256::new_with_prefix(b"dgov.pii.v1\0");
    hasher.update(name);
    hasher.update([0]);
    hasher.update(value);
    let digest = hasher.finalize();
    format!("{:02x}{:02x}{:x}", digest[0], digest[1], digest[2] >> 4)
}

/// Whether the match at `start..end` is part of a longer word or number: `x4111…`, `0.4111…`, `4111….5`.
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let before = bytes[..start].last();
    if before.is_some_and(word) {
        return false;
    }
    if start >= 2 && matches!(bytes[start - 1], b'.' | b',' | b'-' | b'/' | b':') && bytes[start - 2].is_ascii_digit() {
        return false;
    }
    if bytes.get(end).is_some_and(word) {
        return false;
    }
    !(matches!(bytes.get(end), Some(b'.' | b',' | b'-' | b'/' | b':'))
        && bytes.get(end + 1).is_some_and(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests;
