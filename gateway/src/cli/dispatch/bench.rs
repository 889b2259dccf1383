//! Measuring proofs: commands that need no home.

use super::context::Context;
use crate::cli::args::{BenchCommand, PeersArgs};
use crate::cli::failed::CommandError;
use crate::journey::peers::{self, Asked};

/// `bench ...`.
pub fn bench(context: &Context<'_>, command: &BenchCommand) -> Result<(), CommandError> {
    match command {
        BenchCommand::Peers(args) => {
            let progress = context.progress();
            context.finish(&peers::compare(progress.as_ref(), &asked(args))?)
        }
        BenchCommand::PeerWorker(args) => Ok(peers::work(&args.engine, &args.folder)?),
    }
}

fn asked(args: &PeersArgs) -> Asked<'_> {
    Asked {
        circuits: &args.circuits,
        sizes: &args.sizes,
        threads: &args.threads,
        rounds: args.rounds,
        slow_rounds: args.slow_rounds,
        peers: &args.peers,
        is_full: args.full,
        rapidsnark: args.rapidsnark.as_deref(),
        cache: args.cache.as_deref(),
        to: &args.to,
        bound: args.bound,
    }
}
