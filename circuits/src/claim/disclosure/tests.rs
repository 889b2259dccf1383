use super::*;

const COHORT: Cohort = Cohort {
    n_rows: 500,
    n_subjects: 120,
};

fn check(kind: ClaimKind, unit: CountUnit, k: u64, exempt: bool) -> Result<u64, DisclosureError> {
    check_disclosure(Terms { kind, unit, k }, COHORT, 11, exempt)
}

#[test]
fn p5_thresholds_lie_on_the_grid() {
    let cases = [
        (0, 0),
        (7, 7),
        (100, 100),
        (101, 100),
        (119, 110),
        (999, 990),
        (1_000, 1_000),
        (1_099, 1_000),
        (12_345, 12_000),
    ];
    for (count, k) in cases {
        assert_eq!(largest_grid_k(count), k);
    }
    let off = check(ClaimKind::Count, CountUnit::Rows, 115, false);
    assert_eq!(
        off,
        Err(DisclosureError::Grid {
            got: 115,
            below: 110
        })
    );
    assert_eq!(largest_grid_k(u64::MAX), 18_000_000_000_000_000_000);
}

#[test]
fn p5_floors_on_both_sides() {
    use CountUnit::{Rows, Subjects};
    assert_eq!(check(ClaimKind::Count, Subjects, 11, false), Ok(11));
    assert_eq!(
        check(ClaimKind::Count, Subjects, 10, false),
        Err(DisclosureError::Floor { floor: 11, got: 10 })
    );
    assert_eq!(check(ClaimKind::Count, Subjects, 100, false), Ok(11));
    let few_left = DisclosureError::Complement {
        floor: 11,
        size: 120,
        got: 10,
    };
    assert_eq!(check(ClaimKind::Count, Subjects, 110, false), Err(few_left));
    assert_eq!(check(ClaimKind::Count, Subjects, 110, true), Ok(0));
    assert_eq!(check(ClaimKind::Count, Rows, 480, false), Ok(11));
    assert_eq!(
        check(ClaimKind::Count, Rows, 490, false),
        Err(DisclosureError::Complement {
            floor: 11,
            size: 500,
            got: 10
        })
    );
    assert_eq!(
        check(ClaimKind::Count, Rows, 0, true),
        Err(DisclosureError::Range { most: 500, got: 0 })
    );
    assert_eq!(
        check(ClaimKind::Count, Subjects, 130, true),
        Err(DisclosureError::Range {
            most: 120,
            got: 130
        })
    );
}

#[test]
fn p5_all_and_none_only_of_inclusion_criteria() {
    for kind in [ClaimKind::All, ClaimKind::None] {
        assert_eq!(check(kind, CountUnit::Rows, 0, true), Ok(0));
        assert_eq!(
            check(kind, CountUnit::Rows, 0, false),
            Err(DisclosureError::NotExempt)
        );
        assert_eq!(
            check(kind, CountUnit::Rows, 5, true),
            Err(DisclosureError::Threshold(5))
        );
    }
}

#[test]
fn what_is_claimable_passes_and_no_larger_one_does() {
    for exempt in [false, true] {
        for count in 0..=120 {
            let k = largest_claimable_k(count, CountUnit::Subjects, COHORT, 11, exempt);
            let allowed =
                |k: &u64| check(ClaimKind::Count, CountUnit::Subjects, *k, exempt).is_ok();
            assert_eq!(k, (1..=count).rev().find(allowed));
        }
    }
}
