//! Values of FHIR that are not there but for an extension, and elements that stand in several forms.
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::Schema;
use medveil_source::{
    Cohort, Input, Limits, PseudonymKey, Views, default_fhir_schema, print_value, read_source,
};
use std::path::Path;

/// 2026-11-29.
const TODAY: i32 = 20_786;
const P: &str = r#"{"resourceType":"Patient","id":"p","gender":"female","birthDate":"1970-03-10"}"#;
const UNKNOWN: &str = r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#;

fn read(lines: &[&str], views: Option<&str>, schema: &Schema) -> Cohort {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("all.ndjson"), lines.join("\n")).unwrap();
    let views = match views {
        None => Views::shipped().unwrap(),
        Some(view) => {
            let file = folder.path().join("view.json");
            std::fs::write(&file, view).unwrap();
            Views::read(Path::new(&file)).unwrap()
        }
    };
    let input = Input {
        path: &data,
        views: &views,
        today: TODAY,
        gather: false,
    };
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    read_source(&input, schema, &key, &Limits::DEFAULT, &mut |_| {}).unwrap()
}

/// The one person's cell of a column, and the reasons that were counted for it.
fn cell(lines: &[&str], column: &str) -> (String, Vec<String>) {
    let schema = default_fhir_schema().unwrap();
    let cohort = read(lines, None, &schema);
    let (at, own) = schema.column(column).unwrap();
    assert_eq!(cohort.rows.len(), 1);
    let value = cohort.rows.get(0).unwrap().cells[at];
    let reasons = cohort.counts.iter();
    let reasons = reasons.filter(|count| count.column.as_deref() == Some(column));
    (
        value
            .map(|value| print_value(own, value))
            .unwrap_or_default(),
        reasons.map(|count| count.reason.clone()).collect(),
    )
}

fn resource(kind: &str, fields: &str) -> String {
    format!(
        r#"{{"resourceType":"{kind}","status":"final","subject":{{"reference":"Patient/p"}},{fields}}}"#
    )
}

fn hba1c(value: &str, fields: &str) -> String {
    let code = r#""code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]}"#;
    let value = format!(
        r#""valueQuantity":{{"value":{value},"system":"http://unitsofmeasure.org","code":"%"}}"#
    );
    resource("Observation", &format!("{code},{value},{fields}"))
}

/// Two values, of which the other has the date 2025-02-01: whose time is later?
fn latest(fields: &str) -> String {
    let other = hba1c("6", r#""effectiveDateTime":"2025-02-01""#);
    cell(&[P, &other, &hba1c("7", fields)], "hba1c").0
}

#[test]
fn b7_where_a_time_has_extensions_only_the_next_counts() {
    let (early, late) = (
        r#""issued":"2025-01-01T08:00:00Z""#,
        r#""issued":"2025-03-01T08:00:00Z""#,
    );
    for absent in [
        format!(r#""_effectiveDateTime":{UNKNOWN}"#),
        format!(r#""_effectiveInstant":{UNKNOWN}"#),
        format!(r#""effectivePeriod":{{"_start":{UNKNOWN},"_end":{UNKNOWN}}}"#),
        r#""effectivePeriod":{"extension":[{"url":"x"}]}"#.to_owned(),
        format!(r#""effectiveTiming":{{"event":[null],"_event":[{UNKNOWN}]}}"#),
        r#""effectiveTiming":{"code":{"text":"daily"}}"#.to_owned(),
        r#""effectiveTiming":{"repeat":{"boundsDuration":{"value":3}}}"#.to_owned(),
        format!(r#""effectiveTiming":{{"repeat":{{"boundsPeriod":{{"_end":{UNKNOWN}}}}}}}"#),
    ] {
        assert_eq!(latest(&format!("{absent},{late}")), "7.0", "{absent}");
        assert_eq!(latest(&format!("{absent},{early}")), "6.0", "{absent}");
        // Nothing tells when: it may be the last.
        assert_eq!(latest(&absent), "", "{absent}");
    }
    let ended = format!(r#""effectivePeriod":{{"start":"2025-03-01","_end":{UNKNOWN}}},{early}"#);
    assert_eq!(latest(&ended), "7.0");
    // Of two events one is of no known time: no value, and no older one.
    let events =
        format!(r#""effectiveTiming":{{"event":["2025-03-01",null],"_event":[null,{UNKNOWN}]}}"#);
    assert_eq!(latest(&events), "");
}

#[test]
fn b7_a_timing_without_events_has_the_time_of_its_bounds() {
    for (bounds, expected) in [
        (r#"{"start":"2025-01-01","end":"2025-03-01"}"#, "7.0"),
        (r#"{"start":"2025-03-01"}"#, "7.0"),
        (r#"{"end":"2025-03-01"}"#, "7.0"),
        (r#"{"start":"2024-01-01","end":"2025-01-01"}"#, "6.0"),
        (r#"{"start":"2025-01-01"}"#, "6.0"),
    ] {
        let timing = |more: &str| {
            format!(
                r#""effectiveTiming":{{{more}"repeat":{{"boundsPeriod":{bounds}}}}},"issued":"2025-02-10T00:00:00Z""#
            )
        };
        assert_eq!(latest(&timing("")), expected, "{bounds}");
        assert_eq!(latest(&timing(r#""event":["2025-04-01"],"#)), "7.0");
        assert_eq!(latest(&timing(r#""event":["2024-04-01"],"#)), "6.0");
    }
}

#[test]
fn b7_codes_and_units_with_extensions_only_are_not_there() {
    let quantity = |unit: &str| {
        let fields = format!(r#""valueQuantity":{{"value":7,{unit}}}"#);
        let code = r#""code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]}"#;
        cell(
            &[P, &resource("Observation", &format!("{code},{fields}"))],
            "hba1c",
        )
        .0
    };
    assert_eq!(quantity(&format!(r#""unit":"%","_code":{UNKNOWN}"#)), "7.0");
    assert_eq!(
        quantity(&format!(r#""_unit":{UNKNOWN},"_code":{UNKNOWN}"#)),
        ""
    );
    let schema = r#"{"format":"medveil-schema-1","rows":"per_record","columns":[
        {"name":"code","type":"code","codes":["http://loinc.org|2","http://snomed.info/sct|3"],
         "source":{"table":"observations"}},
        {"name":"finding","type":"code","codes":["http://snomed.info/sct|3"],"source":{"table":"observations"}}]}"#;
    let coding = |name: &str, system: &str| {
        let coding = |code: &str| format!(r#"{{"system":"{system}",{code}}}"#);
        let (masked, known) = (format!(r#""_code":{UNKNOWN}"#), r#""code":"3""#);
        format!(
            r#""{name}":{{"coding":[{},{}]}}"#,
            coding(&masked),
            coding(known)
        )
    };
    let (code, value) = ("http://snomed.info/sct", "http://snomed.info/sct");
    let fields = format!(
        "{},{}",
        coding("code", code),
        coding("valueCodeableConcept", value)
    );
    let schema = Schema::from_json(schema).unwrap();
    let cohort = read(&[P, &resource("Observation", &fields)], None, &schema);
    let row = cohort.rows.get(0).unwrap();
    let cells: Vec<i64> = row
        .cells
        .iter()
        .filter_map(|c| c.map(|v| v.to_integer()))
        .collect();
    assert_eq!(cells, [1, 0]);
}

#[test]
fn b7_an_element_of_several_forms_is_no_value_and_counted() {
    let forms = "expected one form";
    let counted = |lines: &[&str], column: &str, expected: &str| {
        let (value, reasons) = cell(lines, column);
        assert_eq!(value, expected, "{column} {lines:?}");
        let has = reasons.iter().any(|reason| reason.contains(forms));
        assert!(has, "{column} {reasons:?} {lines:?}");
    };
    let old = hba1c("6", r#""effectiveDateTime":"2024-01-01""#);
    for other in [
        r#""valueString":"9 %""#,
        r#""valueInteger":7"#,
        r#""valueCodeableConcept":{"text":"high"}"#,
        r#""valueRange":{"low":{"value":7}}"#,
        r#""valueBoolean":true"#,
        &format!(r#""_valueString":{UNKNOWN}"#),
    ] {
        for (when, expected) in [("2025-01-01", ""), ("2023-01-01", "6.0")] {
            let both = hba1c("7", &format!(r#"{other},"effectiveDateTime":"{when}""#));
            counted(&[P, &both, &old], "hba1c", expected);
            counted(&[P, &old, &both], "hba1c", expected);
        }
    }
    // When it was nobody can tell: it may be the last.
    for other in [
        r#""effectiveDateTime":"2025-01-01","effectivePeriod":{"start":"2025-01-01"}"#,
        r#""effectiveInstant":"2025-01-01T10:00:00Z","effectiveTiming":{"event":["2025-01-01"]}"#,
        r#""effectiveDateTime":"2025-01-01","effectiveInstant":"2025-01-01T10:00:00Z""#,
    ] {
        let both = hba1c("7", other);
        counted(&[P, &both, &old], "hba1c", "");
        counted(&[P, &both], "hba1c", "");
    }
    let code = r#""code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"E11.9"}]}"#;
    let both = r#""onsetDateTime":"2020-01-01","onsetString":"long ago""#;
    let condition =
        resource("Condition", &format!("{code},{both}")).replace(r#""status":"final","#, "");
    counted(&[P, &condition], "has_t2dm", "");
    let pressure = r#""code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"component":[{"code":{"coding":[
        {"system":"http://loinc.org","code":"8480-6"}]},"valueString":"x","valueQuantity":{"value":120,"unit":"mmHg"}}]"#;
    counted(
        &[P, &resource("Observation", &pressure.replace('\n', ""))],
        "systolic",
        "",
    );
}

#[test]
fn b7_who_is_dead_and_is_not_has_no_age() {
    for both in [
        r#""deceasedBoolean":false,"deceasedDateTime":"2020-01-01""#,
        r#""deceasedBoolean":true,"deceasedDateTime":"2020-01-01""#,
        &format!(r#""deceasedBoolean":false,"_deceasedDateTime":{UNKNOWN}"#),
    ] {
        let patient = P.replace(r#""gender""#, &format!(r#"{both},"gender""#));
        let (age, reasons) = cell(&[&patient], "age");
        assert_eq!((age.as_str(), reasons.len()), ("", 1), "{both} {reasons:?}");
        assert_eq!(cell(&[&patient], "sex").0, "female");
    }
}

#[test]
fn b7_a_view_of_ones_own_reads_no_element_of_several_forms() {
    let schema = |missing: &str| {
        let schema = format!(
            r#"{{"format":"medveil-schema-1","columns":[{{"name":"twin","type":"flag","rule":"any",
            "source":{{"table":"births"{missing}}}}}]}}"#
        );
        Schema::from_json(&schema).unwrap()
    };
    let view = |path: &str, more: &str| {
        format!(
            r#"{{"resourceType":"ViewDefinition","name":"births","status":"active","resource":"Patient",{more}
            "select":[{{"column":[{{"name":"twin","path":"{path}","type":"boolean"}}]}}]}}"#
        )
    };
    let both = P.replace(
        r#""gender""#,
        r#""multipleBirthBoolean":false,"multipleBirthInteger":2,"gender""#,
    );
    for (path, more) in [
        ("multipleBirth.ofType(boolean)", ""),
        ("multipleBirthBoolean", ""),
        ("multipleBirth.ofType(integer) > 1", ""),
        (
            "true",
            r#""where":[{"path":"multipleBirth.ofType(boolean)"}],"#,
        ),
    ] {
        let cohort = read(
            &[&both],
            Some(&view(path, more)),
            &schema(r#","missing":"false""#),
        );
        assert!(cohort.rows.get(0).unwrap().cells[0].is_none(), "{path}");
        let has = |count: &medveil_source::DropCount| count.reason.contains("expected one form");
        assert!(cohort.counts.iter().any(has), "{path} {:?}", cohort.counts);
    }
}
