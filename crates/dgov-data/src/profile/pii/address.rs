//! Addresses of machines, which are personal data when a person's machine has them: the public ones only.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Match, stands_alone};
use crate::profile::PiiKind;

pub(super) fn find_v4(text: &str, found: &mut Vec<Match>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some((start, end)) = run(bytes, from, |byte| byte.is_ascii_digit() || byte == b'.') {
        from = end;
        // The full stop of a sentence.
        let candidate = text[start..end].trim_end_matches('.');
        if candidate.len() >= "1.1.1.1".len()
            && candidate.bytes().filter(|byte| *byte == b'.').count() == 3
            && stands_alone(bytes, start, start + candidate.len())
            && let Ok(address) = candidate.parse::<Ipv4Addr>()
            && is_public(address)
        {
            found.push((PiiKind::Ipv4, address.to_string()));
        }
    }
}

pub(super) fn find_v6(text: &str, found: &mut Vec<Match>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some((start, end)) = run(bytes, from, |byte| byte.is_ascii_hexdigit() || byte == b':') {
        from = end;
        let candidate = text[start..end].trim_end_matches(':');
        let candidate = if text[start..end].ends_with("::") { &text[start..end] } else { candidate };
        if candidate.bytes().filter(|byte| *byte == b':').count() >= 2
            && stands_alone(bytes, start, end)
            && let Ok(address) = candidate.parse::<Ipv6Addr>()
            && is_global(address)
        {
            found.push((PiiKind::Ipv6, address.to_string()));
        }
    }
}

/// The next run of bytes of a kind, at or after `from`.
pub(super) fn run(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> Option<(usize, usize)> {
    let start = from + bytes.get(from..)?.iter().position(|byte| wanted(*byte))?;
    let length = bytes[start..].iter().take_while(|byte| wanted(**byte)).count();
    Some((start, start + length))
}

/// Outside the special-purpose ranges (IANA registry, RFC 6890).
fn is_public(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    !(a == 0
        || a >= 224
        || a == 100 && (64..128).contains(&b)
        || a == 198 && (18..20).contains(&b)
        || a == 192 && address.octets()[1..3] == [0, 0]
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation())
}

/// Global unicast (RFC 4291), without the ranges for documentation (RFC 3849, RFC 9637).
fn is_global(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 0x0db8) && !(first == 0x3fff && second < 0x1000)
}
