//! Cells of a workbook that are no value: refused in their place, or absent and counted.

#![cfg(feature = "sources")]
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{Schema, Value};
use medveil_source::{
    Cohort, DropCount, Fate, Input, Limits, PseudonymKey, SourceError, Views, read_source,
};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of one sheet, `Visits`, with a header and rows of cells as they are written.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let text = |text: &str| format!("<c t=\"str\"><v>{text}</v></c>");
    let head = format!("<row>{}{}</row>", text("id"), text("hba1c"));
    let rows = rows
        .iter()
        .map(|row| format!("<row>{}</row>", row.concat()));
    let sheet = format!(
        "<worksheet><sheetData>{head}{}</sheetData></worksheet>",
        rows.collect::<String>()
    );
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"{id}\" Type=\"{RELATION}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let files = [
        ("_rels/.rels", relation("r1", "officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"Visits\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_owned()),
        ("xl/_rels/workbook.xml.rels", relation("r1", "worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(rows: &[&[&str]], words: &str, gather: bool) -> Result<Cohort, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("visits.xlsx");
    std::fs::write(&path, workbook(rows)).unwrap();
    let schema = format!(
        r#"{{"format":"medveil-schema-1","subject":{{"header":"id"}},"source":{{{words}}},"columns":[
            {{"name":"hba1c","type":"decimal","scale":1,"min":3,"max":20}}]}}"#
    );
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().unwrap();
    let input = Input {
        path: &path,
        views: &views,
        today: 20_786,
        gather,
    };
    let schema = Schema::from_json(&schema).unwrap();
    read_source(&input, &schema, &key, &Limits::DEFAULT, &mut |_| {})
}

fn values(cohort: &Cohort) -> Vec<Option<i64>> {
    let cells = cohort.rows.iter().map(|row| row.cells[0]);
    let mut values: Vec<_> = cells.map(|cell| cell.map(Value::to_integer)).collect();
    values.sort();
    values
}

const TEXT: &str = "<c t=\"str\"><v>p1</v></c>";
const OTHER: &str = "<c t=\"str\"><v>p2</v></c>";
const GOOD: &str = "<c><v>7.2</v></c>";

#[test]
fn b7_errors_of_cells_are_refused_in_their_place_or_counted() {
    for (cell, expected) in [
        ("<c t=\"e\"><v>#N/A</v></c>", "such as #N/A"),
        ("<c t=\"e\"><v>#DIV/0!</v></c>", "such as #N/A"),
        ("<c><f>A1/0</f></c>", "stored result"),
        ("<c><v>1234567890123456</v></c>", "15 digits"),
    ] {
        let rows: &[&[&str]] = &[&[TEXT, GOOD], &[OTHER, cell]];
        let refused = read(rows, "", false).err().unwrap().to_string();
        let place = "visits.xlsx, sheet Visits, row 3, column hba1c: ";
        assert!(
            refused.contains(place) && refused.contains(expected),
            "{refused}"
        );
        let cohort = read(rows, r#""on_bad":"drop""#, false).unwrap();
        assert_eq!(values(&cohort), [None, Some(72)]);
        let is_of = |count: &&DropCount| count.fate == Fate::LeftOut;
        let counts: Vec<&DropCount> = cohort.counts.iter().filter(is_of).collect();
        assert!(
            counts
                .iter()
                .any(|c| c.count == 1 && c.reason.contains(expected))
        );
        let problems = read(rows, "", true).unwrap().problems;
        assert_eq!((problems.count, problems.listed.len()), (1, 1));
    }
    // Said to mean "no value", like any other text.
    let rows: &[&[&str]] = &[&[TEXT, GOOD], &[OTHER, "<c t=\"e\"><v>#N/A</v></c>"]];
    let cohort = read(rows, r##""null":"#N/A""##, false).unwrap();
    assert_eq!(
        (values(&cohort), cohort.counts.len()),
        (vec![None, Some(72)], 0)
    );
    assert!(read(rows, r##""null":"#REF!""##, false).is_err());
}

#[test]
fn b7_an_identity_that_a_workbook_cut_is_refused() {
    for (id, expected) in [
        ("<c><v>9.91214E+15</v></c>", "15 digits"),
        ("<c><v>1234567890123450</v></c>", "15 digits"),
        ("<c t=\"e\"><v>#N/A</v></c>", "such as #N/A"),
    ] {
        let rows: &[&[&str]] = &[&[TEXT, GOOD], &[id, GOOD]];
        let refused = read(rows, r#""on_bad":"drop""#, false).err().unwrap();
        assert!(matches!(refused, SourceError::Identity { .. }), "{refused}");
        assert!(refused.to_string().contains("row 3") && refused.to_string().contains(expected));
    }
    let whole: &[&[&str]] = &[&["<c><v>123456789012345</v></c>", GOOD]];
    assert_eq!(values(&read(whole, "", false).unwrap()), [Some(72)]);
    let text: &[&[&str]] = &[&["<c t=\"str\"><v>1234567890123456</v></c>", GOOD]];
    assert_eq!(values(&read(text, "", false).unwrap()), [Some(72)]);
}

#[test]
fn b14_all_that_does_not_fit_in_a_workbook_is_listed() {
    let number = |value: &str| format!("<c><v>{value}</v></c>");
    let (high, more) = (number("99"), number("1"));
    let rows: &[&[&str]] = &[
        &[TEXT, GOOD, &more],
        &[OTHER, "<c t=\"e\"><v>#N/A</v></c>"],
        &[TEXT, "<c t=\"b\"><v>perhaps</v></c>"],
        &[OTHER, "<c t=\"n\"><v>7,2</v></c>"],
        &[TEXT, "<c t=\"s\"><v>99</v></c>"],
        // These cells do not say where they stand, so that behind a broken one nothing is sure.
        &[OTHER, "<c t=\"odd\"><v>1</v></c>", &more],
        &["<c><v>9.91214E+15</v></c>", GOOD],
        &[TEXT, &high],
        &[OTHER, "<c t=\"str\"><v>7,2</v></c>"],
        &[TEXT, GOOD],
    ];
    let problems = read(rows, "", true).unwrap().problems;
    let one = |problem: &medveil_source::Problem| {
        let place = problem.place.rsplit("Visits, ").next().unwrap_or_default();
        let column = problem.column.as_deref().unwrap_or("-");
        (place.to_owned(), column.to_owned())
    };
    let mut listed: Vec<_> = problems.listed.iter().map(one).collect();
    listed.sort();
    let mut expected = [
        ("row 2", "C"),
        ("row 3", "hba1c"),
        ("row 4", "-"),
        ("row 5", "-"),
        ("row 6", "-"),
        ("row 7", "-"),
        ("row 8", "-"),
        ("row 9", "hba1c"),
        ("row 10", "hba1c"),
    ]
    .map(|(row, column)| (row.to_owned(), column.to_owned()));
    expected.sort();
    assert_eq!((listed.as_slice(), problems.count), (&expected[..], 9));
    // A commit ends at the first.
    let refused = read(rows, "", false).err().unwrap().to_string();
    assert!(refused.contains("row 2, column C"), "{refused}");
}
