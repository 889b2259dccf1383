//! An error with its causes, as one line. An error's own words never hold those of its `source()`.

#[cfg(test)]
mod tests;

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
        let text = cut(inner.to_string(), longest);
        if let Some(more) = beyond(&words, &text) {
            words = format!("{words}: {more}");
        }
        source = inner.source();
    }
    words
}

/// What a cause adds to the words before it: the stage that both name is said once.
fn beyond<'a>(words: &str, text: &'a str) -> Option<&'a str> {
    let last = words.rsplit(": ").next().unwrap_or(words);
    match text.strip_prefix(last) {
        Some("") => None,
        Some(rest) => Some(rest.strip_prefix(": ").unwrap_or(text)),
        None => Some(text),
    }
}

fn cut(text: String, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}... (cut)", &text[..at]),
        None => text,
    }
}
