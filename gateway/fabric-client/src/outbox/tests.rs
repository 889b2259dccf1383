use super::*;

fn envelope(n: u8) -> Envelope {
    Envelope {
        payload: vec![n; 4],
        signature: vec![n],
    }
}

#[test]
fn what_a_dead_process_left_is_found_and_what_a_living_one_holds_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::new(folder.path().join("outbox"));
    assert!(outbox.left_behind().unwrap().is_empty(), "no folder yet");
    drop(outbox.keep("aa", &envelope(1)).unwrap());
    let living = outbox.keep("bb", &envelope(2)).unwrap();
    let found = outbox.left_behind().unwrap();
    assert_eq!(
        found
            .iter()
            .map(|(w, e)| (w.tx_id.as_str(), e.clone()))
            .collect::<Vec<_>>(),
        [("aa", envelope(1))]
    );
    assert!(
        outbox.left_behind().unwrap().is_empty(),
        "whoever found it holds it"
    );
    found.into_iter().for_each(|(way, _)| way.settle().unwrap());
    living.settle().unwrap();
    assert!(outbox.left_behind().unwrap().is_empty());
}

#[test]
fn a_transaction_is_kept_once_and_a_damaged_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let outbox = Outbox::new(path.clone());
    drop(outbox.keep("aa", &envelope(1)).unwrap());
    assert!(outbox.keep("aa", &envelope(1)).is_err());
    let kept = std::fs::read(path.join("aa.envelope")).unwrap();
    let mut flipped = kept.clone();
    flipped[20] ^= 1;
    let (bare, cut) = (envelope(1).encode_to_vec(), &kept[..kept.len() - 1]);
    for damaged in [b"", &*bare, &*flipped, cut] {
        std::fs::write(path.join("aa.envelope"), damaged).unwrap();
        let error = format!("{:?}", outbox.left_behind().unwrap_err());
        assert!(error.contains("aa.envelope"), "{error}");
    }
}
