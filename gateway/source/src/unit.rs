//! Units of a column: those that its schema names, and those that the Unified Code for Units of
//! Measure (UCUM) relates to the first of them.
//!
//! A unit without a dimension, such as `%` or `mmol/mol`, converts only as the schema says: what it
//! is a part of is not in its code. Between amounts of substance and mass a named molar mass
//! stands.

use super::number;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Digits after the point of factors and offsets.
const DIGITS: u32 = 12;
/// Digits after the point of a value that is converted.
const VALUE_DIGITS: u32 = 9;

/// `value * factor + offset` turns this unit into the column's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    code: String,
    /// Times 10^`DIGITS`.
    factor: i128,
    /// Times 10^`DIGITS`.
    offset: i128,
    /// Whether the schema gave a factor.
    is_explicit: bool,
}

/// The units of a column.
#[derive(Clone, Debug)]
pub(crate) struct Units {
    listed: Vec<Unit>,
    /// Grams a mole, where the schema says so.
    molar_mass: Option<f64>,
    /// What UCUM said of other units.
    known: Arc<Mutex<BTreeMap<String, Option<Unit>>>>,
}

impl PartialEq for Units {
    fn eq(&self, other: &Self) -> bool {
        (&self.listed, self.molar_mass) == (&other.listed, other.molar_mass)
    }
}

impl Eq for Units {}

impl Unit {
    /// `code`, or `code*factor+offset`. None where it is neither.
    pub(crate) fn parse(text: &str) -> Option<Unit> {
        // `10*3/uL` is a code of UCUM.
        let is_factor = |(code, rest): (&str, &str)| {
            let factor = rest.split('+').next().unwrap_or_default();
            let plain = |b: u8| b.is_ascii_digit() || b == b'.';
            code != "10" && !factor.is_empty() && factor.bytes().all(plain)
        };
        let Some((code, sum)) = text.rsplit_once('*').filter(|parts| is_factor(*parts)) else {
            return Some(Unit {
                code: text.to_owned(),
                factor: 10i128.pow(DIGITS),
                offset: 0,
                is_explicit: false,
            });
        };
        let (factor, offset) = sum.split_once('+').unwrap_or((sum, "0"));
        let exact = |text: &str| {
            let number = number::scaled(text.trim(), DIGITS).filter(|n| n.exact)?;
            Some(i128::from(number.value))
        };
        Some(Unit {
            code: code.trim().to_owned(),
            factor: exact(factor)?,
            offset: exact(offset)?,
            is_explicit: true,
        })
    }

    /// Whether it is the column's own.
    pub(crate) fn is_own(&self) -> bool {
        self.factor == 10i128.pow(DIGITS) && self.offset == 0
    }

    /// A plain number in this unit as an integer of the column's scale, rounded half away from zero.
    pub(crate) fn convert(&self, plain: &str, scale: u32) -> Option<i64> {
        let value = number::scaled(plain, VALUE_DIGITS).filter(|n| n.exact)?;
        let value = i128::from(value.value);
        let offset = self.offset.checked_mul(10i128.pow(VALUE_DIGITS))?;
        let exact = value.checked_mul(self.factor)?.checked_add(offset)?;
        let power = 10i128.checked_pow((DIGITS + VALUE_DIGITS).checked_sub(scale)?)?;
        let rounded = (exact.abs().checked_add(power / 2)?) / power * exact.signum();
        i64::try_from(rounded).ok()
    }
}

impl Units {
    /// The first is the column's own.
    pub(crate) fn new(listed: Vec<Unit>, molar_mass: Option<f64>) -> Self {
        Units {
            listed,
            molar_mass,
            known: Arc::default(),
        }
    }

    /// Listed units that nothing relates to the column's own.
    pub(crate) fn unrelated(&self) -> Vec<&str> {
        let others = self.listed.iter().skip(1).filter(|unit| !unit.is_explicit);
        let codes = others.map(|unit| unit.code.as_str());
        codes.filter(|code| self.related(code).is_none()).collect()
    }

    /// A unit by its code.
    pub(crate) fn find(&self, code: &str) -> Option<Cow<'_, Unit>> {
        let mut listed = self.listed.iter().enumerate();
        let given =
            |(at, unit): &(usize, &Unit)| unit.code == code && (*at == 0 || unit.is_explicit);
        if let Some((_, unit)) = listed.find(given) {
            return Some(Cow::Borrowed(unit));
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let unit = known
            .entry(code.to_owned())
            .or_insert_with(|| self.related(code));
        unit.clone().map(Cow::Owned)
    }

    /// What UCUM says of a unit and the column's own.
    fn related(&self, code: &str) -> Option<Unit> {
        let own = self.listed.first().filter(|unit| unit.is_own())?;
        let (measured, wanted) = (Measured::of(code), Measured::of(&own.code));
        let factor = match self.molar_mass {
            _ if measured == wanted => factor(code, &own.code)?,
            Some(mass) if measured == wanted.clone().of_substance() => {
                factor(&format!("({code}).(g/mol)"), &own.code)? * mass
            }
            Some(mass) if measured.of_substance() == wanted => {
                factor(&format!("({code}).(mol/g)"), &own.code)? / mass
            }
            _ => return None,
        };
        // Twelve significant digits: more than any laboratory writes.
        let text = format!("{factor:.*}", DIGITS as usize);
        let scaled = number::scaled(&text, DIGITS)?;
        // A factor of few digits would not be the factor.
        let kept = scaled.value as f64 / 10f64.powi(DIGITS as i32);
        if (kept / factor - 1.0).abs() > 1e-11 {
            return None;
        }
        Some(Unit {
            code: code.to_owned(),
            factor: i128::from(scaled.value),
            offset: 0,
            is_explicit: false,
        })
    }
}

/// Units that UCUM makes equal, though they do not measure the same thing: equivalents and osmoles
/// are moles only of some substances, sieverts weigh grays, decays are no cycles.
const KINDS: [(&str, &str); 11] = [
    ("eq", "eq"),
    ("osm", "osm"),
    ("mol", "mol"),
    ("kat", "mol"),
    ("U", "mol"),
    ("Gy", "Gy"),
    ("RAD", "Gy"),
    ("Sv", "Sv"),
    ("REM", "Sv"),
    ("Bq", "Bq"),
    ("Ci", "Bq"),
];
/// Prefixes of UCUM.
const PREFIXES: [&str; 20] = [
    "", "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a",
    "z",
];

/// What a unit is of, besides its dimension: kinds of things, and annotations such as `{FEU}`.
#[derive(Clone, PartialEq, Eq)]
struct Measured(Vec<String>);

impl Measured {
    fn of(code: &str) -> Measured {
        let (mut all, mut atoms, mut rest) = (Vec::new(), String::new(), code);
        while let Some((before, after)) = rest.split_once('{') {
            let (note, after) = after.split_once('}').unwrap_or((after, ""));
            atoms.push_str(before);
            all.push(format!("{{{note}}}"));
            rest = after;
        }
        atoms.push_str(rest);
        let end = |c: char| c.is_ascii_digit() || "./()+-*^".contains(c);
        for atom in atoms.split(end) {
            let is = |name: &str| {
                let prefix = atom.strip_suffix(name);
                prefix.is_some_and(|prefix| PREFIXES.contains(&prefix))
            };
            let kind = KINDS.iter().find(|(name, _)| is(name));
            all.extend(kind.map(|(_, kind)| (*kind).to_owned()));
        }
        all.sort();
        Measured(all)
    }

    /// The same of an amount of substance.
    fn of_substance(mut self) -> Measured {
        self.0.push("mol".to_owned());
        self.0.sort();
        self
    }
}

/// How many of one unit another is, where both measure the same and neither is a bare ratio.
fn factor(from: &str, to: &str) -> Option<f64> {
    let (a, b) = (ucum::analyze(from).ok()?, ucum::analyze(to).ok()?);
    let converts = |unit: &ucum::Analysis| !unit.is_dimensionless && !unit.is_special;
    let same = a.dimension == b.dimension && converts(&a) && converts(&b);
    same.then(|| a.factor / b.factor)
        .filter(|f| f.is_finite() && *f > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(codes: &[&str], molar_mass: Option<f64>) -> Units {
        let listed = codes.iter().map(|code| Unit::parse(code).unwrap());
        Units::new(listed.collect(), molar_mass)
    }

    fn convert(units: &Units, value: &str, code: &str, scale: u32) -> Option<i64> {
        units.find(code)?.convert(value, scale)
    }

    #[test]
    fn b7_units_convert_by_ucum_and_by_what_the_schema_says() {
        let glucose = units(&["mg/dL"], None);
        assert_eq!(convert(&glucose, "0.9", "g/L", 0), Some(90));
        assert_eq!(convert(&glucose, "99", "mg/dL", 1), Some(990));
        assert_eq!(convert(&glucose, "5.5", "mmol/L", 0), None, "no molar mass");
        assert_eq!(convert(&glucose, "5.5", "mm[Hg]", 0), None);
        assert_eq!(convert(&glucose, "5.5", "no such unit", 0), None);
        let molar = units(&["mg/dL"], Some(180.156));
        assert_eq!(convert(&molar, "5.5", "mmol/L", 1), Some(991));
        let amount = units(&["mmol/L"], Some(180.156));
        assert_eq!(convert(&amount, "99", "mg/dL", 2), Some(550));
        let named = units(&["mg/dL", "mmol/L*18.016"], None);
        assert_eq!(convert(&named, "5.5", "mmol/L", 3), Some(99_088));
        let listed = units(&["mg/dL", "g/L"], None);
        assert_eq!(convert(&listed, "0.9", "g/L", 0), Some(90), "not 0.9");
        assert_eq!(units(&["mg/dL", "mmol/L"], None).unrelated(), ["mmol/L"]);
        let small = units(&["ug/L"], None);
        assert_eq!(convert(&small, "0.0000004", "g/L", 1), Some(4));
        assert_eq!(convert(&small, "0.00000000004", "g/L", 1), None, "too fine");
        let hundred = units(&["mg/dL", "g/L*100"], None);
        assert_eq!(convert(&hundred, "0.9", "g/L", 0), Some(90));
        let length = units(&["cm"], None);
        assert_eq!(convert(&length, "1.71", "m", 0), Some(171));
    }

    #[test]
    fn b7_what_ucum_makes_equal_and_is_another_thing_does_not_convert() {
        for (own, other) in [
            ("mmol/L", "meq/L"),
            ("mmol/L", "mosm/L"),
            ("mol/kg", "osm/kg"),
            ("mGy", "mSv"),
            ("Gy", "J/kg"),
            ("Bq", "Hz"),
            ("10*9/L", "mmol/L"),
            ("[iU]/L", "[arb'U]/L"),
            ("ug/mL{FEU}", "ug/mL{DDU}"),
            ("ug/mL{FEU}", "ng/mL"),
            ("mL/min/{1.73_m2}", "mL/min"),
        ] {
            for (a, b) in [(own, other), (other, own)] {
                assert_eq!(convert(&units(&[a], None), "2", b, 3), None, "{a} {b}");
            }
        }
        for (own, other, expected) in [
            ("mmol/L", "umol/L", 2),
            ("meq/L", "eq/L", 2_000_000),
            ("U/L", "umol/min/L", 2_000),
            ("mm[Hg]", "kPa", 15_001),
            ("10*9/L", "/nL", 2_000),
            ("ng/mL{FEU}", "ug/mL{FEU}", 2_000_000),
            ("mSv", "REM", 20_000),
        ] {
            let got = convert(&units(&[own], None), "2", other, 3);
            assert_eq!(got, Some(expected), "{own} {other}");
        }
        let molar = units(&["ng/mL{x}"], Some(100.0));
        assert_eq!(convert(&molar, "1", "umol/L{x}", 0), Some(100));
        assert_eq!(convert(&molar, "1", "umol/L", 0), None);
    }

    #[test]
    fn b7_bare_ratios_convert_only_as_named() {
        let hba1c = units(&["%"], None);
        assert_eq!(convert(&hba1c, "53", "mmol/mol", 1), None);
        let named = units(&["%", "mmol/mol*0.09148+2.152"], None);
        assert_eq!(convert(&named, "53", "mmol/mol", 1), Some(70));
        assert_eq!(convert(&named, "7.2", "%", 1), Some(72));
    }
}
