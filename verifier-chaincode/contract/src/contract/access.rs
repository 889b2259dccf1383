//! `RequestAccess`: rebuilds the instance from state and terms, verifies, and uses the nullifier
//! up.

use crate::call::reply::AccessRequested;
use crate::call::transient::{LETTER, MAX_LETTER};
use crate::call::{AccessTerms, RequestAccess};
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::members::mark_holder;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::eligibility::{self, RequestFacts};
use crate::judge::{self, policy::Compiled};
use crate::ledger::Ledger;
use crate::model::{
    DatasetEntry, PolicyDocumentEntry, PolicyEntry, PolicyVersion, RequestEntry, RequestIndex,
    RequestState,
};
use crate::state_key::StateKey;
use medveil_circuits::field::Digest;
use medveil_collections_config::{CollectionName, MspId};

/// What the ledger says about a request.
struct Current {
    dataset: DatasetEntry,
    policy: PolicyVersion,
    period_days: u32,
}

impl Contract {
    pub(super) async fn request_access<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: RequestAccess,
    ) -> Result<Effects, ContractError> {
        let terms = args.terms.clone();
        let letter = check_letter(view, &terms)?;
        let submitter = view.caller();
        check_ids(&submitter, &terms)?;
        let current = self.current(view, &terms).await?;
        let known: Option<RequestEntry> = view.find(&StateKey::nullifier(terms.nullifier)).await?;
        if let Some(known) = known {
            return Err(ContractError::already_recorded(known.request));
        }
        let (lineage, policy) = (current.dataset.lineage, current.policy.root);
        let document = StateKey::policy_document(lineage, policy);
        let document: PolicyDocumentEntry = view.need(&document).await?;
        let compiled =
            judge::policy::compile(&document.document).refuse(Code::Internal, "policy")?;
        let tier = current.policy.tier;
        let circuit = eligibility::circuit_of(tier).refuse(Code::Internal, "policy")?;
        let keys = self.active_keys(view, &[circuit]).await?;
        let circuit = eligibility::key_digest(tier, &keys).refuse(Code::Internal, "circuit")?;
        let facts = RequestFacts {
            consortium: view.consortium_id(),
            chaincode: &self.config().chaincode_name,
            lineage,
            submitter: &submitter,
            period_days: current.period_days,
            policy,
            circuit,
        };
        eligibility::verify(&facts, tier, &args, &keys).refuse(Code::Refused, "proof")?;

        let (holder, tx_id) = (current.dataset.holder, &view.tx().tx_id);
        let entry = entry(&facts, terms, holder, compiled, tx_id);
        record(&entry, letter)
    }

    /// Dataset, policy, day and registry: everything that must be current.
    async fn current<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        terms: &AccessTerms,
    ) -> Result<Current, ContractError> {
        let dataset: DatasetEntry = view.need(&StateKey::dataset(terms.dataset)).await?;
        let some =
            terms.columns & 1 == 1 && terms.columns != 1 && terms.columns & !dataset.slots == 0;
        require(
            some,
            Code::BadInput,
            "columns",
            "expected slot 0 and one or more other slots of the dataset",
        )?;
        let policy: PolicyEntry = view.need(&StateKey::policy(dataset.lineage)).await?;
        let now = view.tx().timestamp_ms;
        let today = view.day_not_ahead().await?;
        let message = format_args!("expected the current day {}, got {}", today.day, terms.day);
        require(
            today.admissible(now).contains(&terms.day),
            Code::Stale,
            "day",
            message,
        )?;
        let admissible = view.accepts_root(terms.issuer_root).await?;
        let message =
            "expected the registry's root, or one of the last 90 minutes before no urgent update";
        require(admissible, Code::Stale, "registry root", message)?;
        let in_force = policy.in_force(today.day).clone();
        Ok(Current {
            dataset,
            policy: in_force,
            period_days: policy.period_days,
        })
    }
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

/// The sealed letter, whose digest the proof binds.
fn check_letter<L: Ledger>(
    view: &View<'_, L>,
    terms: &AccessTerms,
) -> Result<Vec<u8>, ContractError> {
    let letter = view.tx().transient.get(LETTER).cloned().unwrap_or_default();
    let fits = (1..=MAX_LETTER).contains(&letter.len());
    require(
        fits,
        Code::BadInput,
        "letter",
        format_args!("expected 1 to {MAX_LETTER} bytes, got {}", letter.len()),
    )?;
    require(
        Digest::of(&letter) == terms.letter,
        Code::Refused,
        "letter",
        "the letter has another digest than the one named",
    )?;
    Ok(letter)
}

/// The request as the ledger keeps it.
fn entry(
    facts: &RequestFacts<'_>,
    terms: AccessTerms,
    holder: MspId,
    policy: Compiled,
    tx_id: &str,
) -> RequestEntry {
    RequestEntry {
        version: 1,
        state: RequestState::Submitted,
        request: terms.request,
        nullifier: terms.nullifier,
        lineage: facts.lineage,
        dataset: terms.dataset,
        holder,
        submitter: facts.submitter.clone(),
        hidden_study: terms.hidden_study,
        purpose: terms.purpose,
        disease: terms.disease,
        region: terms.region,
        recipient: terms.recipient,
        columns: terms.columns,
        letter: terms.letter,
        day: terms.day,
        issuer_root: terms.issuer_root,
        policy: facts.policy,
        circuit: facts.circuit,
        committee: policy.committee,
        quorum: policy.quorum,
        tx_id: tx_id.to_owned(),
        last_tx_id: tx_id.to_owned(),
    }
}

/// Everything that a request writes: its state, its letter, and the marker that makes the holder's
/// peer an endorser.
fn record(entry: &RequestEntry, letter: Vec<u8>) -> Result<Effects, ContractError> {
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
    effects.put(StateKey::nullifier(entry.nullifier), entry);
    effects.put(
        StateKey::request_index(entry.request),
        &RequestIndex {
            nullifier: entry.nullifier,
        },
    );
    effects.put_private(
        CollectionName::implicit(&entry.holder),
        StateKey::letter(entry.request),
        letter,
    );
    mark_holder(&mut effects, &entry.holder);
    effects.event("access.requested");
    Ok(effects)
}
