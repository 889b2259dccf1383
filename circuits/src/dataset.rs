//! Datasets: layout, blocks, chunks, segments and versions, and the hashes that tie them together
//! (SPEC section 8).
//!
//! Everything here is public arithmetic over roots; the private pages are `page`, the proof about
//! them is `registration`.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use crate::domain::{self, Label, TreeKind};
use crate::field::{Digest, Felt, Fr, bytes_to_field};
use crate::ids::{DatasetRoot, KeyCommitment, LineageId, SegmentId};
use crate::merkle;
use crate::poseidon;
use crate::schema::{CELL_BITS, Schema};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Columns of one block.
pub const BLOCK_COLUMNS: usize = 10;
/// Pages of one block: flags, pseudonym, columns.
pub const BLOCK_PAGES: usize = 2 + BLOCK_COLUMNS;
/// Most blocks of one chunk.
pub const MAX_BLOCKS: usize = 16;
/// Most chunks of one segment: a claim over it has one proof a chunk and a final one, and no
/// transaction has more than 8,192 proofs.
pub const MAX_CHUNKS: usize = 8191;
/// Depth of the tree over chunk roots.
pub const SEGMENT_DEPTH: usize = 4;
/// Key slots of a segment.
pub const KEY_SLOTS: usize = 15;
/// First key slot of columns.
pub const FIRST_COLUMN_SLOT: usize = 2;
/// Rows per chunk.
pub const TIERS: [usize; 2] = [16, 256];

/// Bits of a key slot in a packed column.
pub const LAYOUT_SLOT_BITS: usize = 4;
/// Bits of a limb index in a packed column.
pub const LAYOUT_LIMB_BITS: usize = 8;

/// What a chunk's columns look like: bit mask, key slot, limb index, by absolute column position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ColumnLayout {
    /// Bits that a value may set.
    pub mask: u32,
    /// Whether there is such a column.
    pub used: bool,
    /// Key slot, 0 to 14.
    pub slot: u8,
    /// Which limb of a wide column.
    pub limb: u8,
    /// A flag that is TRUE in every row.
    pub criterion: bool,
}

impl ColumnLayout {
    /// mask + 2^24 used + 2^25 slot + 2^29 limb + 2^37 criterion.
    pub fn pack(&self) -> u64 {
        u64::from(self.mask)
            | u64::from(self.used) << 24
            | u64::from(self.slot) << 25
            | u64::from(self.limb) << 29
            | u64::from(self.criterion) << 37
    }
}

/// The layout of all columns of a schema, padded to whole blocks.
///
/// **Shape**: limbs of a column follow each other, lowest first; a multiple of 10 entries, at least
/// 10.
pub fn layout(schema: &Schema) -> Vec<ColumnLayout> {
    let slots = schema.slots();
    let mut columns = Vec::new();
    for column in schema.columns() {
        let group = column.group.as_deref().unwrap_or(&column.name);
        let slot = slots.iter().position(|s| *s == group).unwrap_or_default() + FIRST_COLUMN_SLOT;
        for limb in 0..column.limbs() {
            let bits = (column.bits() - limb * CELL_BITS).min(CELL_BITS);
            columns.push(ColumnLayout {
                mask: ((1u64 << bits) - 1) as u32,
                used: true,
                slot: slot as u8,
                limb: limb as u8,
                criterion: column.inclusion_criterion,
            });
        }
    }
    let whole = columns.len().div_ceil(BLOCK_COLUMNS).max(1) * BLOCK_COLUMNS;
    columns.resize(whole, ColumnLayout::default());
    columns
}

/// First cell column of a schema column, counted over limbs.
pub fn column_position(schema: &Schema, index: usize) -> usize {
    schema
        .columns()
        .iter()
        .take(index)
        .map(|c| c.limbs() as usize)
        .sum()
}

/// P_24 over the ten packed columns of a block.
///
/// **Shape**: ten columns; fewer are padded with unused ones.
pub fn layout_hash(block: &[ColumnLayout]) -> Fr {
    let mut packed: Vec<Fr> = block.iter().map(|c| Fr::from(c.pack())).collect();
    packed.resize(BLOCK_COLUMNS, Fr::from(0u64));
    poseidon::hash(domain::LAYOUT, &packed)
}

/// Absolute position of the pages of a block: flags 0, pseudonym 1, columns from 2.
pub fn page_position(block: usize, page: usize) -> u64 {
    match page {
        0 | 1 => page as u64,
        column => (column + BLOCK_COLUMNS * block) as u64,
    }
}

/// Block root = P_20 over the page leaves, zero-padded.
pub fn block_root(leaves: &[Felt; BLOCK_PAGES]) -> Fr {
    let mut padded = [Fr::from(0u64); 16];
    padded.iter_mut().zip(leaves).for_each(|(p, l)| *p = l.0);
    poseidon::hash(domain::BLOCK, &padded)
}

/// Chunk root = P_21 over up to 16 block roots, zero-padded.
pub fn chunk_root(blocks: &[Fr]) -> Fr {
    let mut padded = [Fr::from(0u64); MAX_BLOCKS];
    padded.iter_mut().zip(blocks).for_each(|(p, b)| *p = *b);
    poseidon::hash(domain::CHUNK, &padded)
}

/// Segment root = P_35(tree over chunk roots, number of chunks, segment id, key commitment,
/// F("reading", root of the reading report)).
pub fn segment_root(
    chunk_roots: &[Fr],
    segment: SegmentId,
    keys: KeyCommitment,
    reading: Digest,
) -> Fr {
    let tree = merkle::root_of(TreeKind::Segment, SEGMENT_DEPTH, chunk_roots);
    poseidon::hash(
        domain::SEGMENT,
        &[
            tree,
            Fr::from(chunk_roots.len() as u64),
            segment.felt().0,
            keys.felt().0,
            reading.to_field(Label::Reading).0,
        ],
    )
}

/// Dataset root over the segments of a version.
pub fn dataset_root(
    segment_roots: &[Fr],
    tier: usize,
    n_rows: u64,
    schema_hash: Felt,
    lineage: LineageId,
) -> DatasetRoot {
    let mut padded = [Fr::from(0u64); 16];
    padded
        .iter_mut()
        .zip(segment_roots)
        .for_each(|(p, s)| *p = *s);
    let version = poseidon::hash(domain::VERSION, &padded);
    let parts = [
        version,
        Fr::from(SEGMENT_DEPTH as u64),
        Fr::from(tier as u64),
        Fr::from(n_rows),
        schema_hash.0,
        lineage.felt().0,
    ];
    DatasetRoot::new(Felt(poseidon::hash(domain::DATASET, &parts)))
}

/// F("schema", canonical JSON).
pub fn schema_hash(canonical: &[u8]) -> Felt {
    bytes_to_field(Label::Schema, canonical)
}

/// What a link hides: where a registration stands after some chunks. **Security**: no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct LinkState {
    /// Index of the next chunk.
    pub next_chunk: u64,
    /// Last pseudonym so far.
    pub last: u128,
    /// Subjects so far.
    pub subjects: u64,
    /// Rows so far.
    pub rows: u64,
    /// Fresh, so that the link hides.
    pub blind: Fr,
}

impl LinkState {
    /// Where every registration starts.
    pub fn start() -> Self {
        LinkState {
            next_chunk: 0,
            last: 0,
            subjects: 0,
            rows: 0,
            blind: Fr::from(0u64),
        }
    }

    /// P_28 of the state in its lineage and segment.
    pub fn hash(&self, lineage: LineageId, segment: SegmentId) -> Fr {
        let parts = [
            lineage.felt().0,
            segment.felt().0,
            Fr::from(self.next_chunk),
            Fr::from(self.last),
            Fr::from(self.subjects),
            Fr::from(self.rows),
            self.blind,
        ];
        poseidon::hash(domain::LINK, &parts)
    }
}

/// The 15 slot keys of a segment and the blind of their commitment. **Security**: zeroised, no
/// `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SegmentKeys {
    /// One key a slot.
    pub keys: [Fr; KEY_SLOTS],
    /// Blind of the commitment.
    pub blind: Fr,
}

impl SegmentKeys {
    /// Fresh keys.
    pub fn generate(rng: &mut (impl rand::RngCore + rand::CryptoRng)) -> Self {
        use ark_ff::UniformRand;
        SegmentKeys {
            keys: std::array::from_fn(|_| Fr::rand(rng)),
            blind: Fr::rand(rng),
        }
    }

    /// P_25 over the keys and the blind.
    pub fn commitment(&self) -> KeyCommitment {
        let parts = Zeroizing::new(std::array::from_fn::<Fr, 16, _>(|i| {
            self.keys.get(i).copied().unwrap_or(self.blind)
        }));
        KeyCommitment::new(Felt(poseidon::hash(domain::KEY_VECTOR, parts.as_slice())))
    }
}

/// A fresh 128-bit segment id.
pub fn fresh_segment(rng: &mut (impl rand::RngCore + rand::CryptoRng)) -> SegmentId {
    let mut bytes = [0u8; 16];
    rng.fill_bytes(&mut bytes);
    SegmentId::new(Felt(Fr::from(u128::from_le_bytes(bytes).max(1))))
}
