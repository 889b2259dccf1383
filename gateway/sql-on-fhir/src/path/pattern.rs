//! Regular expressions, bounded: matching takes time in proportion to the text, and a pattern only
//! as much memory as is said here.

use regex::{Regex, RegexBuilder};

/// Memory of one compiled pattern in bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// A regular expression of bounded size. A dot matches every character, as FHIRPath asks.
pub(crate) fn pattern(text: &str) -> Option<Regex> {
    let mut builder = RegexBuilder::new(text);
    builder
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_SIZE);
    builder.dot_matches_new_line(true).build().ok()
}
