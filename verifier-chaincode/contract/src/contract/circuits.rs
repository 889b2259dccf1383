//! `ProposeCircuit`, `ApproveCircuit`, `ActivateCircuit`: which keys proofs are verified with.

use crate::call::reply::{CircuitActivated, CircuitApproved, CircuitProposed};
use crate::call::{ActivateCircuit, ApproveCircuit, ProposeCircuit};
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge;
use crate::ledger::Ledger;
use crate::model::{ActiveCircuit, Approval, CircuitEntry, Standing};
use crate::state_key::StateKey;
use medveil_circuits::field::Digest;
use medveil_circuits::verify::AnyVerifyingKey;

impl Contract {
    pub(super) async fn propose_circuit<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: ProposeCircuit,
    ) -> Result<Effects, ContractError> {
        let key =
            AnyVerifyingKey::parse(&args.verifying_key).refuse(Code::BadInput, "verifying key")?;
        judge::check_known(&key).refuse(Code::Refused, "circuit")?;
        self.check_provenance(key.provenance())?;
        let digest = key.digest();
        view.require_free(
            &StateKey::circuit(digest),
            "verifying key",
            "this key was proposed already",
        )
        .await?;
        let entry = CircuitEntry {
            circuit: key.circuit().to_owned(),
            verifying_key: args.verifying_key,
            proving_key: args.proving_key,
            matrices: args.matrices,
            proposer: view.caller(),
            standing: Standing::Proposed,
            tx_id: view.tx().tx_id.clone(),
        };
        let mut effects = Effects::answering::<ProposeCircuit>(&CircuitProposed {
            circuit: entry.circuit.clone(),
            key: digest,
        })?;
        effects.put(StateKey::circuit(digest), &entry);
        effects.put(
            StateKey::circuit_approval(digest, &entry.proposer),
            &Approval {
                tx_id: entry.tx_id.clone(),
            },
        );
        effects.event("circuit.proposed");
        Ok(effects)
    }

    pub(super) async fn approve_circuit<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: ApproveCircuit,
    ) -> Result<Effects, ContractError> {
        let entry: CircuitEntry = view.need(&StateKey::circuit(args.key)).await?;
        require_proposed(&entry)?;
        let same = entry.matrices == args.matrices && entry.proving_key == args.proving_key;
        require(
            same,
            Code::Refused,
            "circuit",
            "expected the matrices and the proving key that were proposed",
        )?;
        let caller = view.caller();
        let approval = StateKey::circuit_approval(args.key, &caller);
        view.require_free(
            &approval,
            "approval",
            "this organisation approved the key already",
        )
        .await?;
        let mut effects = Effects::answering::<ApproveCircuit>(&CircuitApproved {
            circuit: entry.circuit,
            key: args.key,
            msp_id: caller,
        })?;
        effects.put(
            approval,
            &Approval {
                tx_id: view.tx().tx_id.clone(),
            },
        );
        effects.event("circuit.approved");
        Ok(effects)
    }

    pub(super) async fn activate_circuit<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: ActivateCircuit,
    ) -> Result<Effects, ContractError> {
        let mut entry: CircuitEntry = view.need(&StateKey::circuit(args.key)).await?;
        require_proposed(&entry)?;
        let active_key = StateKey::circuit_active(&entry.circuit);
        view.expect([active_key.clone()]);
        let approvals = approvals(view, args.key).await?;
        let needed = view.consortium().circuit_approvals();
        require(
            approvals >= needed,
            Code::Refused,
            "approvals",
            format_args!("expected {needed}, got {approvals}"),
        )?;
        let before: Option<ActiveCircuit> = view.find(&active_key).await?;
        let mut effects = Effects::answering::<ActivateCircuit>(&CircuitActivated {
            circuit: entry.circuit.clone(),
            key: args.key,
        })?;
        if let Some(before) = before {
            let mut old: CircuitEntry = view.need(&StateKey::circuit(before.key)).await?;
            old.standing = Standing::Superseded;
            effects.put(StateKey::circuit(before.key), &old);
        }
        entry.standing = Standing::Active;
        effects.put(StateKey::circuit(args.key), &entry);
        effects.put(active_key, &ActiveCircuit { key: args.key });
        effects.event("circuit.activated");
        Ok(effects)
    }
}

/// How many members approved a key.
async fn approvals<L: Ledger>(view: &mut View<'_, L>, key: Digest) -> Result<u32, ContractError> {
    let (mut approvals, members) = (0u32, view.members());
    view.expect(members.iter().map(|m| StateKey::circuit_approval(key, m)));
    for msp in members {
        let approval = StateKey::circuit_approval(key, &msp);
        let approval = view.find::<Approval>(&approval).await?;
        approvals += u32::from(approval.is_some());
    }
    Ok(approvals)
}

fn require_proposed(entry: &CircuitEntry) -> Result<(), ContractError> {
    let standing = entry.standing;
    require(
        standing == Standing::Proposed,
        Code::Conflict,
        "circuit",
        format_args!("expected a proposed key, got one that is {standing}"),
    )
}
