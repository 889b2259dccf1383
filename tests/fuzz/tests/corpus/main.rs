//! The corpus is what its targets expect; `UPDATE_CORPUS=1` writes it anew from the fixtures.
//!
//! Keys of some certificates come from the system's randomness, so a new corpus has other bytes.

mod bundles;
mod calls;
mod certificates;
mod fabric;
mod files;
mod ledger;
mod proofs;
mod tables;

use medveil_fuzz::corpus::{self, MAX_CORPUS, REFUSED};
use std::collections::BTreeMap;

/// Inputs by target and name.
#[derive(Default)]
struct Corpus(BTreeMap<String, BTreeMap<String, Vec<u8>>>);

impl Corpus {
    fn put(&mut self, target: &str, name: &str, input: impl Into<Vec<u8>>) {
        assert!(medveil_fuzz::target(target).is_some(), "no target {target}");
        let inputs = self.0.entry(target.to_owned()).or_default();
        let old = inputs.insert(name.to_owned(), input.into());
        assert!(old.is_none(), "{target}/{name} stands twice");
    }

    /// An input that its target may refuse; its name says whether it does.
    fn put_as_it_reads(&mut self, target: &str, name: &str, input: Vec<u8>) {
        let known = medveil_fuzz::target(target).expect("a target");
        let prefix = if (known.run)(&input).is_read() {
            ""
        } else {
            REFUSED
        };
        self.put(target, &format!("{prefix}{name}"), input);
    }

    /// Inputs with numbers for names.
    fn put_all(&mut self, target: &str, prefix: &str, inputs: &[&str]) {
        for (i, input) in inputs.iter().enumerate() {
            self.put(target, &format!("{prefix}{i}"), *input);
        }
    }

    fn write(&self) {
        for target in medveil_fuzz::targets() {
            let folder = corpus::folder(target);
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).expect("a folder");
            for (name, input) in self.0.get(target.name).into_iter().flatten() {
                std::fs::write(folder.join(name), input).expect("a file");
            }
        }
    }
}

fn made() -> Corpus {
    let mut corpus = Corpus::default();
    calls::put(&mut corpus);
    proofs::put(&mut corpus);
    files::put(&mut corpus);
    bundles::put(&mut corpus);
    ledger::put(&mut corpus);
    fabric::put(&mut corpus);
    certificates::put(&mut corpus);
    tables::put(&mut corpus);
    corpus
}

#[test]
fn every_target_reads_its_corpus() {
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        made().write();
    }
    let (mut bytes, mut problems) = (0, Vec::new());
    for target in medveil_fuzz::targets() {
        let files = corpus::files(target).unwrap_or_default();
        if !files.iter().any(|(name, _)| !name.starts_with(REFUSED)) {
            problems.push(format!("{}: no input that is read", target.name));
        }
        for (name, input) in files {
            bytes += input.len();
            let reading = (target.run)(&input);
            if reading.is_read() == name.starts_with(REFUSED) {
                problems.push(format!("{}/{name}: {reading:?}", target.name));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(
        bytes <= MAX_CORPUS,
        "expected at most {MAX_CORPUS} bytes, got {bytes}"
    );
}
