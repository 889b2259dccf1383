//! One person in sources of two kinds.
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::Schema;
use medveil_source::{Cohort, Fate, Input, Limits, PseudonymKey, SourceError, Subject, Views};
use std::collections::BTreeSet;

const SYSTEM: &str = "urn:oid:1.2.3";

/// A key of the holder's for one lineage.
fn key(lineage: u64) -> PseudonymKey {
    PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(lineage)))
}

fn read(name: &str, text: &str, schema: &str, key: &PseudonymKey) -> Result<Cohort, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let views = Views::shipped().unwrap();
    let input = Input {
        path: &path,
        views: &views,
        today: 20_786,
        gather: false,
    };
    let schema = Schema::from_json(schema).unwrap();
    medveil_source::read_source(&input, &schema, key, &Limits::DEFAULT, &mut |_| {})
}

/// Who a cohort's rows are, over all lineages of the holder.
fn subjects(cohort: &Cohort, key: &PseudonymKey) -> BTreeSet<Subject> {
    let rows = cohort.rows.iter();
    rows.map(|row| key.subject(row.pseudonym).unwrap())
        .collect()
}

fn patient(id: &str, identifiers: &[(&str, &str)]) -> String {
    let one =
        |(system, value): &(&str, &str)| format!(r#"{{"system":"{system}","value":"{value}"}}"#);
    let identifiers: Vec<String> = identifiers.iter().map(one).collect();
    let identifiers = identifiers.join(",");
    format!(
        r#"{{"resourceType":"Patient","id":"{id}","gender":"female","identifier":[{identifiers}]}}"#
    )
}

fn fhir_schema(subject: &str) -> String {
    format!(
        r#"{{"format":"medveil-schema-1","subject":{{{subject}}},"columns":[
        {{"name":"sex","type":"code","codes":["female","male"],"source":{{"table":"patients"}}}}]}}"#
    )
}

fn table_schema(subject: &str) -> String {
    format!(
        r#"{{"format":"medveil-schema-1","subject":{{"header":"mrn"{subject}}},"columns":[
        {{"name":"age","type":"int","min":0,"max":120}}]}}"#
    )
}

fn set() -> String {
    [
        patient("a", &[(SYSTEM, "0017"), ("urn:other", "9")]),
        patient("b", &[(SYSTEM, "0018")]),
        patient("0019", &[(SYSTEM, "0020")]),
    ]
    .join("\n")
}

const TABLE: &str = "mrn,age\n0017,50\n0019,60\n0018,70\n0018,70\n";

#[test]
fn b7_the_numbers_of_one_system_are_the_same_people_in_fhir_and_in_tables() {
    let named = format!(r#""identifier":"{SYSTEM}""#);
    let (of_fhir, of_table) = (key(1), key(2));
    let fhir = read("a.ndjson", &set(), &fhir_schema(&named), &of_fhir).unwrap();
    let schema = table_schema(&format!(",{named}"));
    let table = read("a.csv", TABLE, &schema, &of_table).unwrap();
    let (a, b) = (subjects(&fhir, &of_fhir), subjects(&table, &of_table));
    assert_eq!((a.len(), b.len()), (3, 3));
    assert_eq!(a.intersection(&b).count(), 2, "0017 and 0018");
    // Each lineage has pseudonyms of its own all the same.
    let of =
        |cohort: &Cohort| -> BTreeSet<u128> { cohort.rows.iter().map(|r| r.pseudonym).collect() };
    assert!(of(&fhir).is_disjoint(&of(&table)));

    // Another system, or none said on one side, means other people.
    for (one, other) in [
        (named.clone(), String::new()),
        (named.clone(), r#","identifier":"urn:oid:1.2.4""#.to_owned()),
        (String::new(), format!(",{named}")),
        (String::new(), String::new()),
    ] {
        let (of_fhir, of_table) = (key(1), key(2));
        let fhir = read("a.ndjson", &set(), &fhir_schema(&one), &of_fhir).unwrap();
        let table = read("a.csv", TABLE, &table_schema(&other), &of_table).unwrap();
        let (a, b) = (subjects(&fhir, &of_fhir), subjects(&table, &of_table));
        assert!(a.is_disjoint(&b), "{one} {other}");
    }
}

#[test]
fn b7_patients_whom_the_identifier_does_not_tell_are_left_out_and_stop_a_commit() {
    let schema = fhir_schema(&format!(r#""identifier":"{SYSTEM}""#));
    for (bad, reason) in [
        (
            vec![patient("x", &[("urn:other", "1")])],
            "without an identifier",
        ),
        (
            vec![patient("x", &[(SYSTEM, "1"), (SYSTEM, "2")])],
            "several identifiers",
        ),
        (
            vec![
                patient("x", &[(SYSTEM, "1")]),
                patient("y", &[(SYSTEM, "1")]),
            ],
            "without a link",
        ),
    ] {
        let text = format!("{}\n{}", set(), bad.join("\n")).replacen(
            r#"{"resourceType":"Patient","id":"y","gender":"female""#,
            r#"{"resourceType":"Patient","id":"y","gender":"male""#,
            1,
        );
        let cohort = read("a.ndjson", &text, &schema, &key(1)).unwrap();
        assert_eq!(cohort.rows.len(), 3, "{reason}");
        let count = cohort
            .counts
            .iter()
            .find(|c| c.reason.contains(reason))
            .unwrap();
        assert_eq!(
            (count.fate, count.count),
            (Fate::Unresolved, bad.len() as u64)
        );
    }
    let blank = format!("{}\n{}", set(), patient("x", &[(SYSTEM, " 1")]));
    let refused = read("a.ndjson", &blank, &schema, &key(1)).err().unwrap();
    assert!(matches!(refused, SourceError::Identity { .. }), "{refused}");
}

#[test]
fn b14_a_system_is_a_uri() {
    for system in ["mrn", "", ":", "urn:", "urn:oid:1 2", "urn:oid:1\u{200b}"] {
        let schema = table_schema(&format!(r#","identifier":"{system}""#));
        let refused = read("a.csv", TABLE, &schema, &key(1)).err().unwrap();
        assert!(
            refused.to_string().contains("subject.identifier"),
            "{refused}"
        );
    }
}

const PEOPLE: &str = r#"{"format":"medveil-schema-1","rows":"per_record","subject":{"header":"mrn"NULL},"columns":[
    {"name":"age","type":"int","min":0,"max":126,"source":{"header":"birth","age_on":"2026-01-01"}},
    {"name":"sex","type":"code","codes":["f","m"]},{"name":"n","type":"int","min":0,"max":99}]}"#;

/// Reads rows of number, birth, sex and a value; in both forms of rows.
fn people(rows: &[(&str, &str)], null: &str) -> [Result<Cohort, SourceError>; 2] {
    let rows = rows.iter().map(|(id, rest)| format!("{id},{rest}\n"));
    let text = "mrn,birth,sex,n\n".to_owned() + &rows.collect::<String>();
    let schema = PEOPLE.replace("NULL", null);
    [schema.clone(), schema.replace("per_record", "per_subject")]
        .map(|schema| read("a.csv", &text, &schema, &key(1)))
}

const ANN: &str = "1970-01-01,f,1";
const BOB: &str = "1980-01-01,m,2";

#[test]
fn b7_a_word_for_nobody_is_no_person() {
    for word in [
        "unknown",
        "unbekannt",
        "-",
        "NN",
        "N.N.",
        "n/a",
        "Keine Angabe",
        "?",
        "Total:",
        "Summe",
        "Mittelwert",
        "unknown patient",
        "(Leer)",
        "TEST",
        "N. N.",
    ] {
        let rows = [("1", ANN), (word, ANN), ("2", BOB), (word, BOB)];
        for read in people(&rows, "") {
            let refused = read.err().unwrap_or_else(|| panic!("{word}")).to_string();
            assert!(
                refused.contains("row 3") && refused.contains("`subject.null`"),
                "{refused}"
            );
            assert!(!refused.contains(word) || word.len() < 2, "{refused}");
        }
        for read in people(&rows, &format!(r#","null":"0; {word}""#)) {
            let cohort = read.unwrap();
            assert_eq!((cohort.rows.len(), cohort.subjects()), (2, 2), "{word}");
            let lost = cohort.counts.iter().find(|c| c.fate == Fate::Unresolved);
            assert_eq!(lost.map(|c| c.count), Some(2), "{word}");
        }
    }
}

#[test]
fn b7_an_identity_of_another_shape_than_all_others_is_nobodys_unless_it_is_said() {
    for word in [
        "Zusammenfassung",
        "\u{5408}\u{8a08}",
        "unbekannt1",
        "Total 2024",
    ] {
        let rows = [("17", ANN), ("18", BOB), ("19", ANN), (word, ANN)];
        for read in people(&rows, "") {
            let refused = read.err().unwrap_or_else(|| panic!("{word}")).to_string();
            let says = ["row 5", "`subject.null`", "`subject.words`"];
            assert!(says.iter().all(|part| refused.contains(part)), "{refused}");
            assert!(!refused.contains(word), "{refused}");
        }
        for (said, subjects) in [
            (format!(r#","null":"{word}""#), 3),
            (r#","words":"keep""#.into(), 4),
        ] {
            for read in people(&rows, &said) {
                assert_eq!(read.unwrap().subjects(), subjects, "{word}{said}");
            }
        }
    }
    // Where all are called so, they are people.
    for rows in [
        ["test1", "test2", "test3"],
        ["Ann", "Bob", "Cem"],
        ["A1", "B", "C2"],
    ] {
        for read in people(&rows.map(|id| (id, ANN)), "") {
            assert_eq!(read.unwrap().subjects(), 3, "{rows:?}");
        }
    }
    for read in people(&[("1", ANN)], r#","words":"drop""#) {
        assert!(read.err().unwrap().to_string().contains("expected `keep`"));
    }
}

#[test]
fn b7_a_number_of_several_people_is_no_person() {
    let others: Vec<String> = (1..=20).map(|n| format!("{}", 100 + n)).collect();
    let others = |times: usize| {
        others
            .iter()
            .flat_map(move |id| vec![(id.as_str(), ANN); times])
    };
    for number in ["0", "000", "999999", "111111", "-1", "123456"] {
        for (own, times, is_refused) in [
            // One person of one row, or of as many as others.
            (vec![ANN], 1, false),
            (vec![ANN; 3], 2, false),
            // Several dates of birth, or sexes.
            (vec![ANN, "1971-01-01,f,1"], 2, true),
            (vec!["1970-01-01,f,1", "1970-01-01,m,1"], 2, true),
            // A blank is no other date.
            (vec![ANN, ",f,1"], 2, false),
            // More rows than others.
            (vec![ANN, ANN], 1, true),
            (vec![ANN; 9], 2, true),
            (vec![ANN; 8], 2, false),
        ] {
            let rows: Vec<_> = others(times)
                .chain(own.iter().map(|row| (number, *row)))
                .collect();
            for read in people(&rows, "") {
                let what = format!("{number} {own:?} {times}");
                assert_eq!(read.is_err(), is_refused, "{what}");
                let refused = read.err().map(|e| e.to_string()).unwrap_or_default();
                let first = 20 * times + 2;
                let has = refused.contains(&format!("row {first}:"))
                    && refused.contains("`subject.null`");
                assert!(has || !is_refused, "{what}: {refused}");
            }
            for read in people(&rows, &format!(r#","null":"{number}""#)) {
                assert_eq!(read.unwrap().subjects(), 20, "{number}");
            }
        }
    }
}

#[test]
fn b7_a_number_that_stands_in_a_row_of_numbers_is_somebodys() {
    let ids: Vec<String> = (90..130).map(|n| n.to_string()).collect();
    let mut rows: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), ANN)).collect();
    rows.extend([("111", ANN); 30]);
    for read in people(&rows, "") {
        assert_eq!(read.unwrap().subjects(), 40);
    }
    rows.push(("111", BOB));
    for read in people(&rows, "") {
        assert!(read.is_err());
    }
    // From zero on, as programs count.
    let ids: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let rows: Vec<(&str, &str)> = (0..90).map(|n| (ids[n % 30].as_str(), ANN)).collect();
    for read in people(&rows, "") {
        assert_eq!(read.unwrap().subjects(), 30);
    }
}

#[test]
fn b7_fhir_has_no_words_for_nobody() {
    let schema = fhir_schema(r#""null":"0""#);
    let refused = read("a.ndjson", &set(), &schema, &key(1)).err().unwrap();
    assert!(refused.to_string().contains("subject.null"), "{refused}");
}
