//! Types and bounds of proposed columns.

use super::profile::Profile;
use serde_json::{Map, Value, json};

/// Words of flags that people write: TRUE, then FALSE.
const FLAGS: [[&str; 2]; 9] = [
    ["true", "false"],
    ["yes", "no"],
    ["y", "n"],
    ["ja", "nein"],
    ["j", "n"],
    ["oui", "non"],
    ["t", "f"],
    ["1", "0"],
    ["x", "-"],
];
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A flag, where all texts are a known pair of words.
pub(super) fn flag(profile: &Profile) -> Option<Map<String, Value>> {
    let distinct = profile.distinct.as_ref()?;
    // A number that its source has as a number is one.
    if profile.numbers > 0 {
        return None;
    }
    if profile.bools == profile.n {
        return Some(object(json!({ "type": "flag" })));
    }
    if distinct.is_empty() || distinct.len() > 2 {
        return None;
    }
    let is_of = |pair: &&[&str; 2]| {
        distinct
            .keys()
            .all(|text| pair.iter().any(|word| text.eq_ignore_ascii_case(word)))
    };
    let pair = FLAGS.iter().find(is_of)?;
    let forms = |word: &str| {
        distinct
            .keys()
            .filter(|t| t.eq_ignore_ascii_case(word))
            .count()
    };
    // One short word alone is no pair: everybody's sex may be `F`. Two forms of one word are none.
    let is_short = pair[0].len() < 2;
    if (distinct.len() == 1 && is_short) || forms(pair[0]) > 1 || forms(pair[1]) > 1 {
        return None;
    }
    let own = |word: &str| {
        let found = distinct.keys().find(|text| text.eq_ignore_ascii_case(word));
        found.map_or_else(|| word.to_owned(), Clone::clone)
    };
    let (yes, no) = (own(pair[0]), own(pair[1]));
    if pair[0] == "true" {
        return Some(object(json!({ "type": "flag" })));
    }
    Some(object(
        json!({ "type": "flag", "source": { "true": yes, "false": no } }),
    ))
}

/// Round numbers around a range in thousandths, so that a bound tells of nobody.
pub(super) fn bounds((low, high): (i64, i64)) -> (i64, i64) {
    let up = |value: i64| {
        let value = value.div_euclid(1000) + i64::from(value.rem_euclid(1000) > 0);
        let mut step = 1i64;
        loop {
            for factor in [1, 2, 5] {
                if factor * step >= value {
                    return factor * step;
                }
            }
            match step.checked_mul(10) {
                Some(next) => step = next,
                None => return i64::MAX / 1000,
            }
        }
    };
    let low = if low >= 0 { 0 } else { -up(-low) };
    (low, up(high.max(1)))
}
