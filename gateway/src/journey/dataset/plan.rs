//! From rows to a segment that is planned and not proven yet: keys, pages, statements.

use super::DatasetError;
use super::Tier;
use super::blocks::{ChunkOpening, openings, registrations, stored_pages};
use super::reading::{OwnPart, Report, sealed};
use crate::session::DraftSeed;
use medveil_circuits::dataset::{self, SegmentKeys};
use medveil_circuits::field::Digest;
use medveil_circuits::ids::LineageId;
use medveil_circuits::proof::RawProof;
use medveil_circuits::registration::{
    self, RegistrationPrivate, RegistrationPublic, Row, SegmentInput,
};
use medveil_circuits::schema::Schema;
use medveil_collections_config::CollectionName;
use medveil_contract::call::transient::StoredChunk;
use medveil_contract::call::{LineageName, RegisterDataset};
use medveil_contract::judge::reading::{leaves, root};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Everything that a segment is planned from. **Security**: plaintext; no `Debug`.
pub struct Inputs {
    pub schema: Schema,
    pub collection: CollectionName,
    pub name: LineageName,
    pub lineage: LineageId,
    pub tier: Tier,
    pub rows: Vec<Row>,
    /// What is to be said of the reading.
    pub report: Report,
}

/// A planned segment. **Security**: as [`Inputs`].
pub struct Planned {
    pub keys: SegmentKeys,
    pub pages: Vec<StoredChunk>,
    /// The reading report as its holder keeps it.
    pub reading: Vec<OwnPart>,
    /// What is to be proven, block by block.
    pub items: Vec<(RegistrationPublic, RegistrationPrivate)>,
    /// The registering call, but for its proofs.
    pub call: UnprovenCall,
}

/// A registering call without proofs.
pub struct UnprovenCall {
    /// The call without its chunks.
    head: RegisterDataset,
    chunks: Vec<ChunkOpening>,
}

impl Inputs {
    /// SHA-256 of all of it.
    pub fn digest(&self) -> Digest {
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
        for row in &self.rows {
            let cells = row.cells.iter().flat_map(|cell| cell.bits().to_le_bytes());
            let cells = Zeroizing::new(cells.collect::<Vec<u8>>());
            part(&row.pseudonym.to_le_bytes());
            part(&cells);
        }
        part(&self.report.source.0);
        Digest(hash.finalize().into())
    }

    /// Encrypts and commits to every page, with the seed's randomness and no other.
    ///
    /// **Errors**: rows that no registration could prove; a report that is too long.
    pub fn plan(self, seed: &DraftSeed) -> Result<Planned, DatasetError> {
        let mut rng = seed.rng();
        let (layout, tier) = (dataset::layout(&self.schema), self.tier.rows());
        let keys = SegmentKeys::generate(&mut rng);
        let segment = dataset::fresh_segment(&mut rng);
        let input = SegmentInput {
            rows: &self.rows,
            layout: &layout,
            tier,
            keys: &keys,
            lineage: self.lineage,
            segment,
        };
        let plan = registration::plan(&input, &mut rng)?;
        let (mut pages, chunks) = (stored_pages(&plan, &layout), openings(&plan));
        let (report, own) = sealed(self.report, &self.schema, &keys, segment, &mut rng)?;
        let reading = root(&leaves(&report));
        if let Some(first) = pages.first_mut() {
            first.reading = Some(report);
        }
        let head = RegisterDataset {
            lineage: self.name,
            collection: self.collection,
            schema: String::from_utf8_lossy(&self.schema.to_canonical()).into_owned(),
            tier: tier as u16,
            segment,
            key_commitment: keys.commitment(),
            reading,
            n_rows: plan.n_rows,
            n_subjects: plan.n_subjects,
            chunks: Vec::new(),
        };
        let blocks = plan.chunks.into_iter().flat_map(|chunk| chunk.blocks);
        Ok(Planned {
            keys,
            pages,
            reading: own,
            items: blocks.map(|block| (block.public, block.private)).collect(),
            call: UnprovenCall { head, chunks },
        })
    }
}

impl UnprovenCall {
    /// The whole call.
    ///
    /// **Shape**: one proof for each planned item, in order.
    pub fn with_proofs(self, proofs: Vec<RawProof>) -> RegisterDataset {
        RegisterDataset {
            chunks: registrations(self.chunks, proofs),
            ..self.head
        }
    }
}
