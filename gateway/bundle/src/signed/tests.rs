use super::*;
use crate::trust::TrustParts;
use medveil_circuits::field::Digest;
use medveil_embedded_wire::{Action, Endorsement, Envelope, Proposal, ReadWriteSet, Write};
use medveil_msp::testing::{NOW, consortium};
use medveil_msp::{Founded, Identity, Msp, Validity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// A channel of four organisations.
struct Channel {
    trust: Trust,
    orgs: Vec<Founded>,
}

impl Channel {
    fn new() -> Self {
        let (mut rng, consortium) = (ChaCha20Rng::seed_from_u64(1), consortium());
        let validity = Validity::years_from(NOW, 10);
        let members = consortium.members().iter();
        let orgs: Vec<Founded> = members
            .map(|m| Founded::new(&m.msp_id, validity, &mut rng).unwrap())
            .collect();
        let roots: Vec<Msp> = orgs.iter().map(|o| o.authority.msp().unwrap()).collect();
        let trust = Trust::new(TrustParts {
            ledger: LedgerKind::Embedded,
            channel: "c",
            chaincode: "medveil",
            consortium: &consortium,
            genesis: Digest([2; 32]),
            roots: &roots,
            circuits: BTreeMap::new(),
        });
        Channel {
            trust: trust.unwrap(),
            orgs,
        }
    }

    /// A write of the first organisation's client that these have endorsed.
    fn endorsed(&self, endorsers: &[&Identity]) -> Checked {
        let client = &self.orgs[0].client;
        let proposal = Proposal {
            channel: "c".to_owned(),
            chaincode: "medveil".to_owned(),
            args: vec![b"Tick".to_vec()],
            transient: false,
            creator: client.creator().clone(),
            timestamp_ms: NOW,
            nonce: [1; 24],
        };
        let set = ReadWriteSet {
            writes: vec![Write {
                key: "k".to_owned(),
                value: b"v".to_vec(),
            }],
            ..ReadWriteSet::default()
        };
        let action = Action {
            proposal: proposal.digest(),
            set,
            event: None,
            payload: Vec::new(),
        };
        let endorse = |who: &&Identity| Endorsement {
            endorser: who.creator().clone(),
            signature: who.sign(&action.message(who.creator())).unwrap(),
        };
        let mut endorsements: Vec<_> = endorsers.iter().map(endorse).collect();
        endorsements.sort_by(|a, b| a.endorser.cmp(&b.endorser));
        let message = Envelope::message(&proposal, &action, &endorsements);
        let envelope = Envelope {
            signature: client.sign(&message).unwrap(),
            proposal,
            action,
            endorsements,
        };
        check_embedded(&self.trust, &envelope.to_bytes())
    }
}

#[test]
fn m6_peers_alone_are_named_as_endorsers_each_by_its_certificate() {
    let channel = Channel::new();
    let [one, two, three, four] = channel.orgs.as_slice() else {
        panic!("four organisations");
    };
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let second = one.authority.issue(
        medveil_collections_config::Role::Peer,
        "second",
        Validity::years_from(NOW, 1),
        &mut rng,
    );
    let second = second.unwrap();
    let peers = [&one.peer, &second, &two.peer, &three.peer];
    let others = [&four.client, &four.admin, &two.client];
    let (signed, _) = channel
        .endorsed(&[&peers[..], &others[..]].concat())
        .unwrap();
    let mut expected: Vec<Endorser> = peers.map(|p| Endorser::of(p.creator()).unwrap()).into();
    expected.sort();
    assert_eq!(signed.endorsers, expected);
    let named = expected
        .iter()
        .find(|e| e.name.starts_with("second"))
        .unwrap();
    assert_eq!(named.msp_id, *one.authority.msp_id());
    assert_eq!(named.certificate, Digest::of(&second.creator().certificate));
    // Of two organisations' peers the others make no majority.
    let few = [&[&one.peer, &second, &two.peer][..], &others[..]].concat();
    assert!(channel.endorsed(&few).is_err());
}

#[test]
fn v8_endorsements_are_counted_before_they_are_checked() {
    let channel = Channel::new();
    let peer = &channel.orgs[0].peer;
    let refused = |n| match channel.endorsed(&vec![peer; n]) {
        Ok(_) => panic!("one organisation is no majority"),
        Err(error) => error.to_string(),
    };
    let most = MAX_ENDORSEMENTS;
    let text = refused(most + 1);
    assert!(text.contains("at most 128 endorsements, got 129"), "{text}");
    assert!(!refused(most).contains("at most"), "so many are checked");
}
