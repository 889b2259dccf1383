//! N1 to N6: the sum of the chunks, and what is claimed of it.

use super::QUERY;
use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::claim::{ClaimFinal, ClaimFinalPrivate, ClaimFinalPublic, CountUnit, Terms};
use medveil_circuits::pedersen;
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{claim_fixture, terms, violations};

fn last(text: &str, terms: Terms, floor: u64) -> (ClaimFinalPublic, ClaimFinalPrivate) {
    let plan = claim_fixture(37, 16, text, terms, floor);
    (plan.last, plan.last_private)
}

fn last_refused(public: &ClaimFinalPublic, private: &ClaimFinalPrivate, clause: &str) -> usize {
    let found =
        ClaimFinal::check(public, private).expect_err("the native reading accepts a forgery");
    assert_eq!(found.clause, clause, "{found}");
    let broken = violations::<ClaimFinal>(public, private);
    assert!(broken > 0, "{clause}: the circuit accepts a forgery");
    broken
}

#[test]
fn n1_c12_another_sum() {
    let (public, private) = last(QUERY, terms(CountUnit::Rows, 2), 1);
    let changes: [fn(&mut ClaimFinalPrivate); 3] =
        [|p| p.rows += 1, |p| p.subjects += 1, |p| p.misses += 1];
    for change in changes {
        let mut private = private.clone();
        change(&mut private);
        assert!(last_refused(&public, &private, "N1") > 0);
    }
    // A chunk left out, or counted twice.
    let plan = claim_fixture(37, 16, QUERY, terms(CountUnit::Rows, 2), 1);
    let lanes: Vec<_> = plan.chunks.iter().map(|c| c.public.lane).collect();
    for lanes in [
        vec![lanes[0], lanes[1]],
        vec![lanes[0], lanes[1], lanes[2], lanes[2]],
    ] {
        let mut public = public.clone();
        public.total = medveil_circuits::claim::total(&lanes);
        assert!(last_refused(&public, &private, "N1") > 0);
    }
}

#[test]
fn n1_c3_lanes_over_their_width() {
    // "Minus one" rows in a commitment that adds up: 2^32 - 1 would fit, a wrapped sum would not.
    let rho = Scalar::from_u64(5);
    let (mut public, mut private) = last(QUERY, terms(CountUnit::Rows, 2), 0);
    (private.rows, private.subjects, private.rho) = (1 << 32, 7, rho);
    public.total = pedersen::commit(&private.lanes(), &private.rho);
    assert!(last_refused(&public, &private, "N1") > 0);
}

#[test]
fn n3_claims_that_do_not_hold() {
    let (public, private) = last(QUERY, terms(CountUnit::Rows, 1), 0);
    let refused = |change: fn(&mut ClaimFinalPublic, &ClaimFinalPrivate)| {
        let mut public = public.clone();
        change(&mut public, &private);
        last_refused(&public, &private, "N3")
    };
    assert_eq!(refused(|p, w| p.k = w.rows + 1), 1);
    assert_eq!(
        refused(|p, w| (p.unit, p.k) = (CountUnit::Subjects, w.subjects + 1)),
        1
    );
}

#[test]
fn n3_c3_thresholds_over_their_width() {
    let (mut public, private) = last(QUERY, terms(CountUnit::Rows, 1), 0);
    for k in [1 << 32, u64::MAX] {
        public.k = k;
        assert!(last_refused(&public, &private, "N3") > 0);
    }
}

#[test]
fn n4_a_floor_that_is_not_reached() {
    let (mut public, private) = last(QUERY, terms(CountUnit::Rows, 1), 0);
    public.subject_floor = private.subjects;
    assert_eq!(violations::<ClaimFinal>(&public, &private), 0);
    public.subject_floor = private.subjects + 1;
    assert_eq!(last_refused(&public, &private, "N4"), 1);
    public.subject_floor = 1 << 32;
    assert!(last_refused(&public, &private, "N4") > 0);
}

#[test]
fn n6_rows_outside_the_query_of_too_few_subjects() {
    // Nearly everybody's every row is a hit: what is left speaks of few.
    let (mut public, private) = last("age >= 0", terms(CountUnit::Rows, 1), 0);
    assert!(private.misses < private.subjects);
    public.subject_floor = private.misses;
    assert_eq!(violations::<ClaimFinal>(&public, &private), 0);
    public.subject_floor = private.misses + 1;
    assert_eq!(last_refused(&public, &private, "N6"), 1);
    // Where subjects are counted, the threshold keeps the distance.
    public.unit = CountUnit::Subjects;
    assert_eq!(violations::<ClaimFinal>(&public, &private), 0);
    assert!(ClaimFinal::check(&public, &private).is_ok());
}
