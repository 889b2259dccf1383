//! docs/THREATS.md C1, C2: change each variable of the satisfied circuit in turn; some constraint
//! must fail.

use super::forge::Forge;
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::field::Fr;
use medveil_circuits::policy::code::ClauseHeader;
use medveil_circuits::policy::{Op, Req};
use medveil_circuits::testing::{EligibilityWorld, compile_yaml, sweep};
use medveil_circuits::visa::{Slot, VisaSchema};

/// The written list of survivors, counted for a fixture.
///
/// - Hints `1/x` of "is x 0" where x is 0: any hint gives the same answer. Asked are, for each
///   clause, the slot, the request's value and the product of the differences from the operands;
///   for each visa, how many clauses name the conditions, and whether its schema is an approval;
///   once, whether the anchor's schema is one; for each two visas, whether their messages, their
///   blocks' schemas and their issuers' registrants differ by 0.
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
    free += free_pairs(forge);
    let position = usize::from(forge.private.position);
    let at = |i: usize| forge.private.alternatives[i];
    free + [1, 2]
        .iter()
        .filter(|bit| at(position ^ **bit) == at(position))
        .count()
}

fn free_pairs(forge: &Forge) -> usize {
    let (visas, blocks) = (&forge.private.visas, &forge.private.alternative.blocks);
    let pairs = (0..visas.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    pairs
        .map(|(i, j)| {
            usize::from(visas[i].slots.hash() == visas[j].slots.hash())
                + usize::from(blocks[i].schema == blocks[j].schema)
                + usize::from(visas[i].registrant == visas[j].registrant)
        })
        .sum()
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
    tier_4(&Forge::four());
}

/// All visas are on, two of them of one schema.
const FOUR_OF_THREE_SCHEMAS: &str = "
format: medveil-policy-1
dac: {members: [HospitalA], quorum: 1}
distinct_issuers: true
alternatives:
  - visas:
      - {schema: affiliation, group: universities}
      - {schema: ethics, group: boards}
      - {schema: ethics, group: boards}
      - {schema: terms, group: committees}
";

#[test]
fn c1_c2_tier_4_with_two_visas_of_one_schema() {
    let mut world = EligibilityWorld::new();
    world.add_approval("HospitalB");
    let forge = Forge::of(world, &compile_yaml(FOUR_OF_THREE_SCHEMAS));
    tier_4(&forge);
}

fn tier_4(forge: &Forge) {
    let found = sweep::<Eligibility<4>>(&forge.public, &forge.private);
    assert_eq!(found.instance, Vec::<usize>::new());
    assert_eq!(
        found.witness.len(),
        expected(forge),
        "{:?} of {}",
        found.witness,
        found.n_witness
    );
}
