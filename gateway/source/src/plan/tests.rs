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

const KINDS: [Kind; 5] = [
    Kind::Text,
    Kind::Typed,
    Kind::Query,
    Kind::Dicom,
    Kind::Fhir,
];
const NUMBER: &str = r#""type":"decimal","scale":1,"min":0,"max":9"#;
const INT: &str = r#""type":"int","min":0,"max":120"#;
const CODE: &str = r#""type":"code","codes":["u","v"]"#;
const DAY: &str = r#""type":"day","min":"2000-01-01","max":"2049-12-31""#;
const FLAG: &str = r#""type":"flag""#;

/// A column of a type with these words.
fn column(kind: &str, words: &str) -> String {
    format!(r#"{{"name":"a",{kind},"source":{{"table":"t",{words}}}}}"#)
}

/// Every word of a column: a type that it says something of, itself, and what it needs beside it.
const WORDS: [(&str, &str, &str); 27] = [
    ("age_on", INT, r#""age_on":"2026-01-01""#),
    ("blanks", CODE, r#""blanks":"trim""#),
    ("comparator_header", NUMBER, r#""comparator_header":"c""#),
    ("date_header", NUMBER, r#""date_header":"d""#),
    ("dates", DAY, r#""dates":"dmy""#),
    ("decimal", NUMBER, r#""decimal":"comma""#),
    ("exclude", CODE, r#""exclude":"u""#),
    ("false", FLAG, r#""true":"yes","false":"no""#),
    ("from", NUMBER, r#""date_header":"d","from":"2020-01-01""#),
    ("header", NUMBER, r#""header":"h""#),
    ("map", CODE, r#""map":"x=u""#),
    ("missing", FLAG, r#""missing":"false""#),
    (
        "molar_mass",
        NUMBER,
        r#""unit":"mg/dL","unit_header":"q","molar_mass":"180.156""#,
    ),
    ("null", NUMBER, r#""null":"NA""#),
    ("numbers", NUMBER, r#""numbers":"plus; exponent""#),
    ("on_bad", NUMBER, r#""on_bad":"drop""#),
    ("partial", DAY, r#""partial":"first""#),
    ("reduce", NUMBER, r#""reduce":"max""#),
    ("round", NUMBER, r#""round":"true""#),
    ("table", NUMBER, r#""header":"h""#),
    ("thousands", NUMBER, r#""thousands":"space""#),
    ("to", DAY, r#""date_header":"d","to":"2020-01-01""#),
    ("true", FLAG, r#""true":"yes","false":"no""#),
    ("unit", NUMBER, r#""unit":"kg","unit_header":"q""#),
    ("unit_header", NUMBER, r#""unit":"kg","unit_header":"q""#),
    (
        "until_header",
        INT,
        r#""age_on":"2026-01-01","until_header":"u""#,
    ),
    ("where", NUMBER, r#""where":"w=x,y; z=1""#),
];

#[test]
fn b14_every_word_is_honoured_or_refused_by_every_kind() {
    let known: Vec<&str> = WORDS.iter().map(|(word, ..)| *word).collect();
    let mut all = [words::VALUES, words::COLUMN].concat();
    all.sort_unstable();
    assert_eq!(known, all, "every word of a column stands in the test");
    for kind in KINDS {
        for (word, of, own) in WORDS {
            let problems = plan(&column(of, own), "", kind).err().unwrap_or_default();
            let expected = word == "reduce" && kind != Kind::Dicom;
            assert_eq!(
                problems.len(),
                usize::from(expected),
                "{word}, {kind}: {problems:?}"
            );
        }
        for word in words::TEXT_FILES {
            for key in [(*word).to_owned(), format!("tables.t.{word}")] {
                let value = match *word {
                    "encoding" => "latin1",
                    "skip_lines" => "3",
                    "trailing_delimiter" => "rows",
                    _ => "^",
                };
                let all = format!(r#""{key}":"{value}""#);
                let problems = plan(&column(NUMBER, r#""header":"h""#), &all, kind);
                let problems = problems.err().unwrap_or_default();
                let is_refused = !kind.is_text();
                assert_eq!(
                    problems.len(),
                    usize::from(is_refused),
                    "{key}, {kind}: {problems:?}"
                );
            }
        }
        for word in words::VALUES {
            let all = match *word {
                "true" | "false" => continue,
                word => WORDS
                    .iter()
                    .find(|(own, ..)| *own == word)
                    .unwrap()
                    .2
                    .to_owned(),
            };
            assert!(
                plan(&column(NUMBER, r#""header":"h""#), &all, kind).is_ok(),
                "{word}, {kind}"
            );
            let of_table = all.replacen('"', "\"tables.t.", 1);
            let problems = plan(&column(NUMBER, r#""header":"h""#), &of_table, kind);
            assert_eq!(problems.is_err(), kind == Kind::Dicom, "{word}, {kind}");
        }
    }
}

#[test]
fn b14_a_zone_is_a_word_of_queries_alone_and_of_all_of_them() {
    for kind in KINDS {
        let one = |key: &str| {
            let all = format!(r#""{key}":"Europe/Berlin""#);
            plan(&column(NUMBER, r#""header":"h""#), &all, kind).map(|plan| plan.zone)
        };
        let zone = one("zone").ok().flatten();
        assert_eq!(zone.is_some(), kind == Kind::Query, "{kind}");
        assert!(one("tables.t.zone").is_err(), "{kind}");
    }
}

#[test]
fn b14_the_subject_has_words_that_its_kind_can_honour() {
    for (subject, refused) in [
        (r#""header":"id""#, &[Kind::Fhir][..]),
        (r#""identifier":"urn:x""#, &[]),
        (r#""tables.labs.header":"id""#, &[Kind::Fhir, Kind::Dicom]),
        (r#""tables.labs.identifier":"urn:x""#, &KINDS),
        (r#""table":"t""#, &KINDS),
    ] {
        for kind in KINDS {
            let text = format!(
                r#"{{"format":"medveil-schema-1","subject":{{{subject}}},"columns":[{}]}}"#,
                column(NUMBER, r#""header":"h""#)
            );
            let plan = Plan::new(&Schema::from_json(&text).unwrap(), kind);
            assert_eq!(plan.is_err(), refused.contains(&kind), "{subject}, {kind}");
        }
    }
}

#[test]
fn b14_words_that_say_nothing_of_a_column_or_contradict_are_refused() {
    let unit = r#""unit":"kg","unit_header":"q""#;
    let age = r#""age_on":"2026-01-01""#;
    for (of, own, word) in [
        (CODE, r#""decimal":"comma""#.to_owned(), "decimal"),
        (DAY, r#""thousands":"point""#.to_owned(), "thousands"),
        (FLAG, r#""numbers":"plus""#.to_owned(), "numbers"),
        (CODE, r#""round":"true""#.to_owned(), "round"),
        (INT, format!(r#"{age},"round":"true""#), "round"),
        (NUMBER, r#""dates":"dmy""#.to_owned(), "dates"),
        (CODE, r#""partial":"first""#.to_owned(), "partial"),
        (CODE, r#""true":"u","false":"v""#.to_owned(), "true"),
        (
            FLAG,
            r#""true":"NA","false":"no","null":"NA""#.to_owned(),
            "true",
        ),
        (CODE, unit.to_owned(), "unit"),
        (
            FLAG,
            r#""comparator_header":"c""#.to_owned(),
            "comparator_header",
        ),
        (INT, format!("{age},{unit}"), "unit"),
        (
            INT,
            format!(r#"{age},"comparator_header":"c""#),
            "comparator_header",
        ),
        (NUMBER, r#""from":"2020-01-01""#.to_owned(), "from"),
        (NUMBER, r#""to":"2020-01-01""#.to_owned(), "to"),
        (
            NUMBER,
            r#""date_header":"d","from":"2021-01-01","to":"2020-01-01""#.to_owned(),
            "from",
        ),
        (CODE, r#""map":"x=w""#.to_owned(), "map"),
        (NUMBER, r#""map":"none=much""#.to_owned(), "map"),
        (NUMBER, r#""map":"none=10""#.to_owned(), "map"),
        (CODE, r#""map":"=u""#.to_owned(), "map"),
        (CODE, r#""map":"NA=u","null":"NA""#.to_owned(), "map"),
        (CODE, r#""missing":"u","exclude":"u""#.to_owned(), "exclude"),
        (NUMBER, r#""where":"k=a; k=b""#.to_owned(), "where"),
        (NUMBER, r#""reduce":"mean""#.to_owned(), "reduce"),
    ] {
        let kind = if word == "reduce" {
            Kind::Dicom
        } else {
            Kind::Text
        };
        let problems = plan(&column(of, &own), "", kind).err();
        let problems = problems.unwrap_or_default();
        let is_named = |p: &String| p.contains(&format!("source.{word}: "));
        assert!(problems.iter().any(is_named), "{own}: {problems:?}");
    }
    // What stands for the whole source may say nothing of some columns.
    let all = r#""decimal":"comma","dates":"dmy","true":"ja","false":"nein""#;
    for of in [NUMBER, CODE, DAY, FLAG, INT] {
        assert!(plan(&column(of, r#""header":"h""#), all, Kind::Text).is_ok());
    }
}

#[test]
fn b14_an_empty_text_may_mean_something_where_there_are_texts() {
    for kind in KINDS {
        let made = plan(&column(CODE, r#""map":"\"\"=u; x=v""#), "", kind);
        match kind {
            Kind::Fhir | Kind::Dicom => assert!(made.err().unwrap()[0].contains("empty text")),
            _ => {
                let (column, _) = &made.unwrap().columns[0];
                assert_eq!(column.words.map[""], "u", "{kind}");
            }
        }
    }
}

#[test]
fn b14_words_of_a_table_stand_between_those_of_a_column_and_of_all() {
    let columns = r#"{"name":"a","type":"int","min":0,"max":9,"source":{"table":"labs"}},
        {"name":"b","type":"int","min":0,"max":9,"source":{"table":"labs","decimal":"point"}},
        {"name":"c","type":"int","min":0,"max":9,"source":{"table":"other"}}"#;
    let all = r#""decimal":"point","null":"NA","delimiter":"tab","tables.labs.decimal":"comma",
        "tables.labs.null":"-","tables.labs.encoding":"latin1","tables.v1.2.delimiter":"pipe""#;
    let plan = plan(columns, all, Kind::Text).unwrap();
    let signs: Vec<char> = plan
        .columns
        .iter()
        .map(|(c, _)| c.words.signs.decimal)
        .collect();
    assert_eq!(signs, [',', '.', '.']);
    assert_eq!(
        (plan.null("labs"), plan.null("other")),
        (vec!["-".to_owned()], vec!["NA".to_owned()])
    );
    let labs = plan.text_file("labs");
    assert_eq!(
        (labs.delimiter, labs.encoding.as_deref()),
        (Some(b'\t'), Some("latin1"))
    );
    assert_eq!(plan.text_file("v1.2").delimiter, Some(b'|'));
    assert_eq!(plan.text_file("other").delimiter, Some(b'\t'));
}
