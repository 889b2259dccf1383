//! Puts the digest of what decides what the contract does into the program.

#[path = "build/identity.rs"]
mod identity;

use std::error::Error;
use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new("..").canonicalize()?;
    let mut out = std::io::stdout();
    for source in identity::sources() {
        let path = root.join(source);
        writeln!(out, "cargo::rerun-if-changed={}", path.display())?;
    }
    let identity = identity::identity(&identity::load(&root)?)?;
    writeln!(
        out,
        "cargo::rustc-env=MEDVEIL_CONTRACT_DIGEST={}",
        identity.digest
    )?;
    Ok(())
}
