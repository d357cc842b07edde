//! Fr32: 127 bytes become 128, because a field element holds 254 bits.

use super::Node;

/// Bytes that become four leaves.
pub(super) const QUAD: usize = 127;

/// The four leaves: bits 0-253, 254-507, 508-761 and 762-1015, each in 32 bytes whose two top bits stay clear. Bits count
/// from the lowest of each byte.
pub(super) fn leaves(quad: &[u8; QUAD]) -> [Node; 4] {
    let mut leaves = [[0; 32]; 4];
    for (number, leaf) in leaves.iter_mut().enumerate() {
        let (start, shift) = (254 * number / 8, 254 * number % 8);
        for (at, byte) in leaf.iter_mut().enumerate() {
            let next = quad.get(start + at + 1).copied().unwrap_or_default();
            let pair = u16::from_le_bytes([quad[start + at], next]);
            *byte = (pair >> shift) as u8;
        }
        leaf[31] &= 0x3f;
    }
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_has_its_place() {
        for bit in 0..QUAD * 8 {
            let mut quad = [0; QUAD];
            quad[bit / 8] = 1 << (bit % 8);
            let mut expected = [[0; 32]; 4];
            expected[bit / 254][bit % 254 / 8] = 1 << (bit % 254 % 8);
            assert_eq!(leaves(&quad), expected, "bit {bit}");
        }
    }
}
