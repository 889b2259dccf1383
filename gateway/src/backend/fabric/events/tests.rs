use super::super::testing::{Draft, Net, block, private, public};
use super::*;

const START: Checkpoint = Checkpoint { block: 0, tx: 0 };

fn hear(net: &Net, drafts: &[&Draft]) -> Vec<Told> {
    let txs: Vec<(Vec<u8>, u8)> = drafts.iter().map(|d| (net.seal(d), 0)).collect();
    told(
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
            Told::Event(event) => event.name.as_str(),
            Told::Unreadable { reason, .. } => reason,
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
    let Told::Unreadable {
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
fn a_valid_transaction_that_cannot_be_read_is_told() {
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
    let heard = told(&WholeBlock::read(&bytes).unwrap(), &net.expected(), START).unwrap();
    assert!(
        matches!(heard.as_slice(), [Told::Unreadable { tx_id, .. }, Told::Event(_)] if tx_id.is_empty()),
        "{heard:?}"
    );
    let heard = told(
        &WholeBlock::read(&bytes).unwrap(),
        &net.expected(),
        Checkpoint { block: 5, tx: 1 },
    )
    .unwrap();
    assert!(matches!(heard.as_slice(), [Told::Event(_)]), "{heard:?}");
}

#[test]
fn missing_verdicts_skip_no_event() {
    let net = Net::new();
    let whole = block(5, &[], &[(net.seal(&spoken(&net)), 0)], &[]);
    let mut cut = fabric_shim_protos::common::Block::decode(whole.as_slice()).unwrap();
    cut.metadata.as_mut().unwrap().metadata[2].clear();
    assert!(
        told(
            &WholeBlock::read(&cut.encode_to_vec()).unwrap(),
            &net.expected(),
            START
        )
        .is_err()
    );
}
