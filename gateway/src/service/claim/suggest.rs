//! Claims that follow from a schema: what quickstart publishes about data it has never seen.

use super::STAGE;
use super::open::OpenedDataset;
use crate::desk::Desk;
use crate::error::GatewayError;
use crate::service::local::LocalDataset;
use crate::source::print_value;
use circuits::claim::{CountUnit, Counts, count};
use circuits::schema::{Column, ColumnType};
use collections_config::MspId;

/// Most queries that are counted in search of one to publish.
const MAX_TRIED: usize = 64;
/// Most words of a code list that are tried.
const MAX_CODES: usize = 6;

/// How much a query says of a patient; the more telling come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    Finding,
    Word,
    Half,
    Presence,
}

/// The first query that the schema suggests and that has a publishable threshold; without one, the
/// first query.
///
/// **Errors**: as opening the dataset; a schema of which nothing can be asked.
///
/// **Cost**: decrypts all pages once and counts at most 64 queries over them.
pub fn largest_query(desk: &Desk, holder: &MspId, dataset: &str) -> Result<String, GatewayError> {
    let opened = OpenedDataset::open(desk, &LocalDataset::new(desk, holder, dataset)?)?;
    let mut all: Vec<(Telling, String)> = opened
        .schema
        .columns()
        .iter()
        .filter(|c| !c.inclusion_criterion && c.limbs() == 1)
        .flat_map(queries)
        .collect();
    // Stable: among equals the schema's order counts.
    all.sort_by_key(|(telling, _)| *telling);
    for (_, query) in all.iter().take(MAX_TRIED) {
        let (compiled, counts) = counted(&opened, query)?;
        if opened.largest_k(desk, &compiled, counts).is_ok() {
            return Ok(query.clone());
        }
    }
    let nothing = || {
        GatewayError::input(
            STAGE,
            "the schema has no column of 24 bits or less that is no inclusion criterion",
        )
    };
    all.into_iter()
        .next()
        .map(|(_, query)| query)
        .ok_or_else(nothing)
}

/// An expression over inclusion criteria that every subject satisfies; `TRUE`, which says that each
/// row is real, where no column does.
///
/// **Errors**: as opening the dataset.
pub fn satisfied_by_all(
    desk: &Desk,
    holder: &MspId,
    dataset: &str,
) -> Result<String, GatewayError> {
    let opened = OpenedDataset::open(desk, &LocalDataset::new(desk, holder, dataset)?)?;
    for column in opened
        .schema
        .columns()
        .iter()
        .filter(|c| c.inclusion_criterion && c.limbs() == 1)
    {
        for (_, query) in queries(column) {
            if counted(&opened, &query)?.1.subjects == opened.entry.n_subjects {
                return Ok(query);
            }
        }
    }
    Ok("TRUE".to_owned())
}

fn counted(
    opened: &OpenedDataset,
    query: &str,
) -> Result<(circuits::query::Query, Counts), GatewayError> {
    let compiled = opened.compile(query, CountUnit::Subjects)?;
    let counts = count(compiled.program(), &opened.chunks(compiled.program())?);
    Ok((compiled, counts))
}

/// What one would ask about a column: a flag that is set, each word of a short list, half of a
/// range, a value at all.
fn queries(column: &Column) -> Vec<(Telling, String)> {
    let name = quoted(&column.name);
    let (min, max) = column.bounds();
    let half = column
        .value_of(min + (max - min) / 2)
        .ok()
        .map(|half| print_value(column, half));
    let (telling, mut asked) = match (&column.kind, half) {
        (ColumnType::Flag, _) => (Telling::Finding, vec![format!("{name} = TRUE")]),
        (ColumnType::Code { codes }, _) => (
            Telling::Word,
            codes
                .iter()
                .take(MAX_CODES)
                .map(|c| format!("{name} = '{}'", c.replace('\'', "''")))
                .collect(),
        ),
        (ColumnType::Day { .. }, Some(half)) => {
            (Telling::Half, both(&name, &format!("DATE '{half}'")))
        }
        (_, Some(half)) => (Telling::Half, both(&name, &half)),
        (_, None) => (Telling::Half, vec![]),
    };
    let mut out: Vec<(Telling, String)> = asked.drain(..).map(|query| (telling, query)).collect();
    out.push((Telling::Presence, format!("{name} IS NOT NULL")));
    out
}

/// Both halves of a range.
fn both(name: &str, half: &str) -> Vec<String> {
    vec![format!("{name} >= {half}"), format!("{name} < {half}")]
}

/// A column's name, in double quotes where it is a word of the language. Names are letters, digits
/// and underscores.
fn quoted(name: &str) -> String {
    if RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word)) {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

/// The words of the language (`circuits::query`).
const RESERVED: [&str; 10] = [
    "and", "between", "date", "false", "in", "is", "not", "null", "or", "true",
];
