//! Set-ups that verify, and keys with one change that do not.

mod contributions;

use super::*;
use crate::binfile::Sections;
use crate::ptau::insecure_powers;
use crate::reduction::OddCoset;
use crate::zkey::Wire;
use ark_ff::FftField;
use ark_groth16::Groth16;
use medveil_circuits::shape::Matrices;
use medveil_circuits::testing::{Factors, Product};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::ops::Range;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

/// Powers of one tau, whatever the power.
fn powers(power: u32) -> Ptau {
    Ptau::parse(insecure_powers(power, &mut rng())).unwrap()
}

/// Eight rows; a public output and input; coefficients of all kinds; one wire in many rows, one in
/// none.
fn circuit() -> R1cs {
    let sizes = crate::r1cs::Sizes {
        wires: 8,
        outputs: 1,
        public_inputs: 1,
        private_inputs: 2,
        labels: 8,
        constraints: 5,
    };
    let large = Fr::from(5u64).inverse().unwrap();
    let (one, two) = (Fr::from(1), Fr::from(2));
    let a = vec![
        vec![(one, 3), (-one, 0)],
        vec![(large, 3), (two, 4)],
        vec![(-two, 5), (one, 2), (one, 0)],
        vec![(one, 6)],
        vec![(one, 6), (-large, 1)],
    ];
    let b = vec![
        vec![(one, 3)],
        vec![(one, 3), (large, 4), (-one, 2)],
        vec![(Fr::from(0), 2), (one, 3)],
        vec![(one, 7), (two, 0)],
        vec![(one, 0)],
    ];
    let c = vec![
        vec![(one, 5)],
        vec![(one, 6), (-one, 1)],
        vec![],
        vec![(large, 7)],
        vec![(one, 1)],
    ];
    R1cs::new(sizes, &[a, b, c]).unwrap()
}

fn key(r1cs: &R1cs, powers: &Ptau) -> Zkey {
    setup(r1cs, powers, Some("one"), &mut rng()).unwrap()
}

fn check(key: &Zkey, r1cs: &R1cs, powers: &Ptau) -> Result<Verified, VerifyError> {
    verify(key, r1cs, powers, &mut rng())
}

fn place(bytes: &[u8], section: u32) -> Range<usize> {
    Sections::all(("zkey", 1), bytes)
        .unwrap()
        .at(section)
        .unwrap()
}

/// The key with a section in another form.
fn changed(
    key: &Zkey,
    section: u32,
    change: impl FnOnce(&mut Vec<u8>),
) -> Result<Zkey, FormatError> {
    let place = place(key.bytes(), section);
    let mut content = key.bytes()[place.clone()].to_vec();
    change(&mut content);
    let mut bytes = key.bytes()[..place.start - 8].to_vec();
    bytes.extend((content.len() as u64).to_le_bytes());
    bytes.extend(content);
    bytes.extend(&key.bytes()[place.end..]);
    Zkey::parse(bytes)
}

/// A point and the generator in the place of the point.
fn move_point<P: Wire + AffineRepr>(bytes: &mut [u8]) {
    let point = (P::trusted(bytes).into_group() + P::generator()).into_affine();
    let mut moved = Vec::new();
    point.write(&mut moved);
    bytes.copy_from_slice(&moved);
}

#[track_caller]
fn refused(result: Result<Verified, VerifyError>, expected: &str) {
    let said = result.unwrap_err().to_string();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_setup_verifies_and_its_proofs_do() {
    let matrices = Matrices::of::<Factors>().unwrap();
    let r1cs = R1cs::of(&matrices);
    let key = key(&r1cs, &powers(3));
    assert!(key.is_of(&r1cs));
    let verified = check(&key, &r1cs, &powers(3)).unwrap();
    let [own] = &verified.contributions.list[..] else {
        panic!("one contribution");
    };
    assert_eq!(own.details.name.as_deref(), Some("one"));
    assert_eq!(own.delta, key.delta().0);

    let (public, private) = (Product(Fr::from(6)), (Fr::from(2), Fr::from(3)));
    let assignment = matrices.assign::<Factors>(&public, &private).unwrap();
    let proof = Groth16::<Bn254, OddCoset>::create_proof_with_reduction_and_matrices(
        &key.to_ark(),
        Fr::from(7),
        Fr::from(8),
        matrices.rows(),
        matrices.n_instance(),
        matrices.n_constraints(),
        assignment.values(),
    );
    let proof = proof.unwrap();
    let prepared = key.verifying().into();
    for (value, is_right) in [(6, true), (7, false)] {
        #[allow(clippy::disallowed_methods)] // As many inputs as there are.
        let accepted = Groth16::<Bn254>::verify_proof(&prepared, &proof, &[Fr::from(value)]);
        assert_eq!(accepted.unwrap(), is_right);
    }
}

#[test]
fn keys_verify_with_any_file_of_the_same_powers() {
    let r1cs = circuit();
    for made in [3, 4] {
        let key = key(&r1cs, &powers(made));
        for read in [3, 4, 5] {
            check(&key, &r1cs, &powers(read)).unwrap();
        }
        let other = insecure_powers(4, &mut ChaCha20Rng::seed_from_u64(2));
        let other = Ptau::parse(other).unwrap();
        refused(check(&key, &r1cs, &other), "alpha");
    }
    let small = setup(&r1cs, &powers(2), None, &mut rng()).err().unwrap();
    assert!(matches!(
        small,
        SetupError::Powers(PowersError::TooSmall { .. })
    ));
}

#[test]
fn every_point_of_every_section_has_its_place() {
    let (r1cs, powers) = (circuit(), powers(4));
    let key = key(&r1cs, &powers);
    for section in [3, 5, 6, 7, 8, 9] {
        let size = if section == 7 { 128 } else { 64 };
        let count = place(key.bytes(), section).len() / size;
        for at in 0..count {
            let other = changed(&key, section, |bytes| {
                let point = &mut bytes[at * size..(at + 1) * size];
                match section {
                    7 => move_point::<G2Affine>(point),
                    _ => move_point::<G1Affine>(point),
                }
            });
            let said = check(&other.unwrap(), &r1cs, &powers)
                .unwrap_err()
                .to_string();
            // A point that was infinity in both groups is found before.
            let both = said.contains("sections 6 and 7");
            assert!(
                both || said.contains(&format!("section {section} ")),
                "{at}: {said}"
            );
        }
    }
}

/// A change of all points of H at once, which sums that leave a number out do not see.
#[test]
fn h_has_no_free_direction() {
    let (r1cs, powers) = (circuit(), powers(4));
    let key = key(&r1cs, &powers);
    let root = Fr::get_root_of_unity(16).unwrap();
    let directions = [root, root.inverse().unwrap(), Fr::from(1)];
    for direction in directions {
        let other = changed(&key, 9, |bytes| {
            for (at, bytes) in bytes.chunks_exact_mut(64).enumerate() {
                let factor = direction.pow([2 * at as u64 + 1]);
                let moved = G1Affine::trusted(bytes) + G1Affine::generator() * factor;
                let mut point = Vec::new();
                moved.into_affine().write(&mut point);
                bytes.copy_from_slice(&point);
            }
        });
        refused(check(&other.unwrap(), &r1cs, &powers), "section 9 ");
    }
}

#[test]
fn header_and_coefficients_are_compared() {
    let (r1cs, powers) = (circuit(), powers(4));
    let key = key(&r1cs, &powers);
    // Two moduli and three sizes are before the points.
    let points = 84;
    let names = ["alpha", "beta", "beta", "gamma", "delta", "delta"];
    let mut begin = points;
    for (name, size) in names.into_iter().zip([64, 64, 128, 128, 64, 128]) {
        let other = changed(&key, 2, |bytes| match size {
            64 => move_point::<G1Affine>(&mut bytes[begin..begin + size]),
            _ => move_point::<G2Affine>(&mut bytes[begin..begin + size]),
        });
        refused(check(&other.unwrap(), &r1cs, &powers), name);
        begin += size;
    }
    let both_deltas = changed(&key, 2, |bytes| {
        for (begin, size) in [(points + 384, 64), (points + 448, 128)] {
            bytes[begin..begin + size].fill(0);
        }
    });
    let why = both_deltas.map(drop).unwrap_err().to_string();
    assert!(why.contains("other than infinity"), "{why}");
    let other = changed(&key, 4, |bytes| bytes[4 + 8] ^= 1).unwrap();
    refused(check(&other, &r1cs, &powers), "section 4 ");
    let matrices = Matrices::of::<Factors>().unwrap();
    refused(check(&key, &R1cs::of(&matrices), &powers), "sizes");
}

#[test]
fn the_circuit_is_in_the_digest() {
    let (r1cs, powers) = (circuit(), powers(4));
    let fresh = fresh(&r1cs, &powers).unwrap();
    let list = |circuit| Contributions {
        circuit,
        list: Vec::new(),
    };
    // Nobody contributed: it is what it says, and the caller sees it.
    let key = Zkey::of_circuit(&fresh.key, &r1cs, &list(fresh.digest)).unwrap();
    let verified = check(&key, &r1cs, &powers).unwrap();
    assert!(verified.contributions.list.is_empty());
    let mut digest = fresh.digest;
    digest[63] ^= 1;
    let other = Zkey::of_circuit(&fresh.key, &r1cs, &list(digest)).unwrap();
    refused(check(&other, &r1cs, &powers), "digest");
}

/// V2: the other tests of it are in `ptau`.
#[test]
fn v2_powers_of_known_secrets_make_no_key_and_prove_none() {
    let (r1cs, bytes) = (circuit(), insecure_powers(3, &mut rng()));
    let good = key(&r1cs, &Ptau::parse(bytes.clone()).unwrap());
    let place = Sections::all(("ptau", 1), &bytes).unwrap().at(4).unwrap();
    let mut other = bytes;
    let mut one = Vec::new();
    G1Affine::generator().write(&mut one);
    other[place.start..][..one.len()].copy_from_slice(&one);
    let other = Ptau::parse(other).unwrap();
    let made = setup(&r1cs, &other, None, &mut rng()).err().unwrap();
    assert!(
        matches!(made, SetupError::Powers(PowersError::Known(_))),
        "{made}"
    );
    refused(check(&good, &r1cs, &other), "alpha of one");
}

#[test]
fn powers_that_are_none_make_no_key() {
    let (r1cs, bytes) = (circuit(), insecure_powers(3, &mut rng()));
    let good = key(&r1cs, &Ptau::parse(bytes.clone()).unwrap());
    let sections = Sections::all(("ptau", 1), &bytes).unwrap();
    for section in [2, 3, 4, 5, 6, 12, 13, 14, 15] {
        let size = if [3, 6, 13].contains(&section) {
            128
        } else {
            64
        };
        // The first point, and the first one of the circuit's domain.
        let later = if section >= 12 { 7 } else { 5 };
        for at in [0, later] {
            let is_used = section < 12 || at > 0;
            let place = sections.at(section).unwrap();
            let begin = place.start + at * size;
            if begin >= place.end || !is_used {
                continue;
            }
            let mut other = bytes.clone();
            match size {
                128 => move_point::<G2Affine>(&mut other[begin..begin + size]),
                _ => move_point::<G1Affine>(&mut other[begin..begin + size]),
            }
            let other = Ptau::parse(other).unwrap();
            let made = setup(&r1cs, &other, None, &mut rng());
            assert!(matches!(made, Err(SetupError::Key(_))), "{section} {at}");
            // Prepared points in G2 are not looked at again.
            if section < 12 {
                refused(check(&good, &r1cs, &other), "powers of tau");
            }
        }
    }
}
