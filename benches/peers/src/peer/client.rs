//! Programs that others' clients build, kept by the digest of what they are built of.

use super::line;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest time that a client gets.
const BOUND: Duration = Duration::from_secs(1200);

/// How one peer is built.
pub struct Recipe {
    name: &'static str,
    /// Files by their path in the folder.
    files: &'static [(&'static str, &'static str)],
    /// The client's command.
    command: &'static [&'static str],
    /// What comes of it, which is kept under its last name.
    product: &'static str,
    /// What is needed of it no longer.
    rest: Option<&'static str>,
}

macro_rules! files {
    ($($folder:literal: $($name:literal)*;)*) => {
        &[$($(($name, include_str!(concat!("../../", $folder, "/", $name)))),*),*]
    };
}

pub const GNARK: Recipe = Recipe {
    name: "gnark",
    files: files!("gnark": "go.mod" "go.sum" "main.go" "files.go" "verify.go";),
    command: &[
        "go",
        "build",
        "-trimpath",
        "-mod=readonly",
        "-o",
        "peer-gnark",
        ".",
    ],
    product: "peer-gnark",
    rest: None,
};

pub const SNARKJS: Recipe = Recipe {
    name: "snarkjs",
    files: files!("snarkjs": "package.json" "package-lock.json" "worker.mjs";),
    command: &[
        "npm",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ],
    product: "worker.mjs",
    rest: None,
};

pub const SNARKRS: Recipe = Recipe {
    name: "snarkrs",
    files: files!("snarkrs": "Cargo.toml" "Cargo.lock" "src/main.rs";),
    command: &[
        "cargo",
        "build",
        "--release",
        "--locked",
        "--target-dir",
        "target",
    ],
    product: "target/release/peer-snarkrs",
    rest: Some("target"),
};

/// What a recipe's product is kept under.
pub fn digest(recipe: &Recipe) -> String {
    let mut digest = Sha256::new();
    for (name, text) in recipe.files {
        digest.update(name);
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    hex::encode(digest.finalize().get(..8).unwrap_or_default())
}

/// Builds a peer, or finds it, and gives its program.
///
/// **Errors**: why it cannot be had, in one line.
pub fn build(recipe: &Recipe, cache: &Path) -> Result<PathBuf, String> {
    let folder = cache.join(format!("{}-{}", recipe.name, digest(recipe)));
    let product = Path::new(recipe.product).file_name().unwrap_or_default();
    if !folder.is_dir() {
        let made = crate::inputs::write(&folder, |at| fill(recipe, at, Path::new(product)));
        made.map_err(|error| match error {
            crate::PeersError::Io { source, .. } => line(source),
            other => line(other),
        })?;
    }
    Ok(folder.join(product))
}

fn fill(recipe: &Recipe, at: &Path, product: &Path) -> io::Result<()> {
    for (name, text) in recipe.files {
        let path = at.join(name);
        fs::create_dir_all(path.parent().unwrap_or(at))?;
        fs::write(path, text)?;
    }
    run(recipe.command, at)?;
    let (made, kept) = (at.join(recipe.product), at.join(product));
    if made != kept {
        fs::rename(&made, &kept)?;
    }
    match recipe.rest {
        Some(rest) => fs::remove_dir_all(at.join(rest)),
        None => Ok(()),
    }
}

/// Runs a client to its end, within the bound.
fn run(words: &[&str], folder: &Path) -> io::Result<()> {
    let (name, args) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let log = folder.join("client.log");
    let mut command = Command::new(name);
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?);
    // What is set for the build of this project is not meant for theirs.
    for name in [
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "GOFLAGS",
    ] {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other(format!("`{name}` is not installed here")),
        _ => error,
    })?;
    let begun = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(_) => {
                let said = fs::read(&log).unwrap_or_default();
                return Err(io::Error::other(format!(
                    "`{name}` failed: {}",
                    last(&said)
                )));
            }
            None if begun.elapsed() < BOUND => std::thread::sleep(Duration::from_millis(50)),
            None => {
                child.kill()?;
                child.wait()?;
                let words = format!("`{name}` did not end within {} s", BOUND.as_secs());
                return Err(io::Error::other(words));
            }
        }
    }
}

/// The last line that says something.
fn last(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log);
    let said = text.lines().rev().find(|line| !line.trim().is_empty());
    said.unwrap_or("it does not say why").trim().to_owned()
}
