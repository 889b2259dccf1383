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
    assert_eq!(
        parts.iter().map(|(_, cost)| cost).sum::<usize>(),
        cs.num_constraints()
    );
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

mod twins {
    use super::super::clause::{ClauseVar, SlotsVar, enforce_clauses};
    use super::*;
    use crate::policy::code::ClauseHeader;
    use crate::policy::{ClauseCode, RequestElements};
    use crate::range::r1cs::to_bits_le;
    use crate::visa::{SLOTS, Slots};
    use proptest::prelude::*;

    /// The circuit's reading of one clause over slots inside their widths.
    fn circuit(code: &ClauseCode, slots: &Slots, request: &RequestElements) -> bool {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let elements: Vec<_> = slots
            .elements()
            .iter()
            .map(|x| witness(&cs, Some(*x)).unwrap())
            .collect();
        let permissions = to_bits_le(&elements[Slot::Permissions.index()], 32).unwrap();
        let slots = SlotsVar {
            elements,
            permissions,
        };
        let request: Vec<_> = request
            .0
            .iter()
            .map(|x| witness(&cs, Some(*x)).unwrap())
            .collect();
        let clause = ClauseVar::new_witness(&cs, Some(code)).unwrap();
        enforce_clauses(&Boolean::TRUE, &slots, &request, &[clause]).unwrap();
        cs.is_satisfied().unwrap()
    }

    /// The native reading, with the rule about conditions.
    fn native(code: &ClauseCode, slots: &Slots, request: &RequestElements) -> bool {
        let Some(header) = ClauseHeader::decode(code.header) else {
            return false;
        };
        let names = header.selector == Slot::Conditions && header.op != crate::policy::Op::None;
        code.holds(header, slots, request) && (names || slots.get(Slot::Conditions) == Fr::ZERO)
    }

    /// Small numbers meet each other often; the others are edges.
    fn element() -> impl Strategy<Value = Fr> {
        prop_oneof![
            6 => (0u64..6).prop_map(Fr::from),
            1 => Just(Fr::from(u32::MAX)),
            1 => Just(Fr::from(1u64 << 32)),
            1 => Just(-Fr::ONE),
        ]
    }

    fn typed(slot: usize, x: Fr) -> Fr {
        match Slot::ALL[slot].kind().bits() {
            Some(bits) if !crate::visa::fits(x, bits) => Fr::from((1u64 << (bits - 1)) - 1),
            _ => x,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]
        #[test]
        fn e10_e11_every_header_reads_the_same_in_circuit_and_natively(
            header in 0u64..1030,
            operands in prop::array::uniform4(element()),
            slots in prop::array::uniform16(element()),
            request in prop::array::uniform5(element()),
            conditions in any::<bool>(),
        ) {
            let mut slots = Slots(std::array::from_fn(|i| crate::field::Felt(typed(i, slots[i]))));
            if !conditions {
                slots.set(Slot::Conditions, Fr::ZERO);
            }
            let code = ClauseCode { header: Fr::from(header), operands };
            let request = RequestElements(request);
            prop_assert_eq!(circuit(&code, &slots, &request), native(&code, &slots, &request), "header {}", header);
        }
    }

    #[test]
    fn e10_every_header_of_ten_bits_over_one_visa() {
        // Every slot is 5, so that equality, ranges and bits hold wherever they may be asked for.
        let slots = Slots([crate::field::Felt::from_u64(5); SLOTS]);
        let request = RequestElements([Fr::from(5u64); 5]);
        let mut held = 0;
        for header in 0..1024u64 {
            let code = ClauseCode {
                header: Fr::from(header),
                operands: [Fr::from(5u64); 4],
            };
            let named = native(&code, &slots, &request);
            held += usize::from(named);
            assert_eq!(circuit(&code, &slots, &request), named, "header {header}");
        }
        // Conditions are 5 as well, so only clauses that name them hold: eq and in with six
        // requests, exists.
        assert_eq!(held, 13);
    }
}
