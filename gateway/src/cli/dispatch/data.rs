//! The side that shares and uses data: datasets and claims.

use super::context::{Context, claim_id, request_id};
use crate::cli::args::{ClaimCommand, DatasetCommand, ProveArgs, ReportArgs, SchemaCommand, Unit};
use crate::cli::failed::CommandError;
use crate::journey::claim::{ClaimOptions, Goal};
use crate::journey::dataset::{CommitOptions, ReportOf, SourceInput};
use crate::journey::{claim, dataset};
use crate::session::Session;
use crate::startup;
use medveil_circuits::claim::CountUnit;
use medveil_circuits::ids::Day;
use medveil_collections_config::MspId;
use medveil_ledger::{Clock, SystemClock};
use std::path::Path;

/// `dataset ...`.
pub async fn dataset(context: &Context<'_>, command: &DatasetCommand) -> Result<(), CommandError> {
    if let DatasetCommand::Inspect {
        source,
        schema,
        views,
    } = command
    {
        let views = views.as_deref();
        return inspect(context, source, schema.as_deref(), views);
    }
    if let DatasetCommand::Report(args) = command {
        return report(context, args).await;
    }
    let session = &context.session()?;
    match command {
        DatasetCommand::Inspect { .. } | DatasetCommand::Report(_) => Ok(()),
        DatasetCommand::Commit {
            source,
            name,
            group,
            schema,
            views,
            accept,
        } => {
            let holder = context.org(session)?;
            let options = CommitOptions {
                source,
                views: views.as_deref(),
                accept,
                schema: schema.as_deref(),
                name,
                group,
            };
            let committed = dataset::commit(session, &holder, &options).await?;
            context.finish_with(session, &committed)
        }
        DatasetCommand::Register { name, uncompared } => {
            let holder = context.org(session)?;
            let registered = claim::register_dataset(session, &holder, name, *uncompared).await?;
            context.finish_with(session, &registered)
        }
        DatasetCommand::Store { name } => {
            let holder = context.org(session)?;
            let stored = dataset::store(session, &holder, name).await?;
            context.finish_with(session, &stored)
        }
        DatasetCommand::Read { grant, out } => {
            let person = context.person(session)?;
            let grant = request_id(grant)?;
            let rows = dataset::read(session, &person, grant, out.as_deref()).await?;
            context.finish(&rows)
        }
        DatasetCommand::List => {
            let org = context.reader(session)?;
            context.finish(&dataset::list(session, &org).await?)
        }
    }
}

/// `dataset report`.
async fn report(context: &Context<'_>, args: &ReportArgs) -> Result<(), CommandError> {
    if let Some(file) = &args.check {
        return context.finish(&dataset::check_report(file)?);
    }
    let session = &context.session()?;
    let of = match &args.grant {
        Some(grant) => ReportOf::Grant(context.person(session)?, request_id(grant)?),
        None => {
            let name = args.name.clone().unwrap_or_default();
            ReportOf::Name(context.org(session)?, name)
        }
    };
    let out = args.out.as_deref();
    context.finish(&dataset::report(session, &of, &args.part, out).await?)
}

/// `schema ...`.
pub fn schema(context: &Context<'_>, command: &SchemaCommand) -> Result<(), CommandError> {
    let (progress, mut rng) = (context.progress(), startup::rng()?);
    match command {
        SchemaCommand::Draft { source, set, out } => {
            let (out, words) = (out.as_deref(), set.iter().cloned().collect());
            let drafted = dataset::draft_schema(progress.as_ref(), source, &words, out, &mut rng)?;
            context.finish(&drafted)
        }
        SchemaCommand::Omop { source, out } => {
            context.finish(&dataset::write_omop(source, out.as_deref())?)
        }
        SchemaCommand::Check {
            source,
            schema,
            views,
        } => {
            let input = SourceInput {
                source,
                views: views.as_deref(),
                today: Day::of_millis(SystemClock.now_ms()),
                gather: true,
            };
            let schema = schema.as_deref();
            let checked = dataset::check_schema(progress.as_ref(), input, schema, &mut rng)?;
            context.finish(&checked)
        }
    }
}

/// `dataset inspect`.
fn inspect(
    context: &Context<'_>,
    source: &Path,
    schema: Option<&Path>,
    views: Option<&Path>,
) -> Result<(), CommandError> {
    let (progress, mut rng) = (context.progress(), startup::rng()?);
    let input = SourceInput {
        source,
        views,
        today: Day::of_millis(SystemClock.now_ms()),
        gather: false,
    };
    let inspected = dataset::inspect(progress.as_ref(), &context.home(), input, schema, &mut rng)?;
    context.finish(&inspected)
}

/// `claim ...`.
pub async fn claim(context: &Context<'_>, command: &ClaimCommand) -> Result<(), CommandError> {
    let session = &context.session()?;
    let is_read = matches!(command, ClaimCommand::List);
    let org = &context.org_for(session, is_read)?;
    match command {
        ClaimCommand::Prove(args) => prove_claim(context, session, org, args).await,
        ClaimCommand::Publish { id, uncompared } => {
            let published = claim::publish(session, org, claim_id(id)?, *uncompared).await?;
            context.finish_with(session, &published)
        }
        ClaimCommand::Discard { id } => {
            context.finish(&claim::discard(session, org, claim_id(id)?).await?)
        }
        ClaimCommand::List => context.finish(&claim::list(session, org).await?),
        ClaimCommand::Bundle { id, out } => {
            context.finish(&claim::bundle(session, org, claim_id(id)?, out).await?)
        }
    }
}

/// `claim prove`.
async fn prove_claim(
    context: &Context<'_>,
    session: &Session,
    holder: &MspId,
    args: &ProveArgs,
) -> Result<(), CommandError> {
    let options = ClaimOptions {
        dataset: &args.dataset,
        query: &args.query,
        goal: args.at_least.map_or(Goal::Largest, Goal::AtLeast),
        unit: match args.unit {
            Unit::Rows => CountUnit::Rows,
            Unit::Subjects => CountUnit::Subjects,
        },
        uncompared: args.uncompared,
    };
    if let Some(path) = &args.witness {
        let place = (args.chunk, path.as_path());
        let written = claim::export_witness(session, holder, &options, place);
        return context.finish(&written.await?);
    }
    let proven = claim::prove(session, holder, &options).await?;
    context.finish_with(session, &proven)
}
