use super::*;

const COHORT: Cohort = Cohort {
    n_rows: 500,
    n_subjects: 120,
};

fn check(unit: CountUnit, k: u64) -> Result<u64, DisclosureError> {
    check_disclosure(Terms { unit, k }, COHORT, 11)
}

#[test]
fn p5_the_step_is_at_least_the_floor_and_a_fiftieth() {
    for (k, floor, step) in [
        (1, 5, 5),
        (250, 5, 5),
        (251, 5, 10),
        (1, 6, 10),
        (20, 11, 20),
        (1_000, 11, 20),
        (1_001, 11, 50),
        (2_501, 11, 100),
        (5_001, 11, 200),
        (12_345, 20, 500),
        (u64::MAX, 11, 500_000_000_000_000_000),
    ] {
        assert_eq!(grid_step(k, floor), step, "{k} {floor}");
    }
    for floor in 5..=20 {
        for k in 1..6_000 {
            let step = grid_step(k, floor);
            assert!(step >= floor && step * GRID_STEPS >= k);
        }
    }
}

#[test]
fn p5_thresholds_lie_on_the_grid() {
    for (count, k) in [
        (0, 0),
        (19, 0),
        (20, 20),
        (119, 100),
        (1_039, 1_000),
        (1_049, 1_000),
        (1_050, 1_050),
        (2_599, 2_500),
        (12_345, 12_000),
    ] {
        assert_eq!(largest_grid_k(count, 11), k);
    }
    let off = check(CountUnit::Rows, 115);
    let expected = DisclosureError::Grid {
        step: 20,
        got: 115,
        below: 100,
    };
    assert_eq!(off, Err(expected));
    for floor in [5, 11, 20] {
        let on_grid = |k: &u64| k.is_multiple_of(grid_step(*k, floor));
        let mut best = 0;
        for count in 1..6_000 {
            best = if on_grid(&count) { count } else { best };
            assert_eq!(largest_grid_k(count, floor), best, "{count} {floor}");
        }
    }
}

#[test]
fn p5_m7_floors_on_both_sides_of_every_claim() {
    use CountUnit::{Rows, Subjects};
    assert_eq!(check(Subjects, 20), Ok(11));
    let floor = Err(DisclosureError::Floor { floor: 11, got: 10 });
    assert_eq!(check(Subjects, 10), floor);
    assert_eq!(check(Subjects, 100), Ok(11));
    let complement = |size, got| {
        Err(DisclosureError::Complement {
            floor: 11,
            size,
            got,
        })
    };
    assert_eq!(check(Subjects, 120), complement(120, 0));
    assert_eq!(check(Rows, 480), Ok(11));
    assert_eq!(check(Rows, 500), complement(500, 0));
    assert_eq!(
        check(Rows, 0),
        Err(DisclosureError::Range { most: 500, got: 0 })
    );
    assert_eq!(
        check(Subjects, 140),
        Err(DisclosureError::Range {
            most: 120,
            got: 140
        })
    );
}

#[test]
fn what_is_claimable_passes_and_no_larger_one_does() {
    for count in 0..=120 {
        let k = largest_claimable_k(count, CountUnit::Subjects, COHORT, 11);
        let allowed = |k: &u64| check(CountUnit::Subjects, *k).is_ok();
        assert_eq!(k, (1..=count).rev().find(allowed));
    }
}
