//! A damaged ledger from outside: every command says so, ends with 8 and writes nothing, and what it
//! tells the operator to do works.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

#[path = "damage/home.rs"]
mod home;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The exit code of a command, and what it said.
fn medveil(folder: &Path, line: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_medveil"));
    command.current_dir(folder).args(line.split_whitespace());
    command.env("MEDVEIL_PASSPHRASE", "correct horse battery");
    let done = command.stdin(Stdio::null()).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (done.status.code().unwrap(), said)
}

fn run(folder: &Path, line: &str) -> String {
    let (code, said) = medveil(folder, line);
    assert_eq!(code, 0, "{line}: {said}");
    said
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => drop(found.insert(path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found
}

/// Copies a folder into an empty place; modes stay.
fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp")
        .args(["-a", "--"])
        .args([from, to])
        .status();
    assert!(done.unwrap().success());
}

const COMMANDS: &[&str] = &[
    "ledger blocks",
    "ledger events",
    "ledger tick --as HospitalA",
    "keys publish --as HospitalA",
    "circuit list",
];

/// A home with a ledger in order, and a copy of it.
struct Scene {
    folder: tempfile::TempDir,
    ledger: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), "consortium init");
        run(folder.path(), "ledger blocks");
        let ledger = folder.path().join("medveil-home/ledger");
        copy(
            &folder.path().join("medveil-home"),
            &folder.path().join("copy"),
        );
        Scene { folder, ledger }
    }

    fn at(&self) -> &Path {
        self.folder.path()
    }

    /// Damages a file, tries commands, and does what they say. Whether that needed the copy.
    fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>), commands: &[&str]) -> bool {
        let path = self.ledger.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        match bytes.is_empty() {
            true => std::fs::remove_file(&path).unwrap(),
            false => std::fs::write(&path, &bytes).unwrap(),
        }
        let damaged = files(&self.ledger);
        for line in commands {
            let (code, said) = medveil(self.at(), line);
            assert_eq!(code, 8, "{name}: {line}: {said}");
            assert!(
                said.contains("`medveil ledger repair`"),
                "{name}: {line}: {said}"
            );
            assert!(files(&self.ledger) == damaged, "{name}: {line}");
        }
        let (code, said) = medveil(self.at(), "ledger repair");
        if code != 0 {
            assert_eq!(code, 8, "{name}: {said}");
            assert!(said.contains("`--from FOLDER`"), "{name}: {said}");
            assert!(files(&self.ledger) == damaged, "{name}");
            run(self.at(), "ledger repair --from copy");
        }
        run(self.at(), "ledger blocks");
        run(self.at(), "ledger audit");
        assert!(self.ledger.join("repairs.log").is_file());
        assert!(run(self.at(), "ledger repair").contains("nothing is damaged"));
        std::fs::remove_dir_all(&self.ledger).unwrap();
        copy(&self.at().join("copy/ledger"), &self.ledger);
        code != 0
    }
}

#[test]
fn f_every_command_refuses_a_damaged_ledger_and_its_advice_works() {
    let scene = Scene::new();
    let chain = std::fs::metadata(scene.ledger.join("chain")).unwrap().len() as usize;
    let mut needed_copy = Vec::new();
    for (name, at) in [
        ("chain", 8),
        ("chain", chain / 2),
        ("chain", chain - 9),
        ("orgs/HospitalA/state.redb", 3),
        ("orgs/HospitalA/private.redb", 3),
        ("orgs/HospitalA/peer.pem", 200),
        ("orgs/HospitalA/peer.key", 5),
        ("orgs/HospitalA/authority.pem", 100),
    ] {
        if scene.damage(name, |bytes| bytes[at] ^= 1, COMMANDS) {
            needed_copy.push(name);
        }
    }
    // Blocks and a key are nowhere else.
    let nowhere = ["chain", "chain", "chain", "orgs/HospitalA/peer.key"];
    assert_eq!(needed_copy, nowhere);
    let (code, said) = medveil(scene.at(), "ledger repair --from nowhere");
    assert_eq!(code, 4, "{said}");
}

/// A ledger whose chain is gone is no place for another, and an audit tells what to do.
#[test]
fn f_a_chain_that_is_gone_or_has_no_beginning_is_damage() {
    let scene = Scene::new();
    let commands = &[
        "ledger blocks",
        "ledger audit",
        "ledger tick --as HospitalA",
    ];
    assert!(scene.damage("chain", Vec::clear, commands));
    assert!(scene.damage("chain", |bytes| bytes[60] ^= 4, commands));
    let founding = scene.at().join("medveil-home/consortium.json");
    let consortium = std::fs::read(&founding).unwrap();
    for gone in [false, true] {
        std::fs::remove_file(scene.ledger.join("chain")).unwrap();
        if gone {
            std::fs::remove_file(&founding).unwrap();
        }
        let (code, said) = medveil(scene.at(), "consortium init");
        assert_eq!(code, 8, "{said}");
        std::fs::write(&founding, &consortium).unwrap();
        run(scene.at(), "ledger repair --from copy");
    }
}
