use super::*;
use crate::testing::{eligibility_fixture_1, eligibility_fixture_4, is_satisfied};
use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};

fn breakdown(tier: usize, budget: usize) {
    let cs = ConstraintSystem::<Fr>::new_ref();
    cs.set_mode(SynthesisMode::Setup);
    let parts = synthesize_parts(&cs, tier, None, None).unwrap();
    for (name, cost) in &parts {
        println!("eligibility-{tier}: {cost:>6} {name}");
    }
    println!("eligibility-{tier}: {:>6} in all", cs.num_constraints());
    assert_eq!(parts.iter().map(|(_, cost)| cost).sum::<usize>(), cs.num_constraints());
    assert!(cs.num_constraints() <= budget, "{}", cs.num_constraints());
}

#[test]
fn c10_sizes_by_part_stay_inside_their_budgets() {
    breakdown(1, 20_000);
    breakdown(4, 60_000);
}

#[test]
fn both_tiers_accept_their_fixtures() {
    let one = eligibility_fixture_1();
    assert!(is_satisfied::<Eligibility<1>>(&one.public, &one.private));
    let four = eligibility_fixture_4();
    assert!(is_satisfied::<Eligibility<4>>(&four.public, &four.private));
}
