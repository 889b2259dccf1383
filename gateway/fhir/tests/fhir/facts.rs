//! Only what says a thing about this person counts.

use crate::support::{lines, of, patient};
use medveil_fhir::Reason;

fn check(kind: &str, more: &str, expected: Option<Reason>) {
    let resource = of(kind, "x", "Patient/p", more);
    let came = lines(&[&patient("p", ""), &resource]);
    assert_eq!(
        came.has(&format!("{kind}/x")),
        expected.is_none(),
        "{kind} {more}: {:?}",
        came.counts
    );
    if let Some(reason) = expected {
        assert_eq!(
            came.out(kind, reason),
            1,
            "{kind} {more}: {:?}",
            came.counts
        );
    }
}

#[test]
fn b7_every_status_by_the_table() {
    use Reason::*;
    for (kind, field, rows) in [
        (
            "Observation",
            "status",
            &[
                ("final", None),
                ("amended", None),
                ("corrected", None),
                ("preliminary", None),
                ("registered", Some(Planned)),
                ("cancelled", Some(NotDone)),
                ("unknown", Some(StatusUnknown)),
                ("entered-in-error", Some(EnteredInError)),
                ("Final", Some(StatusUnreadable)),
                ("", Some(StatusUnreadable)),
            ][..],
        ),
        (
            "Encounter",
            "status",
            &[
                ("finished", None),
                ("in-progress", None),
                ("completed", None),
                ("discharged", None),
                ("planned", Some(Planned)),
                ("cancelled", Some(NotDone)),
                ("unknown", Some(StatusUnknown)),
            ],
        ),
        (
            "Procedure",
            "status",
            &[
                ("completed", None),
                ("stopped", None),
                ("not-done", Some(NotDone)),
                ("preparation", Some(Planned)),
                ("unknown", Some(StatusUnknown)),
            ],
        ),
        (
            "Immunization",
            "status",
            &[
                ("completed", None),
                ("not-done", Some(NotDone)),
                ("entered-in-error", Some(EnteredInError)),
            ],
        ),
        (
            "MedicationStatement",
            "status",
            &[
                ("active", None),
                ("recorded", None),
                ("not-taken", Some(NotDone)),
                ("intended", Some(Planned)),
                ("draft", Some(Planned)),
            ],
        ),
        (
            "MedicationRequest",
            "status",
            &[
                ("active", None),
                ("ended", None),
                ("cancelled", Some(NotDone)),
                ("draft", Some(Planned)),
            ],
        ),
        (
            "MedicationDispense",
            "status",
            &[
                ("completed", None),
                ("declined", Some(NotDone)),
                ("preparation", Some(Planned)),
            ],
        ),
        (
            "DiagnosticReport",
            "status",
            &[
                ("final", None),
                ("partial", None),
                ("registered", Some(Planned)),
                ("cancelled", Some(NotDone)),
            ],
        ),
        (
            "DocumentReference",
            "status",
            &[("current", None), ("superseded", Some(Replaced))],
        ),
        (
            "Goal",
            "lifecycleStatus",
            &[
                ("active", None),
                ("rejected", Some(NotDone)),
                ("proposed", Some(Planned)),
            ],
        ),
        (
            "Consent",
            "status",
            &[
                ("active", None),
                ("rejected", None),
                ("inactive", None),
                // `consent::read` tells what these are worth.
                ("draft", None),
                ("proposed", None),
                ("entered-in-error", Some(EnteredInError)),
            ],
        ),
    ] {
        for (code, expected) in rows {
            check(kind, &format!(r#","{field}":"{code}""#), *expected);
        }
    }
    check("Encounter", "", Some(StatusUnreadable));
    check(
        "Observation",
        r#","status":["final"]"#,
        Some(StatusUnreadable),
    );
}

#[test]
fn b7_only_confirmed_diagnoses_count() {
    use Reason::*;
    let of_system = |system: &str, code: &str| {
        format!(r#","verificationStatus":{{"coding":[{{"system":"{system}","code":"{code}"}}]}}"#)
    };
    let system = |name: &str| format!("http://terminology.hl7.org/CodeSystem/{name}");
    for (kind, name) in [
        ("Condition", "condition-ver-status"),
        ("AllergyIntolerance", "allergyintolerance-verification"),
    ] {
        let verified = |code: &str| of_system(&system(name), code);
        check(kind, "", None);
        for other in ["http://example.org/status", &system("other")] {
            for code in ["confirmed", "refuted", "entered-in-error"] {
                let reason = Some(VerificationUnreadable);
                check(kind, &of_system(other, code), reason);
            }
        }
        for (code, expected) in [
            ("confirmed", None),
            ("unconfirmed", Some(Provisional)),
            ("refuted", Some(Refuted)),
            ("entered-in-error", Some(EnteredInError)),
            ("perhaps", Some(VerificationUnreadable)),
        ] {
            check(kind, &verified(code), expected);
        }
    }
    let verified = |code: &str| of_system(&system("condition-ver-status"), code);
    for code in ["provisional", "differential"] {
        check("Condition", &verified(code), Some(Provisional));
    }
    let bare = |code: &str| verified(code).replace(r#""system""#, r#""display""#);
    check(
        "Condition",
        &bare("confirmed"),
        Some(VerificationUnreadable),
    );
    check("Condition", &bare("entered-in-error"), Some(EnteredInError));
    check(
        "Condition",
        r#","verificationStatus":{"text":"confirmed"}"#,
        Some(VerificationUnreadable),
    );
    let first = r#""coding":["#;
    let own = system("condition-ver-status");
    let other = format!(r#"{first}{{"system":"{own}","code":"provisional"}},"#);
    let both = verified("confirmed").replace(first, &other);
    check("Condition", &both, Some(Provisional));
    for code in ["active", "inactive", "resolved", "remission"] {
        check(
            "Condition",
            &format!(r#","clinicalStatus":{{"coding":[{{"code":"{code}"}}]}}"#),
            None,
        );
    }
}

#[test]
fn b7_german_certainty_wherever_it_stands() {
    let url = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit";
    for (code, expected) in [
        ("G", None),
        ("V", Some(Reason::CertaintyNotConfirmed)),
        ("A", Some(Reason::CertaintyNotConfirmed)),
        ("Z", Some(Reason::CertaintyNotConfirmed)),
        ("g", Some(Reason::VerificationUnreadable)),
        ("X", Some(Reason::VerificationUnreadable)),
        ("", Some(Reason::VerificationUnreadable)),
    ] {
        for value in [
            format!(r#""valueCoding":{{"code":"{code}"}}"#),
            format!(r#""valueCode":"{code}""#),
            format!(r#""valueCodeableConcept":{{"coding":[{{"code":"{code}"}}]}}"#),
        ] {
            let extension = format!(r#""extension":[{{"url":"{url}",{value}}}]"#);
            check(
                "Condition",
                &format!(r#","code":{{"coding":[{{"code":"E11.90",{extension}}}]}}"#),
                expected,
            );
            check(
                "Condition",
                &format!(
                    r#","code":{{"coding":[{{"code":"x"}},{{"code":"E11.90",{extension}}}]}}"#
                ),
                expected,
            );
            check(
                "Condition",
                &format!(r#","code":{{"text":"x",{extension}}}"#),
                expected,
            );
            check("Condition", &format!(",{extension}"), expected);
        }
    }
    let unread = Some(Reason::VerificationUnreadable);
    let kbv = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT";
    let of = |system: &str| format!(r#","valueCoding":{{"system":"{system}","code":"G"}}"#);
    for (value, expected) in [(of(kbv), None), (of("x"), unread), (String::new(), unread)] {
        let extension = format!(r#","extension":[{{"url":"{url}"{value}}}]"#);
        check("Condition", &extension, expected);
    }
}

#[test]
fn b7_about_somebody_else_or_not_so() {
    use Reason::*;
    let fine = r#","status":"final""#;
    let with = |more: &str| format!("{fine}{more}");
    check(
        "Observation",
        &with(r#","focus":[{"reference":"Patient/donor"}]"#),
        Some(Focus),
    );
    check(
        "Observation",
        &with(r#","focus":[{"display":"fetus"}]"#),
        Some(Focus),
    );
    check(
        "Observation",
        &with(r#","focus":[{"reference":"Patient/p"}]"#),
        None,
    );
    check(
        "Observation",
        &with(r#","focus":[{"reference":"Patient/p"},{"reference":"RelatedPerson/r"}]"#),
        Some(Focus),
    );
    let coded = r#","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-focusCode","valueCodeableConcept":{}}]"#;
    check("Observation", &with(coded), Some(Focus));
    for place in [
        r#","modifierExtension":[{"url":"u","valueBoolean":true}]"#,
        r#","component":[{"modifierExtension":[{"url":"u"}]}]"#,
        r#","code":{"coding":[{"modifierExtension":[{"url":"u"}]}]}"#,
    ] {
        check("Observation", &with(place), Some(Modifier));
        check("Condition", place, Some(Modifier));
    }
    check(
        "Observation",
        &with(r#","implicitRules":"http://x""#),
        Some(ImplicitRules),
    );
    check(
        "FamilyMemberHistory",
        r#","status":"completed""#,
        Some(SomebodyElse),
    );
    check("RelatedPerson", "", Some(SomebodyElse));
    check(
        "Procedure",
        r#","status":"completed","notDone":true"#,
        Some(NotDone),
    );
    check(
        "Procedure",
        r#","status":"completed","notDone":false"#,
        None,
    );
    check(
        "MedicationRequest",
        r#","status":"active","intent":"order","doNotPerform":true"#,
        Some(NotDone),
    );
    check(
        "ServiceRequest",
        r#","status":"active","intent":"order","doNotPerform":false"#,
        None,
    );
    check(
        "MedicationRequest",
        r#","status":"active","intent":"proposal""#,
        Some(Proposal),
    );
    check(
        "MedicationStatement",
        r#","status":"recorded","adherence":{"code":{"coding":[{"code":"not-taking"}]}}"#,
        Some(NotDone),
    );
    check(
        "MedicationStatement",
        r#","status":"recorded","adherence":{"code":{"coding":[{"code":"taking"}]}}"#,
        None,
    );
}
