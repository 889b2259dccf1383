//! Words of a schema through whole sources: of one table, of an empty text, of what has a type.
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{Schema, Value};
use medveil_source::{Cohort, Input, Limits, PseudonymKey, SourceError, Views};
use std::path::Path;

fn read(path: &Path, schema: &str) -> Result<Cohort, SourceError> {
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().unwrap();
    let input = Input {
        path,
        views: &views,
        today: 20_786,
        gather: false,
    };
    let schema = Schema::from_json(schema).unwrap();
    medveil_source::read_source(&input, &schema, &key, &Limits::DEFAULT, &mut |_| {})
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn rows(cohort: &Cohort) -> Vec<Vec<Option<i64>>> {
    let row = |row: medveil_source::Row| {
        let cells = row.cells.iter();
        cells.map(|cell| cell.map(Value::to_integer)).collect()
    };
    let mut rows: Vec<Vec<Option<i64>>> = cohort.rows.iter().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn b14_one_file_of_a_folder_has_settings_of_its_own() {
    let people = "id,sex\n1,m\u{e4}nnlich\n2,weiblich\n".as_bytes();
    // Latin-1, with a delimiter that nothing tells, and another name for the patient.
    let labs = b"PAT^wert^gr\xf6\xdfe\n1^7,2^180\n2^-^170\nkeine^6,0^160\n";
    let folder = folder(&[("people.csv", people), ("labs.csv", labs)]);
    let schema = |words: &str, subject: &str| {
        format!(
            r#"{{"format":"medveil-schema-1","subject":{{"header":"id"{subject}}},"source":{{"null":"keine"{words}}},"columns":[
            {{"name":"sex","type":"code","codes":["weiblich","männlich"],"source":{{"table":"people"}}}},
            {{"name":"hba1c","type":"decimal","scale":1,"min":3,"max":20,"source":{{"table":"labs","header":"wert"}}}},
            {{"name":"height","type":"int","min":0,"max":250,"source":{{"table":"labs","header":"größe"}}}}]}}"#
        )
    };
    let words = r#","tables.labs.delimiter":"^","tables.labs.encoding":"latin1",
        "tables.labs.decimal":"comma","tables.labs.null":"-; keine""#;
    let subject = r#","tables.labs.header":"PAT""#;
    let cohort = read(folder.path(), &schema(words, subject)).unwrap();
    let expected = [
        vec![Some(0), None, Some(170)],
        vec![Some(1), Some(72), Some(180)],
    ];
    assert_eq!(rows(&cohort), expected);
    for (words, subject, part) in [
        (words, "", "no header \"id\""),
        (r#","tables.lab.decimal":"comma""#, subject, "labs.csv"),
        (
            &words.replace("tables.labs.decimal", "tables.lab.decimal"),
            subject,
            "tables.lab: there is no such table",
        ),
        (
            words,
            r#","tables.labs.header":"PAT","tables.x.header":"PAT""#,
            "tables.x: there is no such table",
        ),
    ] {
        let refused = read(folder.path(), &schema(words, subject)).err().unwrap();
        assert!(refused.to_string().contains(part), "{part}: {refused}");
    }
    // A single file is a table of its name.
    let schema = r#"{"format":"medveil-schema-1","subject":{"header":"PAT"},
        "source":{"tables.labs.delimiter":"^","encoding":"latin1","null":"keine; -"},
        "columns":[{"name":"h","type":"int","min":0,"max":250,"source":{"header":"größe"}}]}"#;
    let cohort = read(&folder.path().join("labs.csv"), schema).unwrap();
    assert_eq!(rows(&cohort), [[Some(170)], [Some(180)]]);
}

#[test]
fn b14_a_blank_cell_means_what_the_map_says() {
    let table = "id,smoker,drinks\n1,yes,\n2,,3\n3,\"\",NA\n4,no,0\n";
    let folder = folder(&[("a.csv", table.as_bytes())]);
    let schema = |map: &str| {
        format!(
            r#"{{"format":"medveil-schema-1","subject":{{"header":"id"}},"columns":[
            {{"name":"smoker","type":"code","codes":["no","yes","never asked"],"source":{{{map}}}}},
            {{"name":"drinks","type":"int","min":0,"max":9,"source":{{"null":"NA","map":"\"\"=0"}}}}]}}"#
        )
    };
    let path = folder.path().join("a.csv");
    let cohort = read(&path, &schema(r#""map":"\"\"=never asked""#)).unwrap();
    let expected = [
        vec![Some(0), Some(0)],
        vec![Some(1), Some(0)],
        vec![Some(2), None],
        vec![Some(2), Some(3)],
    ];
    assert_eq!(rows(&cohort), expected);
    let cohort = read(&path, &schema("")).unwrap();
    assert_eq!(rows(&cohort)[0], [None, None]);
}

#[test]
fn b14_dates_of_several_precisions_in_one_column() {
    let table =
        "id,seen,value\n1,2020,1\n1,01.03.2020 10:30,2\n2,05/2021,3\n2,04.05.2021,4\n3,2019,5\n";
    let folder = folder(&[("a.csv", table.as_bytes())]);
    let schema = |words: &str| {
        format!(
            r#"{{"format":"medveil-schema-1","subject":{{"header":"id"}},"source":{{"dates":"dmy"{words}}},"columns":[
            {{"name":"v","type":"int","min":0,"max":9,"source":{{"header":"value","date_header":"seen","on_bad":"drop"}}}},
            {{"name":"d","type":"day","min":"2000-01-01","max":"2049-12-31","rule":"max","source":{{"header":"seen","on_bad":"drop"}}}}]}}"#
        )
    };
    let path = folder.path().join("a.csv");
    // Completed as the schema says.
    let cohort = read(&path, &schema(r#","partial":"first""#)).unwrap();
    let values: Vec<Option<i64>> = rows(&cohort).iter().map(|row| row[0]).collect();
    assert_eq!(values, [Some(2), Some(4), Some(5)]);
    // A year may be later than a day in it: nothing says which value is the last.
    let cohort = read(&path, &schema("")).unwrap();
    let values: Vec<Option<i64>> = rows(&cohort).iter().map(|row| row[0]).collect();
    assert_eq!(values, [None, None, None]);
}

#[test]
fn b14_records_of_fhir_are_rows_of_one_view() {
    let schema = |more: &str| {
        format!(
            r#"{{"format":"medveil-schema-1","rows":"per_record","columns":[
            {{"name":"code","type":"code","codes":["44054006"],"source":{{"table":"conditions","header":"code"}}}}{more}]}}"#
        )
    };
    let patient =
        |id: &str| format!(r#"{{"resourceType":"Patient","id":"{id}","gender":"female"}}"#);
    let condition = |id: &str, who: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"{id}","subject":{{"reference":"Patient/{who}"}},"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"verificationStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}}]}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"44054006"}}]}}}}"#
        )
    };
    let text = [
        patient("a"),
        patient("b"),
        condition("1", "a"),
        condition("2", "a"),
    ]
    .join("\n");
    let folder = folder(&[("a.ndjson", text.as_bytes())]);
    let path = folder.path().join("a.ndjson");
    assert_eq!(
        read(&path, &schema("")).unwrap().rows.len(),
        2,
        "none for who has no record"
    );
    let more = r#",{"name":"sex","type":"code","codes":["female"],"source":{"table":"patients"}}"#;
    let refused = read(&path, &schema(more)).err().unwrap();
    assert!(refused.to_string().contains("one table"), "{refused}");
}
