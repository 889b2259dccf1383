//! Circuits and witnesses in their files.

use super::{Groth16Error, bytes, r1cs};
use crate::journey::known_circuits;
use crate::outfile;
use crate::step::Step;
use medveil_prover::{R1cs, Witness};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What a circuit's file says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitInfo {
    pub constraints: usize,
    /// Variables, the constant one included.
    pub variables: usize,
    pub outputs: usize,
    pub public_inputs: usize,
    pub private_inputs: usize,
    /// Labels of the source, of which variables have some.
    pub labels: u64,
    /// Rows of a key's domain: constraints and public inputs, up to a power of two.
    pub domain: usize,
    /// Entries that are not zero, in A, B and C.
    pub entries: [usize; 3],
}

impl Step for CircuitInfo {
    const NAME: &'static str = "r1cs.info";
}

/// A circuit of this program was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitExported {
    /// Name and version.
    pub circuit: String,
    /// The file that was written.
    pub out: PathBuf,
    pub constraints: usize,
    /// Variables, the constant one included.
    pub variables: usize,
    pub public_inputs: usize,
}

impl Step for CircuitExported {
    const NAME: &'static str = "r1cs.export";
}

/// A witness satisfies a circuit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WitnessChecked {
    pub constraints: usize,
    /// Values, the constant one included.
    pub values: usize,
}

impl Step for WitnessChecked {
    const NAME: &'static str = "wtns.check";
}

/// Looks at a circuit.
///
/// **Errors**: a file that cannot be read, or is none.
pub fn circuit_info(path: &Path) -> Result<CircuitInfo, Groth16Error> {
    let circuit = r1cs(path)?;
    let sizes = circuit.sizes();
    Ok(CircuitInfo {
        constraints: sizes.constraints,
        variables: sizes.wires,
        outputs: sizes.outputs,
        public_inputs: sizes.public_inputs,
        private_inputs: sizes.private_inputs,
        labels: sizes.labels,
        domain: sizes.domain(),
        entries: circuit.matrices().each_ref().map(|own| own.n_entries()),
    })
}

/// Writes a circuit of this program.
///
/// **Errors**: no circuit of that name; the file cannot be written.
pub fn export_circuit(name: &str, out: &Path) -> Result<CircuitExported, Groth16Error> {
    let known = known_circuits::find(name).map_err(Groth16Error::Circuit)?;
    let matrices = known.synthesize();
    let matrices = matrices.map_err(|source| Groth16Error::Circuit(source.into()))?;
    let circuit = R1cs::of(&matrices);
    outfile::replace(out, &circuit.to_bytes()).map_err(Groth16Error::Written)?;
    let sizes = circuit.sizes();
    Ok(CircuitExported {
        circuit: known.circuit.to_string(),
        out: out.to_owned(),
        constraints: sizes.constraints,
        variables: sizes.wires,
        public_inputs: sizes.public_inputs,
    })
}

/// Checks that a witness satisfies every constraint of a circuit.
///
/// **Errors**: files that are not what they should be, of two circuits, or the first constraint that
/// does not hold.
pub fn check_witness(circuit: &Path, witness: &Path) -> Result<WitnessChecked, Groth16Error> {
    let (matrices, path) = (r1cs(circuit)?, witness);
    let witness = Witness::parse(&bytes(path, "wtns")?);
    let witness = witness.map_err(Groth16Error::format(path))?;
    let (sizes, values) = (matrices.sizes(), witness.values());
    if values.len() != sizes.wires {
        return Err(Groth16Error::Length {
            path: path.to_owned(),
            expected: sizes.wires,
            got: values.len(),
        });
    }
    match matrices.unsatisfied(values) {
        None => Ok(WitnessChecked {
            constraints: sizes.constraints,
            values: values.len(),
        }),
        Some(row) => Err(Groth16Error::Unsatisfied {
            path: path.to_owned(),
            row,
        }),
    }
}
