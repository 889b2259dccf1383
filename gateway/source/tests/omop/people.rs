//! Made people, each a question about how OMOP is read, and what is right of each.

mod expected;

pub use self::expected::{check_counts, expected};
use super::cdm::Cdm;

/// Concepts: number, vocabulary, code. Those of the vocabularies' own are their real ones.
const CONCEPTS: [(u32, &str, &str); 29] = [
    (0, "None", "No matching concept"),
    (4_274_025, "SNOMED", "64572001"),
    (201_820, "SNOMED", "73211009"),
    (442_793, "SNOMED", "74627003"),
    (201_826, "SNOMED", "44054006"),
    (4_193_704, "SNOMED", "313436004"),
    (443_732, "SNOMED", "422014003"),
    (43_530_656, "SNOMED", "1551000119108"),
    (201_254, "SNOMED", "46635009"),
    (435_216, "SNOMED", "420868002"),
    (4_024_659, "SNOMED", "11687002"),
    (316_866, "SNOMED", "38341003"),
    (3_004_410, "LOINC", "4548-4"),
    (40_758_583, "LOINC", "59261-8"),
    (3_038_553, "LOINC", "39156-5"),
    (3_004_249, "LOINC", "8480-6"),
    (3_012_888, "LOINC", "8462-4"),
    (4_152_194, "SNOMED", "271649006"),
    (43_054_909, "LOINC", "72166-2"),
    (45_879_404, "LOINC", "LA18978-9"),
    (45_883_458, "LOINC", "LA15920-4"),
    (45_885_135, "LOINC", "LA18980-5"),
    (4_298_794, "SNOMED", "77176002"),
    (8_554, "UCUM", "%"),
    (9_579, "UCUM", "mmol/mol"),
    (9_531, "UCUM", "kg/m2"),
    (8_876, "UCUM", "mm[Hg]"),
    (44_777_602, "UCUM", "kPa"),
    // A unit of a site's own, which looks like UCUM.
    (2_000_000_001, "SITE", "%"),
];

/// Ancestors and what stands below them; each also stands below itself.
const BELOW: [(u32, &[u32]); 6] = [
    (
        4_274_025,
        &[
            201_820, 442_793, 201_826, 4_193_704, 443_732, 43_530_656, 201_254, 435_216, 4_024_659,
            316_866,
        ],
    ),
    (201_820, &[201_826, 4_193_704, 201_254, 4_024_659]),
    (442_793, &[443_732, 43_530_656, 435_216]),
    (201_826, &[4_193_704]),
    (443_732, &[43_530_656]),
    (435_216, &[]),
];

fn vocabulary(cdm: &mut Cdm) {
    for (id, vocabulary, code) in CONCEPTS {
        let row = format!("concept_id={id}; vocabulary_id={vocabulary}; concept_code={code}");
        cdm.add("concept", &row);
        if vocabulary == "SNOMED" {
            cdm.add("concept_ancestor", &ancestor(id, id));
        }
    }
    for (above, below) in BELOW {
        for id in below {
            cdm.add("concept_ancestor", &ancestor(above, *id));
        }
    }
}

fn ancestor(above: u32, below: u32) -> String {
    format!("ancestor_concept_id={above}; descendant_concept_id={below}")
}

/// Puts rows of one person together.
struct Person<'a>(&'a mut Cdm, u64);

impl Person<'_> {
    fn add(self, table: &str, row: &str) -> Self {
        self.0.add(table, &format!("person_id={}; {row}", self.1));
        self
    }

    fn seen(self) -> Self {
        self.add(
            "observation_period",
            "observation_period_start_date=2010-01-01; observation_period_end_date=2025-06-30",
        )
    }

    fn condition(self, concept: u32, date: &str) -> Self {
        let row = format!("condition_concept_id={concept}; condition_start_date={date}");
        self.add("condition_occurrence", &row)
    }

    /// A number with its unit.
    fn measured(self, concept: u32, number: &str, unit: u32, at: &str) -> Self {
        let row = format!(
            "value_as_number={number}; unit_concept_id={unit}; {}",
            time(at)
        );
        self.measurement(concept, &row)
    }

    fn measurement(self, concept: u32, row: &str) -> Self {
        self.add(
            "measurement",
            &format!("measurement_concept_id={concept}; {row}"),
        )
    }

    fn observation(self, concept: u32, date: &str, row: &str) -> Self {
        let row = format!("observation_concept_id={concept}; observation_date={date}; {row}");
        self.add("observation", row.trim_end_matches("; "))
    }
}

/// A date, or a date and a time.
fn time(at: &str) -> String {
    let date = at.get(..10).unwrap();
    match at.len() {
        10 => format!("measurement_date={date}"),
        _ => format!("measurement_date={date}; measurement_datetime={at}"),
    }
}

const HBA1C: u32 = 3_004_410;
const BMI: u32 = 3_038_553;
const SYSTOLIC: u32 = 3_004_249;
const SMOKING: u32 = 43_054_909;
const PERCENT: u32 = 8_554;
const KG_M2: u32 = 9_531;
const MMHG: u32 = 8_876;

/// Every table, filled.
pub fn tables() -> Cdm {
    let mut cdm = Cdm::new();
    vocabulary(&mut cdm);
    ordinary(&mut cdm);
    diabetes(&mut cdm);
    results(&mut cdm);
    habits_and_deaths(&mut cdm);
    // Of nobody in `person`.
    Person(&mut cdm, 999).measured(HBA1C, "6.6", PERCENT, "2024-01-01");
    cdm
}

fn born(cdm: &mut Cdm, id: u64) -> Person<'_> {
    let row = "gender_concept_id=8507; year_of_birth=1970; month_of_birth=6; day_of_birth=15";
    Person(cdm, id).add("person", row)
}

fn ordinary(cdm: &mut Cdm) {
    let visit = |n: u32, date: &str| {
        format!("visit_occurrence_id={n}; visit_concept_id=9202; visit_start_date={date}")
    };
    born(cdm, 1)
        .seen()
        .add("visit_occurrence", &visit(1, "2009-12-31"))
        .add("visit_occurrence", &visit(2, "2010-01-01"))
        .add("visit_occurrence", &visit(3, "2024-07-07"))
        // The same visit once more.
        .add("visit_occurrence", &visit(3, "2024-07-07"))
        .condition(4_193_704, "2020-01-01")
        .measured(HBA1C, "6.1", PERCENT, "2023-01-01")
        .measured(40_758_583, "53", 9_579, "2024-01-01")
        .measured(BMI, "27.35", KG_M2, "2024-01-01")
        .measured(4_152_194, "16", 44_777_602, "2024-01-01 09:30:00")
        .measured(3_012_888, "80", MMHG, "2024-01-01 09:30:00")
        .observation(SMOKING, "2024-01-01", "value_as_concept_id=45879404");
    let year = "gender_concept_id=8532; year_of_birth=1980";
    Person(cdm, 2).add("person", year).seen();
    let month = "gender_concept_id=8521; year_of_birth=1990; month_of_birth=3";
    // More than the digits of a float.
    Person(cdm, WIDE).add("person", month).seen();
    let unknown = "gender_concept_id=0; year_of_birth=1970; birth_datetime=1970-01-01 00:00:00";
    Person(cdm, 4)
        .add("person", unknown)
        .add("visit_occurrence", &visit(4, "2024-02-29"))
        .condition(316_866, "2024-01-01");
}

/// One more than 2^53.
const WIDE: u64 = 9_007_199_254_740_993;

fn diabetes(cdm: &mut Cdm) {
    for (id, concept) in [
        (10, 0),
        (11, 201_254),
        (12, 201_820),
        (13, 435_216),
        (14, 4_024_659),
        (15, 43_530_656),
        (16, 4_274_025),
        // Not in the vocabulary.
        (17, 44_824_073),
        (18, 316_866),
    ] {
        born(cdm, id).seen().condition(concept, "2020-01-01");
    }
    let status = |code: u32| {
        format!(
            "condition_concept_id=201826; condition_start_date=2020-01-01; \
             condition_status_concept_id={code}"
        )
    };
    born(cdm, 20)
        .seen()
        .add("condition_occurrence", &status(32_899));
    born(cdm, 21)
        .seen()
        .add("condition_occurrence", &status(32_902));
    // Outside of every period, and after the day of reading.
    born(cdm, 22).condition(201_826, "2001-01-01");
    born(cdm, 23).seen().condition(201_826, "2099-01-01");
    // One that is not mapped beside one that is.
    let both = born(cdm, 24).seen().condition(0, "2021-01-01");
    both.condition(201_826, "2020-01-01");
}

fn results(cdm: &mut Cdm) {
    let operator = |code: u32, at: &str| {
        format!(
            "value_as_number=90; unit_concept_id={MMHG}; operator_concept_id={code}; {}",
            time(at)
        )
    };
    for (id, code) in [
        (30, 4_171_756),
        (31, 4_172_704),
        (32, 4_171_754),
        (33, 4_171_755),
    ] {
        born(cdm, id)
            .measured(SYSTOLIC, "120", MMHG, "2020-01-01")
            .measurement(SYSTOLIC, &operator(code, "2021-01-01"));
    }
    for (id, code) in [(34, 4_172_703), (35, 0)] {
        born(cdm, id).measurement(SYSTOLIC, &operator(code, "2021-01-01"));
    }
    // An operator that is none of the five; one that the source's text alone has.
    born(cdm, 36).measurement(SYSTOLIC, &operator(4_172_705, "2021-01-01"));
    let text = operator(0, "2021-01-01") + "; value_source_value=>90";
    born(cdm, 37).measurement(SYSTOLIC, &text);
    for (id, said) in [
        (38, "\t<4"),
        (39, "\u{a0}<4"),
        (45, "=<4"),
        (46, "&lt;4"),
        (47, "Less than 4"),
        (48, "＞15"),
        (49, "90 mmHg"),
    ] {
        let row = operator(0, "2021-01-01") + "; value_source_value=" + said;
        born(cdm, id).measurement(SYSTOLIC, &row);
    }
    born(cdm, 40).measurement(HBA1C, "value_as_number=6.6; measurement_date=2024-01-01");
    born(cdm, 41).measured(HBA1C, "6.6", 0, "2024-01-01");
    // A unit of another vocabulary; one that is not there at all; one that is no ratio.
    born(cdm, 42).measured(HBA1C, "6.6", 2_000_000_001, "2024-01-01");
    born(cdm, 43).measured(HBA1C, "6.6", 77, "2024-01-01");
    born(cdm, 44).measured(HBA1C, "6.6", MMHG, "2024-01-01");
    times(cdm);
    let newer = "measurement_date=2024-01-01";
    older(cdm, 60).measurement(HBA1C, &format!("value_as_concept_id=4328749; {newer}"));
    older(cdm, 61).measurement(HBA1C, &format!("value_source_value=haemolytic; {newer}"));
    // Nothing is told of a result: none came.
    older(cdm, 62).measurement(HBA1C, newer);
    older(cdm, 63).measured(HBA1C, "9.9", PERCENT, "2099-01-01");
    older(cdm, 64).measured(HBA1C, "99", PERCENT, "2024-01-01");
    // IFCC's percent is not NGSP's.
    older(cdm, 65).measured(40_758_583, "5.3", PERCENT, "2024-01-01");
}

fn older(cdm: &mut Cdm, id: u64) -> Person<'_> {
    born(cdm, id).measured(HBA1C, "6.0", PERCENT, "2020-01-01")
}

fn times(cdm: &mut Cdm) {
    let at = |cdm: &mut Cdm, id, one, other| {
        born(cdm, id)
            .measured(HBA1C, "6.0", PERCENT, one)
            .measured(HBA1C, "7.0", PERCENT, other);
    };
    at(cdm, 50, "2024-01-01 08:00:00", "2024-01-01 17:00:00");
    at(cdm, 51, "2024-01-01 17:00:00", "2024-01-01 08:00:00");
    at(cdm, 52, "2024-01-01 08:00:00", "2024-01-01 08:00:00");
    // Which came last is not told: one has no time, and midnight is none.
    at(cdm, 53, "2024-01-01 08:00:00", "2024-01-01");
    at(cdm, 54, "2024-01-01 08:00:00", "2024-01-01 00:00:00");
    at(cdm, 55, "2024-01-01 08:00:00", "2024-01-02");
    // Twice the same.
    born(cdm, 56)
        .measured(HBA1C, "6.0", PERCENT, "2024-01-01")
        .measured(HBA1C, "6.0", PERCENT, "2024-01-01");
}

fn former(cdm: &mut Cdm, id: u64) -> Person<'_> {
    let row = "value_as_concept_id=45883458";
    born(cdm, id).observation(SMOKING, "2020-01-01", row)
}

fn habits_and_deaths(cdm: &mut Cdm) {
    former(cdm, 70);
    former(cdm, 71).observation(SMOKING, "2024-01-01", "value_as_concept_id=45885135");
    let text = "value_as_concept_id=0; value_as_string=sometimes";
    former(cdm, 72).observation(SMOKING, "2024-01-01", text);
    former(cdm, 73).observation(4_298_794, "2024-01-01", "");
    former(cdm, 74).observation(4_298_794, "2024-01-01", "value_as_concept_id=4188540");
    former(cdm, 75).observation(4_298_794, "2024-01-01", "qualifier_concept_id=4167217");
    let asked = format!("value_as_concept_id=45879404; {}", time("2024-01-01"));
    former(cdm, 76).measurement(SMOKING, &asked);
    former(cdm, 77).observation(SMOKING, "2024-01-01", "");
    born(cdm, 80).seen().add("death", "death_date=2020-06-14");
    born(cdm, 81).add("death", "death_date=2020-06-15");
    born(cdm, 82)
        .seen()
        .add("death", "death_date=2019-01-01")
        .add("death", "death_date=2021-01-01");
    born(cdm, 83).seen().add("death", "death_date=2099-01-01");
    born(cdm, 84).seen().add("death", "death_type_concept_id=1");
}
