//! Requests, decisions, grants.

use super::context::{Context, request_id};
use crate::cli::args::{AccessCommand, ExtendArgs, RequestArgs};
use crate::cli::failed::CommandError;
use crate::journey::access::{self, AccessOptions, ExtensionOptions, VoteOptions};
use crate::session::Session;
use medveil_contract::call::Decision;
use std::path::Path;

/// `access ...`.
pub async fn access(context: &Context<'_>, command: &AccessCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    let org = || context.org(session);
    match command {
        AccessCommand::Request(args) => request(context, session, args).await,
        AccessCommand::Extend(args) => extend(context, session, args).await,
        AccessCommand::Affirm { id, ask } => affirm(context, session, id, ask.as_deref()).await,
        AccessCommand::List => {
            let org = context.reader(session)?;
            context.finish(&access::list(session, &org).await?)
        }
        AccessCommand::Show { id, letter_out } => {
            let org = context.reader(session)?;
            let (id, out) = (request_id(id)?, letter_out.as_deref());
            context.finish(&access::show(session, &org, id, out).await?)
        }
        AccessCommand::Submit { file } => {
            context.finish_with(session, &access::submit(session, &org()?, file).await?)
        }
        AccessCommand::Decide {
            id,
            approve,
            unseen,
            ..
        } => {
            let vote = VoteOptions {
                request: request_id(id)?,
                decision: match approve {
                    true => Decision::Approve,
                    false => Decision::Reject,
                },
                unseen: *unseen,
            };
            context.finish_with(session, &access::decide(session, &org()?, &vote).await?)
        }
        AccessCommand::Handover { id } => {
            let handed = access::handover(session, &org()?, request_id(id)?).await?;
            context.finish_with(session, &handed)
        }
        AccessCommand::Confirm { id, witness } => {
            confirm(context, session, (id, witness.as_deref())).await
        }
        AccessCommand::Close { id } => {
            let closed = access::close(session, &org()?, request_id(id)?).await?;
            context.finish_with(session, &closed)
        }
    }
}

/// `access affirm`.
async fn affirm(
    context: &Context<'_>,
    session: &Session,
    id: &str,
    ask: Option<&Path>,
) -> Result<(), CommandError> {
    let (person, request) = (context.person(session)?, request_id(id)?);
    if let Some(path) = ask {
        let written = access::ask_affirmation(session, &person, request, path);
        return context.finish(&written.await?);
    }
    let affirmed = access::affirm(session, &person, request).await?;
    context.finish_with(session, &affirmed)
}

/// `access confirm`.
async fn confirm(
    context: &Context<'_>,
    session: &Session,
    (id, witness): (&str, Option<&Path>),
) -> Result<(), CommandError> {
    let (org, request) = (context.org(session)?, request_id(id)?);
    if let Some(path) = witness {
        let written = access::handover_witness(session, &org, request, path);
        return context.finish_with(session, &written.await?);
    }
    let confirmed = access::confirm(session, &org, request).await?;
    context.finish_with(session, &confirmed)
}

/// `access request`.
async fn request(
    context: &Context<'_>,
    session: &Session,
    args: &RequestArgs,
) -> Result<(), CommandError> {
    let options = AccessOptions {
        dataset: args.dataset.clone(),
        study: args.study.clone(),
        purpose: args.purpose.clone(),
        disease: args.disease.clone(),
        region: args.region.clone(),
        columns: args.columns.clone(),
        letter: args.letter.clone(),
        letter_type: args.letter_type.clone(),
    };
    let person = context.person(session)?;
    if args.check {
        return context.finish(&access::check(session, &person, &options).await?);
    }
    if let Some(path) = &args.ask {
        let written = access::ask_request(session, &person, &options, path);
        return context.finish(&written.await?);
    }
    if let Some(path) = &args.witness {
        let written = access::request_witness(session, &person, &options, path);
        return context.finish(&written.await?);
    }
    let requested = access::request(session, &person, &options).await?;
    context.finish_with(session, &requested)
}

/// `access extend`.
async fn extend(
    context: &Context<'_>,
    session: &Session,
    args: &ExtendArgs,
) -> Result<(), CommandError> {
    let options = ExtensionOptions {
        grant: request_id(&args.id)?,
        columns: args.columns.clone(),
        letter: args.letter.clone(),
        letter_type: args.letter_type.clone(),
    };
    let person = context.person(session)?;
    if let Some(path) = &args.ask {
        let written = access::ask_extension(session, &person, &options, path);
        return context.finish(&written.await?);
    }
    if let Some(path) = &args.witness {
        let written = access::extension_witness(session, &person, &options, path);
        return context.finish(&written.await?);
    }
    let requested = access::extend(session, &person, &options).await?;
    context.finish_with(session, &requested)
}
