//! Headers of DICOM files as columns: several files of a row, several values of one element.
#![cfg(feature = "sources")]
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{Schema, Value};
use medveil_source::{Cohort, Input, Limits, PseudonymKey, SourceError, Views};
use std::path::Path;

/// An element in Explicit VR Little Endian, of a representation with a short length.
fn element(tag: (u16, u16), vr: &str, value: &str) -> Vec<u8> {
    let pad = if vr == "UI" { "\0" } else { " " };
    let value = if value.len() % 2 == 1 {
        format!("{value}{pad}")
    } else {
        value.to_owned()
    };
    let (group, element) = (tag.0.to_le_bytes(), tag.1.to_le_bytes());
    let length = (value.len() as u16).to_le_bytes();
    [
        &group[..],
        &element,
        vr.as_bytes(),
        &length,
        value.as_bytes(),
    ]
    .concat()
}

/// A file of a series, with the thickness of its slice and a window or two.
fn file(series: &str, instance: &str, thickness: &str, windows: &str) -> Vec<u8> {
    let meta = element((2, 0x10), "UI", "1.2.840.10008.1.2.1");
    let length = [
        &element((2, 0), "UL", "")[..6],
        &[4, 0],
        &(meta.len() as u32).to_le_bytes(),
    ]
    .concat();
    let data = [
        element((8, 0x18), "UI", instance),
        element((0x10, 0x20), "LO", "P1"),
        element((0x18, 0x50), "DS", thickness),
        element((0x20, 0xd), "UI", "1.1"),
        element((0x20, 0xe), "UI", series),
        element((0x28, 0x1050), "DS", windows),
    ];
    [&[0; 128][..], b"DICM", &length, &meta, &data.concat()].concat()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("a", file("1.1.1", "1.1.1.1", "1.5", "40\\400")),
        ("b", file("1.1.1", "1.1.1.2", "1.50", "40\\400")),
        ("c", file("1.1.2", "1.1.2.1", "3", "40\\400")),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn read(path: &Path, level: &str, words: &str) -> Result<Cohort, SourceError> {
    let schema = format!(
        r#"{{"format":"medveil-schema-1","rows":"per_record","source":{{"level":"{level}"}},"columns":[
        {{"name":"thickness","type":"decimal","scale":1,"min":0,"max":99,"source":{{{words}}}}},
        {{"name":"series","type":"int","min":0,"max":99,"source":{{"header":"SeriesInstanceUID","reduce":"count_distinct"}}}},
        {{"name":"window","type":"int","min":0,"max":999,"source":{{"header":"WindowCenter[max]"}}}}]}}"#
    );
    let schema = match level {
        "instance" => schema.replace(r#","reduce":"count_distinct""#, "").replace(
            r#""type":"int","min":0,"max":99,"source":{"header":"SeriesInstanceUID""#,
            r#""type":"int","min":0,"max":99,"source":{"header":"WindowCenter[count]""#,
        ),
        _ => schema,
    };
    by(path, &schema)
}

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)))
}

fn by(path: &Path, schema: &str) -> Result<Cohort, SourceError> {
    let views = Views::shipped().unwrap();
    let input = Input {
        path,
        views: &views,
        today: 20_786,
        gather: false,
    };
    let schema = Schema::from_json(schema).unwrap();
    medveil_source::read_source(&input, &schema, &key(), &Limits::DEFAULT, &mut |_| {})
}

fn rows(cohort: &Cohort) -> Vec<Vec<Option<i64>>> {
    let row = |row: medveil_source::Row| {
        let cells = row.cells.iter();
        cells.map(|cell| cell.map(Value::to_integer)).collect()
    };
    let mut rows: Vec<Vec<Option<i64>>> = cohort.rows.iter().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn b14_several_files_of_a_row_become_one_value_as_the_schema_says() {
    let folder = folder();
    for (word, expected) in [("min", 15), ("max", 30), ("first", 15)] {
        let words = format!(r#""header":"SliceThickness","reduce":"{word}""#);
        let study = read(folder.path(), "study", &words).unwrap();
        assert_eq!(
            rows(&study),
            [[Some(expected), Some(2), Some(400)]],
            "{word}"
        );
    }
    let words = r#""header":"SliceThickness""#;
    let series = read(folder.path(), "series", words).unwrap();
    let expected = [
        [Some(15), Some(1), Some(400)],
        [Some(30), Some(1), Some(400)],
    ];
    assert_eq!(rows(&series), expected);
    let refused = read(folder.path(), "study", words)
        .err()
        .unwrap()
        .to_string();
    assert!(
        refused.contains("expected one value in all files of a study"),
        "{refused}"
    );
    let instances = read(folder.path(), "instance", words).unwrap();
    let files: Vec<Option<i64>> = rows(&instances).iter().map(|row| row[0]).collect();
    assert_eq!(files, [Some(15), Some(15), Some(30)]);
    let reduced = r#""header":"SliceThickness","reduce":"max""#;
    let refused = read(folder.path(), "instance", reduced)
        .err()
        .unwrap()
        .to_string();
    assert!(
        refused.contains("source.reduce: nothing is reduced"),
        "{refused}"
    );
}

#[test]
fn b10_a_draft_of_dicom_looks_at_the_elements_that_a_row_has() {
    let folder = folder();
    let draft = |level: &str| {
        let words = [("level".to_owned(), level.to_owned())].into();
        medveil_source::draft(folder.path(), &key(), &Limits::DEFAULT, &words)
    };
    let series = draft("instance").unwrap();
    let schema = Schema::from_json(&series.schema).unwrap();
    let names: Vec<&str> = schema.columns().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["slicethickness"], "{}", series.schema);
    assert!(
        series.schema.contains(r#""level":"instance""#),
        "{}",
        series.schema
    );
    assert_eq!(by(folder.path(), &series.schema).unwrap().rows.len(), 3);
    // Nothing of a study is in these files.
    let open = draft("study").unwrap().open.join("\n");
    assert!(open.contains("columns: none can be proposed"), "{open}");
    let refused = draft("patient").err().unwrap().to_string();
    assert!(refused.contains("study, series or instance"), "{refused}");
    let words = Default::default();
    let without = medveil_source::draft(folder.path(), &key(), &Limits::DEFAULT, &words);
    let without = without.err().unwrap().to_string();
    assert!(without.contains("--set level=study"), "{without}");
}
