//! What stands before a table and behind its rows: lines that tell the delimiter, titles, delimiters at
//! the ends.

use super::*;

/// In every form that a file of text may have.
fn forms(text: &str) -> Vec<(Vec<u8>, &'static str)> {
    let mut forms = Vec::new();
    for end in ["\n", "\r\n", "\r"] {
        let text = text.replace('\n', end);
        let marked = format!("\u{feff}{text}");
        let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        forms.push((text.into_bytes(), "utf-8"));
        forms.push((marked.into_bytes(), "utf-8 with a mark"));
        forms.push((wide, "utf-16"));
    }
    forms
}

#[track_caller]
fn reads(text: &str, settings: &[(&str, &str)], expected: &[(u64, [&str; 2])]) {
    for (bytes, form) in forms(text) {
        let (names, rows) = read_named("data.csv", &bytes, settings).unwrap();
        assert_eq!(names, ["id", "wert"], "{text:?}, {form}");
        let own = |(row, cells): &(u64, [&str; 2])| (*row, cells.map(str::to_owned).to_vec());
        let expected: Vec<_> = expected.iter().map(own).collect();
        assert_eq!(rows, expected, "{text:?}, {form}");
    }
}

#[test]
fn b11_a_first_line_tells_the_delimiter() {
    let expected = [(3, ["[1]", "[7,2]"]), (4, ["[2]", "-"])];
    for line in ["sep=;", "\"sep=;\"", "SEP=;"] {
        let text = format!("{line}\nid;wert\n1;7,2\n2;\n");
        reads(&text, &[], &expected);
        reads(&text, &[("delimiter", ";")], &expected);
        refused_with(
            &text,
            &[("delimiter", "comma")],
            &["row 1", "sep=", "delimiter"],
        );
    }
    reads("sep=^\nid^wert\n1^7,2\n2^\n", &[], &expected);
    reads("sep=\t\nid\twert\n1\t7,2\n2\t\n", &[], &expected);
    // It stands where evidence alone would find nothing, or another.
    reads(
        "sep=,\nid,wert\n1;,\"7,2\"\n",
        &[],
        &[(3, ["[1;]", "[7,2]"])],
    );
    refused_with(
        "sep=;\nid;wert\n1;2\n",
        &[("quote", ";")],
        &["row 1", "quote"],
    );
    refused("sep=;\n", &["expected a header"]);
    // A name like another is none.
    assert_eq!(rows("sep=x\n1\n"), [["[1]"]]);
    refused("sep=;;\n1;2\n", &["delimiter"]);
}

#[test]
fn b11_lines_before_the_header_are_left_out_by_number() {
    let title = "Export \"Visits\"; ward 3\n2026-01-31\n\nid;wert\n1;7\n\n2;8\n";
    let expected = [(5, ["[1]", "[7]"]), (7, ["[2]", "[8]"])];
    reads(title, &[("skip_lines", "3")], &expected);
    reads(
        title,
        &[("skip_lines", "3"), ("delimiter", "semicolon")],
        &expected,
    );
    // The line before it is blank, which is no record.
    reads(title, &[("skip_lines", "2")], &expected);
    reads(
        "id;wert\n1;7\n",
        &[("skip_lines", "0")],
        &[(2, ["[1]", "[7]"])],
    );
    let told = format!("sep=;\n{title}");
    let expected = [(6, ["[1]", "[7]"]), (8, ["[2]", "[8]"])];
    reads(&told, &[("skip_lines", "4")], &expected);
    refused_with(title, &[("skip_lines", "9")], &["more lines", "skip_lines"]);
    refused_with(title, &[("skip_lines", "7")], &["expected a header"]);
    for wrong in ["-1", "two", "", "99999999"] {
        refused_with(title, &[("skip_lines", wrong)], &["skip_lines: expected"]);
    }
    // A title longer than what is read at once.
    let long = format!("{}\nid;wert\n1;7\n", "x".repeat(400_000));
    let (_, rows) = read_named("data.csv", long.as_bytes(), &[("skip_lines", "1")]).unwrap();
    assert_eq!(rows, [(3, vec!["[1]".to_owned(), "[7]".to_owned()])]);
}

#[test]
fn b14_a_header_further_down_is_told_with_its_number() {
    for (text, settings, lines) in [
        ("Visits\n2026\n\nid;wert\n1;2\n3;4\n", &[][..], 3),
        ("Visits\nid;wert\n1;2\n", &[("delimiter", ";")], 1),
        ("Visits, ward 3\n\nid;wert;x\n1;2;3\n", &[], 2),
        // A spreadsheet writes as many fields in every line.
        ("Visits;;\n;;\nid;wert;x\n1;2;3\n4;5;6\n", &[], 2),
        ("\"Visits\",,\nid,wert,x\n1,2,3\n", &[], 1),
        ("sep=;\nVisits\nid;wert\n1;2\n", &[], 2),
        // A comma within numbers parts some of the records.
        ("Visits\n\nid;wert;x\nP1;7,2;a\nP2;8,1;b\n", &[], 2),
        ("Visits of \"ward 3\"\n\"a\nb\"\nid\twert\n1\t2\n", &[], 3),
    ] {
        let advice = format!("\"skip_lines\": \"{lines}\" ");
        refused_with(text, settings, &[&advice]);
        let lines = lines.to_string();
        let by = [settings, &[("skip_lines", lines.as_str())]].concat();
        let (names, rows) = read_named("data.csv", text.as_bytes(), &by).unwrap();
        assert_eq!(
            (&names[..2], !rows.is_empty()),
            (&["id".to_owned(), "wert".to_owned()][..], true)
        );
    }
    // Of what is no title nothing is said.
    for text in [
        "id;wert\n1;2\n3;4;5\n",
        "a;b\n1;2;3\n4;5;6\n",
        "\"\";b\n1;2\n",
    ] {
        let error = read_named("data.csv", text.as_bytes(), &[]).unwrap_err();
        assert!(!error.contains("skip_lines"), "{text:?}: {error}");
    }
}

#[test]
fn b11_a_delimiter_at_the_end_of_rows_is_left_out_by_its_word() {
    let expected = [(2, ["[1]", "[7]"]), (3, ["-", "-"]), (4, ["[\"]", "[]"])];
    let text = "id;wert\n1;7;\n;;\n\"\"\"\";\"\";\n";
    let rows_word = [("trailing_delimiter", "rows")];
    reads(text, &rows_word, &expected);
    reads(
        text,
        &[("trailing_delimiter", "rows"), ("delimiter", ";")],
        &expected,
    );
    refused(text, &["\"trailing_delimiter\": \"rows\""]);
    refused_with(
        text,
        &[("delimiter", ";")],
        &["row 2", "\"trailing_delimiter\": \"rows\""],
    );
    let whole = text.replacen("wert", "wert;", 1);
    reads(&whole, &[("trailing_delimiter", "all")], &expected);
    refused(&whole, &["row 1", "\"trailing_delimiter\": \"all\""]);
    // No row may lack it, or have something behind it.
    for (bad, row) in [
        ("1;7;\n2;8\n", "row 3"),
        ("1;7;\n2;8;CANARY\n", "row 3"),
        ("1;7;\"\"\n", "row 2"),
    ] {
        let text = format!("id;wert\n{bad}");
        let settings = [("trailing_delimiter", "rows"), ("delimiter", ";")];
        refused_with(&text, &settings, &[row, "nothing behind it"]);
    }
    refused_with(text, &[("trailing_delimiter", "all")], &["delimiter"]);
    refused_with(text, &[("trailing_delimiter", "some")], &["expected rows"]);
    let one = read_named("data.csv", b"id\n1;\n2;\n", &rows_word).unwrap();
    assert_eq!((one.0.len(), one.1.len()), (1, 2));
    // Nor is a value that is missing in the last column one.
    assert_eq!(rows("id;wert\n1;\n2;\n"), [["[1]", "-"], ["[2]", "-"]]);
}

#[test]
fn b10_settings_that_a_file_is_sure_to_need_are_proposed() {
    let proposed = |text: &str, settings: &[(&str, &str)]| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.csv");
        std::fs::write(&path, text).unwrap();
        let settings = CsvSettings::from_words(settings.iter().copied()).unwrap();
        let found = propose(&path, (&settings, 1 << 20), &|name| name == "id").unwrap();
        let sure = |own: &CsvProposal| if own.is_sure { "" } else { "?" };
        let one = |own: CsvProposal| format!("{} {}{}", own.word, own.value, sure(&own));
        found.into_iter().map(one).collect::<Vec<_>>().join("; ")
    };
    for (text, expected) in [
        ("Visits\n\nid;wert\n1;2\n", "skip_lines 2"),
        ("Visits;;\nid;wert;x\na;2;b\nc;3;d\n", "skip_lines 1"),
        ("sep=;\nVisits\nid;wert\n1;2\n", "skip_lines 2"),
        ("Visits\n\nid;wert;x\nP1;7,2;a\nP2;8,1;b\n", "skip_lines 2"),
        ("id;wert\n1;2;\n3;4;\n", "trailing_delimiter rows"),
        ("id;wert;\n1;2;\n3;4;\n", "trailing_delimiter all"),
        // Nothing is wrong, or nothing is sure.
        ("id;wert\n1;2\n", ""),
        ("sep=;\nid;wert\n1;2\n", ""),
        ("Visits\nanna;bern\nben;genf\n", ""),
        ("Visits\nid;wert\n1;2\n3\n", ""),
        ("Visits\n1;2\n3;4\n", ""),
        ("id;wert\n1;2;\n3;4;5\n", ""),
        // Titles of as many fields as the table has.
        ("Visits; Mainz\nid;wert\n1;2\n", "skip_lines 1"),
        ("Visits; Mainz\nof; 2026\nid;wert\nP1;2\n", "skip_lines 2"),
        ("2024;2025\nid;wert\n1;2\n", "skip_lines 1"),
        ("Visits\n\nMainz;North\nid;wert\n1;2\n", "skip_lines 3"),
        ("Visits; Mainz\nnr;wert\n1;2\n", "skip_lines 1?"),
        ("id;wert\nnr;unit\n1;2\n", ""),
        ("id;wert\nP1;unknown\nP2;2\n", ""),
        ("id;wert\n1;2\n3;4;\n", ""),
    ] {
        assert_eq!(proposed(text, &[]), expected, "{text:?}");
    }
    let title = "Visits\nid;wert\n1;2\n";
    assert_eq!(proposed(title, &[("delimiter", ";")]), "skip_lines 1");
    assert_eq!(proposed(title, &[("delimiter", ",")]), "");
    assert_eq!(proposed(title, &[("skip_lines", "1")]), "");
}

#[test]
fn b10_a_line_that_tells_another_delimiter_than_the_file_has_is_told() {
    for text in [
        "sep=,\nid;wert\n1;2\n",
        "sep=,\nid;wert\n1;2,5\n",
        "\u{feff}sep=|\nid;wert\n1;2\n",
    ] {
        refused_with(text, &[], &["row 1", "sep=", "setting delimiter"]);
        let read = read_named("data.csv", text.as_bytes(), &[("delimiter", "semicolon")]).unwrap();
        assert_eq!((read.0.len(), read.1.len()), (2, 1), "{text}");
    }
    // One column has no delimiter.
    let read = read_named("data.csv", b"sep=;\nid\n1\n2\n", &[]).unwrap();
    assert_eq!((read.0.len(), read.1.len()), (1, 2));
}

#[test]
fn b10_an_encoding_is_asked_for_before_a_header_is_missed() {
    let text = b"Export;;\nStand: 2025;;\n\nid;H\xe4mo;x\n1;10,3;a\n";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.csv");
    std::fs::write(&path, text).unwrap();
    let error = CsvTable::open(&path, &CsvSettings::default(), 1 << 20)
        .err()
        .unwrap();
    assert!(error.to_string().contains("encoding"), "{error}");
}
