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
