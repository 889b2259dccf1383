//! Hashes the sources that decide what the contract does, so that a package can name the build it
//! was approved for.

use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::{Path, PathBuf};

/// What decides it: the contract, the statements with the code tables that are compiled in, the
/// pins of the circuits, the collections, and how all of these are built. The lock file names
/// everything else.
const SOURCES: [&str; 11] = [
    "Cargo.toml",
    "build.rs",
    "src",
    "../Cargo.lock",
    "../Cargo.toml",
    "../circuits/Cargo.toml",
    "../circuits/codes",
    "../circuits/pins",
    "../circuits/src",
    "../collections-config/Cargo.toml",
    "../collections-config/src",
];
/// Kinds of files in the folders among them: nothing that an editor or a file manager leaves there
/// changes the digest.
const KINDS: [&str; 5] = ["rs", "tsv", "toml", "txt", "json"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for source in SOURCES {
        let path = root.join(source);
        writeln_cargo(&format!("rerun-if-changed={}", path.display()))?;
        if path.is_dir() {
            collect(&path, &mut files)?;
        } else {
            files.push(path);
        }
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|f| {
            (
                f.strip_prefix(&root)
                    .unwrap_or(&f)
                    .to_string_lossy()
                    .into_owned(),
                f,
            )
        })
        .collect();
    named.sort();
    let mut hash = Sha256::new();
    for (name, path) in &named {
        let bytes = std::fs::read(path)?;
        hash.update(format!("{name}\0{}\0", bytes.len()));
        hash.update(bytes);
    }
    let digest: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    writeln_cargo(&format!("rustc-env=MEDVEIL_CONTRACT_DIGEST={digest}"))?;
    // For the test that names what the digest covers.
    let names: Vec<String> = named.into_iter().map(|(name, _)| name).collect();
    Ok(std::fs::write(
        PathBuf::from(std::env::var("OUT_DIR")?).join("covered.txt"),
        names.join("\n"),
    )?)
}

fn writeln_cargo(line: &str) -> Result<(), Box<dyn Error>> {
    use std::io::Write;
    Ok(writeln!(std::io::stdout(), "cargo::{line}")?)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
        {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|e| KINDS.iter().any(|kind| e == *kind))
        {
            files.push(path);
        }
    }
    Ok(())
}
