//! `RequestAccess`, `AffirmAccess`: rebuild the instance from state and terms, verify, and use the
//! nullifier up.

mod affirm;
mod body;
mod origin;

pub(super) use body::readers;

use crate::call::reply::AccessRequested;
use crate::call::transient::SealedRequest;
use crate::call::{AccessTerms, RequestAccess};
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::members::mark_holder;
use crate::contract::registry::HOUR_MS;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::eligibility::{self, RequestFacts};
use crate::judge::{self, policy::Compiled};
use crate::ledger::Ledger;
use crate::model::{
    DatasetEntry, Entry, Known, PolicyDocumentEntry, PolicyEntry, ProofStanding, ProofTime,
    RequestEntry, RequestIndex, RequestState,
};
use crate::state_key::StateKey;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{Day, IssuerRoot, LineageId};
use medveil_collections_config::{CollectionName, MspId};
use origin::Origin;

impl Contract {
    pub(super) async fn request_access<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: RequestAccess,
    ) -> Result<Effects, ContractError> {
        let terms = args.terms.clone();
        let submitter = view.caller();
        check_ids(&submitter, &terms)?;
        let dataset: DatasetEntry = view.need(&StateKey::dataset(terms.dataset)).await?;
        check_columns(&terms, &dataset)?;
        let proven = view.proof_time(terms.day, terms.issuer_root).await?;
        let asked = StateKey::policy_asked(dataset.lineage);
        view.expect([asked.clone()]);
        let policy: PolicyEntry = view.need(&StateKey::policy(dataset.lineage)).await?;
        let chaincode = &self.config().chaincode_name;
        let scope = (chaincode.as_str(), dataset.lineage, policy.period_days);
        let origin = Origin::of(view, &terms, scope).await?;
        let policy = policy.in_force(view.day().await?.day).clone();
        let circuit = eligibility::circuit_of(policy.tier).refuse(Code::Internal, "policy")?;
        let circuits = [circuit];
        view.expect_keys(&circuits);
        let compiled = compiled_policy(view, dataset.lineage, policy.document).await?;
        view.expect_keys(&circuits);
        let sealed = body::check(view, &compiled.committee, &dataset.holder).await?;
        let keys = self.active_keys(view, &circuits).await?;
        let circuit =
            eligibility::key_digest(policy.tier, &keys).refuse(Code::Internal, "circuit")?;
        let facts = RequestFacts {
            consortium: view.consortium_id(),
            chaincode,
            submitter: &submitter,
            scope: origin.scope(),
            policy: policy.root,
            circuit,
        };
        eligibility::verify(&facts, policy.tier, &args, &keys).refuse(Code::Refused, "proof")?;

        let tx_id = view.tx().tx_id.clone();
        let entry = entry(&facts, terms, &dataset, compiled, (proven, &tx_id));
        let is_first = view.find::<Known>(&asked).await?.is_none();
        let mut effects = record(&entry, &sealed)?;
        if is_first {
            effects.put(
                asked,
                &Known {
                    tx_id: tx_id.clone(),
                },
            );
        }
        origin.record(&mut effects, &tx_id);
        effects.event("access.requested");
        Ok(effects)
    }
}

impl<L: Ledger> View<'_, L> {
    /// What a proof of eligibility speaks of, where it may speak of that now.
    async fn proof_time(
        &mut self,
        day: Day,
        issuer_root: IssuerRoot,
    ) -> Result<ProofTime, ContractError> {
        let at_ms = self.tx().timestamp_ms;
        let today = self.day_not_ahead().await?;
        let is_admissible = today.admissible(at_ms).contains(&day);
        let message = format_args!("expected the current day {}, got {day}", today.day);
        require(is_admissible, Code::Stale, "day", message)?;
        let registry_version = self.accepted_root(issuer_root).await?.ok_or_else(|| {
            let message = "expected the registry's root, or one of the last 90 minutes before no urgent update";
            ContractError::new(Code::Stale, "registry root", message)
        })?;
        Ok(ProofTime {
            day,
            issuer_root,
            registry_version,
            at_ms,
        })
    }

    /// What a request's latest proof is worth now.
    pub(super) async fn standing(
        &mut self,
        request: &RequestEntry,
    ) -> Result<ProofStanding, ContractError> {
        let proven = &request.proven;
        let oldest = self.registry_head().await?.oldest;
        let hours = u64::from(self.consortium().affirm_after_hours());
        let fresh_until = proven.at_ms.saturating_add(hours * HOUR_MS);
        Ok(if proven.registry_version < oldest {
            ProofStanding::Void
        } else if self.tx().timestamp_ms > fresh_until {
            ProofStanding::Old
        } else {
            ProofStanding::Fresh
        })
    }
}

/// A policy of the ledger, compiled.
pub(super) async fn compiled_policy<L: Ledger>(
    view: &mut View<'_, L>,
    lineage: LineageId,
    document: Digest,
) -> Result<Compiled, ContractError> {
    let key = StateKey::policy_document(lineage, document);
    let document: PolicyDocumentEntry = view.need(&key).await?;
    judge::policy::compile(&document.document).refuse(Code::Internal, "policy")
}

fn check_columns(terms: &AccessTerms, dataset: &DatasetEntry) -> Result<(), ContractError> {
    let asked = terms.columns;
    let is_some = asked & 1 == 1 && asked != 1 && asked & !dataset.slots == 0;
    let message = "expected slot 0 and one or more other slots of the dataset";
    require(is_some, Code::BadInput, "columns", message)
}

/// A nullifier, and the request id that follows from the terms.
fn check_ids(submitter: &MspId, terms: &AccessTerms) -> Result<(), ContractError> {
    require(
        !terms.nullifier.felt().is_zero(),
        Code::BadInput,
        "nullifier",
        "expected another nullifier than 0",
    )?;
    let (expected, got) = (eligibility::request_id(submitter, terms), terms.request);
    require(
        got == expected,
        Code::BadInput,
        "request id",
        format_args!("expected {expected}, got {got}"),
    )
}

/// The request as the ledger keeps it.
fn entry(
    facts: &RequestFacts<'_>,
    terms: AccessTerms,
    dataset: &DatasetEntry,
    policy: Compiled,
    (proven, tx_id): (ProofTime, &str),
) -> RequestEntry {
    RequestEntry {
        version: 1,
        state: RequestState::Submitted,
        request: terms.request,
        nullifier: terms.nullifier,
        scope: facts.scope,
        extension: terms.extension,
        n_extensions: 0,
        lineage: dataset.lineage,
        dataset: terms.dataset,
        holder: dataset.holder.clone(),
        submitter: facts.submitter.clone(),
        hidden_study: terms.hidden_study,
        purpose: terms.purpose,
        disease: terms.disease,
        region: terms.region,
        recipient: terms.recipient,
        columns: terms.columns,
        body: terms.body,
        policy: facts.policy,
        policy_document: policy.document,
        circuit: facts.circuit,
        proven,
        lease: None,
        committee: policy.committee,
        quorum: policy.quorum,
        tx_id: tx_id.to_owned(),
        last_tx_id: tx_id.to_owned(),
    }
}

/// What every request writes: its state, its sealed body, and the marker that makes the holder's
/// peer an endorser.
fn record(entry: &RequestEntry, sealed: &SealedRequest) -> Result<Effects, ContractError> {
    let mut effects = Effects::answering::<RequestAccess>(&AccessRequested {
        request: entry.request,
        state: entry.state,
        dataset: entry.dataset,
        lineage: entry.lineage,
        submitter: entry.submitter.clone(),
        holder: entry.holder.clone(),
        committee: entry.committee.clone(),
        quorum: entry.quorum,
    })?;
    let index = RequestIndex {
        nullifier: entry.nullifier,
        extension: entry.extension,
    };
    effects.put(StateKey::request_state(&index), entry);
    effects.put(StateKey::request_index(entry.request), &index);
    effects.put_private(
        CollectionName::requests(),
        StateKey::sealed_request(entry.request),
        sealed.to_entry_bytes(),
    );
    mark_holder(&mut effects, &entry.holder);
    Ok(effects)
}
