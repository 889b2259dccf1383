//! Words of a schema, known and unknown.

use super::*;
use crate::date::Partial;

fn plan(columns: &str, all: &str, kind: Kind) -> Result<Plan, Vec<String>> {
    let text =
        format!(r#"{{"format":"medveil-schema-1","source":{{{all}}},"columns":[{columns}]}}"#);
    Plan::new(&Schema::from_json(&text).unwrap(), kind)
}

#[test]
fn b10_words_of_a_column_stand_before_those_of_the_source() {
    let columns = r#"{"name":"a","type":"int","min":0,"max":9},
        {"name":"b","type":"decimal","scale":1,"min":0,"max":9,
         "source":{"header":"B (%)","decimal":"point","on_bad":"drop","table":"labs",
                   "where":"code=x,y; kind=z"}}"#;
    let all = r#""decimal":"comma","dates":"dmy","null":"NA; -","delimiter":"semicolon""#;
    let plan = plan(columns, all, Kind::Text).unwrap();
    let [(a, of_a), (b, of_b)] = plan.columns.as_slice() else {
        panic!("two columns");
    };
    assert_eq!((a.words.signs.decimal, b.words.signs.decimal), (',', '.'));
    assert_eq!(
        (a.words.order, a.words.partial),
        (Order::DayMonthYear, Partial::Drop)
    );
    assert_eq!(a.words.null, ["NA", "-"]);
    assert_eq!((a.on_bad, b.on_bad), (OnBad::Refuse, OnBad::Drop));
    assert_eq!((of_a.header.as_str(), of_b.header.as_str()), ("a", "B (%)"));
    assert_eq!(of_b.table.as_deref(), Some("labs"));
    assert_eq!(of_b.conditions[0].one_of, ["x", "y"]);
    assert_eq!(plan.text_files.delimiter, Some(b';'));
}

#[test]
fn b14_words_that_contradict_or_mean_nothing_are_all_named() {
    let columns = r#"{"name":"a","type":"int","min":0,"max":9,
        "source":{"codes":"x","decimal":"comma","thousands":"comma","unit":"kg","age_on":"soon"}},
        {"name":"b","type":"flag","source":{"true":"yes","map":"x=y","until_header":"d"}},
        {"name":"c","type":"code","codes":["u"],"rule":"min","source":{"missing":"v","numbers":"hex"}}"#;
    let problems = plan(columns, r#""resource":"Patient","quote":"??""#, Kind::Text);
    let problems = problems.err().unwrap();
    for part in [
        "source.resource: unknown word",
        "source: ",
        "column a, source.codes: unknown word",
        "column a, source.thousands: expected another sign",
        "column a, source.unit: needs `unit_header`",
        "column a, source.age_on: expected a day",
        "column b, source.false: missing",
        "column b, source.map: y is none",
        "column b, source.until_header: needs `age_on`",
        "column c, source.missing: expected one of the column's codes",
        "column c, source.numbers: expected some of",
        "column c, source.map: the row rules min and max",
    ] {
        assert!(
            problems.iter().any(|p| p.starts_with(part)),
            "{part}: {problems:#?}"
        );
    }
}

#[test]
fn b14_a_word_that_a_kind_of_source_cannot_honour_is_refused() {
    let column = r#"{"name":"a","type":"int","min":0,"max":9}"#;
    let problems = plan(column, r#""encoding":"latin1""#, Kind::Fhir)
        .err()
        .unwrap();
    assert_eq!(problems, ["source.encoding: FHIR has no such thing"]);
}
