//! Schemas proposed from files, and whether the files then read by them.

mod nobody;
mod signs;

use super::*;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use serde_json::{Value, json};

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[1; 32], LineageId::new(Felt::from_u64(1)))
}

fn drafted(text: &str) -> (tempfile::TempDir, Draft) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), text).unwrap();
    let draft = draft(
        &folder.path().join("t.csv"),
        &key(),
        &Limits::DEFAULT,
        &BTreeMap::new(),
    )
    .unwrap();
    (folder, draft)
}

/// A source read by a schema.
fn cohort(path: &std::path::Path, schema: &Schema) -> crate::Cohort {
    crate::tests::read_on(path, schema, &mut |_| {}).unwrap()
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
    let cohort = cohort(&folder.path().join("t.csv"), &schema);
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
        "n: 2 numbers have a sign before three digits",
        "\"thousands\":\"point\"",
        "d: nothing says whether day or month",
        "\"dates\":\"mdy\"",
        "subject: mrn and subject",
    ] {
        assert!(open.contains(part), "{part}: {open}");
    }
    assert!(!draft.schema.contains("\"subject\""), "{}", draft.schema);
}

/// A file of twenty rows: the header, and the column's texts in turn.
fn column(header: &str, texts: &[&str]) -> Draft {
    let row = |i: usize| format!("P{i}\t{}\n", texts[i % texts.len()]);
    let rows: String = (0..20).map(row).collect();
    drafted(&format!("patient_id\t{header}\n{rows}")).1
}

#[test]
fn b10_what_a_column_does_not_tell_by_itself_is_not_decided_by_others() {
    for (header, texts, kind) in [
        ("sex", &["F"][..], "\"codes\":[\"F\"]"),
        ("sex", &["F", "M"], "\"codes\":[\"F\",\"M\"]"),
        (
            "ok",
            &["Ja", "JA", "nein"],
            "\"codes\":[\"JA\",\"Ja\",\"nein\"]",
        ),
        ("ok", &["ja"], "\"true\":\"ja\""),
        ("test", &["+", "-"], "\"codes\":[\"+\",\"-\"]"),
        (
            "grade",
            &["none", "mild", "severe"],
            "\"codes\":[\"mild\",\"none\",\"severe\"]",
        ),
        ("country", &["NA", "DE"], "\"codes\":[\"DE\",\"NA\"]"),
        ("value", &["5.5", "NA"], "\"null\":\"NA\""),
        ("post", &["00977", "10115"], "look like numbers"),
        ("icd", &["1E5", "2E7"], "\"codes\":[\"1E5\",\"2E7\"]"),
        ("month", &["02.2001", "11.1999"], "dates without a day"),
        ("Versichertennummer", &["K-1", "K-2"], "who somebody is"),
        ("name", &["Anna", "Ben"], "who somebody is"),
        ("caseId", &["1", "2"], "who somebody is"),
        ("uric_acid", &["5.1", "4.2"], "\"name\":\"uric_acid\""),
        (
            "town",
            &["Ko\u{308}ln", "K\u{f6}ln"],
            "\"codes\":[\"K\u{f6}ln\"]",
        ),
        (
            "mass",
            &["2.500.000,50", "-1.234,50"],
            "\"thousands\":\"point\"",
        ),
        (
            "cells",
            &["250.000", "90.000", "7.000"],
            "\"thousands\":\"point\"",
        ),
        (
            "cells",
            &["250.000", "187.500"],
            "stands between thousands; left out",
        ),
        ("p", &["0.6000000000000001", "1.5"], "\"round\":\"true\""),
        ("until", &["9999-12-31", "2020-01-01"], "after 2099"),
        ("from", &["0001-01-01", "2020-01-01"], "before 1800"),
        (
            "probnp",
            &["12'345", "1'200", "800"],
            "\"thousands\":\"apostrophe\"",
        ),
        (
            "probnp",
            &["12\u{a0}345,5", "1 200,25", "800"],
            "\"thousands\":\"space\"",
        ),
        ("egfr", &["45", ">90", "60", "55"], "values are no numbers"),
        ("d", &["31.12.2020", "2020-01-01"], "of several forms"),
    ] {
        let draft = column(header, texts);
        let all = [
            draft.schema.clone(),
            draft.evidence.join("\n"),
            draft.open.join("\n"),
        ];
        let all = all.join("\n").replace("\": ", "\":").replace(", \"", ",\"");
        assert!(all.contains(kind), "{header} {texts:?}: {kind} in {all}");
        assert!(draft.schema.contains("patient_id"));
    }
}

#[test]
fn b10_a_table_with_several_rows_of_a_subject_has_a_date_or_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.csv"),
        "patient_id,age\nP1,40\nP2,50\n",
    )
    .unwrap();
    let labs = folder.path().join("labs.csv");
    std::fs::write(
        &labs,
        "patient_id,taken,v\nP1,2024-05-01,9.0\nP1,2023-01-01,6.0\n",
    )
    .unwrap();
    let proposed = draft(folder.path(), &key(), &Limits::DEFAULT, &BTreeMap::new()).unwrap();
    assert!(
        proposed.schema.contains("\"date_header\":\"taken\""),
        "{}",
        proposed.schema
    );
    std::fs::write(&labs, "patient_id,v\nP1,9.0\nP1,6.0\n").unwrap();
    let proposed = draft(folder.path(), &key(), &Limits::DEFAULT, &BTreeMap::new()).unwrap();
    assert!(!proposed.schema.contains("\"v\""), "{}", proposed.schema);
    assert!(
        proposed
            .open
            .join("")
            .contains("labs: several rows of a subject")
    );
}

#[test]
fn b11_a_file_of_another_encoding_is_drafted_by_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, b"patient_id;gr\xf6\xdfe\n1;170\n2;181\n").unwrap();
    let words = |all: &[(&str, &str)]| {
        let all = all.iter();
        all.map(|(word, value)| ((*word).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    let by = |all: &[(&str, &str)]| draft(&path, &key(), &Limits::DEFAULT, &words(all));
    let refused = by(&[]).err().unwrap();
    let cause = std::error::Error::source(&refused).map(ToString::to_string);
    let told = format!("{refused} {}", cause.unwrap_or_default());
    assert!(told.contains("encoding"), "{told}");
    let proposed = by(&[("encoding", "latin1")]).unwrap();
    assert!(
        proposed.schema.contains("\"encoding\":\"latin1\""),
        "{}",
        proposed.schema
    );
    assert!(proposed.schema.contains("größe"), "{}", proposed.schema);
    assert!(by(&[("where", "x=1")]).is_err() && by(&[("encoding", "morse")]).is_err());
}

#[test]
fn b10_lines_before_a_header_and_delimiters_at_ends_are_proposed_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let title = "Auswertung Labor\n31.01.2026\n\npatient_id;wert;ok\nP1;7,2;ja\nP2;8,1;nein\n";
    let ends = "sep=;\npatient_id;alter\nP1;40;\nP2;50;\n";
    std::fs::write(folder.path().join("labor.csv"), title.replace('\n', "\r\n")).unwrap();
    std::fs::write(folder.path().join("people.csv"), ends).unwrap();
    let check = |path: &std::path::Path, words: &[&str], seen: &[&str]| {
        let proposed = draft(path, &key(), &Limits::DEFAULT, &BTreeMap::new()).unwrap();
        for word in words {
            assert!(
                proposed.schema.contains(word),
                "{word}: {}",
                proposed.schema
            );
        }
        for part in seen {
            let evidence = proposed.evidence.join("\n");
            assert!(evidence.contains(part), "{part}: {evidence}");
        }
        let schema = Schema::from_json(&proposed.schema).unwrap();
        let cohort = cohort(path, &schema);
        let cells = cohort.rows.iter().flat_map(|row| row.cells.clone());
        cells.flatten().map(|value| value.to_integer()).sum::<i64>()
    };
    let labor = check(
        &folder.path().join("labor.csv"),
        &["\"skip_lines\":\"3\""],
        &["labor: line 4 has the names", "3 lines before it"],
    );
    assert_eq!(labor, 72 + 81 + 1);
    let people = check(
        &folder.path().join("people.csv"),
        &["\"trailing_delimiter\":\"rows\""],
        &["people: every row that was looked at ends"],
    );
    assert_eq!(people, 90);
    let words = [
        "\"tables.labor.skip_lines\":\"3\"",
        "\"tables.people.trailing_delimiter\":\"rows\"",
    ];
    assert_eq!(check(folder.path(), &words, &[]), labor + people);
    // A row that is not as the first ones are is refused.
    let bad = format!("{ends}P3;60;x\n");
    std::fs::write(folder.path().join("people.csv"), bad).unwrap();
    let refused = draft(folder.path(), &key(), &Limits::DEFAULT, &BTreeMap::new());
    assert!(refused.is_err());
}

/// A column of values, each on three rows, as it is drafted; and what is said of it.
fn column_of(values: &[&str]) -> (Option<Value>, String) {
    let rows = (0..3).flat_map(|_| values).zip(1..);
    let rows: String = rows.map(|(v, n)| format!("{n};{v}\n")).collect();
    let (_, draft) = drafted(&format!("patient_id;dx\n{rows}"));
    let schema: Value = serde_json::from_str(&draft.schema).unwrap_or_default();
    let said = [draft.evidence, draft.open].concat().join("\n");
    (schema["columns"].get(0).cloned(), said)
}

#[test]
fn b10_codes_that_numbers_would_change_are_texts() {
    for (values, why) in [
        (&["250.0", "250.00", "401.9"][..], "6 end in zeros"),
        (&["250.00", "401.9", "272.4"], "end in zeros"),
        (&["250", "250.0", "401.9"], "end in zeros"),
        (&["401.1", "401.10", "401.19"], "end in zeros"),
        (&["250,0", "250,00", "401,9"], "end in zeros"),
        (&["007.1", "250.1", "401.9"], "begin with zeros"),
        (&["003", "250", "401"], "begin with zeros"),
        (
            &["250.01", "401.9", "V12.1", "272.4", "428.0", "585.9", "V45"],
            "a letter with digits",
        ),
        (
            &["250.01", "401.9", "E11.9", "272.4", "428.1", "585.9"],
            "a letter with digits",
        ),
        (&["1E5", "2E7", "3E1"], "an E among digits"),
    ] {
        let (column, said) = column_of(values);
        let column = column.unwrap_or_else(|| panic!("{values:?}: {said}"));
        assert_eq!(column["type"], "code", "{values:?} {said}");
        let mut codes: Vec<&str> = values.to_vec();
        codes.sort_unstable();
        assert_eq!(column["codes"], json!(codes));
        assert!(
            said.contains(why) && said.contains("not for numbers"),
            "{values:?} {said}"
        );
    }
}

#[test]
fn b10_numbers_of_one_form_stay_numbers() {
    for (values, kind) in [
        (&["7.20", "6.90", "7.05"][..], "decimal"),
        (&["7.0", "6.5", "7.25"], "decimal"),
        (&["7", "6.5", "7.25"], "decimal"),
        (&["0", "6.50", "7.25"], "decimal"),
        (&["7,0", "6,5", "12,5"], "decimal"),
        (&["-1.50", "2.5", "3.25"], "decimal"),
        (&["0.5", "0.25", "10.75"], "decimal"),
        (&["250.000", "180.000", "90.000", "850"], "int"),
        (&["1.234,50", "2.345,25", "999,75"], "decimal"),
        (&["10", "20", "300"], "int"),
    ] {
        let (column, said) = column_of(values);
        let column = column.unwrap_or_else(|| panic!("{values:?}: {said}"));
        assert_eq!(column["type"], kind, "{values:?} {said}");
    }
}

#[test]
fn b10_many_texts_that_end_in_zeros_are_asked_about() {
    let values: Vec<String> = (0..300).map(|n| format!("{}.{}0", n % 50, n)).collect();
    let mut values: Vec<&str> = values.iter().map(String::as_str).collect();
    values.push("7.5");
    let (column, said) = column_of(&values);
    assert!(column.is_none(), "{said}");
    assert!(
        said.contains("dx: codes or numbers? 900 end in zeros"),
        "{said}"
    );
    assert!(
        said.contains("left out, add") && said.contains(r#""type": "decimal""#),
        "{said}"
    );
}
