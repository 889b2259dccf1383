//! Powers, circuits, keys and witnesses go from snarkjs to this project and back.

use super::{accepts, snarkjs};
use medveil_circuits::shape::Matrices;
use medveil_circuits::testing::{Factors, Product};
use medveil_prover::phase2::{self, setup, verify};
use medveil_prover::ptau::insecure_powers;
use medveil_prover::r1cs::Sizes;
use medveil_prover::{Ptau, R1cs, Zkey, wtns};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::Path;
use std::process::Command;

/// Hex of what a beacon said.
const BEACON: &str = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

/// Runs snarkjs with words of which `NAME.x` are files; what it says, and whether it ended well.
pub(super) fn run(cli: &Path, dir: &Path, words: &str) -> (bool, String) {
    let mut command = Command::new("node");
    let words = words.split(' ');
    let made = command
        .arg(cli)
        .args(words)
        .current_dir(dir)
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&made.stdout),
        String::from_utf8_lossy(&made.stderr)
    );
    (made.status.success(), text)
}

#[track_caller]
pub(super) fn runs(cli: &Path, dir: &Path, words: &str) -> String {
    let (ended_well, text) = run(cli, dir, words);
    assert!(ended_well, "{words}: {text}");
    text
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(3)
}

/// Prepared powers for 2^`power` rows with two contributions, the last of a beacon.
fn powers(cli: &Path, dir: &Path, power: u32) -> Ptau {
    runs(cli, dir, &format!("powersoftau new bn128 {power} new.ptau"));
    runs(
        cli,
        dir,
        "powersoftau contribute new.ptau one.ptau --name=first -e=some",
    );
    runs(
        cli,
        dir,
        &format!("powersoftau beacon one.ptau two.ptau {BEACON} 10 -n=last"),
    );
    runs(cli, dir, "powersoftau prepare phase2 two.ptau powers.ptau");
    let two = Ptau::open(&dir.join("two.ptau")).unwrap();
    let own = R1cs::of(&Matrices::of::<Factors>().unwrap());
    let said = phase2::setup(&own, &two, None, &mut rng()).err().unwrap();
    let unprepared = "snarkjs powersoftau prepare phase2";
    assert!(
        std::error::Error::source(&said)
            .unwrap()
            .to_string()
            .contains(unprepared)
    );
    Ptau::open(&dir.join("powers.ptau")).unwrap()
}

/// Wires in many rows and in none, one output, one public input, coefficients of all kinds.
fn circuit(constraints: usize) -> R1cs {
    use medveil_circuits::field::Fr;
    let (one, large) = (Fr::from(1), -Fr::from(5) * Fr::from(1u64 << 40));
    let large = large * large * large * large;
    let wires = constraints + 4;
    let sizes = Sizes {
        wires,
        outputs: 1,
        public_inputs: 1,
        private_inputs: 1,
        labels: wires as u64,
        constraints,
    };
    let rows = 0..constraints;
    let a = rows.clone().map(|row| vec![(one, row + 2), (large, 0)]);
    let b = rows
        .clone()
        .map(|row| vec![(-one, 2), (Fr::from(7), row + 3)]);
    let c = rows.map(|row| vec![(one, 1 + row % 2), (one, row + 4)]);
    let mut rows = [a.collect::<Vec<_>>(), b.collect(), c.collect()];
    rows.iter_mut()
        .flatten()
        .for_each(|row| row.sort_by_key(|(_, wire)| *wire));
    rows.iter_mut()
        .flatten()
        .for_each(|row| row.dedup_by_key(|(_, wire)| *wire));
    R1cs::new(sizes, &rows).unwrap()
}

#[test]
fn snarkjs_accepts_our_keys_of_its_powers() {
    let (cli, dir) = (snarkjs(), tempfile::tempdir().unwrap());
    let dir = dir.path();
    let powers = powers(&cli, dir, 5);
    let names = powers.contributions().unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|own| own.details.name.as_deref())
        .collect();
    assert_eq!(names, [Some("first"), Some("last")]);
    // Twice the smallest domain, one in between, and the largest with and without an empty row.
    for constraints in [1, 5, 28, 29] {
        let r1cs = circuit(constraints);
        std::fs::write(dir.join("own.r1cs"), r1cs.to_bytes()).unwrap();
        let key = setup(&r1cs, &powers, Some("Jürgen"), &mut rng()).unwrap();
        std::fs::write(dir.join("own.zkey"), key.bytes()).unwrap();
        let said = runs(&cli, dir, "zkey verify own.r1cs powers.ptau own.zkey");
        assert!(
            said.contains("ZKey Ok!") && said.contains("Jürgen"),
            "{said}"
        );
        let info = runs(&cli, dir, "r1cs info own.r1cs");
        assert!(
            info.contains(&format!("of Constraints: {constraints}")),
            "{info}"
        );
    }
    // It does say no.
    let other = circuit(27);
    std::fs::write(dir.join("own.r1cs"), other.to_bytes()).unwrap();
    let (_, said) = run(&cli, dir, "zkey verify own.r1cs powers.ptau own.zkey");
    assert!(!said.contains("ZKey Ok!"), "{said}");
}

#[test]
fn keys_of_snarkjs_are_verified_here() {
    let (cli, dir) = (snarkjs(), tempfile::tempdir().unwrap());
    let dir = dir.path();
    let powers = powers(&cli, dir, 5);
    let r1cs = circuit(29);
    std::fs::write(dir.join("own.r1cs"), r1cs.to_bytes()).unwrap();
    runs(&cli, dir, "zkey new own.r1cs powers.ptau 0.zkey");
    runs(
        &cli,
        dir,
        "zkey contribute 0.zkey 1.zkey --name=one -e=more",
    );
    let said = runs(
        &cli,
        dir,
        &format!("zkey beacon 1.zkey 2.zkey {BEACON} 10 -n=two"),
    );
    let read = |name: &str| Zkey::parse(std::fs::read(dir.join(name)).unwrap()).unwrap();
    for (name, count) in [("0.zkey", 0), ("1.zkey", 1), ("2.zkey", 2)] {
        let verified = verify(&read(name), &r1cs, &powers, &mut rng()).unwrap();
        assert_eq!(verified.contributions.list.len(), count);
    }
    let list = read("2.zkey").contributions().unwrap().list;
    assert_eq!(list[0].details.name.as_deref(), Some("one"));
    assert_eq!(
        hex::encode(&list[1].details.beacon.as_ref().unwrap().value),
        BEACON
    );
    let digest = hex::encode(list[1].digest());
    let words: Vec<_> = (0..16).map(|at| &digest[at * 8..at * 8 + 8]).collect();
    assert!(words.iter().all(|word| said.contains(word)), "{said}");

    // Both start from the same points: only what delta is in differs, and the contributions.
    let own = setup(&r1cs, &powers, None, &mut rng()).unwrap();
    let circuits = [&own, &read("0.zkey")].map(|key| key.contributions().unwrap().circuit);
    assert_eq!(circuits[0], circuits[1]);
    let other = verify(&read("1.zkey"), &circuit(28), &powers, &mut rng());
    assert!(other.is_err());
}

#[test]
fn snarkjs_proves_with_a_key_of_a_written_circuit() {
    let (cli, dir) = (snarkjs(), tempfile::tempdir().unwrap());
    let dir = dir.path();
    let matrices = Matrices::of::<Factors>().unwrap();
    let r1cs = R1cs::of(&matrices);
    let (public, private) = (Product(6u64.into()), (2u64.into(), 3u64.into()));
    let witness = matrices.assign::<Factors>(&public, &private).unwrap();
    assert_eq!(r1cs.unsatisfied(witness.values()), None);
    let bytes = insecure_powers(3, &mut rng());
    let key = setup(
        &r1cs,
        &Ptau::parse(bytes.clone()).unwrap(),
        None,
        &mut rng(),
    )
    .unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(dir.join(name), bytes).unwrap();
    write("own.ptau", &bytes);
    write("own.r1cs", &r1cs.to_bytes());
    write("own.wtns", &wtns::write(witness.values()));
    write("own.zkey", key.bytes());
    let said = runs(&cli, dir, "zkey verify own.r1cs own.ptau own.zkey");
    assert!(said.contains("ZKey Ok!"), "{said}");
    runs(&cli, dir, "wtns check own.r1cs own.wtns");
    runs(&cli, dir, "zkey export verificationkey own.zkey key.json");
    runs(
        &cli,
        dir,
        "groth16 prove own.zkey own.wtns proof.json public.json",
    );
    assert!(accepts(
        &cli,
        dir,
        ["key.json", "public.json", "proof.json"]
    ));
}
