//! How the dates of a column are written, by evidence.

use crate::date::{self, Order, Partial};

/// How often a form fits, and what tells day from month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DateEvidence {
    pub iso: u64,
    /// Three numbers, the year last.
    pub year_last: u64,
    /// Values over 12 in the first, in the second place.
    pub day_first: u64,
    pub day_second: u64,
    pub other: u64,
    /// Of the others, those with a month or a year and no day.
    pub partial: u64,
    /// First and last year.
    pub years: Option<(i32, i32)>,
}

impl DateEvidence {
    pub fn take(&mut self, text: &str) {
        if date::parse(text, Order::Iso, Partial::Drop).is_ok() {
            self.iso += 1;
            return self.year(text.get(..4));
        }
        let clock = text.split(['T', ' ']).next().unwrap_or(text);
        let parts: Vec<&str> = clock.split(['.', '/', '-']).collect();
        let [first, second, year] = parts.as_slice() else {
            let is_partial = |order| date::parse(text, order, Partial::First).is_ok();
            let orders = [Order::Iso, Order::DayMonthYear];
            self.partial += u64::from(orders.into_iter().any(is_partial));
            self.other += 1;
            return;
        };
        let (dmy, mdy) = (
            date::parse(text, Order::DayMonthYear, Partial::Drop).is_ok(),
            date::parse(text, Order::MonthDayYear, Partial::Drop).is_ok(),
        );
        if !dmy && !mdy {
            self.other += 1;
            return;
        }
        let over = |part: &str| part.parse::<u32>().is_ok_and(|n| n > 12);
        self.year_last += 1;
        self.day_first += u64::from(over(first));
        self.day_second += u64::from(over(second));
        self.year(Some(year));
    }

    fn year(&mut self, text: Option<&str>) {
        let Some(year) = text.and_then(|text| text.parse::<i32>().ok()) else {
            return;
        };
        let (low, high) = self.years.unwrap_or((year, year));
        self.years = Some((low.min(year), high.max(year)));
    }
}
