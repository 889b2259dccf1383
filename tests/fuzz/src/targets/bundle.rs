//! Trust files and bundles of claims, and the check of a bundle under its own trust.

use crate::target::{Form, Reading, Target, text};
use medveil_bundle::trust::Trust;
use medveil_bundle::{Bundle, verify};

pub(super) const TARGETS: &[Target] = &[
    Target::new("trust", Form::Json, trust).with_words(WORDS),
    Target::new("bundle", Form::Json, bundle).with_words(WORDS),
];

const WORDS: &[&str] = &[
    "medveil-trust-1",
    "medveil-bundle-1",
    "majority",
    "embedded",
    "fabric",
    "circuits",
    "roots",
    "-----BEGIN CERTIFICATE-----",
    "registration-16/v2",
];

/// A file may end in one new line; otherwise it has one form.
fn is_one_form(input: &str, encoded: &str) {
    let input = input.strip_suffix('\n').unwrap_or(input);
    assert_eq!(input, encoded, "it encodes to the same text");
}

fn trust(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match Trust::from_json(text) {
        Ok(trust) => {
            is_one_form(text, &trust.to_json());
            let _ = (trust.fingerprint(), trust.consortium_id(), trust.channel());
            Reading::of(trust.msps())
        }
        Err(error) => Reading::refused(error),
    }
}

/// What is read is also verified, under its own trust and under another.
fn bundle(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match Bundle::from_json(text) {
        Ok(bundle) => {
            is_one_form(text, &bundle.to_json());
            let given = Trust::from_json(&bundle.trust.to_json()).expect("its trust was read");
            let own = verify(&bundle, None).map(|report| report.proofs);
            let other = verify(&bundle, Some(&given)).map(|report| report.proofs);
            assert_eq!(
                own.is_ok(),
                other.is_ok(),
                "the same trust comes to the same end"
            );
            Reading::of(own)
        }
        Err(error) => Reading::refused(error),
    }
}
