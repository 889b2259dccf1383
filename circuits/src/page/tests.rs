use super::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

#[test]
fn pages_round_trip_through_packing_and_encryption() {
    let cells: Vec<Cell> = (0..16)
        .map(|i| {
            if i % 5 == 0 {
                Cell::ABSENT
            } else {
                Cell::present(i * 1_000_003 % (1 << 24)).expect("24 bits")
            }
        })
        .collect();
    let page = Page::seal(pack_cells(&cells), &mut rng());
    let key = page_key(Fr::from(5u64), Fr::from(6u64), 0, 2);
    let back = Page::decrypt(&page.encrypt(&key), &key);
    assert!(back.cells(16).expect("cells") == cells);
    assert_eq!(back.commitment(), page.commitment());
    let wrong = Page::decrypt(
        &page.encrypt(&key),
        &page_key(Fr::from(5u64), Fr::from(6u64), 1, 2),
    );
    assert!(wrong.cells(16).is_none());
}

#[test]
fn flags_and_pseudonyms_round_trip() {
    let flags: Vec<RowFlags> = (0..256)
        .map(|i| RowFlags {
            real: i < 200,
            new_subject: i % 3 == 0,
        })
        .collect();
    assert!(
        Page::seal(pack_flags(&flags), &mut rng())
            .flags(256)
            .expect("flags")
            == flags
    );
    let pseudonyms: Vec<u128> = (0..16).map(|i| (1u128 << 119) + i).collect();
    assert_eq!(
        Page::seal(pack_pseudonyms(&pseudonyms), &mut rng())
            .pseudonyms(16)
            .expect("pseudonyms"),
        pseudonyms
    );
}

#[test]
fn content_that_is_no_packing_is_refused() {
    let page = Page::with_salt(vec![-Fr::from(1u64), Fr::from(0u64)], Fr::from(1u64));
    assert!(page.cells(16).is_none());
    let absent_with_value = Page::with_salt(vec![Fr::from(3u64), Fr::from(0u64)], Fr::from(1u64));
    assert!(absent_with_value.cells(16).is_none());
    assert!(Cell::present(1 << 24).is_none());
}

#[test]
fn page_keys_never_repeat_over_position_chunk_and_segment() {
    let mut seen = std::collections::BTreeSet::new();
    for segment in 1..3u64 {
        for chunk in 0..4 {
            for position in 0..24 {
                let key = page_key(Fr::from(9u64), Fr::from(segment), chunk, position);
                assert!(seen.insert(Felt(key.0)), "a page key stands twice");
            }
        }
    }
}
