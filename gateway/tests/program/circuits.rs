//! Circuits, witnesses, keys and proofs in files, by the commands.

use super::text;
use medveil_circuits::field::Fr;
use medveil_prover::r1cs::Sizes;
use medveil_prover::{R1cs, wtns};
use serde_json::Value;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Folder(tempfile::TempDir);

impl Folder {
    /// A circuit of one product with two public values, a witness of it, and one of 3 4 = 13.
    fn new() -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        let one = |wire: usize| vec![(Fr::from(1u64), wire)];
        let rows = [vec![one(2)], vec![one(3)], vec![one(1)]];
        let sizes = Sizes {
            wires: 4,
            outputs: 1,
            public_inputs: 1,
            private_inputs: 1,
            labels: 4,
            constraints: 1,
        };
        let circuit = R1cs::new(sizes, &rows).unwrap();
        folder.write("c.r1cs", &circuit.to_bytes());
        for (name, product) in [("c.wtns", 12), ("wrong.wtns", 13)] {
            let values = [1, product, 3, 4u64].map(Fr::from);
            folder.write(name, &wtns::write(&values));
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.file(name), bytes).unwrap();
    }

    /// Exit code, the answer, and what was said.
    fn run(&self, line: &str) -> (Option<i32>, Value, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_medveil"))
            .current_dir(self.path())
            .env("XDG_CACHE_HOME", self.file("cache"))
            .arg("--json")
            .args(line.split(' '))
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), answer, text(&output.stderr))
    }

    #[track_caller]
    fn answers(&self, line: &str) -> Value {
        let (code, answer, said) = self.run(line);
        assert_eq!(code, Some(0), "{line}: {answer} {said}");
        answer
    }

    #[track_caller]
    fn fails(&self, line: &str, code: i32, why: &str) {
        let (got, answer, said) = self.run(line);
        assert_eq!(got, Some(code), "{line}: {answer} {said}");
        let error = answer.get("error").and_then(Value::as_str);
        assert!(
            error.is_some_and(|error| error.contains(why)),
            "{line}: {answer}"
        );
    }
}

fn number(answer: &Value, field: &str) -> u64 {
    answer.get(field).and_then(Value::as_u64).unwrap()
}

#[test]
fn a_circuit_is_set_up_proven_and_verified() {
    let folder = Folder::new();
    assert_eq!(
        number(&folder.answers("r1cs info c.r1cs"), "constraints"),
        1
    );
    assert_eq!(
        number(&folder.answers("wtns check c.r1cs c.wtns"), "values"),
        4
    );
    folder.fails("wtns check c.r1cs wrong.wtns", 3, "constraint 0");
    let made = folder.answers("groth16 setup c.r1cs c.zkey");
    assert_eq!(made.get("insecure"), Some(&Value::Bool(true)));

    let prove = "groth16 prove c.zkey c.wtns proof.json public.json";
    let first = folder.answers(prove);
    let again = folder.answers(&format!("{prove} --threads 1"));
    let checked = [&first, &again].map(|proven| proven.get("checked").cloned());
    assert_eq!(checked, [true, false].map(|own| Some(Value::Bool(own))));
    folder.answers("zkey export-vkey c.zkey vkey.json");
    let verify = "groth16 verify vkey.json public.json proof.json";
    assert_eq!(number(&folder.answers(verify), "proofs"), 1);
    let two = folder.answers(&format!("{verify} public.json proof.json"));
    assert_eq!(number(&two, "proofs"), 2);

    folder.write("other.json", b"[\"12\", \"4\"]");
    folder.fails(
        "groth16 verify vkey.json other.json proof.json",
        3,
        "does not hold",
    );
    let second = format!("{verify} other.json proof.json");
    folder.fails(&second, 3, "(other.json and proof.json)");
    folder.write("short.json", b"[\"12\"]");
    let third = format!("{verify} short.json proof.json");
    folder.fails(&third, 2, "short.json: expected 2 public inputs");
    folder.answers("zkey export verificationkey c.zkey again.json");
    let exported =
        ["vkey.json", "again.json"].map(|name| std::fs::read(folder.file(name)).unwrap());
    assert!(exported[0] == exported[1]);
    folder.fails(&format!("{verify} public.json"), 2, "a proof for each");
}

#[test]
fn what_is_wrong_writes_nothing() {
    let folder = Folder::new();
    folder.answers("groth16 setup c.r1cs c.zkey");
    let key = std::fs::read(folder.file("c.zkey")).unwrap();
    folder.write("cut.zkey", &key[..key.len() - 1]);
    folder.write("other.wtns", b"wtns and more");
    folder.write("pot.ptau", b"ptau and more");
    for (line, code, why) in [
        ("c.zkey wrong.wtns p.json q.json", 3, "does not verify"),
        ("cut.zkey c.wtns p.json q.json", 2, "whole"),
        ("c.r1cs c.wtns p.json q.json", 2, "\"zkey\" in its first"),
        ("c.zkey c.r1cs p.json q.json", 2, "\"wtns\" in its first"),
        ("none.zkey c.wtns p.json q.json", 4, "none.zkey"),
        ("/dev/null c.wtns p.json q.json", 2, "a plain file"),
        ("c.zkey c.wtns p.json p.json", 2, "one file"),
        ("c.zkey c.wtns p.json ./p.json", 2, "one file"),
        ("c.zkey c.wtns p.json c.zkey", 2, "one file"),
        ("c.zkey c.wtns p.json other.wtns", 2, "holds a witness"),
        ("c.zkey c.wtns /dev/full q.json", 2, "plain file"),
    ] {
        folder.fails(&format!("groth16 prove {line}"), code, why);
        assert!(!folder.file("p.json").exists() && !folder.file("q.json").exists());
    }
    assert!(std::fs::read(folder.file("c.zkey")).unwrap() == key);
    // The answer is then on the other stream.
    let (code, _, said) = folder.run("groth16 prove c.zkey c.wtns - -");
    assert!(code == Some(2) && said.contains("one file"), "{said}");
    let sparse = std::fs::File::create(folder.file("sparse")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    for (line, format) in [
        ("zkey info sparse", "zkey"),
        ("groth16 prove sparse c.wtns p.json q.json", "8 GiB"),
        ("wtns check sparse c.wtns", "r1cs"),
        ("wtns check c.r1cs sparse", "wtns"),
        ("powersoftau info sparse", "ptau"),
    ] {
        folder.fails(line, 2, format);
    }
    folder.fails("powersoftau info c.r1cs", 2, "\"ptau\" in its first");
    folder.fails("groth16 setup c.r1cs none.ptau new.zkey", 4, "none.ptau");
    folder.fails("groth16 setup c.r1cs c.r1cs", 2, "one file");
    folder.fails("groth16 setup c.r1cs pot.ptau", 2, "holds powers of tau");
    folder.fails("groth16 setup c.r1cs new.zkey --name n", 2, "--name");
    let name = "n".repeat(256);
    let named = format!("groth16 setup c.r1cs new.zkey --name {name}");
    folder.fails(&named, 2, "at most 255 bytes");
    folder.fails("r1cs export nobody x.r1cs", 2, "eligibility-1");
    assert!(!folder.file("new.zkey").exists() && !folder.file("x.r1cs").exists());
}

/// V11: keys in the folder of checked keys are not checked again, so nobody else may put any there.
#[test]
fn v11_the_folder_of_checked_keys_is_its_users_alone() {
    let folder = Folder::new();
    folder.answers("groth16 setup c.r1cs c.zkey");
    let kept = folder.file("cache/medveil/zkey");
    let prove = "groth16 prove c.zkey c.wtns p.json q.json";
    folder.answers(prove);
    let set_mode = |mode| std::fs::set_permissions(&kept, Permissions::from_mode(mode)).unwrap();
    assert_eq!(
        std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for wide in [0o777, 0o770, 0o755] {
        set_mode(wide);
        folder.fails(prove, 2, "the folder of checked keys");
    }
    set_mode(0o700);
    // What a killed process left of a copy goes.
    let left = kept.join(".medveil-left");
    std::fs::write(&left, b"half").unwrap();
    folder.answers(prove);
    assert!(!left.exists());
    // And a file in the place of the folder is damage.
    std::fs::remove_dir_all(&kept).unwrap();
    std::fs::write(&kept, b"").unwrap();
    folder.fails(prove, 8, "the folder of checked keys");
}
