//! CSV: forms of files, values exactly as they stand, refusals that never show a value.

use super::*;

mod bytes;
mod faults;
mod front;

/// The values as words: a null is `-`, a text stands in brackets.
pub(super) fn shown(cells: &[Scalar]) -> Vec<String> {
    let word = |cell: &Scalar| match cell {
        Scalar::Null => "-".to_owned(),
        Scalar::Text(text) => format!("[{text}]"),
        _ => panic!("a csv file has texts only"),
    };
    cells.iter().map(word).collect()
}

type Found = (Vec<String>, Vec<(u64, Vec<String>)>);

/// The whole chain of an error's words.
fn words(error: &TableError) -> String {
    use std::error::Error;
    let mut all = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        all = format!("{all}: {source}");
        next = source.source();
    }
    all
}

fn all(table: &mut CsvTable) -> Result<Found, String> {
    let names = table.columns().iter().map(|c| c.name.clone()).collect();
    let mut rows = Vec::new();
    let taken = table.rows(&mut |record| {
        rows.push((record.row, shown(record.cells)));
        Ok(())
    });
    taken.map_err(|e| words(&e))?;
    Ok((names, rows))
}

pub(super) fn read_named(
    file: &str,
    bytes: &[u8],
    settings: &[(&str, &str)],
) -> Result<Found, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(file);
    std::fs::write(&path, bytes).unwrap();
    let settings = CsvSettings::from_words(settings.iter().copied()).map_err(|e| words(&e))?;
    let mut table = CsvTable::open(&path, &settings, 1 << 30).map_err(|e| words(&e))?;
    all(&mut table)
}

fn read(text: impl AsRef<[u8]>) -> Result<Found, String> {
    read_named("data.csv", text.as_ref(), &[])
}

fn rows(text: impl AsRef<[u8]>) -> Vec<Vec<String>> {
    let (_, rows) = read(text).unwrap();
    rows.into_iter().map(|(_, cells)| cells).collect()
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>, parts: &[&str]) {
    refused_with(text, &[], parts);
}

#[track_caller]
fn refused_with(text: impl AsRef<[u8]>, settings: &[(&str, &str)], parts: &[&str]) {
    let error = read_named("data.csv", text.as_ref(), settings).unwrap_err();
    for part in parts {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("CANARY"), "{error}");
}

#[test]
fn b11_values_stand_exactly_and_rows_are_lines() {
    let text = "id,note\n 1 ,a\n\n2,\"x, \"\"y\"\"\n\nz\"\n3,\n4,\"\"\n#5,n\n";
    let (names, rows) = read(text).unwrap();
    assert_eq!(names, ["id", "note"]);
    let expected: [(u64, [&str; 2]); 5] = [
        (2, ["[ 1 ]", "[a]"]),
        (4, ["[2]", "[x, \"y\"\n\nz]"]),
        (7, ["[3]", "-"]),
        (8, ["[4]", "[]"]),
        (9, ["[#5]", "[n]"]),
    ];
    for ((row, cells), (line, words)) in rows.iter().zip(expected) {
        assert_eq!(
            (*row, cells.as_slice()),
            (line, words.map(String::from).as_slice())
        );
    }
    assert_eq!(rows.len(), 5);
}

#[test]
fn b11_line_ends_count_as_in_an_editor() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,2", "", "\"x\ny\",3", "5,6"].join(end);
        for text in [text.clone(), format!("{text}{end}"), format!("{end}{text}")] {
            let shift = u64::from(text.starts_with(end));
            let (_, rows) = read(&text).unwrap();
            let lines: Vec<u64> = rows.iter().map(|(row, _)| row - shift).collect();
            assert_eq!(lines, [2, 4, 6], "{text:?}");
            assert_eq!(rows[1].1, ["[x\ny]", "[3]"]);
        }
    }
}

#[test]
fn b11_delimiters_are_found_by_evidence() {
    let expected = [["[1]", "[7,2]"], ["[2]", "-"]];
    assert_eq!(rows("a;b\n1;7,2\n2;\n"), expected);
    assert_eq!(rows("a\tb\n1\t7,2\n2\t\n"), expected);
    assert_eq!(rows("a|b\n1|7,2\n2|\n"), expected);
    assert_eq!(rows("a,b\n1,\"7,2\"\n2,\n"), expected);
    assert_eq!(rows("\"a\";\"b\"\n\"1\";\"7,2\"\n\"2\";\n"), expected);
    assert_eq!(rows("id\n1\n2\n"), [["[1]"], ["[2]"]]);
    assert_eq!(rows("id"), Vec::<Vec<String>>::new());
    assert_eq!(rows("a,b\n"), Vec::<Vec<String>>::new());
}

#[test]
fn b11_delimiters_without_evidence_are_refused() {
    refused(
        "a,b;c\n1,2;CANARY\n",
        &["comma, semicolon", "setting delimiter"],
    );
    refused("a,b;c\n", &["comma, semicolon", "setting delimiter"]);
    refused(
        "a;b;c\n1;2\n",
        &["semicolon (record 2", "setting delimiter"],
    );
    refused(
        "note\nx\nCANARY, b\n",
        &["comma (record 3", "setting delimiter"],
    );
    let (names, rows) =
        read_named("d.csv", b"a,b;c\n1,2;3\n", &[("delimiter", "semicolon")]).unwrap();
    assert_eq!(
        (names, rows[0].1.clone()),
        (
            vec!["a,b".into(), "c".into()],
            vec!["[1,2]".into(), "[3]".into()]
        )
    );
    // Beyond the sample, a table of one column holds no delimiter.
    let late = format!("id\n{}CANARY;1\n", "1\n".repeat(200));
    refused(late, &["row 202", "expected 1 field"]);
    let wide = format!("{}\n", vec!["n"; 200_000].join(","));
    refused(wide, &["expected a header of less than"]);
}

#[test]
fn b11_headers_are_unique_to_the_eye() {
    refused("a,b,a\n1,2,CANARY\n", &["row 1", "column 1 and column 3"]);
    refused(
        "Patient_ID,PATIENT_ID,x\n1,2,3\n",
        &["column 1 and column 2"],
    );
    refused("ä,x, Ä\n1,2,3\n", &["column 1 and column 3"]);
    refused("a,,c\n1,2,3\n", &["column 2", "expected a name"]);
    refused("a, ,c\n1,2,3\n", &["column 2", "expected a name"]);
    refused("a,b,\n1,2,3\n", &["column 3", "expected a name"]);
    refused("a,\"b\nc\"\n1,2\n", &["column 2", "control"]);
    refused("a,b\u{7}\n1,2\n", &["column 2", "control"]);
    refused("\u{feff}\u{feff}a,b\n1,2\n", &["column 1", "invisible"]);
    refused(
        format!("{},b\n1,2\n", "x".repeat(2000)),
        &["column 1", "1024 bytes"],
    );
    refused("", &["empty file"]);
    refused("\n\r\n", &["empty file"]);
    assert_eq!(read(" a ,b\n1,2\n").unwrap().0, [" a ", "b"]);
}

#[test]
fn b11_records_of_another_width_are_refused_with_their_line() {
    let many = "1,2\n".repeat(200);
    refused(
        format!("a,b\n{many}\n1,2,CANARY\n"),
        &["row 203", "expected 2 fields, got 3"],
    );
    refused(
        format!("a,b\n{many}CANARY\n"),
        &["row 202", "expected 2 fields, got 1"],
    );
    refused_with("a,b\n1\n", &[("delimiter", "comma")], &["row 2", "got 1"]);
    refused("id\n1\n\n2\n", &["row 3", "blank line"]);
    assert_eq!(rows("\n\nid\n1\n\"\"\n\n"), [["[1]"], ["[]"]]);
}

#[test]
fn b11_quotes_are_strict() {
    refused("a,b\n1,\"x\"CANARY\n", &["row 2", "after a closing quote"]);
    refused("a,b\n1,\"x\" \n", &["row 2", "after a closing quote"]);
    refused(
        "a,b\n1,2\n3,\"CANARY\n4,5\n",
        &["row 3", "closing quote before the end"],
    );
    refused("a,b\n1,CAN\"ARY\n", &["row 2", "no quote within a field"]);
    refused("a,b\n1, \"x\"\n", &["row 2", "no quote within a field"]);
    let open = format!("a,b\n1,\"CANARY{}", "x\n".repeat(2 << 20));
    refused(open, &["row 2", "1048576 bytes", "left open"]);
    let quote = |word| {
        read_named(
            "d.csv",
            b"a,b\n'1,2',\"3\"\n",
            &[("quote", word), ("delimiter", "comma")],
        )
    };
    assert_eq!(quote("single").unwrap().1[0].1, ["[1,2]", "[\"3\"]"]);
    assert!(quote("none").unwrap_err().contains("got 3"));
    let none = read_named("d.csv", b"a,b\n5\",\"\n", &[("quote", "none")]).unwrap();
    assert_eq!(none.1[0].1, ["[5\"]", "[\"]"]);
}

#[test]
fn b11_bounds_hold() {
    let field = "x".repeat(1 << 20);
    assert_eq!(rows(format!("a,b\n1,{field}\n"))[0][1].len(), (1 << 20) + 2);
    refused(format!("a,b\n1,{field}y\n"), &["row 2", "1048576 bytes"]);
    let names: Vec<String> = (0..4097).map(|n| n.to_string()).collect();
    let text = |n: usize| format!("{}\n", names[..n].join(","));
    assert_eq!(read(text(4096)).unwrap().0.len(), 4096);
    refused(text(4097), &["row 1", "4096 fields"]);
    let (head, long) = (names[..20].join(","), vec![field.as_str(); 20].join(","));
    refused(format!("{head}\n{long}\n"), &["row 2", "16777216 bytes"]);
}

#[test]
fn b11_rows_come_again_unless_the_header_changed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("Visits.CSV");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let mut table = CsvTable::open(&path, &CsvSettings::default(), 1 << 20).unwrap();
    assert_eq!(table.name(), "Visits");
    assert_eq!(all(&mut table).unwrap(), all(&mut table).unwrap());
    std::fs::write(&path, "b,a\n1,2\n").unwrap();
    assert!(
        all(&mut table)
            .unwrap_err()
            .contains("header that it had before")
    );
}

#[test]
fn b11_an_answer_of_the_caller_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let mut table = CsvTable::open(&path, &CsvSettings::default(), 1 << 20).unwrap();
    let stop = || TableError::Taken("enough".into());
    let answer = table.rows(&mut |_| Err(stop()));
    assert_eq!(words(&answer.unwrap_err()), "enough");
}

#[test]
fn b11_words_of_settings() {
    let parsed = |pairs: &[(&str, &str)]| CsvSettings::from_words(pairs.iter().copied());
    let found = parsed(&[
        ("delimiter", "^"),
        ("quote", "none"),
        ("encoding", "latin1"),
    ])
    .unwrap();
    assert_eq!(
        (found.delimiter, found.quote),
        (Some(b'^'), Some(Quote::None))
    );
    let wrong = [
        ("delimiter", ";;"),
        ("quote", "a"),
        ("encoding", "x"),
        ("nul", "NA"),
    ];
    let Err(TableError::Settings(all)) = parsed(&wrong) else {
        panic!("expected settings to be refused");
    };
    assert_eq!(all.len(), 4, "{all:?}");
    for pairs in [
        [("delimiter", "\""), ("encoding", "utf-8")],
        [("delimiter", "comma"), ("quote", ",")],
        [("delimiter", "comma"), ("delimiter", "tab")],
        [("delimiter", "ä"), ("encoding", "utf-8")],
        [("delimiter", "\n"), ("encoding", "replacement")],
    ] {
        assert!(parsed(&pairs).is_err(), "{pairs:?}");
    }
}
