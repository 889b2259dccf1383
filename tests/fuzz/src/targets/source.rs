//! A hospital's files: CSV, FHIR Bundles, NDJSON, folders of them; and schemas that say where
//! columns come from.

use crate::fixture::scratch;
use crate::target::{Form, Reading, Target, parts, text};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::Schema;
use medveil_source::{
    Cohort, Input, Limits, PseudonymKey, SourceError, Views, default_fhir_schema, read_source,
};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("csv", Form::Text, csv).with_words(CSV),
    Target::new("csv_schema", Form::Json, csv_schema).with_words(SOURCES),
    Target::new("fhir_bundle", Form::Json, fhir_bundle).with_words(FHIR),
    Target::new("fhir_lines", Form::Text, fhir_lines).with_words(FHIR),
    Target::new("fhir_folder", Form::Borsh, fhir_folder).with_words(FHIR),
    Target::new("fhir_schema", Form::Json, fhir_schema).with_words(SOURCES),
];

const CSV: &[&str] = &[
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "\r\n",
    "\n",
    "\u{feff}",
    "p1",
    "40",
    "female",
    "7,2",
    "7.2",
    "31.12.2024",
    "2024-12-31",
    "12/31/2024",
    "true",
    "yes",
    "-",
    "1e3",
    "0x1F",
    "\u{0}",
    "sep=;\n",
];

const FHIR: &[&str] = &[
    "resourceType",
    "Bundle",
    "Patient",
    "Observation",
    "Condition",
    "Encounter",
    "Consent",
    "Parameters",
    "entry",
    "fullUrl",
    "resource",
    "subject",
    "reference",
    "urn:uuid:p1",
    "Patient/p1",
    "https://s/fhir/Patient/p1/_history/2",
    "code",
    "coding",
    "valueQuantity",
    "effectiveDateTime",
    "2024",
    "2024-02-30",
    "2024-01-01T25:61:61.5+14:00",
    "contained",
    "#x",
    "status",
    "entered-in-error",
    "link",
    "replaced-by",
    "identifier",
    "searchset",
    "history",
    "{\"resourceType\":\"Patient\",\"id\":\"p9\"}",
    "$serde_json::private::Number",
];

const SOURCES: &[&str] = &[
    "header",
    "date",
    "date_header",
    "dates",
    "dmy",
    "mdy",
    "map",
    "missing",
    "on_bad",
    "refuse",
    "drop",
    "exclude",
    "unit",
    "resource",
    "path",
    "codes",
    "code_path",
    "where",
    "false_if",
    "age_on",
    "from",
    "to",
    "round",
    "null",
    "partial",
    "middle",
    "decimal",
    "comma",
    "2999-12-31",
    "component.where(code='http://loinc.org|8480-6').value | value",
    "value.ofType(Quantity)",
    "a.b.c[0]",
    "mmol/mol*0.09148+2.152",
    "status=finished,in-progress",
    "| | |",
    "*1e308",
];

/// Small limits, so that they are met too.
const LIMITS: Limits = Limits {
    json_bytes: 1 << 20,
    stream_bytes: 1 << 20,
    line_bytes: 1 << 16,
};

pub(super) fn read(path: &Path, schema: &Schema) -> Result<Cohort, SourceError> {
    static KEY: LazyLock<PseudonymKey> =
        LazyLock::new(|| PseudonymKey::derive(&[7; 32], LineageId::new(Felt::from_u64(1))));
    static VIEWS: LazyLock<Views> =
        LazyLock::new(|| Views::shipped().expect("the views that ship"));
    let input = Input {
        path,
        views: &VIEWS,
        today: 20_454,
        gather: false,
    };
    let cohort = read_source(&input, schema, &KEY, &LIMITS, &mut |_| {})?;
    assert!(cohort.subjects() <= cohort.rows.len());
    for row in cohort.rows.iter() {
        let cells = row
            .to_cells(schema)
            .expect("a row that was read fits its schema");
        let again = medveil_source::Row::from_cells(&cells, schema);
        let (again, spoiled) = again.expect("cells of a row");
        assert!(
            again.cells == row.cells && spoiled.is_empty(),
            "cells and back"
        );
        for (column, value) in schema.columns().iter().zip(&row.cells) {
            let _ = value.map(|value| medveil_source::print_value(column, value));
        }
    }
    Ok(cohort)
}

pub(super) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = scratch("source").join(name);
    std::fs::write(&path, bytes).expect("a file");
    path
}

pub(super) fn schema_of(text: &str) -> Schema {
    Schema::from_json(text).expect("a valid schema")
}

/// A schema that uses most of what a CSV column may say.
pub const CSV_SCHEMA: &str = r#"{"format":"medveil-schema-1","rows":"per_subject","columns":[
 {"name":"age","type":"int","min":-5,"max":120,"source":{"on_bad":"drop"}},
 {"name":"sex","type":"code","codes":["female","male"],"rule":"first","source":{"map":"f=female; m=male","on_bad":"drop"}},
 {"name":"hba1c","type":"decimal","scale":1,"min":3,"max":20,"rule":"max","source":{"on_bad":"drop","date_header":"seen"}},
 {"name":"seen","type":"day","min":"1950-01-01","max":"2049-12-31","rule":"last","source":{"on_bad":"drop"}},
 {"name":"t2dm","type":"flag","source":{"missing":"false","on_bad":"drop"}}]}"#;

fn csv(input: &[u8]) -> Reading {
    static SCHEMAS: LazyLock<[Schema; 2]> = LazyLock::new(|| {
        let one_a_record = CSV_SCHEMA.replace("per_subject", "per_record");
        let one_a_record = one_a_record.replace(",\"date_header\":\"seen\"", "");
        [schema_of(CSV_SCHEMA), schema_of(&one_a_record)]
    });
    let path = file("data.csv", input);
    let _ = read(&path, &SCHEMAS[1]);
    Reading::of(read(&path, &SCHEMAS[0]))
}

const TABLE: &[u8] = b"patient_id,age,sex,hba1c,seen,t2dm\np1,40,female,7.2,2024-01-31,true\n\
    p1,41,f,6.9,2023-01-31,\np2,-3,male,,,no\np3,x,\"a, \"\"b\",1e3,31.12.2024,maybe\n";

fn csv_schema(input: &[u8]) -> Reading {
    static PATH: LazyLock<PathBuf> = LazyLock::new(|| file("fixed.csv", TABLE));
    schema(input, &PATH)
}

fn schema(input: &[u8], path: &Path) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match Schema::from_json(text) {
        Ok(schema) => Reading::of(read(path, &schema)),
        Err(problems) => Reading::refused(problems),
    }
}

/// Two people with what the default schema asks about.
pub const BUNDLE: &str = include_str!("source/bundle.json");

fn fhir_schema(input: &[u8]) -> Reading {
    static PATH: LazyLock<PathBuf> = LazyLock::new(|| file("fixed.json", BUNDLE.as_bytes()));
    schema(input, &PATH)
}

static FHIR_SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| default_fhir_schema().expect("the schema that ships"));

fn fhir_bundle(input: &[u8]) -> Reading {
    Reading::of(read(&file("bundle.json", input), &FHIR_SCHEMA))
}

fn fhir_lines(input: &[u8]) -> Reading {
    Reading::of(read(&file("lines.ndjson", input), &FHIR_SCHEMA))
}

/// A Bundle of a length, another of a length, and lines, in one folder.
fn fhir_folder(input: &[u8]) -> Reading {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| scratch("source/folder"));
    let [one, two, lines] = parts(input);
    for (name, bytes) in [("1.json", one), ("2.json", two), ("3.ndjson", lines)] {
        std::fs::write(FOLDER.join(name), bytes).expect("a file");
    }
    Reading::of(read(&FOLDER, &FHIR_SCHEMA))
}
