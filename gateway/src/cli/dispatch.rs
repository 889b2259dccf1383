//! One arm a command: arguments checked, one call into `service`, one step printed.

use super::args::{
    AccessCommand, ClaimCommand, Cli, CollectionsCommand, Command, ConsortiumCommand,
    DatasetCommand, LedgerCommand,
};
use super::dispatch_trust;
use crate::channel::FabricChannel;
use crate::desk::{Desk, settled_step};
use crate::error::{Context, GatewayError};
use crate::home::{Actor, Home};
use crate::output::{Output, Step};
use crate::service::claim::{self, Goal, Wish};
use crate::service::{
    collections, dataset, day, events, fabric_ledger, grant, join, ledger, read, request, verify,
};
use crate::startup::{self, Opened};
use circuits::claim::CountUnit;
use circuits::field::Felt;
use circuits::ids::RequestId;
use collections_config::MspId;
use verifier_chaincode::call::Decision;

/// Runs one command.
///
/// **Errors**: what the command says, with its kind.
pub fn run(cli: Cli, output: &Output) -> Result<(), GatewayError> {
    let home = Home::new(&cli.home);
    match &cli.command {
        Command::Quickstart(args) => {
            return dispatch_trust::quickstart(home, *output, args);
        }
        Command::Verify(args) => output.step(&verify::verify(
            output,
            &args.bundle,
            args.trust.as_deref(),
        )?),
        Command::Ledger(LedgerCommand::Audit) if !home.fabric().is_file() => {
            output.step(&ledger::audit(&home)?)
        }
        Command::Collections(command) => output.step(&collections(&home, command)?),
        Command::Net(args) => output.step(&dispatch_trust::net(output, args)?),
        Command::Consortium(ConsortiumCommand::Join { file }) => {
            let offices = startup::offices(&home, cli.passphrase_file.clone());
            output.step(&join::join(&home, &offices, file, &mut startup::rng()?)?);
        }
        Command::Consortium(ConsortiumCommand::Init { consortium, groups }) => {
            output.step(&dispatch_trust::init(
                home,
                *output,
                &cli,
                consortium.as_deref(),
                groups.as_deref(),
            )?);
        }
        Command::Dataset(DatasetCommand::Inspect { source, schema }) => {
            output.step(&dataset::inspect(
                output,
                source,
                schema.as_deref(),
                &mut startup::rng()?,
            )?);
        }
        Command::Policy(command) if dispatch_trust::is_offline(command) => {
            output.step(&dispatch_trust::policy_offline(&home, command)?)
        }
        _ => {
            let opened = startup::open(home, *output, cli.passphrase_file.clone())?;
            let actor = cli.actor.as_deref().map(Actor::parse).transpose()?;
            output.step(&online(&opened, &cli.command, actor.as_ref())?);
        }
    }
    Ok(())
}

fn online(opened: &Opened, command: &Command, actor: Option<&Actor>) -> Result<Step, GatewayError> {
    match command {
        Command::Dataset(command) => data(opened, command, actor),
        Command::Access(command) => access(opened, command, actor),
        Command::Claim(command) => claims(opened, command, actor),
        Command::Ledger(command) => ledger_command(opened, command, actor),
        other => dispatch_trust::online(opened, other, actor),
    }
}

/// The organisation that acts; the first of the consortium for plain reading.
pub(super) fn org(opened: &Opened, actor: Option<&Actor>) -> Result<MspId, GatewayError> {
    match actor {
        Some(actor) => Ok(actor.org.clone()),
        None => Err(needs_actor(opened, "--as ORG")),
    }
}

/// The person who acts.
pub(super) fn person<'a>(
    opened: &Opened,
    actor: Option<&'a Actor>,
) -> Result<&'a Actor, GatewayError> {
    actor
        .filter(|a| a.person.is_some())
        .ok_or_else(|| needs_actor(opened, "--as ORG/NAME"))
}

fn needs_actor(opened: &Opened, what: &str) -> GatewayError {
    let names: Vec<&str> = opened
        .desk
        .consortium
        .members()
        .iter()
        .map(|m| m.msp_id.as_str())
        .collect();
    GatewayError::input(
        "actor",
        format!(
            "say who acts with {what}; organisations here: {}",
            names.join(", ")
        ),
    )
}

fn data(
    opened: &Opened,
    command: &DatasetCommand,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    let desk = &opened.desk;
    let org = org(opened, actor)?;
    match command {
        DatasetCommand::Inspect { source, schema } => {
            dataset::inspect(&desk.output, source, schema.as_deref(), &mut *desk.rng())
        }
        DatasetCommand::Commit {
            source,
            name,
            group,
            schema,
        } => dataset::commit(desk, &org, source, schema.as_deref(), name, group),
        DatasetCommand::Register { name } => dataset::register(desk, &org, name),
        DatasetCommand::Store { name } => dataset::store(desk, &org, name),
        DatasetCommand::Read { grant, out } => read::read(
            desk,
            person(opened, actor)?,
            request_id(grant)?,
            out.as_deref(),
        ),
        DatasetCommand::List => dataset::list(desk, &org),
    }
}

fn access(
    opened: &Opened,
    command: &AccessCommand,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    let desk = &opened.desk;
    let org = org(opened, actor)?;
    match command {
        AccessCommand::Request {
            dataset,
            study,
            purpose,
            disease,
            region,
            columns,
            letter,
        } => {
            let ask = request::Ask {
                dataset: dataset.clone(),
                study: study.clone(),
                purpose: purpose.clone(),
                disease: disease.clone(),
                region: region.clone(),
                columns: columns.clone(),
                letter: letter.clone(),
            };
            request::request(desk, person(opened, actor)?, &ask)
        }
        AccessCommand::List => grant::list(desk, &org),
        AccessCommand::Show { id } => grant::show(desk, &org, request_id(id)?),
        AccessCommand::Decide { id, approve, .. } => grant::decide(
            desk,
            &org,
            request_id(id)?,
            if *approve {
                Decision::Approve
            } else {
                Decision::Reject
            },
        ),
        AccessCommand::Handover { id } => grant::handover(desk, &org, request_id(id)?),
        AccessCommand::Confirm { id } => grant::confirm(desk, &org, request_id(id)?),
        AccessCommand::Close { id } => grant::close(desk, &org, request_id(id)?),
    }
}

fn claims(
    opened: &Opened,
    command: &ClaimCommand,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    let (desk, org) = (&opened.desk, org(opened, actor)?);
    match command {
        ClaimCommand::Prove {
            dataset,
            query,
            at_least,
            largest,
            all,
            unit,
            ..
        } => {
            let goal = match (at_least, largest, all) {
                (Some(k), _, _) => Goal::AtLeast(*k),
                (None, true, _) => Goal::Largest,
                (None, false, true) => Goal::All,
                (None, false, false) => Goal::None,
            };
            let unit = if unit == "rows" {
                CountUnit::Rows
            } else {
                CountUnit::Subjects
            };
            claim::prove(
                desk,
                &org,
                &Wish {
                    dataset,
                    query,
                    goal,
                    unit,
                },
            )
        }
        ClaimCommand::Publish { id } => claim::publish(desk, &org, claim_id(id)?),
        ClaimCommand::List => claim::list(desk, &org),
        ClaimCommand::Bundle { id, out } => claim::bundle(desk, &org, claim_id(id)?, out),
    }
}

fn ledger_command(
    opened: &Opened,
    command: &LedgerCommand,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    if let LedgerCommand::Events {
        from,
        checkpoint,
        follow,
        blocks,
    } = command
    {
        let wish = events::Wish {
            from: *from,
            checkpoint: checkpoint.as_deref(),
            follow: *follow,
            blocks: *blocks,
        };
        return events::listen(opened, &org(opened, actor)?, wish);
    }
    if let (Some(channel), false) = (opened.fabric(), matches!(command, LedgerCommand::Tick)) {
        return fabric_ledger(&opened.desk, channel, command, &org(opened, actor)?);
    }
    match command {
        LedgerCommand::Tick => day::tick(&opened.desk, &org(opened, actor)?),
        LedgerCommand::Blocks { from, limit } => ledger::blocks(opened.embedded()?, *from, *limit),
        LedgerCommand::Tx { id } => ledger::transaction(opened.embedded()?, id),
        LedgerCommand::Outbox => Ok(settled_step(&[])
            .line("nothing is on its way: the embedded ledger orders in the same process")),
        LedgerCommand::Events { .. } | LedgerCommand::Audit => Err(GatewayError::internal(
            "dispatch",
            "events and audits are dispatched before",
        )),
    }
}

fn fabric_ledger(
    desk: &Desk,
    channel: &FabricChannel,
    command: &LedgerCommand,
    org: &MspId,
) -> Result<Step, GatewayError> {
    match command {
        LedgerCommand::Blocks { from, limit } => {
            fabric_ledger::blocks(desk, channel, org, *from, *limit)
        }
        LedgerCommand::Tx { id } => fabric_ledger::transaction(desk, channel, org, id),
        LedgerCommand::Outbox => fabric_ledger::outbox(desk, org),
        _ => fabric_ledger::audit(desk, channel, org),
    }
}

fn collections(home: &Home, command: &CollectionsCommand) -> Result<Step, GatewayError> {
    match command {
        CollectionsCommand::Derive { consortium, groups } => {
            let consortium = consortium.clone().unwrap_or_else(|| home.consortium());
            let groups = groups.clone().unwrap_or_else(|| home.groups());
            collections::derive(&consortium, &groups)
        }
        CollectionsCommand::Check { file, next } => collections::check(file, next.as_deref()),
    }
}

fn claim_id(text: &str) -> Result<Felt, GatewayError> {
    Felt::from_hex(text).input("claim id")
}

fn request_id(text: &str) -> Result<RequestId, GatewayError> {
    text.parse().input("request id")
}
