//! A small dataset with simulated proofs, and the calls that share it.
//!
//! Proofs come from keys whose trapdoor is known (`circuits::testing::Trapdoor`): each holds for
//! exactly one instance, the one that this module built by itself from the plan of the segment. So
//! a contract that rebuilds any other instance refuses.

use super::fixture::{BOARD, GROUP, HOSPITAL, UNIVERSITY};
use super::{Bench, msp};
use crate::call::transient::{
    PagesPart, SealedPart, SealedReading, StoredBlock, StoredChunk, StoredPage,
};
use crate::call::{
    ActivateCircuit, ApproveCircuit, BlockOpening, BlockRegistration, Call, ChunkRegistration,
    LineageName, ProposeCircuit, RegisterDataset, StorePages,
};
use crate::judge;
use medveil_circuits::dataset::{SegmentKeys, fresh_segment, layout};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{ConsortiumId, DatasetRoot, LineageId, SegmentId};
use medveil_circuits::page::Cell;
use medveil_circuits::registration::{
    BlockPlan, ChunkPlan, Registration, Row, SegmentInput, SegmentPlan, plan,
};
use medveil_circuits::schema::Schema;
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::Trapdoor;
use medveil_collections_config::{CollectionName, MspId};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// Rows per chunk of the fixture.
pub const TIER: usize = 16;
/// The fixture's schema: three columns, one of them an inclusion criterion.
pub const SCHEMA: &str = r#"{"format":"medveil-schema-1","columns":[
 {"name":"age","type":"int","min":0,"max":127,"source":{"path":"age"}},
 {"name":"t2dm","type":"flag","inclusion_criterion":true,"source":{"path":"t2dm"}},
 {"name":"hba1c","type":"decimal","scale":1,"min":3,"max":20,"source":{"path":"hba1c"}}]}"#;

/// Randomness of a test.
pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// Proposes, approves and activates a key.
///
/// **Panics**: the contract refuses.
pub fn activate<S: Statement>(bench: &mut Bench, trapdoor: &Trapdoor<S>) -> Digest {
    let (proving_key, matrices) = (Digest::of(b"proving key"), Digest::of(b"matrices"));
    let verifying_key = trapdoor.verifying_key().to_bytes().to_vec();
    let key = Digest::of(&verifying_key);
    let calls = [
        (
            HOSPITAL,
            Call::ProposeCircuit(ProposeCircuit {
                verifying_key,
                proving_key,
                matrices,
            }),
        ),
        (
            BOARD,
            Call::ApproveCircuit(ApproveCircuit {
                key,
                proving_key,
                matrices,
            }),
        ),
        (UNIVERSITY, Call::ActivateCircuit(ActivateCircuit { key })),
    ];
    for (who, call) in calls {
        if let Err(error) = bench.commit(&msp(who), &msp(who), &call, None) {
            panic!("{error}");
        }
    }
    key
}

/// A planned dataset of the hospital.
pub struct Dataset {
    pub name: LineageName,
    pub lineage: LineageId,
    pub segment: SegmentId,
    pub keys: SegmentKeys,
    /// Instances, witnesses, ciphertexts.
    pub plan: SegmentPlan,
    pub schema: String,
}

impl Dataset {
    /// `n` rows, one a subject, of a holder in a consortium.
    ///
    /// **Panics**: never, but for a mistake in this file.
    pub fn of(consortium: ConsortiumId, holder: &MspId, n: usize, seed: u64) -> Self {
        Dataset::with_schema(consortium, holder, n, seed, SCHEMA)
    }

    /// As [`Dataset::of`], under another schema of one-cell columns that hold 0 to 127.
    ///
    /// **Panics**: the schema is not valid.
    pub fn with_schema(
        consortium: ConsortiumId,
        holder: &MspId,
        n: usize,
        seed: u64,
        schema: &str,
    ) -> Self {
        let rng = &mut rng(seed);
        let Ok(schema) = Schema::from_json(schema) else {
            panic!("the fixture's schema is valid")
        };
        let name = LineageName {
            name: "diabetes".to_owned(),
            nonce: [seed as u8 | 1; 16],
        };
        let lineage = judge::lineage_id(consortium, holder, &name);
        let (segment, keys) = (fresh_segment(rng), SegmentKeys::generate(rng));
        // The first column counts, the others hold 1.
        let cell = |i: usize, column: usize| if column == 0 { i as u32 % 100 } else { 1 };
        let row = |i: usize| Row {
            pseudonym: ((i as u128 + 1) << 96) + 5,
            cells: (0..schema.columns().len())
                .filter_map(|column| Cell::present(cell(i, column)))
                .collect(),
        };
        let rows: Vec<Row> = (0..n).map(row).collect();
        let input = SegmentInput {
            rows: &rows,
            layout: &layout(&schema),
            tier: TIER,
            keys: &keys,
            lineage,
            segment,
        };
        let plan = match plan(&input, rng) {
            Ok(plan) => plan,
            Err(error) => panic!("{error}"),
        };
        let Ok(schema) = String::from_utf8(schema.to_canonical()) else {
            panic!("json is utf-8")
        };
        Dataset {
            name,
            lineage,
            segment,
            keys,
            plan,
            schema,
        }
    }

    /// The registration with a simulated proof for each planned instance.
    pub fn registration(&self, trapdoor: &Trapdoor<Registration<TIER>>) -> RegisterDataset {
        let rng = &mut rng(91);
        let is_wide = self.plan.chunks.iter().any(|chunk| chunk.blocks.len() > 1);
        let mut block = |plan: &BlockPlan| BlockRegistration {
            block: if is_wide {
                BlockOpening::Leaves(plan.leaves)
            } else {
                BlockOpening::Root(plan.public.block_root)
            },
            proof: trapdoor.forge(&plan.public, rng).raw().clone(),
        };
        let mut chunk = |plan: &ChunkPlan| ChunkRegistration {
            link_out: plan.link_out,
            blocks: plan.blocks.iter().map(&mut block).collect(),
        };
        RegisterDataset {
            lineage: self.name.clone(),
            collection: group(),
            schema: self.schema.clone(),
            tier: TIER as u16,
            segment: self.segment,
            key_commitment: self.keys.commitment(),
            reading: judge::reading::root(&judge::reading::leaves(&self.reading())),
            n_rows: self.plan.n_rows,
            n_subjects: self.plan.n_subjects,
            chunks: self.plan.chunks.iter().map(&mut chunk).collect(),
        }
    }

    /// A reading report that nobody can open.
    fn reading(&self) -> SealedReading {
        let columns = Schema::from_canonical(self.schema.as_bytes());
        let n = columns.map_or(0, |schema| schema.columns().len()) + judge::reading::FIRST_COLUMN;
        let part = |i: usize| SealedPart {
            commitment: Digest::of(&[i as u8]),
            sealed: if i == judge::reading::FILES {
                Vec::new()
            } else {
                vec![i as u8; 64]
            },
        };
        SealedReading {
            parts: (0..n).map(part).collect(),
        }
    }

    /// The encrypted pages of all chunks.
    pub fn pages(&self) -> PagesPart {
        let chunks = (0u32..).zip(&self.plan.chunks);
        PagesPart {
            chunks: chunks
                .map(|(chunk, plan)| StoredChunk {
                    chunk,
                    blocks: stored_blocks(plan),
                    reading: (chunk == 0).then(|| self.reading()),
                })
                .collect(),
        }
    }

    /// The call that stores them.
    pub fn store(&self, dataset: DatasetRoot) -> StorePages {
        StorePages {
            dataset,
            grant: None,
            first_chunk: 0,
            n_chunks: self.plan.chunks.len() as u32,
        }
    }
}

/// The sharing group's collection.
///
/// **Panics**: never.
pub fn group() -> CollectionName {
    match CollectionName::explicit(GROUP) {
        Ok(name) => name,
        Err(error) => panic!("{error}"),
    }
}

fn stored_blocks(plan: &ChunkPlan) -> Vec<StoredBlock> {
    let block = |(index, plan): (usize, &BlockPlan)| {
        let commitments: Vec<Felt> = plan
            .private
            .pages()
            .iter()
            .map(|p| Felt(p.commitment()))
            .collect();
        let page = |leaf: usize| StoredPage {
            leaf: leaf as u8,
            commitment: commitments[leaf],
            ciphertext: plan.ciphertexts[leaf].iter().map(|e| Felt(*e)).collect(),
        };
        let expected = judge::pages::expected_pages(index, &plan.private.layout);
        StoredBlock {
            leaves: plan.leaves,
            pages: expected.into_iter().map(page).collect(),
        }
    };
    plan.blocks.iter().enumerate().map(block).collect()
}

/// A bootstrapped bench with an active registration key.
pub fn bench_with_registration() -> (Bench, Trapdoor<Registration<TIER>>) {
    let mut bench = super::fixture::bench();
    let trapdoor = Trapdoor::generate(&mut rng(1));
    activate(&mut bench, &trapdoor);
    (bench, trapdoor)
}

/// The id of the usual consortium.
pub fn consortium_id() -> ConsortiumId {
    consortium_id_of(super::fixture::NONCE)
}

/// The id of the consortium with this nonce.
pub fn consortium_id_of(nonce: &str) -> ConsortiumId {
    let bytes = super::fixture::consortium(nonce).to_canonical();
    ConsortiumId::new(medveil_circuits::field::bytes_to_field(
        medveil_circuits::domain::Label::Consortium,
        &bytes,
    ))
}
