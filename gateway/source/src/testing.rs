//! For the tests: errors in words.

/// An error with its sources.
pub(crate) fn words(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", words(source)));
    format!("{error}{}", source.unwrap_or_default())
}
