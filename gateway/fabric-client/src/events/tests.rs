use super::*;
use medveil_fabric_wire::testing::{Draft, Net, block, private, public};

const START: Checkpoint = Checkpoint { block: 0, tx: 0 };

fn hear(net: &Net, drafts: &[&Draft]) -> Vec<Notice> {
    let txs: Vec<(Vec<u8>, u8)> = drafts.iter().map(|d| (net.seal(d), 0)).collect();
    notices_of(
        &WholeBlock::read(&block(5, &[], &txs, &[])).unwrap(),
        &net.expected(),
        START,
    )
    .unwrap()
}

fn spoken(net: &Net) -> Draft {
    let mut draft = net.draft(vec![public(&[], &[("k", "v")])]);
    draft.event = Some(("key.published".to_owned(), b"{}".to_vec()));
    draft
}

#[test]
fn a_spoiled_transaction_of_one_member_does_not_stop_a_listener() {
    let net = Net::new();
    let good = spoken(&net);
    let mut junk = spoken(&net);
    junk.junk = true;
    // One organisation alone: an event, and a deletion, beside writes to its own collection.
    let mut alone = net.draft(vec![private("_implicit_org_HospitalA", &[], &[(1, 2)])]);
    alone.endorsers = net.peers(&["HospitalA"]);
    alone.event = good.event.clone();
    let mut deletes = alone.clone();
    (deletes.event, deletes.parts[0].writes[0].1) = (None, None);
    let mut other = spoken(&net);
    other.chaincode = "other";
    let heard = hear(&net, &[&alone, &good, &deletes, &junk, &other]);
    let words: Vec<&str> = heard
        .iter()
        .map(|told| match told {
            Notice::Event(event) => event.name.as_str(),
            Notice::Unreadable { reason, .. } => reason,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        words,
        [
            "no event without public writes",
            "key.published",
            "no deletions",
            "key.published"
        ]
    );
    let Notice::Unreadable {
        next,
        block: 5,
        tx_id,
        ..
    } = &heard[2]
    else {
        panic!("{heard:?}")
    };
    assert_eq!((*next, tx_id.len()), (Checkpoint { block: 5, tx: 3 }, 64));
}

#[test]
fn a_valid_transaction_that_cannot_be_read_is_reported() {
    let net = Net::new();
    let bytes = block(
        5,
        &[],
        &[
            (b"\xff\xff".to_vec(), 0),
            (b"\xff\xff".to_vec(), 1),
            (net.seal(&spoken(&net)), 0),
        ],
        &[],
    );
    let heard = notices_of(&WholeBlock::read(&bytes).unwrap(), &net.expected(), START).unwrap();
    assert!(
        matches!(heard.as_slice(), [Notice::Unreadable { tx_id, .. }, Notice::Event(_)] if tx_id.is_empty()),
        "{heard:?}"
    );
    let heard = notices_of(
        &WholeBlock::read(&bytes).unwrap(),
        &net.expected(),
        Checkpoint { block: 5, tx: 1 },
    )
    .unwrap();
    assert!(matches!(heard.as_slice(), [Notice::Event(_)]), "{heard:?}");
}

#[test]
fn missing_verdicts_skip_no_event() {
    let net = Net::new();
    let whole = block(5, &[], &[(net.seal(&spoken(&net)), 0)], &[]);
    let mut cut = medveil_fabric_wire::proto::Block::decode(whole.as_slice()).unwrap();
    cut.metadata.as_mut().unwrap().metadata[2].clear();
    assert!(
        notices_of(
            &WholeBlock::read(&cut.encode_to_vec()).unwrap(),
            &net.expected(),
            START
        )
        .is_err()
    );
}
