//! E10 and E11: forbidden slots, operators that do not fit, clauses that do not hold, absent slots,
//! conditions.

use super::forge::Forge;
use medveil_circuits::field::Fr;
use medveil_circuits::policy::{ClauseCode, Op, Req};
use medveil_circuits::visa::{Slot, codes, conditions_hash};

fn zero() -> Fr {
    Fr::from(0u64)
}

/// The fixture of tier 1 with its first clause replaced.
fn with(code: ClauseCode) -> Forge {
    let mut forge = Forge::one();
    forge.private.alternative.blocks[0].clauses = [ClauseCode::default(); 6];
    forge.private.alternative.blocks[0].clauses[0] = code;
    forge.repolicy();
    forge
}

fn clause(slot: Slot, op: Op, operands: [u64; 4]) -> Forge {
    with(ClauseCode::new(slot, op, Req::None, operands.map(Fr::from)))
}

const FORBIDDEN: [Slot; 3] = [Slot::Holder, Slot::RevocationIndex, Slot::Salt];

#[test]
fn e10_forbidden_slots_even_where_the_clause_would_hold() {
    for slot in FORBIDDEN {
        let value = Forge::one().private.visas[0].slots.get(slot);
        for op in [Op::Eq, Op::In] {
            with(ClauseCode::new(slot, op, Req::None, [value; 4])).assert_refused("E10");
        }
        for op in [Op::NotIn, Op::Exists] {
            with(ClauseCode::new(slot, op, Req::None, [Fr::from(3u64); 4])).assert_refused("E10");
        }
        // The operator "none" asks for nothing.
        with(ClauseCode::new(slot, Op::None, Req::None, [value; 4])).assert_holds();
    }
}

#[test]
fn e10_a_forbidden_slot_in_the_path_clause() {
    for slot in FORBIDDEN {
        let mut forge = Forge::one();
        let value = medveil_circuits::field::Felt(forge.private.visas[0].slots.get(slot));
        forge.private.alternative.path_root = medveil_circuits::policy::set_root(&[value]);
        forge.private.set_path = medveil_circuits::policy::set_path(&[value], value.0)
            .unwrap()
            .unwrap();
        forge.set_header(|h| h.path = Some((0, slot)));
        let absent = value.is_zero();
        forge.assert_refused_by("E10", 1 + usize::from(absent));
    }
}

#[test]
fn e10_operators_that_do_not_fit_their_slot() {
    for slot in [
        Slot::Schema,
        Slot::Value,
        Slot::Role,
        Slot::Institution,
        Slot::Study,
    ] {
        clause(slot, Op::Range, [0, u64::from(u32::MAX), 0, 0]).assert_refused("E10");
    }
    clause(Slot::Permissions, Op::Range, [0, u64::from(u32::MAX), 0, 0])
        .assert_refused_by("E10", 1);
    for slot in [Slot::Role, Slot::Disease, Slot::Expiry] {
        clause(slot, Op::Subset, [u64::from(u32::MAX), 0, 0, 0]).assert_refused("E10");
        clause(slot, Op::Superset, [0, 0, 0, 0]).assert_refused_by("E10", 1);
    }
}

#[test]
fn e10_request_values_that_do_not_exist_or_do_not_fit() {
    for req in [6u64, 7] {
        let header = Slot::Institution as u64 + 16 * Op::Eq as u64 + 128 * req;
        with(ClauseCode {
            header: Fr::from(header),
            operands: [zero(); 4],
        })
        .assert_refused("E10");
    }
    let range = ClauseCode::new(
        Slot::Disease,
        Op::Range,
        Req::Disease,
        [zero(), Fr::from(u32::MAX), zero(), zero()],
    );
    with(range).assert_refused("E10");
    let exists = ClauseCode::new(Slot::Value, Op::Exists, Req::Purpose, [zero(); 4]);
    with(exists).assert_refused_by("E10", 1);
}

#[test]
fn e10_headers_over_ten_bits() {
    for header in [Fr::from(1024u64), -Fr::from(1u64), Fr::from(u64::MAX)] {
        with(ClauseCode {
            header,
            operands: [zero(); 4],
        })
        .assert_refused("E10");
    }
}

#[test]
fn e11_every_operator_where_it_holds_and_where_it_does_not() {
    // Asserted 20700, by 4, permissions GRU and HMB (6), disease E11.9.
    let disease = u64::from(codes::disease("E11.9").unwrap());
    let (low, high) = codes::disease_range("E11")
        .map(|(low, high)| (u64::from(low), u64::from(high)))
        .unwrap();
    for (slot, op, operands) in [
        (Slot::By, Op::Eq, [4, 0, 0, 0]),
        (Slot::By, Op::In, [1, 2, 3, 4]),
        (Slot::By, Op::NotIn, [1, 2, 3, 5]),
        (Slot::Asserted, Op::Range, [20_700, 20_700, 0, 0]),
        (Slot::Disease, Op::Range, [low, high, 0, 0]),
        (Slot::Permissions, Op::Subset, [0b111, 0, 0, 0]),
        (Slot::Permissions, Op::Superset, [0b010, 0, 0, 0]),
        (Slot::Permissions, Op::Superset, [0, 0, 0, 0]),
        (Slot::Disease, Op::Exists, [0; 4]),
    ] {
        clause(slot, op, operands).assert_holds();
    }
    for (slot, op, operands) in [
        (Slot::By, Op::Eq, [5, 4, 4, 4]),
        (Slot::By, Op::In, [1, 2, 3, 5]),
        (Slot::By, Op::NotIn, [1, 2, 3, 4]),
        (Slot::By, Op::NotIn, [4, 4, 4, 4]),
        (Slot::Asserted, Op::Range, [20_701, 20_800, 0, 0]),
        (Slot::Asserted, Op::Range, [1, 20_699, 0, 0]),
        (Slot::Asserted, Op::Range, [20_701, 20_699, 0, 0]),
        (Slot::Disease, Op::Range, [disease + 1, disease + 100, 0, 0]),
        (Slot::Permissions, Op::Subset, [0b011, 0, 0, 0]),
        (Slot::Permissions, Op::Superset, [0b001, 0, 0, 0]),
        (Slot::Conditions, Op::Exists, [0; 4]),
    ] {
        clause(slot, op, operands).assert_refused("E11");
    }
}

#[test]
fn e11_operands_of_a_range_over_32_bits() {
    // r - 1 is "-1": below everything, if it were not decomposed.
    let minus_one = -Fr::from(1u64);
    for operands in [
        [minus_one, Fr::from(u32::MAX)],
        [zero(), minus_one],
        [zero(), Fr::from(1u64 << 32)],
    ] {
        let [low, high] = operands;
        with(ClauseCode::new(
            Slot::Asserted,
            Op::Range,
            Req::None,
            [low, high, zero(), zero()],
        ))
        .assert_refused("E11");
    }
    for op in [Op::Subset, Op::Superset] {
        with(ClauseCode::new(
            Slot::Permissions,
            op,
            Req::None,
            [Fr::from((1u64 << 32) + 6), zero(), zero(), zero()],
        ))
        .assert_refused("E11");
    }
}

#[test]
fn e11_an_absent_slot_fails_every_operator() {
    for slot in [
        Slot::Value,
        Slot::Source,
        Slot::Study,
        Slot::Disease,
        Slot::By,
    ] {
        let codes = [
            (Op::Eq, [0; 4]),
            (Op::In, [0; 4]),
            (Op::NotIn, [7; 4]),
            (Op::Exists, [0; 4]),
            (Op::Range, [0, u64::from(u32::MAX), 0, 0]),
        ];
        for (op, operands) in codes {
            if op == Op::Range && !matches!(slot, Slot::Disease | Slot::By) {
                continue;
            }
            let mut forge = clause(slot, op, operands);
            forge.set_slot(0, slot, zero());
            forge.assert_refused_by("E11", 1);
        }
    }
}

#[test]
fn e11_an_empty_bitmap_is_present() {
    for (op, operands, holds) in [
        (Op::Subset, [0u64; 4], true),
        (Op::Superset, [0; 4], true),
        (Op::Superset, [1, 0, 0, 0], false),
    ] {
        let mut forge = clause(Slot::Permissions, op, operands);
        forge.set_slot(0, Slot::Permissions, zero());
        if holds {
            forge.assert_holds()
        } else {
            forge.assert_refused_by("E11", 1)
        }
    }
}

#[test]
fn e11_request_values_swapped_or_absent() {
    let institution = ClauseCode::new(Slot::Institution, Op::Eq, Req::Submitter, [zero(); 4]);
    with(institution).assert_holds();
    for req in [Req::Study, Req::Purpose, Req::Disease, Req::Region] {
        with(ClauseCode::new(Slot::Institution, Op::Eq, req, [zero(); 4]))
            .assert_refused_by("E11", 1);
    }
    // "Not the purpose asked for", of a request that names none.
    let mut forge = with(ClauseCode::new(
        Slot::Value,
        Op::NotIn,
        Req::Purpose,
        [zero(); 4],
    ));
    forge.assert_holds();
    forge.private.request.0[1] = zero();
    forge.rerequest();
    forge.assert_refused_by("E11", 1);
}

#[test]
fn e11_conditions_that_the_policy_does_not_name() {
    let mut forge = Forge::one();
    let conditions = conditions_hash("only on Mondays").0;
    forge.set_slot(0, Slot::Conditions, conditions);
    forge.assert_refused_by("E11", 1);
    forge.private.alternative.blocks[0].clauses[3] = ClauseCode::new(
        Slot::Conditions,
        Op::Eq,
        Req::None,
        [conditions, zero(), zero(), zero()],
    );
    forge.repolicy();
    forge.assert_holds();
    // A clause with the operator "none" does not name them.
    forge.private.alternative.blocks[0].clauses[3] = ClauseCode::new(
        Slot::Conditions,
        Op::None,
        Req::None,
        [conditions, zero(), zero(), zero()],
    );
    forge.repolicy();
    forge.assert_refused_by("E11", 1);
}
