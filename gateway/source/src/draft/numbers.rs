//! How the numbers of a column are written, by evidence.

use crate::number::{self, is_form_of};

/// Which signs its numbers have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NumberEvidence {
    /// Digits alone, and how many of them are `0`.
    pub whole: u64,
    pub zero: u64,
    /// One point or comma that can only be a decimal sign, with the first row.
    pub point: u64,
    pub comma: u64,
    /// Points or commas that can only stand between thousands.
    pub points_between: u64,
    pub commas_between: u64,
    /// One point or comma before three digits: either.
    pub point_or_thousands: u64,
    pub comma_or_thousands: u64,
    /// How many of these two end in three zeros.
    pub zeros: u64,
    /// Digits with a zero in front.
    pub leading_zeros: u64,
    /// `1E5`: codes are written so, too.
    pub bare_exponents: u64,
    /// A letter with a few digits, and perhaps a point: `V12.1`, `E11.9`.
    pub lettered: u64,
    /// How digits after a point, and after a comma, end.
    pub endings: [Endings; 2],
    /// `+5`, `1e5`, `5 %`.
    pub plus: u64,
    pub exponent: u64,
    pub percent: u64,
    pub negative: u64,
    /// An apostrophe or a blank between thousands.
    pub apostrophes: u64,
    pub blanks_between: u64,
    /// `>90`, of those that are no number.
    pub bounds: u64,
    /// No number at all.
    pub other: u64,
    /// Most digits after a decimal sign.
    pub scale: u32,
}

/// How the digits after a sign end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Endings {
    /// Fewest and most digits.
    digits: Option<(usize, usize)>,
    /// How many end in a zero, and the most digits of such.
    zeros: (u64, usize),
}

impl Endings {
    fn take(&mut self, digits: &str) {
        let (n, (few, many)) = (digits.len(), self.digits.unwrap_or((usize::MAX, 0)));
        self.digits = Some((few.min(n), many.max(n)));
        if digits.ends_with('0') {
            self.zeros = (self.zeros.0 + 1, self.zeros.1.max(n));
        }
    }

    /// How many end in zeros, where neither all have as many digits, nor `.0` stands for whole numbers
    /// and only there, as programs print them: then two texts may be one number.
    fn uneven_zeros(&self, has_whole: bool) -> u64 {
        let (n, most) = self.zeros;
        let is_even = !has_whole
            && self
                .digits
                .is_some_and(|(few, many)| few == many || most == 1);
        if is_even { 0 } else { n }
    }
}

/// `V12.1`, `E11.9`, `I10`: a letter, at most three digits, and perhaps a point and more.
fn is_lettered(text: &str) -> bool {
    let mut chars = text.chars();
    let has_letter = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    let (whole, rest) = match chars.as_str().split_once('.') {
        Some((whole, rest)) => (whole, rest),
        None => (chars.as_str(), "0"),
    };
    has_letter && is_digits(whole) && whole.len() <= 3 && is_digits(rest)
}

/// What the texts of a column would lose as numbers.
pub(super) struct Lost {
    /// How many, and why.
    pub words: String,
    /// They may be numbers all the same, of no one form.
    pub may_be_numbers: bool,
}

/// The number without its apostrophes or blanks between thousands, as it is read under such a sign,
/// with the sign.
fn grouped(text: &str) -> Option<(char, String)> {
    let (whole, fraction) = text.split_at(text.find(['.', ',']).unwrap_or(text.len()));
    let mut signs = ['\'', ' '].into_iter();
    let sign = signs.find(|sign| whole.contains(|c| is_form_of(*sign, c)))?;
    let read = number::Signs {
        thousands: Some(sign),
        ..number::Signs::PLAIN
    };
    Some((sign, read.ungrouped(whole)? + fraction))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The signs of a column's numbers, as its own texts tell them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signs {
    Told {
        decimal: char,
        thousands: Option<char>,
    },
    /// A sign before three digits may be either.
    Open,
    /// Some numbers have a decimal comma, others a decimal point.
    Both,
}

impl NumberEvidence {
    /// Which signs the numbers have.
    pub fn told(&self) -> Signs {
        let is_comma = self.comma > 0 || self.points_between > 0;
        let is_point = self.point > 0 || self.commas_between > 0;
        let points = self.points_between + self.point_or_thousands;
        let commas = self.commas_between + self.comma_or_thousands;
        let either = self.point_or_thousands + self.comma_or_thousands;
        let told = |decimal, between, n| Signs::Told {
            decimal,
            thousands: (n > 0).then_some(between),
        };
        // One sign before three digits is a fraction, where another stands between thousands.
        let grouped = [(self.apostrophes, '\''), (self.blanks_between, ' ')];
        if let Some((n, sign)) = grouped.into_iter().find(|(n, _)| *n > 0) {
            return match (
                self.comma + self.comma_or_thousands,
                self.point + self.point_or_thousands,
            ) {
                (0, _) => told('.', sign, n),
                (_, 0) => told(',', sign, n),
                _ => Signs::Both,
            };
        }
        match (is_comma, is_point) {
            (true, true) => Signs::Both,
            (true, false) => told(',', '.', points),
            (false, true) => told('.', ',', commas),
            (false, false) if either == 0 => told('.', ',', 0),
            // Nobody measures so that three decimals are zeros every time.
            (false, false) if either >= 3 && self.zeros == either => {
                match (self.point_or_thousands, self.comma_or_thousands) {
                    (_, 0) => told(',', '.', either),
                    (0, _) => told('.', ',', either),
                    _ => Signs::Open,
                }
            }
            (false, false) => Signs::Open,
        }
    }

    pub fn take(&mut self, text: &str) {
        let mut text = text;
        if let Some(rest) = text.strip_prefix('-') {
            self.negative += 1;
            text = rest;
        }
        if let Some(rest) = text.strip_prefix('+') {
            self.plus += 1;
            text = rest;
        }
        if let Some(rest) = text.strip_suffix('%') {
            self.percent += 1;
            text = rest.trim_end();
        }
        if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if is_digits(digits) {
                self.exponent += 1;
                let is_bare = is_digits(mantissa) && exponent == digits;
                self.bare_exponents += u64::from(is_bare);
                text = mantissa;
            }
        }
        let joined = self.joined(text);
        self.signs(&joined);
    }

    /// The text without what stands between thousands, where it is no point and no comma.
    fn joined(&mut self, text: &str) -> String {
        let bound = text.trim_start_matches(['<', '>', '=', '\u{2264}', '\u{2265}']);
        let has_digit = bound.trim_start().starts_with(|c: char| c.is_ascii_digit());
        self.bounds += u64::from(bound.len() < text.len() && has_digit);
        let Some((sign, joined)) = grouped(text) else {
            return text.to_owned();
        };
        match sign {
            '\'' => self.apostrophes += 1,
            _ => self.blanks_between += 1,
        }
        joined
    }

    fn signs(&mut self, text: &str) {
        let parts: Vec<&str> = text.split(['.', ',']).collect();
        if !parts.iter().all(|part| is_digits(part)) {
            self.other += 1;
            self.lettered += u64::from(is_lettered(text));
            return;
        }
        let whole = parts.first().copied().unwrap_or_default();
        self.leading_zeros += u64::from(whole.len() > 1 && whole.starts_with('0'));
        let signs: Vec<char> = text.chars().filter(|c| matches!(c, '.' | ',')).collect();
        let (first, last) = (
            parts.first().map_or(0, |p| p.len()),
            parts.last().map_or(0, |p| p.len()),
        );
        let between = parts.len() > 2 && parts[1..parts.len() - 1].iter().all(|p| p.len() == 3);
        match signs.as_slice() {
            [] => {
                self.whole += 1;
                self.zero += u64::from(text == "0");
            }
            [sign] if last == 3 && (1..=3).contains(&first) && whole != "0" => {
                self.zeros += u64::from(parts.last() == Some(&"000"));
                self.ending(*sign, parts.last().copied().unwrap_or_default());
                match sign {
                    '.' => self.point_or_thousands += 1,
                    _ => self.comma_or_thousands += 1,
                }
            }
            [sign] => {
                self.ending(*sign, parts.last().copied().unwrap_or_default());
                self.decimal(*sign, last);
            }
            [own @ .., end] if between && (1..=3).contains(&first) => {
                let same = own.iter().all(|sign| Some(sign) == own.first());
                match (same, own.first() == Some(end)) {
                    (true, true) if last == 3 => self.between(*end),
                    (true, false) => {
                        self.between(own.first().copied().unwrap_or('.'));
                        self.decimal(*end, last);
                    }
                    _ => self.other += 1,
                }
            }
            _ => self.other += 1,
        }
    }

    fn ending(&mut self, sign: char, digits: &str) {
        self.endings[usize::from(sign == ',')].take(digits);
    }

    /// What its texts would lose as numbers: codes are written so.
    pub fn lost_as_numbers(&self) -> Option<Lost> {
        for (n, words) in [
            (self.leading_zeros, "begin with zeros, which numbers lose"),
            (self.bare_exponents, "have an E among digits, as codes do"),
            (self.lettered, "are a letter with digits, as codes are"),
        ] {
            if n > 0 {
                let words = format!("{n} {words}");
                return Some(Lost {
                    words,
                    may_be_numbers: false,
                });
            }
        }
        let n = self.uneven_zeros();
        (n > 0).then(|| Lost {
            words: format!("{n} end in zeros that others lack, which numbers lose"),
            may_be_numbers: true,
        })
    }

    /// How many end in zeros where others of the column lack them.
    fn uneven_zeros(&self) -> u64 {
        // Nobody writes a sign or a percent into a code.
        let is_measured = self.plus + self.percent + self.negative + self.exponent > 0;
        let endings = match self.told() {
            Signs::Told { decimal: '.', .. } if self.point > 0 => self.endings[0],
            Signs::Told { decimal: ',', .. } if self.comma > 0 => self.endings[1],
            _ => return 0,
        };
        match is_measured {
            true => 0,
            false => endings.uneven_zeros(self.whole > self.zero),
        }
    }

    fn decimal(&mut self, sign: char, digits: usize) {
        self.scale = self.scale.max(digits.min(18) as u32);
        match sign {
            '.' => self.point += 1,
            _ => self.comma += 1,
        }
    }

    fn between(&mut self, sign: char) {
        match sign {
            '.' => self.points_between += 1,
            _ => self.commas_between += 1,
        }
    }
}
