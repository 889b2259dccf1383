//! Who had to endorse a transaction: by Fabric's policies for what it writes, and by the contract's
//! own rule for what it calls.

use super::expected::AuditedChannel;
use medveil_circuits::ids::{DatasetRoot, RequestId};
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::call::{Call, Endorsement, MissingParty, Parties};
use medveil_contract::model::{DatasetEntry, Entry, RequestEntry, RequestIndex};
use medveil_contract::state_key::StateKey;
use medveil_fabric_wire::Recorded;
use std::collections::BTreeSet;

/// Reads the contract's public state.
pub(super) type Read<'a> = &'a dyn Fn(&StateKey) -> Option<Vec<u8>>;

/// Whose endorsements a transaction lacks.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unendorsed {
    #[error("expected endorsements of a majority, got {got}")]
    Majority { got: usize },
    #[error("expected the endorsements that {0} asks for")]
    Collection(CollectionName),
    #[error("{call}: expected endorsements of {rule:?}, got {}", names(got))]
    Call {
        call: &'static str,
        rule: Endorsement,
        got: BTreeSet<MspId>,
    },
    /// The state does not name a party of the call.
    #[error(transparent)]
    Party(#[from] MissingParty),
}

fn names(msps: &BTreeSet<MspId>) -> String {
    let names: Vec<&str> = msps.iter().map(MspId::as_str).collect();
    names.join(", ")
}

/// Fabric's rule: a majority for public writes and where nothing is written, and what each
/// collection asks for that is written.
///
/// **Errors**: whose endorsements are missing.
pub(super) fn by_writes(
    channel: &AuditedChannel<'_>,
    recorded: &Recorded,
) -> Result<(), Unendorsed> {
    let endorsers: BTreeSet<&MspId> = recorded.endorsers.iter().collect();
    let members = endorsers.iter().filter(|m| channel.consortium.is_member(m));
    let got = members.count();
    let is_private_only = recorded.writes.public.is_empty() && !recorded.writes.private.is_empty();
    if !is_private_only && got < channel.consortium.majority() as usize {
        return Err(Unendorsed::Majority { got });
    }
    for collection in recorded.writes.collections() {
        let policy = channel.collections.endorsement_policy(collection);
        if !policy.is_some_and(|p| p.can_be_satisfied_by(&endorsers)) {
            return Err(Unendorsed::Collection(collection.clone()));
        }
    }
    Ok(())
}

/// The contract's own rule for a call.
///
/// **Errors**: whose endorsements are missing; or a party of the call that the state does not name.
pub(super) fn by_call(
    channel: &AuditedChannel<'_>,
    recorded: &Recorded,
    call: &Call,
    read: Read<'_>,
) -> Result<(), Unendorsed> {
    let (dataset, request) = parties(call, read);
    let holder = dataset.as_ref().map(|d| &d.holder);
    let parties = Parties {
        holder: holder.or(request.as_ref().map(|r| &r.holder)),
        recipient: request.as_ref().map(|r| &r.submitter),
        collection: dataset.as_ref().map(|d| &d.collection),
    };
    let rule = call.endorsement(&parties)?;
    let endorsers = recorded.endorsers.iter().collect();
    if rule.is_met_by(&endorsers, channel.consortium, channel.collections) {
        return Ok(());
    }
    Err(Unendorsed::Call {
        call: call.function_name(),
        rule,
        got: recorded.endorsers.clone(),
    })
}

/// The dataset and the request that a call is about.
fn parties(call: &Call, read: Read<'_>) -> (Option<DatasetEntry>, Option<RequestEntry>) {
    let dataset = |root: DatasetRoot| find::<DatasetEntry>(read, &StateKey::dataset(root));
    let request = |id: RequestId| {
        let index: RequestIndex = find(read, &StateKey::request_index(id))?;
        find::<RequestEntry>(read, &StateKey::request_state(&index))
    };
    match call {
        Call::RequestAccess(args) => (dataset(args.terms.dataset), None),
        Call::DecideAccess(args) => (None, request(args.request)),
        Call::AffirmAccess(args) => (None, request(args.request)),
        Call::HandOverKey(args) => (None, request(args.grant)),
        Call::StorePages(args) => (dataset(args.dataset), args.grant.and_then(request)),
        Call::Bootstrap(_)
        | Call::ProposeCircuit(_)
        | Call::ApproveCircuit(_)
        | Call::ActivateCircuit(_)
        | Call::RegisterIssuer(_)
        | Call::UpdateRevocations(_)
        | Call::RetireIssuer(_)
        | Call::PutPolicy(_)
        | Call::PublishKey(_)
        | Call::Tick(())
        | Call::RegisterDataset(_)
        | Call::ConfirmDelivery(_)
        | Call::CloseGrant(_)
        | Call::PublishClaim(_) => (None, None),
    }
}

fn find<T: Entry>(read: Read<'_>, key: &StateKey) -> Option<T> {
    T::from_entry_bytes(&read(key)?).ok()
}
