//! The contract's identity: the digest of what decides what the contract does.
//!
//! Covered are the sources of the native circuits, the collections, the contract, the shim and the
//! program, the code tables, the pins of the circuits, and the packages that these resolve to.
//! Tests, gadgets, dev-dependencies and everything else of the workspace are not, so that what does
//! not change the contract does not change its label. The build script and a test include this
//! file; it works on a map of files.

#[path = "packages.rs"]
mod packages;

use packages::Failure;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Files by their path from the root of the workspace, with `/` between its parts.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The crates that make the program, by folder.
const CRATES: [&str; 6] = [
    "circuits",
    "circuits/pairing",
    "collections-config",
    "verifier-chaincode",
    "verifier-chaincode/contract",
    "verifier-chaincode/shim",
];
/// Tables that are compiled in, and what the circuits are pinned to.
const DATA: [&str; 2] = ["circuits/codes", "circuits/pins"];
/// Kinds of files that count: nothing that an editor or a file manager leaves behind does.
const KINDS: [&str; 5] = ["json", "rs", "toml", "tsv", "txt"];
/// Modules that the program does not hold: tests and their fixtures, and gadgets.
const LEFT_OUT: [&str; 3] = ["r1cs", "testing", "tests"];

/// The digest, and the names of what it covers.
pub struct Identity {
    /// SHA-256 in hex.
    pub digest: String,
    #[allow(dead_code, reason = "the build script wants the digest alone")]
    pub covered: Vec<String>,
}

/// Every file and folder that [`load`] reads.
pub fn sources() -> Vec<String> {
    let manifests = CRATES.iter().map(|folder| format!("{folder}/Cargo.toml"));
    let sources = CRATES.iter().map(|folder| format!("{folder}/src"));
    let data = DATA.iter().map(|folder| (*folder).to_owned());
    let workspace = ["Cargo.lock", "Cargo.toml"].map(str::to_owned);
    manifests
        .chain(sources)
        .chain(data)
        .chain(workspace)
        .collect()
}

/// Reads the files that the identity is taken from.
///
/// **Errors**: one of them is not there or cannot be read.
pub fn load(root: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    for source in sources() {
        read(root, &source, &mut files).map_err(|e| format!("{source}: {e}"))?;
    }
    Ok(files)
}

fn read(root: &Path, name: &str, files: &mut Files) -> std::io::Result<()> {
    let path = root.join(name);
    if !path.is_dir() {
        files.insert(name.to_owned(), std::fs::read(path)?);
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let entry = entry?.file_name();
        let entry = entry.to_string_lossy();
        if !entry.starts_with('.') {
            read(root, &format!("{name}/{entry}"), files)?;
        }
    }
    Ok(())
}

/// The identity of a workspace of these files.
///
/// **Errors**: a manifest or the lock file cannot be read, or they do not fit each other.
pub fn identity(files: &Files) -> Result<Identity, Failure> {
    let mut parts: BTreeMap<String, Vec<u8>> = files
        .iter()
        .filter(|(name, _)| is_covered(name))
        .map(|(name, bytes)| (name.clone(), bytes.clone()))
        .collect();
    let packages = packages::of(files, &CRATES)?;
    parts.extend(
        packages
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes())),
    );
    let mut hash = Sha256::new();
    for (name, bytes) in &parts {
        hash.update(format!("{name}\0{}\0", bytes.len()));
        hash.update(bytes);
    }
    Ok(Identity {
        digest: hash.finalize().iter().map(|b| format!("{b:02x}")).collect(),
        covered: parts.into_keys().collect(),
    })
}

/// Whether a file counts as it is. Of manifests and the lock file only parts do.
fn is_covered(name: &str) -> bool {
    let is_source = CRATES.iter().any(|folder| {
        let rest = name.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with("/src/"))
    });
    let is_data = DATA.iter().any(|folder| name.starts_with(folder));
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
    let left_out = name.split('/').any(|part| {
        let module = part.strip_suffix(".rs").unwrap_or(part);
        LEFT_OUT.contains(&module)
    });
    (is_source || is_data) && KINDS.contains(&kind) && !left_out
}
