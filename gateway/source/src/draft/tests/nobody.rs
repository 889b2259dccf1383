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
    let cohort = cohort(&folder.path().join("t.csv"), &schema);
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

#[test]
fn b7_lines_below_a_table_are_nobodys() {
    let rows = "PatNr,los\n1,4\n2,5\n3,6\n4,7\n5,8\n6,3\n";
    for (last, is_sure) in [
        ("(6 rows affected),", true),
        ("Stand: 01.01.2025,", true),
        ("Summe Station 1,33", true),
        ("QC-1,5", false),
    ] {
        let (_, draft) = drafted(&format!("{rows}{last}\n"));
        let word = last.split(',').next().unwrap();
        let schema: Value = serde_json::from_str(&draft.schema).unwrap();
        assert_eq!(schema["subject"]["header"], "PatNr", "{}", draft.schema);
        assert_eq!(
            schema["subject"]["null"] == word,
            is_sure,
            "{}",
            draft.schema
        );
        let is_open = draft.open.iter().any(|what| what.contains(word));
        assert_eq!(is_open, !is_sure, "{:?}", draft.open);
    }
}

#[test]
fn b10_a_word_for_no_value_is_one_in_all_columns() {
    let (_, draft) = drafted("id,age,site\n1,40,NA\n2,NA,x\n3,60,x\n4,70,y\n5,70,y\n");
    let schema: Value = serde_json::from_str(&draft.schema).unwrap();
    assert_eq!(
        schema["columns"][1]["codes"],
        json!(["x", "y"]),
        "{}",
        draft.schema
    );
    assert_eq!(schema["columns"][1]["source"]["null"], "NA");
    let (_, draft) = drafted("id,age,site\n1,40,NA\n2,50,NA\n3,60,x\n4,70,x\n");
    let schema: Value = serde_json::from_str(&draft.schema).unwrap();
    assert_eq!(
        schema["columns"][1]["codes"],
        json!(["NA", "x"]),
        "{}",
        draft.schema
    );
}

#[test]
fn b10_a_subject_is_found_by_many_names_or_named() {
    let drafted_as = |header: &str, subject: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, format!("{header},age\n1,40\n2,50\n")).unwrap();
        let words = subject.map(|own| ("subject".to_owned(), own.to_owned()));
        draft(
            &path,
            &key(),
            &Limits::DEFAULT,
            &words.into_iter().collect(),
        )
    };
    for header in [
        "PatNr",
        "Pat.-Nr.",
        "Patient ID",
        "patient_no",
        "USUBJID",
        "record_id",
        "PID",
    ] {
        let found = drafted_as(header, None).unwrap();
        assert!(found.open.is_empty(), "{header}: {:?}", found.open);
    }
    let open = drafted_as("Fall", None).unwrap().open.join("\n");
    assert!(open.contains("--set subject=COLUMN"), "{open}");
    let named = drafted_as("Fall", Some("Fall")).unwrap();
    assert!(
        named.schema.contains(r#""subject": {"header":"Fall"}"#),
        "{}",
        named.schema
    );
    assert!(drafted_as("Fall", Some("Fell")).is_err());
}
