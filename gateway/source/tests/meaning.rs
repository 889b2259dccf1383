//! What FHIR resources mean, column by column of the schema that ships: what counts, what is NULL,
//! and what may be FALSE.
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_source::{
    Cohort, Input, Limits, PseudonymKey, SourceError, Views, default_fhir_schema, print_value,
    read_source,
};

/// 2026-11-29.
const TODAY: i32 = 20_786;
const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const ICD: &str = "http://hl7.org/fhir/sid/icd-10";
const P: &str = r#"{"resourceType":"Patient","id":"p","gender":"female","birthDate":"1970-03-10"}"#;
const Q: &str = r#"{"resourceType":"Patient","id":"q","gender":"male","birthDate":"1980-03-10"}"#;

fn read(lines: &[&str]) -> Result<Cohort, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("all.ndjson"), lines.join("\n")).unwrap();
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().unwrap();
    let input = Input {
        path: folder.path(),
        views: &views,
        today: TODAY,
        gather: false,
    };
    let schema = default_fhir_schema().unwrap();
    read_source(&input, &schema, &key, &Limits::DEFAULT, &mut |_| {})
}

/// A column of the person of that age.
fn value(lines: &[&str], age: &str, column: &str) -> String {
    let schema = default_fhir_schema().unwrap();
    let cohort = read(lines).unwrap();
    let cell = |row: &medveil_source::Row, name: &str| {
        let (at, column) = schema.column(name).unwrap();
        let value = row.cells[at].map(|value| print_value(column, value));
        value.unwrap_or_default()
    };
    let row = cohort.rows.iter().find(|row| cell(row, "age") == age);
    cell(&row.expect("a person of that age"), column)
}

fn is(column: &str, expected: &str, resources: &[String]) {
    let lines: Vec<&str> = std::iter::once(P)
        .chain(resources.iter().map(String::as_str))
        .collect();
    assert_eq!(
        value(&lines, "55", column),
        expected,
        "{column} {resources:?}"
    );
}

fn concept(codings: &[(&str, &str)]) -> String {
    let coding = |(system, code): &(&str, &str)| {
        let (code, display) = code.split_once('~').unwrap_or((code, ""));
        format!(r#"{{"system":"{system}","code":"{code}","display":"{display}"}}"#)
    };
    let codings: Vec<String> = codings.iter().map(coding).collect();
    format!(r#"{{"coding":[{}]}}"#, codings.join(",")).replace(r#","display":"""#, "")
}

/// A final observation of a LOINC code, at a time, with whatever more.
fn observation(code: &str, when: &str, more: &str) -> String {
    let code = concept(&[(LOINC, code)]);
    let text = format!(
        r#"{{"resourceType":"Observation","status":"final","subject":{{"reference":"Patient/p"}},"code":{code},"effectiveDateTime":"{when}",{more}}}"#
    );
    match more.contains(r#""status""#) {
        true => text.replacen(r#""status":"final","#, "", 1),
        false => text,
    }
}

fn quantity(value: &str, unit: &str) -> String {
    let ucum = "http://unitsofmeasure.org";
    format!(
        r#""valueQuantity":{{"value":{value},"unit":"{unit}","system":"{ucum}","code":"{unit}"}}"#
    )
}

fn hba1c(value: &str, when: &str) -> String {
    observation("4548-4", when, &quantity(value, "%"))
}

fn condition(codings: &[(&str, &str)], more: &str) -> String {
    let code = concept(codings);
    format!(
        r#"{{"resourceType":"Condition","subject":{{"reference":"Patient/p"}},"code":{code}{more}}}"#
    )
}

fn encounter(subject: &str, status: &str) -> String {
    format!(
        r#"{{"resourceType":"Encounter","status":"{status}","subject":{{"reference":"Patient/{subject}"}}}}"#
    )
}

#[test]
fn b7_an_older_value_does_not_stand_in_for_a_newer_of_another_form() {
    let old = hba1c("6.0", "2024-01-01");
    for newer in [
        r#""valueString":"9.1 %""#,
        r#""valueRange":{"low":{"value":7}}"#,
        r#""valueRatio":{"numerator":{"value":7}}"#,
        r#""valueInteger":9"#,
        r#""dataAbsentReason":{"text":"broken"}"#,
        &quantity("9", "%").replace("}", r#","_comparator":{"extension":[{"url":"x"}]}}"#),
        r#""valueQuantity":{"value":9}"#,
        r#""valueQuantity":{"value":9,"code":"%"}"#,
        &format!(r#""status":"unknown",{}"#, quantity("9", "%")),
        &format!(
            r#""modifierExtension":[{{"url":"x"}}],{}"#,
            quantity("9", "%")
        ),
    ] {
        let newer = |when| observation("4548-4", when, newer);
        is("hba1c", "", &[old.clone(), newer("2025-01-01")]);
        is("hba1c", "", &[newer("2025-01-01")]);
        is("hba1c", "6.0", &[old.clone(), newer("2023-01-01")]);
        let other = newer("2025-01-01").replace("4548-4", "2345-7");
        is("hba1c", "6.0", &[old.clone(), other]);
    }
    let component = |value: &str, when| {
        let code = concept(&[(LOINC, "8480-6")]);
        let component = format!(r#""component":[{{"code":{code},{value}}}]"#);
        observation("85354-9", when, &component)
    };
    let pressure = component(&quantity("120", "mm[Hg]"), "2024-01-01");
    is("systolic", "120", std::slice::from_ref(&pressure));
    let newer = component(r#""valueString":"140""#, "2025-01-01");
    is("systolic", "", &[pressure, newer]);
}

#[test]
fn b7_times_order_only_where_they_tell() {
    for (six, seven, expected) in [
        ("2025-01-02", "2025-01-02T08:00:00Z", ""),
        ("2025-01-02T08:00:00Z", "2025-01-02", ""),
        ("2025-01-01T23:30:00-05:00", "2025-01-02", "7.0"),
        ("2025-01-02T00:30:00+02:00", "2025-01-01T23:30:00Z", "7.0"),
        ("2025-01-01T10:00:00Z", "2025-01-01T11:00:00+01:00", ""),
        ("2023", "2024-05-01", "7.0"),
        ("2024-05-01", "2024", ""),
    ] {
        let (six, seven) = (hba1c("6", six), hba1c("7", seven));
        is("hba1c", expected, &[six.clone(), seven.clone()]);
        is("hba1c", expected, &[seven, six]);
    }
    for events in [
        r#""2025-01-01","2025-03-01""#,
        r#""2025-03-01","2025-01-01""#,
        r#""2025-01-01","2025-03-01","2025-01-02""#,
        r#""2024-01-01","2024-01-02","2025-03-01","2025-01-02""#,
    ] {
        let timing = format!(r#""effectiveTiming":{{"event":[{events}]}},"#);
        let seven = hba1c("7", "x").replace(r#""effectiveDateTime":"x","#, &timing);
        is("hba1c", "7.0", &[hba1c("6", "2025-02-01"), seven]);
    }
    // Which of the events is the latest nobody can tell: no value, and no older one.
    let timing = r#""effectiveTiming":{"event":["2025","2025-03-01"]},"#;
    let seven = hba1c("7", "x").replace(r#""effectiveDateTime":"x","#, timing);
    is("hba1c", "", &[hba1c("6", "2024-02-01"), seven]);
    // What has no time that can be read is not the latest, and no older one stands in for it.
    let timed = |time: &str| hba1c("9", "x").replace(r#""effectiveDateTime":"x","#, time);
    let mut others: Vec<String> = [
        "2025-13-01",
        "2024-02-30",
        "01.02.2025",
        "2025-01-01T24:00:00Z",
        "soon",
    ]
    .iter()
    .map(|date| hba1c("9", date))
    .collect();
    others.extend(
        [
            "",
            r#""effectivePeriod":{"extension":[{"url":"https://x.example","valueString":"?"}]},"#,
            r#""effectiveDateTime":"2025-01-01","effectivePeriod":{"start":"2025-07-01"},"#,
            r#""effectiveTiming":{"code":{"text":"daily"}},"#,
        ]
        .map(timed),
    );
    for other in others {
        let six = hba1c("6", "2024-01-01");
        is("hba1c", "", &[six.clone(), other.clone()]);
        is("hba1c", "", &[other.clone(), six]);
    }
    // Where all are the same, it does not matter which is the last.
    let undated = timed("").replace(r#""value":9"#, r#""value":6"#);
    is("hba1c", "6.0", &[hba1c("6", "2024-01-01"), undated]);
    // What would not count hides nothing, whatever its value is.
    for other in ["2999-01-01", "2027-05-01T10:00:00Z"] {
        let other = hba1c("900", other);
        is("hba1c", "6.0", &[hba1c("6", "2024-01-01"), other]);
    }
    is("hba1c", "7.1", &[hba1c("7.1e0", "2025-01-01")]);
    is("hba1c", "7.1", &[hba1c("0.71E+1", "2025-01-01")]);
}

#[test]
fn b7_what_is_left_out_is_named_by_its_line() {
    let cohort = read(&[P, "", &hba1c("720", "2025-01-01")]).unwrap();
    let first = cohort
        .counts
        .iter()
        .find_map(|count| count.first.as_deref());
    assert!(
        first.is_some_and(|first| first.ends_with("all.ndjson, line 3")),
        "{first:?}"
    );
}

#[test]
fn b7_percent_of_hba1c_is_the_common_one() {
    let of = |code: &str, value: &str, unit: &str| {
        observation(code, "2025-01-01", &quantity(value, unit))
    };
    for (code, value, unit, expected) in [
        ("4548-4", "7", "%", "7.0"),
        ("17856-6", "7", "%", "7.0"),
        ("4548-4", "53", "mmol/mol", "7.0"),
        ("59261-8", "53", "mmol/mol", "7.0"),
        ("59261-8", "5.3", "%", ""),
        ("62388-4", "7", "%", ""),
        ("41995-2", "7", "g/dL", ""),
    ] {
        is("hba1c", expected, &[of(code, value, unit)]);
    }
}

#[test]
fn b7_diagnoses_that_do_not_tell_are_not_false() {
    let t2 = (SNOMED, "44054006");
    let child = |display: &str| format!("237599002~{display}");
    for (code, expected) in [
        ("E11.9", "true"),
        ("e11", "true"),
        ("E11.2-", "true"),
        ("E11-E14", ""),
        ("E11.9-E14.9", ""),
        ("E10-E14", ""),
        ("E00.0-E90.9", ""),
        ("E10.9", "false"),
        ("I10", "false"),
        ("E14.9", ""),
        ("E13", ""),
        ("O24.1", ""),
        ("G63.2", ""),
        ("H36.0*", ""),
        ("N083", ""),
        ("I79.2", ""),
        ("E09.9", ""),
        ("Z79.4", ""),
        ("G63.3", "false"),
        ("unknown", ""),
    ] {
        is("has_t2dm", expected, &[condition(&[(ICD, code)], "")]);
    }
    for display in [
        "Diabetes mellitus",
        "Diabète",
        "диабет",
        "糖尿病",
        "T2D",
        "NIDDM",
        "Insulin treated",
        "Sukkersyge",
        "Sokeritauti",
        "Type II",
        "Type-II",
        "type-2",
        "AODM",
        "Kimmelstiel-Wilson",
        "Sheqer",
        "Madhumeh",
        "MODY",
        "",
    ] {
        is(
            "has_t2dm",
            "",
            &[condition(&[(SNOMED, &child(display))], "")],
        );
    }
    for display in [
        "Viral sinusitis (disorder)",
        "Admission for surgery",
        "Sprain of ankle",
    ] {
        is(
            "has_t2dm",
            "false",
            &[condition(&[(SNOMED, &child(display))], "")],
        );
    }
    is("has_t2dm", "", &[condition(&[t2, (ICD, "E10.9")], "")]);
    is("has_t2dm", "true", &[condition(&[t2, (ICD, "G63.2")], "")]);
    is(
        "has_t2dm",
        "",
        &[condition(&[(ICD, "I10"), (SNOMED, &child("Diabetic"))], "")],
    );
    for onset in ["2015", "2015-06", "2015-06-01", "2026"] {
        let more = format!(r#","onsetDateTime":"{onset}""#);
        is("has_t2dm", "true", &[condition(&[t2], &more)]);
    }
    is(
        "has_t2dm",
        "",
        &[condition(&[t2], r#","onsetDateTime":"2027""#)],
    );
}

#[test]
fn b7_what_nobody_can_tell_leaves_its_own_person_open_and_no_other() {
    let unread = r#","verificationStatus":{"text":"?"}"#;
    let other = condition(&[(ICD, "I10")], "");
    let doubt = condition(&[(SNOMED, "44054006")], unread);
    is("has_t2dm", "", &[other.clone(), doubt.clone()]);
    // What would say FALSE changes nothing.
    let of_little = condition(&[(ICD, "J00")], unread);
    is("has_t2dm", "false", &[other.clone(), of_little]);
    let of_q = doubt.replace("Patient/p", "Patient/q");
    assert_eq!(value(&[P, Q, &other, &of_q], "55", "has_t2dm"), "false");
    assert_eq!(value(&[P, Q, &other, &of_q], "45", "has_t2dm"), "");
    assert_eq!(value(&[P, Q, &of_q], "55", "has_t2dm"), "false");
    // Whose it is nobody knows: it may be anybody's.
    let of_nobody = doubt.replace("Patient/p", "Patient/gone");
    assert_eq!(value(&[P, Q, &of_nobody], "55", "has_t2dm"), "");
    let (planned, unknown) = (encounter("p", "planned"), encounter("q", "unknown"));
    assert_eq!(value(&[P, Q, &planned, &unknown], "55", "in_care"), "false");
    assert_eq!(value(&[P, Q, &planned, &unknown], "45", "in_care"), "");
}

#[test]
fn b7_every_contact_that_began_took_place() {
    for (status, expected) in [
        ("finished", "true"),
        ("in-progress", "true"),
        ("onleave", "true"),
        ("arrived", "true"),
        ("triaged", "true"),
        ("completed", "true"),
        ("discharged", "true"),
        ("on-hold", "true"),
        ("discontinued", "true"),
        ("planned", "false"),
        ("cancelled", "false"),
        ("entered-in-error", "false"),
        ("unknown", ""),
    ] {
        is("in_care", expected, &[encounter("p", status)]);
    }
}

#[test]
fn b7_smoking_is_what_all_codings_say() {
    for (codings, expected) in [
        (&[(SNOMED, "266919005")][..], "never"),
        (&[(LOINC, "LA15920-4"), (SNOMED, "8517006")], "former"),
        (&[("http://local", "x"), (SNOMED, "449868002")], "current"),
        (&[(LOINC, "LA18976-3")], "current"),
        (&[(SNOMED, "266919005"), (SNOMED, "8517006")], ""),
        (&[(LOINC, "LA18978-9"), (SNOMED, "449868002")], ""),
        (&[(SNOMED, "266919005"), (SNOMED, "43381005")], ""),
        (&[(SNOMED, "77176002")], ""),
        (&[(LOINC, "LA18979-7")], ""),
        (&[(SNOMED, "266927001")], ""),
        (&[("http://local", "266919005")], ""),
    ] {
        let value = format!(r#""valueCodeableConcept":{}"#, concept(codings));
        let newest = observation("72166-2", "2025-01-01", &value);
        is("smoking", expected, std::slice::from_ref(&newest));
        let never = r#""valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"266919005"}]}"#;
        let before = observation("72166-2", "2024-01-01", never);
        is("smoking", expected, &[before, newest]);
    }
}

#[test]
fn b7_the_dead_do_not_age_though_nobody_says_when_they_died() {
    let absent = r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#;
    for (more, age) in [
        (r#","deceasedBoolean":false"#.to_owned(), "55"),
        (r#","deceasedDateTime":"2020-03-10""#.to_owned(), "50"),
        (r#","deceasedBoolean":true"#.to_owned(), ""),
        (format!(r#","_deceasedBoolean":{absent}"#), ""),
        (format!(r#","_deceasedDateTime":{absent}"#), ""),
    ] {
        let person = format!("{}{more}}}", P.trim_end_matches('}'));
        assert_eq!(value(&[&person], age, "sex"), "female", "{more}");
    }
}
