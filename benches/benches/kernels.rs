//! The engine's kernels by each way of this processor, with ark beside them (whose transforms the
//! portable way uses): products of the field
//! on one thread, and quotients and sums on the current pool; and the values of two circuits.
//!
//! Proofs stand in `prove`, their verification alone and in batches in `verify`.
#![allow(missing_docs)]

use ark_bn254::{Fq, Fr, G1Projective, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::UniformRand;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use medveil_benches::{Visit, quick, small};
use medveil_circuits::shape::{Assignment, Matrices};
use medveil_circuits::statement::Synthesize;
use medveil_prover::testing::{BLOCK, Kernels, Quotient, g1, g2};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// Binary logarithms of how many numbers or points a kernel takes.
fn sizes() -> &'static [u32] {
    if quick() { &[12] } else { &[12, 14, 16] }
}

fn group<'c>(c: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(10);
    group
}

/// Products of a thousand numbers that wait for nothing but themselves.
fn field(c: &mut Criterion) {
    const TIMES: usize = 64;
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let mut numbers: Vec<Fq> = (0..64 * BLOCK).map(|_| Fq::rand(rng)).collect();
    let by = Fq::rand(rng);
    let mut group = c.benchmark_group("field");
    group.throughput(Throughput::Elements((numbers.len() * TIMES) as u64));
    for (name, kernels) in Kernels::all() {
        group.bench_function(name, |b| {
            b.iter(|| kernels.multiply(&mut numbers, by, TIMES))
        });
    }
    group.bench_function("ark", |b| {
        b.iter(|| {
            for own in &mut numbers {
                (0..TIMES).for_each(|_| *own *= by);
            }
        })
    });
    group.finish();
}

/// From values on a domain to those of A B - C on its odd coset. The portable way is ark's.
fn fft(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let mut group = group(c, "fft");
    for log in sizes() {
        let n = 1usize << log;
        let columns = [(); 3].map(|()| (0..n).map(|_| Fr::rand(rng)).collect::<Vec<Fr>>());
        group.throughput(Throughput::Elements(n as u64));
        for (name, kernels) in Kernels::all() {
            let quotient = Quotient::new(n, kernels).expect("a domain");
            group.bench_function(BenchmarkId::new(name, n), |b| {
                b.iter_batched(
                    || columns.clone(),
                    |columns| quotient.of(columns),
                    BatchSize::LargeInput,
                )
            });
        }
    }
    group.finish();
}

/// Sums of different points times drawn scalars.
fn msm<G>(
    c: &mut Criterion,
    name: &str,
    put: fn(&[G::Affine]) -> Vec<u8>,
    sum: fn(Kernels, &[u8], &[Fr]) -> G,
) where
    G: PrimeGroup<ScalarField = Fr> + CurveGroup + VariableBaseMSM<MulBase = G::Affine>,
{
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let mut group = group(c, name);
    for log in sizes() {
        let n = 1usize << log;
        let points = std::iter::successors(Some(G::rand(rng)), |last| Some(*last + G::generator()));
        let points = G::normalize_batch(&points.take(n).collect::<Vec<G>>());
        let (bytes, scalars) = (put(&points), (0..n).map(|_| Fr::rand(rng)));
        let scalars: Vec<Fr> = scalars.collect();
        group.throughput(Throughput::Elements(n as u64));
        for (name, kernels) in Kernels::all() {
            group.bench_function(BenchmarkId::new(name, n), |b| {
                b.iter(|| sum(kernels, &bytes, &scalars))
            });
        }
        group.bench_function(BenchmarkId::new("ark", n), |b| {
            b.iter(|| G::msm_unchecked(&points, &scalars))
        });
    }
    group.finish();
}

fn msm_g1(c: &mut Criterion) {
    msm::<G1Projective>(c, "msm_g1", g1, Kernels::sum_g1);
}

fn msm_g2(c: &mut Criterion) {
    msm::<G2Projective>(c, "msm_g2", g2, Kernels::sum_g2);
}

/// The values of a request's circuit and of a claim's.
struct Witness<'a>(&'a mut Criterion);

impl Visit for Witness<'_> {
    fn visit<S: Synthesize>(&mut self, public: &S::Public, private: &S::Private) {
        let name = S::CIRCUIT.name;
        if !["eligibility-1", "claim-chunk-16"].contains(&name) {
            return;
        }
        let matrices = Matrices::of::<S>().expect("every circuit has a shape");
        let mut group = self.0.benchmark_group("witness");
        group.throughput(Throughput::Elements(matrices.n_constraints() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let made = Assignment::of::<S>(public, private);
                made.expect("the fixture has every value").values().len()
            })
        });
        group.finish();
    }
}

fn witness(c: &mut Criterion) {
    small(&mut Witness(c));
}

criterion_group!(benches, field, fft, msm_g1, msm_g2, witness);
criterion_main!(benches);
