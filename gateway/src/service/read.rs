//! Journey one, the recipient's side: fetch, decrypt, and check every page against the ledger's
//! roots.

use super::dataset::leaf_of;
use crate::custody::write_secret_file;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::office::get_secret;
use crate::output::Step;
use crate::source::{Row, print_value};
use borsh::BorshDeserialize;
use circuits::babyjubjub::Scalar;
use circuits::dataset::{self, BLOCK_COLUMNS, BLOCK_PAGES, ColumnLayout, KEY_SLOTS};
use circuits::field::{Felt, Fr};
use circuits::handover::{HandoverPackage, SlotKeys, unwrap};
use circuits::ids::{DatasetRoot, LineageId, RequestId, SegmentId};
use circuits::page::{self, Cell, Page};
use circuits::registration;
use circuits::schema::Schema;
use collections_config::MspId;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use verifier_chaincode::call::Query;
use verifier_chaincode::call::transient::StoredChunk;

/// What the ledger says of a version.
#[derive(Deserialize)]
pub struct VersionView {
    /// Entry of the version.
    pub dataset: DatasetView,
    /// Canonical schema.
    pub schema: String,
}

/// The entry of a version.
#[derive(Deserialize)]
pub struct DatasetView {
    /// Root.
    pub root: DatasetRoot,
    /// Lineage.
    pub lineage: LineageId,
    /// Holder.
    pub holder: MspId,
    /// Name within the holder.
    pub name: String,
    /// Rows per chunk.
    pub tier: u16,
    /// Chunks.
    pub n_chunks: u32,
    /// Rows.
    pub n_rows: u64,
    /// Subjects.
    pub n_subjects: u64,
    /// Segments.
    pub segments: Vec<SegmentView>,
}

/// One segment of a version.
#[derive(Deserialize)]
pub struct SegmentView {
    /// Id.
    pub segment: SegmentId,
    /// Key commitment.
    pub key_commitment: circuits::ids::KeyCommitment,
}

/// What the ledger says of a request.
#[derive(Deserialize)]
pub struct RequestView {
    /// The entry.
    pub request: RequestFields,
    /// Votes so far.
    pub votes: Vec<Value>,
    /// Confirmed deliveries.
    pub deliveries: Vec<Value>,
}

/// The fields of a request that journeys use.
#[derive(Deserialize)]
pub struct RequestFields {
    /// Its id.
    pub request: RequestId,
    /// submitted, approved, rejected or closed.
    pub state: String,
    /// The version asked for.
    pub dataset: DatasetRoot,
    /// Holder.
    pub holder: MspId,
    /// Who submitted.
    pub submitter: MspId,
    /// Key slots.
    pub columns: u16,
    /// The recipient's key.
    pub recipient: circuits::babyjubjub::PublicPoint,
    /// Members of the committee.
    pub committee: Vec<MspId>,
    /// Votes needed.
    pub quorum: u32,
}

impl Desk {
    /// A version with its schema.
    ///
    /// **Errors**: not on the ledger.
    pub fn version(&self, org: &MspId, dataset: DatasetRoot) -> Result<VersionView, GatewayError> {
        self.query(org, &Query::GetDataset { dataset })
    }

    /// A request.
    ///
    /// **Errors**: not on the ledger.
    pub fn request(&self, org: &MspId, request: RequestId) -> Result<RequestView, GatewayError> {
        self.query(org, &Query::GetRequest { request })
    }

    /// Roots of all chunks of a version.
    ///
    /// **Errors**: not on the ledger.
    pub fn chunk_roots(
        &self,
        org: &MspId,
        dataset: DatasetRoot,
    ) -> Result<Vec<Felt>, GatewayError> {
        #[derive(Deserialize)]
        struct Answer {
            roots: Vec<Felt>,
            bookmark: String,
        }
        let (mut roots, mut bookmark) = (Vec::new(), String::new());
        loop {
            let page: Answer = self.query(org, &Query::GetChunkRoots { dataset, bookmark })?;
            roots.extend(page.roots);
            bookmark = page.bookmark;
            if bookmark.is_empty() {
                return Ok(roots);
            }
        }
    }
}

/// Name of the secret that receives the keys of a request.
pub fn recipient_secret_name(request: RequestId) -> String {
    format!("recipient-{}", &request.to_string()[..40])
}

/// The keys of one chunk's pages: slot keys, where they are known.
pub struct ChunkKeys<'a> {
    /// One entry a slot.
    pub slots: &'a [Option<Fr>; KEY_SLOTS],
    /// The segment.
    pub segment: SegmentId,
    /// The layout of all columns.
    pub layout: &'a [ColumnLayout],
    /// Rows per chunk.
    pub tier: usize,
}

/// Checks a stored chunk against its root on the ledger and decrypts the pages whose keys are
/// known.
///
/// **Shape**: by block, by leaf; none where the key is not known or no page is stored.
///
/// **Errors**: a block root, a leaf or a commitment that does not follow.
pub fn open_chunk(
    stored: &StoredChunk,
    root: Felt,
    keys: &ChunkKeys<'_>,
) -> Result<Vec<Vec<Option<Page>>>, GatewayError> {
    let refuse =
        |what: String| GatewayError::refused("pages", format!("chunk {}: {what}", stored.chunk));
    let blocks: Vec<Fr> = stored
        .blocks
        .iter()
        .map(|b| dataset::block_root(&b.leaves))
        .collect();
    if Felt(dataset::chunk_root(&blocks)) != root {
        return Err(refuse(
            "the pages do not hash to the registered root".to_owned(),
        ));
    }
    let mut out = Vec::with_capacity(stored.blocks.len());
    for (b, block) in stored.blocks.iter().enumerate() {
        let mut pages: Vec<Option<Page>> = vec![None; BLOCK_PAGES];
        for page in &block.pages {
            let leaf = usize::from(page.leaf);
            if leaf >= BLOCK_PAGES || leaf_of(page) != block.leaves[leaf] {
                return Err(refuse(format!(
                    "page {leaf} of block {b} is not the registered one"
                )));
            }
            let slot = if leaf < 2 {
                leaf
            } else {
                keys.layout
                    .get(b * BLOCK_COLUMNS + leaf - 2)
                    .map_or(0, |c| usize::from(c.slot))
            };
            let Some(slot_key) = keys.slots[slot] else {
                continue;
            };
            let key = page::page_key(
                slot_key,
                keys.segment.felt().0,
                u64::from(stored.chunk),
                dataset::page_position(b, leaf),
            );
            let ciphertext: Vec<Fr> = page.ciphertext.iter().map(|e| e.0).collect();
            let plain = Page::decrypt(&ciphertext, &key);
            if plain.commitment() != page.commitment.0 {
                return Err(refuse(format!(
                    "page {leaf} of block {b} does not open its commitment: a wrong key"
                )));
            }
            pages[leaf] = Some(plain);
        }
        out.push(pages);
    }
    Ok(out)
}

/// Rows of an opened chunk; cells of columns without a key are absent.
fn rows_of(opened: &[Vec<Option<Page>>], keys: &ChunkKeys<'_>) -> Option<Vec<registration::Row>> {
    let flags = opened.first()?.first()?.as_ref()?.flags(keys.tier)?;
    let pseudonyms = match opened.first()?.get(1)?.as_ref() {
        Some(page) => page.pseudonyms(keys.tier)?,
        None => vec![0; keys.tier],
    };
    let used = keys.layout.iter().filter(|c| c.used).count();
    let mut columns: Vec<Vec<Cell>> = Vec::with_capacity(used);
    for position in 0..used {
        let page = opened
            .get(position / BLOCK_COLUMNS)?
            .get(2 + position % BLOCK_COLUMNS)?;
        columns.push(match page {
            Some(page) => page.cells(keys.tier)?,
            None => vec![Cell::ABSENT; keys.tier],
        });
    }
    let row = |r: usize| registration::Row {
        pseudonym: pseudonyms[r],
        cells: columns.iter().map(|c| c[r]).collect(),
    };
    Some((0..keys.tier).filter(|r| flags[*r].real).map(row).collect())
}

/// Reads a granted dataset: key, pages, roots; decrypts, checks, and prints or writes the rows.
///
/// **Errors**: no such grant or key; a page or key that is not the registered one.
pub fn read(
    desk: &Desk,
    actor: &Actor,
    grant: RequestId,
    out: Option<&Path>,
) -> Result<Step, GatewayError> {
    let org = &actor.org;
    let request = desk.request(org, grant)?.request;
    let version = desk.version(org, request.dataset)?;
    let schema = Schema::from_canonical(version.schema.as_bytes()).internal("schema")?;
    let layout = dataset::layout(&schema);
    let secret = recipient_secret(desk, actor, grant)?;
    let segment = version
        .dataset
        .segments
        .first()
        .ok_or_else(|| GatewayError::not_found("dataset", "the version has no segment"))?
        .segment;
    let slots = received_keys(desk, org, &request, segment, &secret)?;
    let keys = ChunkKeys {
        slots: &slots,
        segment,
        layout: &layout,
        tier: usize::from(version.dataset.tier),
    };
    let roots = desk.chunk_roots(org, request.dataset)?;
    let bar = desk.output.progress("reading pages", roots.len() as u64);
    let mut rows = Vec::new();
    for (chunk, root) in roots.iter().enumerate() {
        let stored = fetch(desk, org, request.dataset, chunk as u32, grant)?;
        let opened = open_chunk(&stored, *root, &keys)?;
        let here = rows_of(&opened, &keys).ok_or_else(|| {
            GatewayError::refused("pages", format!("chunk {chunk}: not packed as registered"))
        })?;
        rows.extend(here);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if rows.len() as u64 != version.dataset.n_rows {
        return Err(GatewayError::refused(
            "pages",
            format!(
                "expected {} rows, got {}",
                version.dataset.n_rows,
                rows.len()
            ),
        ));
    }
    let rows = rows
        .iter()
        .map(|row| Row::from_cells(row, &schema))
        .collect::<Result<Vec<_>, _>>()
        .refused("pages")?;
    let table = table(&schema, &slots, &rows);
    let mut step = Step::new("dataset.read")
        .line(format!(
            "{actor} read {} rows and checked {} chunks against the ledger's roots",
            rows.len(),
            roots.len()
        ))
        .field("rows", rows.len())
        .field("chunks", roots.len());
    match out {
        Some(path) => {
            write_secret_file(path, table.join("\n").as_bytes())?;
            step = step
                .line(format!("  rows written to {}", path.display()))
                .field("out", path.display().to_string());
        }
        None => {
            for line in table.iter().take(4) {
                step = step.line(format!("  {line}"));
            }
        }
    }
    Ok(step)
}

fn recipient_secret(desk: &Desk, actor: &Actor, grant: RequestId) -> Result<Scalar, GatewayError> {
    let vault = desk.offices.open(actor)?;
    let bytes: [u8; 32] = get_secret(&vault, &recipient_secret_name(grant))?;
    Scalar::from_bytes_le(&bytes).input("custody")
}

fn received_keys(
    desk: &Desk,
    org: &MspId,
    request: &RequestFields,
    segment: SegmentId,
    secret: &Scalar,
) -> Result<SlotKeys, GatewayError> {
    #[derive(Deserialize)]
    struct Answer {
        digest: Felt,
        package: String,
    }
    let answer: Answer = desk.query(
        org,
        &Query::ReadKey {
            grant: request.request,
            segment,
            digest: None,
        },
    )?;
    let bytes = hex::decode(&answer.package).internal("key")?;
    let package = HandoverPackage::try_from_slice(&bytes)
        .map_err(|_| GatewayError::refused("key", "not a handover package"))?;
    if package.digest() != answer.digest {
        return Err(GatewayError::refused(
            "key",
            "the package is not the one that was confirmed",
        ));
    }
    Ok(unwrap(
        &package,
        request.columns,
        secret,
        request.request,
        segment,
    ))
}

fn fetch(
    desk: &Desk,
    org: &MspId,
    dataset: DatasetRoot,
    chunk: u32,
    grant: RequestId,
) -> Result<StoredChunk, GatewayError> {
    #[derive(Deserialize)]
    struct Answer {
        pages: String,
    }
    let shared: Result<Answer, _> = desk.query(
        org,
        &Query::ReadPages {
            dataset,
            chunk,
            grant: None,
        },
    );
    let answer = match shared {
        Ok(answer) => answer,
        // Not a member of the group: the holder may have stored a copy for this grant.
        Err(_) => desk.query(
            org,
            &Query::ReadPages {
                dataset,
                chunk,
                grant: Some(grant),
            },
        )?,
    };
    let bytes = hex::decode(&answer.pages).internal("pages")?;
    StoredChunk::try_from_slice(&bytes)
        .map_err(|_| GatewayError::refused("pages", format!("chunk {chunk}: not stored pages")))
}

/// Header and rows as CSV; columns without a key say so.
fn table(schema: &Schema, slots: &[Option<Fr>; KEY_SLOTS], rows: &[Row]) -> Vec<String> {
    let names = schema.slots();
    let granted = |column: &circuits::schema::Column| {
        let group = column.group.as_deref().unwrap_or(&column.name);
        names
            .iter()
            .position(|n| *n == group)
            .is_some_and(|i| slots[i + dataset::FIRST_COLUMN_SLOT].is_some())
    };
    let columns = schema.columns();
    let shown: Vec<usize> = (0..columns.len())
        .filter(|i| granted(&columns[*i]))
        .collect();
    let header = shown
        .iter()
        .map(|i| columns[*i].name.clone())
        .collect::<Vec<_>>()
        .join(",");
    let line = |row: &Row| {
        let cell = |i: &usize| {
            row.cells[*i]
                .map(|v| quote(&print_value(&columns[*i], v)))
                .unwrap_or_default()
        };
        shown.iter().map(cell).collect::<Vec<_>>().join(",")
    };
    std::iter::once(header)
        .chain(rows.iter().map(line))
        .collect()
}

fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
