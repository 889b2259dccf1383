//! The recipient's side: fetch, decrypt, and check every page against the ledger's roots.

use super::grant::Granted;
use super::pages::{open_chunk, rows_of};
use super::reading::{OpenReport, ReportError};
use super::report::DatasetReported;
use super::table::{ReadRow, granted as columns_of, table};
use super::{DatasetError, PagesError};
use crate::actor::Actor;
use crate::outfile;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::RequestId;
use medveil_circuits::registration;
use medveil_circuits::schema::Schema;
use medveil_contract::call::request::GetChunkRoots;
use medveil_contract::call::transient::SealedReading;
use medveil_source::{Row, SpoiledCell};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// Lines that are shown where the rows go to no file: a header and some rows.
const SHOWN: usize = 4;

/// A cell that holds what its column cannot hold.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SpoiledValue {
    /// Which row, the first is 1.
    pub row: usize,
    pub column: String,
    /// What was expected.
    pub why: String,
}

fn spoiled(schema: &Schema, granted: &[usize], rows: &[ReadRow]) -> Vec<SpoiledValue> {
    let of_row = |(i, (_, cells)): (usize, &ReadRow)| {
        let known = cells.iter().filter(|cell| granted.contains(&cell.column));
        let value = |cell: &SpoiledCell| SpoiledValue {
            row: i + 1,
            column: schema.columns()[cell.column].name.clone(),
            why: cell.why.to_string(),
        };
        known.map(value).collect::<Vec<_>>()
    };
    rows.iter().enumerate().flat_map(of_row).collect()
}

/// A granted dataset was read and checked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetRead {
    /// Who read.
    pub actor: String,
    #[schemars(with = "String")]
    pub grant: RequestId,
    pub rows: usize,
    /// Cells that hold what their column cannot hold: `#SPOILED` in the rows.
    pub spoiled: Vec<SpoiledValue>,
    /// Chunks that were checked against the ledger's roots.
    pub chunks: usize,
    /// What the holder said of its reading, as far as the grant goes.
    pub report: ReportRead,
    /// The file that has the rows now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<String>,
    /// The first rows, where they went to no file.
    #[serde(skip)]
    pub first: FirstRows,
}

/// A reading report, or why it cannot be read: the rows stand without it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportRead {
    Open(DatasetReported),
    Unreadable(String),
}

impl From<Result<OpenReport, ReportError>> for ReportRead {
    fn from(read: Result<OpenReport, ReportError>) -> Self {
        match read.and_then(|open| DatasetReported::of(&open)) {
            Ok(report) => ReportRead::Open(report),
            Err(error) => ReportRead::Unreadable(error.to_string()),
        }
    }
}

/// Header and first rows, for the recipient's own screen. **Security**: plaintext; never serialised
/// or shown by `Debug`.
#[derive(Default)]
pub struct FirstRows(pub Vec<String>);

impl fmt::Debug for FirstRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstRows(..)")
    }
}

impl Step for DatasetRead {
    const NAME: &'static str = "dataset.read";
}

/// Reads a granted dataset: key, pages, roots; decrypts and checks, and writes the rows to `out` or
/// gives the first ones.
///
/// **Errors**: no such grant, or its keys were not delivered; a page or key that is not the
/// registered one.
pub async fn read(
    session: &Session,
    actor: &Actor,
    grant: RequestId,
    out: Option<&Path>,
) -> Result<DatasetRead, DatasetError> {
    let granted = Granted::open(session, actor, grant).await?;
    let Granted {
        request,
        version,
        schema,
        keys,
        ..
    } = &granted;
    let dataset = request.dataset;
    let first = GetChunkRoots {
        dataset,
        bookmark: String::new(),
    };
    let roots = session.ask_all(&actor.org, &first).await?;
    let (rows, stored) = read_rows(session, &granted, &roots).await?;
    if rows.len() as u64 != version.dataset.n_rows {
        let (expected, got) = (version.dataset.n_rows, rows.len() as u64);
        return Err(PagesError::Rows { expected, got }.into());
    }
    let rows = rows.iter().map(|row| Row::from_cells(row, schema));
    let rows = rows.collect::<Result<Vec<_>, _>>();
    let rows: Vec<ReadRow> = rows.map_err(PagesError::Value)?;
    let spoiled = spoiled(schema, &columns_of(schema, &keys.slots), &rows);
    let mut lines = table(schema, &keys.slots, &rows);
    if let Some(path) = out {
        outfile::write_secret(&session.home, path, lines.join("\n").as_bytes())?;
        lines.clear();
    }
    lines.truncate(SHOWN);
    Ok(DatasetRead {
        actor: actor.to_string(),
        grant,
        rows: rows.len(),
        spoiled,
        chunks: roots.len(),
        report: granted.report(stored.as_ref()).into(),
        out: out.map(|path| path.display().to_string()),
        first: FirstRows(lines),
    })
}

/// The rows of all chunks, each checked against its root; and the sealed reading report.
async fn read_rows(
    session: &Session,
    granted: &Granted,
    roots: &[Felt],
) -> Result<(Vec<registration::Row>, Option<SealedReading>), DatasetError> {
    let total = roots.len() as u64;
    let task = session.progress.begin("reading pages", Some(total));
    let (mut rows, mut report) = (Vec::new(), None);
    for (chunk, root) in (0u32..).zip(roots.iter().copied()) {
        let mut stored = granted.fetch(session, chunk).await?;
        report = report.or_else(|| stored.reading.take());
        let keys = granted.keys.clone();
        let open = move || rows_of(chunk, &open_chunk(&stored, root, &keys)?, &keys);
        let opened = tokio::task::spawn_blocking(open).await;
        rows.extend(opened.map_err(DatasetError::Stopped)??);
        task.advance();
    }
    Ok((rows, report))
}
