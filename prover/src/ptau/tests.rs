//! Powers written and read again, and what is refused.

use super::*;
use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ff::{FftField, Field};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn file(power: u32) -> Vec<u8> {
    insecure_powers(power, &mut ChaCha20Rng::seed_from_u64(1))
}

fn place(bytes: &[u8], section: u32) -> Range<usize> {
    Sections::all(FORMAT, bytes).unwrap().at(section).unwrap()
}

fn changed(bytes: &[u8], section: u32, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    change(&mut changed[place(bytes, section)]);
    changed
}

/// The file without some sections.
fn without(bytes: &[u8], left_out: &[u32]) -> Vec<u8> {
    let sections = Sections::all(FORMAT, bytes).unwrap();
    let kept: Vec<u32> = sections
        .numbers()
        .filter(|n| !left_out.contains(n))
        .collect();
    let mut out = bytes[..8].to_vec();
    out.extend((kept.len() as u32).to_le_bytes());
    for section in kept {
        let place = sections.at(section).unwrap();
        out.extend(&bytes[place.start - 12..place.end]);
    }
    out
}

/// Draws the same numbers again and again: those that are one in memory, and so on.
struct Drawn(Vec<Fr>, usize);

impl rand::RngCore for Drawn {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }
    fn next_u64(&mut self) -> u64 {
        let word = self.0[self.1 / 4 % self.0.len()].0.0[self.1 % 4];
        self.1 += 1;
        word
    }
    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("numbers are drawn by words")
    }
    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), rand::Error> {
        unreachable!("numbers are drawn by words")
    }
}

impl rand::CryptoRng for Drawn {}

/// V2: of powers to which nobody contributed, and of others with a known secret, everybody can forge.
#[test]
fn v2_powers_of_known_secrets_are_told() {
    let said = |secrets: [Fr; 3]| {
        let bytes = insecure_powers(3, &mut Drawn(secrets.to_vec(), 0));
        Ptau::parse(bytes)
            .unwrap()
            .check_secrets()
            .err()
            .map(|e| e.to_string())
    };
    let [one, two, three, four] = [1u64, 2, 3, 4].map(Fr::from);
    assert_eq!(said([two, three, four]), None);
    let known = |secrets, what: &str| {
        let said = said(secrets).unwrap();
        assert!(said.contains(what), "{said}");
    };
    known([one, one, one], "an alpha of one");
    known([two, -one, four], "an alpha of one");
    known([two, three, one], "a beta of one");
    let root = <Fr as FftField>::get_root_of_unity(16).unwrap();
    for tau in [one, -one, root, root.square()] {
        known([tau, three, four], "a root of unity");
    }
}

#[track_caller]
fn refused(bytes: Vec<u8>, expected: &str) {
    let said = Ptau::parse(bytes).err().expect("an error").to_string();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn powers_are_read_as_they_were_written() {
    for power in 0..4 {
        let powers = Ptau::parse(file(power)).unwrap();
        assert_eq!((powers.power(), powers.ceremony_power()), (power, power));
        assert!(powers.is_prepared());
        assert_eq!(powers.contributions().unwrap(), []);
        // The Lagrange polynomials of a domain add up to one.
        for domain in (0..=power).map(|power| 1 << power) {
            for base in [Base::One, Base::Alpha, Base::Beta] {
                let points = powers.lagrange_g1(base, domain).unwrap();
                let sum: G1Projective = points.iter().sum();
                assert_eq!(points.len(), domain);
                assert_eq!(sum, powers.one_in_g1(base, 0).unwrap());
            }
            let sum: G2Projective = powers.lagrange_g2(domain).unwrap().iter().sum();
            assert_eq!(sum, G2Affine::generator());
        }
        let double: G1Projective = powers
            .lagrange_g1(Base::One, 2 << power)
            .unwrap()
            .iter()
            .sum();
        assert_eq!(double, G1Affine::generator());
    }
}

#[test]
fn an_open_file_gives_the_same_points() {
    let written = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(written.path(), file(2)).unwrap();
    let (open, memory) = (
        Ptau::open(written.path()).unwrap(),
        Ptau::parse(file(2)).unwrap(),
    );
    let all = |powers: &Ptau| {
        let g1 = powers.in_g1(Base::One, 0..7).unwrap();
        (g1, powers.in_g2(0..4).unwrap(), powers.beta_g2().unwrap())
    };
    assert_eq!(all(&open), all(&memory));
    // It was cut after it was opened.
    std::fs::write(written.path(), &file(2)[..200]).unwrap();
    assert!(matches!(open.in_g2(0..4), Err(PowersError::Read(_))));
    assert!(Ptau::open(&written.path().join("no")).is_err());
}

#[test]
fn a_file_that_is_cut_or_longer_is_refused_at_every_place() {
    let bytes = file(1);
    for keep in 0..bytes.len() {
        assert!(Ptau::parse(bytes[..keep].to_vec()).is_err(), "{keep}");
    }
    refused([&bytes[..], &[0]].concat(), "nothing after");
}

#[test]
fn other_files_and_sections_are_refused() {
    let bytes = file(1);
    let edit = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        bytes
    };
    refused(edit(&|b| b[3] = b'x'), "\"ptau\"");
    refused(edit(&|b| b[4] = 2), "version 1");
    refused(edit(&|b| b[8..12].fill(0xff)), "number of sections");
    for section in [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15] {
        let header = place(&bytes, section).start - 12;
        let other = if section == 1 { 2 } else { 1 };
        refused(edit(&|b| b[header] = other), "each once");
        let named = if section == 1 { "section 1" } else { "not 9" };
        refused(edit(&|b| b[header] = 9), named);
        refused(edit(&|b| b[header + 4..header + 12].fill(0xff)), "whole");
        refused(without(&bytes, &[section]), &format!("section {section}"));
    }
    let header = |change: &dyn Fn(&mut [u8])| changed(&bytes, section::HEADER, change);
    refused(header(&|b| b[0] = 48), "modulus");
    refused(header(&|b| b[4] ^= 1), "modulus");
    for power in [29, 60, u32::MAX] {
        let set = |b: &mut [u8]| {
            b[36..40].copy_from_slice(&power.to_le_bytes());
            b[40..44].fill(0xff);
        };
        refused(header(&set), "a power of at most 28");
    }
    refused(header(&|b| b[40] = 0), "its ceremony's");
    let other_power = |b: &mut [u8]| (b[36], b[40]) = (2, 2);
    refused(header(&other_power), "section 2 as long as power 2 says");
}

#[test]
fn what_is_not_prepared_says_the_command() {
    let plain = without(&file(2), &[12, 13, 14, 15]);
    let powers = Ptau::parse(plain).unwrap();
    assert!(!powers.is_prepared());
    let said = powers.lagrange_g1(Base::One, 2).unwrap_err().to_string();
    assert!(
        said.contains("snarkjs powersoftau prepare phase2 IN.ptau OUT.ptau"),
        "{said}"
    );
    let small = powers.check_domain(8).unwrap_err().to_string();
    assert!(small.contains("2^3 rows, got 2^2"), "{small}");
    powers.check_domain(4).unwrap();
    let large = powers.check_domain(1 << 28).unwrap_err().to_string();
    assert!(large.contains("at most 2^27 rows"), "{large}");
}

#[test]
fn points_are_checked_when_they_are_used() {
    let bytes = file(1);
    let off = |section| Ptau::parse(changed(&bytes, section, |b| b[0] ^= 1)).unwrap();
    let failed = [
        off(2).in_g1(Base::One, 0..1).err(),
        off(3).in_g2(0..2).err(),
        off(4).one_in_g1(Base::Alpha, 0).err(),
        off(5).one_in_g1(Base::Beta, 0).err(),
        off(6).beta_g2().err(),
        off(12).lagrange_g1(Base::One, 1).err(),
        off(13).lagrange_g2(1).err(),
        off(14).lagrange_g1(Base::Alpha, 1).err(),
        off(15).lagrange_g1(Base::Beta, 1).err(),
    ];
    Ptau::parse(bytes.clone()).unwrap().check().unwrap();
    for section in [2, 3, 4, 5, 6, 12, 13, 14, 15] {
        let last = Ptau::parse(changed(&bytes, section, |b| b[b.len() - 1] ^= 1)).unwrap();
        let said = last.check().unwrap_err().to_string();
        assert!(
            said.contains(&format!("group in section {section}")),
            "{said}"
        );
    }
    for (failed, section) in failed.into_iter().zip([2, 3, 4, 5, 6, 12, 13, 14, 15]) {
        let said = failed.expect("an error").to_string();
        assert!(
            said.contains(&format!("group in section {section}")),
            "{said}"
        );
    }
    // What lies behind a section is not its own.
    let powers = Ptau::parse(bytes).unwrap();
    assert!(powers.in_g1(Base::One, 2..4).is_err());
}

#[test]
fn contributions_are_of_one_form() {
    let bytes = file(0);
    let list = place(&bytes, section::CONTRIBUTIONS);
    let with = |content: &[u8]| {
        let mut made = bytes[..list.start - 8].to_vec();
        made.extend((content.len() as u64).to_le_bytes());
        made.extend(content);
        made.extend(&bytes[list.end..]);
        Ptau::parse(made).unwrap().contributions()
    };
    let mut one = vec![1, 0, 0, 0];
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    for is_g2 in [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1] {
        match is_g2 {
            0 => g1.write(&mut one),
            _ => g2.write(&mut one),
        }
    }
    one.extend([7; 216 + 64]);
    let points = one.len();
    one.extend([0, 0, 0, 0, 6, 0, 0, 0, 1, 4]);
    one.extend(b"name");
    let read = with(&one).unwrap();
    assert_eq!(read[0].details.name.as_deref(), Some("name"));
    assert_eq!((read.len(), read[0].next_challenge), (1, [7; 64]));
    for keep in 0..one.len() {
        assert!(with(&one[..keep]).is_err(), "{keep}");
    }
    assert!(with(&[&one[..], &[0]].concat()).is_err());
    for (at, value) in [
        (0, 2),
        (3, 0xff),
        (4, 9),
        (points, 1),
        (points, 2),
        (points + 8, 4),
        (points + 10, 0xff),
    ] {
        let mut other = one.clone();
        other[at] = value;
        assert!(with(&other).is_err(), "{at}");
    }
}
