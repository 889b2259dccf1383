//! Samples of one time.

use schemars::JsonSchema;
use serde::Serialize;

/// Times of one thing, in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// How often it was done.
    pub samples: usize,
    /// The shortest.
    pub min: f64,
    /// A quarter is not longer.
    pub lower: f64,
    /// Half of them are not longer.
    pub median: f64,
    /// Three quarters are not longer.
    pub upper: f64,
    /// The longest.
    pub max: f64,
}

impl Spread {
    /// Of samples; `None` of none.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Spread {
            samples: sorted.len(),
            min: *sorted.first()?,
            lower: at(&sorted, 0.25)?,
            median: at(&sorted, 0.5)?,
            upper: at(&sorted, 0.75)?,
            max: *sorted.last()?,
        })
    }

    /// All of it divided, such as by the number of proofs of a batch.
    pub fn over(&self, parts: usize) -> Self {
        let part = |ms: f64| ms / parts.max(1) as f64;
        Spread {
            samples: self.samples,
            min: part(self.min),
            lower: part(self.lower),
            median: part(self.median),
            upper: part(self.upper),
            max: part(self.max),
        }
    }
}

/// The value at a part of the way, between the two samples beside it.
fn at(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * (sorted.len().checked_sub(1)?) as f64;
    let (below, rest) = (*sorted.get(place as usize)?, place.fract());
    let above = sorted.get(place as usize + 1).copied().unwrap_or(below);
    Some(below + (above - below) * rest)
}
