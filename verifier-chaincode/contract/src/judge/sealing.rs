//! Keys that requests may be sealed to.
//!
//! Source: RFC 7748, sections 5 and 6.1: a shared secret with a point of small order is zero, whoever
//! has the other key. The points of order 1, 2, 4 and 8 on the curve and its twist are those of
//! <https://cr.yp.to/ecdh.html#validate>.

/// Little-endian bytes of p = 2^255 - 19.
const P: [u8; 32] = p_plus(0);

/// Coordinates below p = 2^255 - 19 of points of small order, little-endian.
pub const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    one(),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
    p_plus(-1),
];

const fn one() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
}

const fn p_plus(n: i8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed_u8.wrapping_add_signed(n);
    bytes[31] = 0x7f;
    bytes
}

/// Whether a key is a coordinate below p, of no point of small order: everything else gives a shared
/// secret that anybody knows, or is a second spelling of another key.
pub fn is_sealing_key(key: &[u8; 32]) -> bool {
    let is_below_p = key.iter().rev().lt(P.iter().rev());
    is_below_p && !SMALL_ORDER.contains(key)
}
