//! Verification: every statement alone, and batches of 1 to 1,024. Proofs come from known
//! trapdoors, so nothing is set up.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use medveil_benches::{Visit, small};
use medveil_circuits::handover::Handover;
use medveil_circuits::proof::RawProof;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::testing::{Trapdoor, handover_fixture};
use medveil_circuits::verify::{AnyVerifyingKey, Batch, PreparedVerifyingKey, verify};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

struct Verify<'a>(&'a mut Criterion);

impl Visit for Verify<'_> {
    fn visit<S: Synthesize>(&mut self, public: &S::Public, _: &S::Private) {
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        let trapdoor = Trapdoor::<S>::generate(rng);
        let bytes = trapdoor.verifying_key().to_bytes().to_vec();
        let parse = || {
            AnyVerifyingKey::parse(&bytes)
                .and_then(AnyVerifyingKey::into_typed::<S>)
                .expect("a sound key")
        };
        let key = PreparedVerifyingKey::new(&parse());
        let proof = trapdoor.forge(public, rng);
        let mut group = self.0.benchmark_group(S::CIRCUIT.name);
        group.bench_function("verify", |b| b.iter(|| verify(&key, public, &proof)));
        group.bench_function("parse and prepare the key", |b| {
            b.iter(|| PreparedVerifyingKey::new(&parse()).digest())
        });
        group.finish();
    }
}

fn single(c: &mut Criterion) {
    small(&mut Verify(c));
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (public, _) = handover_fixture();
    let bytes = Trapdoor::<Handover>::generate(rng)
        .forge(&public, rng)
        .to_bytes();
    c.bench_function("decode a proof", |b| {
        b.iter(|| RawProof::from_bytes(&bytes).is_ok())
    });
}

fn batch(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let trapdoor = Trapdoor::<Handover>::generate(rng);
    let key = PreparedVerifyingKey::new(
        &trapdoor
            .verifying_key()
            .into_typed()
            .expect("a key of the statement"),
    );
    let (public, _) = handover_fixture();
    let proofs: Vec<_> = (0..1024).map(|_| trapdoor.forge(&public, rng)).collect();
    let mut group = c.benchmark_group("batch");
    group.sample_size(10);
    for size in [1usize, 4, 16, 64, 256, 1024] {
        let mut batch = Batch::new();
        for (i, proof) in proofs[..size].iter().enumerate() {
            batch.push(&key, &public, proof, i.to_string());
        }
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &batch, |b, batch| {
            b.iter(|| batch.verify())
        });
    }
    group.finish();
}

criterion_group!(benches, single, batch);
criterion_main!(benches);
