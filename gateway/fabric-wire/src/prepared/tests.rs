use super::*;
use crate::Recorded;
use crate::testing::{Draft, NAME, Net, private, public};
use medveil_msp::Validity;
use medveil_msp::testing::{NOW, msps};

const OWN: &str = "_implicit_org_HospitalA";

fn read(net: &Net, draft: &Draft) -> Result<Prepared, FormError> {
    Prepared::read(&Envelope::decode(net.seal(draft).as_slice()).unwrap(), NAME)
}

#[test]
fn an_endorsement_that_does_not_hold_is_refused_before_signing_and_passed_over_on_the_chain() {
    let net = Net::new();
    let mut draft = net.draft(vec![public(&[], &[("k", "v")])]);
    draft.junk = true;
    let prepared = read(&net, &draft).unwrap();
    assert!(prepared.endorsers(&net.msps, NOW).is_err());
    let wanted: BTreeSet<MspId> = msps(&["HospitalA", "HospitalB", "University"])
        .into_iter()
        .collect();
    let recorded = Recorded::on_chain(&net.seal(&draft), &net.expected()).unwrap();
    assert_eq!(recorded.endorsers, wanted);
}

#[test]
fn two_endorsements_of_an_organisation_count_once() {
    let net = Net::new();
    let mut draft = net.draft(vec![public(&[], &[("k", "v")])]);
    let org = net.org("HospitalA");
    draft.endorsers = vec![
        org.peer.clone(),
        net.issue(&org.authority, Role::Peer, Validity::years_from(NOW, 1)),
        org.client.clone(),
    ];
    let prepared = read(&net, &draft).unwrap();
    assert!(prepared.endorsers(&net.msps, NOW).is_err());
    // Both peers, and never the client.
    let [one, two, _] = draft.endorsers.as_slice() else {
        unreachable!()
    };
    let peers: BTreeSet<Creator> = [one, two].map(|peer| peer.creator().clone()).into();
    assert_eq!(prepared.peers(&net.msps, NOW), peers);
    let recorded = Recorded::on_chain(&net.seal(&draft), &net.expected()).unwrap();
    assert_eq!(recorded.peers, peers);
    assert!(recorded.endorsers.into_iter().eq(msps(&["HospitalA"])));
}

#[test]
fn an_event_without_public_writes_is_not_the_contracts() {
    let net = Net::new();
    let mut draft = net.draft(vec![private(OWN, &[], &[(1, 2)])]);
    assert!(read(&net, &draft).is_ok());
    draft.event = Some(("access.decided".to_owned(), b"{}".to_vec()));
    assert_eq!(
        read(&net, &draft),
        Err(FormError("no event without public writes"))
    );
    draft.parts.insert(0, public(&[], &[("k", "v")]));
    assert!(read(&net, &draft).is_ok());
}

#[test]
fn deletions_and_metadata_are_not_the_contracts() {
    let net = Net::new();
    let mut part = private(OWN, &[], &[]);
    part.writes = vec![(vec![1; 32], None)];
    assert_eq!(
        read(&net, &net.draft(vec![part])),
        Err(FormError("no deletions"))
    );
    let mut part = public(&[], &[]);
    part.metadata = vec![b"k".to_vec()];
    assert_eq!(
        read(&net, &net.draft(vec![part])),
        Err(FormError("no metadata writes"))
    );
}

#[test]
fn private_reads_are_read_with_their_versions() {
    let net = Net::new();
    let draft = net.draft(vec![
        public(&[("k", Some((3, 1)))], &[("k", "v")]),
        private(OWN, &[(1, Some((2, 0))), (2, None)], &[]),
    ]);
    let reads = read(&net, &draft).unwrap().reads;
    assert_eq!(
        reads.public,
        BTreeMap::from([("k".to_owned(), Some((3, 1)))])
    );
    let name: CollectionName = OWN.parse().unwrap();
    assert_eq!(
        reads.private,
        BTreeMap::from([
            ((name.clone(), [1; 32]), Some((2, 0))),
            ((name, [2; 32]), None)
        ])
    );
}

#[test]
fn bytes_around_the_clients_payload_spoil_a_bundle_and_not_the_chain() {
    let net = Net::new();
    let mut bytes = net.seal(&net.draft(vec![public(&[], &[("k", "v")])]));
    assert!(Recorded::read(&bytes, &net.expected()).is_ok());
    // An unknown field 15.
    bytes.extend([0x78, 1]);
    assert_eq!(
        Recorded::read(&bytes, &net.expected()).err(),
        Some(FormError("its one byte form"))
    );
    assert!(Recorded::on_chain(&bytes, &net.expected()).is_ok());
}
