//! The committed inputs that a target starts from: one folder a target, one file an input.

use crate::Target;
use std::path::{Path, PathBuf};

/// Most bytes of all files together.
pub const MAX_CORPUS: usize = 2 << 20;

/// Files whose names begin so are refused by their target; all others are read.
pub const REFUSED: &str = "refused-";

/// The folder of a target's inputs.
pub fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name)
}

/// A target's inputs with their names, sorted.
pub fn files(target: &Target) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder(target))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((name, std::fs::read(entry.path())?));
    }
    files.sort();
    Ok(files)
}

/// A target's inputs; at least one, if only an empty one.
pub fn inputs(target: &Target) -> Vec<Vec<u8>> {
    let files = files(target).unwrap_or_default();
    let mut inputs: Vec<Vec<u8>> = files.into_iter().map(|(_, bytes)| bytes).collect();
    if inputs.is_empty() {
        inputs.push(Vec::new());
    }
    inputs
}
