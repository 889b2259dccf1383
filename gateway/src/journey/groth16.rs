//! Proofs of any circuit, in the files of snarkjs and circom. They need no home and no ledger.

mod error;
mod powers;
mod prove;
mod r1cs;
mod setup;
mod verify;
mod zkey;

pub use error::Groth16Error;
pub use powers::{PowersInfo, powers_info};
pub use prove::{CircuitProven, ProveFiles, prove};
pub use r1cs::{
    CircuitExported, CircuitInfo, WitnessChecked, check_witness, circuit_info, export_circuit,
};
pub use setup::{KeySetUp, SetupFiles, setup};
pub use verify::{CircuitVerified, VerifyFiles, verify};
pub use zkey::{Contributor, KeyExported, KeyInfo, KeyVerified, export, info, verify_key};

use crate::infile;
use crate::outfile;
use medveil_circuits::verify::Trust;
use medveil_prover::R1cs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest circuit, and longest witness: that of 2^26 variables.
///
/// **Units**: bytes.
const LONGEST_WITNESS: u64 = 4 << 30;
/// Longest JSON: a key of 2^16 inputs.
///
/// **Units**: bytes.
const LONGEST_JSON: u64 = 32 << 20;

/// The words that binary files begin with, and what these are.
const BINARY: [(&str, &str); 4] = [
    ("ptau", "powers of tau"),
    ("r1cs", "a circuit"),
    ("wtns", "a witness"),
    ("zkey", "a proving key"),
];

/// Whether whoever runs a command said that insecure keys will do.
pub fn trust(insecure: bool) -> Trust {
    match insecure {
        true => Trust::Anything,
        false => Trust::Sound,
    }
}

/// Checks that files can be written, and that none takes the place of another or of one that is read.
///
/// `kind` is the word that what is written begins with; none of JSON.
fn places(kind: &'static str, written: &[&Path], read: &[&Path]) -> Result<(), Groth16Error> {
    for (at, path) in written.iter().enumerate() {
        outfile::check(path).map_err(Groth16Error::Written)?;
        let mut others = written.iter().skip(at + 1).chain(read);
        // Two texts on standard output are none that a reader of JSON takes.
        let is_one = |other: &&&Path| is_same(path, other);
        if let Some(other) = others.find(is_one) {
            return Err(Groth16Error::SameFile {
                path: path.to_path_buf(),
                other: other.to_path_buf(),
            });
        }
        check_replaced(path, kind)?;
    }
    Ok(())
}

fn is_same(path: &Path, other: &Path) -> bool {
    path == other || real(path).is_some_and(|path| Some(path) == real(other))
}

/// Where a file is, or would be.
fn real(path: &Path) -> Option<PathBuf> {
    let of_new = || {
        Some(
            std::fs::canonicalize(outfile::folder(path))
                .ok()?
                .join(path.file_name()?),
        )
    };
    std::fs::canonicalize(path).ok().or_else(of_new)
}

/// That a file which is replaced holds nothing that was an input: somebody may have forgotten where the
/// answer goes.
fn check_replaced(path: &Path, written: &'static str) -> Result<(), Groth16Error> {
    if outfile::is_standard_output(path) {
        return Ok(());
    }
    // Of what begins otherwise than our JSON only as many bytes are read.
    let begin = infile::bytes_of(path, LONGEST_JSON, "{\n  ").unwrap_or_default();
    let found = BINARY
        .iter()
        .find(|(word, _)| begin.starts_with(word.as_bytes()));
    match found.filter(|(word, _)| *word != written) {
        None => Ok(()),
        Some((_, holds)) => Err(Groth16Error::Replaced {
            path: path.to_owned(),
            holds,
        }),
    }
}

/// A circuit or a witness, by the word that its file begins with.
fn bytes(path: &Path, magic: &str) -> Result<Zeroizing<Vec<u8>>, Groth16Error> {
    let read = infile::bytes_of(path, LONGEST_WITNESS, magic).map(Zeroizing::new);
    read.map_err(|source| Groth16Error::File {
        path: path.to_owned(),
        source,
    })
}

fn r1cs(path: &Path) -> Result<R1cs, Groth16Error> {
    let bytes = bytes(path, "r1cs")?;
    R1cs::parse(&bytes).map_err(Groth16Error::format(path))
}

fn text(path: &Path) -> Result<String, Groth16Error> {
    let read = infile::text_within(path, LONGEST_JSON);
    read.map_err(|source| Groth16Error::File {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Groth16Error> {
    outfile::replace(path, format!("{text}\n").as_bytes()).map_err(Groth16Error::Written)
}
