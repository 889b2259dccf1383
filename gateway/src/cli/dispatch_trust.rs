//! Commands of the side that makes trust, and the ones that open a home themselves.

use super::args::{
    CircuitCommand, Cli, Command, ConsortiumCommand, IssuerCommand, KeysCommand, LedgerKind,
    NetArgs, NetCommand, PolicyCommand, QuickstartArgs, VisaCommand,
};
use super::dispatch::{org, person};
use crate::backend::SystemClock;
use crate::error::GatewayError;
use crate::home::{Actor, Home};
use crate::output::{Output, Step};
use crate::quickstart;
use crate::service::doctor::{self, Chart, Charts};
use crate::service::issuer::{Assertion, Issuer};
use crate::service::visa::RequestFile;
use crate::service::{circuit, consortium, keys, net, policy, visa};
use crate::startup::{self, Opened};
use circuits::visa::VisaTexts;
use collections_config::Consortium;
use fabric_net::Layout;
use std::path::{Path, PathBuf};

/// `consortium init`.
///
/// **Errors**: problems of the files; a consortium is there already.
pub fn init(
    home: Home,
    output: Output,
    cli: &Cli,
    file: Option<&Path>,
    groups: Option<&Path>,
) -> Result<Step, GatewayError> {
    let mut rng = startup::rng()?;
    let files = consortium::files(file, groups, &mut rng)?;
    let offices = startup::offices(&home, cli.passphrase_file.clone());
    consortium::found(&home, &offices, &files, &SystemClock, &mut rng)?;
    let opened = startup::open(home, output, cli.passphrase_file.clone())?;
    consortium::bootstrap(&opened.desk)
}

/// `quickstart`.
///
/// **Errors**: the first step that fails.
pub fn quickstart(home: Home, output: Output, args: &QuickstartArgs) -> Result<(), GatewayError> {
    let net = (args.ledger == LedgerKind::Fabric).then(|| Layout::new(&args.net));
    quickstart::run(
        home,
        output,
        args.source.as_deref(),
        args.schema.as_deref(),
        net.as_ref(),
    )
}

/// `net`.
///
/// **Errors**: what the command says.
pub fn net(output: &Output, args: &NetArgs) -> Result<Step, GatewayError> {
    let (layout, own) = (Layout::new(&args.net), args.binaries.as_deref());
    match &args.command {
        NetCommand::Install => net::install(output, own),
        NetCommand::Up {
            consortium,
            groups,
            orderers,
            no_time_check,
        } => {
            let (consortium, groups) = (consortium.as_deref(), groups.as_deref());
            let wish = net::Wish {
                consortium,
                groups,
                orderers: *orderers,
                no_time_check: *no_time_check,
            };
            net::up(output, &layout, &net::binaries(own)?, &wish)
        }
        NetCommand::Deploy {
            chaincode,
            groups,
            refuse_dev_keys,
        } => {
            let wish = net::DeployWish {
                program: chaincode.as_deref(),
                groups: groups.as_deref(),
                refuse_dev_keys: *refuse_dev_keys,
            };
            net::deploy(output, &layout, &net::binaries(own)?, &wish)
        }
        NetCommand::Status => net::status(&layout),
        NetCommand::Env { org } => net::env(&layout, &net::binaries(own)?, org),
        NetCommand::Doctor {
            core,
            orderer,
            env,
            channel,
            join,
        } => {
            let charts = |files: &[PathBuf]| {
                files
                    .iter()
                    .map(|file| Chart {
                        file: file.clone(),
                        env: env.clone(),
                    })
                    .collect()
            };
            let charts = Charts {
                core: charts(core),
                orderer: charts(orderer),
                channel: channel.clone(),
                join: join.clone(),
            };
            doctor::doctor(output, &layout, charts)
        }
        NetCommand::Down => net::down(&layout),
        NetCommand::Clean => net::clean(&layout),
    }
}

/// Whether a policy command needs no ledger.
pub fn is_offline(command: &PolicyCommand) -> bool {
    !matches!(command, PolicyCommand::Put { .. })
}

/// `policy check` and `policy explain`.
///
/// **Errors**: every problem of the file.
pub fn policy_offline(home: &Home, command: &PolicyCommand) -> Result<Step, GatewayError> {
    match command {
        PolicyCommand::Explain { file } => {
            let known = std::fs::read(home.consortium())
                .ok()
                .and_then(|bytes| Consortium::from_canonical(&bytes).ok());
            policy::explain(known.as_ref(), file)
        }
        PolicyCommand::Check { file } | PolicyCommand::Put { file, .. } => policy::check(file),
    }
}

/// Commands that need an open home.
///
/// **Errors**: what the command says.
pub fn online(
    opened: &Opened,
    command: &Command,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    match command {
        Command::Consortium(ConsortiumCommand::Trust { out }) => {
            consortium::trust(&opened.desk, &org(opened, actor)?, out)
        }
        Command::Circuit(command) => circuits(opened, command, actor),
        Command::Issuer(command) => issuer(opened, command, actor),
        Command::Visa(command) => visas(opened, command, actor),
        Command::Keys(KeysCommand::List) => keys::list(&opened.desk),
        Command::Keys(KeysCommand::Import { verifying, proving }) => {
            keys::import(&opened.desk, verifying, proving)
        }
        Command::Keys(KeysCommand::Publish) => keys::publish(&opened.desk, &org(opened, actor)?),
        Command::Policy(PolicyCommand::Put { file, dataset }) => {
            policy::put(&opened.desk, &org(opened, actor)?, file, dataset)
        }
        _ => Err(GatewayError::internal(
            "dispatch",
            "a command that needs no home reached the ledger",
        )),
    }
}

fn circuits(
    opened: &Opened,
    command: &CircuitCommand,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    let (desk, org) = (&opened.desk, org(opened, actor)?);
    match command {
        CircuitCommand::Propose { circuit } => circuit::propose(desk, &org, circuit),
        CircuitCommand::Approve { circuit } => circuit::approve(desk, &org, circuit),
        CircuitCommand::Activate { circuit } => circuit::activate(desk, &org, circuit),
        CircuitCommand::List => circuit::list(desk, &org),
    }
}

fn issuer(
    opened: &Opened,
    command: &IssuerCommand,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    let (desk, org) = (&opened.desk, org(opened, actor)?);
    match command {
        IssuerCommand::Init {
            schema,
            group,
            public_key,
        } => Issuer::new(desk, &org, schema, group)?.init(public_key.as_deref()),
        IssuerCommand::Register {
            schema,
            group,
            possession,
        } => Issuer::new(desk, &org, schema, group)?.register(possession.as_deref()),
        IssuerCommand::Revoke {
            schema,
            group,
            indices,
            urgent,
            later,
        } => {
            let issuer = Issuer::new(desk, &org, schema, group)?;
            if *later {
                issuer.revoke_later(indices)
            } else {
                issuer.revoke(indices, *urgent)
            }
        }
        IssuerCommand::Publish { schema, group } => {
            Issuer::new(desk, &org, schema, group)?.publish()
        }
        IssuerCommand::Issue {
            request,
            group,
            days,
            value,
            role,
            source,
            study,
            permissions,
            disease,
            region,
            conditions,
            out,
        } => {
            let request = RequestFile::read(request)?;
            let (value, role, source, study) =
                (value.clone(), role.clone(), source.clone(), study.clone());
            let texts = VisaTexts {
                value,
                role,
                source,
                study,
                region: region.clone(),
                conditions: conditions.clone(),
                institution: None,
            };
            let assertion = Assertion {
                days: *days,
                texts,
                permissions: permissions.clone(),
                disease: disease.clone(),
            };
            Issuer::new(desk, &org, &request.schema, group)?.issue(&request, &assertion, out)
        }
    }
}

fn visas(
    opened: &Opened,
    command: &VisaCommand,
    actor: Option<&Actor>,
) -> Result<Step, GatewayError> {
    let (desk, person) = (&opened.desk, person(opened, actor)?);
    match command {
        VisaCommand::Request { schema, out } => visa::request(desk, person, schema, out),
        VisaCommand::Import { file } => visa::import(desk, person, file),
        VisaCommand::List => visa::list(desk, person),
        VisaCommand::Show { number } => visa::show(desk, person, *number),
    }
}
