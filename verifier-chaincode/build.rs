//! Hashes the sources that decide what the contract does, so that a package can name the build it was approved for.

use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::{Path, PathBuf};

/// Sources of the contract and of what it verifies with; the lock file names everything else.
const SOURCES: [&str; 4] = ["src", "../circuits/src", "../collections-config/src", "../Cargo.lock"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for source in SOURCES {
        let path = root.join(source);
        writeln_cargo(&format!("rerun-if-changed={}", path.display()))?;
        collect(&path, &mut files)?;
    }
    let mut named: Vec<(String, PathBuf)> =
        files.into_iter().map(|f| (f.strip_prefix(&root).unwrap_or(&f).to_string_lossy().into_owned(), f)).collect();
    named.sort();
    let mut hash = Sha256::new();
    for (name, path) in named {
        let bytes = std::fs::read(&path)?;
        hash.update(format!("{name}\0{}\0", bytes.len()));
        hash.update(bytes);
    }
    let digest: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    writeln_cargo(&format!("rustc-env=MEDVEIL_CONTRACT_DIGEST={digest}"))
}

fn writeln_cargo(line: &str) -> Result<(), Box<dyn Error>> {
    use std::io::Write;
    Ok(writeln!(std::io::stdout(), "cargo::{line}")?)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}
