//! Proofs of any circuit: commands that need no home.

use super::context::Context;
use crate::cli::args::{
    Exported, Groth16Command, PowersCommand, R1csCommand, WtnsCommand, ZkeyCommand,
};
use crate::cli::failed::CommandError;
use crate::journey::groth16::{self, ProveFiles, SetupFiles, VerifyFiles};
use std::path::PathBuf;

/// `groth16 ...`.
pub fn groth16(context: &Context<'_>, command: &Groth16Command) -> Result<(), CommandError> {
    let progress = context.progress();
    match command {
        Groth16Command::Setup {
            files,
            name,
            threads,
        } => {
            let [circuit, powers @ .., key] = files.as_slice() else {
                // The command line has two or three.
                return Ok(());
            };
            let files = SetupFiles {
                circuit,
                powers: powers.first().map(PathBuf::as_path),
                key,
                name: name.as_deref(),
                threads: threads.map(usize::from),
            };
            context.finish(&groth16::setup(progress.as_ref(), &files)?)
        }
        Groth16Command::Prove {
            key,
            witness,
            proof,
            public,
            threads,
            insecure,
            cache,
        } => {
            let files = ProveFiles {
                key,
                witness,
                proof,
                public,
                cache: cache.as_deref(),
                threads: threads.map(usize::from),
                insecure: *insecure,
            };
            context.finish(&groth16::prove(progress.as_ref(), &files)?)
        }
        Groth16Command::Verify {
            vkey,
            proofs,
            insecure,
        } => {
            let files = VerifyFiles {
                key: vkey,
                proofs,
                insecure: *insecure,
            };
            context.finish(&groth16::verify(&files)?)
        }
    }
}

/// `zkey ...`.
pub fn zkey(context: &Context<'_>, command: &ZkeyCommand) -> Result<(), CommandError> {
    match command {
        ZkeyCommand::Info { key } => context.finish(&groth16::info(key)?),
        ZkeyCommand::Verify {
            circuit,
            powers,
            key,
            threads,
        } => {
            let (progress, threads) = (context.progress(), threads.map(usize::from));
            let files = [circuit, powers, key].map(PathBuf::as_path);
            context.finish(&groth16::verify_key(progress.as_ref(), files, threads)?)
        }
        ZkeyCommand::ExportVkey { key, vkey }
        | ZkeyCommand::Export {
            what: Exported::VerificationKey,
            key,
            vkey,
        } => context.finish(&groth16::export(key, vkey)?),
    }
}

/// `r1cs ...`.
pub fn r1cs(context: &Context<'_>, command: &R1csCommand) -> Result<(), CommandError> {
    match command {
        R1csCommand::Info { circuit } => context.finish(&groth16::circuit_info(circuit)?),
        R1csCommand::Export { circuit, out } => {
            context.finish(&groth16::export_circuit(circuit, out)?)
        }
    }
}

/// `wtns ...`.
pub fn wtns(context: &Context<'_>, command: &WtnsCommand) -> Result<(), CommandError> {
    let WtnsCommand::Check { circuit, witness } = command;
    context.finish(&groth16::check_witness(circuit, witness)?)
}

/// `powersoftau ...`.
pub fn powersoftau(context: &Context<'_>, command: &PowersCommand) -> Result<(), CommandError> {
    let PowersCommand::Info { powers } = command;
    context.finish(&groth16::powers_info(powers)?)
}
