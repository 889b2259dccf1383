//! Verifies an exported claim with no ledger at hand.
//!
//! `cargo run -p medveil-bundle --example verify_bundle -- claim.bundle.json trust.json`

use medveil_bundle::trust::Trust;
use medveil_bundle::{Bundle, verify};
use std::error::Error;
use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let bundle = args.next().ok_or("expected BUNDLE [TRUST]")?;
    let trust = args.next();
    let bundle = Bundle::read(Path::new(&bundle))?;
    let trust = trust
        .map(|path| Trust::read(Path::new(&path)))
        .transpose()?;
    let report = verify(&bundle, trust.as_ref())?;
    let mut out = std::io::stdout();
    writeln!(out, "holder     {}", report.dataset.holder)?;
    writeln!(out, "query      {}", report.terms.query)?;
    writeln!(out, "at least   {}", report.terms.k)?;
    writeln!(out, "proofs     {}", report.proofs)?;
    writeln!(out, "anchored   {}", report.anchored)?;
    writeln!(out, "fingerprint {}", report.fingerprint)?;
    Ok(())
}
