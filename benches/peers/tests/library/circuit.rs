use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use medveil_peers::circuit::*;

struct Size;

impl Visit for Size {
    type Out = (usize, bool);

    fn visit<S: Synthesize>(self, public: &S::Public, private: &S::Private) -> (usize, bool) {
        S::check(public, private).unwrap();
        let matrices = Matrices::of::<S>().unwrap();
        let assignment = matrices.assign::<S>(public, private).unwrap();
        let rows = matrices.n_constraints() + matrices.n_instance();
        (rows, matrices.broken(&assignment).is_none())
    }
}

#[test]
fn circuits_fill_their_domain_and_hold() {
    for kind in [Kind::Dense, Kind::Poseidon] {
        for log in [9, 10, 12] {
            let (rows, holds) = Circuit { kind, log }.visit(Size).unwrap();
            assert!(holds);
            assert!(rows <= 1 << log && rows > 1 << (log - 1), "{kind} {rows}");
        }
        for log in [0, 7, 21] {
            assert!(Circuit { kind, log }.visit(Size).is_none());
        }
    }
}

#[test]
fn dense_rows_leave_sixteen_of_their_power_of_two() {
    let (rows, _) = Circuit {
        kind: Kind::Dense,
        log: 10,
    }
    .visit(Size)
    .unwrap();
    // Nine of them are for the inputs and the constant one.
    assert_eq!(rows, 1024 - 16 + 9);
}
