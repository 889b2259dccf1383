//! Circuits of circom, and keys of snarkjs and of a public ceremony, proven here.

use super::phase2::{run, runs};
use super::{accepts, package, snarkjs};
use medveil_circuits::snarkjs::{points_to_json, proof_to_json, public_to_json};
use medveil_circuits::verify::Trust;
use medveil_prover::groth16::{CircuitError, CircuitProver, has_lanes};
use medveil_prover::{R1cs, Witness, Zkey};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::Path;
use std::process::Command;

/// Bits, products, an unused input, and an output.
const CIRCUIT: &str = "pragma circom 2.0.0;
template Bits(n) {
    signal input number;
    signal output bits[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        bits[i] <-- (number >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * 2 ** i;
    }
    sum === number;
}
template Product(n) {
    signal input factors[n];
    signal input unused;
    signal input salt;
    signal output product;
    signal steps[n + 1];
    component bits = Bits(40);
    bits.number <== factors[0];
    steps[0] <== salt * salt;
    for (var i = 0; i < n; i++) {
        steps[i + 1] <== steps[i] * (factors[i] + bits.bits[i]) + salt;
    }
    product <== steps[n];
}
component main {public [salt, unused]} = Product(30);
";

/// A proof by a key and a witness, by every way that this processor has: each verifies here and by
/// snarkjs against the key that it exports, or fails in the same way.
fn prove(cli: &Path, dir: &Path, key: &str, witness: &str) {
    let read = |name: &str| std::fs::read(dir.join(name)).unwrap();
    let write = |name: &str, text: String| std::fs::write(dir.join(name), text).unwrap();
    let key = Zkey::parse(read(key)).unwrap();
    key.check().unwrap();
    let witness = Witness::parse(&read(witness)).unwrap();
    let rng = || ChaCha20Rng::seed_from_u64(5);
    let portable = CircuitProver::portable(&key, Trust::Sound).unwrap();
    let (proof, public) = portable.prove(&witness, &mut rng()).unwrap();
    let fastest = CircuitProver::new(&key, Trust::Sound).unwrap();
    let again = fastest.prove(&witness, &mut rng()).unwrap();
    assert!(
        again == (proof.clone(), public.clone()),
        "lanes: {}",
        has_lanes()
    );
    write("ours.json", proof_to_json(&proof));
    write("inputs.json", public_to_json(&public));
    write("vkey.json", points_to_json(portable.verifying().points()));
    assert!(accepts(cli, dir, ["vkey.json", "inputs.json", "ours.json"]));
}

#[test]
fn a_circuit_of_circom_with_a_key_of_snarkjs_proves() {
    let (cli, folder) = (snarkjs(), tempfile::tempdir().unwrap());
    let dir = folder.path();
    std::fs::write(dir.join("c.circom"), CIRCUIT).unwrap();
    let compiler = package("js", "circom2").join("cli.js");
    let compiled = Command::new("node")
        .arg(compiler)
        .args(["c.circom", "--r1cs", "--wasm"])
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{said}");
    let factors: Vec<String> = (1..=30).map(|own| own.to_string()).collect();
    let input = serde_json::json!({"factors": factors, "unused": "0", "salt": "7"});
    std::fs::write(dir.join("input.json"), input.to_string()).unwrap();
    runs(&cli, dir, "wtns calculate c_js/c.wasm input.json c.wtns");
    let circuit = R1cs::parse(&std::fs::read(dir.join("c.r1cs")).unwrap()).unwrap();
    let mut values = std::fs::read(dir.join("c.wtns")).unwrap();
    let witness = Witness::parse(&values).unwrap();
    assert_eq!(circuit.unsatisfied(witness.values()), None);
    assert_eq!(circuit.sizes().public(), 3);

    runs(&cli, dir, "powersoftau new bn128 8 new.ptau");
    runs(
        &cli,
        dir,
        "powersoftau contribute new.ptau one.ptau --name=first -e=some",
    );
    runs(&cli, dir, "powersoftau prepare phase2 one.ptau powers.ptau");
    runs(&cli, dir, "groth16 setup c.r1cs powers.ptau fresh.zkey");
    runs(
        &cli,
        dir,
        "zkey contribute fresh.zkey c.zkey --name=one -e=some",
    );
    prove(&cli, dir, "c.zkey", "c.wtns");

    // Nobody contributed: everybody knows delta.
    let fresh = Zkey::parse(std::fs::read(dir.join("fresh.zkey")).unwrap()).unwrap();
    assert!(CircuitProver::new(&fresh, Trust::Sound).is_err());
    let any = CircuitProver::new(&fresh, Trust::Anything).unwrap();
    any.prove(&witness, &mut ChaCha20Rng::seed_from_u64(1))
        .unwrap();

    // The last value is a step of the product.
    let last = values.len() - 32;
    values[last] ^= 1;
    let wrong = Witness::parse(&values).unwrap();
    assert!(circuit.unsatisfied(wrong.values()).is_some());
    let refused = any.prove(&wrong, &mut ChaCha20Rng::seed_from_u64(1));
    assert!(matches!(refused, Err(CircuitError::Unsatisfied)));
}

/// Keys of semaphore's ceremony, of two depths, with witnesses that its own generators make.
#[test]
fn keys_of_a_public_ceremony_prove() {
    let (cli, folder) = (snarkjs(), tempfile::tempdir().unwrap());
    let (dir, keys) = (
        folder.path(),
        package("js/ceremony", "@zk-kit/semaphore-artifacts"),
    );
    for depth in [1, 12] {
        for ending in ["zkey", "wasm", "json"] {
            let from = keys.join(format!("semaphore-{depth}.{ending}"));
            std::fs::copy(from, dir.join(format!("s.{ending}"))).unwrap();
        }
        let siblings: Vec<String> = (0..depth).map(|own| (own + 1).to_string()).collect();
        let input = serde_json::json!({
            "secret": "123456789",
            "merkleProofLength": depth.to_string(),
            "merkleProofIndex": "1",
            "merkleProofSiblings": siblings,
            "message": "42",
            "scope": "7",
        });
        std::fs::write(dir.join("input.json"), input.to_string()).unwrap();
        runs(&cli, dir, "wtns calculate s.wasm input.json s.wtns");
        prove(&cli, dir, "s.zkey", "s.wtns");
        // The ceremony's own verifying key accepts it too, and no other inputs.
        assert!(accepts(&cli, dir, ["s.json", "inputs.json", "ours.json"]));
        let inputs = std::fs::read_to_string(dir.join("inputs.json")).unwrap();
        std::fs::write(dir.join("wrong.json"), inputs.replace("42", "43")).unwrap();
        let (holds, _) = run(&cli, dir, "groth16 verify s.json wrong.json ours.json");
        assert!(!holds);
    }
}
