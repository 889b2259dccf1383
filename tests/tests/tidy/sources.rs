//! The files of the workspace, and how long they and their functions may be.

use std::path::{Path, PathBuf};

const MAX_FILE: usize = 400;
const MAX_FUNCTION: usize = 60;

/// The workspace's root.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap().to_path_buf()
}

/// Files with one of these endings under a folder; nothing that is built or installed.
pub fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() {
            let is_ours = name != "target" && name != "node_modules" && !name.starts_with('.');
            if is_ours && !name.starts_with("medveil-") {
                found.extend(files(&path, endings));
            }
        } else if endings.iter().any(|e| name.ends_with(e)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// One source file.
pub struct Source {
    /// From the root, with slashes.
    pub name: String,
    pub text: String,
}

impl Source {
    /// Whether only tests are built from it.
    pub fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.name.split('/').collect();
        parts.iter().any(|p| *p == "tests" || *p == "benches")
            || self.name.ends_with("/tests.rs")
            || self.name.ends_with("testing.rs")
            || parts.contains(&"testing")
    }

    /// Its lines without comments.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let product = self.text.split("#[cfg(test)]\nmod tests {").next();
        let lines = (1..).zip(product.unwrap_or_default().lines());
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// Every Rust file of the workspace.
pub fn all() -> Vec<Source> {
    let root = root();
    let read = |path: PathBuf| Source {
        name: path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/"),
        text: std::fs::read_to_string(&path).unwrap(),
    };
    let found: Vec<Source> = files(&root, &[".rs"]).into_iter().map(read).collect();
    assert!(found.len() > 200, "the walk found {} files", found.len());
    found
}

#[test]
fn files_are_short_and_have_a_head() {
    let mut bad = Vec::new();
    for source in all() {
        let lines = source.text.lines().count();
        if lines > MAX_FILE {
            bad.push(format!("{} has {lines} lines", source.name));
        }
        let is_library = !source.is_test() && source.name.contains("/src/");
        if is_library && !source.text.starts_with("//!") {
            bad.push(format!("{} has no module head", source.name));
        }
        if source.name.ends_with("/mod.rs") {
            bad.push(format!("{}: name the file after its module", source.name));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn functions_are_short() {
    let mut bad = Vec::new();
    for source in all().iter().filter(|s| !s.is_test()) {
        bad.extend(long_functions(source));
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Functions over the limit: from `fn` to the brace that closes at its indentation.
fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut long = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let is_function = code.split('"').next().unwrap_or("").contains("fn ")
            && ["fn ", "pub", "async", "const fn", "unsafe"]
                .iter()
                .any(|word| code.starts_with(word));
        // A signature alone, or a body on the same line.
        let head = lines[at..].iter().find(|l| l.ends_with(['{', ';', '}']));
        if !is_function || !head.is_some_and(|l| l.ends_with('{')) {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        let length = lines[at..].iter().position(|l| *l == end);
        if let Some(length) = length.filter(|n| *n >= MAX_FUNCTION) {
            long.push(format!(
                "{}:{} has {} lines",
                source.name,
                at + 1,
                length + 1
            ));
        }
    }
    long
}

#[test]
fn pairing_checks_live_in_the_strict_verifier_only() {
    let words = [
        "miller_loop",
        "final_exponentiation",
        "Groth16::<Bn254>::verify",
        "::verify_proof(",
    ];
    for source in all() {
        let may = ["circuits/pairing/src/", "circuits/src/verify"];
        if may.iter().any(|name| source.name.starts_with(name)) || source.is_test() {
            continue;
        }
        for (line, code) in source.code() {
            let found = words.iter().find(|word| code.contains(**word));
            assert!(found.is_none(), "{}:{line} contains {found:?}", source.name);
        }
    }
}
