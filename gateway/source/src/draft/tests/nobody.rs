//! What a draft makes of rows that are nobody's.

use super::*;

#[test]
fn b7_a_draft_names_what_is_nobodys_number() {
    let text = "patient_id;sex\nP1;f\nunknown;m\nP2;f\n-;m\nunknown;f\nP3;m\nP4;m\n";
    let (folder, draft) = drafted(text);
    let said = draft.evidence.join("\n");
    assert!(
        said.contains("3 times -, unknown, which is nobody's number"),
        "{said}"
    );
    assert!(
        draft.schema.contains(r#""null":"-; unknown""#),
        "{}",
        draft.schema
    );
    assert!(draft.schema.contains("per_subject"), "{}", draft.schema);
    let schema = Schema::from_json(&draft.schema).unwrap();
    let (views, file) = (Views::shipped().unwrap(), folder.path().join("t.csv"));
    let input = Input {
        path: &file,
        views: &views,
        today: 20_454,
        gather: false,
    };
    let cohort = read_source(&input, &schema, &key(), &Limits::DEFAULT, &mut |_| {}).unwrap();
    let unresolved = cohort
        .counts
        .iter()
        .find(|c| c.fate == crate::Fate::Unresolved)
        .unwrap();
    assert_eq!((cohort.rows.len(), unresolved.count), (4, 3));

    let (_, draft) = drafted("patient_id;sex\n1;f\n0;m\n2;f\n0;m\n3;m\n");
    assert!(
        draft
            .open
            .join("\n")
            .contains("on 2 rows, and every other on one")
    );
    let (_, draft) = drafted("patient_id;sex\n1;f\n0;m\n2;f\n3;m\n");
    assert!(
        draft.open.is_empty() && !draft.schema.contains("null"),
        "{:?}",
        draft.open
    );
}

#[test]
fn b7_rows_of_totals_are_nobodys_and_no_evidence() {
    let rows = "patient_id,age\n1,40\n2,50\n3,60\n4,70\n";
    for (last, null) in [
        ("Total:,220", "Total:"),
        ("Mean,55.5", "Mean"),
        ("Yhteensä,99", "Yhteensä"),
    ] {
        let (_, draft) = drafted(&format!("{rows}{last}\n"));
        let schema: Value = serde_json::from_str(&draft.schema).unwrap();
        assert_eq!(schema["subject"]["null"], null, "{}", draft.schema);
        let evidence = draft.evidence.join("\n");
        assert!(
            evidence.contains("leaves their rows out, counted"),
            "{evidence}"
        );
        assert_eq!(schema["columns"][0]["type"], "int", "{}", draft.schema);
        assert_eq!(schema["columns"][0]["max"], 100, "{}", draft.schema);
    }
}
