//! For the tests: columns of a schema, and errors in words.

use medveil_circuits::schema::{Column, ColumnType, RowRule};

/// A column of a schema with these sources.
pub(crate) fn schema_column(
    name: &str,
    kind: ColumnType,
    rule: RowRule,
    source: &[(&str, &str)],
) -> Column {
    let text = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Column {
        name: name.to_owned(),
        kind,
        rule,
        source: source.iter().map(text).collect(),
        group: None,
        inclusion_criterion: false,
        identifier: false,
        quasi_identifier: false,
    }
}

/// An error with its sources.
pub(crate) fn words(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", words(source)));
    format!("{error}{}", source.unwrap_or_default())
}
