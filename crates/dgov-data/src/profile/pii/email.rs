//! Electronic mail addresses: the plain form that people write, not all that RFC 5322 allows.

use super::Match;
use crate::profile::PiiKind;

/// Domains reserved for documentation and tests (RFC 2606, RFC 6761).
const RESERVED: [&str; 7] = ["example.com", "example.net", "example.org", "example", "invalid", "localhost", "test"];

/// Ends of file names that follow an `@` in the names of images (`icon@2x.png`).
const FILES: [&str; 12] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "json", "html", "txt", "pdf"];

pub(super) fn find(text: &str, found: &mut Vec<Match>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b'@', bytes) {
        let start = bytes[..at].iter().rposition(|byte| !is_local(*byte)).map_or(0, |before| before + 1);
        let end = at + 1 + bytes[at + 1..].iter().take_while(|byte| is_domain(**byte)).count();
        let local = text[start..at].trim_start_matches(['.', '-', '+', '_', '%']);
        let domain = text[at + 1..end].trim_end_matches(['.', '-']);
        if is_mailbox(local) && is_host(domain) && bytes.get(at + 1 + domain.len()) != Some(&b'@') {
            found.push((PiiKind::Email, format!("{local}@{domain}").to_ascii_lowercase()));
        }
    }
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

fn is_mailbox(local: &str) -> bool {
    (1..=64).contains(&local.len()) && !local.ends_with('.') && !local.contains("..")
}

fn is_host(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let label = |label: &str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    let named = (2..=24).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_lowercase());
    let reserved = RESERVED
        .iter()
        .any(|name| domain.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    domain.len() <= 253
        && domain.split('.').all(label)
        && (named || top.starts_with("xn--"))
        && !FILES.contains(&top)
        && !reserved
}
