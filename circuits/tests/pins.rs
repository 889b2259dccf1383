//! docs/THREATS.md C10: the size and the matrices of every circuit, pinned. A circuit that changes
//! makes every key and proof of it worthless, so a change here is a new circuit version and a line
//! in CHANGELOG.
//!
//! `UPDATE_PINS=1 cargo test -p medveil-circuits --all-features --test pins` writes the file anew.
#![cfg(feature = "r1cs")]
#![allow(clippy::unwrap_used)]

use medveil_circuits::claim::{ClaimChunk, ClaimFinal};
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::handover::Handover;
use medveil_circuits::registration::Registration;
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use std::path::Path;

fn line<S: Synthesize>() -> String {
    let shape = Matrices::of::<S>().unwrap().shape();
    format!(
        "{} {} {} {} {} {}\n",
        S::CIRCUIT,
        shape.constraints,
        shape.instance,
        shape.witness,
        shape.entries,
        shape.digest
    )
}

#[test]
fn c10_circuits_are_the_pinned_ones() {
    let mut found =
        String::from("# circuit constraints instance witness entries matrices(SHA-256)\n");
    let lines: [fn() -> String; 8] = [
        line::<ClaimChunk<16>>,
        line::<ClaimChunk<256>>,
        line::<ClaimFinal>,
        line::<Eligibility<1>>,
        line::<Eligibility<4>>,
        line::<Handover>,
        line::<Registration<16>>,
        line::<Registration<256>>,
    ];
    lines.iter().for_each(|line| found.push_str(&line()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pins/circuits.txt");
    if std::env::var_os("UPDATE_PINS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(&path).unwrap();
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(
            found, pinned,
            "a circuit changed: raise its version, or undo the change; then UPDATE_PINS=1"
        );
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
