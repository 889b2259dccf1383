//! OMOP CDM 5.4 by the schema and the queries that ship: the same rows from a folder of CSV, a folder
//! of Parquet and a PostgreSQL server, and the right ones.

#![allow(clippy::unwrap_used)]

mod cdm;
mod parquet;
mod people;
mod sample;

use cdm::{Cdm, Style};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::Schema;
use medveil_source::{
    Cohort, Fate, Input, Limits, Omop, OmopPlace, PseudonymKey, SourceError, Views, omop,
    print_value, read_source,
};
use medveil_tables::server::{self, Server};
use std::collections::BTreeMap;
use std::path::Path;

/// 2026-11-29.
const TODAY: i32 = 20_786;

/// The cells of one person that have a value, by column.
type Cells = BTreeMap<String, String>;

/// People by their number; values by column.
type People = BTreeMap<u64, Cells>;

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)))
}

/// A server, where PostgreSQL is installed.
fn server() -> Option<Server> {
    let Some(programs) = server::programs() else {
        eprintln!("no PostgreSQL found, OMOP is not tested on it: apt-get install postgresql-15");
        return None;
    };
    Some(Server::start(programs))
}

fn in_folder(folder: &Path) -> OmopPlace {
    OmopPlace::Folder {
        folder: folder.to_owned(),
        named: Some(folder.display().to_string()),
    }
}

fn read(files: &Omop) -> Result<Cohort, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("omop.sql");
    std::fs::write(&path, &files.queries).unwrap();
    let views = Views::shipped().unwrap();
    let input = Input {
        path: &path,
        views: &views,
        today: TODAY,
        gather: false,
    };
    let schema = Schema::from_json(&files.schema).unwrap();
    read_source(&input, &schema, &key(), &Limits::DEFAULT, &mut |_| {})
}

/// The people of a cohort among those that a table `person` has.
fn people(cohort: &Cohort, schema: &str, cdm: &Cdm) -> People {
    let (schema, key) = (Schema::from_json(schema).unwrap(), key());
    let number = |[id]: [Option<&str>; 1]| id.unwrap().parse::<u64>().unwrap();
    let ids = cdm.0["person"].cells(["person_id"]).map(number);
    let of = |id: u64| (key.pseudonym("csv", &id.to_string()), id);
    let ids: BTreeMap<u128, u64> = ids.map(of).collect();
    let mut people = People::new();
    for row in cohort.rows.iter() {
        let cells = schema.columns().iter().zip(&row.cells);
        let present = cells.filter_map(|(column, cell)| {
            let value = (*cell)?;
            Some((column.name.clone(), print_value(column, value)))
        });
        let before = people.insert(ids[&row.pseudonym], present.collect());
        assert!(before.is_none(), "one row a person");
    }
    people
}

/// Compares people one by one, so that a difference says where it is.
fn compare(got: &People, expected: &People, what: &str) {
    for (id, cells) in expected {
        assert_eq!(got.get(id), Some(cells), "{what}, person {id}");
    }
    assert_eq!(got.len(), expected.len(), "{what}");
}

/// Counts of what was dropped of a column, by reason.
fn dropped(cohort: &Cohort, column: Option<&str>) -> BTreeMap<String, u64> {
    let is_lost = |c: &&medveil_source::DropCount| {
        c.column.as_deref() == column && matches!(c.fate, Fate::LeftOut | Fate::Unresolved)
    };
    let counts = cohort.counts.iter().filter(is_lost);
    counts.map(|c| (c.reason.clone(), c.count)).collect()
}

#[test]
fn b7_omop_is_read_alike_from_csv_parquet_and_postgres() {
    let (cdm, expected) = (people::tables(), people::expected());
    let [csv, upper, frame, parquet] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    cdm.csv(csv.path(), Style::PLAIN);
    let style = Style {
        delimiter: '\t',
        upper_case: true,
        ..Style::PLAIN
    };
    cdm.csv(upper.path(), style);
    let style = Style {
        delimiter: ';',
        floats_in_quotes: true,
        ..Style::PLAIN
    };
    cdm.csv(frame.path(), style);
    cdm.parquet(parquet.path());
    for (what, folder) in [
        ("csv", &csv),
        ("upper case", &upper),
        ("data frame", &frame),
        ("parquet", &parquet),
    ] {
        let files = omop(&in_folder(folder.path())).unwrap();
        assert_eq!(files.left_out, []);
        let cohort = read(&files).unwrap_or_else(|e| panic!("{what}: {e:?}"));
        compare(&people(&cohort, &files.schema, &cdm), &expected, what);
        people::check_counts(&cohort);
    }
    let Some(server) = server() else { return };
    cdm.postgres(&server, "cdm");
    let place = OmopPlace::Postgres(server.address("root"));
    let refused = omop(&place).err().unwrap().to_string();
    assert!(refused.contains("search_path"), "{refused}");
    server.run("ALTER ROLE root SET search_path = cdm").unwrap();
    let files = omop(&place).unwrap();
    assert_eq!(files.left_out, []);
    let cohort = read(&files).unwrap_or_else(|e| panic!("postgres: {e:?}"));
    compare(&people(&cohort, &files.schema, &cdm), &expected, "postgres");
    people::check_counts(&cohort);
}

/// A newer number that is none hides the older one, of its person only.
#[test]
fn b7_a_number_that_is_none_spoils_its_own_value_in_parquet_as_in_postgres() {
    let (mut cdm, mut expected) = (people::tables(), people::expected());
    let has_hba1c = expected
        .iter()
        .filter(|(_, cells)| cells.contains_key("hba1c"));
    let ids: Vec<u64> = has_hba1c.map(|(id, _)| *id).take(3).collect();
    for (id, number) in ids.iter().zip(["NaN", "Infinity", "-Infinity"]) {
        cdm.add(
            "measurement",
            &format!(
                "person_id={id}; measurement_concept_id=3004410; value_as_number={number}; \
                 unit_concept_id=8554; measurement_date=2026-11-01"
            ),
        );
        expected.get_mut(id).unwrap().remove("hba1c");
    }
    let check = |place: &OmopPlace, what: &str| {
        let files = omop(place).unwrap();
        let cohort = read(&files).unwrap_or_else(|e| panic!("{what}: {}", words(&e)));
        compare(&people(&cohort, &files.schema, &cdm), &expected, what);
        let lost = dropped(&cohort, Some("hba1c"));
        // The shipped statement makes texts of numbers in PostgreSQL.
        let is_none = |reason: &str| reason.contains("finite") || reason.contains("a number as");
        let none = lost.iter().find(|(reason, _)| is_none(reason));
        assert_eq!(none.map(|(_, n)| *n), Some(3), "{what}: {lost:?}");
    };
    let parquet = tempfile::tempdir().unwrap();
    cdm.parquet(parquet.path());
    check(&in_folder(parquet.path()), "parquet");
    let Some(server) = server() else { return };
    cdm.postgres(&server, "cdm");
    server.run("ALTER ROLE root SET search_path = cdm").unwrap();
    check(&OmopPlace::Postgres(server.address("root")), "postgres");
}

/// An error with its sources.
fn words(error: &SourceError) -> String {
    let (mut text, mut source) = (error.to_string(), std::error::Error::source(error));
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

#[test]
fn b7_omop_that_is_not_of_its_form_is_refused_with_what_to_do() {
    let refused = |change: &dyn Fn(String) -> String, table: &str| {
        let folder = tempfile::tempdir().unwrap();
        people::tables().csv(folder.path(), Style::PLAIN);
        let path = folder.path().join(format!("{table}.csv"));
        let text = change(std::fs::read_to_string(&path).unwrap());
        std::fs::write(&path, text).unwrap();
        let files = omop(&in_folder(folder.path())).unwrap();
        read(&files)
            .err()
            .map(|error| words(&error))
            .unwrap_or_default()
    };
    // A text for "no value" that is none of CSV.
    let said = refused(&|text| text.replace(",8507,", ",NULL,"), "person");
    assert!(said.contains("number(): expected digits"), "{said}");
    assert!(!said.contains("NULL"), "{said}");
    // Days that cannot be compared.
    let said = refused(
        &|text| text.replace("2010-01-01", "01.01.2010"),
        "observation_period",
    );
    assert!(
        said.contains("day(): expected a day, as 2026-01-31"),
        "{said}"
    );
    // A column that is not there.
    let said = refused(
        &|text| text.replace("operator_concept_id", "operator"),
        "measurement",
    );
    assert!(
        said.contains("table measurements") && said.contains("operator_concept_id"),
        "{said}"
    );
}

#[test]
fn b7_a_vocabulary_of_which_a_part_is_there_tells_nobody_free_of_diabetes() {
    let (mut cdm, mut expected) = (people::tables(), people::expected());
    // Without 422014003 nobody knows what is a disorder due to type-2 diabetes.
    let table = cdm.0.get_mut("concept").unwrap();
    table
        .rows
        .retain(|row| !row.contains(&Some("422014003".to_owned())));
    for (id, cells) in &mut expected {
        if cells.get("has_t2dm").is_some_and(|value| value == "false") || *id == 15 {
            cells.remove("has_t2dm");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    cdm.csv(folder.path(), Style::PLAIN);
    let files = omop(&in_folder(folder.path())).unwrap();
    let cohort = read(&files).unwrap();
    compare(
        &people(&cohort, &files.schema, &cdm),
        &expected,
        "part of a vocabulary",
    );
    let read = cohort
        .files
        .read
        .iter()
        .map(|file| file.path.file_name().unwrap());
    let read: Vec<&str> = read.map(|name| name.to_str().unwrap()).collect();
    for name in ["omop.sql", "person.csv", "concept_ancestor.csv"] {
        assert!(read.contains(&name), "{read:?}");
    }
}

/// A column of one's own, as the page of schemas tells to make one.
#[test]
fn b7_a_measurement_more_converts_amounts_by_its_molar_mass() {
    let (mut cdm, mut expected) = (people::tables(), people::expected());
    for (id, code) in [(3_004_501, "2345-7"), (8_840, "mg/dL"), (8_753, "mmol/L")] {
        let vocabulary = if id == 3_004_501 { "LOINC" } else { "UCUM" };
        let row = format!("concept_id={id}; vocabulary_id={vocabulary}; concept_code={code}");
        cdm.add("concept", &row);
    }
    // 5.5 mmol/L of 180.156 g/mol are 99.09 mg/dL.
    for (id, number, unit, glucose) in [
        (1, "99", 8_840, Some("99")),
        (2, "5.5", 8_753, Some("99")),
        (4, "5.5", 8_554, None),
    ] {
        let row = format!(
            "person_id={id}; measurement_concept_id=3004501; measurement_date=2024-01-01; \
             value_as_number={number}; unit_concept_id={unit}"
        );
        cdm.add("measurement", &row);
        let cells = expected.get_mut(&id).unwrap();
        cells.extend(glucose.map(|value| ("glucose".to_owned(), value.to_owned())));
    }
    let folder = tempfile::tempdir().unwrap();
    cdm.csv(folder.path(), Style::PLAIN);
    let mut files = omop(&in_folder(folder.path())).unwrap();
    for (before, after) in [
        (
            "'4548-4', '17856-6', '59261-8', '39156-5'",
            "'2345-7', '4548-4', '17856-6', '59261-8', '39156-5'",
        ),
        (
            "ELSE 'diastolic' END",
            "WHEN concept_code = '2345-7' THEN 'glucose' ELSE 'diastolic' END",
        ),
    ] {
        assert_eq!(files.queries.matches(before).count(), 1, "{before}");
        files.queries = files.queries.replace(before, after);
    }
    let column = r#"
    {"name": "glucose", "type": "int", "min": 0, "max": 1000,
     "source": {"table": "measurements", "header": "value", "where": "measured=glucose",
                "unit": "mg/dL", "molar_mass": "180.156", "unit_header": "unit",
                "comparator_header": "comparator", "date_header": "taken", "round": "true"}},
    {"name": "birth_year""#;
    files.schema = files
        .schema
        .replace("\n    {\"name\": \"birth_year\"", column);
    let cohort = read(&files).unwrap();
    compare(
        &people(&cohort, &files.schema, &cdm),
        &expected,
        "a column more",
    );
}
