//! Claims that follow from a schema: what quickstart publishes about data it has never seen.

use super::ClaimError;
use super::open::OpenedDataset;
use crate::journey::dataset::LocalDataset;
use crate::session::Session;
use medveil_circuits::claim::{CountUnit, Counts};
use medveil_circuits::query::{Query, quote};
use medveil_circuits::schema::{Column, ColumnType};
use medveil_collections_config::MspId;
use medveil_source::print_value;

/// Most queries that are counted in search of one to publish.
const MAX_TRIED: usize = 64;
/// Most words of a code list that are tried.
const MAX_CODES: usize = 6;

/// How much a query says of a patient; the most interesting come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Interest {
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
pub async fn largest_query(
    session: &Session,
    holder: &MspId,
    dataset: &str,
) -> Result<String, ClaimError> {
    let local = LocalDataset::new(session, holder, dataset)?;
    let opened = OpenedDataset::open(session, &local).await?;
    session.ledger().release();
    let chosen = tokio::task::spawn_blocking(move || largest(&opened)).await;
    chosen.map_err(ClaimError::Stopped)?
}

fn largest(opened: &OpenedDataset) -> Result<String, ClaimError> {
    let columns = opened.schema.columns().iter();
    let columns = columns.filter(|c| !c.inclusion_criterion && c.limbs() == 1);
    let mut all: Vec<(Interest, String)> = columns.flat_map(queries).collect();
    // Stable: among equals the schema's order counts.
    all.sort_by_key(|(interest, _)| *interest);
    for (_, query) in all.iter().take(MAX_TRIED) {
        let (compiled, counts) = count_query(opened, query)?;
        if opened.largest_k(&compiled, counts).is_ok() {
            return Ok(query.clone());
        }
    }
    let first = all.into_iter().next();
    first.map(|(_, query)| query).ok_or(ClaimError::NoQuery)
}

fn count_query(opened: &OpenedDataset, query: &str) -> Result<(Query, Counts), ClaimError> {
    let compiled = opened.compile(query, CountUnit::Subjects)?;
    let counts = opened.count(compiled.program())?.counts;
    Ok((compiled, counts))
}

/// What one would ask about a column: a flag that is set, each word of a short list, half of a
/// range, a value at all.
fn queries(column: &Column) -> Vec<(Interest, String)> {
    let name = quote(&column.name);
    let (min, max) = column.bounds();
    let half = column.value_of(min + (max - min) / 2).ok();
    let half = half.map(|half| print_value(column, half));
    let code = |c: &String| format!("{name} = '{}'", c.replace('\'', "''"));
    let (interest, asked) = match (&column.kind, half) {
        (ColumnType::Flag, _) => (Interest::Finding, vec![format!("{name} = TRUE")]),
        (ColumnType::Code { codes }, _) => {
            let codes = codes.iter().take(MAX_CODES).map(code);
            (Interest::Word, codes.collect())
        }
        (ColumnType::Day { .. }, Some(half)) => {
            (Interest::Half, both(&name, &format!("DATE '{half}'")))
        }
        (ColumnType::Int { .. } | ColumnType::Decimal { .. }, Some(half)) => {
            (Interest::Half, both(&name, &half))
        }
        (_, None) => (Interest::Half, vec![]),
    };
    let asked = asked.into_iter().map(|query| (interest, query));
    let mut all: Vec<(Interest, String)> = asked.collect();
    all.push((Interest::Presence, format!("{name} IS NOT NULL")));
    all
}

/// Both halves of a range.
fn both(name: &str, half: &str) -> Vec<String> {
    vec![format!("{name} >= {half}"), format!("{name} < {half}")]
}
