//! `AffirmAccess`: whoever was granted access proves anew that the policy holds, against today's
//! registry. Nobody learns what changed where that fails.

use super::compiled_policy;
use crate::call::AffirmAccess;
use crate::call::reply::AccessAffirmed;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::grant::{put_request, step};
use crate::contract::members::mark_holder;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::eligibility::{self, affirmation};
use crate::ledger::Ledger;
use crate::model::{CircuitEntry, Lease, RequestEntry, RequestState};
use crate::state_key::StateKey;
use medveil_circuits::ids::Day;

impl Contract {
    pub(in crate::contract) async fn affirm_access<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: AffirmAccess,
    ) -> Result<Effects, ContractError> {
        expect_active(view, &args);
        let mut request = view.request_and_base(args.request).await?;
        check_open(view, &request, &args)?;
        view.require_base(&request).await?;
        let proven = view.proof_time(args.day, args.issuer_root).await?;
        let policy = compiled_policy(view, request.lineage, request.policy_document).await?;
        let circuit = eligibility::circuit_of(policy.tier).refuse(Code::Internal, "policy")?;
        let keys = self.active_keys(view, &[circuit]).await?;
        let active =
            eligibility::key_digest(policy.tier, &keys).refuse(Code::Internal, "circuit")?;
        let message = format_args!("expected the active key {active}");
        require(args.circuit == active, Code::Stale, "circuit", message)?;
        let (consortium, chaincode) = (view.consortium_id(), &self.config().chaincode_name);
        let affirmed = eligibility::Affirmed::from(&args);
        let public = affirmation(consortium, chaincode, &request, &affirmed);
        eligibility::verify_proof_of(&public, policy.tier, &args.proof, &keys)
            .refuse(Code::Refused, "proof")?;

        request.proven = proven;
        let (today, days) = (view.day().await?.day, view.consortium().lease_days());
        if let Some(lease) = request.lease.as_mut().filter(|l| l.is_half_over(today)) {
            *lease = Lease::starting(today, days);
        }
        step(&mut request, &view.tx().tx_id);
        let mut effects = Effects::answering::<AffirmAccess>(&AccessAffirmed {
            request: request.request,
            state: request.state,
            version: request.version,
            lease: request.lease.clone(),
        })?;
        put_request(&mut effects, &request);
        mark_holder(&mut effects, &request.holder);
        effects.event("access.affirmed");
        Ok(effects)
    }
}

/// An accepted affirmation names the active key of its policy's circuit: that it is the active one
/// can be asked for before the policy is known.
fn expect_active<L: Ledger>(view: &mut View<'_, L>, args: &AffirmAccess) {
    if let Some(named) = view.known::<CircuitEntry>(&StateKey::circuit(args.circuit)) {
        view.expect([StateKey::circuit_active(&named.circuit)]);
    }
}

/// A request of the caller's that is not over, in the state that the proof is bound to.
fn check_open<L: Ledger>(
    view: &View<'_, L>,
    request: &RequestEntry,
    args: &AffirmAccess,
) -> Result<(), ContractError> {
    let caller = view.caller();
    let message = format_args!("expected the submitter, got {caller}");
    require(
        request.submitter == caller,
        Code::Forbidden,
        "caller",
        message,
    )?;
    let state = request.state;
    let is_open = matches!(state, RequestState::Submitted | RequestState::Approved);
    let message = format_args!("expected a request that is not over, got one that is {state}");
    require(is_open, Code::Conflict, "request", message)?;
    let (expected, got) = (request.version, args.version);
    let message = format_args!("expected {expected}, got {got}");
    require(got == expected, Code::Stale, "state version", message)
}

impl Lease {
    pub(in crate::contract) fn starting(today: Day, days: u32) -> Self {
        Lease {
            from: today,
            until: Day(today.0.saturating_add(days)),
        }
    }
}
