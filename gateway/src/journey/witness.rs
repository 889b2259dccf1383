//! Witnesses of this project's statements as `.wtns` files: what `groth16 prove`, snarkjs and others
//! prove by a key of the statement's circuit.
//!
//! Nothing is proven or sent here: no key is needed.

use crate::outfile;
use crate::session::{ProvingError, Session, SessionError};
use crate::step::Step;
use medveil_circuits::statement::Synthesize;
use medveil_prover::{prove, wtns};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The witness of a statement was written. The file has every private value in the clear.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WitnessExported {
    /// Name and version.
    pub circuit: String,
    /// Values, the constant one included.
    pub values: usize,
    /// The file that was written; only its owner can read it.
    pub out: PathBuf,
}

impl Step for WitnessExported {
    const NAME: &'static str = "wtns.export";
}

/// Writes the witness of a statement that holds.
///
/// **Errors**: the clause that does not hold; the file cannot be written.
///
/// **Security**: the file has the witness in the clear, with mode 0600.
pub(super) async fn export<S>(
    session: &Session,
    (public, private): (S::Public, S::Private),
    out: &Path,
) -> Result<WitnessExported, ProvingError>
where
    S: Synthesize,
    S::Public: 'static,
    S::Private: 'static,
{
    session.ledger().release();
    let circuit = S::CIRCUIT.to_string();
    let what = format!("computing the witness of {circuit}");
    let task = session.progress.begin(&what, None);
    let work = move || prove::witness::<S>(&public, &private);
    let made = tokio::task::spawn_blocking(work).await;
    drop(task);
    let made = made.map_err(ProvingError::Stopped)??;
    let (bytes, values) = (wtns::write(made.values()), made.values().len());
    outfile::write_secret(&session.home, out, &bytes).map_err(SessionError::from)?;
    Ok(WitnessExported {
        circuit,
        values,
        out: out.to_owned(),
    })
}
