//! Random expressions and views: whatever comes, there is an answer or a refusal, and no panic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use medveil_sql_on_fhir::{ViewDefinition, json};

const WORDS: &[&str] = &[
    "id",
    "name",
    "value",
    "x",
    "Patient",
    ".",
    ".",
    ".",
    "(",
    ")",
    "[",
    "]",
    "{}",
    "+",
    "-",
    "*",
    "/",
    "div",
    "mod",
    "=",
    "!=",
    "~",
    "<",
    ">=",
    "|",
    "&",
    "and",
    "or",
    "xor",
    "implies",
    "in",
    "contains",
    "is",
    "as",
    "Quantity",
    "date",
    "true",
    "1",
    "0",
    "-1",
    "0.5",
    "99999999999999999999999999999999999",
    "'a'",
    "'2020'",
    "'\\u00e9'",
    "@2020",
    "@2020-02-29",
    "@9999-12-31",
    "@0001-01-01",
    "@T10:00",
    "@2020-01-01T00:00:00Z",
    "@2020T",
    "1 year",
    "-9999999999999999 months",
    "3 'mg'",
    "$this",
    "$index",
    "%rowIndex",
    "%resource",
    "where(",
    "select(",
    "exists(",
    "all(",
    "repeat(",
    "iif(",
    "first()",
    "last()",
    "count()",
    "skip(",
    "take(",
    "ofType(Quantity)",
    "lowBoundary()",
    "highBoundary(",
    "join(",
    "substring(",
    "indexOf(",
    "replace(",
    "matches(",
    "replaceMatches(",
    "toString()",
    "toInteger()",
    "toDecimal()",
    "toDate()",
    "toDateTime()",
    "toTime()",
    "round(",
    "abs()",
    "not()",
    "distinct()",
    "extension(",
    "getReferenceKey()",
    ",",
    ")",
    ")",
    "\u{e9}",
    "`",
    "'",
    "@",
    "%",
    "\\",
];

const RESOURCE: &str = r#"{"resourceType": "Patient", "id": "p\u00e9", "_id": {"id": "i"},
    "name": [{"family": "f", "given": ["a", null],
      "period": {"start": "0001-01-01", "end": "9999"}}],
    "valueQuantity": {"value": 1e-30, "unit": "mg"}, "x": [1, 1e30, "2020", true, [2], {"x": [{}]}],
    "birthDate": "2020-02-30", "deceasedDateTime": "2020-01-01T00:00:60.123456789-12:00",
    "link": [{"other": {"reference": "///_history/"}}]}"#;

/// A small generator of the linear kind: a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

fn run(path: &str) -> bool {
    let column = serde_json::json!({"name": "c", "path": path, "collection": true});
    let view = serde_json::json!({"resource": "Patient", "select": [{"column": [column]}]});
    let Ok(view) = ViewDefinition::parse(&view.to_string()) else {
        return false;
    };
    view.rows(&json::parse(RESOURCE.as_bytes()).unwrap())
        .is_ok()
}

#[test]
fn b9_random_words_never_panic() {
    let mut random = Random(7);
    let mut answered = 0;
    for _ in 0..20_000 {
        let length = 1 + random.below(9);
        let words: Vec<&str> = (0..length)
            .map(|_| WORDS[random.below(WORDS.len())])
            .collect();
        answered += usize::from(run(&words.concat())) + usize::from(run(&words.join(" ")));
    }
    // Enough of them are expressions for this to say something.
    assert!(answered > 700, "{answered}");
}

const VALUES: &[&str] = &[
    "{}",
    "true",
    "1",
    "0",
    "-0.5",
    "99999999999999999999999999999999999",
    "'a'",
    "@2020",
    "@2020T",
    "@T10",
    "@2020-01-01T00:00:00Z",
    "1 'mg'",
    "2 years",
    "name",
    "x",
    "x[4]",
    "x[5]",
    "birthDate",
    "deceased",
    "value",
    "id",
    "name.given[1]",
    "name.period.end",
    "valueQuantity.value",
    "$index",
];

const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "div", "mod", "&", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "|", "and",
    "or", "xor", "implies", "in", "contains",
];

#[test]
fn b9_random_bytes_are_no_json_or_are() {
    let mut random = Random(11);
    let marks = b"{}[]\",:0123eE.-+tfn \\u\xc3\xa9\x00";
    for _ in 0..20_000 {
        let length = random.below(40);
        let bytes: Vec<u8> = (0..length)
            .map(|_| marks[random.below(marks.len())])
            .collect();
        let _ = json::parse(&bytes);
    }
}

#[test]
fn b9_every_operator_meets_every_value() {
    let mut answered = 0;
    for left in VALUES {
        for operator in OPERATORS {
            for right in VALUES {
                answered += usize::from(run(&format!("{left} {operator} {right}")));
            }
        }
    }
    assert!(answered > 3000, "{answered}");
}
