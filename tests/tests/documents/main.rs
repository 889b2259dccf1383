//! What README and `docs/` tell a person to type is executed, in the order of the pages.
//!
//! Blocks of one name run in one folder by one shell. Only `cargo` is another there: what it would
//! build or start is this build's own program, beside the test's.
#![allow(clippy::unwrap_used)]

mod pages;
mod shell;

use pages::{Block, PAGES, blocks, page};
use shell::Shell;
use std::path::Path;
use std::process::Command;

/// Names that no test here executes, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("test", "this test is a part of it"),
    (
        "own-fabric",
        "needs a Fabric that is not ours; CONTRIBUTING's command without one runs",
    ),
];

const EXECUTED: &[&str] = &[
    "build",
    "bench",
    "quickstart",
    "data",
    "embedded",
    "fabric",
    "circuits",
];

#[test]
fn every_block_belongs_to_a_test() {
    for block in PAGES.iter().flat_map(|name| blocks(name)) {
        let known = EXECUTED.contains(&block.name.as_str())
            || ELSEWHERE.iter().any(|(name, _)| *name == block.name);
        assert!(known, "{}: nothing executes {:?}", block.place, block.name);
    }
    for name in EXECUTED {
        assert!(!named(name).is_empty(), "no page has a block {name}");
    }
}

fn named(name: &str) -> Vec<Block> {
    let all = PAGES.iter().flat_map(|page| blocks(page));
    all.filter(|block| block.name == name).collect()
}

#[test]
fn packages_that_are_built_exist() {
    let shell = Shell::new();
    shell.run(&named("build"));
    shell.run(&named("bench"));
}

#[test]
fn circuits_and_keys_have_files() {
    let shell = Shell::new();
    let said = shell.run(&named("circuits"));
    assert!(said.contains("INSECURE: one party made it"), "{said}");
    assert!(shell.folder().join("verification_key.json").is_file());
}

/// One after the other: the later pages find the keys that the first one made.
#[test]
fn every_page_does_what_it_says() {
    the_first_command_prints_what_the_readme_shows_and_then_takes_own_data();
    the_journeys_by_hand_on_embedded();
    Shell::new().run(&named("fabric"));
}

fn the_first_command_prints_what_the_readme_shows_and_then_takes_own_data() {
    let shell = Shell::new();
    let said = shell.run(&named("quickstart"));
    let readme = page("README.md");
    let (_, rest) = readme.split_once("<!-- run:begin -->\n```text\n").unwrap();
    let (shown, _) = rest.split_once("```\n<!-- run:end -->").unwrap();
    let mut lines = said.lines();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(
            lines.any(|said| is_like(said, line)),
            "the README shows, and the run does not print after what stands before it: {line}\n{said}"
        );
    }
    keep_bundle(&shell.folder().join("medveil-home/files"));
    shell.run(&named("data"));
}

/// Leaves a bundle and its trust file in `target/tmp`, where `scripts/test.sh` verifies them under
/// Node.js.
fn keep_bundle(files: &Path) {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for name in ["cohort-count.bundle.json", "trust.json"] {
        std::fs::copy(files.join(name), tmp.join(name)).unwrap();
    }
}

/// Whether a line is as shown, where `...` stands for anything.
fn is_like(said: &str, shown: &str) -> bool {
    let mut parts = shown.split("...");
    let Some(mut rest) = parts.next().and_then(|first| said.strip_prefix(first)) else {
        return false;
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || shown.ends_with("...")
}

#[test]
fn lines_are_compared_but_for_what_is_left_out() {
    assert!(is_like(
        "registered cohort: 12 bytes",
        "registered cohort: ... bytes"
    ));
    assert!(is_like("nobody sees who, or which", "nobody sees ..."));
    assert!(!is_like(
        "registered cohort: 12 bytes more",
        "registered cohort: ... bytes"
    ));
    assert!(!is_like("nobody sees", "everybody sees"));
}

fn the_journeys_by_hand_on_embedded() {
    let shell = Shell::new();
    shell.run(&named("embedded"));
    let rows = std::fs::read_to_string(shell.folder().join("rows.csv")).unwrap();
    assert!(rows.lines().count() > 300);
}

/// Commands in the text, and not in blocks: they exist, and so do their options.
#[test]
fn commands_in_the_text_exist() {
    for name in PAGES {
        for command in pages::commands(name) {
            let words: Vec<&str> = command.split_whitespace().skip(1).collect();
            let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let is_word = |word: &&&str| word.chars().all(is_part);
            let path = words
                .iter()
                .take_while(|word| !word.starts_with('-'))
                .filter(is_word);
            let help = Command::new(shell::program())
                .args(path)
                .arg("--help")
                .output()
                .unwrap();
            assert!(help.status.success(), "{name}: {command}");
            let help = String::from_utf8(help.stdout).unwrap();
            for option in words.iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "{name}: {command} has no {option}");
            }
        }
    }
}
