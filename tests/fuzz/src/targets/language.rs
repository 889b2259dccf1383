//! What people write: policies, schemas, cohort queries.

use crate::target::{Form, Reading, Target, same_bytes, text};
use medveil_circuits::dataset;
use medveil_circuits::page::Cell;
use medveil_circuits::policy::compile::compile_document;
use medveil_circuits::policy::{self, PolicyDocument, Program};
use medveil_circuits::query::{self, CountUnit};
use medveil_circuits::schema::Schema;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("policy_yaml", Form::Text, policy_yaml).with_words(POLICY),
    Target::new("policy", Form::Json, policy_json).with_words(POLICY),
    Target::new("schema", Form::Json, schema).with_words(SCHEMA),
    Target::new("cohort", Form::Text, cohort).with_words(SQL),
];

const POLICY: &[&str] = &[
    "format: medveil-policy-1\n",
    "dac: {members: [A], quorum: 1}\n",
    "alternatives:",
    "visas:",
    "schema: affiliation",
    "ethics",
    "eq",
    "in",
    "not_in",
    "range",
    "at_least",
    "at_most",
    "descends_from",
    "subset",
    "superset",
    "exists",
    "$request.study",
    "$request.disease",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "|\n",
    ">-\n",
    "---\n",
    "? ",
    ": ",
    "- ",
    "E11.9",
    "IV",
    "DUO:0000042",
    "GRU",
    "2026-01-31",
    "disease",
    "conditions",
    "institution",
    "region",
];

const SCHEMA: &[&str] = &[
    "medveil-schema-1",
    "per_subject",
    "per_record",
    "int",
    "code",
    "day",
    "decimal",
    "flag",
    "min",
    "max",
    "scale",
    "codes",
    "rule",
    "source",
    "group",
    "identifier",
    "quasi_identifier",
    "inclusion_criterion",
    "first",
    "last",
    "count",
    "1800-01-01",
    "2999-12-31",
];

const SQL: &[&str] = &[
    " AND ",
    " OR ",
    " NOT ",
    " BETWEEN ",
    " IN (",
    " IS NULL",
    " IS NOT NULL",
    "TRUE",
    "FALSE",
    "(",
    ")",
    "age",
    "sex",
    "hba1c",
    "seen",
    "t2dm",
    "= 'female'",
    "DATE '2020-02-30'",
    " <> ",
    "<=",
    "-",
    "--",
    "/*",
    "0.1",
    "1e9",
    "''",
    "'",
    "\"",
    "NULL",
    "::int",
    " ESCAPE ",
    " LIKE ",
    "CASE WHEN ",
    "99999999999999999999999999",
    ".5",
    "5.",
    "0x10",
];

fn check_compiled(program: &Program) {
    let explanation = program.explain(&[]);
    assert!(!explanation.lines.is_empty(), "a policy has words");
    let _ = (program.root(), program.hashes(), program.period_days());
}

fn policy_yaml(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    let document = match PolicyDocument::from_yaml(text) {
        Ok(document) => document,
        Err(error) => return Reading::refused(error),
    };
    let canonical = document.to_canonical();
    let again = PolicyDocument::from_canonical(&canonical);
    assert_eq!(
        again.as_ref(),
        Ok(&document),
        "the canonical form is read back"
    );
    match compile_document(document) {
        Ok(program) => {
            check_compiled(&program);
            let other = policy::compile(&canonical).map(|p| p.root());
            assert_eq!(
                other,
                Ok(program.root()),
                "both forms compile to one program"
            );
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn policy_json(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match policy::compile(text) {
        Ok(program) => {
            same_bytes(
                "policy",
                input,
                program.document().to_canonical().as_bytes(),
            );
            check_compiled(&program);
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn schema(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    let schema = match Schema::from_json(text) {
        Ok(schema) => schema,
        Err(problems) => return Reading::refused(problems),
    };
    let canonical = schema.to_canonical();
    let again = Schema::from_canonical(&canonical);
    assert_eq!(
        again.as_ref(),
        Ok(&schema),
        "the canonical form is read back"
    );
    let _ = (
        schema.hash(),
        schema.slots().len(),
        dataset::layout(&schema),
    );
    for (i, column) in schema.columns().iter().enumerate() {
        let _ = (column.bits(), column.limbs(), column.span());
        let _ = dataset::column_position(&schema, i);
        let (min, max) = column.bounds();
        for value in [min, max] {
            let value = column.value_of(value).expect("a bound is a value");
            let limbs = column.encode(value).expect("a value has limbs");
            assert!(column.decode(&limbs) == Ok(value), "limbs and back");
            let _ = medveil_source::print_value(column, value);
        }
    }
    Reading::Read
}

const COLUMNS: &str = r#"{"format":"medveil-schema-1","columns":[
 {"name":"age","type":"int","min":-5,"max":127},
 {"name":"sex","type":"code","codes":["female","male","it's"]},
 {"name":"seen","type":"day","min":"1950-01-01","max":"2049-12-31"},
 {"name":"t2dm","type":"flag","inclusion_criterion":true},
 {"name":"hba1c","type":"decimal","scale":1,"min":-3,"max":20},
 {"name":"wide","type":"int","min":0,"max":4294967295}]}"#;

fn cohort(input: &[u8]) -> Reading {
    static SCHEMA: LazyLock<Schema> =
        LazyLock::new(|| Schema::from_json(COLUMNS).expect("a valid schema"));
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    let _ = query::compile(text, &SCHEMA, CountUnit::Rows);
    match query::compile(text, &SCHEMA, CountUnit::Subjects) {
        Ok(query) => {
            let _ = (query.hash(), query.spans(&SCHEMA), query.cost());
            let rows =
                [0, 1, 40, (1 << 24) - 1].map(|value| Cell::present(value).unwrap_or_default());
            for cell in rows {
                let _ = query.evaluate(&[cell; 7]);
            }
            let _ = query.evaluate(&[]);
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}
