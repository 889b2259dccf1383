//! Keys, proofs, visas, and single words.

use super::Corpus;
use ark_bn254::Fr;
use medveil_circuits::claim::ClaimFinal;
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::handover::Handover;
use medveil_circuits::shape::Matrices;
use medveil_circuits::snarkjs;
use medveil_circuits::testing::{EligibilityWorld, Factors, Trapdoor, handover_fixture};
use medveil_prover::ptau::insecure_powers;
use medveil_prover::{Ptau, R1cs, phase2};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

pub fn put(corpus: &mut Corpus) {
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let trapdoor = Trapdoor::<Handover>::generate(rng);
    let key = trapdoor.verifying_key();
    corpus.put("verifying_key", "handover", key.to_bytes());
    let other = Trapdoor::<ClaimFinal>::generate(rng).verifying_key();
    corpus.put("verifying_key", "refused-claim-final", other.to_bytes());
    let proof = trapdoor.forge(&handover_fixture().0, rng);
    corpus.put("proof", "proof", proof.to_bytes());
    corpus.put("proof_json", "proof", snarkjs::proof_to_json(proof.raw()));
    let inputs = [0u64, 1, u64::MAX].map(Fr::from);
    corpus.put("public_json", "inputs", snarkjs::public_to_json(&inputs));
    corpus.put("key_json", "handover", snarkjs::key_to_json(&key));
    let witness = medveil_prover::wtns::write(&[1u64, 7, 0].map(Fr::from));
    corpus.put("witness", "three", witness.as_slice());
    let signature = PrivateKey::from_bytes([3; 32]).sign(Fr::from(7u64));
    corpus.put("proof", "signature", signature.to_bytes());
    for (i, (visa, _)) in EligibilityWorld::new().wallet.iter().enumerate() {
        corpus.put("visa", &format!("visa{i}"), visa.to_json());
    }
    proving_key(corpus, rng);
    words(corpus);
}

fn proving_key(corpus: &mut Corpus, rng: &mut ChaCha20Rng) {
    let (_, key) = medveil_prover::setup::<Factors>(rng).expect("keys");
    corpus.put("proving_key", "product", key.zkey().bytes());
    let circuit = R1cs::of(&Matrices::of::<Factors>().expect("a circuit"));
    corpus.put("circuit_file", "product", circuit.to_bytes());
    let bytes = insecure_powers(2, rng);
    corpus.put("powers", "four", bytes.as_slice());
    let powers = Ptau::parse(bytes).expect("powers");
    let key = phase2::setup(&circuit, &powers, Some("name"), rng).expect("a key");
    corpus.put("proving_key", "contributed", key.bytes());
}

fn words(corpus: &mut Corpus) {
    let hex = "07".repeat(32);
    let words = [
        "HospitalA",
        "org-1.example.com",
        "_implicit_org_HospitalA",
        "oncology",
        "2026-01-31",
        hex.as_str(),
        "21888242871839275222246405745257275088548364400416034343698204186575808495616",
        "OutOf(2, 'A.peer', 'B.member', AND('C.client', 'D.admin'))",
        "OR('Org1MSP.member', \"Org2MSP.orderer\")",
    ];
    corpus.put_all("names", "word", &words);
}
