//! Verifying a bundle with no ledger at hand: whose trust, whose signatures, which proofs, and that
//! the endorsed entries are the ones they lead to.

use super::format::Bundle;
use super::signed::Signed;
use super::trust::Trust;
use crate::error::GatewayError;
use circuits::field::{Digest, Felt};
use circuits::ids::Day;
use circuits::query::Span;
use circuits::schema::Schema;
use circuits::verify::Provenance;
use collections_config::MspId;
use std::collections::BTreeSet;
use verifier_chaincode::call::{Call, ClaimTerms, PublishClaim, RegisterDataset};
use verifier_chaincode::judge::claim::{self, Frame, Published};
use verifier_chaincode::judge::registration::{self, Registered};
use verifier_chaincode::judge::{KeyRing, PreparedKey};
use verifier_chaincode::model::{CHUNK_BATCH, ChunkRootBatch, DatasetEntry, DatasetSchema};
use verifier_chaincode::state_key::StateKey;

/// A transaction that the members endorsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsed {
    /// Its id.
    pub tx_id: String,
    /// Its day, by the client's clock as the endorsers accepted it.
    pub day: Day,
    /// Who endorsed it.
    pub endorsers: BTreeSet<MspId>,
}

/// A key that proofs were verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Circuit, as `name/vN`.
    pub circuit: String,
    /// SHA-256 of its container.
    pub digest: Digest,
    /// Whether its trapdoor is public.
    pub insecure: bool,
}

/// What a bundle that holds proves.
#[derive(Clone)]
pub struct Report {
    /// Whether the trust came from elsewhere than the bundle.
    pub anchored: bool,
    /// Fingerprint of the trust.
    pub fingerprint: Digest,
    /// Name of the consortium.
    pub consortium: String,
    /// The claim's id.
    pub claim: Felt,
    /// What is claimed.
    pub terms: ClaimTerms,
    /// What is known of the version.
    pub dataset: DatasetEntry,
    /// Proven spans of the columns asked about.
    pub spans: Vec<Span>,
    /// The registering transaction.
    pub registration: Endorsed,
    /// The publishing transaction.
    pub publication: Endorsed,
    /// Proofs that were verified.
    pub proofs: usize,
    /// Keys in use.
    pub keys: Vec<Key>,
    /// Subjects on either side of a count below which nothing is published.
    pub floor: u32,
}

pub(super) fn refuse(message: impl std::fmt::Display) -> GatewayError {
    GatewayError::refused("bundle", message)
}

/// Verifies a bundle under a trust file, or, without one, under its own copy.
///
/// **Errors**: a bundle of another consortium, a key that is not trusted, a signature, an
/// endorsement policy, a proof or an endorsed entry that does not hold.
///
/// **Cost**: one batch of pairings over all proofs of the registration, one over those of the
/// claim.
pub fn verify(bundle: &Bundle, given: Option<&Trust>) -> Result<Report, GatewayError> {
    check_trust(bundle, given)?;
    let (registered, register) = registration_of(&bundle.trust, &bundle.registration)?;
    let (published, publish) = claim_of(&bundle.trust, &bundle.claim)?;
    let mut ring = KeyRing::default();
    for key in &bundle.keys {
        ring.insert(PreparedKey::parse(key.to_bytes()).map_err(refuse)?);
    }
    let (entry, roots) = check_registration(&bundle.trust, &registered, &register, &ring)?;
    if *published.holder() != entry.holder {
        return Err(refuse(format!(
            "expected a claim published by the holder {}, got {}",
            entry.holder,
            published.holder()
        )));
    }
    let consortium = bundle.trust.consortium();
    let frame = Frame {
        consortium: bundle.trust.consortium_id(),
        chaincode: bundle.trust.chaincode(),
        dataset: &entry,
        schema: &register.schema,
        floor: consortium.subject_floor(),
    };
    let rebuilt = check_claim(&frame, &published, &publish, &roots, &ring)?;
    let schema = Schema::from_canonical(register.schema.as_bytes()).map_err(refuse)?;
    Ok(Report {
        anchored: given.is_some(),
        fingerprint: bundle.trust.fingerprint(),
        consortium: consortium.name().to_owned(),
        claim: rebuilt.stated.context,
        spans: rebuilt.stated.query.spans(&schema),
        proofs: register
            .chunks
            .iter()
            .map(|c| c.blocks.len())
            .sum::<usize>()
            + rebuilt.chunks.len()
            + 1,
        terms: publish.terms,
        dataset: entry.clone(),
        registration: registered.endorsed(),
        publication: published.endorsed(),
        keys: bundle.keys.iter().map(key).collect(),
        floor: consortium.subject_floor(),
    })
}

/// The bundle's own copy names exactly its keys, and is the given trust as far as it goes.
fn check_trust(bundle: &Bundle, given: Option<&Trust>) -> Result<(), GatewayError> {
    let used = bundle.circuits();
    if bundle.trust.to_json() != bundle.trust.with_circuits(used.clone()).to_json() {
        return Err(refuse(
            "expected its copy of the trust file to name exactly the keys that it brings",
        ));
    }
    let Some(given) = given else { return Ok(()) };
    if given.consortium_id() != bundle.trust.consortium_id() {
        let (expected, got) = (given.consortium_id(), bundle.trust.consortium_id());
        return Err(refuse(format!(
            "a bundle of another consortium: expected {expected}, got {got}"
        )));
    }
    for (circuit, keys) in &used {
        if let Some(key) = keys.iter().find(|key| !given.accepts_key(circuit, **key)) {
            return Err(refuse(format!(
                "the trust file does not name key {key} for {circuit}"
            )));
        }
    }
    if given.with_circuits(used).to_json() != bundle.trust.to_json() {
        return Err(refuse(
            "its copy of the trust file is not the given one: authorities, channel or endorsement policy differ",
        ));
    }
    Ok(())
}

fn registration_of(trust: &Trust, bytes: &[u8]) -> Result<(Signed, RegisterDataset), GatewayError> {
    match Signed::check(trust, "registration", bytes)? {
        (signed, Call::RegisterDataset(args)) => Ok((signed, args)),
        _ => Err(refuse(
            "registration transaction: expected a call of RegisterDataset",
        )),
    }
}

fn claim_of(trust: &Trust, bytes: &[u8]) -> Result<(Signed, PublishClaim), GatewayError> {
    match Signed::check(trust, "claim", bytes)? {
        (signed, Call::PublishClaim(args)) => Ok((signed, args)),
        _ => Err(refuse("claim transaction: expected a call of PublishClaim")),
    }
}

fn check_registration(
    trust: &Trust,
    signed: &Signed,
    args: &RegisterDataset,
    ring: &KeyRing,
) -> Result<(DatasetEntry, Vec<Felt>), GatewayError> {
    let rebuilt =
        registration::rebuild(trust.consortium_id(), signed.holder(), args).map_err(refuse)?;
    let circuit = registration::verify(&rebuilt, args, ring).map_err(refuse)?;
    let entry = rebuilt.entry(
        args,
        Registered {
            holder: signed.holder(),
            circuit,
            day: signed.day(),
            tx_id: &signed.tx_id,
        },
    );
    signed.expect(&StateKey::dataset(rebuilt.root), &entry)?;
    signed.expect(
        &StateKey::dataset_schema(rebuilt.root),
        &DatasetSchema {
            schema: args.schema.clone(),
        },
    )?;
    for (batch, roots) in (0..).zip(rebuilt.chunk_roots.chunks(CHUNK_BATCH)) {
        signed.expect(
            &StateKey::chunk_roots(rebuilt.root, batch),
            &ChunkRootBatch {
                roots: roots.to_vec(),
            },
        )?;
    }
    Ok((entry, rebuilt.chunk_roots))
}

fn check_claim(
    frame: &Frame<'_>,
    signed: &Signed,
    args: &PublishClaim,
    roots: &[Felt],
    ring: &KeyRing,
) -> Result<claim::Rebuilt, GatewayError> {
    if args.terms.dataset != frame.dataset.root {
        return Err(refuse(
            "the claim speaks of another dataset than the registered one",
        ));
    }
    let rebuilt = claim::rebuild(frame, args, roots).map_err(refuse)?;
    let circuits = claim::verify(&rebuilt, frame.dataset.tier, args, ring).map_err(refuse)?;
    let published = Published {
        circuits,
        day: signed.day(),
        tx_id: &signed.tx_id,
    };
    let entry = rebuilt
        .entry(frame.dataset, args, published)
        .map_err(refuse)?;
    signed.expect(&StateKey::claim(entry.claim), &entry)?;
    Ok(rebuilt)
}

fn key(key: &circuits::verify::AnyVerifyingKey) -> Key {
    Key {
        circuit: key.circuit().to_owned(),
        digest: key.digest(),
        insecure: key.provenance() == Provenance::InsecureDev,
    }
}
