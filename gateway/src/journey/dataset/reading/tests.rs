//! A committed report: what it says, who opens what, and what is refused.

#![allow(clippy::unwrap_used)]

use super::super::testing::{TestHome, hospital};
use super::super::{CommitOptions, LocalDataset, ReportOf, commit, report};
use super::*;
use crate::Session;
use medveil_circuits::field::Fr;
use medveil_circuits::handover::SlotKeys;
use medveil_circuits::registration::Registration;
use medveil_circuits::schema::Schema;
use medveil_contract::call::transient::SealedReading;
use medveil_contract::judge::reading::{leaves, root};

/// Two columns of one key, a comparator that leaves a value out, and one row of nobody.
const SCHEMA: &str = r#"{"format": "medveil-schema-1", "rows": "per_record",
  "subject": {"header": "patient"}, "columns": [
  {"name": "age", "type": "int", "min": 0, "max": 120, "source": {"header": "age"}},
  {"name": "low", "type": "int", "min": 0, "max": 300, "group": "pressure",
   "source": {"header": "low", "on_bad": "drop"}},
  {"name": "high", "type": "int", "min": 0, "max": 300, "group": "pressure",
   "source": {"header": "high"}}]}"#;
const ROWS: &str = "patient,age,low,high\np1,40,<70,120\np2,50,80,130\n,60,80,\n";

async fn committed(home: &TestHome) -> (Session, LocalDataset) {
    home.activate::<Registration<16>>();
    let session = home.session();
    let options = CommitOptions {
        source: &home.write("visits.csv", ROWS),
        views: None,
        accept: &["subjects".to_owned()],
        schema: Some(&home.write("visits.schema.json", SCHEMA)),
        name: "visits",
        group: "research",
    };
    let done = commit(&session, &hospital(), &options).await.unwrap();
    let local = LocalDataset::new(&session, &hospital(), "visits").unwrap();
    assert_eq!(local.registration().unwrap().reading, done.reading);
    (session, local)
}

fn stored(local: &LocalDataset) -> SealedReading {
    let chunks = local.pages().unwrap();
    assert!(chunks[1..].iter().all(|chunk| chunk.reading.is_none()));
    chunks[0].reading.clone().unwrap()
}

fn slots(session: &Session, local: &LocalDataset, granted: &[usize]) -> SlotKeys {
    let keys = local.keys(session).unwrap();
    let key = |slot: usize| granted.contains(&slot).then_some(keys.keys[slot]);
    SlotKeys::new(std::array::from_fn(key))
}

fn counts(column: &ColumnReading) -> Vec<(&str, &str, u64)> {
    let own = column.counts.iter();
    own.map(|c| (c.fate.as_str(), c.reason.as_str(), c.count))
        .collect()
}

#[tokio::test]
async fn the_holder_reads_all_of_it_and_gives_parts_that_others_check() {
    let home = TestHome::new();
    let (session, local) = committed(&home).await;
    let of = ReportOf::Name(hospital(), "visits".to_owned());
    let read = report(&session, &of, &[], None).await.unwrap();
    assert_eq!(
        (read.root, read.closed),
        (local.registration().unwrap().reading, 0)
    );
    let [
        Part::Whole(whole),
        Part::Files(files),
        Part::Column(age),
        Part::Column(low),
        ..,
    ] = read.report.as_slice()
    else {
        panic!("{read:?}")
    };
    assert_eq!(
        (whole.kind.as_str(), whole.rows, whole.subjects),
        ("csv", 2, 2)
    );
    assert_eq!(
        (whole.accepted.as_slice(), whole.files),
        (&["subjects".to_owned()][..], 1)
    );
    assert_eq!(whole.day, session.today());
    assert!(whole.versions.contains_key("medveil") && whole.views.is_empty());
    assert_eq!(whole.counts[0].fate, "unresolved");
    assert_eq!(files.read[0].file, "visits.csv");
    assert_ne!(files.read[0].digest, Digest::of(ROWS.as_bytes()), "keyed");
    assert_eq!((age.present, counts(age).len()), (2, 0));
    assert_eq!((low.present, counts(low)[0].2), (1, 1), "{low:?}");

    let file = home.path("for-auditor.json");
    let parts = ["whole".to_owned(), "column:low".to_owned()];
    let given = report(&session, &of, &parts, Some(&file)).await.unwrap();
    assert_eq!((given.report.len(), given.closed), (2, 3));
    let checked = super::super::check_report(&file).unwrap();
    assert_eq!((checked.root, checked.report), (read.root, given.report));
    let unknown = ["column:weight".to_owned()];
    assert!(report(&session, &of, &unknown, None).await.is_err());

    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("visits.csv"), "files stay closed");
    let changes = [
        ("\\\"count\\\":1", "\\\"count\\\":0"),
        ("\"index\": 0", "\"index\": 1"),
    ];
    for (from, to) in changes {
        assert!(text.contains(from), "{from} in {text}");
        std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
        assert!(super::super::check_report(&file).is_err(), "{from}");
    }
}

#[tokio::test]
async fn p12_slot_keys_open_the_parts_of_their_columns_and_no_other() {
    let home = TestHome::new();
    let (session, local) = committed(&home).await;
    let (stored, registration) = (stored(&local), local.registration().unwrap());
    assert_eq!(root(&leaves(&stored)), registration.reading);
    let schema = Schema::from_json(SCHEMA).unwrap();
    let open = |granted: &[usize], stored: &SealedReading| {
        let slots = slots(&session, &local, granted);
        let parts = opened(stored, &schema, &slots, registration.segment)?;
        Ok::<_, ReportError>(parts.into_iter().map(|(i, _)| i).collect::<Vec<_>>())
    };
    for (granted, parts) in [
        (&[0][..], &[0][..]),
        (&[0, 1, 2], &[0, 2]),
        (&[0, 3], &[0, 3, 4]),
        (&[1], &[]),
    ] {
        assert_eq!(open(granted, &stored).unwrap(), parts, "{granted:?}");
    }
    let mut changed = stored.clone();
    changed.parts[2].sealed[3] ^= 1;
    assert!(matches!(
        open(&[0, 2], &changed),
        Err(ReportError::Sealed { index: 2, .. })
    ));
    let mut changed = stored.clone();
    changed.parts[3].commitment = Digest::of(b"other");
    assert!(matches!(
        open(&[0, 3], &changed),
        Err(ReportError::Commitment { index: 3 })
    ));
    let mut swapped = stored.clone();
    swapped.parts.swap(3, 4);
    assert!(open(&[0, 3], &swapped).is_err(), "a part keeps its place");
    let mut other = slots(&session, &local, &[0, 2]);
    other[2] = Some(Fr::from(7u64));
    assert!(opened(&stored, &schema, &other, registration.segment).is_err());
}

#[test]
fn a_part_is_read_in_its_place_and_canonical() {
    let files = br#"{"part":"files","read":[],"skipped":[]}"#;
    assert!(Part::read(1, files).is_ok());
    for (index, content) in [
        (0, files.as_slice()),
        (2, files),
        (1, br#"{"part":"files","read":[], "skipped":[]}"#),
        (1, br#"{"read":[],"part":"files","skipped":[]}"#),
        (1, br#"{"part":"files","read":[],"skipped":[],"more":1}"#),
        (1, b"{}"),
        (1, b"\xff"),
    ] {
        let refused = Part::read(index, content);
        assert!(
            matches!(refused, Err(ReportError::Content { .. })),
            "{refused:?}"
        );
    }
}
