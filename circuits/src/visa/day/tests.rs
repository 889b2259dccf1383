use super::*;

#[test]
fn dates_and_days_agree() {
    assert_eq!(parse("1970-01-02"), Some(Day(1)));
    assert_eq!(parse("2000-02-29"), Some(Day(11016)));
    assert_eq!(parse("2026-11-23"), Some(Day(20780)));
    for day in (1..1_000_000).step_by(997) {
        assert_eq!(parse(&to_text(Day(day))), Some(Day(day)));
    }
    for text in [
        "1970-01-01",
        "2025-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-1-01",
        "26-01-01",
        "2026-01-32",
        "9999-01-01",
        "2026/01/01",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}
