//! A claim as a sentence: part of answers and of what people read.

use medveil_contract::call::{ClaimTerms, CountUnit};

/// A claim as a sentence. Its query is the text of the program that was proven: the judge refuses
/// every other.
pub fn sentence(terms: &ClaimTerms) -> String {
    let ClaimTerms { unit, k, query, .. } = terms;
    match unit {
        CountUnit::Subjects => format!("at least {k} subjects have `{query}`"),
        CountUnit::Rows => format!("at least {k} rows have `{query}`"),
    }
}
