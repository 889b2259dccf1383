//! Schemas proposed from files, and whether the files then read by them.

use super::*;
use crate::{Input, read_source};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[1; 32], LineageId::new(Felt::from_u64(1)))
}

fn drafted(text: &str) -> (tempfile::TempDir, Draft) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), text).unwrap();
    let draft = draft(&folder.path().join("t.csv"), &key(), &Limits::DEFAULT).unwrap();
    (folder, draft)
}

#[test]
fn b10_a_drafted_schema_reads_its_own_source() {
    let text = "patient_id;Thrombozyten;HbA1c (%);geboren;Raucher;Geschlecht;Notiz\n\
        P1;250.000;7,2;31.12.1970;ja;w;kam zu Fuss\nP2;180.000;6,9;01.02.1980;nein;m;NA\n\
        P3;90.000;7,05;15.03.1990;ja;w;Hund dabei\nP4;120.000;;02.04.2001;nein;m;zu spaet\n";
    let (folder, draft) = drafted(text);
    let schema =
        Schema::from_json(&draft.schema).unwrap_or_else(|p| panic!("{p}\n{}", draft.schema));
    let kinds: Vec<(&str, &str)> = schema
        .columns()
        .iter()
        .map(|c| (c.name.as_str(), c.kind.word()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("thrombozyten", "int"),
            ("hba1c", "decimal"),
            ("geboren", "day"),
            ("raucher", "flag"),
            ("geschlecht", "code")
        ],
        "{}",
        draft.schema
    );
    assert!(draft.open.is_empty(), "{:?}", draft.open);
    let views = Views::shipped().unwrap();
    let file = folder.path().join("t.csv");
    let input = Input {
        path: &file,
        views: &views,
        today: 20_454,
        gather: false,
    };
    let cohort = read_source(&input, &schema, &key(), &Limits::DEFAULT, &mut |_| {}).unwrap();
    let platelets: Vec<i64> = cohort
        .rows
        .iter()
        .filter_map(|row| row.cells[0].map(|v| v.to_integer()))
        .collect();
    assert_eq!(platelets.iter().sum::<i64>(), 640_000);
}

#[test]
fn b10_what_a_source_leaves_open_is_said_and_not_guessed() {
    let (_, draft) = drafted("subject,mrn,n,d\n1,7,1.250,01/02/2024\n2,8,3.500,03/04/2024\n");
    let open = draft.open.join("\n");
    for part in [
        "thousands: 2 numbers",
        "dates: nothing says",
        "subject: mrn and subject",
    ] {
        assert!(open.contains(part), "{part}: {open}");
    }
}
