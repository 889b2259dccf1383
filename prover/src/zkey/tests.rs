//! Keys written and read again, and what is refused.

use super::*;
use crate::binfile::to_bytes;
use crate::setup::setup;
use ark_bn254::Fq;
use ark_ff::{Field, PrimeField};
use medveil_circuits::testing::Factors;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::ops::Range;

fn key() -> (Zkey, R1cs) {
    let (_, key) = setup::<Factors>(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    (
        key.zkey().clone(),
        R1cs::of(&Matrices::of::<Factors>().unwrap()),
    )
}

fn range(key: &Zkey, section: u32) -> Range<usize> {
    key.sections.at(section).unwrap()
}

/// The key with a change at a place of a section.
fn changed(key: &Zkey, section: u32, change: impl FnOnce(&mut [u8])) -> Result<Zkey, FormatError> {
    let mut bytes = key.bytes().to_vec();
    change(&mut bytes[range(key, section)]);
    Zkey::parse(bytes)
}

#[track_caller]
fn refused(read: Result<Zkey, FormatError>, expected: &str) {
    let checked = read.and_then(|key| key.check());
    let said = checked.unwrap_err().to_string();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_key_is_read_as_it_was_written() {
    let (key, circuit) = key();
    key.check().unwrap();
    assert!(key.is_of(&circuit));
    let ark = key.to_ark();
    let again = Zkey::of_circuit(&ark, &circuit, &Contributions::NONE).unwrap();
    assert_eq!(again.bytes(), key.bytes());
    let size = Size {
        variables: 4,
        public: 1,
        domain: 4,
    };
    assert_eq!(key.size(), size);
}

#[test]
fn a_key_that_is_cut_or_longer_is_refused_at_every_place() {
    let (key, _) = key();
    for keep in 0..key.bytes().len() {
        assert!(Zkey::parse(key.bytes()[..keep].to_vec()).is_err(), "{keep}");
    }
    let longer = [key.bytes(), &[0]].concat();
    refused(Zkey::parse(longer), "nothing after the last section");
}

#[test]
fn sections_stand_once_and_are_as_long_as_the_header_says() {
    let (key, _) = key();
    let edit = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = key.bytes().to_vec();
        change(&mut bytes);
        Zkey::parse(bytes)
    };
    refused(edit(&|b| b[0] = b'r'), "\"zkey\" in its first four bytes");
    refused(edit(&|b| b[4] = 2), "version 1");
    refused(edit(&|b| b[8] = 11), "10 sections");
    for at in 1..=SECTIONS {
        let header = range(&key, at).start - 12;
        for number in [0, 11, if at == 1 { 2 } else { 1 }] {
            refused(edit(&|b| b[header] = number), "each once");
        }
        let huge = |b: &mut Vec<u8>| b[header + 4..header + 12].fill(0xff);
        refused(edit(&huge), "whole");
    }
    // Sizes of the header, one after the other: variables, public inputs, domain.
    for (place, sizes) in [(72, [3u32, 5, u32::MAX]), (76, [0, 2, 4]), (80, [2, 3, 8])] {
        for size in sizes {
            let read = changed(&key, section::HEADER, |b| {
                b[place..place + 4].copy_from_slice(&size.to_le_bytes());
            });
            refused(read, "expected");
        }
    }
    refused(changed(&key, section::PROTOCOL, |b| b[0] = 2), "Groth16");
    refused(changed(&key, section::HEADER, |b| b[4] ^= 1), "moduli");
    refused(
        changed(&key, section::COEFFICIENTS, |b| b[0] ^= 1),
        "as many",
    );
}

#[test]
fn points_of_no_group_are_refused_in_every_section() {
    use section::{A, B1, B2, H, INPUTS, L};
    let (key, _) = key();
    for section in [INPUTS, A, B1, B2, L, H] {
        let length = range(&key, section).len();
        let size = if section == B2 { G2_BYTES } else { G1_BYTES };
        for point in 0..length / size {
            let flip = |b: &mut [u8]| b[point * size] ^= 1;
            refused(changed(&key, section, flip), &format!("section {section}"));
        }
        // x, and p more: the same point in other words.
        let point = (0..length / size).find(|at| {
            let begin = range(&key, section).start + at * size;
            !is_infinity(&key.bytes()[begin..begin + size])
        });
        let at = point.unwrap() * size;
        let more = |b: &mut [u8]| add_modulus(&mut b[at..at + 32]);
        refused(changed(&key, section, more), &format!("section {section}"));
    }
    let off = |b: &mut [u8]| b[84] ^= 1;
    refused(changed(&key, section::HEADER, off), "points of both groups");
}

/// With delta at infinity in G1, and B nothing but infinity, A would be the same in every proof of a
/// witness, and would tell it to whoever made the key.
#[test]
fn v12_the_secrets_of_a_key_are_not_infinity_and_the_same_in_both_groups() {
    let (key, _) = key();
    let places = [84..148, 148..212, 212..340, 340..468, 468..532, 532..660];
    for place in places.clone() {
        let none = |b: &mut [u8]| b[place].fill(0);
        let read = changed(&key, section::HEADER, none);
        assert!(read.is_err(), "before any other point is looked at");
        refused(read, "other than infinity");
    }
    let [alpha, beta, beta_g2, gamma, delta, delta_g2] = places;
    for (place, other) in [
        (beta, alpha.clone()),
        (beta_g2, gamma.clone()),
        (delta, alpha),
        (delta_g2, gamma),
    ] {
        let swap = |b: &mut [u8]| b.copy_within(other, place.start);
        refused(changed(&key, section::HEADER, swap), "in both groups");
    }
}

fn add_modulus(bytes: &mut [u8]) {
    let mut carry = 0u16;
    for (byte, more) in bytes.iter_mut().zip(to_bytes(Fq::MODULUS.0)) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0, "32 bytes hold twice the modulus");
}

/// On the curve of G2 and not in the group.
#[test]
fn a_point_outside_the_subgroup_is_refused() {
    let (key, _) = key();
    let point = (1u64..)
        .find_map(|x| {
            let x = ark_bn254::Fq2::from(x);
            let b = <ark_bn254::g2::Config as ark_ec::short_weierstrass::SWCurveConfig>::COEFF_B;
            let y = (x * x * x + b).sqrt()?;
            let mut bytes = Vec::new();
            #[allow(clippy::disallowed_methods)] // It is to be wrong.
            let point = G2Affine::new_unchecked(x, y);
            point.write(&mut bytes);
            Some(bytes)
        })
        .unwrap();
    let place = range(&key, section::B2).len() - G2_BYTES;
    let other = |b: &mut [u8]| b[place..].copy_from_slice(&point);
    refused(changed(&key, section::B2, other), "section 7");
}

#[test]
fn coefficients_lie_in_the_matrices_and_are_those_of_the_circuit() {
    let (key, circuit) = key();
    let first = 4;
    for (place, value) in [(0, 2), (4, 4), (8, 4)] {
        let other = |b: &mut [u8]| b[first + place] = value;
        refused(changed(&key, section::COEFFICIENTS, other), "coefficients");
    }
    let large = |b: &mut [u8]| b[first + 12..first + 44].fill(0xff);
    refused(changed(&key, section::COEFFICIENTS, large), "coefficients");
    // Another column, another row, and another value: well-formed, and of another circuit.
    for (place, value) in [(4, 2), (8, 1), (12, 7)] {
        let other = |b: &mut [u8]| b[first + place] = value;
        let other = changed(&key, section::COEFFICIENTS, other).unwrap();
        other.check().unwrap();
        assert!(!other.is_of(&circuit), "{place}");
    }
    let only_in_g2 = |b: &mut [u8]| {
        let count = b.len() / G1_BYTES;
        let full = (0..count).find(|at| !is_infinity(&b[at * G1_BYTES..][..G1_BYTES]));
        b[full.unwrap() * G1_BYTES..][..G1_BYTES].fill(0);
    };
    refused(changed(&key, section::B1, only_in_g2), "same places");
}
