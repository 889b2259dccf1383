//! The rows of the public samples by a computation of their own, which shares nothing with the
//! queries.

use super::super::cdm::Cdm;
use super::super::{Cells, People};
use std::collections::{BTreeMap, BTreeSet};

/// What each person's cells are.
pub(super) fn computed(cdm: &Cdm) -> People {
    let mut people = People::new();
    for [id, gender, year] in
        cdm.0["person"].cells(["person_id", "gender_concept_id", "year_of_birth"])
    {
        let mut cells = Cells::new();
        let sex = if gender == Some("8507") {
            "male"
        } else {
            "female"
        };
        cells.insert("sex".to_owned(), sex.to_owned());
        cells.insert("birth_year".to_owned(), year.unwrap().to_owned());
        let age = 2025 - year.unwrap().parse::<i32>().unwrap();
        // Somebody of the sample is born in 2099.
        if age >= 0 {
            cells.insert("age".to_owned(), age.to_string());
        }
        people.insert(id.unwrap().parse().unwrap(), cells);
    }
    numbers(cdm, &mut people);
    smoking(cdm, &mut people);
    observed(cdm, &mut people);
    diabetes(cdm, &mut people);
    people
}

fn of<'a>(people: &'a mut People, id: Option<&str>) -> &'a mut Cells {
    people.get_mut(&id.unwrap().parse().unwrap()).unwrap()
}

/// The values of the last day; several that differ are none.
fn last<'a, T: Copy + Ord + 'a>(
    rows: impl Iterator<Item = (&'a str, &'a str, T)>,
) -> BTreeMap<&'a str, Option<T>> {
    let mut days: BTreeMap<&str, (&str, BTreeSet<T>)> = BTreeMap::new();
    for (id, day, value) in rows {
        let kept = days.entry(id).or_insert((day, BTreeSet::new()));
        if day > kept.0 {
            *kept = (day, BTreeSet::new());
        }
        if day == kept.0 {
            kept.1.insert(value);
        }
    }
    let one = |values: BTreeSet<T>| values.first().copied().filter(|_| values.len() == 1);
    days.into_iter()
        .map(|(id, (_, values))| (id, one(values)))
        .collect()
}

fn numbers(cdm: &Cdm, people: &mut People) {
    for (column, concept, scale, low, high) in [
        ("hba1c", "3004410", 10, 0, 200),
        ("bmi", "3038553", 10, 0, 1000),
        ("systolic", "3004249", 1, 0, 300),
        ("diastolic", "3012888", 1, 0, 200),
    ] {
        let columns = [
            "person_id",
            "measurement_concept_id",
            "measurement_date",
            "value_as_number",
        ];
        let rows = cdm.0["measurement"].cells(columns);
        let rows = rows
            .filter(|row| row[1] == Some(concept))
            .map(|[id, _, day, value]| {
                let value = value.unwrap().parse::<f64>().unwrap();
                let value = (value * f64::from(scale)).round() as i64;
                (id.unwrap(), day.unwrap(), value)
            });
        for (id, value) in last(rows) {
            let Some(value) = value.filter(|value| (low..=high).contains(value)) else {
                continue;
            };
            let text = match scale {
                10 => format!("{}.{}", value / 10, value % 10),
                _ => value.to_string(),
            };
            of(people, Some(id)).insert(column.to_owned(), text);
        }
    }
}

/// Daily smokers are findings; the question's answers came as numbers that nobody can read.
fn smoking(cdm: &Cdm, people: &mut People) {
    let asked =
        cdm.0["measurement"].cells(["person_id", "measurement_concept_id", "measurement_date"]);
    let asked = asked.filter(|row| row[1] == Some("43054909"));
    let found =
        cdm.0["observation"].cells(["person_id", "observation_concept_id", "observation_date"]);
    let found = found.filter(|row| row[1] == Some("42709996"));
    let row = |is_known| move |row: [Option<_>; 3]| (row[0].unwrap(), row[2].unwrap(), is_known);
    for (id, is_current) in last(asked.map(row(false)).chain(found.map(row(true)))) {
        if is_current == Some(true) {
            of(people, Some(id)).insert("smoking".to_owned(), "current".to_owned());
        }
    }
}

fn observed(cdm: &Cdm, people: &mut People) {
    let mut periods: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let columns = [
        "person_id",
        "observation_period_start_date",
        "observation_period_end_date",
    ];
    for [id, start, end] in cdm.0["observation_period"].cells(columns) {
        periods
            .entry(id.unwrap())
            .or_default()
            .push((start.unwrap(), end.unwrap()));
    }
    let mut counts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut latest: BTreeMap<&str, &str> = BTreeMap::new();
    let columns = ["person_id", "visit_occurrence_id", "visit_start_date"];
    for [id, visit, day] in cdm.0["visit_occurrence"].cells(columns) {
        let (id, day) = (id.unwrap(), day.unwrap());
        let newest = latest.entry(id).or_insert(day);
        *newest = (*newest).max(day);
        let own = periods.get(id).into_iter().flatten();
        if own
            .clone()
            .any(|(start, end)| (*start..=*end).contains(&day))
        {
            counts.entry(id).or_default().insert(visit.unwrap());
        }
    }
    for (id, day) in latest {
        of(people, Some(id)).insert("last_visit".to_owned(), day.to_owned());
    }
    for (id, own) in periods {
        let cells = of(people, Some(id));
        let visits = counts.get(id).map_or(0, BTreeSet::len);
        cells.insert("visits".to_owned(), visits.to_string());
        cells.insert("deceased".to_owned(), "false".to_owned());
        let (from, to) = (own.iter().map(|p| p.0).min(), own.iter().map(|p| p.1).max());
        cells.insert("observed_from".to_owned(), from.unwrap().to_owned());
        cells.insert("observed_to".to_owned(), to.unwrap().to_owned());
    }
}

/// By the names of concepts: of type 2, not telling, or another condition.
fn diabetes(cdm: &Cdm, people: &mut People) {
    let names: BTreeMap<&str, String> = cdm.0["concept"]
        .cells(["concept_id", "concept_name"])
        .filter_map(|[id, name]| Some((id?, name?.to_lowercase())))
        .filter(|(id, _)| *id != "0")
        .collect();
    let mut said: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    for [id, concept] in cdm.0["condition_occurrence"].cells(["person_id", "condition_concept_id"])
    {
        let what = match names.get(concept.unwrap()) {
            Some(name) if name.contains("type 2 diabetes") => "true",
            Some(name) if !name.contains("due to diabetes") => "another",
            _ => "open",
        };
        said.entry(id.unwrap().parse().unwrap())
            .or_default()
            .insert(what);
    }
    for (id, cells) in people {
        let said = said.remove(id).unwrap_or_default();
        let value = match (said.contains("true"), said.contains("open")) {
            (true, _) => "true",
            (false, false) if cells.contains_key("observed_from") => "false",
            (false, _) => continue,
        };
        cells.insert("has_t2dm".to_owned(), value.to_owned());
    }
}
