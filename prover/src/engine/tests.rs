//! Proofs of one key by every way and by ark-groth16: bit for bit the same.

use super::*;
use crate::proving_key::ProvingKey;
use crate::reduction::OddCoset;
use crate::setup::setup;
use crate::simd::IfmaToken;
use ark_ff::UniformRand;
use ark_groth16::Groth16;
use medveil_circuits::handover::Handover;
use medveil_circuits::shape::{Assignment, Matrices};
use medveil_circuits::testing::handover_fixture;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

/// A key, its circuit, and the values of a true statement.
fn handover(rng: &mut ChaCha20Rng) -> (ProvingKey<Handover>, Matrices, Assignment) {
    let (_, key) = setup::<Handover>(rng).unwrap();
    let matrices = Matrices::of::<Handover>().unwrap();
    let (public, private) = handover_fixture();
    let assignment = matrices.assign::<Handover>(&public, &private).unwrap();
    (key, matrices, assignment)
}

#[test]
fn every_way_makes_the_same_proof() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (key, matrices, assignment) = handover(rng);
    let values = assignment.values();
    let random = (Fr::rand(rng), Fr::rand(rng));
    let expected = Groth16::<Bn254, OddCoset>::create_proof_with_reduction_and_matrices(
        &key.zkey().to_ark(),
        random.0,
        random.1,
        matrices.rows(),
        matrices.n_instance(),
        matrices.n_constraints(),
        values,
    )
    .unwrap();
    let mut ways = vec![Way::Model, Way::Portable];
    match IfmaToken::detect() {
        Some(token) => ways.push(Way::Lanes(token)),
        None => println!("model only: this processor has no AVX-512 IFMA"),
    }
    for way in ways {
        let engine = Engine::new(key.zkey(), way);
        for threads in [1, 2, FEW + 1] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            for group in [1, 3] {
                let tasks: Vec<_> = (0..group).map(|_| task(values, random)).collect();
                let made = pool.install(|| engine.prove(&tasks, &()).unwrap());
                assert_eq!(made, vec![expected.clone(); group], "{way:?} {threads}");
            }
            let once = || engine.prove_once(task(values, random), &()).unwrap();
            assert_eq!(
                pool.install(once)[..],
                *std::slice::from_ref(&expected),
                "{way:?} {threads}"
            );
            if matches!(way, Way::Model) {
                break;
            }
        }
        let longer = [values, &[Fr::from(1u64)]].concat();
        let tasks = [task(values, random), task(&longer, random)];
        let said = engine.prove(&tasks, &()).unwrap_err().to_string();
        assert!(said.contains("values, got"), "{said}");
    }
}

fn task(values: &[Fr], (r, s): (Fr, Fr)) -> Task<'_> {
    Task {
        values,
        random: Zeroizing::new([r, s]),
    }
}

/// Adds up what is told, and goes on so many times.
struct Counted {
    left: AtomicUsize,
    done: Mutex<f64>,
}

impl Watch for Counted {
    fn goes_on(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        let taken = self.left.fetch_update(SeqCst, SeqCst, less);
        taken.is_ok()
    }

    fn advanced(&self, share: f64) {
        *self.done.lock().unwrap() += share;
    }
}

#[test]
fn whoever_watches_hears_of_the_whole_work_and_may_end_it_at_every_step() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let (key, _, assignment) = handover(rng);
    let engine = Engine::new(key.zkey(), Way::Portable);
    let prove = |steps: usize| {
        let watch = Counted {
            left: AtomicUsize::new(steps),
            done: Mutex::new(0.0),
        };
        let random = (Fr::from(3u64), Fr::from(5u64));
        let made = engine.prove(&[task(assignment.values(), random)], &watch);
        (
            made,
            watch.left.into_inner(),
            watch.done.into_inner().unwrap(),
        )
    };
    let (made, left, done) = prove(1000);
    assert_eq!(made.unwrap().len(), 1);
    assert!((done - 1.0).abs() < 1e-9, "{done}");
    let steps = 1000 - left;
    for fewer in [0, 1, 2, steps / 2, steps - 1] {
        let (made, _, done) = prove(fewer);
        assert!(matches!(made, Err(EngineError::Stopped)), "{fewer}");
        assert!(done < 1.0 - 1e-9, "{fewer} {done}");
    }
}
