//! What is right of the made people.

use super::super::{Cells, Cohort, People, dropped};
use super::WIDE;

/// What is right, cell by cell; what is not named is NULL.
pub fn expected() -> People {
    let mut people = People::new();
    let mut add = |id: u64, cells: &str| {
        let pairs = cells.split_whitespace().map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        people.insert(id, pairs.collect::<Cells>());
    };
    const BORN: &str = "birth_year=1970 age=55 sex=male";
    const SEEN: &str = "deceased=false observed_from=2010-01-01 observed_to=2025-06-30 visits=0";
    add(
        1,
        "birth_year=1970 age=55 sex=male has_t2dm=true hba1c=7.0 bmi=27.4 systolic=120 \
         diastolic=80 smoking=never deceased=false observed_from=2010-01-01 \
         observed_to=2025-06-30 visits=2 last_visit=2024-07-07",
    );
    add(
        2,
        &format!("birth_year=1980 age=45 sex=female has_t2dm=false {SEEN}"),
    );
    add(
        WIDE,
        &format!("birth_year=1990 age=35 sex=other has_t2dm=false {SEEN}"),
    );
    add(4, "birth_year=1970 age=55 last_visit=2024-02-29");
    for (id, has_t2dm) in [
        (10, ""),
        (11, "has_t2dm=false"),
        (12, ""),
        (13, "has_t2dm=false"),
        (14, "has_t2dm=false"),
        (15, "has_t2dm=true"),
        (16, ""),
        (17, ""),
        (18, "has_t2dm=false"),
        (20, ""),
        (21, "has_t2dm=true"),
        (23, ""),
        (24, "has_t2dm=true"),
    ] {
        add(id, &format!("{BORN} {SEEN} {has_t2dm}"));
    }
    add(22, &format!("{BORN} has_t2dm=true"));
    for (id, cell) in [
        (30, ""),
        (31, ""),
        (32, ""),
        (33, ""),
        (34, "systolic=90"),
        (35, "systolic=90"),
        (36, ""),
        (37, ""),
        (38, ""),
        (39, ""),
        (40, ""),
        (41, ""),
        (42, ""),
        (43, ""),
        (44, ""),
        (45, ""),
        (46, ""),
        (47, ""),
        (48, ""),
        (49, "systolic=90"),
        (50, "hba1c=7.0"),
        (51, "hba1c=6.0"),
        (52, ""),
        (53, ""),
        (54, ""),
        (55, "hba1c=7.0"),
        (56, "hba1c=6.0"),
        (60, ""),
        (61, ""),
        (62, "hba1c=6.0"),
        (63, "hba1c=6.0"),
        (64, ""),
        (65, ""),
        (70, "smoking=former"),
        (71, ""),
        (72, ""),
        (73, ""),
        (74, ""),
        (75, ""),
        (76, "smoking=never"),
        (77, "smoking=former"),
    ] {
        add(id, &format!("{BORN} {cell}"));
    }
    let dead = "birth_year=1970 sex=male deceased=true";
    let observed = "observed_from=2010-01-01 observed_to=2025-06-30 visits=0 has_t2dm=false";
    add(80, &format!("{dead} age=49 died_on=2020-06-14 {observed}"));
    add(81, &format!("{dead} age=50 died_on=2020-06-15"));
    add(82, &format!("{dead} {observed}"));
    add(83, &format!("{BORN} {observed}"));
    add(84, &format!("{dead} {observed}"));
    people
}

/// Each loss is counted under its reason.
pub fn check_counts(cohort: &Cohort) {
    let count = |column: &str, reason: &str| {
        let counts = dropped(cohort, Some(column));
        let of = counts.iter().filter(|(r, _)| r.contains(reason));
        of.map(|(_, n)| n).sum::<u64>()
    };
    assert_eq!(count("systolic", "got a bound"), 12);
    // Two of them are results that are no number.
    assert_eq!(count("hba1c", "expected a unit, got none"), 5);
    assert_eq!(count("hba1c", "expected a known unit"), 3);
    assert_eq!(count("hba1c", "values of one time differ"), 3);
    assert_eq!(count("hba1c", "dated after the day of reading"), 1);
    assert_eq!(count("hba1c", "in the column's range"), 1);
    assert_eq!(count("smoking", "one of the column's codes"), 5);
    assert_eq!(count("died_on", "values of one time differ"), 1);
    assert_eq!(
        dropped(cohort, None).values().sum::<u64>(),
        1,
        "one of nobody"
    );
}
