//! M10: every command that writes is killed at a write, a rename, a sync or a send, and run again: it
//! says what is done and ends what is not. In the end the ledger has each call once, it stands an
//! audit, and no half-written file is left.
//!
//! Points are drawn by a seed, one a command. `MEDVEIL_KILLS` (a number) spreads so many over all
//! commands instead, each on a copy of the home as it was before; `MEDVEIL_KILL_SEED` draws others.

use crate::shared_keys;
use crate::world::program;
use medveil_gateway::home::Home;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const A: &str = "HospitalA";
const B: &str = "HospitalB";
const UNIVERSITY: &str = "University";
const BOARD: &str = "EthicsBoard";
const ALICE: &str = "University/alice";
/// The commands in their order: who, and the words; a word in capitals is what an earlier answer said.
/// The circuits are proposed before, but for `handover`.
const COMMANDS: &[(&str, &str)] = &[
    (
        UNIVERSITY,
        "issuer init --schema affiliation --group universities",
    ),
    (
        UNIVERSITY,
        "issuer register --schema affiliation --group universities",
    ),
    (BOARD, "issuer init --schema ethics --group boards"),
    (BOARD, "issuer register --schema ethics --group boards"),
    (ALICE, "visa request --schema affiliation --out a.request"),
    (
        UNIVERSITY,
        "issuer issue --request a.request --group universities --role researcher --out a.visa",
    ),
    (ALICE, "visa import a.visa"),
    (ALICE, "visa request --schema ethics --out e.request"),
    (
        BOARD,
        "issuer issue --request e.request --group boards --study STUDY-7 --permissions GRU --out e.visa",
    ),
    (ALICE, "visa import e.visa"),
    (A, "keys publish"),
    (B, "keys publish"),
    (A, "circuit propose handover"),
    (B, "circuit approve handover"),
    (UNIVERSITY, "circuit approve handover"),
    (A, "circuit activate handover"),
    (
        A,
        "dataset commit visits.csv --schema visits.schema.json --name visits --group research",
    ),
    (A, "dataset register --name visits"),
    (A, "dataset store --name visits"),
    (A, "policy put policy.yaml --dataset visits"),
    (
        ALICE,
        "access request --dataset HospitalA/visits --study STUDY-7 --purpose research --letter letter.txt",
    ),
    (A, "access show REQUEST"),
    (A, "access decide REQUEST --approve"),
    (B, "access decide REQUEST --approve --unseen"),
    (A, "access handover REQUEST"),
    (A, "access confirm REQUEST"),
    (
        A,
        "claim prove --dataset visits --where age>=18 --largest --unit subjects",
    ),
    (A, "claim publish CLAIM"),
    (A, "access close REQUEST"),
    (BOARD, "issuer revoke --schema ethics --group boards INDEX"),
    (
        UNIVERSITY,
        "issuer retire --schema affiliation --group universities",
    ),
];
/// Calls that the ledger has once or, where a number stands behind, so many times.
const CALLS: &[(&str, usize)] = &[
    ("Bootstrap", 1),
    ("RegisterIssuer", 2),
    ("PublishKey", 2),
    ("RegisterDataset", 1),
    ("StorePages", 1),
    ("PutPolicy", 1),
    ("RequestAccess", 1),
    ("DecideAccess", 2),
    ("HandOverKey", 1),
    ("ConfirmDelivery", 1),
    ("PublishClaim", 1),
    ("CloseGrant", 1),
    ("UpdateRevocations", 1),
    ("RetireIssuer", 1),
];
/// Circuits that are active before the commands that are killed.
const CIRCUITS: [&str; 4] = [
    "registration-16",
    "eligibility-4",
    "claim-chunk-16",
    "claim-final",
];

#[derive(Deserialize)]
struct Said {
    request: Option<String>,
    claim: Option<String>,
    revocation_index: Option<String>,
}

#[derive(Deserialize)]
struct Blocks {
    blocks: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    transactions: Vec<Called>,
}

#[derive(Deserialize)]
struct Called {
    function: Option<String>,
}

struct Scene {
    folder: TempDir,
    rng: ChaCha20Rng,
    /// Words that answers said, by the name that stands for them.
    said: BTreeMap<&'static str, String>,
    killed: usize,
    /// Kills of a command, each on a copy; none kills each once, where it is.
    copies: Option<usize>,
}

impl Scene {
    fn new() -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
        let scene = Scene {
            folder: tempfile::tempdir().unwrap(),
            rng: ChaCha20Rng::seed_from_u64(number("MEDVEIL_KILL_SEED").unwrap_or(15)),
            said: BTreeMap::new(),
            killed: 0,
            copies: number("MEDVEIL_KILLS").map(|n| (n as usize).div_ceil(COMMANDS.len() + 1)),
        };
        let patient = |i: u32| format!("p{i},{},{}.5,no\n", 20 + i % 50, 4 + i % 9);
        let rows: String = (0..60).map(patient).collect();
        for (name, text) in [
            ("visits.csv", format!("patient,age,sugar,smoker\n{rows}")),
            (
                "visits.schema.json",
                include_str!("visits.schema.json").to_owned(),
            ),
            (
                "policy.yaml",
                include_str!("../../../gateway/data/quickstart/policy.yaml").to_owned(),
            ),
            ("letter.txt", "please".to_owned()),
        ] {
            std::fs::write(scene.folder.path().join(name), text).unwrap();
        }
        scene
    }

    fn command(&self, home: &str, actor: Option<&str>, words: &str) -> Command {
        let mut command = Command::new(program("medveil"));
        command
            .current_dir(self.folder.path())
            .env("MEDVEIL_PASSPHRASE", "correct horse battery")
            .args(["--json", "--home", home]);
        command.args(actor.iter().flat_map(|actor| ["--as", actor]));
        let word = |word: &str| self.said.get(word).cloned().unwrap_or(word.to_owned());
        command.args(words.split(' ').map(word));
        command
    }

    /// Runs a command to its end.
    fn run(&mut self, home: &str, actor: Option<&str>, words: &str) -> String {
        let output = self.command(home, actor, words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}: {said}");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        if let Ok(said) = serde_json::from_str::<Said>(out.lines().last().unwrap_or_default()) {
            let known = [
                ("REQUEST", said.request),
                ("CLAIM", said.claim),
                ("INDEX", said.revocation_index),
            ];
            for (name, word) in known {
                self.said.extend(word.map(|word| (name, word)));
            }
        }
        out
    }

    /// Runs a command that ends at its n-th point, or by itself where it has fewer. Gives its output
    /// and, where it ended by itself, how many it has.
    fn cut(&self, home: &str, actor: Option<&str>, words: &str, n: u64) -> (Output, Option<u64>) {
        let count = self.folder.path().join("count");
        let _ = std::fs::remove_file(&count);
        let output = self
            .command(home, actor, words)
            .env("LD_PRELOAD", program("libmedveil_crash.so"))
            .env("MEDVEIL_CRASH_AT", n.to_string())
            .env("MEDVEIL_CRASH_COUNT", &count)
            .output()
            .unwrap();
        let counted = std::fs::read_to_string(&count).ok();
        (output, counted.and_then(|n| n.parse().ok()))
    }

    /// Kills a command at a point that is drawn, and runs it to its end.
    fn through(&mut self, actor: Option<&str>, words: &str) {
        match self.copies {
            None => {
                // Early points are met by every command, late ones by the long ones.
                let n = 1u64 << self.rng.gen_range(0..8);
                let n = self.rng.gen_range(n..=2 * n);
                self.killed(HOME, actor, words, n);
            }
            Some(kills) => {
                let before = self.folder.path().join(HOME);
                copy(&before, &self.folder.path().join(COPY));
                let (_, points) = self.cut(COPY, actor, words, 0);
                let points = points.unwrap();
                for _ in 0..kills {
                    copy(&before, &self.folder.path().join(COPY));
                    let n = self.rng.gen_range(1..=points);
                    self.killed(COPY, actor, words, n);
                    self.run(COPY, Some(A), "ledger audit");
                }
                self.run(HOME, actor, words);
            }
        }
        self.run(HOME, actor, words);
    }

    fn killed(&mut self, home: &str, actor: Option<&str>, words: &str, n: u64) {
        let (output, _) = self.cut(home, actor, words, n);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.signal() {
            Some(_) => self.killed += 1,
            None => assert!(output.status.success(), "{words}: {said}"),
        }
        self.run(home, actor, words);
        let left = left_behind(&self.folder.path().join(home));
        assert_eq!(left, Vec::<PathBuf>::new(), "{words}, killed at point {n}");
    }

    fn activate(&mut self, circuit: &str) {
        let store = Home::new(self.folder.path().join(HOME)).key_store();
        let words = format!("circuit propose {circuit}");
        shared_keys::with(circuit, &store, || self.run(HOME, Some(A), &words));
        for (actor, word) in [(B, "approve"), (UNIVERSITY, "approve"), (A, "activate")] {
            self.run(HOME, Some(actor), &format!("circuit {word} {circuit}"));
        }
    }
}

const HOME: &str = "home";
const COPY: &str = "copy";

/// Copies a home; keys never change, and are not copied but linked.
fn copy(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    let mut options = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut options, 0o700);
    options.create(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else if from.ends_with("keys") {
            std::fs::hard_link(entry.path(), to).unwrap();
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Half-written files of a home.
fn left_behind(folder: &Path) -> Vec<PathBuf> {
    let mut left = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().unwrap().is_dir() {
            left.extend(left_behind(&entry.path()));
        } else if entry.file_name().to_string_lossy().starts_with(".medveil-") {
            left.push(entry.path());
        }
    }
    left
}

#[test]
fn m10_every_command_that_writes_goes_on_where_it_was_killed() {
    let mut scene = Scene::new();
    scene.found();
    for circuit in CIRCUITS {
        scene.activate(circuit);
    }
    shared_keys::put(
        "handover",
        &Home::new(scene.folder.path().join(HOME)).key_store(),
    );
    for (actor, words) in COMMANDS {
        scene.through(Some(actor), words);
    }
    scene.run(HOME, Some(A), "ledger audit");
    let blocks = scene.run(HOME, Some(A), "ledger blocks --limit 1000");
    let blocks: Blocks = serde_json::from_str(blocks.lines().last().unwrap()).unwrap();
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for called in blocks.blocks.into_iter().flat_map(|b| b.transactions) {
        *calls.entry(called.function.unwrap()).or_default() += 1;
    }
    for (name, n) in CALLS {
        assert_eq!(calls.get(*name), Some(n), "{name}: {calls:?}");
    }
    eprintln!("{} processes were killed", scene.killed);
    assert!(scene.killed > COMMANDS.len() / 2, "{}", scene.killed);
}

impl Scene {
    /// Founds the consortium, through kills.
    fn found(&mut self) {
        let words = "consortium init";
        let kills = self.copies.unwrap_or(4);
        let (_, points) = self.cut(COPY, None, words, 0);
        let points = points.unwrap();
        for i in 0..kills {
            // The whole range, so that every window between two steps is met.
            let width = points / kills as u64;
            let n = 1 + i as u64 * width + self.rng.gen_range(0..width);
            let _ = std::fs::remove_dir_all(self.folder.path().join(COPY));
            self.killed(COPY, None, words, n);
            self.run(COPY, Some(A), "ledger audit");
        }
        self.run(HOME, None, words);
    }
}
