//! An error with its causes, as one line. An error's own words never hold those of its `source()`.

use std::error::Error;

/// An error and everything that stands behind it, as one line.
pub fn error_chain(error: &dyn Error) -> String {
    cut_error_chain(error, usize::MAX)
}

/// As [`error_chain`], with the words of each cause cut after `longest` characters.
pub fn cut_error_chain(error: &dyn Error, longest: usize) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        words = format!("{words}: {}", cut(inner.to_string(), longest));
        source = inner.source();
    }
    words
}

fn cut(text: String, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}... (cut)", &text[..at]),
        None => text,
    }
}
