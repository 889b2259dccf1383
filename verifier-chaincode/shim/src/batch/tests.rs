use super::*;

fn ready(writes: (bool, u32), reads: (bool, u32)) -> Batches {
    let said = ChaincodeAdditionalParams {
        use_write_batch: writes.0,
        max_size_write_batch: writes.1,
        use_get_multiple_keys: reads.0,
        max_size_get_multiple_keys: reads.1,
    };
    Batches::of(&said.encode_to_vec())
}

#[test]
fn a_peer_says_what_it_takes_together() {
    assert_eq!(Batches::of(&[]), Batches::NONE);
    assert_eq!(Batches::of(&[0xff; 9]), Batches::NONE);
    assert_eq!(ready((false, 9), (false, 9)), Batches::NONE);
    let said = ready((true, 0), (true, u32::MAX));
    assert_eq!((said.writes, said.reads), (1, 1_000));
}

#[test]
fn writes_go_before_they_are_too_many_or_too_long() {
    let record = |bytes: usize| WriteRecord {
        value: vec![0; bytes],
        ..WriteRecord::default()
    };
    let mut waiting = Waiting::default();
    assert!(waiting.take().is_none());
    assert!(waiting.add(record(1), 2).is_none());
    assert!(waiting.add(record(1), 2).is_none());
    assert_eq!(
        waiting.add(record(MOST_BYTES), 2).map(|b| b.rec.len()),
        Some(2)
    );
    // Longer than all room there is: alone.
    assert_eq!(
        waiting.add(record(9 * MOST_BYTES), 2).map(|b| b.rec.len()),
        Some(1)
    );
    assert_eq!(waiting.add(record(1), 2).map(|b| b.rec.len()), Some(1));
    assert_eq!(waiting.take().map(|b| b.rec.len()), Some(1));
}
