//! Verifying a bundle with no ledger at hand: whose trust, whose signatures, which proofs, and that
//! the endorsed entries are the ones they lead to.

use super::format::Bundle;
use super::report::{Key, Report};
use super::signed::Signed;
use super::trust::Trust;
use crate::error::{BundleError, at, refuse};
use medveil_circuits::field::Felt;
use medveil_circuits::schema::Schema;
use medveil_circuits::verify::Provenance;
use medveil_contract::call::{Call, PublishClaim, RegisterDataset};
use medveil_contract::judge::claim::{self, ClaimFacts, Published};
use medveil_contract::judge::registration::{self, Registered};
use medveil_contract::judge::{KeyRing, PreparedKey};
use medveil_contract::model::{CHUNK_BATCH, ChunkRootBatch, DatasetEntry, DatasetSchema};
use medveil_contract::state_key::StateKey;

/// Verifies a bundle under a trust file, or, without one, under its own copy.
///
/// **Errors**: a bundle of another consortium, a key that is not trusted, a signature, an
/// endorsement policy, a proof or an endorsed entry that does not hold.
///
/// **Cost**: one batch of pairings over all proofs of the registration, one over those of the
/// claim.
pub fn verify(bundle: &Bundle, given: Option<&Trust>) -> Result<Report, BundleError> {
    check_trust(bundle, given)?;
    let (registered, register) = registration_of(&bundle.trust, &bundle.registration)?;
    check_keys(bundle, register.tier)?;
    let (published, publish) = claim_of(&bundle.trust, &bundle.claim)?;
    let mut ring = KeyRing::default();
    for key in &bundle.keys {
        ring.insert(PreparedKey::parse(key.to_bytes()).map_err(at("keys"))?);
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
    let facts = ClaimFacts {
        consortium: bundle.trust.consortium_id(),
        chaincode: bundle.trust.chaincode(),
        dataset: &entry,
        schema: &register.schema,
        floor: consortium.subject_floor(),
    };
    let rebuilt = check_claim(&facts, &published, &publish, &roots, &ring)?;
    let schema = Schema::from_canonical(register.schema.as_bytes()).map_err(at("schema"))?;
    let blocks = register.chunks.iter().map(|c| c.blocks.len());
    Ok(Report {
        anchored: given.is_some(),
        fingerprint: bundle.trust.fingerprint(),
        consortium: consortium.name().to_owned(),
        claim: rebuilt.stated.context,
        criteria: schema
            .criteria()
            .into_iter()
            .map(str::to_ascii_lowercase)
            .collect(),
        spans: rebuilt.stated.query.spans(&schema),
        proofs: blocks.sum::<usize>() + rebuilt.chunks.len() + 1,
        terms: publish.terms,
        dataset: entry.clone(),
        registration: registered.to_endorsed(),
        publication: published.to_endorsed(),
        keys: bundle.keys.iter().map(key).collect(),
        floor: consortium.subject_floor(),
    })
}

/// The bundle's own copy names exactly its keys, and is the given trust as far as it goes.
fn check_trust(bundle: &Bundle, given: Option<&Trust>) -> Result<(), BundleError> {
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

/// One key for each kind of proof in it, and none besides.
fn check_keys(bundle: &Bundle, tier: u16) -> Result<(), BundleError> {
    let circuit = registration::circuit_of(tier).map_err(at("registration"))?;
    let mut expected = claim::circuits_of(tier).map_err(at("claim"))?.to_vec();
    expected.push(circuit);
    expected.sort();
    let mut got: Vec<&str> = bundle.keys.iter().map(|key| key.circuit()).collect();
    got.sort_unstable();
    match got == expected {
        true => Ok(()),
        false => Err(refuse(format!(
            "expected one key of each of {} and no other, got {}",
            expected.join(", "),
            got.join(", ")
        ))),
    }
}

fn registration_of(trust: &Trust, bytes: &[u8]) -> Result<(Signed, RegisterDataset), BundleError> {
    match Signed::check(trust, "registration transaction", bytes)? {
        (signed, Call::RegisterDataset(args)) => Ok((signed, args)),
        (_, call) => Err(other_call("registration", "RegisterDataset", &call)),
    }
}

fn claim_of(trust: &Trust, bytes: &[u8]) -> Result<(Signed, PublishClaim), BundleError> {
    match Signed::check(trust, "claim transaction", bytes)? {
        (signed, Call::PublishClaim(args)) => Ok((signed, args)),
        (_, call) => Err(other_call("claim", "PublishClaim", &call)),
    }
}

fn other_call(what: &str, expected: &str, got: &Call) -> BundleError {
    let got = got.function_name();
    refuse(format!(
        "{what} transaction: expected a call of {expected}, got {got}"
    ))
}

fn check_registration(
    trust: &Trust,
    signed: &Signed,
    args: &RegisterDataset,
    ring: &KeyRing,
) -> Result<(DatasetEntry, Vec<Felt>), BundleError> {
    let rebuilt = registration::rebuild(trust.consortium_id(), signed.holder(), args)
        .map_err(at("registration"))?;
    let circuit = registration::verify(&rebuilt, args, ring).map_err(at("registration"))?;
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
    facts: &ClaimFacts<'_>,
    signed: &Signed,
    args: &PublishClaim,
    roots: &[Felt],
    ring: &KeyRing,
) -> Result<claim::Rebuilt, BundleError> {
    if args.terms.dataset != facts.dataset.root {
        return Err(refuse(
            "the claim speaks of another dataset than the registered one",
        ));
    }
    let rebuilt = claim::rebuild(facts, args, roots).map_err(at("claim"))?;
    let circuits = claim::verify(&rebuilt, facts.dataset.tier, args, ring).map_err(at("claim"))?;
    let published = Published {
        circuits,
        day: signed.day(),
        tx_id: &signed.tx_id,
    };
    let entry = rebuilt
        .entry(facts.dataset, args, published)
        .map_err(at("claim"))?;
    signed.expect(&StateKey::claim(entry.claim), &entry)?;
    Ok(rebuilt)
}

fn key(key: &medveil_circuits::verify::AnyVerifyingKey) -> Key {
    Key {
        circuit: key.circuit().to_owned(),
        digest: key.digest(),
        insecure: key.provenance() == Provenance::InsecureDev,
    }
}
