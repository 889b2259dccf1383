//! A small cohort with missing values, several rows a subject and padding, and claims about it.

use crate::claim::{ClaimInput, ClaimPlan, CountUnit, OpenedChunk, Terms, plan};
use crate::dataset::{self, SegmentKeys};
use crate::field::Felt;
use crate::ids::LineageId;
use crate::page::Cell;
use crate::query::{Program, compile};
use crate::registration::{self, Row, SegmentInput, SegmentPlan};
use crate::schema::Schema;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// A row in plain numbers: integers of the column's type (codes by place, days since 1970, decimals
/// in units).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CohortRow {
    pub subject: u128,
    /// One a column; missing ones are `None`.
    pub values: Vec<Option<i64>>,
}

/// Columns of every type; `consent` is an inclusion criterion, `long` takes two cells.
pub fn claim_schema() -> Schema {
    let text = r#"{"format": "medveil-schema-1", "rows": "per_record", "subject": {"header": "id"}, "columns": [
        {"name": "age", "type": "int", "min": 0, "max": 100, "source": {"header": "age"}},
        {"name": "sex", "type": "code", "codes": ["female", "male", "other"], "source": {"header": "sex"}},
        {"name": "hba1c", "type": "decimal", "scale": 1, "min": 3.0, "max": 20.0, "source": {"header": "hba1c"}},
        {"name": "taken", "type": "day", "min": "2000-01-01", "max": "2049-12-31", "source": {"header": "taken"}},
        {"name": "consent", "type": "flag", "inclusion_criterion": true, "source": {"header": "consent"}},
        {"name": "delta", "type": "int", "min": -20, "max": 11, "source": {"header": "delta"}},
        {"name": "born", "type": "day", "min": "1900-01-01", "max": "2019-12-31", "source": {"header": "b"}},
        {"name": "wide", "type": "int", "min": 0, "max": 16777215, "source": {"header": "wide"}},
        {"name": "long", "type": "int", "min": 0, "max": 16777216, "source": {"header": "long"}},
        {"name": "smoker", "type": "flag", "source": {"header": "smoker"}},
        {"name": "late", "type": "int", "min": 1, "max": 8, "source": {"header": "late"}}]}"#;
    Schema::from_json(text).expect("the schema of the fixtures is valid")
}

/// `n` rows in the order of their subjects; everybody consents, other values are missing now and
/// then.
pub fn cohort_rows(n: usize, seed: u64) -> Vec<CohortRow> {
    let rng = &mut ChaCha20Rng::seed_from_u64(seed);
    let schema = claim_schema();
    let mut subject = 0u128;
    let mut rows = Vec::with_capacity(n);
    for i in 0..n {
        if i == 0 || rng.gen_ratio(3, 5) {
            subject += rng.gen_range(1..1u128 << 80);
        }
        let values = schema.columns().iter().map(|column| {
            let (min, max) = column.bounds();
            match column.name.as_str() {
                "consent" => Some(1),
                _ => rng.gen_ratio(4, 5).then(|| rng.gen_range(min..=max)),
            }
        });
        rows.push(CohortRow {
            subject,
            values: values.collect(),
        });
    }
    rows
}

/// The cells of a row.
fn cells(schema: &Schema, row: &CohortRow) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (column, value) in schema.columns().iter().zip(&row.values) {
        match value {
            None => cells.resize(cells.len() + column.limbs() as usize, Cell::ABSENT),
            Some(value) => {
                let value = column.value_of(*value).expect("a value of the column");
                let limbs = column.encode(value).expect("a value of the column");
                cells.extend(
                    limbs
                        .into_iter()
                        .map(|limb| Cell::present(limb).expect("a limb has 24 bits")),
                );
            }
        }
    }
    cells
}

/// The registration of rows.
pub fn cohort_fixture(rows: &[CohortRow], tier: usize) -> SegmentPlan {
    let rng = &mut ChaCha20Rng::seed_from_u64(31);
    let schema = claim_schema();
    let rows: Vec<Row> = rows
        .iter()
        .map(|row| Row {
            pseudonym: row.subject,
            cells: cells(&schema, row),
        })
        .collect();
    let input = SegmentInput {
        rows: &rows,
        layout: &dataset::layout(&schema),
        tier,
        keys: &SegmentKeys::generate(rng),
        lineage: LineageId::new(Felt::from_u64(78)),
        segment: dataset::fresh_segment(rng),
    };
    registration::plan(&input, rng).expect("the rows of the fixture are valid")
}

/// The chunks of a registration as a query opens them.
pub fn opened(segment: &SegmentPlan, tier: usize, program: &Program) -> Vec<OpenedChunk> {
    let open = |(i, chunk)| {
        OpenedChunk::of_registration(i, tier, chunk, program)
            .expect("the pages of the fixture open")
    };
    segment.chunks.iter().enumerate().map(open).collect()
}

/// A count of at least k.
pub fn terms(unit: CountUnit, k: u64) -> Terms {
    Terms { unit, k }
}

/// A claim over `n` rows of the cohort with a given seed.
pub fn claim_fixture(
    n: usize,
    tier: usize,
    text: &str,
    terms: Terms,
    subject_floor: u64,
) -> ClaimPlan {
    let segment = cohort_fixture(&cohort_rows(n, 7), tier);
    let query =
        compile(text, &claim_schema(), terms.unit).expect("the query of the fixture compiles");
    let chunks = opened(&segment, tier, query.program());
    let rng = &mut ChaCha20Rng::seed_from_u64(32);
    let input = ClaimInput {
        program: query.program(),
        chunks: &chunks,
        terms,
        subject_floor,
        context: Felt::from_u64(4242),
    };
    plan(&input, rng).expect("the fixture has chunks")
}
