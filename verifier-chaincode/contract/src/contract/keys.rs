//! Verifying keys: only from the ledger's state, by digest, and only of a provenance that this
//! process accepts.

use crate::contract::Contract;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::KeyRing;
use crate::ledger::Ledger;
use crate::model::{ActiveCircuit, CircuitEntry};
use crate::state_key::StateKey;
use medveil_circuits::field::Digest;
use medveil_circuits::verify::Provenance;

impl Contract {
    /// Development keys only where the process allows them; a ceremony's only once its transcript
    /// can be checked.
    pub(super) fn check_provenance(&self, provenance: Provenance) -> Result<(), ContractError> {
        match provenance {
            Provenance::InsecureDev => require(
                self.config.allow_insecure_dev_keys,
                Code::Refused,
                "verifying key",
                "insecure development keys are refused: this process was not started to allow them",
            ),
            Provenance::Ceremony(_) => Err(ContractError::new(
                Code::Refused,
                "verifying key",
                "ceremony transcripts cannot be checked by this version",
            )),
        }
    }

    /// Loads the active keys of these circuits, named as `name/vN`.
    pub(super) async fn active_keys<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        circuits: &[String],
    ) -> Result<KeyRing, ContractError> {
        let mut ring = KeyRing::default();
        for circuit in circuits {
            view.expect_keys(circuits);
            let active: Option<ActiveCircuit> =
                view.find(&StateKey::circuit_active(circuit)).await?;
            let active = active.ok_or_else(|| {
                ContractError::new(
                    Code::NotFound,
                    "circuit",
                    format_args!("{circuit} has no active key"),
                )
            })?;
            view.expect_keys(circuits);
            let entry: CircuitEntry = view.need(&StateKey::circuit(active.key)).await?;
            let sound = Digest::of(&entry.verifying_key) == active.key && entry.circuit == *circuit;
            require(
                sound,
                Code::Internal,
                "circuit",
                "the stored key is not the one its digest names",
            )?;
            let key = self
                .keys
                .prepare(active.key, &entry.verifying_key)
                .refuse(Code::Internal, "circuit")?;
            self.check_provenance(key.provenance())?;
            ring.insert(key);
        }
        Ok(ring)
    }
}

impl<L: Ledger> View<'_, L> {
    /// Asks for the active keys of these circuits with the next question; for which they are, where
    /// that is not known.
    pub(super) fn expect_keys(&mut self, circuits: &[String]) {
        for circuit in circuits {
            let active = StateKey::circuit_active(circuit);
            let key = match self.known::<ActiveCircuit>(&active) {
                Some(known) => StateKey::circuit(known.key),
                None => active,
            };
            self.expect([key]);
        }
    }
}
