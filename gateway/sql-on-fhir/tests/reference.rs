//! A second opinion: our answers against those of the npm package `fhirpath`.
//!
//! Needs `node` and, in the folder `FHIRPATH_JS`, `npm install fhirpath`. Without them the test
//! says so and checks nothing. Left out of the table is where the package itself departs from
//! FHIRPath: `1 + '1'` is 2 there, `(1 | 2) ~ (2 | 1)` is false, `toDate()` of a date time is
//! nothing, `%loinc` is not defined, the zeros of 1.50 are lost, and a date time without an offset
//! is put into the time zone of the machine.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use medveil_sql_on_fhir::{Cell, ViewDefinition, json};
use serde_json::{Value, json as value};
use std::io::Write;
use std::process::{Command, Stdio};

const PATIENT: &str = r#"{"resourceType": "Patient", "id": "p1", "active": true, "gender": "male",
  "birthDate": "1970-06-01", "_birthDate": {"id": "b", "extension": [
    {"url": "http://x/time", "valueDateTime": "1970-06-01T10:00:00+02:00"}]},
  "_gender": {"id": "g"},
  "deceasedDateTime": "2020-05",
  "multipleBirthInteger": 2,
  "name": [
    {"use": "official", "family": "Müller", "given": ["Anna", "Maria"],
     "period": {"start": "2000-01-01", "end": "2010"}},
    {"use": "nickname", "given": ["Anni", null], "_given": [null, {"extension": [
      {"url": "http://x/absent", "valueCode": "unknown"}]}]}],
  "telecom": [{"system": "phone", "value": "1", "rank": 2}, {"system": "email", "value": "a@b.c"}],
  "extension": [{"url": "http://x/race", "extension": [
    {"url": "code", "valueCoding": {"code": "c1"}}, {"url": "text", "valueString": "t"}]}],
  "managingOrganization": {"reference": "Organization/o1"},
  "contained": [{"resourceType": "Organization", "id": "o1", "name": "Org"}]}"#;

const OBSERVATION: &str = r#"{"resourceType": "Observation", "id": "o1", "status": "final",
  "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}], "text": "BP"},
  "effectiveDateTime": "2021-03-04T05:06:07.008Z", "issued": "2021-03-04T06:06:07.008+01:00",
  "valueQuantity": {"value": 1.50, "unit": "mg", "system": "http://unitsofmeasure.org",
    "code": "mg"},
  "component": [{"code": {"text": "a"}, "valueQuantity": {"value": 120, "code": "mm[Hg]"}},
    {"code": {"text": "b"}, "valueString": "high"},
    {"code": {"text": "c"}, "valueInteger": 7}]}"#;

/// Expressions on the patient.
const ON_PATIENT: &[&str] = &[
    "id",
    "Patient.id",
    "Observation.id",
    "name.given",
    "name.given.count()",
    "name.family",
    "name[1].given[0]",
    "name[5]",
    "name.first().family",
    "name.last().use",
    "name.tail().use",
    "name.skip(1).use",
    "name.take(1).use",
    "name.given.exists()",
    "name.exists(use = 'official')",
    "name.where(use = 'official').given.join(',')",
    "name.where(family.exists()).use",
    "name.all(given.exists())",
    "name.all(family.exists())",
    "photo.all(url.exists())",
    "photo.empty()",
    "photo.exists()",
    "photo.first().url",
    "{}",
    "{}.count()",
    "{} = {}",
    "birthDate",
    "birthDate = @1970-06-01",
    "birthDate < @1980",
    "birthDate > @1970",
    "birthDate = '1970-06-01'",
    "birthDate > '1970'",
    "birthDate.extension('http://x/time').value",
    "birthDate.id",
    "gender.id",
    "birthDate.hasValue()",
    "birthDate.lowBoundary()",
    "deceased.ofType(dateTime)",
    "deceased.ofType(boolean)",
    "deceased is dateTime",
    "deceased as dateTime",
    "deceased.exists()",
    "deceased > birthDate",
    "deceased > @2020-05-01",
    "multipleBirth.ofType(integer) + 1",
    "multipleBirth is integer",
    "multipleBirth = 2.0",
    "name.period.start < name.period.end",
    "name.period.end < @2010-05",
    "name.given.distinct()",
    "name.select(given.first())",
    "name.given.where($index > 0)",
    "name.given.where($this = 'Anna')",
    "name.given[2].extension('http://x/absent').value",
    "extension('http://x/race').extension('text').value",
    "extension.where(url = 'http://x/race').extension.value.ofType(Coding).code",
    "contained.ofType(Organization).name",
    "contained.ofType(Patient).id",
    "active is boolean",
    "active and {}",
    "active or {}",
    "active implies {}",
    "active.not()",
    "{}.not()",
    "active xor {}",
    "false and {}",
    "'a' and true",
    "active = true",
    "active != true",
    "birth",
    "$this.id",
    "telecom.where(system = 'phone').rank > 1",
    "telecom.rank",
    "telecom.rank > 1",
    "telecom.system | telecom.system",
    "(telecom.system | 'x').count()",
    "telecom.value.single()",
    "'email' in telecom.system",
    "telecom.system contains 'fax'",
    "{} in telecom.system",
    "name.family.length()",
    "name.family.upper()",
    "name.family.lower()",
    "name.family.substring(1, 2)",
    "name.family.substring(9)",
    "name.family.indexOf('l')",
    "name.family.indexOf('z')",
    "name.family.startsWith('M')",
    "name.family.endsWith('x')",
    "name.family.contains('ll')",
    "name.family.matches('^M.*r$')",
    "name.family.matches('ll')",
    "name.family.replace('l', 'L')",
    "name.family.replaceMatches('l+', '-')",
    "'a b'.split(' ')",
    "' a '.trim()",
    "'a' & {} & 'b'",
    "'a' + {}",
    "'a' + 'b'",
    "name.family & '!'",
    "name.given.first() > 'A'",
    "'a' > 1",
    "'a' = 1",
    "'Ab c' ~ 'aB c'",
    "'a  b' ~ 'a b'",
    "1.0 ~ 1",
    "1.0 = 1",
    "1.01 ~ 1.0",
    "0.1 + 0.2 = 0.3",
    "7 div 2",
    "-7 div 2",
    "-7 mod 3",
    "7 / 2",
    "1 / 0",
    "7 mod 0",
    "2 * 3 + 4",
    "2 + 3 * 4",
    "-(3).abs()",
    "(-3.5).abs()",
    "2.5.round(0)",
    "1.25.round(1)",
    "1.1.ceiling()",
    "(-1.1).floor()",
    "(-1.9).truncate()",
    "'12'.toInteger()",
    "'1.5'.toInteger()",
    "'x'.toInteger()",
    "'1.5'.toDecimal()",
    "5.toString()",
    "true.toString()",
    "'yes'.toBoolean()",
    "'maybe'.toBoolean()",
    "'2020-01'.toDate()",
    "'x'.toDate()",
    "birthDate.toString()",
    "@2020 = @2020-01",
    "@2020 < @2021-01",
    "@2020-01-01 != @2020-01-02",
    "@2020-01-01T10:00:00Z = @2020-01-01T12:00:00+02:00",
    "@T10:00 = @T10:00:00",
    "@T10:00 < @T11:00:00",
    "@2020-01-31 + 1 month",
    "@2020-02-29 - 1 year",
    "@2020-12-31 + 1 day",
    "iif(active, 'yes', 'no')",
    "iif({}, 1, 2)",
    "iif(false, 1)",
    "(1 | 2 | 2).count()",
    "(1 | 2) = (1 | 2)",
    "(1 | 2) = (2 | 1)",
    "(1).combine(1).count()",
    "(1 | 2 | 3).intersect(2 | 3)",
    "(1 | 2 | 3).exclude(2)",
    "(1 | 2).subsetOf(1 | 2 | 3)",
    "(1 | 2).supersetOf(3)",
    "(true | false).allTrue()",
    "(true | false).anyTrue()",
    "{}.allTrue()",
    "{}.anyFalse()",
    "1 is Integer",
    "1.0 is Decimal",
    "'a' is String",
    "'a' is System.String",
    "@2020 is Date",
    "@2020T is DateTime",
    "true is Boolean",
    "1.587.lowBoundary(2)",
    "1.587.highBoundary(2)",
    "@2014.lowBoundary()",
    "name.is(HumanName)",
    "'\\u00e9' = 'é'",
    "'it\\'s'",
    "1 | 1.0",
    "name.repeat(given)",
    "name.given.isDistinct()",
    "5 'mg' = 5 'mg'",
    "5 'mg' > 4 'mg'",
];

/// Expressions on the observation.
const ON_OBSERVATION: &[&str] = &[
    "value.ofType(Quantity).value",
    "value.value",
    "value.unit",
    "(value as Quantity).code",
    "value is Quantity",
    "value.ofType(string)",
    "component.value.ofType(Quantity).value",
    "component.value.ofType(string)",
    "component.where(value is Quantity).code.text",
    "component.where(value.ofType(integer) > 5).code.text",
    "component.value.ofType(Quantity).value > 100",
    "value.ofType(Quantity).value * 2",
    "value.ofType(Quantity) > 1 'mg'",
    "value.ofType(Quantity) = 1.5 'mg'",
    "code.coding.where(system = 'http://loinc.org' and code = '8480-6').exists()",
    "effective.ofType(dateTime)",
    "effective > @2021-03-04T05:00:00Z",
    "effective = issued",
    "effective > @2021",
    "effective > @2020",
    "effective.ofType(Period).start",
    "component[2].value + 1",
    "component.value.count()",
    "component.select(value.ofType(Quantity).value | value.ofType(integer))",
    "status in ('final' | 'amended')",
    "component.code.text.where($this > 'a').join('')",
    "value.exists() and status = 'final'",
];

fn questions() -> Vec<(&'static str, &'static str)> {
    let patient = ON_PATIENT.iter().map(|e| (PATIENT, *e));
    patient
        .chain(ON_OBSERVATION.iter().map(|e| (OBSERVATION, *e)))
        .collect()
}

/// The answers of the package, or why there are none.
fn theirs(questions: &[(&str, &str)]) -> Result<Vec<Value>, String> {
    let folder = std::env::var("FHIRPATH_JS").map_err(|_| "FHIRPATH_JS is not set".to_owned())?;
    if !std::path::Path::new(&folder)
        .join("node_modules/fhirpath")
        .is_dir()
    {
        return Err(format!("the package fhirpath is not in {folder}"));
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference.mjs");
    let mut node = Command::new("node");
    node.arg(script)
        .env("FHIRPATH_JS", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut node = node
        .spawn()
        .map_err(|e| format!("node does not start: {e}"))?;
    let mut input = node.stdin.take().unwrap();
    for (resource, expression) in questions {
        let resource: Value = serde_json::from_str(resource).unwrap();
        writeln!(
            input,
            "{}",
            value!({"resource": resource, "expression": expression})
        )
        .unwrap();
    }
    drop(input);
    let output = node.wait_with_output().unwrap().stdout;
    let lines = String::from_utf8(output).unwrap();
    Ok(lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect())
}

fn plain(cell: &Cell) -> Value {
    match cell {
        Cell::Null | Cell::SeveralForms => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Number(text) => value!(text.parse::<f64>().unwrap()),
        Cell::Text(text) | Cell::Date(text) | Cell::DateTime(text) | Cell::Miswritten(text) => {
            value!(text)
        }
        Cell::List(list) => list.iter().map(plain).collect(),
    }
}

/// Our answer in the package's form; refusing the view or the resource is an error.
fn ours(resource: &str, expression: &str) -> Value {
    let of: Value = serde_json::from_str(resource).unwrap();
    let column = value!({"name": "c", "path": expression, "collection": true});
    let view = value!({"resource": of["resourceType"], "select": [{"column": [column]}]});
    let answer = ViewDefinition::parse(&view.to_string())
        .ok()
        .and_then(|view| {
            let rows = view.rows(&json::parse(resource.as_bytes()).unwrap()).ok()?;
            Some(value!({"values": plain(&rows[0][0])}))
        });
    answer.unwrap_or_else(|| value!({"error": true}))
}

/// Numbers as one form: the package computes in binary.
fn uniform(value: &Value) -> Value {
    match value {
        Value::Number(n) => {
            let number: f64 = n.to_string().parse().unwrap();
            value!((number * 1e9).round() / 1e9)
        }
        Value::Array(list) => list.iter().map(uniform).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(n, v)| (n.clone(), uniform(v)))
            .collect(),
        other => other.clone(),
    }
}

#[test]
fn another_implementation_agrees() {
    let questions = questions();
    let theirs = match theirs(&questions) {
        Ok(theirs) => theirs,
        Err(why) => {
            println!("no second opinion: {why}; nothing was checked");
            return;
        }
    };
    assert_eq!(theirs.len(), questions.len());
    let mut differing = Vec::new();
    for ((resource, expression), theirs) in questions.iter().zip(&theirs) {
        let ours = ours(resource, expression);
        if uniform(&ours) != uniform(theirs) {
            differing.push(format!("{expression}: ours {ours}, theirs {theirs}"));
        }
    }
    println!("second opinion on {} expressions", questions.len());
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
