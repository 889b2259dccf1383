//! Dates of every precision and order, ages, and what is no date.

use super::*;
use proptest::prelude::*;

fn day(text: &str, order: Order, partial: Partial) -> Result<String, DateError> {
    parse(text, order, partial).map(|when| print(when.day).unwrap())
}

#[test]
fn iso_dates_of_every_precision() {
    for (text, first, middle) in [
        ("2009", "2009-01-01", "2009-07-01"),
        ("2009-03", "2009-03-01", "2009-03-15"),
        ("2009-03-20", "2009-03-20", "2009-03-20"),
    ] {
        assert_eq!(day(text, Order::Iso, Partial::First).unwrap(), first);
        assert_eq!(day(text, Order::Iso, Partial::Middle).unwrap(), middle);
    }
    assert_eq!(
        day("2009-03", Order::Iso, Partial::Drop),
        Err(DateError::Partial)
    );
    assert_eq!(
        day("2009", Order::Iso, Partial::Drop),
        Err(DateError::Partial)
    );
    assert_eq!(
        day("2009-03-20", Order::Iso, Partial::Drop).unwrap(),
        "2009-03-20"
    );
    assert_eq!(
        parse("1970-01-01", Order::Iso, Partial::Drop).unwrap(),
        When {
            second: 0,
            day: 0,
            completed: false,
            clock: Clock::Day,
        }
    );
    assert_eq!(
        parse("1969-12-31", Order::Iso, Partial::Drop).unwrap().day,
        -1
    );
    assert_eq!(
        parse("1900-02-28", Order::Iso, Partial::Drop).unwrap().day,
        -25_509
    );
}

#[test]
fn b7_an_age_needs_no_day_where_every_day_gives_the_same() {
    let on = |text| parse(text, Order::Iso, Partial::Drop).unwrap().day;
    let check =
        |born, day, expected| assert_eq!(sure_age(born, Order::Iso, on(day)), expected, "{born}");
    check("1970", "2025-12-31", Some(55));
    check("1970", "2026-01-01", None);
    check("1970", "1970-12-31", Some(0));
    check("1970", "1970-12-30", None);
    check("1970-06", "2025-06-30", Some(55));
    check("1970-06", "2025-06-29", None);
    check("1970-06", "2025-05-31", Some(54));
    check("1970-02", "2024-02-28", Some(54));
    check("1970-13", "2025-12-31", None);
    check("70", "2025-12-31", None);
}

#[test]
fn zones_order_but_never_move_the_day() {
    let late = parse("2009-07-16T23:30:00-04:00", Order::Iso, Partial::Drop).unwrap();
    let early = parse("2009-07-17T01:00:00Z", Order::Iso, Partial::Drop).unwrap();
    assert_eq!(
        (
            print(late.day).unwrap().as_str(),
            print(early.day).unwrap().as_str()
        ),
        ("2009-07-16", "2009-07-17")
    );
    assert!(early < late);
    assert_eq!(
        parse("2009-07-16T12:18:29.942-04:00", Order::Iso, Partial::Drop)
            .unwrap()
            .second
            % 86_400,
        16 * 3600 + 18 * 60 + 29
    );
    assert!(parse("2009-07-16 12:18", Order::Iso, Partial::Drop).is_ok());
}

#[test]
fn other_orders() {
    for text in ["23.11.2026", "23/11/2026", "23-11-2026"] {
        assert_eq!(
            day(text, Order::DayMonthYear, Partial::Drop).unwrap(),
            "2026-11-23"
        );
        assert!(day(text, Order::MonthDayYear, Partial::Drop).is_err());
    }
    assert_eq!(
        day("2/9/2026", Order::MonthDayYear, Partial::Drop).unwrap(),
        "2026-02-09"
    );
}

#[test]
fn b7_dates_without_a_day_stand_beside_whole_ones_in_every_order() {
    for order in [Order::DayMonthYear, Order::MonthDayYear] {
        for (text, first, middle) in [
            ("2009", "2009-01-01", "2009-07-01"),
            ("03.2009", "2009-03-01", "2009-03-15"),
            ("3/2009", "2009-03-01", "2009-03-15"),
            ("03-03-2009 10:30", "2009-03-03", "2009-03-03"),
        ] {
            assert_eq!(day(text, order, Partial::First).unwrap(), first, "{text}");
            assert_eq!(day(text, order, Partial::Middle).unwrap(), middle, "{text}");
        }
        assert_eq!(
            day("03.2009", order, Partial::Drop),
            Err(DateError::Partial)
        );
        for bad in [
            "13.2009",
            "2009.03",
            "3.09",
            "03.2009 10:30",
            "1.2.3.2009",
            "209",
        ] {
            assert_eq!(
                day(bad, order, Partial::First),
                Err(DateError::Form),
                "{bad}"
            );
        }
    }
}

#[test]
fn b7_a_date_without_a_day_has_a_first_and_a_last_moment() {
    let check = |text: &str, order, expected: (&str, &str)| {
        let of = |first| print(bound(text, order, first).unwrap().day).unwrap();
        assert_eq!((of(true).as_str(), of(false).as_str()), expected, "{text}");
    };
    check("2009", Order::Iso, ("2009-01-01", "2009-12-31"));
    check("2009-02", Order::Iso, ("2009-02-01", "2009-02-28"));
    check("2008", Order::DayMonthYear, ("2008-01-01", "2008-12-31"));
    check("02/2008", Order::MonthDayYear, ("2008-02-01", "2008-02-29"));
    assert!(bound("yesterday", Order::Iso, false).is_none());
}

#[test]
fn b7_refuses_what_is_no_date() {
    for bad in [
        "",
        "2026-13",
        "2026-02-30",
        "2026-00-10",
        "26-01-01",
        "2026-1-1",
        "20260101",
        "2026-01-01-01",
        "2026-01-01T",
        "2026-01T10:00",
        "2026-01-01T25:00",
        "2026-01-01T10",
        "2026-01-01T10:00:00+1:00",
        "2026-01-01T10:00:00.",
        "2026-01-01Z",
        "0000-01-01",
        "２０２６-01-01",
        "yesterday",
    ] {
        assert_eq!(
            day(bad, Order::Iso, Partial::Middle),
            Err(DateError::Form),
            "{bad}"
        );
    }
    assert_eq!(day("x", Order::Iso, Partial::Drop), Err(DateError::Form));
}

#[test]
fn ages_count_whole_years() {
    let d = |text: &str| parse(text, Order::Iso, Partial::Drop).unwrap().day;
    assert_eq!(whole_years(d("1980-06-15"), d("2026-06-14")), Some(45));
    assert_eq!(whole_years(d("1980-06-15"), d("2026-06-15")), Some(46));
    assert_eq!(whole_years(d("2000-02-29"), d("2001-02-28")), Some(0));
    assert_eq!(whole_years(d("2026-06-15"), d("2026-06-14")), None);
}

proptest! {
    #[test]
    fn b7_random_text_never_panics(text in "[0-9T:.+Z /-]{0,45}", other in ".{0,20}") {
        for order in [Order::Iso, Order::DayMonthYear, Order::MonthDayYear] {
            let _ = (parse(&text, order, Partial::Middle), parse(&other, order, Partial::First));
        }
    }

    #[test]
    fn days_round_trip(n in -700_000i32..2_900_000) {
        let text = print(n).unwrap();
        prop_assert_eq!(parse(&text, Order::Iso, Partial::Drop).unwrap().day, n);
    }
}
