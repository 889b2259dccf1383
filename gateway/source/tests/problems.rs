//! Everything that does not fit between a source and its schema, at once and in its place.

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::Schema;
use medveil_source::{Cohort, Input, Limits, PseudonymKey, SourceError, Views, read_source};
use std::path::Path;

fn read(path: &Path, schema: &str, gather: bool) -> Result<Cohort, SourceError> {
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().expect("the views that ship");
    let input = Input {
        path,
        views: &views,
        today: 20_786,
        gather,
    };
    let schema = Schema::from_json(schema).expect("a schema");
    read_source(&input, &schema, &key, &Limits::DEFAULT, &mut |_| {})
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("a file");
    }
    folder
}

/// `file row column found` of each problem.
fn listed(cohort: &Cohort) -> Vec<String> {
    let one = |problem: &medveil_source::Problem| {
        let file = problem.place.rsplit('/').next().unwrap_or_default();
        let column = problem.column.as_deref().unwrap_or("-");
        format!("{file} | {column} | {}", problem.found.unwrap_or("-"))
    };
    let problems = &cohort.problems;
    assert_eq!(problems.count, problems.listed.len() as u64);
    problems.listed.iter().map(one).collect()
}

const SCHEMA: &str = r#"{"format":"medveil-schema-1","rows":"per_subject",
    "subject":{"header":"id"},"columns":[
    {"name":"age","type":"int","min":0,"max":120,"source":{"table":"people"}},
    {"name":"smoker","type":"flag","source":{"table":"people"}},
    {"name":"hba1c","type":"decimal","scale":1,"min":3,"max":20,"source":{"table":"labs","header":"value"}}]}"#;

#[test]
fn b14_all_problems_of_all_files_are_listed_with_their_rows() {
    let people = b"id,age,smoker\r\n1,54,true\r\n\r\n2,5O,yes\r\n3,130\r\n\"4\",\"\r\n\",x\"y\r\n9.9E+15,5,true\r\n5,M\xfc,true\r\n6,40,1\r\n";
    let labs = b"id;value\n1;7,2\n2;<5\n3;8;1\n4;9.5\n5; 8\n";
    let folder = folder(&[("people.csv", people), ("labs.csv", labs)]);
    let cohort = read(folder.path(), SCHEMA, true).unwrap();
    let expected = [
        "labs.csv, row 2 | hba1c | digits with a comma",
        "labs.csv, row 3 | hba1c | digits with other signs",
        "labs.csv, row 6 | hba1c | a text with blanks at its ends",
        "labs.csv, row 4 | - | -",
        "people.csv, row 4 | age | letters and digits",
        "people.csv, row 4 | smoker | letters",
        "people.csv, row 8 | - | -",
        "people.csv, row 10 | smoker | digits",
        "people.csv, row 5 | - | -",
        "people.csv, row 6 | - | -",
        "people.csv, row 9 | - | -",
    ];
    assert_eq!(listed(&cohort), expected);
    let has = |at: usize, word: &str| cohort.problems.listed[at].expected.contains(word);
    assert!(has(4, "as the settings write one") && has(5, "`true`"));
    assert!(has(6, "export it as text") && has(8, "got 2") && has(9, "no quote"));
    assert!(has(10, "encoding"));
    // A commit ends at the first.
    assert!(read(folder.path(), SCHEMA, false).is_err());
}

#[test]
fn b14_a_table_that_ends_early_does_not_hide_the_others() {
    let people = b"id,age,smoker\n1,54,true\n2,\"55,true\n";
    let labs = b"id;value\n1;7,2\n";
    let folder = folder(&[("people.csv", people), ("labs.csv", labs)]);
    let cohort = read(folder.path(), SCHEMA, true).unwrap();
    let expected = [
        "labs.csv, row 2 | hba1c | digits with a comma",
        "people.csv, row 3 | - | -",
    ];
    assert_eq!(listed(&cohort), expected);
    let end = &cohort.problems.listed[1].expected;
    assert!(end.contains("closing quote") && end.contains("nothing behind it"));
    // A header that is refused, and what depends on it.
    std::fs::write(folder.path().join("people.csv"), "id,id\n1,2\n").unwrap();
    let refused = read(folder.path(), SCHEMA, true).err().unwrap().to_string();
    assert!(refused.contains("people.csv, row 1") && refused.contains("column age"));
}

#[test]
fn b14_rows_that_lost_their_subjects_and_criteria_are_problems_too() {
    let schema = r#"{"format":"medveil-schema-1","subject":{"header":"id"},"columns":[
        {"name":"ok","type":"flag","inclusion_criterion":true}]}"#;
    let check = |text: &str, words: &[&str]| {
        let folder = folder(&[("a.csv", text.as_bytes())]);
        let cohort = read(&folder.path().join("a.csv"), schema, true).unwrap();
        let problems = &cohort.problems.listed;
        assert_eq!(problems.len(), words.len(), "{text}");
        for (problem, word) in problems.iter().zip(words) {
            assert!(problem.expected.contains(word), "{}", problem.expected);
        }
    };
    check("id,ok\n001,true\n2,true\n", &["leading zeros"]);
    check("id,ok\n1,true\n2,false\n3,\n", &["2 rows"]);
    check("id,ok\n1-Mar,true\n", &["a date"]);
}

/// File and place of each problem, with what was expected.
fn told(cohort: &Cohort) -> Vec<String> {
    let one = |problem: &medveil_source::Problem| {
        let file = problem.place.rsplit('/').next().unwrap_or_default();
        format!("{file} | {}", problem.expected)
    };
    cohort.problems.listed.iter().map(one).collect()
}

const FHIR: &str = r#"{"format":"medveil-schema-1","columns":[
    {"name":"sex","type":"code","codes":["female","male"],"source":{"table":"patients","on_bad":"refuse"}}]}"#;

fn patient(id: &str, more: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}","gender":"female"{more}}}"#)
}

#[test]
fn b14_every_malformed_entry_of_fhir_is_listed() {
    let good = |id: &str| patient(id, "");
    let deep = format!(r#","x":{}{}"#, "[".repeat(125), "]".repeat(125));
    let lines = [
        good("1"),
        r#"{"resourceType":"Patient","id":"2""#.to_owned(),
        String::new(),
        patient("3", r#","gender":"male""#),
        patient("4", &deep),
        "not json".to_owned(),
        patient("5", "").replace("female", "woman"),
        patient("6", r#","animal":{}"#),
        r#"{"resourceType":"Bundle","type":"history","entry":[{"request":{"method":"PATCH","url":"Patient/1"}},
            {"resource":{"resourceType":"Patient","id":"7","gender":"male"}}]}"#
            .replace('\n', ""),
        good("8"),
    ];
    let entry = |text: &str| format!(r#"{{"resource":{text}}}"#);
    let entries = [
        entry(&good("9")),
        "5".to_owned(),
        entry(&patient("10", r#","active":true,"active":false"#)),
        r#"{"fullUrl":"urn:a","fullUrl":"urn:b"}"#.to_owned(),
        r#"{"request":{"method":"PATCH","url":"Patient/1"}}"#.to_owned(),
        entry(&good("11")),
    ];
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
        entries.join(",\n")
    );
    let files = [
        ("a.ndjson", lines.join("\r\n")),
        ("b.json", bundle),
        ("c.json", format!("{} ,", good("12"))),
        (
            "d.ndjson",
            format!("{}\n{}", good("13"), patient("13", r#","active":true"#)),
        ),
        (
            "e.json",
            r#"{"resourceType":"Patient","id":"14","id":"15"}"#.to_owned(),
        ),
        ("f.json", good("16")),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    let folder = folder(&files);
    let cohort = read(folder.path(), FHIR, true).unwrap();
    let expected = [
        "a.ndjson, line 2 | the file ends too early",
        "a.ndjson, line 4 | a name stands twice in one object",
        "a.ndjson, line 5 | nested too deeply",
        "a.ndjson, line 6 | not valid json",
        "a.ndjson, line 8 | expected FHIR R4, R4B or R5",
        "a.ndjson | line 9, entry 1: expected whole resources, got a change of one (PATCH)",
        "b.json, entry 2 | not valid json",
        "b.json, entry 3 | a name stands twice in one object",
        "b.json, entry 4 | a name stands twice in one object",
        "b.json | entry 5: expected whole resources, got a change of one (PATCH)",
        "c.json | not valid json (line 1, column 56) (nothing behind it was read)",
        "e.json | a name stands twice in one object",
        "d.ndjson, line 1 | ",
        "a.ndjson, line 7 | expected one of the column's codes",
    ];
    let told = told(&cohort);
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}: {expected}");
    }
    assert_eq!(cohort.problems.count, expected.len() as u64);
    // What stands between and behind them was read: 1, 5, 7, 8, 9, 11, 13, 16.
    assert_eq!(cohort.rows.len(), 8);
    // A commit ends at the first.
    let refused = read(folder.path(), FHIR, false).err().unwrap();
    assert!(
        refused.to_string().ends_with("a.ndjson: line 2"),
        "{refused}"
    );
}

#[test]
fn b14_a_set_of_faults_alone_is_listed_and_bounded() {
    let lines = "{\n".repeat(1500);
    let folder = folder(&[("a.ndjson", lines.as_bytes())]);
    let cohort = read(folder.path(), FHIR, true).unwrap();
    let problems = &cohort.problems;
    assert_eq!((problems.listed.len(), problems.count), (1000, 1500));
    assert!(problems.listed[999].place.ends_with("a.ndjson, line 1000"));
    assert!(cohort.rows.is_empty());
}
