//! How fast simple resources are read: run with
//! `cargo test --release --test speed -- --ignored --nocapture`.

#![allow(clippy::unwrap_used)]

use medveil_sql_on_fhir::{ViewDefinition, json};
use std::time::Instant;

const VIEW: &str = r#"{"resource": "Observation",
    "constant": [{"name": "code", "valueCode": "8480-6"}],
    "where": [{"path": "code.coding.exists(system = 'http://loinc.org' and code = %code)"}],
    "select": [{"column": [
        {"name": "id", "path": "getResourceKey()", "type": "id"},
        {"name": "patient", "path": "subject.getReferenceKey(Patient)", "type": "id"},
        {"name": "status", "path": "status", "type": "code"},
        {"name": "at", "path": "effective.ofType(dateTime)", "type": "dateTime"},
        {"name": "value", "path": "value.ofType(Quantity).value", "type": "decimal"},
        {"name": "unit", "path": "value.ofType(Quantity).code", "type": "code"}]},
      {"forEachOrNull": "category.coding", "column": [
        {"name": "category", "path": "code", "type": "code"}]}]}"#;

const RESOURCE: &str = r#"{"resourceType": "Observation", "id": "o1", "status": "final",
    "category": [{"coding": [{"system": "http://x", "code": "vital-signs"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6", "display": "Systolic"}]},
    "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2021-03-04T05:06:07Z",
    "valueQuantity": {"value": 120.5, "unit": "mmHg", "system": "http://unitsofmeasure.org",
        "code": "mm[Hg]"}}"#;

#[test]
#[ignore = "a measurement"]
fn simple_resources_a_second() {
    let view = ViewDefinition::parse(VIEW).unwrap();
    let node = json::parse(RESOURCE.as_bytes()).unwrap();
    assert_eq!(view.rows(&node).unwrap().len(), 1);
    let n = 200_000;
    let start = Instant::now();
    let rows: usize = (0..n).map(|_| view.rows(&node).unwrap().len()).sum();
    let alone = f64::from(n) / start.elapsed().as_secs_f64();
    let start = Instant::now();
    let read = |_| {
        view.rows(&json::parse(RESOURCE.as_bytes()).unwrap())
            .unwrap()
            .len()
    };
    let again: usize = (0..n).map(read).sum();
    let parsed = f64::from(n) / start.elapsed().as_secs_f64();
    println!("{alone:.0} resources a second; {parsed:.0} with reading their JSON");
    assert_eq!(rows, again);
}
