//! The other formats: open documents, old workbooks, binary sheets; and damage to all.

use super::*;

const ODS: &str = r#"<table:table-row><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>note</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="0.1"/><table:table-cell office:value-type="date" office:date-value="2026-01-31"/></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row><table:table-cell office:value-type="boolean" office:boolean-value="true"/><table:table-cell table:formula="of:=1&gt;2" office:value-type="time" office:time-value="PT10H30M00S"/></table:table-row>
<table:table-row table:number-rows-repeated="1048569"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;

fn ods(rows: &str) -> Vec<u8> {
    let rows = rows.replace("\n", "");
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"S\">\
         {rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ("content.xml", &content),
    ])
}

#[test]
fn open_documents() {
    let (names, rows) = read(&ods(ODS)).unwrap();
    assert_eq!(names, ["id", "note"]);
    let expected = [
        (2, "0.1 2026-01-31"),
        (3, "0.1 2026-01-31"),
        (6, "true 'PT10H30M00S'"),
    ];
    assert_eq!(rows, expected.map(|(row, words)| (row, words.to_owned())));
    let cell = |attributes: &str| {
        let row = format!("<table:table-row><table:table-cell {attributes}/></table:table-row>");
        ods(&format!("{ODS}{row}").replace("1048569", "1"))
    };
    let spanned =
        r#"office:value="1" table:number-columns-spanned="2" table:number-rows-spanned="1""#;
    refused(&cell(spanned), &["merged"]);
    assert!(read(&cell(&spanned.replace('2', "1"))).is_ok());
    let last = |bytes: &[u8]| read(bytes).unwrap().1.pop().unwrap();
    let (row, words) = last(&cell(r#"table:formula="of:=A1""#));
    assert!(row == 8 && words.contains("stored result"), "{words}");
    let error =
        r##"table:formula="of:=1/0" office:value-type="string" office:string-value="#DIV/0!""##;
    let (row, words) = last(&cell(error));
    assert!(row == 8 && words.starts_with("!#DIV/0!("), "{words}");
    refused(
        &cell(r#"office:value="1" table:number-columns-repeated="99999""#),
        &["16384 columns"],
    );
    let wide = r#"office:value="1" table:number-columns-repeated="16384""#;
    let rows = format!(
        "<table:table-row table:number-rows-repeated=\"9000\"><table:table-cell {wide}/></table:table-row>"
    );
    refused(&ods(&rows), &["at most 50000000 cells"]);
    let blanks = ODS.replace("<text:p>id", "<text:p>id<text:s text:c=\"99999999999\"/>");
    refused(&ods(&blanks), &["32767 blanks"]);
}

fn record(kind: u16, content: &[u8]) -> Vec<u8> {
    let len = content.len() as u16;
    [&kind.to_le_bytes(), &len.to_le_bytes(), content].concat()
}

fn number(row: u16, column: u16, value: f64) -> Vec<u8> {
    let at = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
    record(0x0203, &[&at[..], &value.to_le_bytes()].concat())
}

fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
    let at = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
    let len = (text.len() as u16).to_le_bytes();
    record(0x0204, &[&at, &len[..], &[0], text.as_bytes()].concat())
}

/// The stream of an old workbook with these records in its sheet.
fn biff_with(records: &[Vec<u8>]) -> Vec<u8> {
    let bof = |kind: u16| {
        record(
            0x0809,
            &[&0x0600u16.to_le_bytes()[..], &kind.to_le_bytes()].concat(),
        )
    };
    let end = record(0x000a, &[]);
    let bound = |at: u32| {
        record(
            0x0085,
            &[&at.to_le_bytes()[..], &[0, 0, 1, 0, b'S']].concat(),
        )
    };
    let at = bof(5).len() + bound(0).len() + end.len();
    let sheet = [bof(0x10), records.concat(), end.clone()].concat();
    [bof(5), bound(at as u32), end, sheet].concat()
}

fn biff() -> Vec<u8> {
    biff_with(&[
        label(0, 0, "id"),
        label(0, 1, "n"),
        number(2, 0, 0.1),
        number(2, 1, 7.0),
    ])
}

fn xls(stream: &[u8]) -> Vec<u8> {
    let buffer = Cursor::new(Vec::new());
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, buffer).unwrap();
    // Long enough for whole sectors.
    let padded = [stream, &vec![0; 4096]].concat();
    file.create_stream("/Workbook")
        .unwrap()
        .write_all(&padded)
        .unwrap();
    file.into_inner().into_inner()
}

#[test]
fn old_workbooks() {
    let (names, rows) = read(&xls(&biff())).unwrap();
    assert_eq!(
        (names, rows),
        (vec!["id".into(), "n".into()], vec![(3, "0.1 7".into())])
    );
    let with = |more: Vec<u8>| xls(&biff_with(&[label(0, 0, "id"), number(1, 0, 1.0), more]));
    refused(&with(number(5, 256, 1.0)), &["256 columns"]);
    let dimensions = [
        0u32.to_le_bytes(),
        u32::MAX.to_le_bytes(),
        [0, 0, 255, 0],
        [0; 4],
    ]
    .concat();
    refused(
        &with(record(0x0200, &dimensions)),
        &["cells in the sheets' squares"],
    );
    let error = record(0x0205, &[1, 0, 0, 0, 0, 0, 0x2a, 1]);
    let (_, rows) = read(&xls(&biff_with(&[label(0, 0, "id"), error]))).unwrap();
    assert!(rows[0].1.starts_with("!#N/A("), "{}", rows[0].1);
    let merged = record(0x00e5, &[1, 0, 1, 0, 2, 0, 0, 0, 0, 0]);
    refused(&with(merged), &["row 2, column A", "merged"]);
    let locked = record(0x002f, &[1, 0]);
    refused(
        &xls(&[&biff()[..8], &locked, &biff()[8..]].concat()),
        &["password"],
    );
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptedPackage").unwrap();
    refused(&file.into_inner().into_inner(), &["password"]);
}

#[test]
fn binary_sheets_with_kinds_that_would_be_passed_over_are_refused() {
    let book = |sheet: &[u8]| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in [
            ("xl/workbook.bin", &[][..]),
            ("xl/worksheets/sheet1.bin", sheet),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    refused(&book(&[0xb0, 1, 0]), &["merged"]);
    refused(&book(&[0, 2, 7, 7, 11, 0]), &["#N/A"]);
    refused(&book(&[62, 0]), &["usual kinds"]);
    refused(&book(&[62]), &["damaged"]);
    refused(&book(&[1, 0xff, 0xff, 0xff, 0x7f]), &["damaged"]);
    refused(&book(&[1, 0]), &["its format"]);
}

#[test]
fn damaged_bytes_never_panic() {
    let rows = format!(r#"{HEAD}<row r="3"><c r="B3"><v>1</v></c></row>"#);
    for book in [xlsx(&rows), ods(ODS), xls(&biff())] {
        for at in (0..book.len()).step_by(11) {
            let mut bytes = book.clone();
            bytes[at] ^= 0x5a;
            let _ = read(&bytes);
        }
    }
}

#[test]
fn old_formulas_without_results_are_errors_of_their_cells() {
    let cell = |row: u8, result: [u8; 8], flags: u8| {
        let rest = [flags, 0, 0, 0, 0, 0, 0, 0];
        record(
            0x0006,
            &[&[row, 0, 0, 0, 0, 0][..], &result, &rest].concat(),
        )
    };
    let blank = |row| cell(row, [3, 0, 0, 0, 0, 0, 0xff, 0xff], 0);
    let left = |row| cell(row, [3, 0, 0, 0, 0, 0, 0xff, 0xff], 3);
    let text = |row| cell(row, [0, 0, 0, 0, 0, 0, 0xff, 0xff], 0);
    let truth = |row| cell(row, [1, 0, 1, 0, 0, 0, 0xff, 0xff], 0);
    let seven = |row| cell(row, 7f64.to_le_bytes(), 0);
    let said = |word: &str| {
        let len = (word.len() as u16).to_le_bytes();
        record(0x0207, &[&len[..], &[0], word.as_bytes()].concat())
    };
    let shared = || record(0x04bc, &[0; 10]);
    let uncalculated = || record(0x005e, &[0, 0]);
    let check = |records: Vec<Vec<u8>>, expected: &[&str]| {
        let records = [vec![label(0, 0, "id")], records].concat();
        let (_, rows) = read(&xls(&biff_with(&records))).unwrap();
        let rows: Vec<&str> = rows.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(rows.len(), expected.len(), "{rows:?}");
        for (row, expected) in rows.iter().zip(expected) {
            let is_error = row.starts_with("!(") && row.contains("stored result");
            assert_eq!(if is_error { "!" } else { row }, *expected, "{rows:?}");
        }
    };
    // What writes formulas and calculates none.
    check(vec![blank(1)], &["!"]);
    check(
        vec![blank(1), number(2, 0, 1.0), blank(3)],
        &["!", "1", "!"],
    );
    check(vec![left(1), seven(2)], &["!", "7"]);
    // What calculates stores a blank text as the result that it is.
    check(vec![blank(1), seven(2)], &["''", "7"]);
    check(vec![truth(1), blank(2)], &["true", "''"]);
    check(vec![text(1), said("a"), blank(2)], &["'a'", "''"]);
    check(vec![blank(1), said("a")], &["'a'"]);
    // A text that is announced and does not stand there.
    check(vec![text(1), seven(2), text(3)], &["!", "7", "!"]);
    check(vec![text(1), shared(), said("a"), seven(2)], &["'a'", "7"]);
    // A sheet that was saved without being calculated.
    check(
        vec![uncalculated(), seven(1), blank(2), number(3, 0, 1.0)],
        &["!", "!", "1"],
    );
}
