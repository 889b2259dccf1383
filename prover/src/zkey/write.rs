//! A key made here, as a file.

use super::coefficients;
use super::header::GROTH16;
use super::point::Wire;
use super::{Contributions, FORMAT, SECTIONS, Size, Zkey, section};
use crate::binfile::{FormatError, Writer, to_bytes};
use crate::r1cs::R1cs;
use ark_bn254::{Bn254, Fq, Fr};
use ark_ff::PrimeField;
use ark_groth16::ProvingKey as ArkKey;

impl Zkey {
    /// The key of a circuit, from its points, for [`crate::reduction::OddCoset`].
    ///
    /// **Errors**: points of another size than the circuit.
    pub(crate) fn of_circuit(
        key: &ArkKey<Bn254>,
        circuit: &R1cs,
        contributions: &Contributions,
    ) -> Result<Self, FormatError> {
        let mut file = Writer::new(FORMAT, SECTIONS);
        file.section(section::PROTOCOL, |out| out.extend(GROTH16.to_le_bytes()));
        file.section(section::HEADER, |out| {
            header(key, Size::of_r1cs(circuit), out)
        });
        file.section(section::INPUTS, |out| points(&key.vk.gamma_abc_g1, out));
        file.section(section::COEFFICIENTS, |out| entries(circuit, out));
        file.section(section::A, |out| points(&key.a_query, out));
        file.section(section::B1, |out| points(&key.b_g1_query, out));
        file.section(section::B2, |out| points(&key.b_g2_query, out));
        file.section(section::L, |out| points(&key.l_query, out));
        file.section(section::H, |out| points(&key.h_query, out));
        file.section(section::CONTRIBUTIONS, |out| contributions.write(out));
        Zkey::parse(file.finish())
    }
}

fn header(key: &ArkKey<Bn254>, size: Size, out: &mut Vec<u8>) {
    for modulus in [Fq::MODULUS, Fr::MODULUS] {
        out.extend(32u32.to_le_bytes());
        out.extend(to_bytes(modulus.0));
    }
    for size in [size.variables, size.public, size.domain] {
        out.extend((size as u32).to_le_bytes());
    }
    key.vk.alpha_g1.write(out);
    key.beta_g1.write(out);
    key.vk.beta_g2.write(out);
    key.vk.gamma_g2.write(out);
    key.delta_g1.write(out);
    key.vk.delta_g2.write(out);
}

fn points<P: Wire>(points: &[P], out: &mut Vec<u8>) {
    out.reserve(points.len() * P::BYTES);
    points.iter().for_each(|point| point.write(out));
}

fn entries(circuit: &R1cs, out: &mut Vec<u8>) {
    let mut count = 0u32;
    coefficients::each(circuit, |_| count += 1);
    out.reserve(4 + count as usize * coefficients::BYTES);
    out.extend(count.to_le_bytes());
    coefficients::each(circuit, |(is_b, row, column, words)| {
        for number in [u32::from(is_b), row, column] {
            out.extend(number.to_le_bytes());
        }
        out.extend(words);
    });
}
