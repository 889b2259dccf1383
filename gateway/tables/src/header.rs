//! Names of columns: unique to a person's eye, and printable.

use std::collections::HashMap;

/// Longest name in bytes.
const MAX_NAME: usize = 1024;

/// Checks the names of a header row; each comes with the words for its place, as `column 3`. A
/// refusal names places only: a file without a header row has values there.
///
/// **Errors**: what was expected and what to do.
pub(crate) fn check<'a>(names: impl IntoIterator<Item = (&'a str, String)>) -> Result<(), String> {
    let mut seen: HashMap<String, String> = HashMap::new();
    for (name, place) in names {
        if name.trim().is_empty() {
            return Err(format!("header, {place}: expected a name, got none"));
        }
        if name.len() > MAX_NAME {
            return Err(format!(
                "header, {place}: expected a name of at most {MAX_NAME} bytes"
            ));
        }
        if name.chars().any(|c| c.is_control() || invisible(c)) {
            return Err(format!(
                "header, {place}: expected a name without control or invisible characters"
            ));
        }
        if let Some(first) = seen.insert(name.trim().to_lowercase(), place.clone()) {
            return Err(format!(
                "header, {first} and {place}: expected two names that differ in more than case and \
                 blanks: rename one"
            ));
        }
    }
    Ok(())
}

/// Marks that no eye sees: zero-width characters, and those that turn the direction of writing.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
