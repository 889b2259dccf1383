//! Workbooks: typed cells, the header, refusals with their cell, hostile files.

use super::*;
use crate::table::{Scalar, Table};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

mod formats;

type Found = (Vec<String>, Vec<(u64, String)>);

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const PACKAGE: &str = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/>
</Relationships>"#;
const STYLES: &str = r#"<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
const TEXTS: &str = r#"<sst uniqueCount="3"><si><t>id</t></si><si><t>note</t></si><si/></sst>"#;

/// A workbook of one sheet with these rows (and merged cells), and of an empty one.
fn xlsx_with(rows: &str, after: &str, properties: &str, texts: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>");
    let book = format!(
        "<workbook>{properties}<sheets><sheet name=\"Visits\" sheetId=\"1\" r:id=\"rId1\"/>\
         <sheet name=\"Empty\" sheetId=\"2\" state=\"hidden\" r:id=\"rId2\"/></sheets></workbook>"
    );
    zipped(&[
        ("_rels/.rels", PACKAGE),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/sheet1.xml", &sheet),
        (
            "xl/worksheets/sheet2.xml",
            "<worksheet><sheetData/></worksheet>",
        ),
    ])
}

fn xlsx(rows: &str) -> Vec<u8> {
    xlsx_with(rows, "", "", TEXTS)
}

fn words(cells: &[Scalar]) -> String {
    let word = |cell: &Scalar| match cell {
        Scalar::Null => "-".to_owned(),
        Scalar::Text(t) => format!("'{t}'"),
        Scalar::Bool(b) => b.to_string(),
        Scalar::Number(t) | Scalar::Date(t) | Scalar::Time(t) => t.clone(),
        Scalar::Error(e) => format!("!{}({})", e.word, e.expected),
    };
    cells.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn read_within(bytes: &[u8], limits: ExcelLimits) -> Result<Found, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("book.xlsx");
    std::fs::write(&path, bytes).unwrap();
    let book = Workbook::open(&path, limits).map_err(|e| e.to_string())?;
    let Some(sheet) = book.sheets().first() else {
        return Err("no sheet".to_owned());
    };
    let mut table = book.table(sheet).map_err(|e| e.to_string())?;
    let names = table.columns().iter().map(|c| c.name.clone()).collect();
    let mut rows = Vec::new();
    let taken = table.rows(&mut |record| {
        rows.push((record.row, words(record.cells)));
        Ok(())
    });
    taken.map_err(|e| e.to_string())?;
    Ok((names, rows))
}

fn read(bytes: &[u8]) -> Result<Found, String> {
    read_within(bytes, ExcelLimits::default())
}

#[track_caller]
fn refused(bytes: &[u8], parts: &[&str]) {
    let error = read(bytes).unwrap_err();
    for part in parts {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("CANARY"), "{error}");
}

const HEAD: &str = r#"<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row>"#;

#[test]
fn cells_have_their_types_and_rows_their_numbers() {
    let rows = format!(
        r#"<row r="1"/>{HEAD}
        <row r="3"><c r="B3"><v>0.1</v></c><c r="C3" t="b"><v>1</v></c></row>
        <row r="5"><c r="B5" s="1"><v>46053</v></c><c r="C5" s="2"><v>46053.4375</v></c></row>
        <row r="6"><c r="B6" t="str"><f>A1</f><v>x &amp; y</v></c><c r="C6" t="s"><v>2</v></c></row>
        <row r="7"><c r="B7" t="inlineStr"><is><t xml:space="preserve"> z </t></is></c></row>
        <row r="8"><c r="B8" s="3"><v>1.25</v></c><c r="C8" s="1"/></row>
        <row r="9"><c r="B9"><v>9.91214E+14</v></c><c r="C9" t="d"><v>2026-01-31</v></c></row>"#
    );
    let (names, rows) = read(&xlsx(&rows)).unwrap();
    assert_eq!(names, ["id", "note"]);
    let expected = [
        (3, "0.1 true"),
        (5, "2026-01-31 2026-01-31T10:30:00"),
        (6, "'x & y' ''"),
        (7, "' z ' -"),
        (8, "'PT30H00M00S' -"),
        (9, "991214000000000 2026-01-31"),
    ];
    assert_eq!(rows, expected.map(|(row, words)| (row, words.to_owned())));
}

#[test]
fn the_date_system_of_the_workbook_counts() {
    let rows = format!(r#"{HEAD}<row r="3"><c r="B3" s="1"><v>44591</v></c></row>"#);
    let old = xlsx_with(&rows, "", r#"<workbookPr date1904="1"/>"#, TEXTS);
    assert_eq!(read(&old).unwrap().1, [(3, "2026-01-31 -".to_owned())]);
}

#[test]
fn cells_without_a_plain_value_are_refused() {
    let cell = |cell: &str| xlsx(&format!(r#"{HEAD}<row r="4">{cell}</row>"#));
    refused(
        &cell(r#"<c r="A4"><v>1</v></c>"#),
        &["row 4, column A", "without a name"],
    );
    refused(
        &cell(r#"<c r="D4" t="str"><v>CANARY</v></c>"#),
        &["row 4, column D", "without a name"],
    );
    refused(
        &cell(r#"<c r="B4" t="b"><v>CANARY</v></c>"#),
        &["sheet Visits", "its format"],
    );
    refused(&cell(r#"<c r="B4" t="s"><v>99</v></c>"#), &["its format"]);
    refused(
        &cell(r#"<c r="C4"><v>1</v></c><c r="B4"><v>1</v></c>"#),
        &["its format"],
    );
    refused(
        &cell(r#"<c r="B4"><v>1</v></c><c r="B4"><v>2</v></c>"#),
        &["its format"],
    );
    refused(&cell(r#"<c r="B99999999"><v>1</v></c>"#), &["its format"]);
    refused(
        &cell(r#"<c r="B4"><v>1</v></c></row><row r="3"><c r="B3"><v>1</v></c>"#),
        &["its format"],
    );
}

/// Row 4 has one error, of this word and with these words in what was expected; row 5 a value.
#[track_caller]
fn is_error(bytes: &[u8], word: &str, expected: &str) {
    let (_, rows) = read(bytes).unwrap();
    let numbers: Vec<u64> = rows.iter().map(|(row, _)| *row).collect();
    assert_eq!(numbers, [4, 5]);
    let found = &rows[0].1;
    assert!(found.contains(&format!("!{word}(")), "{found}");
    assert!(found.contains(expected), "{found}");
    assert!(rows[1].1.contains('7') && !rows[1].1.contains('!'));
}

#[test]
fn cells_that_are_no_value_are_errors_and_the_rest_is_read() {
    let check = |cell: &str, word: &str, expected: &str| {
        let rows =
            format!(r#"{HEAD}<row r="4">{cell}</row><row r="5"><c r="C5"><v>7</v></c></row>"#);
        is_error(&xlsx(&rows), word, expected);
    };
    let errors = [
        "#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
    ];
    for word in errors {
        check(
            &format!(r#"<c r="C4" t="e"><v>{word}</v></c>"#),
            word,
            "got an error",
        );
    }
    check(r#"<c r="C4"><f>1/0</f></c>"#, "", "stored result");
    check(
        r#"<c r="C4"><f t="shared" si="0"/><v></v></c>"#,
        "",
        "stored result",
    );
    check(r#"<c r="B4" s="1"><v>0</v></c>"#, "", "zero");
    check(r#"<c r="B4" s="1"><v>60</v></c>"#, "", "1900-02-29");
    check(r#"<c r="B4" s="1"><v>-3</v></c>"#, "", "none below zero");
    check(r#"<c r="B4"><v>nan</v></c>"#, "", "finite");
    for long in [
        "9.91214E+15",
        "1000000000000000",
        "-1234567890123456",
        "1E+20",
    ] {
        check(&format!(r#"<c r="B4"><v>{long}</v></c>"#), "", "15 digits");
    }
}

#[test]
fn results_that_the_workbook_does_not_mean_are_errors() {
    let rows =
        format!(r#"{HEAD}<row r="3"><c r="B3"><v>1</v></c><c r="C3"><f>1+1</f><v>0</v></c></row>"#);
    let asks = |word: &str| xlsx_with(&rows, "", &format!("<calcPr {word}/>"), TEXTS);
    let (_, rows) = read(&asks(r#"calcId="1" fullCalcOnLoad="1""#)).unwrap();
    assert!(rows[0].1.starts_with("1 !(") && rows[0].1.contains("stored result"));
    assert!(read(&asks(r#"fullCalcOnLoad="0""#)).is_ok());
    assert!(read(&asks(r#"calcId="191029""#)).is_ok());
}

#[test]
fn headers_are_names() {
    let head = |cells: &str| xlsx(&format!(r#"<row r="1">{cells}</row>"#));
    let text = |at: &str, text: &str| format!(r#"<c r="{at}" t="str"><v>{text}</v></c>"#);
    refused(
        &head(&(text("A1", "id") + &text("C1", "ID"))),
        &["row 1", "column A and column C"],
    );
    refused(
        &head(r#"<c r="A1" t="b"><v>1</v></c>"#),
        &["row 1, column A", "in a text"],
    );
    refused(&head(&text("A1", "  ")), &["column A", "expected a name"]);
    refused(&head(&text("A1", "")), &["empty texts"]);
    let years = head(&(text("A1", "id") + r#"<c r="B1"><v>2025</v></c>"# + &text("D1", "x")));
    assert_eq!(read(&years).unwrap().0, ["id", "2025", "x"]);
}

#[test]
fn merged_cells_are_refused() {
    let rows = format!(r#"{HEAD}<row r="3"><c r="B3"><v>1</v></c></row>"#);
    let merged = |range: &str| {
        let after = format!(r#"<mergeCells><mergeCell ref="{range}"/></mergeCells>"#);
        xlsx_with(&rows, &after, "", TEXTS)
    };
    refused(&merged("B2:C2"), &["row 2, column B", "merged"]);
    refused(&merged("B3:B4"), &["row 3, column B", "merged"]);
    assert!(read(&merged("A1:C1")).is_ok());
}

#[test]
fn sizes_are_bounded() {
    let full = ExcelLimits::default();
    let rows = format!(r#"{HEAD}<row r="3"><c r="B3"><v>1</v></c><c r="C3"><v>1</v></c></row>"#);
    let book = xlsx(&rows);
    let within = |limits| read_within(&book, limits).unwrap_err();
    assert!(within(ExcelLimits { cells: 3, ..full }).contains("at most 3 cells"));
    assert!(
        within(ExcelLimits {
            file_bytes: 99,
            ..full
        })
        .contains("at most 99 bytes")
    );
    assert!(
        within(ExcelLimits {
            unpacked_bytes: 99,
            ..full
        })
        .contains("at most 99 bytes unpacked")
    );
    let zeros = "<0>".repeat(1 << 20);
    let bomb = zipped(&[("xl/workbook.xml", &zeros), ("xl/media/x.png", &zeros)]);
    let limits = ExcelLimits {
        unpacked_bytes: 4 << 20,
        ..full
    };
    assert!(
        read_within(&bomb, limits)
            .unwrap_err()
            .contains("bytes unpacked")
    );
    let long = format!(
        r#"<row r="1"><c r="A1" t="str"><v>{}</v></c></row>"#,
        "x".repeat(1 << 20)
    );
    refused(&xlsx(&long), &["texts of at most 1048576 bytes"]);
    let announced = r#"<sst uniqueCount="99999999999999"><si><t>id</t></si></sst>"#;
    refused(&xlsx_with(HEAD, "", "", announced), &["damaged"]);
}

#[test]
fn what_is_no_workbook_is_refused() {
    refused(b"id;note\n1;CANARY\n", &["named .csv"]);
    refused(b"<html><table>", &["named .csv"]);
    refused(b"", &["named .csv"]);
    refused(b"PK\x03\x04", &["damaged"]);
    refused(&zipped(&[("a.txt", "x")]), &["another zip file"]);
    let book = xlsx(HEAD);
    for cut in (0..book.len()).step_by(37) {
        assert!(read(&book[..cut]).is_err());
    }
    let none = xlsx("");
    assert_eq!(read(&none).unwrap_err(), "no sheet");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.xlsx");
    std::fs::write(&path, xlsx(HEAD)).unwrap();
    let book = Workbook::open(&path, ExcelLimits::default()).unwrap();
    assert_eq!(book.sheets(), ["Visits"]);
    assert!(
        book.table("visits")
            .err()
            .unwrap()
            .to_string()
            .contains("expected one of: Visits")
    );
    assert!(Workbook::open(dir.path(), ExcelLimits::default()).is_err());
}

#[test]
fn faults_of_a_sheet_are_gathered_and_the_rest_is_read() {
    let rows = format!(
        r#"{HEAD}<row r="3"><c r="A3"><v>1</v></c><c r="B3"><v>2</v></c><c r="C3" t="b"><v>CANARY</v></c></row>
        <row r="4"><c r="B4" t="n"><v>CANARY</v></c></row>
        <row r="5"><c r="B5"><v>5</v></c><c r="E5" t="str"><v>CANARY</v></c></row>
        <row r="6"><c r="B6" t="s"><v>99</v></c></row>"#
    );
    let merges = r#"<mergeCells><mergeCell ref="B5:C5"/><mergeCell ref="B7:B9"/></mergeCells>"#;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("book.xlsx");
    std::fs::write(&path, xlsx_with(&rows, merges, "", TEXTS)).unwrap();
    let mut book = Workbook::open(&path, ExcelLimits::default()).unwrap();
    assert!(book.table("Visits").is_err());
    book.gather();
    let mut table = book.table("Visits").unwrap();
    let mut read = Vec::new();
    let taken = table.rows(&mut |record| {
        read.push((record.row, words(record.cells)));
        Ok(())
    });
    taken.unwrap();
    assert_eq!(read, [(3, "2 -".to_owned()), (5, "5 -".to_owned())]);
    let faults = table.take_faults();
    let told: Vec<(u64, Option<&str>)> = faults
        .listed
        .iter()
        .map(|fault| (fault.row, fault.column.as_deref()))
        .collect();
    let expected = [
        (5, Some("B")),
        (7, Some("B")),
        (3, None),
        (3, None),
        (5, None),
        (3, Some("A")),
        (5, Some("E")),
    ];
    assert_eq!((told.as_slice(), faults.count), (&expected[..], 7));
    let between = "behind row 3, column B before row 5, column B";
    assert!(
        faults.listed[2].what.contains(between),
        "{}",
        faults.listed[2].what
    );
    assert!(
        faults
            .listed
            .iter()
            .all(|fault| !fault.what.contains("CANARY"))
    );
    // Of a header nothing is sure.
    let merges = r#"<mergeCells><mergeCell ref="B2:C2"/></mergeCells>"#;
    std::fs::write(&path, xlsx_with(&rows, merges, "", TEXTS)).unwrap();
    let mut book = Workbook::open(&path, ExcelLimits::default()).unwrap();
    book.gather();
    assert!(book.table("Visits").is_err());
}
