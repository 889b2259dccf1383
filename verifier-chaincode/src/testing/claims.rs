//! A registered dataset of 40 subjects, and claims about it with simulated proofs.

use super::fixture::{BOARD, HOSPITAL};
use super::sharing::{
    Dataset, SCHEMA, TIER, activate, bench_with_registration, consortium_id, rng,
};
use super::{Bench, msp};
use crate::call::{
    BlockOpening, Call, ClaimChunk, ClaimTerms, LanePoint, PublishClaim, RegisterDataset,
};
use crate::error::ContractError;
use circuits::claim::{
    self, ClaimFinal, ClaimKind, ContextParts, CountUnit, OpenedChunk, Terms, disclosure::Cohort,
};
use circuits::field::Felt;
use circuits::ids::DatasetRoot;
use circuits::query;
use circuits::schema::Schema;
use circuits::testing::Trapdoor;

/// Rows and subjects of the fixture.
pub const ROWS: usize = 40;

/// Everything up to a claim.
pub struct Claims {
    /// The ledger.
    pub bench: Bench,
    /// The registered dataset.
    pub dataset: Dataset,
    /// Its root.
    pub root: DatasetRoot,
    /// Key of chunks.
    pub chunk: Trapdoor<claim::ClaimChunk<TIER>>,
    /// Key of final proofs.
    pub last: Trapdoor<ClaimFinal>,
}

fn expect<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

impl Claims {
    /// A registered dataset with all keys.
    pub fn new() -> Self {
        let (mut bench, registration_key) = bench_with_registration();
        let rng = &mut rng(4);
        let (chunk, last) = (Trapdoor::generate(rng), Trapdoor::generate(rng));
        activate(&mut bench, &chunk);
        activate(&mut bench, &last);
        let dataset = Dataset::of(consortium_id(), &msp(HOSPITAL), ROWS, 3);
        let call: RegisterDataset = dataset.registration(&registration_key);
        let answer = expect(bench.submit(
            &msp(HOSPITAL),
            &msp(BOARD),
            &Call::RegisterDataset(call),
            None,
        ));
        let root = expect(serde_json::from_value(answer["dataset"].clone()));
        Claims {
            bench,
            dataset,
            root,
            chunk,
            last,
        }
    }

    /// A claim with a simulated proof for each instance, planned for this context.
    ///
    /// **Panics**: the query does not compile.
    pub fn claim(
        &self,
        text: &str,
        unit: CountUnit,
        kind: ClaimKind,
        k: u64,
        floor: u64,
        chaincode: &str,
    ) -> PublishClaim {
        let rng = &mut rng(93);
        let schema = expect(Schema::from_json(SCHEMA));
        let query = expect(query::compile(text, &schema, unit));
        let terms = Terms { kind, unit, k };
        let context = claim::context(&ContextParts {
            consortium: consortium_id(),
            chaincode,
            lineage: self.dataset.lineage,
            dataset: self.root,
            query: query.hash(),
            terms,
            subject_floor: floor,
        });
        let chunks: Vec<OpenedChunk> = self
            .dataset
            .plan
            .chunks
            .iter()
            .enumerate()
            .map(|(i, c)| expect(OpenedChunk::of_registration(i, TIER, c, query.program())))
            .collect();
        let cohort = Cohort {
            n_rows: ROWS as u64,
            n_subjects: ROWS as u64,
        };
        let plan = expect(claim::plan(
            query.program(),
            &chunks,
            terms,
            cohort,
            floor,
            context,
            rng,
        ));
        let chunk =
            |(planned, registered): (&claim::ChunkClaim, &circuits::registration::ChunkPlan)| {
                ClaimChunk {
                    blocks: registered
                        .blocks
                        .iter()
                        .map(|b| BlockOpening::Leaves(b.leaves))
                        .collect(),
                    link_out: planned.public.link_out,
                    lane: LanePoint {
                        x: Felt(planned.public.lane.x),
                        y: Felt(planned.public.lane.y),
                    },
                    proof: self
                        .chunk
                        .forge(
                            &planned.public,
                            &mut super::sharing::rng(planned.public.chunk_index),
                        )
                        .raw()
                        .clone(),
                }
            };
        PublishClaim {
            terms: ClaimTerms {
                dataset: self.root,
                query: text.to_owned(),
                unit,
                kind,
                k,
            },
            chunks: plan
                .chunks
                .iter()
                .zip(&self.dataset.plan.chunks)
                .map(chunk)
                .collect(),
            proof: self.last.forge(&plan.last, rng).raw().clone(),
        }
    }

    /// At least 20 subjects are younger than 25.
    pub fn young(&self) -> PublishClaim {
        self.claim(
            "age < 25",
            CountUnit::Subjects,
            ClaimKind::Count,
            20,
            11,
            "medveil",
        )
    }

    /// Publishes.
    ///
    /// **Errors**: the contract's refusal.
    pub fn publish(
        &mut self,
        who: &str,
        args: &PublishClaim,
    ) -> Result<serde_json::Value, ContractError> {
        self.bench.submit(
            &msp(who),
            &msp(BOARD),
            &Call::PublishClaim(args.clone()),
            None,
        )
    }
}

impl Default for Claims {
    fn default() -> Self {
        Claims::new()
    }
}
