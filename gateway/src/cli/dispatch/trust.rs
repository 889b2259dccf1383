//! The side that makes trust: consortium, circuits, issuers, visas, keys, policies.

use super::context::{Context, sealing_key};
use crate::cli::args::{
    CircuitCommand, ConsortiumCommand, IssueArgs, IssuerCommand, IssuerName, KeysCommand,
    MemberCommand, PolicyCommand, VisaCommand,
};
use crate::cli::failed::CommandError;
use crate::journey::issuer::{Assertion, Issuer, list_registered, vote_to_retire};
use crate::journey::policy::PutOptions;
use crate::journey::visa::RequestFile;
use crate::journey::{circuit, consortium, join, keys, member, policy, visa};
use crate::session::Session;
use crate::startup;
use medveil_circuits::visa::VisaTexts;
use medveil_collections_config::MspId;

/// `consortium ...`.
pub async fn consortium(
    context: &Context<'_>,
    command: &ConsortiumCommand,
) -> Result<(), CommandError> {
    match command {
        ConsortiumCommand::Init {
            consortium: file,
            groups,
        } => {
            let (file, groups) = (file.as_deref(), groups.as_deref());
            context.finish(&consortium::init(context.startup()?, file, groups).await?)
        }
        ConsortiumCommand::Join { file } => {
            let (home, keyring) = (context.home(), context.startup()?.keyring());
            let joined = join::join(&home, &keyring, file, &mut startup::rng()?)?;
            context.finish(&joined)
        }
        ConsortiumCommand::Trust { out } => {
            let session = &context.session()?;
            let org = context.org(session)?;
            context.finish(&consortium::trust(session, &org, out).await?)
        }
    }
}

/// `member ...`.
pub fn member(context: &Context<'_>, command: &MemberCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    let person = context.person(session)?;
    match command {
        MemberCommand::Enrol { certificate, renew } => {
            let how = member::Enrolment {
                certificate: certificate.as_deref(),
                renew: *renew,
            };
            context.finish(&member::enrol(session, &person, how)?)
        }
    }
}

/// `circuit ...`.
pub async fn circuit(context: &Context<'_>, command: &CircuitCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    let is_read = matches!(command, CircuitCommand::List);
    let org = &context.org_for(session, is_read)?;
    match command {
        CircuitCommand::Propose { circuit } => {
            context.finish_with(session, &circuit::propose(session, org, circuit).await?)
        }
        CircuitCommand::Approve { circuit } => {
            context.finish_with(session, &circuit::approve(session, org, circuit).await?)
        }
        CircuitCommand::Activate { circuit } => {
            context.finish_with(session, &circuit::activate(session, org, circuit).await?)
        }
        CircuitCommand::List => context.finish(&circuit::list(session, org).await?),
    }
}

/// `issuer ...`.
pub async fn issuer(context: &Context<'_>, command: &IssuerCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    let is_read = matches!(command, IssuerCommand::Registry);
    let org = &context.org_for(session, is_read)?;
    let named = |name: &IssuerName| Issuer::new(session, org, &name.schema, &name.group);
    match command {
        IssuerCommand::Init { issuer, public_key } => {
            context.finish(&named(issuer)?.init(public_key.as_deref())?)
        }
        IssuerCommand::Register { issuer, possession } => {
            let registered = named(issuer)?.register(possession.as_deref()).await?;
            context.finish_with(session, &registered)
        }
        IssuerCommand::Issue(args) => issue(context, session, org, args).await,
        IssuerCommand::List { issuer, import } => context.finish(&match import {
            Some(path) => named(issuer)?.import(path).await?,
            None => named(issuer)?.list().await?,
        }),
        IssuerCommand::Revoke {
            issuer,
            indices,
            urgent,
            unlisted,
            later,
        } => {
            let issuer = named(issuer)?;
            if !unlisted {
                issuer.require_listed(indices)?;
            }
            match later {
                true => context.finish(&issuer.revoke_later(indices).await?),
                false => context.finish_with(session, &issuer.revoke(indices, *urgent).await?),
            }
        }
        IssuerCommand::Publish { issuer } => {
            context.finish_with(session, &named(issuer)?.publish().await?)
        }
        IssuerCommand::Retire { issuer, urgent } => {
            context.finish_with(session, &named(issuer)?.retire(*urgent).await?)
        }
        IssuerCommand::VoteToRetire { key } => {
            context.finish_with(session, &vote_to_retire(session, org, key).await?)
        }
        IssuerCommand::Registry => context.finish(&list_registered(session, org).await?),
    }
}

/// `issuer issue`.
async fn issue(
    context: &Context<'_>,
    session: &Session,
    org: &MspId,
    args: &IssueArgs,
) -> Result<(), CommandError> {
    let request = RequestFile::read(&args.request)?;
    let texts = VisaTexts {
        value: args.value.clone(),
        role: args.role.clone(),
        source: args.source.clone(),
        study: args.study.clone(),
        region: args.region.clone(),
        conditions: args.conditions.clone(),
        institution: None,
    };
    let assertion = Assertion {
        days: args.days,
        texts,
        permissions: args.permissions.clone(),
        disease: args.disease.clone(),
    };
    let issuer = Issuer::new(session, org, &request.schema, &args.group)?;
    context.finish(&issuer.issue(&request, &assertion, &args.out).await?)
}

/// `visa ...`.
pub async fn visa(context: &Context<'_>, command: &VisaCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    let person = &context.person(session)?;
    match command {
        VisaCommand::Request { schema, out } => {
            context.finish(&visa::request(session, person, schema, out)?)
        }
        VisaCommand::Import { file } => context.finish(&visa::import(session, person, file).await?),
        VisaCommand::List => context.finish(&visa::list(session, person).await?),
        VisaCommand::Show { number } => context.finish(&visa::show(session, person, *number)?),
    }
}

/// `keys ...`.
pub async fn keys(context: &Context<'_>, command: &KeysCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    match command {
        KeysCommand::List => context.finish(&keys::list(session)?),
        KeysCommand::Import { verifying, proving } => {
            context.finish(&keys::import(session, verifying, proving).await?)
        }
        KeysCommand::Publish { rotate, replaces } => {
            let org = context.org(session)?;
            let which = match replaces {
                Some(text) => keys::Publication::Replacing(sealing_key(text)?),
                None if *rotate => keys::Publication::Rotated,
                None => keys::Publication::Any,
            };
            let published = keys::publish(session, &org, which).await?;
            context.finish_with(session, &published)
        }
    }
}

/// `policy ...`: only putting one needs the ledger.
pub async fn policy(context: &Context<'_>, command: &PolicyCommand) -> Result<(), CommandError> {
    let known = || startup::consortium(&context.home());
    match command {
        PolicyCommand::Check { file } => context.finish(&policy::check(known()?.as_ref(), file)?),
        PolicyCommand::Explain { file } => {
            context.finish(&policy::explain(known()?.as_ref(), file)?)
        }
        PolicyCommand::Put {
            file,
            dataset,
            future,
        } => {
            let session = &context.session()?;
            let org = context.org(session)?;
            let options = PutOptions {
                dataset,
                future: *future,
            };
            let put = policy::put(session, &org, file, options).await?;
            context.finish_with(session, &put)
        }
    }
}
