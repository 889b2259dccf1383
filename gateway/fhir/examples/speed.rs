//! Time and memory of both readings: `cargo run --release --example speed -- FOLDER [TYPES]`.
#![allow(clippy::print_stdout)]

use medveil_fhir::{FhirError, Limits, Options, read};
use std::collections::BTreeSet;
use std::time::Instant;

#[global_allocator]
static PEAK: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() -> Result<(), FhirError> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_default();
    let mut types: BTreeSet<String> = arguments.collect();
    if types.is_empty() {
        types.extend(["Patient", "Observation", "Condition"].map(str::to_owned));
    }
    let options = Options {
        limits: Limits::DEFAULT,
        identifier: None,
        gather: false,
        types: &types,
    };
    let start = Instant::now();
    let mut resources = read(path.as_ref(), &options, &mut |_| {})?;
    let first = start.elapsed();
    let mut handed = 0u64;
    resources.each::<FhirError>(&mut |_| {
        handed += 1;
        Ok(())
    })?;
    let both = start.elapsed();
    println!(
        "{} persons, {handed} resources: first {first:?}, both {both:?}, peak {:.0} MiB",
        resources.persons,
        PEAK.peak_usage_as_mb()
    );
    for count in &resources.counts {
        println!(
            "  {} {}: {}",
            count.resource_type,
            count.reason.words(),
            count.count
        );
    }
    Ok(())
}
