//! What no file may contain, and how text is wrapped.

use crate::sources::{all, files, root};
use std::collections::BTreeSet;

const MAX_WIDTH: usize = 100;

/// Where decisions on foreign text are made, because Fabric answers by text alone.
const READS_WORDS: &str = "gateway/fabric-client/src/words.rs";

#[test]
fn no_decision_is_made_by_the_text_of_a_message() {
    let signs = [
        ".to_string().contains(",
        ".to_string().starts_with(",
        ".message().contains(",
        ".message().starts_with(",
        ".text().contains(",
    ];
    let mut bad = Vec::new();
    for source in all() {
        if source.is_test() || source.name == READS_WORDS {
            continue;
        }
        for (line, code) in source.code() {
            if signs.iter().any(|sign| code.contains(sign)) {
                bad.push(format!("{}:{line} {}", source.name, code.trim()));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// Where the `medveil` program writes to standard output and standard error, and draws progress.
const PRINTS: [&str; 2] = ["gateway/src/streams.rs", "gateway/src/cli/output.rs"];

#[test]
fn m6_only_one_place_of_the_program_prints() {
    let signs = [
        "io::stdout",
        "io::stderr",
        "print!(",
        "println!(",
        "ProgressBar",
        "/dev/tty",
    ];
    let mut found = Vec::new();
    for source in all()
        .iter()
        .filter(|s| s.name.starts_with("gateway/src/") && !s.is_test())
    {
        for (line, code) in source.code() {
            if signs.iter().any(|sign| code.contains(sign)) {
                found.push((source.name.clone(), format!("{line} {}", code.trim())));
            }
        }
    }
    assert!(
        found.iter().any(|(name, _)| name == PRINTS[0]),
        "the walk sees it"
    );
    found.retain(|(name, code)| {
        let draws = name == PRINTS[1] && code.contains("ProgressBar");
        name != PRINTS[0] && !draws
    });
    assert!(found.is_empty(), "{found:?}");
}

/// Crates that read a home, a ledger and what a command is given.
const READERS: [&str; 5] = ["", "custody/", "embedded/", "fabric-client/", "audit/"];

/// Where they read files within a bound and without a wait (`given.rs`; a chain's frames and a
/// database's pages have bounds of their own); and what is read of the system's own.
const READS: [&str; 5] = [
    "gateway/custody/src/given.rs",
    "gateway/custody/src/files.rs",
    "gateway/embedded/src/chain/frames.rs",
    "gateway/embedded/src/stores/overlay.rs",
    "gateway/src/cli/interrupt.rs",
];

#[test]
fn m11_only_one_place_of_a_home_s_readers_reads_files() {
    let signs = [
        "read_to_string(",
        "fs::read(",
        "read_to_end(",
        "read_exact(",
        "from_reader(",
        "File::open(",
        "file.read(",
    ];
    let folders = READERS.map(|name| format!("gateway/{name}src/"));
    let mut found = BTreeSet::new();
    for source in all()
        .iter()
        .filter(|s| folders.iter().any(|f| s.name.starts_with(f)) && !s.is_test())
    {
        // Only folders are opened to be synced.
        let reads = |code: &str| {
            signs.iter().any(|s| code.contains(s)) && !code.contains("File::open(folder)")
        };
        if source.code().any(|(_, code)| reads(code)) {
            found.insert(source.name.clone());
        }
    }
    let expected: BTreeSet<_> = READS.map(str::to_owned).into();
    assert_eq!(found, expected);
}

#[test]
fn no_json_is_indexed_by_string() {
    let mut bad = Vec::new();
    for source in all() {
        if source.is_test() || source.name.ends_with("build.rs") {
            continue;
        }
        for (line, code) in source.code() {
            let is_index = code.match_indices("[\"").any(|(at, _)| {
                let before = code[..at].chars().next_back();
                before.is_some_and(|c| c.is_alphanumeric() || c == ')' || c == ']' || c == '_')
            });
            if is_index {
                bad.push(format!("{}:{line} {}", source.name, code.trim()));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn markdown_is_wrapped() {
    let mut bad = Vec::new();
    for path in files(&root(), &[".md"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut is_code = false;
        for (number, line) in (1..).zip(text.lines()) {
            is_code ^= line.trim_start().starts_with("```");
            let is_table = line.trim_start().starts_with('|');
            let is_link = line
                .trim_start()
                .trim_start_matches(['-', '*', ' '])
                .starts_with('[');
            if !is_code && !is_table && !is_link && line.chars().count() > MAX_WIDTH {
                bad.push(format!("{}:{number}", path.display()));
            }
        }
    }
    assert!(bad.is_empty(), "over {MAX_WIDTH} wide:\n{}", bad.join("\n"));
}
