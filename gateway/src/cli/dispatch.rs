//! From a parsed command line to one call of a journey, and from its answer to the output.

mod access;
mod bench;
mod context;
mod data;
mod groth16;
mod names;
mod network;
mod trust;

use super::args::{Cli, Command, LedgerCommand};
use super::failed::CommandError;
use super::output::Output;
use super::{outputs, quickstart};
use crate::journey::{audit, day, events, ledger, repair, verify};
use crate::{outfile, streams};
use context::Context;

/// The name of the command.
pub fn step_of(cli: &Cli) -> &'static str {
    names::of(&cli.command)
}

/// Runs one command and gives the exit code.
pub async fn run(cli: Cli, output: &Output) -> i32 {
    let step = step_of(&cli);
    let context = Context { cli: &cli, output };
    let places = outputs::of(&cli.command);
    if places
        .iter()
        .any(|place| outfile::is_standard_output(place))
    {
        streams::take_for_content();
    }
    let done = match places.iter().try_for_each(|place| outfile::check(place)) {
        Ok(_) => command(&context, &cli.command).await,
        Err(source) => Err(CommandError::Place(source)),
    };
    match done {
        Ok(()) => 0,
        Err(error) => output.fail(step, &error),
    }
}

async fn command(context: &Context<'_>, command: &Command) -> Result<(), CommandError> {
    match command {
        Command::Quickstart(args) => quickstart::run(context.home(), context.output, args).await,
        Command::Verify(args) => {
            let progress = context.progress();
            let trust = args.trust.as_deref();
            context.finish(&verify::verify(progress.as_ref(), &args.bundle, trust)?)
        }
        Command::Consortium(command) => trust::consortium(context, command).await,
        Command::Circuit(command) => trust::circuit(context, command).await,
        Command::Issuer(command) => trust::issuer(context, command).await,
        Command::Member(command) => trust::member(context, command),
        Command::Visa(command) => trust::visa(context, command).await,
        Command::Keys(command) => trust::keys(context, command).await,
        Command::Policy(command) => trust::policy(context, command).await,
        Command::Schema(command) => data::schema(context, command),
        Command::Dataset(command) => data::dataset(context, command).await,
        Command::Access(command) => access::access(context, command).await,
        Command::Claim(command) => data::claim(context, command).await,
        Command::Ledger(command) => ledger(context, command).await,
        Command::Collections(command) => network::collections(context, command),
        Command::Net(args) => network::net(context, args).await,
        Command::Groth16(command) => groth16::groth16(context, command),
        Command::Zkey(command) => groth16::zkey(context, command),
        Command::R1cs(command) => groth16::r1cs(context, command),
        Command::Wtns(command) => groth16::wtns(context, command),
        Command::Powersoftau(command) => groth16::powersoftau(context, command),
        Command::Bench(command) => bench::bench(context, command),
    }
}

async fn ledger(context: &Context<'_>, command: &LedgerCommand) -> Result<(), CommandError> {
    let home = &context.home();
    // What looks at files needs nobody who acts.
    match command {
        LedgerCommand::Audit if !home.fabric().is_file() => {
            context.finish(&audit::audit_home(home).await?)
        }
        LedgerCommand::Repair { from } => {
            context.finish(&repair::repair(home, from.as_deref()).await?)
        }
        other => of_session(context, other).await,
    }
}

async fn of_session(context: &Context<'_>, command: &LedgerCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    let org = &match command {
        LedgerCommand::Tick | LedgerCommand::Audit => context.org(session)?,
        LedgerCommand::Blocks { .. }
        | LedgerCommand::Tx { .. }
        | LedgerCommand::Outbox
        | LedgerCommand::Repair { .. }
        | LedgerCommand::Events { .. } => context.reader(session)?,
    };
    match command {
        LedgerCommand::Tick => context.finish_with(session, &day::tick(session, org).await?),
        LedgerCommand::Blocks { from, limit } => {
            context.finish(&ledger::blocks(session, org, *from, *limit).await?)
        }
        LedgerCommand::Tx { id } => context.finish(&ledger::transaction(session, org, id).await?),
        LedgerCommand::Outbox => context.finish(&ledger::outbox(session, org).await?),
        LedgerCommand::Audit => context.finish(&audit::audit(session, org).await?),
        LedgerCommand::Repair { from } => {
            context.finish(&repair::repair(&session.home, from.as_deref()).await?)
        }
        LedgerCommand::Events {
            from,
            checkpoint,
            follow,
            blocks,
        } => {
            let options = events::ListenOptions {
                from: *from,
                checkpoint: checkpoint.as_deref(),
                follow: *follow,
                blocks: *blocks,
            };
            let mut print = |item: events::ListenedItem| {
                match item {
                    events::ListenedItem::Event(event) => context.output.finish(&event),
                    events::ListenedItem::Block(block) => context.output.finish(&block),
                    events::ListenedItem::Unreadable(tx) => context.output.finish(&tx),
                };
                // What was not printed is not heard: the listener's place stays before it.
                streams::lost().map_or(Ok(()), |kind| Err(kind.into()))
            };
            match events::listen(session, org, options, &mut print).await {
                Err(events::EventsError::Unheard(_)) => Ok(()),
                heard => context.finish(&heard?),
            }
        }
    }
}
