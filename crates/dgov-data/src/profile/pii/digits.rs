//! Numbers of cards, telephones and social security: groups of digits.

use super::address::run;
use super::{Match, stands_alone};
use crate::profile::PiiKind;

pub(super) fn find(text: &str, found: &mut Vec<Match>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some((start, end)) = run(bytes, from, |byte| byte.is_ascii_digit()) {
        // What may begin with so many digits; nothing is found twice.
        let signed = start > 0 && bytes[start - 1] == b'+';
        let matched = match end - start {
            _ if signed => international(bytes, start),
            4 | 13..=19 => card(bytes, start),
            3 => north_american(bytes, start).or_else(|| social_security(bytes, start)),
            _ => None,
        };
        from = match matched {
            Some((found_match, end)) => {
                found.push(found_match);
                end
            }
            None => end,
        };
    }
}

/// Lengths of groups of digits from `start`, all joined by the same separator, and where they end.
fn groups(bytes: &[u8], start: usize, separators: &[u8]) -> (Vec<usize>, usize) {
    let mut lengths = Vec::new();
    let (mut at, mut separator) = (start, None);
    loop {
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            // The separator was none.
            return (lengths, at - 1);
        }
        lengths.push(length);
        at += length;
        match bytes.get(at) {
            Some(byte) if separators.contains(byte) && separator.is_none_or(|known| known == *byte) => {
                separator = Some(*byte);
                at += 1;
            }
            _ => return (lengths, at),
        }
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect()
}

fn card(bytes: &[u8], start: usize) -> Option<(Match, usize)> {
    let (lengths, end) = groups(bytes, start, b" -");
    let grouping = matches!(lengths[..], [13..=19] | [4, 4, 4, 4] | [4, 4, 4, 4, 1..=3] | [4, 6, 5] | [4, 6, 4]);
    if !grouping || !stands_alone(bytes, start, end) {
        return None;
    }
    let number = digits(&bytes[start..end]);
    (is_issued(&number) && luhn(&number)).then_some(((PiiKind::Card, number), end))
}

/// Whether an issuer numbers its cards so: prefix (ISO/IEC 7812) and length.
fn is_issued(number: &str) -> bool {
    let prefix = |digits: usize| number[..digits].parse::<u32>().unwrap_or(0);
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    match number.len() {
        // Visa of old, American Express and Diners Club are the only ones that are shorter.
        13 => number.starts_with('4'),
        14 => (300..=305).contains(&three) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        length => {
            let visa = number.starts_with('4') && matches!(length, 16 | 19);
            let mastercard = length == 16 && ((51..=55).contains(&two) || (2221..=2720).contains(&four));
            let discover = four == 6011 || (644..=649).contains(&three) || two == 65;
            visa || mastercard || discover || (3528..=3589).contains(&four) || two == 62
        }
    }
}

/// ISO/IEC 7812-1, annex B.
fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            if index % 2 == 0 { digit } else { digit * 2 % 10 + digit / 5 }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A telephone number of any country (E.164), which has to begin with `+`: anything less is any number.
fn international(bytes: &[u8], start: usize) -> Option<(Match, usize)> {
    let plus = start - 1;
    // A sum, or part of a word.
    if plus > 0 && (bytes[plus - 1].is_ascii_alphanumeric() || matches!(bytes[plus - 1], b'+' | b')' | b'=' | b'_')) {
        return None;
    }
    let mut end = start;
    let mut at = start;
    let mut count = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                count += 1;
                end = at + 1;
            }
            b' ' | b'-' | b'.' | b'(' | b')' if at < end + 2 => {}
            _ => break,
        }
        at += 1;
    }
    let number = digits(&bytes[start..end]);
    let written_together = end - start == number.len();
    let least = if written_together { 10 } else { 8 };
    // `+3.14159265`
    let decimal = bytes[start..end].iter().filter(|byte| !byte.is_ascii_digit()).eq([&b'.']);
    let alone = !bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%'));
    ((least..=15).contains(&count) && !decimal && !number.starts_with('0') && alone)
        .then(|| ((PiiKind::Phone, format!("+{number}")), end))
}

/// A telephone number in the North American forms, which have separators.
fn north_american(bytes: &[u8], start: usize) -> Option<(Match, usize)> {
    let parenthesis = start > 0 && bytes[start - 1] == b'(';
    let (area, from, begin) = if parenthesis {
        // (415) 555-2671
        let rest = bytes.get(start + 3..)?;
        let skip = if rest.starts_with(b") ") { 2 } else { usize::from(rest.starts_with(b")")) };
        (&bytes[start..start + 3], start + 3 + skip.max(1), start - 1)
    } else {
        (bytes.get(start..start + 3)?, start + 4, start)
    };
    let (lengths, end) = if parenthesis {
        if bytes.get(start + 3) != Some(&b')') || !bytes.get(from).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        groups(bytes, from, b"-. ")
    } else {
        groups(bytes, start, b"-.")
    };
    let shape = if parenthesis { lengths == [3, 4] } else { lengths == [3, 3, 4] };
    if !shape || !stands_alone(bytes, begin, end) {
        return None;
    }
    let rest = digits(&bytes[from..end]);
    let number = format!("{}{rest}", digits(area));
    let bytes = number.as_bytes();
    // Area and exchange begin with 2 to 9, N11 is a service, and 555-01XX is for films.
    let assigned = number.len() == 10
        && bytes[0] >= b'2'
        && bytes[3] >= b'2'
        && &number[1..3] != "11"
        && &number[4..6] != "11"
        && &number[3..8] != "55501";
    assigned.then(|| ((PiiKind::Phone, format!("+1{number}")), end))
}

fn social_security(bytes: &[u8], start: usize) -> Option<(Match, usize)> {
    let (lengths, end) = groups(bytes, start, b"-");
    if lengths != [3, 2, 4] || !stands_alone(bytes, start, end) {
        return None;
    }
    let number = digits(&bytes[start..end]);
    let (area, group, serial) = (&number[..3], &number[3..5], &number[5..]);
    // Never given out: these areas, zeros, and two numbers that were printed in advertisements.
    let issued = area != "000"
        && area != "666"
        && !area.starts_with('9')
        && group != "00"
        && serial != "0000"
        && !matches!(number.as_str(), "078051120" | "219099999");
    issued.then_some(((PiiKind::UsSsn, number), end))
}
