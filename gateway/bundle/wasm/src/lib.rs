//! Verifies exported claims where only WebAssembly runs: a browser, Node.js, a database.
//!
//! A host allocates a buffer for each file with [`medveil_alloc`], writes into the module's memory,
//! calls [`medveil_verify`] and reads JSON from the pointer that it gives, [`medveil_len`] bytes of
//! it. Every pointer is given back with [`medveil_free`]. `scripts/verify-bundle.mjs` is such a host.
//!
//! Buffers are found by their address and never dereferenced: a wrong pointer is an error in the
//! answer. The only `unsafe` here is that exports keep their names.
#![allow(unsafe_code)] // `#[unsafe(no_mangle)]`, nothing else

use medveil_bundle::trust::Trust;
use medveil_bundle::{Bundle, Report, error_chain, verify};
use serde_json::{Value, json};
use std::error::Error;
use std::sync::{Mutex, PoisonError};

static BUFFERS: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());

fn buffers<T>(work: impl FnOnce(&mut Vec<Box<[u8]>>) -> T) -> T {
    work(&mut BUFFERS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn keep(bytes: Box<[u8]>) -> *const u8 {
    let address = bytes.as_ptr();
    buffers(|all| all.push(bytes));
    address
}

fn copy(address: *const u8) -> Option<Vec<u8>> {
    buffers(|all| {
        all.iter()
            .find(|b| b.as_ptr() == address)
            .map(|b| b.to_vec())
    })
}

/// A buffer of `len` zeros for the host to fill; at least one byte.
#[unsafe(no_mangle)]
pub extern "C" fn medveil_alloc(len: usize) -> *const u8 {
    keep(vec![0; len.max(1)].into_boxed_slice())
}

/// How long a buffer is; 0 where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn medveil_len(address: *const u8) -> usize {
    buffers(|all| {
        all.iter()
            .find(|b| b.as_ptr() == address)
            .map_or(0, |b| b.len())
    })
}

/// Gives a buffer back.
#[unsafe(no_mangle)]
pub extern "C" fn medveil_free(address: *const u8) {
    buffers(|all| all.retain(|b| b.as_ptr() != address));
}

/// Verifies the bundle in one buffer under the trust file in another, or, where `trust_len` is 0,
/// under its own copy. Gives a buffer with JSON: `ok`, and what was proven or `error`.
#[unsafe(no_mangle)]
pub extern "C" fn medveil_verify(
    bundle: *const u8,
    bundle_len: usize,
    trust: *const u8,
    trust_len: usize,
) -> *const u8 {
    let answer = text(bundle, bundle_len)
        .and_then(|bundle| match trust_len {
            0 => verify_to_json(&bundle, None),
            _ => verify_to_json(&bundle, Some(&text(trust, trust_len)?)),
        })
        .unwrap_or_else(|error| json!({"ok": false, "error": error_chain(error.as_ref())}));
    keep(answer.to_string().into_bytes().into_boxed_slice())
}

fn text(address: *const u8, len: usize) -> Result<String, Box<dyn Error>> {
    let mut bytes = copy(address).ok_or("expected an address that medveil_alloc gave")?;
    bytes.truncate(len);
    Ok(String::from_utf8(bytes)?)
}

fn verify_to_json(bundle: &str, trust: Option<&str>) -> Result<Value, Box<dyn Error>> {
    let bundle = Bundle::from_json(bundle)?;
    let trust = trust.map(Trust::from_json).transpose()?;
    Ok(report_to_json(&verify(&bundle, trust.as_ref())?))
}

fn report_to_json(report: &Report) -> Value {
    json!({
        "ok": true,
        "anchored": report.anchored,
        "consortium": report.consortium,
        "trust_fingerprint": report.fingerprint.to_string(),
        "holder": report.dataset.holder.to_string(),
        "query": report.terms.query,
        "k": report.terms.k,
        "proofs": report.proofs,
        "insecure_keys": report.keys.iter().any(|key| key.insecure),
    })
}
