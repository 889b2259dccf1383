//! Names of columns: unique to a person's eye, and printable.

use medveil_text::has_hidden;
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
        if has_hidden(&with_common_blanks(name)) {
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

/// The name with the common blank for each of another width: an eye sees them, and spreadsheets put
/// them in.
fn with_common_blanks(name: &str) -> String {
    let is_blank =
        |c: char| c.is_whitespace() && !c.is_control() && !('\u{2028}'..='\u{2029}').contains(&c);
    name.chars()
        .map(|c| if is_blank(c) { ' ' } else { c })
        .collect()
}
