//! Journey one, the holder's side: inspect, commit, register, store, list.

use super::local::LocalDataset;
use super::size;
use crate::backend::ExpectedWrite;
use crate::channel::{Private, Transient};
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::output::{Output, Step};
use crate::source::{self, Cohort, Limits, PseudonymKey};
use circuits::dataset::{self, SegmentKeys};
use circuits::field::Felt;
use circuits::ids::{DatasetRoot, LineageId};
use circuits::page;
use circuits::registration::{self, Registration, SegmentPlan};
use circuits::schema::Schema;
use circuits::statement::Synthesize;
use collections_config::{CollectionName, MspId};
use rand::{CryptoRng, RngCore};
use serde_json::{Value, json};
use std::path::Path;
use verifier_chaincode::call::transient::{PAGES, PagesPart, StoredBlock, StoredChunk, StoredPage};
use verifier_chaincode::call::{
    BlockOpening, BlockRegistration, Call, ChunkRegistration, Parties, Query, RegisterDataset,
    StorePages,
};
use verifier_chaincode::model::Entry;
use verifier_chaincode::state_key::StateKey;
use zeroize::Zeroizing;

/// Datasets of more rows than this use 256-row chunks.
pub const SMALL: usize = 64;
/// Bytes of pages in one call, well below the cap of 8 MiB: they count once in the transient map
/// and once in the write set.
const PART_BYTES: usize = 2 * 1024 * 1024;

/// The schema of a file, or the one that ships for FHIR.
///
/// **Errors**: every problem of the file.
pub fn schema(file: Option<&Path>, source: &Path) -> Result<Schema, GatewayError> {
    match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| {
                GatewayError::not_found("schema", format!("{}: {e}", path.display()))
            })?;
            Schema::from_json(&text)
                .map_err(|e| GatewayError::input("schema", format!("{}:\n{e}", path.display())))
        }
        None if source
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv")) =>
        {
            Err(GatewayError::input(
                "schema",
                "a CSV file needs a schema: give --schema FILE",
            ))
        }
        None => source::default_fhir_schema().internal("schema"),
    }
}

fn read(
    output: &Output,
    path: &Path,
    schema: &Schema,
    key: &PseudonymKey,
) -> Result<Cohort, GatewayError> {
    let bar = output.progress("reading", 1);
    let cohort = source::read_source(path, schema, key, &Limits::DEFAULT, &mut |progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
    });
    bar.finish_and_clear();
    cohort.input("source")
}

/// Counts of what was read and dropped, for people and machines.
fn describe(step: Step, cohort: &Cohort) -> Step {
    let dropped: u64 = cohort.dropped.iter().map(|d| d.count).sum();
    let mut step = step
        .line(format!(
            "  {} rows of {} subjects from {} files; {} files skipped, {dropped} values dropped",
            cohort.rows.len(),
            cohort.subjects(),
            cohort.files.read,
            cohort.files.skipped.len()
        ))
        .field("rows", cohort.rows.len())
        .field("subjects", cohort.subjects())
        .field("files", cohort.files.read);
    for skipped in cohort.files.skipped.iter().take(20) {
        step = step.line(format!(
            "  skipped {}: {}",
            skipped.path.display(),
            skipped.why
        ));
    }
    for drop in &cohort.dropped {
        let column = drop
            .column
            .as_ref()
            .map(|c| format!("{c}: "))
            .unwrap_or_default();
        let first = drop
            .first
            .as_ref()
            .map(|f| format!(", first {f}"))
            .unwrap_or_default();
        step = step.line(format!(
            "  dropped {}: {column}{}{first}",
            drop.count, drop.reason
        ));
    }
    let skipped: Vec<Value> = cohort
        .files
        .skipped
        .iter()
        .map(|s| json!({"file": s.path.display().to_string(), "why": s.why}))
        .collect();
    let reasons: Vec<Value> = cohort
        .dropped
        .iter()
        .map(
            |d| json!({"column": d.column, "reason": d.reason, "count": d.count, "first": d.first}),
        )
        .collect();
    step.field("skipped", skipped)
        .field("dropped", dropped)
        .field("dropped_because", reasons)
}

/// Reads a source and says what a dataset of it would hold; writes nothing.
///
/// **Errors**: the schema's or the source's problems.
pub fn inspect(
    output: &Output,
    source: &Path,
    schema_file: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Step, GatewayError> {
    let schema = schema(schema_file, source)?;
    let lineage = LineageId::new(Felt::from_u64(1));
    let mut secret = Zeroizing::new([0u8; 32]);
    rng.fill_bytes(secret.as_mut());
    let cohort = read(
        output,
        source,
        &schema,
        &PseudonymKey::derive(&secret, lineage),
    )?;
    let mut step = describe(
        Step::new("dataset.inspect").line(format!("{}:", source.display())),
        &cohort,
    );
    let mut columns = Vec::new();
    for (i, column) in schema.columns().iter().enumerate() {
        let present = cohort
            .rows
            .iter()
            .filter(|row| row.cells.get(i).is_some_and(Option::is_some))
            .count();
        let span = column.span();
        step = step.line(format!(
            "  column {:<16} {:<8} present in {present} of {} rows, proven span {} .. {}",
            column.name,
            column.kind.word(),
            cohort.rows.len(),
            span.low,
            span.high
        ));
        columns.push(json!({"name": column.name, "type": column.kind.word(), "present": present, "low": span.low, "high": span.high}));
    }
    let step = step.field("columns", columns);
    Ok(step)
}

/// How many rows a dataset of this source would have.
///
/// **Errors**: the schema's or the source's problems.
pub fn count_rows(
    output: &Output,
    source: &Path,
    schema_file: Option<&Path>,
) -> Result<usize, GatewayError> {
    let schema = schema(schema_file, source)?;
    let key = PseudonymKey::derive(&[1; 32], LineageId::new(Felt::from_u64(1)));
    Ok(read(output, source, &schema, &key)?.rows.len())
}

/// The holder's master key, made the first time.
fn master_key(desk: &Desk, holder: &MspId) -> Result<Zeroizing<[u8; 32]>, GatewayError> {
    let vault = desk.offices.open(&Actor::organisation(holder.clone()))?;
    let mut key = Zeroizing::new([0u8; 32]);
    if !vault.has("holder-master") {
        desk.rng().fill_bytes(key.as_mut());
        vault.create_secret("holder-master", key.as_ref(), &mut *desk.rng())?;
    }
    let bytes = vault.get("holder-master")?;
    *key = bytes
        .as_slice()
        .try_into()
        .map_err(|_| GatewayError::input("custody", "holder-master: expected 32 bytes"))?;
    Ok(key)
}

/// Reads a source, plans its segment, proves every block and keeps everything on the holder's disk.
///
/// **Errors**: problems of schema or source; the circuits are not active; a dataset of that name
/// exists.
pub fn commit(
    desk: &Desk,
    holder: &MspId,
    source: &Path,
    schema_file: Option<&Path>,
    name: &str,
    group: &str,
) -> Result<Step, GatewayError> {
    let local = LocalDataset::new(desk, holder, name)?;
    if local.is_committed() {
        return Err(GatewayError::input(
            "dataset",
            format!("{name} is committed already: choose another name"),
        ));
    }
    let collection = CollectionName::explicit(group).input("sharing group")?;
    if !desk.collections.is_member(&collection, holder) {
        return Err(GatewayError::input(
            "sharing group",
            format!("{holder} is no member of {group}"),
        ));
    }
    let schema = schema(schema_file, source)?;
    let lineage = local.lineage(desk)?;
    let master = master_key(desk, holder)?;
    let cohort = read(
        &desk.output,
        source,
        &schema,
        &PseudonymKey::derive(&master, lineage),
    )?;
    let rows = cohort
        .rows
        .iter()
        .map(|row| row.to_cells(&schema))
        .collect::<Result<Vec<_>, _>>()
        .input("source")?;
    let tier = if rows.len() <= SMALL { 16 } else { 256 };
    let blocks = dataset::layout(&schema).len() / dataset::BLOCK_COLUMNS;
    size::check_registration(
        rows.len().div_ceil(tier),
        blocks,
        schema.to_canonical().len(),
    )?;
    let keys = SegmentKeys::generate(&mut *desk.rng());
    let segment = dataset::fresh_segment(&mut *desk.rng());
    let layout = dataset::layout(&schema);
    let plan = registration::plan(
        &rows,
        &layout,
        tier,
        &keys,
        lineage,
        segment,
        &mut *desk.rng(),
    )
    .input("dataset")?;
    let (n_rows, n_subjects, n_chunks) = (plan.n_rows, plan.n_subjects, plan.chunks.len());
    let pages = stored_pages(&plan, &layout);
    let chunks = match tier {
        16 => prove::<Registration<16>>(desk, holder, plan)?,
        _ => prove::<Registration<256>>(desk, holder, plan)?,
    };
    let registration = RegisterDataset {
        lineage: local.lineage_name(desk)?,
        collection,
        schema: String::from_utf8(schema.to_canonical()).internal("schema")?,
        tier: tier as u16,
        segment,
        key_commitment: keys.commitment(),
        n_rows,
        n_subjects,
        chunks,
    };
    local.save(desk, &keys, &pages, &registration)?;
    let step = Step::new("dataset.commit")
        .line(format!("{holder} committed {name}: {n_rows} rows of {n_subjects} subjects in {n_chunks} chunks of {tier} rows"))
        .line("  every page is encrypted and every block proven; nothing has left the holder's folder");
    Ok(describe(step, &cohort)
        .field("dataset", name)
        .field("lineage", lineage.to_string())
        .field("chunks", n_chunks)
        .field("tier", tier)
        .field(
            "register_bytes",
            Call::RegisterDataset(registration)
                .to_args()
                .iter()
                .map(Vec::len)
                .sum::<usize>(),
        ))
}

type Registered = circuits::registration::RegistrationPublic;

fn prove<S>(
    desk: &Desk,
    holder: &MspId,
    plan: SegmentPlan,
) -> Result<Vec<ChunkRegistration>, GatewayError>
where
    S: Synthesize<Public = Registered, Private = circuits::registration::RegistrationPrivate>,
{
    let prover = desk.prover::<S>(holder)?;
    let shape: Vec<(Felt, Vec<BlockOpening>)> = plan
        .chunks
        .iter()
        .map(|c| (c.link_out, c.blocks.iter().map(|b| opening(b, c)).collect()))
        .collect();
    let items: Vec<_> = plan
        .chunks
        .into_iter()
        .flat_map(|c| c.blocks)
        .map(|b| (b.public, b.private))
        .collect();
    let proofs = desk.prove_all(&prover, &items, "proving registration")?;
    let mut proofs = proofs.into_iter();
    let chunk = |(link_out, openings): (Felt, Vec<BlockOpening>)| {
        let blocks = openings
            .into_iter()
            .zip(proofs.by_ref())
            .map(|(block, proof)| BlockRegistration {
                block,
                proof: proof.raw().clone(),
            });
        ChunkRegistration {
            link_out,
            blocks: blocks.collect(),
        }
    };
    Ok(shape.into_iter().map(chunk).collect())
}

/// A block's root; its leaves where a chunk has several blocks, so that everybody sees that they
/// share flags and pseudonyms.
fn opening(block: &registration::BlockPlan, chunk: &registration::ChunkPlan) -> BlockOpening {
    if chunk.blocks.len() > 1 {
        BlockOpening::Leaves(block.leaves)
    } else {
        BlockOpening::Root(block.public.block_root)
    }
}

/// Pages as the private collection stores them: shared pages in the first block only, unused
/// columns nowhere.
fn stored_pages(plan: &SegmentPlan, layout: &[dataset::ColumnLayout]) -> Vec<StoredChunk> {
    let block = |b: usize, planned: &registration::BlockPlan| {
        let plain = planned.private.pages();
        let wanted = |leaf: usize| {
            if leaf < 2 {
                b == 0
            } else {
                layout[b * dataset::BLOCK_COLUMNS + leaf - 2].used
            }
        };
        let pages = (0..dataset::BLOCK_PAGES)
            .filter(|leaf| wanted(*leaf))
            .map(|leaf| StoredPage {
                leaf: leaf as u8,
                commitment: Felt(plain[leaf].commitment()),
                ciphertext: planned.ciphertexts[leaf]
                    .iter()
                    .copied()
                    .map(Felt)
                    .collect(),
            });
        StoredBlock {
            leaves: planned.leaves,
            pages: pages.collect(),
        }
    };
    let chunk = |(i, chunk): (usize, &registration::ChunkPlan)| StoredChunk {
        chunk: i as u32,
        blocks: chunk
            .blocks
            .iter()
            .enumerate()
            .map(|(b, planned)| block(b, planned))
            .collect(),
    };
    plan.chunks.iter().enumerate().map(chunk).collect()
}

/// Registers a committed dataset.
///
/// **Errors**: nothing was committed; the contract refuses.
pub fn register(desk: &Desk, holder: &MspId, name: &str) -> Result<Step, GatewayError> {
    let local = LocalDataset::new(desk, holder, name)?;
    let registration = local.registration()?;
    let (n_rows, n_subjects) = (registration.n_rows, registration.n_subjects);
    let proofs: usize = registration.chunks.iter().map(|c| c.blocks.len()).sum();
    let call = Call::RegisterDataset(registration);
    let bytes: usize = call.to_args().iter().map(Vec::len).sum();
    let committed = desk.submit(holder, &call, Private::default(), &Parties::default())?;
    let root = version(desk, holder, local.lineage(desk)?)?;
    Ok(Step::new("dataset.register")
        .line(format!("{holder} registered {name}: {proofs} proofs verified by the endorsing organisations, {bytes} bytes"))
        .line(format!("  everybody sees: {n_rows} rows, {n_subjects} subjects, the schema, the roots; nobody sees a value"))
        .line(format!("  dataset {root}"))
        .field("dataset", root.to_string())
        .field("lineage", local.lineage(desk)?.to_string())
        .field("tx_id", committed.tx_id)
        .field("block", committed.block)
        .field("proofs", proofs)
        .field("bytes", bytes))
}

/// The last version of a lineage.
///
/// **Errors**: it is not registered.
pub fn version(desk: &Desk, org: &MspId, lineage: LineageId) -> Result<DatasetRoot, GatewayError> {
    #[derive(serde::Deserialize)]
    struct Lineage {
        versions: Vec<DatasetRoot>,
    }
    let found: Lineage = desk.query(org, &Query::GetLineage { lineage })?;
    found
        .versions
        .last()
        .copied()
        .ok_or_else(|| GatewayError::not_found("dataset", "the lineage has no version"))
}

/// Stores the encrypted pages in the group's collection, in parts.
///
/// **Errors**: nothing was committed or registered; the contract refuses.
pub fn store(desk: &Desk, holder: &MspId, name: &str) -> Result<Step, GatewayError> {
    let local = LocalDataset::new(desk, holder, name)?;
    let registration = local.registration()?;
    let root = version(desk, holder, local.lineage(desk)?)?;
    let parts = parts(local.pages()?);
    let bar = desk.output.progress("storing pages", parts.len() as u64);
    let (mut bytes, mut blocks) = (0usize, Vec::new());
    let n_parts = parts.len();
    for part in parts {
        let first_chunk = part.chunks.first().map_or(0, |c| c.chunk);
        let call = Call::StorePages(StorePages {
            dataset: root,
            grant: None,
            first_chunk,
            n_chunks: part.chunks.len() as u32,
        });
        let body = borsh::to_vec(&part).internal("pages")?;
        bytes += body.len();
        let parties = Parties {
            holder: Some(holder),
            recipient: None,
            collection: Some(&registration.collection),
        };
        let private = Private {
            transient: Transient::from([(PAGES.to_owned(), body)]),
            expected: expected(&part, root, &registration.collection),
        };
        let committed = desk.submit(holder, &call, private, &parties)?;
        blocks.push(committed.block);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let members: Vec<String> = desk
        .collections
        .members_of(&registration.collection)
        .iter()
        .map(|m| m.to_string())
        .collect();
    Ok(Step::new("dataset.store")
        .line(format!("{holder} stored the encrypted pages of {name}: {bytes} bytes in {n_parts} transactions"))
        .line(format!("  ciphertext lies with {}; everybody else sees its hash; nobody without a key reads it", members.join(", ")))
        .field("bytes", bytes)
        .field("members", members)
        .field("blocks", blocks))
}

/// What the members' peers must write for a part.
fn expected(
    part: &PagesPart,
    root: DatasetRoot,
    collection: &CollectionName,
) -> Vec<ExpectedWrite> {
    let write = |chunk: &StoredChunk| ExpectedWrite {
        collection: collection.clone(),
        key: StateKey::pages(root, chunk.chunk).as_str().to_owned(),
        value: chunk.to_entry_bytes(),
    };
    part.chunks.iter().map(write).collect()
}

fn parts(chunks: Vec<StoredChunk>) -> Vec<PagesPart> {
    let mut parts: Vec<PagesPart> = Vec::new();
    let mut room = 0usize;
    for chunk in chunks {
        let size: usize = chunk
            .blocks
            .iter()
            .map(|b| {
                400 + b
                    .pages
                    .iter()
                    .map(|p| 37 + 32 * p.ciphertext.len())
                    .sum::<usize>()
            })
            .sum();
        match parts.last_mut() {
            Some(part) if size <= room => part.chunks.push(chunk),
            _ => {
                parts.push(PagesPart {
                    chunks: vec![chunk],
                });
                room = PART_BYTES;
            }
        }
        room = room.saturating_sub(size);
    }
    parts
}

/// Lists registered datasets.
///
/// **Errors**: the ledger cannot be read.
pub fn list(desk: &Desk, org: &MspId) -> Result<Step, GatewayError> {
    let mut bookmark = String::new();
    let mut step = Step::new("dataset.list");
    let mut all = Vec::new();
    loop {
        let page: Value = desk.query(org, &Query::ListDatasets { bookmark })?;
        for entry in page["entries"].as_array().into_iter().flatten() {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            step = step.line(format!(
                "{}/{}  lineage {}",
                text("holder"),
                text("name"),
                text("lineage")
            ));
            all.push(entry.clone());
        }
        bookmark = page["bookmark"].as_str().unwrap_or_default().to_owned();
        if bookmark.is_empty() {
            return Ok(step.field("datasets", all));
        }
    }
}

/// Digest of a page's ciphertext and whether its leaf follows from it.
pub(super) fn leaf_of(stored: &StoredPage) -> Felt {
    let ciphertext: Vec<_> = stored.ciphertext.iter().map(|e| e.0).collect();
    page::leaf(stored.commitment.0, page::ciphertext_digest(&ciphertext))
}
