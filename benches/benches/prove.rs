//! Every statement: its shape, its values, its proof, and loading its key.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use medveil_benches::{Visit, statements};
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use medveil_prover::{KeyStore, Prover, development_keys};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

struct Prove<'a>(&'a mut Criterion);

impl Visit for Prove<'_> {
    fn visit<S: Synthesize>(&mut self, public: &S::Public, private: &S::Private) {
        let name = S::CIRCUIT.name;
        let (verifying, proving) = development_keys::<S>().expect("every circuit can be set up");
        let dir = tempfile::tempdir().expect("a folder for keys");
        let store = KeyStore::open(dir.path()).expect("a key store");
        store.save(&verifying, &proving).expect("room for the keys");
        let matrices = Matrices::of::<S>().expect("every circuit has a shape");
        let mut group = self.0.benchmark_group(name);
        group.sample_size(10);
        group.bench_function("shape", |b| {
            b.iter(|| Matrices::of::<S>().map(|m| m.n_constraints()))
        });
        group.bench_function("check natively", |b| b.iter(|| S::check(public, private)));
        group.bench_function("synthesise values", |b| {
            b.iter(|| {
                matrices
                    .assign::<S>(public, private)
                    .map(|a| a.values().len())
            })
        });
        group.bench_function("load the proving key", |b| {
            b.iter(|| {
                store
                    .load_proving::<S>(verifying.digest())
                    .map(|k| k.zkey().size().domain)
                    .expect("the key is there")
            })
        });
        let load = || {
            let loaded = store.load_proving::<S>(verifying.digest());
            loaded.expect("the key is there")
        };
        let provers = [
            ("prove", Prover::new(load())),
            ("prove the portable way", Prover::portable(load())),
        ];
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        for (name, prover) in &provers {
            group.bench_function(*name, |b| {
                b.iter(|| {
                    prover
                        .prove(public, private, rng)
                        .expect("the fixture is provable")
                        .to_bytes()
                })
            });
        }
        group.finish();
    }
}

fn prove(c: &mut Criterion) {
    statements(&mut Prove(c));
}

criterion_group!(benches, prove);
criterion_main!(benches);
