//! Days of instants: by a zone that somebody named, in the schema or in the query, or refused.

#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{Schema, Value};
use medveil_source::{Cohort, Input, Limits, PseudonymKey, SourceError, Views, draft, read_source};
use medveil_tables::server::{self, Server};
use std::collections::BTreeMap;
use std::path::Path;

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)))
}

fn read(path: &Path, words: &str) -> Result<Cohort, SourceError> {
    let schema = format!(
        r#"{{"format":"medveil-schema-1","subject":{{"header":"id"}},"source":{{{words}}},"columns":[
        {{"name":"taken","type":"day","min":"2000-01-01","max":"2049-12-31"}}]}}"#
    );
    let views = Views::shipped().unwrap();
    let input = Input {
        path,
        views: &views,
        today: 20_786,
        gather: false,
    };
    let schema = Schema::from_json(&schema).unwrap();
    read_source(&input, &schema, &key(), &Limits::DEFAULT, &mut |_| {})
}

/// Days since 1970, in the order of the people.
fn days(cohort: &Cohort) -> Vec<Option<i64>> {
    let mut rows: Vec<_> = cohort.rows.iter().map(|row| row.cells[0]).collect();
    rows.sort_by_key(|cell| cell.map(Value::to_integer));
    rows.into_iter()
        .map(|cell| cell.map(Value::to_integer))
        .collect()
}

/// 2024-07-01 and 2024-01-31.
const SUMMER: i64 = 19_905;
const WINTER: i64 = 19_753;

fn queries(folder: &Path, database: &str, select: &str) -> std::path::PathBuf {
    let path = folder.join("q.sql");
    let text = format!("-- database: {database}\n-- table: t\n{select};\n");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn b8_the_day_of_an_instant_is_by_a_zone_that_somebody_named() {
    let Some(programs) = server::programs() else {
        eprintln!("no PostgreSQL found, zones are not tested on it: apt-get install postgresql-15");
        return;
    };
    let server = Server::start(programs);
    // Half past midnight in Berlin: in UTC the day before.
    server
        .run(
            "CREATE TABLE visits (id int, taken timestamptz);
             INSERT INTO visits VALUES (1, '2024-06-30 22:30Z'), (2, '2024-01-30 23:30Z');",
        )
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let address = server.address("root");
    let file = |select: &str| queries(folder.path(), &address, select);
    let plain = file("SELECT id, taken FROM visits");
    let refused = read(&plain, "").err().unwrap().to_string();
    for part in ["\"taken\"", "setting zone", "AT TIME ZONE"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let berlin = r#""zone":"Europe/Berlin""#;
    assert_eq!(
        days(&read(&plain, berlin).unwrap()),
        [Some(WINTER), Some(SUMMER)]
    );
    let utc = read(&plain, r#""zone":"UTC""#).unwrap();
    assert_eq!(days(&utc), [Some(WINTER - 1), Some(SUMMER - 1)]);
    assert!(read(&plain, r#""zone":"CEST+2""#).is_err());
    // What a statement makes of it is by the same zone, and not by the server's.
    let cast = file("SELECT id, taken::date AS taken FROM visits WHERE taken >= '2024-01-31'");
    assert_eq!(
        days(&read(&cast, berlin).unwrap()),
        [Some(WINTER), Some(SUMMER)]
    );
    assert_eq!(
        days(&read(&cast, r#""zone":"UTC""#).unwrap()),
        [Some(SUMMER - 1)]
    );
    let own = file("SELECT id, (taken AT TIME ZONE 'Europe/Berlin')::date AS taken FROM visits");
    assert_eq!(days(&read(&own, "").unwrap()), [Some(WINTER), Some(SUMMER)]);
    // A draft asks in the same words, and keeps the answer.
    let plain = file("SELECT id, taken FROM visits");
    let drafted = |words: &[(&str, &str)]| {
        let words = words
            .iter()
            .map(|(word, value)| ((*word).to_owned(), (*value).to_owned()));
        let words: BTreeMap<_, _> = words.collect();
        draft(&plain, &key(), &Limits::DEFAULT, &words).map(|draft| draft.schema)
    };
    assert!(
        drafted(&[])
            .err()
            .unwrap()
            .to_string()
            .contains("setting zone")
    );
    let schema = drafted(&[("zone", "Europe/Berlin")]).unwrap();
    assert!(schema.contains("\"zone\":\"Europe/Berlin\""), "{schema}");
}

#[test]
fn b8_texts_with_an_offset_keep_their_day_in_sql_over_files() {
    let folder = tempfile::tempdir().unwrap();
    let text = "id,at\n1,2024-07-01T00:30:00+02:00\n2,2024-01-31T23:30:00-05:00\n3,2024-01-31\n";
    std::fs::write(folder.path().join("visits.csv"), text).unwrap();
    for select in [
        "SELECT id, at AS taken FROM visits",
        "SELECT id, day(at) AS taken FROM visits",
        "SELECT id, substr(at, 1, 10) AS taken FROM visits",
    ] {
        let path = queries(folder.path(), "folder", select);
        let expected = [Some(WINTER), Some(WINTER), Some(SUMMER)];
        assert_eq!(days(&read(&path, "").unwrap()), expected, "{select}");
    }
    let path = queries(
        folder.path(),
        "folder",
        "SELECT id, at AS taken FROM visits",
    );
    let refused = read(&path, r#""zone":"Europe/Berlin""#).err().unwrap();
    assert!(refused.to_string().contains("only PostgreSQL"), "{refused}");
}
