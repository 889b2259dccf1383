//! Which of two values comes first.

use super::number;
use crate::table::Scalar;
use std::cmp::Ordering;

/// The order of two values of one type; none where the source leaves it open, as between `2026` and
/// `2026-01`, or between times with different offsets.
pub(super) fn compare(one: &Scalar, other: &Scalar) -> Option<Ordering> {
    match (one, other) {
        (Scalar::Number(a), Scalar::Number(b)) => Some(number::compare(a, b)),
        (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
        (Scalar::Date(a), Scalar::Date(b)) if a.len() == b.len() => Some(a.cmp(b)),
        (Scalar::Time(a), Scalar::Time(b)) => {
            let ((a, x), (b, y)) = (offset(a), offset(b));
            let (a, b) = (seconds(a), seconds(b));
            (x == y && a.0.len() == b.0.len()).then(|| a.cmp(&b))
        }
        _ => None,
    }
}

/// The local time, and its offset or nothing.
fn offset(time: &str) -> (&str, &str) {
    let clock = time.find('T').unwrap_or(time.len());
    let at = time.get(clock..).and_then(|rest| rest.find(['+', '-']));
    time.split_at(at.map_or(time.len(), |at| clock + at))
}

/// The time to the second, and what is behind the point without zeros at the end.
fn seconds(time: &str) -> (&str, &str) {
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    (whole, fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_order_only_where_the_source_says_it() {
        let time = |text: &str| Scalar::Time(text.to_owned());
        let check = |a: &str, b: &str, expected| {
            assert_eq!(compare(&time(a), &time(b)), expected, "{a} {b}")
        };
        check(
            "2026-01-31T10:00:00",
            "2026-01-31T10:00:01",
            Some(Ordering::Less),
        );
        check(
            "2026-01-31T10:00:00.5",
            "2026-01-31T10:00:00.50",
            Some(Ordering::Equal),
        );
        check(
            "2026-01-31T10:00:00.05",
            "2026-01-31T10:00:00.1",
            Some(Ordering::Less),
        );
        check(
            "2026-01-31T10:00:00+01:00",
            "2026-01-31T10:00:00+02:00",
            None,
        );
        check(
            "2026-01-31T10:00:00+01:00",
            "2026-01-31T11:00:00+01:00",
            Some(Ordering::Less),
        );
        check("2026-01-31T10:00", "2026-01-31T10:00:00", None);
        check("2026", "2026-01", None);
        assert_eq!(
            compare(&time("2026"), &Scalar::Date("2026".to_owned())),
            None
        );
    }
}
