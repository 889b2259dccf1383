//! Proving for the journeys: the active key of a circuit, a bar, and many proofs at once.

use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use circuits::field::Digest;
use circuits::proof::Proof;
use circuits::statement::Synthesize;
use collections_config::MspId;
use prover::{ProveError, Prover};
use verifier_chaincode::call::Query;

#[derive(serde::Deserialize)]
struct Active {
    key: Digest,
}

impl Desk {
    /// A prover with the key that the ledger says the circuit uses now.
    ///
    /// **Errors**: the circuit is not active, or its proving key is not in the key store.
    pub fn prover<S: Synthesize>(&self, org: &MspId) -> Result<Prover<S>, GatewayError> {
        let circuit = S::CIRCUIT.to_string();
        let active: Active = self.query(
            org,
            &Query::GetActiveCircuit {
                circuit: circuit.clone(),
            },
        )?;
        let spinner = self
            .output
            .spinner(&format!("loading the proving key of {circuit}"));
        let prover = Prover::from_store(&self.keys, active.key).not_found("key store");
        spinner.finish_and_clear();
        prover
    }

    /// Proves all items on the desk's pool, with a bar.
    ///
    /// **Errors**: the clause that does not hold.
    pub fn prove_all<S: Synthesize>(
        &self,
        prover: &Prover<S>,
        items: &[(S::Public, S::Private)],
        what: &str,
    ) -> Result<Vec<Proof<S>>, GatewayError> {
        let bar = self.output.progress(what, items.len() as u64);
        let proofs = prover.prove_many(items, &self.pool, &mut *self.rng(), || bar.inc(1));
        bar.finish_and_clear();
        proofs.map_err(proving)
    }
}

/// A statement that does not hold is a refusal; anything else is a fault of this program.
fn proving(error: ProveError) -> GatewayError {
    match error {
        ProveError::Statement { .. } => GatewayError::refused("prove", error),
        _ => GatewayError::internal("prove", error),
    }
}
