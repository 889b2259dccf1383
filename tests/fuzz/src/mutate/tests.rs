use super::*;
use crate::{corpus, targets};

#[test]
fn the_same_seed_makes_the_same_inputs() {
    for target in targets() {
        let pool = corpus::inputs(target);
        let run = |seed| {
            let mut mutator = Mutator::new(target, seed);
            (0..20).map(|_| mutator.mutate(&pool)).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1), "{}", target.name);
        assert_ne!(run(1), run(2), "{}", target.name);
    }
}

#[test]
fn nested_forms_stay_nested() {
    let cases = [
        ("certificate", &tree::DER),
        ("fabric_block", &tree::PROTOBUF),
    ];
    for (name, encoding) in cases {
        let target = crate::target(name).expect("a target");
        let pool = corpus::inputs(target);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut source = Source {
            rng: &mut rng,
            words: &[],
            pool: &pool,
        };
        let tree_changed = |source: &mut Source<'_>| tree::change(encoding, &pool[0], source);
        let changed: Vec<_> = (0..50).filter_map(|_| tree_changed(&mut source)).collect();
        assert_eq!(changed.len(), 50, "{name} is of its form");
        assert!(changed.iter().any(|c| *c != pool[0]), "{name} changes");
    }
}

#[test]
fn inputs_have_a_bound() {
    let target = crate::target("names").expect("a target");
    let mut mutator = Mutator::new(target, 1);
    let pool = vec![vec![b'x'; MAX_INPUT]];
    assert!((0..500).all(|_| mutator.mutate(&pool).len() <= MAX_INPUT));
}
