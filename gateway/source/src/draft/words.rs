//! Words of a column's source that its texts need.

use super::profile::Profile;
use serde_json::{Map, Value, json};

/// The signs of its numbers, where they are not the usual ones.
pub(super) fn with_signs(
    mut column: Map<String, Value>,
    profile: &Profile,
    (decimal, thousands): (char, Option<char>),
    evidence: &mut Vec<String>,
) -> Map<String, Value> {
    let (name, seen) = (&profile.name, profile.number);
    if decimal == ',' {
        column = with_word(column, "decimal", json!("comma"));
        evidence.push(format!(
            "{name}: a decimal comma, by {} numbers",
            seen.comma + seen.points_between
        ));
    }
    if let Some(sign) = thousands {
        let (word, article) = match sign {
            '.' => ("point", "a"),
            ',' => ("comma", "a"),
            '\'' => ("apostrophe", "an"),
            _ => ("space", "a"),
        };
        column = with_word(column, "thousands", json!(word));
        evidence.push(format!("{name}: {article} {word} stands between thousands"));
    }
    column
}

/// `+5`, `1e5` and percent, where there are such.
pub(super) fn with_numbers(
    column: Map<String, Value>,
    profile: &Profile,
    evidence: &mut Vec<String>,
) -> Map<String, Value> {
    let seen = profile.number;
    let mut words = Vec::new();
    if profile.texts > 0 {
        let found = [
            (seen.plus, "plus"),
            (seen.exponent, "exponent"),
            (seen.percent, "percent"),
        ];
        for (n, word) in found.into_iter().filter(|(n, _)| *n > 0) {
            words.push(word);
            evidence.push(format!("{}: {n} numbers with {word}", profile.name));
        }
    }
    match words.is_empty() {
        true => column,
        false => with_word(column, "numbers", json!(words.join("; "))),
    }
}

/// Words that stand for "no value" among the column's own values.
pub(super) fn with_nulls(
    column: Map<String, Value>,
    profile: &Profile,
    evidence: &mut Vec<String>,
) -> Map<String, Value> {
    let words: Vec<&str> = profile.null_words.keys().map(String::as_str).collect();
    if words.is_empty() {
        return with_errors(column, profile);
    }
    let n: u64 = profile.null_words.values().sum();
    let list = words.join(", ");
    evidence.push(format!(
        "{}: {n} times {list}, taken for \"no value\"",
        profile.name
    ));
    let errors = profile.error_words.keys().map(String::as_str);
    let all: Vec<&str> = words.iter().copied().chain(errors).collect();
    with_word(column, "null", json!(all.join("; ")))
}

fn with_errors(column: Map<String, Value>, profile: &Profile) -> Map<String, Value> {
    let words: Vec<&str> = profile.error_words.keys().map(String::as_str).collect();
    match words.is_empty() {
        true => column,
        false => with_word(column, "null", json!(words.join("; "))),
    }
}

/// A column with a word of its source.
pub(super) fn with_word(
    mut column: Map<String, Value>,
    word: &str,
    value: Value,
) -> Map<String, Value> {
    let source = column.entry("source").or_insert_with(|| json!({}));
    if let Some(source) = source.as_object_mut() {
        source.insert(word.to_owned(), value);
    }
    column
}
