//! Bytes as Arweave writes them: base64url without padding.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// 32 bytes, as ids and roots are.
pub(super) fn decode_word(text: &str) -> Option<[u8; 32]> {
    decode(text)?.try_into().ok()
}
