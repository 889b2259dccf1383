//! Words for proofs of any circuit: those of snarkjs, where it has them.

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// `medveil groth16 ...`.
#[derive(Debug, Subcommand)]
pub enum Groth16Command {
    /// Make a key of a circuit, by this machine's randomness alone: for tests and benches.
    #[command(
        after_help = "One party makes this key, so it is insecure: whoever kept its secret could forge proofs. From powers\nof tau it is a key with one contribution, which `zkey verify` checks and others can contribute to.\n\nExamples:\n  medveil groth16 setup circuit.r1cs circuit.zkey\n  medveil groth16 setup circuit.r1cs pot16_final.ptau circuit.zkey --name \"first contribution\""
    )]
    Setup {
        /// Circuit, prepared powers of tau if there are some, and where to write the key.
        #[arg(
            value_names = ["CIRCUIT.r1cs", "[POT.ptau] KEY.zkey"],
            num_args = 2..=3,
            required = true
        )]
        files: Vec<PathBuf>,
        /// What the contribution is called in the key.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Threads; without it, one a core.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
        threads: Option<u16>,
    },
    /// Prove a circuit with a key and a witness.
    #[command(
        after_help = "A key is checked completely the first time, and copied into a folder of checked keys; from then on\nit is ready at once. A proof is verified before it is written.\n\nExamples:\n  medveil groth16 prove circuit_final.zkey witness.wtns proof.json public.json\n  medveil groth16 prove circuit_final.zkey witness.wtns proof.json public.json --threads 1"
    )]
    Prove {
        /// Proving key of snarkjs (Groth16 over bn128).
        #[arg(value_name = "KEY.zkey")]
        key: PathBuf,
        /// Witness, as circom's generators write it.
        #[arg(value_name = "WITNESS.wtns")]
        witness: PathBuf,
        /// Where to write the proof.
        #[arg(value_name = "PROOF.json")]
        proof: PathBuf,
        /// Where to write the public inputs.
        #[arg(value_name = "PUBLIC.json")]
        public: PathBuf,
        /// Threads; without it, one a core.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
        threads: Option<u16>,
        /// Take a key that anybody may be able to forge proofs for, such as one without a
        /// contribution.
        #[arg(long)]
        insecure: bool,
        /// The folder of checked keys; without it, one of your caches. It may be deleted at any time.
        #[arg(long, value_name = "DIR")]
        cache: Option<PathBuf>,
    },
    /// Verify proofs against a verifying key: one, or many together.
    #[command(
        after_help = "Examples:\n  medveil groth16 verify verification_key.json public.json proof.json\n  medveil groth16 verify verification_key.json public1.json proof1.json public2.json proof2.json"
    )]
    Verify {
        /// Verifying key of snarkjs.
        #[arg(value_name = "VKEY.json")]
        vkey: PathBuf,
        /// Public inputs and proof, as often as there are proofs.
        #[arg(
            value_names = ["PUBLIC.json", "PROOF.json"],
            num_args = 2..,
            required = true
        )]
        proofs: Vec<PathBuf>,
        /// Take a key that anybody may be able to forge proofs for.
        #[arg(long)]
        insecure: bool,
    },
}

/// `medveil zkey ...`.
#[derive(Debug, Subcommand)]
pub enum ZkeyCommand {
    /// Say how large a key's circuit is, and whether anybody could forge.
    #[command(after_help = "Example:\n  medveil zkey info circuit_final.zkey")]
    Info {
        /// Proving key of snarkjs.
        #[arg(value_name = "KEY.zkey")]
        key: PathBuf,
    },
    /// Check that a key is what a circuit, powers of tau and its contributions make.
    #[command(
        after_help = "Example:\n  medveil zkey verify circuit.r1cs pot16_final.ptau circuit_final.zkey"
    )]
    Verify {
        /// Circuit of circom.
        #[arg(value_name = "CIRCUIT.r1cs")]
        circuit: PathBuf,
        /// Powers of tau, prepared for phase 2. Their own contributions are not checked.
        #[arg(value_name = "POT.ptau")]
        powers: PathBuf,
        /// Proving key of snarkjs.
        #[arg(value_name = "KEY.zkey")]
        key: PathBuf,
        /// Threads; without it, one a core.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
        threads: Option<u16>,
    },
    /// Write the verifying key inside a proving key.
    #[command(
        after_help = "Example:\n  medveil zkey export-vkey circuit_final.zkey verification_key.json"
    )]
    ExportVkey {
        /// Proving key of snarkjs.
        #[arg(value_name = "KEY.zkey")]
        key: PathBuf,
        /// Where to write it.
        #[arg(value_name = "VKEY.json")]
        vkey: PathBuf,
    },
    /// The same in snarkjs' words: `zkey export verificationkey`.
    #[command(
        after_help = "Example:\n  medveil zkey export verificationkey circuit_final.zkey verification_key.json"
    )]
    Export {
        what: Exported,
        /// Proving key of snarkjs.
        #[arg(value_name = "KEY.zkey")]
        key: PathBuf,
        /// Where to write it.
        #[arg(value_name = "VKEY.json")]
        vkey: PathBuf,
    },
}

/// What of a proving key is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Exported {
    #[value(name = "verificationkey")]
    VerificationKey,
}

/// `medveil r1cs ...`.
#[derive(Debug, Subcommand)]
pub enum R1csCommand {
    /// Say how large a circuit is.
    #[command(after_help = "Example:\n  medveil r1cs info circuit.r1cs")]
    Info {
        /// Circuit of circom.
        #[arg(value_name = "CIRCUIT.r1cs")]
        circuit: PathBuf,
    },
    /// Write a circuit of this program.
    #[command(after_help = "Example:\n  medveil r1cs export eligibility-1 eligibility-1.r1cs")]
    Export {
        /// Circuit name, such as eligibility-1 or registration-256.
        circuit: String,
        /// Where to write it.
        #[arg(value_name = "CIRCUIT.r1cs")]
        out: PathBuf,
    },
}

/// `medveil wtns ...`.
#[derive(Debug, Subcommand)]
pub enum WtnsCommand {
    /// Check that a witness satisfies a circuit.
    #[command(after_help = "Example:\n  medveil wtns check circuit.r1cs witness.wtns")]
    Check {
        /// Circuit of circom.
        #[arg(value_name = "CIRCUIT.r1cs")]
        circuit: PathBuf,
        /// Witness, as circom's generators write it.
        #[arg(value_name = "WITNESS.wtns")]
        witness: PathBuf,
    },
}

/// `medveil powersoftau ...`.
#[derive(Debug, Subcommand)]
pub enum PowersCommand {
    /// Say for how large circuits powers are, and who contributed.
    #[command(after_help = "Example:\n  medveil powersoftau info pot16_final.ptau")]
    Info {
        /// Powers of tau of snarkjs.
        #[arg(value_name = "POT.ptau")]
        powers: PathBuf,
    },
}
