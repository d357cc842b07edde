//! The 64-bit hash of sketches: FNV-1a, and the finalizer of MurmurHash3 so that all bits depend on all input. Not for
//! anything that somebody could want to forge.

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a over `bytes`, going on from `state`.
pub(super) fn more(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, byte| (state ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// The state before the first byte.
pub(super) fn start() -> u64 {
    OFFSET
}

/// Ends a hash.
pub(super) fn mix(mut state: u64) -> u64 {
    state ^= state >> 33;
    state = state.wrapping_mul(0xff51_afd7_ed55_8ccd);
    state ^= state >> 33;
    state = state.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    state ^ state >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers: FNV-1a of the RFC 9923 test strings, and fmix64 of MurmurHash3's reference code.
    #[test]
    fn known_answers() {
        assert_eq!(more(start(), b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(more(start(), b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(more(start(), b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(mix(0), 0);
        assert_eq!(mix(1), 0xb456_bcfc_34c2_cb2c);
    }
}
