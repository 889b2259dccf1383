//! A target of the table, by the name of this program.

#![no_main]

use std::sync::LazyLock;

/// Panics are what libFuzzer looks for; a refusal is none.
static TARGET: LazyLock<&medveil_fuzz::Target> = LazyLock::new(|| {
    medveil_fuzz::target(env!("CARGO_BIN_NAME")).expect("a program for each target, and no other")
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = (TARGET.run)(input);
});
