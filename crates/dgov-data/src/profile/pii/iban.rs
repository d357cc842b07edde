//! Bank account numbers: the length of the country (SWIFT IBAN registry) and the check digits of ISO 13616.

use super::{Match, stands_alone};
use crate::profile::PiiKind;

const LENGTHS: [(&str, usize); 88] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

pub(super) fn find(text: &str, found: &mut Vec<Match>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, start) in bytes.windows(15).enumerate() {
        let looks = start[2].is_ascii_digit() && start[0].is_ascii_uppercase() && start[1].is_ascii_uppercase();
        if looks
            && at >= from
            && let Some((value, end)) = starting(bytes, at)
        {
            found.push((PiiKind::Iban, value));
            from = end;
        }
    }
}

/// The account number that begins at `start`, written together or in groups of four, and where it ends.
fn starting(bytes: &[u8], start: usize) -> Option<(String, usize)> {
    let [a, b, c, d] = *bytes.get(start..start + 4)?.first_chunk()?;
    if !(a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit()) {
        return None;
    }
    let (_, length) = LENGTHS.iter().find(|(country, _)| country.as_bytes() == [a, b])?;
    let grouped = bytes.get(start + 4) == Some(&b' ');
    let (mut value, mut at) = (String::with_capacity(*length), start);
    while value.len() < *length {
        let byte = *bytes.get(at)?;
        if grouped && !value.is_empty() && value.len() % 4 == 0 && byte == b' ' {
            at += 1;
            // One space, then a group.
            if !bytes.get(at)?.is_ascii_alphanumeric() {
                return None;
            }
            continue;
        }
        if !(byte.is_ascii_uppercase() || byte.is_ascii_digit())
            || grouped && value.len() % 4 == 0 && at > start && bytes[at - 1] != b' '
        {
            return None;
        }
        value.push(char::from(byte));
        at += 1;
    }
    (stands_alone(bytes, start, at) && remainder(&value) == 1).then_some((value, at))
}

/// The number modulo 97, country and check digits behind, letters as 10 to 35.
fn remainder(value: &str) -> u32 {
    let digits = value.bytes().cycle().skip(4).take(value.len());
    digits.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}
