//! What a claim says, as answers show it.

use super::sentence;
use medveil_circuits::query::Span;
use medveil_contract::call::{ClaimTerms, CountUnit};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// What is claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimedTerms {
    /// All of it as one sentence.
    pub sentence: String,
    /// The cohort expression.
    pub query: String,
    /// `rows` or `subjects`.
    #[schemars(with = "String")]
    pub unit: CountUnit,
    /// At least so many.
    pub k: u64,
}

impl From<&ClaimTerms> for ClaimedTerms {
    fn from(terms: &ClaimTerms) -> Self {
        ClaimedTerms {
            sentence: sentence(terms),
            query: terms.query.clone(),
            unit: terms.unit,
            k: terms.k,
        }
    }
}

/// The values of a column that the proofs allow.
#[derive(Serialize, JsonSchema)]
pub struct ProvenSpan {
    pub column: String,
    pub low: String,
    pub high: String,
    /// Width of the column.
    pub bits: u32,
    /// Whether the span has values that the schema does not allow.
    pub wider_than_schema: bool,
}

impl From<&Span> for ProvenSpan {
    fn from(span: &Span) -> Self {
        ProvenSpan {
            column: span.column.clone(),
            low: span.low.clone(),
            high: span.high.clone(),
            bits: span.bits,
            wider_than_schema: span.wider_than_schema,
        }
    }
}

/// Serialises spans as [`ProvenSpan`]s.
pub fn proven_spans<S: Serializer>(spans: &[Span], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(spans.iter().map(ProvenSpan::from))
}
