//! What the benches share: one valid instance and witness of every statement, at every tier.
//!
//! `cargo bench -p benches` measures; `-- --test` runs each bench once, without the statements that
//! take long to set up. Numbers worth keeping go into `RESULTS.md` with machine and date.

use medveil_circuits::claim::{ClaimChunk, ClaimFinal};
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::handover::Handover;
use medveil_circuits::query::CountUnit;
use medveil_circuits::registration::Registration;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::testing::{
    claim_fixture, eligibility_fixture_1, eligibility_fixture_4, handover_fixture,
    registration_fixture, terms,
};

/// Something to do with each statement.
pub trait Visit {
    /// Called once a statement and tier, with a valid instance and witness.
    fn visit<S: Synthesize>(&mut self, public: &S::Public, private: &S::Private);
}

/// Whether each bench is to run once only: when it is tested, and unless `cargo bench` started it.
pub fn quick() -> bool {
    let has = |word: &str| std::env::args().any(|arg| arg == word);
    has("--test") || !has("--bench")
}

fn registration<const ROWS: usize>(visit: &mut impl Visit) {
    let plan = registration_fixture(ROWS, ROWS);
    let block = &plan.chunks[0].blocks[0];
    visit.visit::<Registration<ROWS>>(&block.public, &block.private);
}

fn claim<const ROWS: usize>(visit: &mut impl Visit) {
    let plan = claim_fixture(
        ROWS,
        ROWS,
        "age BETWEEN 40 AND 65 AND sex <> 'male'",
        terms(CountUnit::Subjects, 1),
        1,
    );
    visit.visit::<ClaimChunk<ROWS>>(&plan.chunks[0].public, &plan.chunks[0].private);
    if ROWS == 16 {
        visit.visit::<ClaimFinal>(&plan.last, &plan.last_private);
    }
}

/// The statements that are set up within seconds.
pub fn small(visit: &mut impl Visit) {
    let (public, private) = handover_fixture();
    visit.visit::<Handover>(&public, &private);
    let fixture = eligibility_fixture_1();
    visit.visit::<Eligibility<1>>(&fixture.public, &fixture.private);
    registration::<16>(visit);
    claim::<16>(visit);
}

pub fn large(visit: &mut impl Visit) {
    let fixture = eligibility_fixture_4();
    visit.visit::<Eligibility<4>>(&fixture.public, &fixture.private);
    registration::<256>(visit);
    claim::<256>(visit);
}

/// All statements, or the small ones when each bench is to run once only.
pub fn statements(visit: &mut impl Visit) {
    small(visit);
    if !quick() {
        large(visit);
    }
}
