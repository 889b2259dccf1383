//! The recipient's side: fetch, decrypt, and check every page against the ledger's roots.

use super::pages::{ChunkKeys, open_chunk, rows_of};
use super::table::{ReadRow, granted, table};
use super::{DatasetError, PagesError};
use crate::actor::Actor;
use crate::keyring::get_secret;
use crate::session::Session;
use crate::step::Step;
use borsh::BorshDeserialize;
use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::dataset::layout;
use medveil_circuits::field::Felt;
use medveil_circuits::handover::{HandoverPackage, SlotKeys, unwrap};
use medveil_circuits::ids::{RequestId, SegmentId};
use medveil_circuits::registration;
use medveil_circuits::schema::Schema;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::reply::{DatasetVersion, RequestStatus};
use medveil_contract::call::request::{
    GetChunkRoots, GetDataset, GetRequest, ListRequests, ReadKey, ReadPages,
};
use medveil_contract::call::transient::StoredChunk;
use medveil_contract::model::{RequestEntry, RequestState};
use medveil_custody::write_secret_file;
use medveil_source::{Row, SpoiledCell};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

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
    /// The file that has the rows now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<String>,
    /// The first rows, where they went to no file.
    #[serde(skip)]
    pub first: FirstRows,
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

/// Name of the secret that receives the keys of a request.
pub fn recipient_secret_name(request: RequestId) -> String {
    format!("recipient-{}", &request.to_string()[..40])
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
    let org = &actor.org;
    let status = request_status(session, org, grant).await?;
    let secret = recipient_secret(session, actor, grant)?;
    let request = delivered_request(status)?;
    let further = delivered_extensions(session, actor, &request).await?;
    let dataset = request.dataset;
    let version = session.ask(org, GetDataset { dataset }).await?;
    let schema = schema_of(&version)?;
    let segment = version.dataset.segments.first();
    let segment = segment.ok_or(DatasetError::NoSegment(dataset))?;
    let mut slots = received_keys(session, org, &request, segment.segment, &secret).await?;
    for (extension, secret) in &further {
        let more = received_keys(session, org, extension, segment.segment, secret).await?;
        for (slot, key) in slots.iter_mut().zip(more.iter()) {
            *slot = slot.or(*key);
        }
    }
    let keys = Arc::new(ChunkKeys {
        slots,
        segment: segment.segment,
        layout: layout(&schema),
        tier: usize::from(version.dataset.tier),
    });
    let first = GetChunkRoots {
        dataset,
        bookmark: String::new(),
    };
    let roots = session.ask_all(org, &first).await?;
    let rows = read_rows(session, org, &request, &keys, &roots).await?;
    if rows.len() as u64 != version.dataset.n_rows {
        let (expected, got) = (version.dataset.n_rows, rows.len() as u64);
        return Err(PagesError::Rows { expected, got }.into());
    }
    let rows = rows.iter().map(|row| Row::from_cells(row, &schema));
    let rows = rows.collect::<Result<Vec<_>, _>>();
    let rows: Vec<ReadRow> = rows.map_err(PagesError::Value)?;
    let spoiled = spoiled(&schema, &granted(&schema, &keys.slots), &rows);
    let mut lines = table(&schema, &keys.slots, &rows);
    if let Some(path) = out {
        write_secret_file(path, lines.join("\n").as_bytes())?;
        lines.clear();
    }
    lines.truncate(SHOWN);
    Ok(DatasetRead {
        actor: actor.to_string(),
        grant,
        rows: rows.len(),
        spoiled,
        chunks: roots.len(),
        out: out.map(|path| path.display().to_string()),
        first: FirstRows(lines),
    })
}

fn schema_of(version: &DatasetVersion) -> Result<Schema, DatasetError> {
    let schema = Schema::from_canonical(version.schema.as_bytes());
    schema.map_err(|problems| DatasetError::LedgerSchema {
        root: version.dataset.root,
        problems,
    })
}

fn recipient_secret(
    session: &Session,
    actor: &Actor,
    grant: RequestId,
) -> Result<Scalar, DatasetError> {
    let vault = session.keyring.open(actor)?;
    let name = recipient_secret_name(grant);
    if !vault.has(&name) {
        return Err(DatasetError::NotRecipient {
            actor: actor.clone(),
            grant,
        });
    }
    let bytes: [u8; 32] = get_secret(&vault, &name)?;
    Scalar::from_bytes_le(&bytes).map_err(|_| DatasetError::RecipientKey(grant))
}

async fn request_status(
    session: &Session,
    org: &MspId,
    request: RequestId,
) -> Result<RequestStatus, DatasetError> {
    match session.ask(org, GetRequest { request }).await {
        Err(e) if e.code() == Some(Code::NotFound) => Err(DatasetError::NoRequest { request }),
        other => Ok(other?),
    }
}

/// The request, where its holder proved to have delivered the keys.
fn delivered_request(status: RequestStatus) -> Result<RequestEntry, DatasetError> {
    let request = status.request;
    if !status.deliveries.is_empty() {
        return Ok(request);
    }
    Err(match request.state {
        RequestState::Approved => DatasetError::NotHandedOver {
            grant: request.request,
            holder: request.holder,
        },
        state @ (RequestState::Submitted | RequestState::Rejected | RequestState::Closed) => {
            DatasetError::NotGranted {
                request: request.request,
                state,
            }
        }
    })
}

/// The extensions of a request whose keys were delivered to this person.
async fn delivered_extensions(
    session: &Session,
    actor: &Actor,
    request: &RequestEntry,
) -> Result<Vec<(RequestEntry, Scalar)>, DatasetError> {
    let mut found = Vec::new();
    if request.extension != 0 || request.n_extensions == 0 {
        return Ok(found);
    }
    let first = ListRequests {
        bookmark: String::new(),
    };
    let all = session.ask_all(&actor.org, &first).await?;
    let of_request = |e: &RequestEntry| e.nullifier == request.nullifier && e.extension != 0;
    for entry in all.into_iter().filter(of_request) {
        let status = request_status(session, &actor.org, entry.request).await?;
        if let (Ok(entry), Ok(secret)) = (
            delivered_request(status),
            recipient_secret(session, actor, entry.request),
        ) {
            found.push((entry, secret));
        }
    }
    Ok(found)
}

async fn received_keys(
    session: &Session,
    org: &MspId,
    request: &RequestEntry,
    segment: SegmentId,
    secret: &Scalar,
) -> Result<SlotKeys, DatasetError> {
    let grant = request.request;
    let query = ReadKey {
        grant,
        segment,
        digest: None,
    };
    let answer = match session.ask_private(org, query).await {
        Err(e) if e.code() == Some(Code::NotFound) => {
            let org = org.clone();
            return Err(DatasetError::KeysMissing { grant, org });
        }
        other => other?,
    };
    let package = HandoverPackage::try_from_slice(&answer.package);
    let package = package.map_err(|_| DatasetError::Package(grant))?;
    if package.digest() != answer.digest {
        return Err(DatasetError::OtherPackage(grant));
    }
    Ok(unwrap(&package, request.columns, secret, grant, segment))
}

/// The rows of all chunks, each checked against its root.
async fn read_rows(
    session: &Session,
    org: &MspId,
    request: &RequestEntry,
    keys: &Arc<ChunkKeys>,
    roots: &[Felt],
) -> Result<Vec<registration::Row>, DatasetError> {
    let total = roots.len() as u64;
    let task = session.progress.begin("reading pages", Some(total));
    let mut rows = Vec::new();
    for (chunk, root) in (0u32..).zip(roots.iter().copied()) {
        let stored = fetch(session, org, request, chunk).await?;
        let keys = keys.clone();
        let open = move || rows_of(chunk, &open_chunk(&stored, root, &keys)?, &keys);
        let opened = tokio::task::spawn_blocking(open).await;
        rows.extend(opened.map_err(DatasetError::Stopped)??);
        task.advance();
    }
    Ok(rows)
}

/// The stored pages of a chunk: from the sharing group's collection, or, where the reader is no
/// member, from a copy that the holder stored for this grant.
async fn fetch(
    session: &Session,
    org: &MspId,
    request: &RequestEntry,
    chunk: u32,
) -> Result<StoredChunk, DatasetError> {
    let pages = |grant| {
        let dataset = request.dataset;
        let query = ReadPages {
            dataset,
            chunk,
            grant,
        };
        session.ask_private(org, query)
    };
    let answer = match pages(None).await {
        Err(e) if e.code().is_some() => pages(Some(request.request)).await,
        other => other,
    };
    match answer {
        Err(e) if e.code() == Some(Code::NotFound) => Err(DatasetError::NoPages {
            org: org.clone(),
            holder: request.holder.clone(),
            chunk,
        }),
        other => Ok(other?.pages),
    }
}
