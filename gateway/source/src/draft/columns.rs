//! Types, bounds and words of proposed columns.

use super::numbers::Signs;
use super::profile::Profile;
use super::shape::{bounds, flag, object};
use super::words::{with_nulls, with_numbers, with_signs, with_word};
use medveil_circuits::schema::FIRST_YEAR;
use serde_json::{Map, Value, json};

/// Most codes of a proposed list.
const MOST_CODES: usize = 40;
/// Most digits after the point that are proposed: more come of computing.
const MOST_DIGITS: u32 = 6;
/// Largest bound that is proposed.
const LARGEST: f64 = 1e12;
/// Words of headers whose texts say who somebody is, in languages that are met.
const PERSONAL: [&str; 28] = [
    "name",
    "names",
    "vorname",
    "nachname",
    "surname",
    "firstname",
    "lastname",
    "forename",
    "nom",
    "prenom",
    "nombre",
    "apellido",
    "patient",
    "patientin",
    "adresse",
    "address",
    "street",
    "strasse",
    "straße",
    "telefon",
    "phone",
    "email",
    "mail",
    "ssn",
    "mrn",
    "nhs",
    "kvnr",
    "iban",
];
/// Ends of headers of numbers that people and records have.
const NUMBERED: [&str; 6] = ["nummer", "nr", "number", "num", "_no", "kennung"];

/// What is proposed for a column.
pub(super) enum Proposed {
    Column(Map<String, Value>),
    /// Nothing: why.
    Out(String),
    /// Nothing until somebody says more: what, and columns to choose from.
    Open(String, Vec<Map<String, Value>>),
}

/// Whether a header is that of a number or a name of somebody or of a record.
fn is_identifier(header: &str) -> bool {
    let lower = header.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    let has_id = header.ends_with("Id") || header.ends_with("ID");
    has_id
        || words.clone().any(|word| word == "id")
        || words.any(|word| PERSONAL.contains(&word))
        || NUMBERED.iter().any(|end| lower.ends_with(end))
}

/// Type, bounds and words of a column.
pub(super) fn column(profile: &Profile, evidence: &mut Vec<String>) -> Proposed {
    let name = &profile.name;
    if profile.n == 0 {
        return Proposed::Out(format!("{name}: no value"));
    }
    if let Some(flag) = flag(profile) {
        return Proposed::Column(with_nulls(flag, profile, evidence));
    }
    if profile.is_date() {
        return date(profile, evidence);
    }
    if is_identifier(name) {
        return Proposed::Out(format!("{name}: by its name it says who somebody is"));
    }
    if profile.is_number() || profile.has_bounds() {
        return number(profile, evidence);
    }
    if profile.texts > 0 && profile.date.partial * 2 > profile.n {
        let what = format!(
            "{name}: dates without a day: a column of type day with `partial` says which day they stand for"
        );
        return Proposed::Open(what, Vec::new());
    }
    let dates = profile.n - profile.date.other.min(profile.n);
    if profile.texts > 0 && dates * 2 > profile.n {
        let what = format!(
            "{name}: {} of {} values are no dates of a known form: `null` names those that mean none, or correct the source",
            profile.date.other, profile.n
        );
        return Proposed::Open(what, Vec::new());
    }
    texts(profile, evidence)
}

/// Texts: codes, or why there is no column of them.
fn texts(profile: &Profile, evidence: &mut Vec<String>) -> Proposed {
    let (name, lost) = (&profile.name, profile.lost_as_numbers());
    let Some(lost) = lost else {
        return codes(profile, evidence);
    };
    let said = format!(
        "{name}: taken for texts and not for numbers: {}",
        lost.words
    );
    match codes(profile, evidence) {
        Proposed::Out(_) if lost.may_be_numbers => {
            let what = format!("{name}: codes or numbers? {}", lost.words);
            match by_signs(profile, &mut Vec::new()) {
                Proposed::Column(column) => Proposed::Open(what, vec![column]),
                Proposed::Open(signs, choices) => {
                    Proposed::Open(format!("{what}; {signs}"), choices)
                }
                Proposed::Out(_) => Proposed::Open(what, Vec::new()),
            }
        }
        other => {
            evidence.push(said);
            other
        }
    }
}

fn codes(profile: &Profile, evidence: &mut Vec<String>) -> Proposed {
    let name = &profile.name;
    if profile.n_numbered * 2 > profile.n {
        return Proposed::Out(format!(
            "{name}: its texts look like numbers of people or records"
        ));
    }
    if profile.n_awkward > 0 {
        return Proposed::Out(format!("{name}: texts with line ends or several blanks"));
    }
    match &profile.distinct {
        Some(distinct)
            if distinct.len() <= MOST_CODES && distinct.len() as u64 * 2 <= profile.n =>
        {
            let codes: Vec<&String> = distinct.keys().collect();
            let n = codes.len();
            evidence.push(format!(
                "{name}: {n} codes, which everybody reads in the schema"
            ));
            let column = object(json!({ "type": "code", "codes": codes }));
            Proposed::Column(with_nulls(column, profile, evidence))
        }
        _ => Proposed::Out(format!("{name}: texts of many kinds")),
    }
}

fn date(profile: &Profile, evidence: &mut Vec<String>) -> Proposed {
    let (name, seen) = (&profile.name, profile.date);
    let (low, high) = seen.years.unwrap_or((1900, 2049));
    let (low, high) = (
        low.max(FIRST_YEAR as i32).div_euclid(10) * 10,
        high.min(2099).div_euclid(10) * 10 + 9,
    );
    let low = low.min(high - 9);
    let column = |order: Option<&str>| {
        let column = object(json!({
            "type": "day", "min": format!("{low:04}-01-01"), "max": format!("{high:04}-12-31")
        }));
        match order {
            Some(order) => with_word(column, "dates", json!(order)),
            None => column,
        }
    };
    let order = match (seen.year_last, seen.day_first, seen.day_second) {
        (0, _, _) => None,
        (n, 1.., 0) if seen.iso == 0 => {
            let first = seen.day_first;
            evidence.push(format!(
                "{name}: {first} of {n} dates have a day over 12 in first place"
            ));
            Some("dmy")
        }
        (n, 0, 1..) if seen.iso == 0 => {
            let second = seen.day_second;
            evidence.push(format!(
                "{name}: {second} of {n} dates have a day over 12 in second place"
            ));
            Some("mdy")
        }
        (n, 0, 0) if seen.iso == 0 => {
            let what =
                format!("{name}: nothing says whether day or month comes first in {n} dates");
            return Proposed::Open(what, vec![column(Some("dmy")), column(Some("mdy"))]);
        }
        (n, ..) => {
            let what = format!(
                "{name}: dates of several forms, {n} with the year last: correct the source"
            );
            return Proposed::Open(what, Vec::new());
        }
    };
    if seen
        .years
        .is_some_and(|(first, _)| i64::from(first) < FIRST_YEAR)
    {
        let what = format!(
            "{name}: some dates lie before {FIRST_YEAR}, which no column has: `null` names those that mean none"
        );
        return Proposed::Open(what, vec![column(order)]);
    }
    if seen.years.is_some_and(|(_, last)| last > 2099) {
        let what = format!("{name}: some dates lie after 2099: `null` names those that mean none");
        return Proposed::Open(what, vec![column(order)]);
    }
    Proposed::Column(with_nulls(column(order), profile, evidence))
}

fn number(profile: &Profile, evidence: &mut Vec<String>) -> Proposed {
    let (name, seen) = (&profile.name, profile.number);
    if profile.texts == 0 {
        return bounded(profile, ('.', None), evidence);
    }
    let signed = by_signs(profile, evidence);
    if seen.other == 0 {
        return signed;
    }
    let (other, n) = (seen.other, profile.n);
    let what = format!(
        "{name}: {other} of {n} values are no numbers: `null` names those that mean none, `on_bad: drop` leaves them out, counted"
    );
    let dropping = |column| with_word(column, "on_bad", json!("drop"));
    match signed {
        Proposed::Column(column) => Proposed::Open(what, vec![dropping(column)]),
        Proposed::Open(signs, choices) => {
            let choices = choices.into_iter().map(dropping).collect();
            Proposed::Open(format!("{what}; {signs}"), choices)
        }
        Proposed::Out(why) => Proposed::Out(why),
    }
}

/// A column of the texts that are numbers, by the signs that they have.
fn by_signs(profile: &Profile, evidence: &mut Vec<String>) -> Proposed {
    let (name, seen) = (&profile.name, profile.number);
    let either = seen.point_or_thousands + seen.comma_or_thousands;
    match seen.told() {
        Signs::Told { decimal, thousands } => bounded(profile, (decimal, thousands), evidence),
        Signs::Both => Proposed::Open(
            format!(
                "{name}: some numbers have a decimal comma and others a decimal point: correct the source"
            ),
            Vec::new(),
        ),
        Signs::Open => {
            let what = format!(
                "{name}: {either} numbers have a sign before three digits, which is a decimal sign or stands between thousands"
            );
            let sign = if seen.point_or_thousands > 0 {
                '.'
            } else {
                ','
            };
            let other = if sign == '.' { ',' } else { '.' };
            let mut choices = Vec::new();
            for signs in [(sign, None), (other, Some(sign))] {
                if let Proposed::Column(column) = bounded(profile, signs, &mut Vec::new()) {
                    choices.push(column);
                }
            }
            Proposed::Open(what, choices)
        }
    }
}

/// A column of numbers with these signs.
fn bounded(
    profile: &Profile,
    (decimal, thousands): (char, Option<char>),
    evidence: &mut Vec<String>,
) -> Proposed {
    let (name, seen) = (&profile.name, profile.number);
    let at = usize::from(decimal == ',');
    let Some((low, high)) = profile.ranges[at] else {
        return Proposed::Out(format!("{name}: numbers of no form that is known"));
    };
    if low.abs().max(high.abs()) > LARGEST {
        return Proposed::Out(format!("{name}: numbers over a million millions"));
    }
    // One sign before three digits was not counted as a fraction.
    let either = if decimal == ',' {
        seen.comma_or_thousands
    } else {
        seen.point_or_thousands
    };
    let scale = if either > 0 {
        seen.scale.max(3)
    } else {
        seen.scale
    };
    let is_rounded = scale > MOST_DIGITS || seen.exponent > 0;
    let scale = if is_rounded { MOST_DIGITS } else { scale };
    let thousandths = |number: f64| (number * 1000.0).round() as i64;
    let (low, high) = bounds((thousandths(low), thousandths(high)));
    let mut column = match scale {
        0 => object(json!({ "type": "int", "min": low, "max": high })),
        _ => object(json!({ "type": "decimal", "scale": scale, "min": low, "max": high })),
    };
    if is_rounded {
        column = with_word(column, "round", json!("true"));
        evidence.push(format!(
            "{name}: rounded to {MOST_DIGITS} digits after the point, counted"
        ));
    }
    column = with_signs(column, profile, (decimal, thousands), evidence);
    Proposed::Column(with_nulls(
        with_numbers(column, profile, evidence),
        profile,
        evidence,
    ))
}
