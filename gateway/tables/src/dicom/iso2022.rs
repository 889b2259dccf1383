//! Texts in one or several sets of characters with escape sequences between them (ISO/IEC 2022).
//!
//! Source: DICOM PS3.3, tables C.12-2 to C.12-4; PS3.5, section 6.1.2.5. Only sets that the file
//! names may be switched to, and each value begins with the first one.

use super::charset::Parts;
use encoding_rs as enc;

/// A set of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Ascii,
    /// JIS X 0201, left half.
    Romaji,
    /// JIS X 0201, right half.
    Katakana,
    /// The right half of a part of ISO 8859; of the encoding, which is the same there.
    Latin(u8),
    Thai,
    /// JIS X 0208.
    Kanji,
    /// JIS X 0212.
    Supplement,
    /// KS X 1001.
    Korean,
    /// GB 2312.
    Chinese,
}

/// What a defined term stands for: the sets of it, left and right.
fn sets_of(term: &str) -> Option<&'static [Set]> {
    use Set::*;
    let number = term
        .strip_prefix("ISO_IR ")
        .or(term.strip_prefix("ISO 2022 IR "));
    Some(match number {
        None if term.is_empty() => &[Ascii],
        Some("6") => &[Ascii],
        Some("13") => &[Romaji, Katakana],
        Some("100") => &[Ascii, Latin(1)],
        Some("101") => &[Ascii, Latin(2)],
        Some("109") => &[Ascii, Latin(3)],
        Some("110") => &[Ascii, Latin(4)],
        Some("144") => &[Ascii, Latin(5)],
        Some("127") => &[Ascii, Latin(6)],
        Some("126") => &[Ascii, Latin(7)],
        Some("138") => &[Ascii, Latin(8)],
        Some("148") => &[Ascii, Latin(9)],
        Some("203") => &[Ascii, Latin(15)],
        Some("166") => &[Ascii, Thai],
        Some("87") => &[Kanji],
        Some("159") => &[Supplement],
        Some("149") => &[Korean],
        Some("58") => &[Chinese],
        _ => return None,
    })
}

/// Escape sequences without their first byte; right: whether the set goes to the right half.
const ESCAPES: [(&[u8], Set, bool); 18] = [
    (b"(B", Set::Ascii, false),
    (b"(J", Set::Romaji, false),
    (b")I", Set::Katakana, true),
    (b"-A", Set::Latin(1), true),
    (b"-B", Set::Latin(2), true),
    (b"-C", Set::Latin(3), true),
    (b"-D", Set::Latin(4), true),
    (b"-L", Set::Latin(5), true),
    (b"-G", Set::Latin(6), true),
    (b"-F", Set::Latin(7), true),
    (b"-H", Set::Latin(8), true),
    (b"-M", Set::Latin(9), true),
    (b"-b", Set::Latin(15), true),
    (b"-T", Set::Thai, true),
    (b"$B", Set::Kanji, false),
    (b"$(D", Set::Supplement, false),
    (b"$)C", Set::Korean, true),
    (b"$)A", Set::Chinese, true),
];

/// The sets that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sets {
    left: Set,
    right: Option<Set>,
    /// What may be switched to; empty without code extensions.
    others: Vec<Set>,
}

impl Default for Sets {
    fn default() -> Sets {
        Sets {
            left: Set::Ascii,
            right: None,
            others: Vec::new(),
        }
    }
}

pub(super) fn is_known(term: &str) -> bool {
    sets_of(term).is_some()
}

impl Sets {
    pub(super) fn of(terms: &[&str]) -> Result<Sets, String> {
        let known: Vec<_> = terms.iter().filter_map(|term| sets_of(term)).collect();
        let (left, right) = match known.first().copied().unwrap_or(&[Set::Ascii]) {
            [left, right] => (*left, Some(*right)),
            [one @ (Set::Ascii | Set::Romaji)] => (*one, None),
            // Of several bytes: reached by an escape sequence, from ISO-IR 6.
            _ => (Set::Ascii, None),
        };
        let extended = terms.len() > 1 || terms.iter().any(|t| t.starts_with("ISO 2022"));
        let mut others = vec![];
        if extended {
            others.push(Set::Ascii);
            others.extend(known.iter().flat_map(|sets| sets.iter().copied()));
        }
        Ok(Sets {
            left,
            right,
            others,
        })
    }

    pub(super) fn values(&self, bytes: &[u8], parts: Parts) -> Result<Vec<String>, String> {
        let mut reader = Reader {
            sets: self,
            left: self.left,
            right: self.right,
            rest: bytes,
        };
        let mut values = vec![String::new()];
        while let Some((&byte, rest)) = reader.rest.split_first() {
            let is_single = matches!(reader.left, Set::Ascii | Set::Romaji);
            let ends_value = byte == b'\\' && parts.several && is_single;
            let ends_part = is_single && parts.name && matches!(byte, b'^' | b'=');
            let ends_line = matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r');
            if ends_value || ends_part || ends_line {
                (reader.left, reader.right) = (self.left, self.right);
            }
            if ends_value {
                reader.rest = rest;
                values.push(String::new());
            } else if let (Some(text), Some(char)) = (values.last_mut(), reader.next()?) {
                text.push(char);
            }
        }
        Ok(values)
    }
}

struct Reader<'a> {
    sets: &'a Sets,
    left: Set,
    right: Option<Set>,
    rest: &'a [u8],
}

const NO_CHARACTER: &str = "expected text in the character set that the file says";

impl Reader<'_> {
    /// The next character; none after an escape sequence.
    fn next(&mut self) -> Result<Option<char>, String> {
        let Some((&byte, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        self.rest = rest;
        match byte {
            0x1b => self.escape().map(|()| None),
            0..=0x20 | 0x7f => Ok(Some(char::from(byte))),
            0x21..=0x7e => self.character(Some(self.left), byte),
            _ => self.character(self.right, byte),
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let found = ESCAPES.iter().find_map(|(escape, set, right)| {
            Some((self.rest.strip_prefix(*escape)?, *set, *right))
        });
        let Some((rest, set, right)) = found.filter(|f| self.sets.others.contains(&f.1)) else {
            let what = "expected no escape sequence to a character set that the file does not name";
            return Err(what.to_owned());
        };
        self.rest = rest;
        match right {
            true => self.right = Some(set),
            false => self.left = set,
        }
        Ok(())
    }

    fn character(&mut self, set: Option<Set>, byte: u8) -> Result<Option<char>, String> {
        let one = [byte];
        let found = match set {
            None => None,
            Some(Set::Ascii) => Some(char::from(byte)),
            Some(Set::Romaji) => Some(match byte {
                0x5c => '¥',
                0x7e => '‾',
                _ => char::from(byte),
            }),
            Some(Set::Katakana) => (0xa1..=0xdf)
                .contains(&byte)
                .then(|| char::from_u32(0xff61 + u32::from(byte) - 0xa1))
                .flatten(),
            Some(Set::Latin(part)) => latin(part, byte),
            Some(Set::Thai) if byte > 0xa0 => decoded(enc::WINDOWS_874, &one),
            Some(Set::Thai) => None,
            Some(Set::Kanji) => self.pair(byte, &[], enc::EUC_JP, is_kanji),
            Some(Set::Supplement) => self.pair(byte, &[0x8f], enc::EUC_JP, |_, _| true),
            Some(Set::Korean) => self.pair(byte, &[], enc::EUC_KR, |_, _| true),
            Some(Set::Chinese) => self.pair(byte, &[], enc::GBK, is_gb_2312),
        };
        found.map(Some).ok_or_else(|| NO_CHARACTER.to_owned())
    }

    /// A character of two bytes from the 94 by 94 of a set, as an EUC encoding has it.
    fn pair(
        &mut self,
        first: u8,
        before: &[u8],
        encoding: &'static enc::Encoding,
        is_in_set: fn(u8, u8) -> bool,
    ) -> Option<char> {
        let (&second, rest) = self.rest.split_first()?;
        self.rest = rest;
        let (row, cell) = (first & 0x7f, second & 0x7f);
        let is_pair = (first & 0x80) == (second & 0x80) && (0x21..=0x7e).contains(&row);
        if !is_pair || !(0x21..=0x7e).contains(&cell) || !is_in_set(row, cell) {
            return None;
        }
        decoded(encoding, &[before, &[row | 0x80, cell | 0x80]].concat())
    }
}

/// Rows that the standard sets leave empty were filled by vendors, each in their own way.
fn is_kanji(row: u8, _: u8) -> bool {
    !matches!(row, 0x29..=0x2f | 0x75..)
}

/// GBK put characters of its own between those of GB 2312.
fn is_gb_2312(row: u8, cell: u8) -> bool {
    !matches!(
        (row, cell),
        (0x22, ..=0x30) | (0x26, 0x59..) | (0x28, 0x3b..=0x44 | 0x6a..) | (0x2a..=0x2f | 0x78.., _)
    )
}

fn latin(part: u8, byte: u8) -> Option<char> {
    let encoding = match part {
        1 => return (byte >= 0xa0).then(|| char::from(byte)),
        2 => enc::ISO_8859_2,
        3 => enc::ISO_8859_3,
        4 => enc::ISO_8859_4,
        5 => enc::ISO_8859_5,
        6 => enc::ISO_8859_6,
        7 => enc::ISO_8859_7,
        8 => enc::ISO_8859_8,
        // The same from 0xa0 on.
        9 => enc::WINDOWS_1254,
        15 => enc::ISO_8859_15,
        _ => return None,
    };
    // Control characters of the right half have no use in DICOM. Later editions of parts 7 and 8
    // filled places that ISO-IR 126 and 138 leave empty.
    let later = matches!((part, byte), (7, 0xa4 | 0xa5 | 0xaa) | (8, 0xfd | 0xfe));
    (byte >= 0xa0 && !later)
        .then(|| decoded(encoding, &[byte]))
        .flatten()
}

/// The one character that the bytes stand for.
fn decoded(encoding: &'static enc::Encoding, bytes: &[u8]) -> Option<char> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut chars = text.chars();
    let is_private = |char: &char| ('\u{e000}'..='\u{f8ff}').contains(char);
    chars
        .next()
        .filter(|char| chars.next().is_none() && !is_private(char))
}

#[cfg(test)]
mod tests {
    use super::super::charset::{Charset, Parts};

    const NAME: Parts = Parts {
        several: true,
        name: true,
    };

    fn read(terms: &[&str], bytes: &[u8]) -> Result<String, String> {
        let values = Charset::of(terms)?.values(bytes, NAME)?;
        Ok(values.join("|"))
    }

    #[test]
    fn the_names_of_the_standard_annexes() {
        // PS3.5, H.3.1, H.3.2 and I.2.
        let japanese = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B";
        assert_eq!(
            read(&["", "ISO 2022 IR 87"], japanese).unwrap(),
            "Yamada^Tarou=山田^太郎"
        );
        let katakana = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J";
        let both = ["ISO 2022 IR 13", "ISO 2022 IR 87"];
        assert_eq!(read(&both, katakana).unwrap(), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
        let korean = b"Hong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7";
        assert_eq!(
            read(&["", "ISO 2022 IR 149"], korean).unwrap(),
            "Hong=洪^吉洞"
        );
        let chinese = b"Zhang=\x1b$)A\xd5\xc5";
        assert_eq!(read(&["", "ISO 2022 IR 58"], chinese).unwrap(), "Zhang=张");
    }

    #[test]
    fn a_value_begins_with_the_first_set() {
        let two = ["ISO 2022 IR 100", "ISO 2022 IR 126"];
        assert_eq!(read(&two, b"\xe1\x1b-F\xe1\\\xe1").unwrap(), "áα|á");
        // After `^` the right half is the first set again.
        assert_eq!(read(&two, b"\x1b-F\xe1^\xe1").unwrap(), "α^á");
        assert!(read(&["", "ISO 2022 IR 149"], b"\x1b$)C\xfb\xf3^\xfb\xf3").is_err());
    }

    #[test]
    fn a_backslash_inside_a_character_does_not_divide() {
        // 0x305c is a character of JIS X 0208.
        let text = read(&["", "ISO 2022 IR 87"], b"\x1b$B0\\\x1b(B\\a").unwrap();
        assert_eq!(text, "移|a");
    }

    #[test]
    fn broken_texts_are_refused() {
        let kanji = ["", "ISO 2022 IR 87"];
        let bad: [&[u8]; 8] = [
            b"\x1b$B-!",
            b"\x1b",
            b"\x1b$",
            b"\x1b$B0",
            b"\x1b$B0\xb3",
            b"\x1b$)C\xfb\xf3",
            b"\x1b$B\x7e\x7e",
            b"\xb0",
        ];
        for bytes in bad {
            assert!(read(&kanji, bytes).is_err(), "{bytes:x?}");
        }
        assert!(read(&["ISO_IR 100"], b"\x1b(Ba").is_err());
        assert!(read(&["ISO_IR 126"], b"\xa4").is_err());
        assert!(read(&["ISO 2022 IR 149"], b"abc").is_ok());
    }
}
