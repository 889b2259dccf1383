//! What a call reads first: the keys that its arguments name, which are asked for together with the
//! consortium.
//!
//! Only keys that the call reads wherever it is accepted: whatever is read can meet a conflict.

use super::registry::{known_key, leaves_key};
use crate::call::{
    AccessTerms, AffirmAccess, Call, RegisterDataset, StorePages, UpdateRevocations,
};
use crate::judge::{handover, registration};
use crate::state_key::StateKey as Key;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{DatasetRoot, IssuerRoot, RequestId};
use medveil_collections_config::MspId;

/// The keys that a call of this caller names.
pub(super) fn reads(call: &Call, caller: &MspId) -> Vec<Key> {
    match call {
        Call::Bootstrap(_) => vec![],
        Call::ProposeCircuit(args) => vec![Key::circuit(Digest::of(&args.verifying_key))],
        Call::ApproveCircuit(args) => {
            let approval = Key::circuit_approval(args.key, caller);
            vec![Key::circuit(args.key), approval]
        }
        Call::ActivateCircuit(args) => vec![Key::circuit(args.key)],
        Call::PublishKey(_) => vec![Key::published_key(caller)],
        Call::Tick(()) | Call::PutPolicy(_) => vec![Key::day_current()],
        Call::RegisterIssuer(args) => {
            let known = Key::issuer_known(known_key(&args.key));
            vec![Key::registry_head(), known, Key::registry_budget(caller)]
        }
        Call::UpdateRevocations(args) => revocations(args, caller),
        Call::RetireIssuer(args) => {
            let known = Key::issuer_known(known_key(&args.key));
            vec![Key::registry_head(), known]
        }
        Call::RegisterDataset(args) => dataset(args),
        Call::StorePages(args) => pages(args),
        Call::RequestAccess(args) => access(&args.terms),
        Call::DecideAccess(args) => request(args.request, [Key::registry_head()]),
        Call::AffirmAccess(args) => affirmation(args),
        Call::HandOverKey(args) => request(args.grant, [Key::registry_head()]),
        Call::ConfirmDelivery(args) => {
            let delivery = Key::delivery(args.grant, args.segment);
            let active = Key::circuit_active(&handover::circuit());
            request(args.grant, [delivery, active])
        }
        Call::CloseGrant(args) => vec![Key::request_index(args.grant)],
        Call::PublishClaim(args) => version(args.terms.dataset).to_vec(),
    }
}

fn revocations(args: &UpdateRevocations, caller: &MspId) -> Vec<Key> {
    let mut keys = vec![Key::registry_head(), Key::registry_budget(caller)];
    keys.push(Key::issuer(args.issuer));
    if !args.insertions.is_empty() {
        keys.push(leaves_key(args.issuer));
    }
    keys
}

fn dataset(args: &RegisterDataset) -> Vec<Key> {
    let mut keys = vec![
        Key::segment_known(args.segment),
        Key::key_commitment_known(args.key_commitment),
    ];
    // Another tier is refused when it comes to that.
    let circuit = registration::circuit_of(args.tier);
    keys.extend(circuit.map(|circuit| Key::circuit_active(&circuit)));
    keys
}

fn version(dataset: DatasetRoot) -> [Key; 2] {
    [Key::dataset(dataset), Key::dataset_schema(dataset)]
}

fn pages(args: &StorePages) -> Vec<Key> {
    let version = version(args.dataset);
    match args.grant {
        None => version.to_vec(),
        Some(grant) => request(grant, version),
    }
}

fn access(terms: &AccessTerms) -> Vec<Key> {
    let mut keys = vec![Key::dataset(terms.dataset), Key::nullifier(terms.nullifier)];
    keys.extend(proof_time(terms.issuer_root));
    keys
}

fn affirmation(args: &AffirmAccess) -> Vec<Key> {
    let mut keys = request(args.request, proof_time(args.issuer_root));
    // An accepted one names the active key.
    keys.push(Key::circuit(args.circuit));
    keys
}

/// A request that is held against the day, and more.
fn request(request: RequestId, more: impl IntoIterator<Item = Key>) -> Vec<Key> {
    let mut keys = vec![Key::request_index(request), Key::day_current()];
    keys.extend(more);
    keys
}

/// What a proof of eligibility is held against.
fn proof_time(root: IssuerRoot) -> [Key; 3] {
    let past = Key::registry_past(root);
    [Key::day_current(), Key::registry_head(), past]
}
