//! docs/THREATS.md C12 and C13: claims against a plain computation that shares no code with them,
//! and claims put together wrongly.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used)]

mod chunks;
mod conditions;
mod counts;
mod plain;

use medveil_circuits::claim::{ClaimInput, ClaimPlan, CountUnit, first_link, plan, total};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::QueryHash;
use medveil_circuits::query::Program;
use medveil_circuits::testing::{CohortRow, cohort_fixture, opened, terms};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn claim(rows: &[CohortRow], program: &Program, unit: CountUnit, k: u64, floor: u64) -> ClaimPlan {
    let segment = cohort_fixture(rows, 16);
    let chunks = opened(&segment, 16, program);
    let input = ClaimInput {
        program,
        chunks: &chunks,
        terms: terms(unit, k),
        subject_floor: floor,
        context: Felt::from_u64(1),
    };
    plan(&input, &mut ChaCha20Rng::seed_from_u64(k)).unwrap()
}

/// What whoever verifies a claim checks beside the proofs: every chunk of the version in its place,
/// links joined, the sum.
fn judge(plan: &ClaimPlan, query: QueryHash) -> Result<(), &'static str> {
    let mut before = first_link(query);
    for (i, part) in plan.chunks.iter().enumerate() {
        let public = &part.public;
        if public.query != query || public.context != plan.last.context {
            return Err("another query or context");
        }
        if public.chunk_index != i as u64 || public.link_in != before {
            return Err("not the next chunk");
        }
        before = public.link_out;
    }
    let lanes: Vec<_> = plan.chunks.iter().map(|part| part.public.lane).collect();
    if total(&lanes) == plan.last.total {
        Ok(())
    } else {
        Err("another sum")
    }
}
