//! What two claims tell together: refused before anything is proven, and again where it is published.

use crate::claims::{prove, registered};
use crate::world::{Kind, World, org, wait};
use medveil_circuits::claim::CountUnit;
use medveil_gateway::Session;
use medveil_gateway::journey::claim::{self, ClaimError, ClaimProven, Goal};

mod ledgers {
    crate::on_both!(m8_a_claim_that_differs_by_one_patient_is_refused_in_either_order);
}

fn subjects(session: &Session, query: &str) -> Result<ClaimProven, ClaimError> {
    prove(session, query, Goal::AtLeast(20), CountUnit::Subjects)
}

/// With what a claim would single somebody out.
fn collides(answer: Result<ClaimProven, ClaimError>) -> Vec<String> {
    match answer {
        Err(ClaimError::SinglesOut { with, .. }) => with,
        Err(other) => panic!("{other}"),
        Ok(proven) => panic!("proven: {}", proven.terms.query),
    }
}

fn m8_a_claim_that_differs_by_one_patient_is_refused_in_either_order(kind: Kind) {
    let world = World::new(kind);
    registered(&world);
    let (holder, session) = (org("HospitalA"), world.session());
    // Twenty patients of 40 years, and one of 39.
    let older = subjects(&session, "age >= 40").unwrap();
    let with = collides(subjects(&session, "age >= 39"));
    assert!(with.iter().all(|w| w.contains("age >= 40")), "{with:?}");
    let nearly = collides(subjects(&session, "age < 41"));
    assert_eq!(nearly, with, "a complement tells as much");
    subjects(&session, "age < 40").unwrap();

    // What waits is taken back, and the other one may go out first.
    wait(claim::discard(&session, &holder, older.claim)).unwrap();
    let younger = subjects(&session, "age < 40").unwrap();
    wait(claim::discard(&session, &holder, younger.claim)).unwrap();
    let wider = subjects(&session, "age >= 39").unwrap();
    let published = wait(claim::publish(&session, &holder, wider.claim, false)).unwrap();
    assert!(published.uncompared.is_empty());
    collides(subjects(&session, "age >= 40"));
    let late = wait(claim::discard(&session, &holder, wider.claim))
        .err()
        .unwrap();
    assert!(matches!(late, ClaimError::IsPublished { .. }), "{late}");

    // Rows are held against subjects too: those with a row that is a hit, and those with another.
    let rows = prove(&session, "age >= 40", Goal::AtLeast(20), CountUnit::Rows);
    collides(rows);
    world.audit();
}
