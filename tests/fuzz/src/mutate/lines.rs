//! Changes to texts: words, numbers, lines, brackets.

use super::Source;

/// Numbers and signs that texts may carry in a number's place.
const NUMBERS: [&str; 16] = [
    "0",
    "-1",
    "00",
    "1e999",
    "-0.0",
    "0.1",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775809",
    "1e-7",
    "99999999999999999999999999999999",
    "NaN",
    "0x10",
    "\u{0661}",
    "21888242871839275222246405745257275088548364400416034343698204186575808495617",
];
/// Characters that are not what they seem.
const ODD: [&str; 12] = [
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "\u{2028}",
    "é",
    "\u{1f600}",
    "\\u0000",
    "\\ud800",
    "\r",
    "\u{a0}",
    "\u{200b}",
    "\\",
];
const BRACKETS: [(&str, &str); 7] = [
    ("[", "]"),
    ("{\"a\":", "}"),
    ("(", ")"),
    ("NOT ", ""),
    ("- ", ""),
    ("OR(", ")"),
    ("-", ""),
];

/// Changes a text in one place.
pub(super) fn change(input: &mut Vec<u8>, source: &mut Source<'_>) {
    match source.below(7) {
        0 => number(input, source),
        1 => put(input, ODD[source.below(ODD.len())].as_bytes(), source),
        2 => line(input, source),
        3 => nest(input, source),
        4 => token(input, source),
        _ => {
            if let Some(word) = source.pick(source.words) {
                put(input, word.as_bytes(), source);
            }
        }
    }
}

fn put(input: &mut Vec<u8>, text: &[u8], source: &mut Source<'_>) {
    let at = source.below(input.len() + 1);
    input.splice(at..at, text.iter().copied());
}

/// Ranges of bytes that all satisfy `is_part`.
fn runs(input: &[u8], is_part: impl Fn(u8) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in input.iter().enumerate().filter(|(_, b)| is_part(**b)) {
        match runs.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// Another number in a number's place.
fn number(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let found = runs(input, |b| b.is_ascii_digit());
    if let Some(range) = source.pick(&found).cloned() {
        let with = NUMBERS[source.below(NUMBERS.len())];
        input.splice(range, with.bytes());
    }
}

/// A word of this or another input, or of the dictionary, in a word's place.
fn token(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let found = runs(input, is_part);
    let Some(range) = source.pick(&found).cloned() else {
        return;
    };
    let word = match (source.below(3), source.pick(source.words)) {
        (0, Some(word)) => word.as_bytes().to_vec(),
        _ => {
            let other = source.other().to_vec();
            let found = runs(&other, is_part);
            let range = source.pick(&found).cloned().unwrap_or_default();
            other.get(range).unwrap_or_default().to_vec()
        }
    };
    input.splice(range, word);
}

/// Removes, doubles or moves a line.
fn line(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let mut lines: Vec<&[u8]> = input.split(|b| *b == b'\n').collect();
    let from = source.below(lines.len());
    let to = source.below(lines.len());
    match source.below(3) {
        0 => drop(lines.remove(from)),
        1 => lines.insert(to, lines[from]),
        _ => lines.swap(from, to),
    }
    *input = lines.join(&b'\n');
}

/// Brackets around a range, sometimes very many.
fn nest(input: &mut Vec<u8>, source: &mut Source<'_>) {
    let (open, close) = BRACKETS[source.below(BRACKETS.len())];
    let times = match source.below(8) {
        0 => 20_000,
        1 => 200,
        2 => 30,
        _ => 1,
    };
    let range = source.range(input.len());
    input.splice(range.end..range.end, close.repeat(times).bytes());
    input.splice(range.start..range.start, open.repeat(times).bytes());
}
