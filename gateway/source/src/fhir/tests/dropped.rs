//! What is dropped, and how it is counted.

use super::*;

/// One patient, and a resource for each reason that a value is dropped.
fn with_every_defect() -> String {
    let p = "urn:uuid:p1";
    bundle(
        "batch",
        &[
            entry(p, &patient("p1", "male")),
            entry(
                "",
                r##"{"resourceType":"Encounter","subject":{"reference":"#x"},"contained":[{"resourceType":"Patient","id":"x"}]}"##,
            ),
            entry("", r#"{"resourceType":"Encounter"}"#),
            entry("", &simple("e3", "Encounter", "Group/1", "")),
            entry("", &simple("e4", "Encounter", "Patient/none", "")),
            entry(
                "",
                &simple("e5", "Encounter", p, r#","status":"entered-in-error""#),
            ),
            entry(
                "",
                &simple("e6", "Encounter", p, r#","status":"cancelled""#),
            ),
            entry(
                "",
                &simple(
                    "c1",
                    "Condition",
                    p,
                    &format!(r#"{T2DM},"verificationStatus":{{"coding":[{{"code":"refuted"}}]}}"#),
                ),
            ),
            entry(
                "",
                &hba1c("o1", p, "7.2", "2024").replace("\"code\":\"%\"", "\"code\":\"mg/dL\""),
            ),
            entry("", &hba1c("o2", p, "99.9", "2024")),
            entry(
                "",
                &hba1c("o3", p, "7.2", "2024").replace("\"unit\"", "\"comparator\":\"<\",\"unit\""),
            ),
            entry(
                "",
                &hba1c("o4", p, "7.2", "2024").replace("\"value\":7.2,", ""),
            ),
            entry(
                "",
                &hba1c("o5", p, "7.2", "2024").replace("valueQuantity", "valueRange"),
            ),
            entry("", r#"{"resourceType":"Bundle","entry":[]}"#),
            entry("", r#"{"id":"x"}"#),
            r#"{"request":{"method":"DELETE"},"resource":{"resourceType":"Encounter"}}"#.to_owned(),
            r#"{"fullUrl":"urn:uuid:nothing"}"#.to_owned(),
            "null".to_owned(),
        ],
    )
}

#[test]
fn dropped_resources_are_counted_by_reason_and_place() {
    let text = with_every_defect();
    let found = run(&[("a.json", &text)]).unwrap();
    assert_eq!(found.rows, [vec![Some(1), Some(72), Some(0), Some(0)]]);
    for reason in [
        "subject is contained, without an identity of its own",
        "no subject",
        "subject is no patient",
        "subject is not in the source",
        "entered in error",
        "cancelled or not done",
        "refuted diagnosis",
        "expected a known unit",
        "expected a value in the column's range",
        "expected an exact value, got a bound",
        "bundle inside a bundle",
        "resource without a type",
    ] {
        assert_eq!(found.dropped(reason), 1, "{reason} in {:?}", found.drops);
    }
    let unit = found
        .drops
        .iter()
        .find(|d| d.reason == "expected a known unit")
        .unwrap();
    assert!(
        unit.column.as_deref() == Some("hba1c")
            && unit.first.as_ref().unwrap().ends_with("a.json, entry 9")
    );
}

#[test]
fn counts_that_do_not_fit_are_dropped_and_replaced_records_ignored() {
    let mut entries = vec![entry("urn:uuid:p1", &patient("p1", "male"))];
    entries.extend((0..10).map(|i| {
        entry(
            "",
            &simple(&format!("e{i}"), "Encounter", "urn:uuid:p1", ""),
        )
    }));
    entries.push(entry(
        "urn:uuid:p2",
        &patient("p2", "male").replace("\"gender\"", "\"active\":false,\"gender\""),
    ));
    entries.push(entry(
        "urn:uuid:p3",
        &patient("p3", "male").replace(
            "\"gender\"",
            "\"link\":[{\"type\":\"replaced-by\"}],\"gender\"",
        ),
    ));
    let found = run(&[("a.json", &bundle("collection", &entries))]).unwrap();
    assert_eq!(
        (found.rows, found.drops.len()),
        (vec![vec![Some(1), None, Some(0), None]], 2)
    );
}
