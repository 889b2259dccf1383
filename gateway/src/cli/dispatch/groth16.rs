//! Proofs of any circuit: commands that need no home.

use super::context::Context;
use crate::cli::args::{Groth16Command, ZkeyCommand};
use crate::cli::failed::CommandError;
use crate::journey::groth16::{self, ProveFiles, VerifyFiles};

/// `groth16 ...`.
pub fn groth16(context: &Context<'_>, command: &Groth16Command) -> Result<(), CommandError> {
    match command {
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
            let progress = context.progress();
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
        ZkeyCommand::ExportVkey { key, vkey } => context.finish(&groth16::export(key, vkey)?),
    }
}
