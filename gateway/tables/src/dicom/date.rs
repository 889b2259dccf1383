//! Dates (DA) and dates with times (DT), as the standard writes them.
//!
//! Source: DICOM PS3.5, table 6.2-1.

/// A DA text, `20260131`, as `2026-01-31`.
pub(super) fn date(text: &str) -> Result<String, &'static str> {
    if text.len() == 10 && text.bytes().filter(|&b| b == b'.').count() == 2 {
        return Err("expected a date as yyyymmdd, got one of the form yyyy.mm.dd of ACR-NEMA");
    }
    let mut rest = Digits(text);
    let date = rest.full_date().ok_or(DATE)?;
    rest.0.is_empty().then_some(date).ok_or(DATE)
}

/// A DT text, `20260131100000.5+0100`, as `2026-01-31T10:00:00.5+01:00`; shorter where it says
/// less: `2026`, `2026-01`, `2026-01-31`, `2026-01-31T10`, `2026-01-31T10:00`. An offset needs a
/// time of day.
pub(super) fn date_time(text: &str) -> Result<String, &'static str> {
    read_date_time(text).ok_or("expected a date with a time as yyyymmddhhmmss.ffffff+zzzz")
}

const DATE: &str = "expected a date as yyyymmdd";

fn read_date_time(text: &str) -> Option<String> {
    let (local, offset) = match text.find(['+', '-']) {
        Some(at) => (text.get(..at)?, offset(text.get(at..)?)?),
        None => (text, String::new()),
    };
    let mut rest = Digits(local);
    let mut out = match local.len() {
        4 | 6 => rest.part_date()?,
        _ => rest.full_date()?,
    };
    for (before, highest) in [('T', 23), (':', 59), (':', 60)] {
        if rest.0.is_empty() {
            // Behind a date alone an offset would read as a month or a day.
            let good = offset.is_empty() || before != 'T';
            return good.then(|| out + &offset);
        }
        out.push(before);
        out.push_str(rest.take(2, 0, highest)?.0);
    }
    if let Some(fraction) = rest.0.strip_prefix('.') {
        let good = (1..=6).contains(&fraction.len());
        if !good || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        out.push_str(rest.0);
        rest = Digits("");
    }
    rest.0.is_empty().then(|| out + &offset)
}

/// `+0100` as `+01:00`, between -12:00 and +14:00.
fn offset(text: &str) -> Option<String> {
    let (sign, mut rest) = (text.get(..1)?, Digits(text.get(1..)?));
    let (hours, h) = rest.take(2, 0, 14)?;
    let (minutes, m) = rest.take(2, 0, 59)?;
    let size = h * 60 + m;
    let good = match sign {
        "-" => size > 0 && size <= 12 * 60,
        _ => size <= 14 * 60,
    };
    (good && rest.0.is_empty()).then(|| format!("{sign}{hours}:{minutes}"))
}

struct Digits<'a>(&'a str);

impl<'a> Digits<'a> {
    /// The next digits as text and as a number between the bounds.
    fn take(&mut self, count: usize, lowest: u32, highest: u32) -> Option<(&'a str, u32)> {
        let (text, rest) = self.0.split_at_checked(count)?;
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let value = text.parse().ok()?;
        self.0 = rest;
        (lowest..=highest).contains(&value).then_some((text, value))
    }

    fn part_date(&mut self) -> Option<String> {
        let (year, _) = self.take(4, 1, 9999)?;
        if self.0.is_empty() {
            return Some(year.to_owned());
        }
        Some(format!("{year}-{}", self.take(2, 1, 12)?.0))
    }

    fn full_date(&mut self) -> Option<String> {
        let (year, y) = self.take(4, 1, 9999)?;
        let (month, m) = self.take(2, 1, 12)?;
        let leap = y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
        let days = match m {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let (day, _) = self.take(2, 1, days)?;
        Some(format!("{year}-{month}-{day}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert_eq!(date("20260131"), Ok("2026-01-31".to_owned()));
        assert_eq!(date("20240229"), Ok("2024-02-29".to_owned()));
        let bad = [
            "",
            "2026",
            "202601",
            "20260132",
            "20230229",
            "19000229",
            "00000101",
            "20261301",
            "2026-01-31",
            "2026013a",
            "202601311",
            "２０２６",
        ];
        for text in bad {
            assert!(date(text).is_err(), "{text}");
        }
        assert!(date("2026.01.31").is_err_and(|e| e.contains("ACR-NEMA")));
    }

    #[test]
    fn times_keep_precision_and_offset() {
        let check = |text: &str, expected: &str| {
            assert_eq!(date_time(text), Ok(expected.to_owned()), "{text}");
        };
        check("2026", "2026");
        check("202601", "2026-01");
        check("20260131", "2026-01-31");
        check("2026013110", "2026-01-31T10");
        check("202601311005", "2026-01-31T10:05");
        check("20260131100559", "2026-01-31T10:05:59");
        check("20260131100559.120", "2026-01-31T10:05:59.120");
        check(
            "20260131100559.123456+0130",
            "2026-01-31T10:05:59.123456+01:30",
        );
        check("2026013110-0500", "2026-01-31T10-05:00");
        check("202601311005+1400", "2026-01-31T10:05+14:00");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let bad = [
            "",
            "20",
            "20261",
            "2026013124",
            "202601311060",
            "20260131100561",
            "20260131100559.",
            "20260131100559.1234567",
            "2026013110.5",
            "2026013110-0000",
            "2026013110+1430",
            "2026013110-1230",
            "20260131-0500",
            "2026-0100",
            "2026013110+01",
            "2026013110+01000",
            "20260231",
            "+0100",
            "20260131T10",
        ];
        for text in bad {
            assert!(date_time(text).is_err(), "{text}");
        }
    }
}
