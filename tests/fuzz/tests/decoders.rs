//! Every public decoder of bytes, texts or files is in `decoders.txt`, with the target that reads it
//! or the reason why none does: a new one does not stay without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where bytes of others come in.
const FOLDERS: [&str; 5] = [
    "circuits",
    "prover",
    "verifier-chaincode",
    "gateway",
    "collections-config",
];
/// Names of functions that decode; each alone, or before an underscore.
const NAMES: [&str; 12] = [
    "from_bytes",
    "from_json",
    "from_pem",
    "from_der",
    "from_canonical",
    "from_yaml",
    "from_hex",
    "from_args",
    "from_pkcs8_pem",
    "parse",
    "decode",
    "read",
];
/// What is given to them.
const GIVEN: [&str; 4] = ["&[u8]", "&str", "&Path", "&[Vec<u8>]"];

fn root() -> PathBuf {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    fuzz.ancestors().nth(2).expect("a workspace").to_owned()
}

/// Rust files of a folder that go into programs.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let is_test = ["tests", "testing", "target", "benches", "node_modules"];
        if path.is_dir() && !is_test.contains(&&*name) {
            sources(&path, found);
        } else if name.ends_with(".rs") && !["tests.rs", "testing.rs"].contains(&&*name) {
            found.push(path);
        }
    }
}

fn is_decoder(name: &str) -> bool {
    let begins = |word: &str| {
        let rest = name.strip_prefix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    NAMES.iter().any(|word| begins(word)) || name.ends_with("_from_json")
}

/// Names of public functions of a file that decode what somebody else made.
fn decoders(text: &str) -> BTreeSet<String> {
    let after = text.split("\n").enumerate().filter_map(|(at, line)| {
        let line = line.trim_start();
        let rest = ["pub fn ", "pub const fn ", "pub async fn "]
            .iter()
            .find_map(|start| line.strip_prefix(start))?;
        let name = rest.split(['(', '<']).next()?;
        // The head of a function may stand on several lines.
        let head: String = text.split('\n').skip(at).take(12).collect();
        let (head, _) = head.split_once(['{', ';'])?;
        let (given, gives) = head.split_once("->")?;
        let reads = GIVEN.iter().any(|what| given.contains(what));
        (is_decoder(name) && reads && !gives.trim().is_empty()).then(|| name.to_owned())
    });
    after.collect()
}

/// What `decoders.txt` says, by file and function.
fn listed() -> BTreeMap<String, String> {
    let lines = include_str!("../decoders.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.splitn(3, ' ');
            let mut next = || words.next().expect("file, function, targets").to_owned();
            let place = format!("{} {}", next(), next());
            (place, next())
        })
        .collect()
}

#[test]
fn every_decoder_has_a_target_or_a_reason() {
    let root = root();
    let mut files = Vec::new();
    FOLDERS
        .iter()
        .for_each(|folder| sources(&root.join(folder), &mut files));
    let mut found = BTreeSet::new();
    for path in files {
        let name = path.strip_prefix(&root).expect("a file of the workspace");
        let name = name.to_string_lossy().replace('\\', "/");
        if name.contains("/src/") {
            let text = std::fs::read_to_string(&path).expect("a text");
            found.extend(decoders(&text).iter().map(|f| format!("{name} {f}")));
        }
    }
    let listed = listed();
    let known: BTreeSet<String> = listed.keys().cloned().collect();
    assert!(found.len() > 60, "the walk found {} decoders", found.len());
    let new: Vec<_> = found.difference(&known).collect();
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "decoders.txt: add {new:#?}, remove {gone:#?}"
    );
    for (place, says) in &listed {
        let is_reason = says
            .strip_prefix("none: ")
            .is_some_and(|why| !why.is_empty());
        let mut targets = says.split(',');
        let are_targets = targets.all(|name| medveil_fuzz::target(name).is_some());
        assert!(is_reason || are_targets, "{place}: {says}");
    }
}
