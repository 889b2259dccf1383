//! `--witness FILE`: the witness of a request's or an extension's statement, for other provers.
//! Nothing is proven, sent or kept.

use super::inputs::{Ask, Asker, RequestInputs};
use super::proof::UnprovenRequest;
use super::{AccessError, AccessOptions, ExtensionOptions};
use crate::actor::Actor;
use crate::journey::visa::wallet;
use crate::journey::witness::{WitnessExported, export};
use crate::session::Session;
use medveil_circuits::eligibility::Eligibility;
use std::path::Path;

/// Writes the witness of a request's statement, with a recipient key that nobody keeps.
///
/// **Errors**: no visa fits, in words per alternative; the dataset, its policy or a file is not
/// there; the file cannot be written.
pub async fn request_witness(
    session: &Session,
    person: &Actor,
    options: &AccessOptions,
    out: &Path,
) -> Result<WitnessExported, AccessError> {
    write(session, person, Ask::First(options), out).await
}

/// Writes the witness of an extension's statement.
///
/// **Errors**: as [`request_witness`]; no running grant of the person's.
pub async fn extension_witness(
    session: &Session,
    person: &Actor,
    options: &ExtensionOptions,
    out: &Path,
) -> Result<WitnessExported, AccessError> {
    write(session, person, Ask::Further(options), out).await
}

async fn write(
    session: &Session,
    person: &Actor,
    ask: Ask<'_>,
    out: &Path,
) -> Result<WitnessExported, AccessError> {
    let wallet = wallet(session, person)?;
    let inputs = RequestInputs::read(Asker::to_try(session, person), ask, wallet).await?;
    let unproven = UnprovenRequest::new(session, &inputs)?;
    let prepared = unproven.prepare(session, &inputs).await?;
    let item = (prepared.public, prepared.private);
    let exported = match prepared.tier {
        1 => export::<Eligibility<1>>(session, item, out).await,
        _ => export::<Eligibility<4>>(session, item, out).await,
    };
    Ok(exported?)
}
