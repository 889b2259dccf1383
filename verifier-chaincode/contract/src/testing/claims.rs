//! A registered dataset of 40 subjects, and claims about it with simulated proofs.

use super::fixture::{BOARD, HOSPITAL};
use super::sharing::{
    Dataset, SCHEMA, TIER, activate, bench_with_registration, consortium_id, rng,
};
use super::{Bench, msp};
use crate::call::reply::ClaimPublished;
use crate::call::{BlockOpening, ClaimChunk, ClaimTerms, LanePoint, PublishClaim, RegisterDataset};
use crate::error::ContractError;
use medveil_circuits::claim::{
    self, ClaimFinal, ClaimInput, ClaimPlan, ContextParts, CountUnit, OpenedChunk, Terms,
};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::DatasetRoot;
use medveil_circuits::query;
use medveil_circuits::registration::{BlockPlan, ChunkPlan};
use medveil_circuits::schema::Schema;
use medveil_circuits::testing::Trapdoor;
use rand_chacha::ChaCha20Rng;

/// Rows and subjects of the fixture.
pub const ROWS: usize = 40;

/// Everything up to a claim.
pub struct Claims {
    pub bench: Bench,
    /// The registered dataset.
    pub dataset: Dataset,
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
        let registered = expect(bench.submit(&msp(HOSPITAL), &msp(BOARD), call, None));
        let root = registered.dataset;
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
        k: u64,
        floor: u64,
        chaincode: &str,
    ) -> PublishClaim {
        let terms = ClaimTerms {
            dataset: self.root,
            query: text.to_owned(),
            unit,
            k,
        };
        let rng = &mut rng(93);
        let plan = self.plan(&terms, floor, chaincode, rng);
        let registered = &self.dataset.plan.chunks;
        let chunks = plan.chunks.iter().zip(registered);
        PublishClaim {
            chunks: chunks
                .map(|(claimed, of)| self.chunk(claimed, of))
                .collect(),
            proof: self.last.forge(&plan.last, rng).raw().clone(),
            terms,
        }
    }

    fn plan(
        &self,
        claimed: &ClaimTerms,
        floor: u64,
        chaincode: &str,
        rng: &mut ChaCha20Rng,
    ) -> ClaimPlan {
        let schema = expect(Schema::from_json(SCHEMA));
        let query = expect(query::compile(&claimed.query, &schema, claimed.unit));
        let terms = Terms {
            unit: claimed.unit,
            k: claimed.k,
        };
        let context = claim::context(&ContextParts {
            consortium: consortium_id(),
            chaincode,
            lineage: self.dataset.lineage,
            dataset: self.root,
            query: query.hash(),
            terms,
            subject_floor: floor,
        });
        let program = query.program();
        let registered = self.dataset.plan.chunks.iter().enumerate();
        let chunks: Vec<OpenedChunk> = registered
            .map(|(i, c)| expect(OpenedChunk::of_registration(i, TIER, c, program)))
            .collect();
        let input = ClaimInput {
            program,
            chunks: &chunks,
            terms,
            subject_floor: floor,
            context,
        };
        expect(claim::plan(&input, rng))
    }

    fn chunk(&self, claimed: &claim::ChunkClaim, registered: &ChunkPlan) -> ClaimChunk {
        let public = &claimed.public;
        let leaves = |b: &BlockPlan| BlockOpening::Leaves(b.leaves);
        ClaimChunk {
            blocks: registered.blocks.iter().map(leaves).collect(),
            link_out: public.link_out,
            lane: LanePoint {
                x: Felt(public.lane.x),
                y: Felt(public.lane.y),
            },
            proof: self
                .chunk
                .forge(public, &mut rng(public.chunk_index))
                .raw()
                .clone(),
        }
    }

    /// At least 20 subjects are younger than 25.
    pub fn young(&self) -> PublishClaim {
        self.claim("age < 25", CountUnit::Subjects, 20, 11, "medveil")
    }

    /// Publishes.
    ///
    /// **Errors**: the contract's refusal.
    pub fn publish(
        &mut self,
        who: &str,
        args: &PublishClaim,
    ) -> Result<ClaimPublished, ContractError> {
        self.bench
            .submit(&msp(who), &msp(BOARD), args.clone(), None)
    }
}

impl Default for Claims {
    fn default() -> Self {
        Claims::new()
    }
}
