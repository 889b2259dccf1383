//! From rows to a segment, one chunk after the other: its pages are encrypted and written, its
//! statements handed over to be proven, and forgotten.
//!
//! **Memory**: the rows as they were read (see [`KeptRows`]), one chunk with its pages and
//! statements, and of each chunk what the registering call says of it: 68 bytes, or 36 and 385 a
//! block where it has several.
//!
//! Work that was interrupted is planned anew from its first chunk: all randomness comes from the
//! draft's seed in the order of the chunks, so that statements, and with them the names of their kept
//! proofs, are the same. The seed is bound to [`Inputs::digest`]: one other value in any row is
//! another seed, other keys and another segment.

use super::blocks::{ChunkOpening, chunk_opening, registrations, stored_chunk};
use super::local::PagesFile;
use super::reading::{OwnPart, Report, sealed};
use super::{DatasetError, Tier};
use crate::session::{DraftSeed, Item, Portions};
use medveil_circuits::dataset::{self, ColumnLayout, SegmentKeys};
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{LineageId, SegmentId};
use medveil_circuits::proof::RawProof;
use medveil_circuits::registration::{Planner, RegistrationPrivate, RegistrationPublic, Row};
use medveil_circuits::schema::{Schema, ValueError};
use medveil_circuits::statement::Synthesize;
use medveil_collections_config::CollectionName;
use medveil_contract::call::transient::SealedReading;
use medveil_contract::call::{LineageName, RegisterDataset};
use medveil_contract::judge::reading::{leaves, root};
use medveil_source::KeptRows;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Everything that a segment is planned from. **Security**: plaintext; no `Debug`.
pub struct Inputs {
    pub schema: Schema,
    pub collection: CollectionName,
    pub name: LineageName,
    pub lineage: LineageId,
    pub tier: Tier,
    pub rows: KeptRows,
    /// What is to be said of the reading.
    pub report: Report,
}

impl Inputs {
    /// SHA-256 of all of it.
    ///
    /// **Errors**: a value that does not fit the schema.
    pub fn digest(&self) -> Result<Digest, ValueError> {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(b"medveil dataset commit 1");
        part(&self.schema.to_canonical());
        part(self.collection.to_string().as_bytes());
        part(&self.lineage.felt().to_bytes());
        part(&(self.tier.rows() as u64).to_le_bytes());
        part(&(self.rows.len() as u64).to_le_bytes());
        for row in self.rows.iter() {
            let row = row.to_cells(&self.schema)?;
            let cells = row.cells.iter().flat_map(|cell| cell.bits().to_le_bytes());
            let cells = Zeroizing::new(cells.collect::<Vec<u8>>());
            part(&row.pseudonym.to_le_bytes());
            part(&cells);
        }
        part(&self.report.source.0);
        Ok(Digest(hash.finalize().into()))
    }

    pub fn n_chunks(&self) -> usize {
        self.rows.len().div_ceil(self.tier.rows())
    }

    /// Blocks of a chunk.
    pub fn n_blocks(&self) -> usize {
        dataset::layout(&self.schema).len() / dataset::BLOCK_COLUMNS
    }

    /// A segment of these rows, with the seed's randomness and no other, of which nothing is planned
    /// yet.
    ///
    /// **Errors**: too many rows or columns; a report that is too long.
    pub fn begin(self, seed: &DraftSeed, pages: PagesFile) -> Result<Segment, DatasetError> {
        let mut rng = seed.rng();
        let layout = dataset::layout(&self.schema);
        let keys = SegmentKeys::generate(&mut rng);
        let segment = dataset::fresh_segment(&mut rng);
        let Inputs { report, schema, .. } = &self;
        let (report, own) = sealed(report, schema, &keys, segment, &mut rng)?;
        let planner = Planner::new(
            (layout.clone(), keys.clone()),
            (self.lineage, segment),
            self.tier.rows(),
            self.rows.len(),
        )?;
        Ok(Segment {
            inputs: self,
            layout,
            keys,
            segment,
            rng,
            planner,
            pages,
            reading: root(&leaves(&report)),
            report: Some(report),
            own_report: own,
            chunks: Vec::new(),
        })
    }
}

/// A segment that is planned as far as its chunks were asked for. **Security**: as [`Inputs`].
pub struct Segment {
    inputs: Inputs,
    layout: Vec<ColumnLayout>,
    keys: SegmentKeys,
    segment: SegmentId,
    rng: ChaCha20Rng,
    planner: Planner,
    pages: PagesFile,
    /// Root of the reading report.
    reading: Digest,
    /// Stored with the first chunk.
    report: Option<SealedReading>,
    own_report: Vec<OwnPart>,
    chunks: Vec<ChunkOpening>,
}

/// A segment that is planned, written and proven.
pub struct Finished {
    pub keys: SegmentKeys,
    pub pages: PagesFile,
    /// The reading report as its holder keeps it.
    pub reading: Vec<OwnPart>,
    pub registration: RegisterDataset,
}

impl<S> Portions<S> for Segment
where
    S: Synthesize<Public = RegistrationPublic, Private = RegistrationPrivate>,
{
    type Error = DatasetError;

    /// The statements of the next chunk; its pages are written.
    fn next_portion(&mut self) -> Result<Option<Vec<Item<S>>>, DatasetError> {
        let Inputs {
            rows, schema, tier, ..
        } = &self.inputs;
        let first = self.chunks.len() * tier.rows();
        let rows = (first..rows.len()).take(tier.rows());
        let rows = rows.filter_map(|at| self.inputs.rows.get(at));
        let rows = rows.map(|row| row.to_cells(schema));
        let rows = rows.collect::<Result<Vec<Row>, _>>()?;
        if rows.is_empty() {
            return Ok(None);
        }
        let chunk = self.planner.chunk(&rows, &mut self.rng)?;
        // Fewer than 2^13 chunks: the planner looked.
        let mut stored = stored_chunk(self.chunks.len() as u32, &chunk, &self.layout);
        stored.reading = self.report.take();
        self.pages.append(&stored)?;
        self.chunks.push(chunk_opening(&chunk));
        let blocks = chunk.blocks.into_iter();
        Ok(Some(blocks.map(|b| (b.public, b.private)).collect()))
    }
}

impl Segment {
    /// The whole registration.
    ///
    /// **Shape**: all chunks were asked for; one proof for each of their statements, in order.
    pub fn finish(self, proofs: Vec<RawProof>) -> Finished {
        let registration = RegisterDataset {
            lineage: self.inputs.name,
            collection: self.inputs.collection,
            schema: String::from_utf8_lossy(&self.inputs.schema.to_canonical()).into_owned(),
            tier: self.inputs.tier.rows() as u16,
            segment: self.segment,
            key_commitment: self.keys.commitment(),
            reading: self.reading,
            n_rows: self.planner.n_rows(),
            n_subjects: self.planner.n_subjects(),
            chunks: registrations(self.chunks, proofs),
        };
        Finished {
            keys: self.keys,
            pages: self.pages,
            reading: self.own_report,
            registration,
        }
    }
}
