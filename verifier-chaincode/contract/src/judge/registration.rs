//! Judges a registration: every block of every chunk, their links, and the roots that follow.
//!
//! A block's proof alone says little. What makes the whole sound stands here: the complete chunk
//! list, `link_out(i) = link_in(i+1)`, and that the blocks of one chunk share their flags and
//! pseudonym pages.

use super::{JudgeError, KeyRing, lineage_id};
use crate::call::{BlockOpening, ChunkRegistration, RegisterDataset};
use crate::model::{DatasetEntry, SegmentEntry};
use medveil_circuits::dataset::{self, ColumnLayout, FIRST_COLUMN_SLOT, LinkState, MAX_BLOCKS};
use medveil_circuits::field::{Digest, Felt, Fr};
use medveil_circuits::ids::{ConsortiumId, DatasetRoot, Day, LineageId};
use medveil_circuits::proof::Proof;
use medveil_circuits::registration::{Registration, RegistrationPublic};
use medveil_circuits::schema::{Rows, Schema};
use medveil_circuits::statement::Statement;
use medveil_circuits::verify::Batch;
use medveil_collections_config::MspId;

/// What a registration says, rebuilt from its arguments.
pub struct Rebuilt {
    pub lineage: LineageId,
    /// The version's root.
    pub root: DatasetRoot,
    pub schema_hash: Felt,
    /// Key slots in use, bit i for slot i.
    pub slots: u16,
    /// Blocks of each chunk.
    pub n_blocks: usize,
    pub segment_root: Felt,
    /// Whether the schema has inclusion criteria.
    pub has_criteria: bool,
    /// Chunk roots in order.
    pub chunk_roots: Vec<Felt>,
    /// Instances, block by block.
    pub instances: Vec<RegistrationPublic>,
}

/// The transaction that a registration stands in.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    pub holder: &'a MspId,
    /// Digest of the key that its proofs were verified with.
    pub circuit: Digest,
    /// Day of the transaction.
    pub day: Day,
    pub tx_id: &'a str,
}

impl Rebuilt {
    /// What the ledger stores of the version.
    pub fn entry(&self, args: &RegisterDataset, tx: Registered<'_>) -> DatasetEntry {
        // Caps: at most `MAX_CHUNKS` chunks of at most 16 blocks.
        let n_chunks = self.chunk_roots.len() as u32;
        DatasetEntry {
            root: self.root,
            lineage: self.lineage,
            holder: tx.holder.clone(),
            name: args.lineage.name.clone(),
            collection: args.collection.clone(),
            schema_hash: self.schema_hash,
            tier: args.tier,
            n_blocks: self.n_blocks as u16,
            n_chunks,
            n_rows: args.n_rows,
            n_subjects: args.n_subjects,
            slots: self.slots,
            segments: vec![SegmentEntry {
                segment: args.segment,
                root: self.segment_root,
                key_commitment: args.key_commitment,
                reading: args.reading,
                n_chunks,
            }],
            day: tx.day,
            circuit: tx.circuit,
            tx_id: tx.tx_id.to_owned(),
        }
    }
}

/// The circuit that proves chunks of this tier.
///
/// **Errors**: no such tier.
pub fn circuit_of(tier: u16) -> Result<String, JudgeError> {
    match tier {
        16 => Ok(Registration::<16>::CIRCUIT.to_string()),
        256 => Ok(Registration::<256>::CIRCUIT.to_string()),
        other => Err(JudgeError::input(
            "tier",
            format_args!("expected 16 or 256 rows, got {other}"),
        )),
    }
}

/// Rebuilds instances and roots.
///
/// **Errors**: a schema, counts or blocks that fit nothing.
pub fn rebuild(
    consortium: ConsortiumId,
    holder: &MspId,
    args: &RegisterDataset,
) -> Result<Rebuilt, JudgeError> {
    circuit_of(args.tier)?;
    let schema = Schema::from_canonical(args.schema.as_bytes())
        .map_err(|e| JudgeError::part("schema", e))?;
    let layout = dataset::layout(&schema);
    let n_blocks = layout.len() / dataset::BLOCK_COLUMNS;
    if n_blocks > MAX_BLOCKS {
        return Err(JudgeError::input(
            "schema",
            format_args!("expected at most {MAX_BLOCKS} blocks of cells, got {n_blocks}"),
        ));
    }
    check_counts(args)?;
    check_rows(&schema, args)?;
    let lineage = lineage_id(consortium, holder, &args.lineage);
    let mut block_roots = Vec::with_capacity(args.chunks.len());
    for (index, chunk) in args.chunks.iter().enumerate() {
        block_roots.push(check_blocks(index, chunk, n_blocks)?);
    }
    let chunk_roots: Vec<Fr> = block_roots
        .iter()
        .map(|blocks| dataset::chunk_root(blocks))
        .collect();
    let segment_root = dataset::segment_root(
        &chunk_roots,
        args.segment,
        args.key_commitment,
        args.reading,
    );
    let schema_hash = dataset::schema_hash(args.schema.as_bytes());
    let root = dataset::dataset_root(
        &[segment_root],
        usize::from(args.tier),
        args.n_rows,
        schema_hash,
        lineage,
    );
    Ok(Rebuilt {
        lineage,
        root,
        schema_hash,
        slots: slots_of(&schema),
        has_criteria: !schema.criteria().is_empty(),
        n_blocks,
        segment_root: Felt(segment_root),
        instances: instances(args, lineage, &layout, &block_roots),
        chunk_roots: chunk_roots.into_iter().map(Felt).collect(),
    })
}

/// Key slots that a schema uses: flags, pseudonyms, and one a column or group.
pub fn slots_of(schema: &Schema) -> u16 {
    ((1u32 << (FIRST_COLUMN_SLOT + schema.slots().len()).min(dataset::KEY_SLOTS)) - 1) as u16
}

/// Where a row is a subject, there are as many.
fn check_rows(schema: &Schema, args: &RegisterDataset) -> Result<(), JudgeError> {
    let (rows, subjects) = (args.n_rows, args.n_subjects);
    if schema.rows() == Rows::PerSubject && rows != subjects {
        let message = format_args!(
            "expected as many as rows, {rows}, where the schema has one row a subject, got {subjects}"
        );
        return Err(JudgeError::input("subjects", message));
    }
    Ok(())
}

/// Counts that the number of chunks allows; the proofs say which of them it is.
fn check_counts(args: &RegisterDataset) -> Result<(), JudgeError> {
    let (tier, n_chunks) = (u64::from(args.tier), args.chunks.len() as u64);
    let rows = (n_chunks.saturating_sub(1) * tier + 1)..=(n_chunks * tier);
    if !rows.contains(&args.n_rows) {
        let message = format_args!(
            "{n_chunks} chunks hold {} to {} rows, got {}",
            rows.start(),
            rows.end(),
            args.n_rows
        );
        return Err(JudgeError::input("rows", message));
    }
    if !(1..=args.n_rows).contains(&args.n_subjects) {
        return Err(JudgeError::input(
            "subjects",
            format_args!("expected 1 to {}, got {}", args.n_rows, args.n_subjects),
        ));
    }
    let segment = args.segment.felt();
    // 128 bits, so that the id is what it is called.
    if segment.is_zero() || segment.to_bytes()[16..].iter().any(|b| *b != 0) {
        return Err(JudgeError::input("segment", "expected a fresh 128-bit id"));
    }
    Ok(())
}

/// The root of a block, from itself or from its leaves.
pub fn block_root(block: &BlockOpening) -> Fr {
    match block {
        BlockOpening::Root(root) => root.0,
        BlockOpening::Leaves(leaves) => dataset::block_root(leaves),
    }
}

/// The block roots of a chunk: all blocks, and several only with one flags page and one pseudonym
/// page among them.
fn check_blocks(
    index: usize,
    chunk: &ChunkRegistration,
    n_blocks: usize,
) -> Result<Vec<Fr>, JudgeError> {
    if chunk.blocks.len() != n_blocks {
        let message = format_args!(
            "chunk {index}: expected {n_blocks} blocks, got {}",
            chunk.blocks.len()
        );
        return Err(JudgeError::input("blocks", message));
    }
    if n_blocks > 1 {
        let mut heads = Vec::with_capacity(n_blocks);
        for block in &chunk.blocks {
            match &block.block {
                BlockOpening::Leaves(leaves) => heads.push((leaves[0], leaves[1])),
                BlockOpening::Root(_) => {
                    return Err(JudgeError::input(
                        "blocks",
                        format_args!("chunk {index}: expected the leaves of each block"),
                    ));
                }
            }
        }
        if heads.iter().any(|head| *head != heads[0]) {
            return Err(JudgeError::input(
                "blocks",
                format_args!(
                    "chunk {index}: expected one flags and one pseudonym page in all blocks"
                ),
            ));
        }
    }
    Ok(chunk.blocks.iter().map(|b| block_root(&b.block)).collect())
}

fn instances(
    args: &RegisterDataset,
    lineage: LineageId,
    layout: &[ColumnLayout],
    block_roots: &[Vec<Fr>],
) -> Vec<RegistrationPublic> {
    let layouts: Vec<Felt> = layout
        .chunks(dataset::BLOCK_COLUMNS)
        .map(|block| Felt(dataset::layout_hash(block)))
        .collect();
    let last = args.chunks.len() - 1;
    let mut link_in = Felt(LinkState::start().hash(lineage, args.segment));
    let mut out = Vec::new();
    for (index, (chunk, roots)) in args.chunks.iter().zip(block_roots).enumerate() {
        let is_last = index == last;
        for (block_index, (root, layout)) in roots.iter().zip(&layouts).enumerate() {
            out.push(RegistrationPublic {
                block_root: Felt(*root),
                link_in,
                link_out: chunk.link_out,
                is_first: index == 0,
                is_last,
                n_rows: if is_last { args.n_rows } else { 0 },
                n_subjects: if is_last { args.n_subjects } else { 0 },
                layout: *layout,
                key_commitment: args.key_commitment,
                segment: args.segment,
                chunk_index: index as u64,
                block_index: block_index as u64,
                lineage,
            });
        }
        link_in = chunk.link_out;
    }
    out
}

/// Verifies every proof of a registration; gives the digest of the key.
///
/// **Errors**: the first proof that does not hold, by chunk and block.
pub fn verify(
    rebuilt: &Rebuilt,
    args: &RegisterDataset,
    keys: &KeyRing,
) -> Result<Digest, JudgeError> {
    match args.tier {
        16 => verify_tier::<16>(rebuilt, args, keys),
        256 => verify_tier::<256>(rebuilt, args, keys),
        other => circuit_of(other)
            .and_then(|_| Err(JudgeError::input("tier", "expected 16 or 256 rows"))),
    }
}

fn verify_tier<const ROWS: usize>(
    rebuilt: &Rebuilt,
    args: &RegisterDataset,
    keys: &KeyRing,
) -> Result<Digest, JudgeError> {
    let key = keys.get::<Registration<ROWS>>()?;
    let proofs: Vec<_> = args
        .chunks
        .iter()
        .flat_map(|c| &c.blocks)
        .map(|b| &b.proof)
        .collect();
    if proofs.len() != rebuilt.instances.len() {
        return Err(JudgeError::input(
            "proofs",
            format_args!("expected {}, got {}", rebuilt.instances.len(), proofs.len()),
        ));
    }
    let mut batch = Batch::new();
    for (public, proof) in rebuilt.instances.iter().zip(proofs) {
        let label = format!("chunk {}, block {}", public.chunk_index, public.block_index);
        batch.push(key, public, &Proof::new(proof.clone()), label);
    }
    batch.verify()?;
    Ok(key.digest())
}
