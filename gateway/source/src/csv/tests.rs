//! CSV reading: forms of files, row rules, refusals that never show a value, no panic on any bytes.

use super::*;
use crate::plan;
use crate::reading::Limits;
use crate::reduce::DropCount;
use crate::testing::{schema_column, words};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{ColumnType, RowRule};
use proptest::prelude::*;

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[7; 32], LineageId::new(Felt::from_u64(1)))
}

fn columns(extra: &[(&str, &str)]) -> Vec<(SourceColumn, CsvColumn)> {
    let specs = [
        schema_column(
            "age",
            ColumnType::Int { min: -5, max: 120 },
            RowRule::Last,
            &[],
        ),
        schema_column(
            "sex",
            ColumnType::Code {
                codes: vec!["female".to_owned(), "male".to_owned()],
            },
            RowRule::Last,
            &[],
        ),
        schema_column(
            "hba1c",
            ColumnType::Decimal {
                scale: 1,
                min: 30,
                max: 200,
            },
            RowRule::Last,
            extra,
        ),
    ];
    plan::csv(&specs).unwrap()
}

type Outcome = Result<(Vec<Vec<Option<i64>>>, Vec<DropCount>), String>;

fn read_with(bytes: &[u8], extra: &[(&str, &str)], per_subject: bool) -> Outcome {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.csv");
    std::fs::write(&path, bytes).unwrap();
    let columns = columns(extra);
    let rows = Rows {
        subject: None,
        per_subject,
    };
    let key = key();
    let reading = Reading {
        path: &path,
        key: &key,
        limits: &Limits::DEFAULT,
    };
    let (rows, drops, _) = read(reading, &columns, &rows, &mut |_| {}).map_err(|e| words(&e))?;
    let plain: Vec<SourceColumn> = columns.into_iter().map(|(c, _)| c).collect();
    Ok((
        rows.into_iter().map(|r| r.cells).collect(),
        drops.finish(&plain),
    ))
}

fn cells(text: &str) -> Vec<Vec<Option<i64>>> {
    read_with(text.as_bytes(), &[], true).unwrap().0
}

fn refused(text: &str) -> String {
    read_with(text.as_bytes(), &[], true).unwrap_err()
}

const HEAD: &str = "patient_id,age,sex,hba1c\n";

#[test]
fn b11_quotes_bom_crlf_and_other_delimiters() {
    let expected = vec![
        vec![Some(40), Some(0), Some(72)],
        vec![Some(-3), Some(1), None],
    ];
    let plain =
        "patient_id,age,sex,hba1c,note\np1,40,female,7.2,\"a, \"\"b\"\"\nc\"\np2,-3,male,,\n";
    assert_eq!(cells(plain), expected);
    assert_eq!(cells(&format!("\u{feff}{plain}")), expected);
    assert_eq!(cells(&plain.replace('\n', "\r\n")), expected);
    assert_eq!(cells(plain.trim_end()), expected);
    assert_eq!(
        cells("patient_id;age;sex;hba1c\np1;40;female;7.2\np2;-3;male;\n"),
        expected
    );
    assert_eq!(
        cells("patient_id\tage\tsex\thba1c\np1\t40\tfemale\t7.2\np2\t-3\tmale\t\n"),
        expected
    );
    assert_eq!(
        cells("\"hba1c\",\"sex\",\"age\",\"Patient_ID\"\n7.2,female,40,p1\n\"\", male , -3 ,p2\n"),
        expected
    );
}

#[test]
fn several_rows_of_a_patient_become_one() {
    let text = format!("{HEAD}p1,40,female,7.2\np2,50,male,8.0\np1,41,,6.9\n");
    let (rows, drops) = read_with(text.as_bytes(), &[], true).unwrap();
    assert_eq!(
        rows,
        [
            vec![Some(41), Some(0), Some(69)],
            vec![Some(50), Some(1), Some(80)]
        ]
    );
    assert_eq!(
        drops
            .iter()
            .map(|d| (d.column.as_deref(), d.count))
            .collect::<Vec<_>>(),
        [(Some("age"), 1), (Some("hba1c"), 1)]
    );
    let (rows, _) = read_with(text.as_bytes(), &[], false).unwrap();
    assert_eq!(rows.len(), 3);
}

#[test]
fn dates_order_rows_and_bound_windows() {
    let text = "patient_id,age,sex,hba1c,taken\np1,1,male,7.2,2024-05-01\np1,1,male,6.0,2024-01-01\np1,1,male,9.0,\np1,1,male,9.9,2026-01-01\n";
    let options = [("date_header", "taken"), ("to", "2025-01-01")];
    let (rows, drops) = read_with(text.as_bytes(), &options, true).unwrap();
    assert_eq!(rows[0][2], Some(72));
    assert!(
        drops.iter().any(|d| d.reason.contains("window"))
            && drops.iter().any(|d| d.reason.contains("no date"))
    );
    let bad = read_with(
        text.replace("2024-01-01", "01.05.24").as_bytes(),
        &options,
        true,
    )
    .unwrap_err();
    assert!(
        bad.contains("row 3") && bad.contains("taken") && !bad.contains("01.05"),
        "{bad}"
    );
}

#[test]
fn b11_refusals_name_file_row_and_column_and_never_the_value() {
    for (line, column, expected) in [
        ("p1,CANARY,male,7.2", "age", "a number"),
        ("p1,4.5,male,7.2", "age", "a whole number"),
        ("p1,121,male,7.2", "age", "range"),
        ("p1,40,CANARY,7.2", "sex", "codes"),
        ("p1,40,male,\"7,2\"", "hba1c", "a number"),
        ("p1,40,male,CANARY", "hba1c", "a number"),
    ] {
        let error = refused(&format!("{HEAD}p0,1,male,5\n{line}\n"));
        for part in ["data.csv", "row 3", column, expected] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(
            !error.contains("CANARY") && !error.contains("7,2") && !error.contains("121"),
            "{error}"
        );
    }
}

#[test]
fn b11_headers_and_ragged_rows_are_refused() {
    assert!(refused("patient_id,age,sex\np,1,male\n").contains("no header hba1c"));
    assert!(refused("patient_id,Age,sex,hba1c\n").contains("no header age, but Age"));
    assert!(
        refused("patient_id,age,sex,hba1c,age\np,1,male,5,1\n")
            .contains("header age stands 2 times")
    );
    assert!(refused("age,sex,hba1c\n1,male,5\n").contains("no header subject"));
    assert!(refused(&format!("{HEAD}p,1,male\n")).contains("row 2: expected 4 fields, got 3"));
    assert!(refused(&format!("{HEAD}p,1,male,5,6\n")).contains("expected 4 fields, got 5"));
    assert!(refused("").contains("empty"));
    assert!(refused(HEAD).contains("no record"));
    assert!(refused("\0\0\0").contains("zero byte"));
    assert!(
        read_with(b"patient_id,age,sex,hba1c\np,1,m\xe4nnlich,5\n", &[], true)
            .unwrap_err()
            .contains("row 2: expected utf-8")
    );
    assert!(
        read_with(b"\xff\xfep\0a\0", &[], true)
            .unwrap_err()
            .contains("utf-16")
    );
}

#[test]
fn rows_without_a_subject_are_counted() {
    let (rows, drops) = read_with(
        format!("{HEAD},40,male,7\np1,40,male,7\n ,1,male,6\n").as_bytes(),
        &[],
        true,
    )
    .unwrap();
    assert_eq!(
        (rows.len(), drops[0].reason.as_str(), drops[0].count),
        (1, "no subject", 2)
    );
    assert!(drops[0].first.as_ref().unwrap().ends_with("row 2"));
}

#[test]
fn options_for_decimal_commas_nulls_and_dropping() {
    let text = "patient_id;age;sex;hba1c\np1;40;male;7,2\np2;40;male;NA\np3;40;male;999\n";
    let (rows, drops) = read_with(
        text.as_bytes(),
        &[("decimal", "comma"), ("null", "NA; -"), ("on_bad", "drop")],
        true,
    )
    .unwrap();
    assert_eq!(
        rows.iter().map(|r| r[2]).collect::<Vec<_>>(),
        [Some(72), None, None]
    );
    assert_eq!(
        (drops[0].column.as_deref(), drops[0].count),
        (Some("hba1c"), 1)
    );
}

#[test]
fn b11_a_headerless_file_shows_no_values() {
    let error = refused("p1,40,CANARY,7.2\np2,50,female,8\n");
    assert!(
        error.contains("no header age") && error.contains("4 fields") && !error.contains("CANARY"),
        "{error}"
    );
}

#[test]
fn b11_an_open_quote_does_not_read_the_whole_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.csv");
    std::fs::write(
        &path,
        format!(
            "{HEAD}p1,40,male,7\np2,40,\"male,7\n{}",
            "p3,40,male,7\n".repeat(200_000)
        ),
    )
    .unwrap();
    let limits = Limits {
        line_bytes: 100_000,
        ..Limits::DEFAULT
    };
    let key = key();
    let reading = Reading {
        path: &path,
        key: &key,
        limits: &limits,
    };
    let rows = Rows {
        subject: None,
        per_subject: true,
    };
    let error = read(reading, &columns(&[]), &rows, &mut |_| {})
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("is a quote left open?") && error.contains("row 3"),
        "{error}"
    );
}

#[test]
fn b11_oversize_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.csv");
    std::fs::write(&path, vec![b'x'; 1000]).unwrap();
    let limits = Limits {
        stream_bytes: 999,
        ..Limits::DEFAULT
    };
    let key = key();
    let reading = Reading {
        path: &path,
        key: &key,
        limits: &limits,
    };
    let rows = Rows {
        subject: None,
        per_subject: true,
    };
    let found = read(reading, &columns(&[]), &rows, &mut |_| {});
    assert!(matches!(
        found,
        Err(SourceError::TooLarge {
            limit: 999,
            size: 1000,
            ..
        })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn b11_random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), with_head in any::<bool>(), per in any::<bool>()) {
        let all = if with_head { [HEAD.as_bytes(), &bytes].concat() } else { bytes };
        let _ = read_with(&all, &[], per);
    }

    #[test]
    fn b11_random_csv_never_panics(text in "[a-p0-9,;\"\n\r .-]{0,200}", per in any::<bool>()) {
        let _ = read_with(format!("{HEAD}{text}").as_bytes(), &[("on_bad", "drop")], per);
    }
}
