//! Values of cells: exact digits, and the days of both calendars.

use super::*;
use calamine::ExcelDateTimeType;

fn words(scalar: Result<Scalar, &'static str>) -> String {
    match scalar {
        Ok(Scalar::Null) => "-".to_owned(),
        Ok(Scalar::Text(t)) => format!("text {t}"),
        Ok(Scalar::Number(n)) => format!("number {n}"),
        Ok(Scalar::Bool(b)) => format!("bool {b}"),
        Ok(Scalar::Date(d)) => format!("date {d}"),
        Ok(Scalar::Time(t)) => format!("time {t}"),
        Ok(Scalar::Error(_)) => "error".to_owned(),
        Err(what) => format!("refused {what}"),
    }
}

fn moment(days: f64, mac: bool) -> String {
    let kind = ExcelDateTimeType::DateTime;
    words(Value::Moment(ExcelDateTime::new(days, kind, mac)).scalar(mac))
}

#[test]
fn numbers_are_plain_digits() {
    for (number, digits) in [
        (0.1, "0.1"),
        (-0.0, "0"),
        (7.0, "7"),
        (-12.5, "-12.5"),
        (999_999_999_999_999.0, "999999999999999"),
        (1e-7, "0.0000001"),
        (-123_456_789_012.5, "-123456789012.5"),
        (0.1 + 0.2, "0.30000000000000004"),
    ] {
        assert_eq!(
            words(Value::Float(number).scalar(false)),
            format!("number {digits}")
        );
    }
    let tiny = decimal(5e-324).unwrap();
    assert!(!tiny.contains('e') && tiny.parse::<f64>() == Ok(5e-324));
    for number in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e15,
        -1e15,
        9.91214e15,
    ] {
        assert!(words(Value::Float(number).scalar(false)).starts_with("refused"));
    }
    assert_eq!(words(Value::Integer(-5).scalar(false)), "number -5");
}

#[test]
fn days_of_both_calendars() {
    for (days, mac, expected) in [
        (1.0, false, "date 1900-01-01"),
        (59.0, false, "date 1900-02-28"),
        (61.0, false, "date 1900-03-01"),
        (36526.0, false, "date 2000-01-01"),
        (46053.0, false, "date 2026-01-31"),
        (45351.0, false, "date 2024-02-29"),
        (2_958_465.0, false, "date 9999-12-31"),
        (44591.0, true, "date 2026-01-31"),
        (1.0, true, "date 1904-01-02"),
        (46053.4375, false, "time 2026-01-31T10:30:00"),
        (46_053.437_673_611_11, false, "time 2026-01-31T10:30:15"),
        (46_053.000_000_011_57, false, "time 2026-01-31T00:00:00.001"),
        (0.4375, false, "text 10:30:00"),
    ] {
        assert_eq!(moment(days, mac), expected, "{days} {mac}");
    }
    for (days, mac) in [
        (0.0, false),
        (60.0, false),
        (60.5, false),
        (-1.0, false),
        (2_958_466.0, false),
        (2_957_004.0, true),
        (0.5, true),
        (1e300, false),
        (f64::NAN, false),
    ] {
        assert!(moment(days, mac).starts_with("refused"), "{days} {mac}");
    }
    // Every day follows the one before it.
    let all: Vec<String> = (-25_567..100_000).map(civil).collect();
    assert!(
        all.windows(2)
            .all(|pair| pair[0] < pair[1] && real(&pair[1]))
    );
}

#[test]
fn durations_and_words_of_iso() {
    let kind = ExcelDateTimeType::TimeDelta;
    let long = Value::Moment(ExcelDateTime::new(1.104_166_666_666_666_7, kind, false));
    assert_eq!(words(long.scalar(false)), "text PT26H30M00S");
    for (text, expected) in [
        ("2026-01-31", "date 2026-01-31"),
        ("2026-01-31T10:00:00", "time 2026-01-31T10:00:00"),
        ("2026-01-31T10:00:00.5Z", "time 2026-01-31T10:00:00.5Z"),
        (
            "2024-02-29T23:59:59+01:00",
            "time 2024-02-29T23:59:59+01:00",
        ),
    ] {
        assert_eq!(words(Value::Iso(text).scalar(false)), expected);
    }
    for text in [
        "",
        "T",
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-1-1",
        "31.01.2026",
        "2026-01-31T",
        "2026-01-31T25:00:00",
        "2026-01-31T10:00",
        "2026-01-31T10:00:00.",
        "2026-01-31T10:00:00+1",
        "10:00:00",
        "2026-01-31TZ",
        "2026-01-31T10:00:00ü",
    ] {
        assert!(
            words(Value::Iso(text).scalar(false)).starts_with("refused"),
            "{text}"
        );
    }
}
