use super::*;
use ark_bn254::{Fq, Fr};
use ark_ff::UniformRand;
use rand::SeedableRng;

const R: &str = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
const P: &str = "21888242871839275222246405745257275088696311157297823662689037894645226208583";

fn fr(text: &str) -> Result<Fr, DecimalError> {
    parse_decimal(text)
}

#[test]
fn v4_numbers_below_the_order_are_read() {
    assert_eq!(fr("0"), Ok(Fr::from(0u64)));
    assert_eq!(fr("10"), Ok(Fr::from(10u64)));
    assert_eq!(
        fr("340282366920938463463374607431768211455"),
        Ok(Fr::from(u128::MAX))
    );
    assert_eq!(
        fr("21888242871839275222246405745257275088548364400416034343698204186575808495616"),
        Ok(-Fr::from(1u64))
    );
    assert_eq!(
        parse_decimal::<Fq>(R),
        Ok(Fq::from(Fr::MODULUS)),
        "above r and below p"
    );
}

#[test]
fn v4_the_order_and_above_are_refused() {
    let r_plus_1 = "21888242871839275222246405745257275088548364400416034343698204186575808495618";
    let five_plus_r =
        "21888242871839275222246405745257275088548364400416034343698204186575808495622";
    for text in [R, r_plus_1, five_plus_r, &"9".repeat(77), P] {
        assert_eq!(fr(text), Err(DecimalError::NotCanonical), "{text}");
    }
    assert_eq!(parse_decimal::<Fq>(P), Err(DecimalError::NotCanonical));
    // 2^256 and 2^256 + 5, which wrap to small numbers.
    for end in ["936", "941"] {
        let text = format!(
            "115792089237316195423570985008687907853269984665640564039457584007913129639{end}"
        );
        assert!(fr(&text).is_err());
    }
}

#[test]
fn v4_other_spellings_are_refused() {
    for text in [
        "-1",
        "+1",
        "0x10",
        "1e3",
        "1.0",
        " 1",
        "1 ",
        "1\n",
        "1_000",
        "٣",
        "１",
        "²",
        "a",
        "1,000",
        "\u{200b}1",
        "1\0",
    ] {
        assert_eq!(fr(text), Err(DecimalError::NotDigits), "{text:?}");
    }
    for text in [
        "00",
        "01",
        "0001",
        "000000000000000000000000000000000000000000000000000000000000000000000000000",
    ] {
        assert_eq!(fr(text), Err(DecimalError::LeadingZero));
    }
    assert_eq!(fr(""), Err(DecimalError::Length(0)));
    assert_eq!(fr(&"1".repeat(78)), Err(DecimalError::Length(78)));
    assert_eq!(
        fr(&"1".repeat(1_000_000)),
        Err(DecimalError::Length(1_000_000))
    );
}

/// [seen] Why the library's own parser is not used.
#[test]
#[allow(clippy::disallowed_methods)]
fn v4_the_library_reduces() {
    use std::str::FromStr;
    assert_eq!(Fr::from_str(R).unwrap(), Fr::from(0u64));
}

#[test]
fn v4_every_element_reads_back() {
    let rng = &mut rand_chacha::ChaCha20Rng::seed_from_u64(1);
    for _ in 0..500 {
        let value = Fr::rand(rng);
        assert_eq!(fr(&value.into_bigint().to_string()), Ok(value));
    }
}
