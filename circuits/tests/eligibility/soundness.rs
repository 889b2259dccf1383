//! docs/THREATS.md C1, C2: change each variable of the satisfied circuit in turn; some constraint
//! must fail.

use super::forge::Forge;
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::field::Fr;
use medveil_circuits::policy::code::ClauseHeader;
use medveil_circuits::policy::{Op, Req};
use medveil_circuits::testing::sweep;
use medveil_circuits::visa::{Slot, VisaSchema};

/// The written list of survivors, counted for a fixture.
///
/// - Hints `1/x` of "is x 0" where x is 0: any hint gives the same answer. Asked are, for each
///   clause, the slot, the request's value and the product of the differences from the operands;
///   for each visa, how many clauses name the conditions, and whether its schema is an approval;
///   once, whether the anchor's schema is one.
/// - Where absent alternatives repeat the first, a bit of the position that leads to a copy.
fn expected(forge: &Forge) -> usize {
    let zero = |x: Fr| usize::from(x == Fr::from(0u64));
    let mut free = 1;
    for (visa, block) in forge
        .private
        .visas
        .iter()
        .zip(&forge.private.alternative.blocks)
    {
        let mut names_conditions = false;
        for clause in &block.clauses {
            let header = ClauseHeader::decode(clause.header).unwrap();
            let x = visa.slots.get(header.selector);
            let asked = forge.private.request.get(header.req);
            let first = if header.req == Req::None {
                clause.operands[0]
            } else {
                asked
            };
            let product: Fr = clause.operands[1..]
                .iter()
                .fold(x - first, |product, operand| product * (x - operand));
            free += zero(x) + zero(asked) + zero(product);
            names_conditions |= header.selector == Slot::Conditions && header.op != Op::None;
        }
        let approval = visa.slots.get(Slot::Schema) == VisaSchema::Ethics.id().felt().0;
        free += usize::from(!names_conditions) + usize::from(approval);
    }
    let position = usize::from(forge.private.position);
    let at = |i: usize| forge.private.alternatives[i];
    free + [1, 2]
        .iter()
        .filter(|bit| at(position ^ **bit) == at(position))
        .count()
}

#[test]
fn c1_c2_tier_1() {
    let forge = Forge::one();
    let found = sweep::<Eligibility<1>>(&forge.public, &forge.private);
    assert_eq!(found.instance, Vec::<usize>::new());
    assert_eq!(
        found.witness.len(),
        expected(&forge),
        "{:?} of {}",
        found.witness,
        found.n_witness
    );
}

#[test]
fn c1_c2_tier_4() {
    let forge = Forge::four();
    let found = sweep::<Eligibility<4>>(&forge.public, &forge.private);
    assert_eq!(found.instance, Vec::<usize>::new());
    assert_eq!(
        found.witness.len(),
        expected(&forge),
        "{:?} of {}",
        found.witness,
        found.n_witness
    );
}
