//! A claim of the contract's fixture, endorsed by three organisations of the embedded ledger.

use super::Corpus;
use medveil_bundle::trust::{LedgerKind, Trust, TrustParts};
use medveil_bundle::{Bundle, BundleParts};
use medveil_circuits::field::Digest;
use medveil_circuits::registration::Registration;
use medveil_circuits::testing::Trapdoor;
use medveil_contract::Call;
use medveil_contract::testing::claims::Claims;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, NONCE, consortium, members};
use medveil_contract::testing::sharing::{TIER, bench_with_registration, rng};
use medveil_contract::testing::{Bench, msp};
use medveil_embedded_wire::{Action, Endorsement, Envelope, Proposal, ReadWriteSet, Write};
use medveil_msp::{Founded, Msp, Validity};
use std::collections::BTreeMap;

pub fn put(corpus: &mut Corpus) {
    let claims = Claims::new();
    let orgs = founded(claims.bench.now_ms);
    let registration: Trapdoor<Registration<TIER>> = Trapdoor::generate(&mut rng(1));
    let (bench, _) = bench_with_registration();
    let register = Call::RegisterDataset(claims.dataset.registration(&registration));
    let publish = Call::PublishClaim(claims.young());
    let keys = [
        registration.verifying_key(),
        claims.chunk.verifying_key(),
        claims.last.verifying_key(),
    ];
    let roots: Vec<Msp> = orgs
        .iter()
        .map(|o| o.authority.msp().expect("a root"))
        .collect();
    let trust = |ledger| {
        let consortium = consortium(NONCE);
        let parts = TrustParts {
            ledger,
            channel: "medveil",
            chaincode: "medveil",
            consortium: &consortium,
            genesis: Digest::of(b"genesis"),
            roots: &roots,
            circuits: BTreeMap::from([("handover/v1".to_owned(), [Digest::of(b"key")].into())]),
        };
        Trust::new(parts).expect("a trust")
    };
    corpus.put("trust", "embedded", trust(LedgerKind::Embedded).to_json());
    corpus.put(
        "trust",
        "fabric",
        trust(LedgerKind::Fabric).to_json() + "\n",
    );
    let bundle = |trust: &Trust| {
        let parts = BundleParts {
            trust,
            keys: keys.iter().map(|key| key.to_bytes().to_vec()).collect(),
            registration: endorse(&orgs, &bench, 1, &register),
            claim: endorse(&orgs, &claims.bench, 2, &publish),
        };
        Bundle::new(parts).expect("a bundle").to_json()
    };
    corpus.put("bundle", "embedded", bundle(&trust(LedgerKind::Embedded)));
    corpus.put(
        "bundle",
        "refused-fabric",
        bundle(&trust(LedgerKind::Fabric)),
    );
}

fn founded(now_ms: u64) -> Vec<Founded> {
    let validity = Validity::years_from(now_ms, 10);
    let found = |name| Founded::new(&name, validity, &mut rng(11)).expect("certificates");
    members().into_iter().map(found).collect()
}

/// The transaction as it is ordered: what the contract would write, signed by all.
fn endorse(orgs: &[Founded], bench: &Bench, nonce: u8, call: &Call) -> Vec<u8> {
    let is_hospital = |o: &&Founded| *o.authority.msp_id() == msp(HOSPITAL);
    let client = &orgs.iter().find(is_hospital).expect("the hospital").client;
    let proposal = Proposal {
        channel: "medveil".to_owned(),
        chaincode: "medveil".to_owned(),
        args: call.to_args(),
        transient: false,
        creator: client.creator().clone(),
        timestamp_ms: bench.now_ms,
        nonce: [nonce; 24],
    };
    let action = Action {
        proposal: proposal.digest(),
        set: writes(bench, &proposal, call),
        event: None,
        payload: Vec::new(),
    };
    let endorsement = |org: &Founded| {
        let endorser = org.peer.creator().clone();
        let signature = org
            .peer
            .sign(&action.message(&endorser))
            .expect("a signature");
        Endorsement {
            endorser,
            signature,
        }
    };
    let mut endorsements: Vec<_> = orgs.iter().map(endorsement).collect();
    endorsements.sort_by(|a, b| a.endorser.cmp(&b.endorser));
    let message = Envelope::message(&proposal, &action, &endorsements);
    let signature = client.sign(&message).expect("a signature");
    Envelope {
        proposal,
        action,
        endorsements,
        signature,
    }
    .to_bytes()
}

fn writes(bench: &Bench, proposal: &Proposal, call: &Call) -> ReadWriteSet {
    let tx = medveil_contract::TxContext {
        tx_id: proposal.tx_id(),
        channel: proposal.channel.clone(),
        chaincode: proposal.chaincode.clone(),
        timestamp_ms: proposal.timestamp_ms,
        caller: medveil_contract::Caller {
            msp_id: msp(HOSPITAL),
            role: call.role(),
            subject: "client".to_owned(),
        },
        peer_msp: msp(BOARD),
        transient: BTreeMap::new(),
    };
    let contract = &bench.contracts[&msp(BOARD)];
    let set = bench
        .world
        .simulate(contract, tx, &call.to_args())
        .expect("accepted");
    let write = |(key, value): (&medveil_contract::StateKey, &Vec<u8>)| Write {
        key: key.to_string(),
        value: value.clone(),
    };
    ReadWriteSet {
        writes: set.writes.iter().map(write).collect(),
        ..ReadWriteSet::default()
    }
}
