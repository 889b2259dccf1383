//! Networks on this machine and private data collections: commands that need no home.

use super::context::Context;
use crate::cli::args::{CollectionsCommand, DoctorArgs, NetArgs, NetCommand};
use crate::cli::failed::CommandError;
use crate::journey::doctor::{self, ConfigFile, ConfigFiles, DoctorError};
use crate::journey::net::{DeployOptions, NetworkOptions};
use crate::journey::{collections, net};
use medveil_fabric_net::Layout;
use std::path::PathBuf;

/// `collections ...`.
pub fn collections(
    context: &Context<'_>,
    command: &CollectionsCommand,
) -> Result<(), CommandError> {
    let home = context.home();
    match command {
        CollectionsCommand::Derive { consortium, groups } => {
            let consortium = consortium.clone().unwrap_or_else(|| home.consortium());
            let groups = groups.clone().unwrap_or_else(|| home.groups());
            context.finish(&collections::derive(&consortium, &groups)?)
        }
        CollectionsCommand::Check { file, next } => {
            context.finish(&collections::check(file, next.as_deref())?)
        }
    }
}

/// `net ...`.
pub async fn net(context: &Context<'_>, args: &NetArgs) -> Result<(), CommandError> {
    let (layout, own) = (Layout::new(&args.net), args.binaries.as_deref());
    let progress = context.progress();
    let progress = progress.as_ref();
    match &args.command {
        NetCommand::Install => context.finish(&net::install(progress, own)?),
        NetCommand::Up {
            consortium,
            groups,
            orderers,
            no_time_check,
        } => {
            let options = NetworkOptions {
                consortium: consortium.as_deref(),
                groups: groups.as_deref(),
                orderers: *orderers,
                no_time_check: *no_time_check,
            };
            let binaries = net::binaries(own)?;
            context.finish(&net::up(progress, &layout, &binaries, &options)?)
        }
        NetCommand::Deploy {
            chaincode,
            groups,
            refuse_dev_keys,
        } => {
            let options = DeployOptions {
                program: chaincode.as_deref(),
                groups: groups.as_deref(),
                refuse_dev_keys: *refuse_dev_keys,
            };
            let binaries = net::binaries(own)?;
            context.finish(&net::deploy(progress, &layout, &binaries, &options).await?)
        }
        NetCommand::Status => context.finish(&net::status(&layout)?),
        NetCommand::Env { org } => context.finish(&net::env(&layout, &net::binaries(own)?, org)?),
        NetCommand::Doctor(args) => {
            let diagnosis = doctor::doctor(&layout, &config_files(args))?;
            match diagnosis.verdict() {
                Ok(diagnosis) => context.finish(&diagnosis),
                Err(error) => {
                    if let DoctorError::Problems(diagnosis) = &error {
                        context.output.explain(diagnosis);
                    }
                    Err(error.into())
                }
            }
        }
        NetCommand::Down => context.finish(&net::down(&layout)?),
        NetCommand::Clean => context.finish(&net::clean(&layout)?),
    }
}

fn config_files(args: &DoctorArgs) -> ConfigFiles {
    let config = |file: &PathBuf| ConfigFile {
        file: file.clone(),
        env: args.env.clone(),
    };
    ConfigFiles {
        core: args.core.iter().map(config).collect(),
        orderer: args.orderer.iter().map(config).collect(),
        channel: args.channel.clone(),
        join: args.join.clone(),
    }
}
