use super::*;
use crate::testing::schema_column;

#[test]
fn reads_every_option() {
    let s = [
        ("resource", "Observation"),
        ("path", "value"),
        ("codes", "http://loinc.org|4548-4; 17856-6"),
        ("unit", "%; mmol/mol*0.09148+2.152; 10*3/uL"),
        (
            "where",
            "status=final,amended; component.where(code='x').value=1",
        ),
        ("from", "2020-01-01"),
        ("missing", "5"),
        ("null", "NA"),
        ("decimal", "comma"),
    ];
    let spec = schema_column(
        "hba1c",
        ColumnType::Decimal {
            scale: 1,
            min: 30,
            max: 200,
        },
        RowRule::Last,
        &s,
    );
    let (column, fhir) = fhir(&[spec]).unwrap().remove(0);
    assert_eq!(column.window, Some((18_262, i32::MAX)));
    assert_eq!(
        (column.missing, column.comma, column.round, column.on_bad),
        (Some(50), true, true, OnBad::Drop)
    );
    assert_eq!(
        column
            .units
            .iter()
            .map(|u| (u.code.as_str(), u.factor, u.offset))
            .collect::<Vec<_>>(),
        [
            ("%", 1_000_000, 0),
            ("mmol/mol", 91_480, 2_152_000),
            ("10*3/uL", 1_000_000, 0)
        ]
    );
    assert_eq!(
        fhir.conditions
            .iter()
            .map(|c| c.one_of.len())
            .collect::<Vec<_>>(),
        [2, 1, 2]
    );
}

#[test]
fn csv_defaults_to_the_columns_name_and_refuses() {
    let spec = schema_column(
        "bmi",
        ColumnType::Decimal {
            scale: 1,
            min: 0,
            max: 999,
        },
        RowRule::Last,
        &[],
    );
    let (column, csv) = csv(&[spec]).unwrap().remove(0);
    assert_eq!(
        (
            csv.header.as_str(),
            csv.date_header,
            column.on_bad,
            column.round
        ),
        ("bmi", None, OnBad::Refuse, false)
    );
}

#[test]
fn b10_all_problems_at_once() {
    let s = [
        ("path", "a..b"),
        ("on_bad", "maybe"),
        ("age_on", "2026"),
        ("map", "x"),
        ("where", "status"),
        ("unit", "a*0.0x"),
        ("missing", "x"),
        ("typo", "1"),
        ("false_if", "a=b"),
    ];
    let t = [("map", "a=no-such; b=red"), ("resource", "Patient")];
    let specs = [
        schema_column("one", ColumnType::Int { min: 0, max: 5 }, RowRule::Last, &s),
        schema_column(
            "two",
            ColumnType::Code {
                codes: vec!["red".to_owned()],
            },
            RowRule::Max,
            &t,
        ),
    ];
    let problems = fhir(&specs).unwrap_err();
    for key in [
        "typo", "path", "on_bad", "age_on", "map", "where", "unit", "missing", "resource",
        "false_if",
    ] {
        assert!(
            problems
                .iter()
                .any(|p| p.starts_with(&format!("column one, source.{key}: "))),
            "{key} in {problems:?}"
        );
    }
    assert_eq!(
        problems
            .iter()
            .filter(|p| p.starts_with("column two"))
            .count(),
        3,
        "{problems:?}"
    );
}
