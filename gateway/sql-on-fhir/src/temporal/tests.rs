//! Partial precision, offsets, boundaries and arithmetic of dates.

use super::*;
use crate::decimal::Decimal;

fn at(text: &str) -> Temporal {
    let time = text.strip_prefix('T').map(Temporal::parse_time);
    time.unwrap_or_else(|| Temporal::parse(text)).unwrap()
}

fn order(left: &str, right: &str) -> Option<Ordering> {
    at(left).compare(&at(right))
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "0000",
        "20",
        "2020-13",
        "2020-02-30",
        "2021-02-29",
        "2020-1-1",
        "2020-01-01T24",
        "2020-01T10",
        "2020-01-01T10:00:00+15:00",
        "2020-01-01T10:00:00+1",
        "2020-01-01 ",
        "é020",
        "2020-01-01T10:00:00.1234567890",
        "2020-01-01T10:00:00.",
    ] {
        assert!(Temporal::parse(text).is_none(), "{text}");
    }
    assert!(Temporal::parse("2020-02-29T23:59:60Z").is_some());
    assert!(Temporal::parse_time("25:00").is_none());
}

#[test]
fn texts_are_written_as_they_were() {
    for text in [
        "2020",
        "2020-03",
        "2020-03-04",
        "2020-03-04T10:00:00.050+01:30",
    ] {
        assert_eq!(at(text).to_string(), text);
    }
    assert_eq!(at("T10:30").to_string(), "10:30");
}

#[test]
fn unequal_precision_has_no_answer_where_it_matters() {
    assert_eq!(order("2020", "2020-05"), None);
    assert_eq!(order("2020", "2021-05"), Some(Ordering::Less));
    assert_eq!(order("2020-05-01", "2020-05-01T10:00:00Z"), None);
    assert_eq!(order("T10", "T10:30"), None);
    assert_eq!(order("T10:00:00", "T10:00:00.000"), Some(Ordering::Equal));
}

#[test]
fn offsets_are_moments_and_a_missing_one_is_uncertain() {
    let utc = "2020-01-01T23:30:00Z";
    assert_eq!(
        order(utc, "2020-01-02T01:30:00+02:00"),
        Some(Ordering::Equal)
    );
    assert_eq!(order(utc, "2020-01-01T20:00:00"), None);
    assert_eq!(order(utc, "2020-01-05T00:00:00"), Some(Ordering::Less));
    assert_eq!(order("2020-01-05T00:00:00", utc), Some(Ordering::Greater));
}

#[test]
fn boundaries() {
    let check = |text: &str, low: &str, high: &str| {
        assert_eq!(at(text).boundary(true).to_string(), low);
        assert_eq!(at(text).boundary(false).to_string(), high);
    };
    check("2020-02", "2020-02-01", "2020-02-29");
    check("2020", "2020-01-01", "2020-12-31");
    check("T12:34", "12:34:00.000", "12:34:59.999");
    check("T12:34:00.5", "12:34:00.500", "12:34:00.599");
    check(
        "2020-01-01T10:00:00Z",
        "2020-01-01T10:00:00.000Z",
        "2020-01-01T10:00:00.999Z",
    );
    assert_eq!(
        at("2020").as_date_time().boundary(false).to_string(),
        "2020-12-31T23:59:59.999-12:00"
    );
}

#[test]
fn moving() {
    let check = |text: &str, amount: i128, unit: Unit, expected: &str| {
        let moved = at(text).moved(Decimal::integer(amount), unit).unwrap();
        assert_eq!(moved.to_string(), expected);
    };
    check("2020-01-31", 1, Unit::Month, "2020-02-29");
    check("2020-02-29", -1, Unit::Year, "2019-02-28");
    check("2019-12-31", 1, Unit::Day, "2020-01-01");
    check("2020-03-01", -1, Unit::Day, "2020-02-29");
    check("2014", 24, Unit::Month, "2016");
    check(
        "2020-01-01T23:30:00Z",
        90,
        Unit::Minute,
        "2020-01-02T01:00:00Z",
    );
    check("T23:30", 1, Unit::Hour, "00:30");
    assert!(
        at("9999-12-31")
            .moved(Decimal::integer(1), Unit::Day)
            .is_none()
    );
    assert!(at("T10").moved(Decimal::integer(1), Unit::Month).is_none());
}
