//! Code lists of visas: diseases in pre-order, data-use permissions, and who asserts.
//!
//! Diseases follow the structure of ICD-10: 22 chapters, three-character categories, one further
//! digit. Numbers are given in pre-order, from 1, so that "descends from" is one range. The files
//! in `circuits/codes` are part of every visa schema's id. Which categories ICD-10 really assigns
//! is not checked here.

use crate::field::Digest;
use std::sync::LazyLock;

/// The chapters, as hashed into schema ids.
pub const DISEASES: &str = include_str!("../../codes/icd10-chapters.tsv");
/// The permissions, bit 0 first, as hashed into schema ids.
pub const PERMISSIONS: &str = include_str!("../../codes/duo.tsv");

/// Numbers that one category takes: itself and `.0` to `.9`.
const PER_CATEGORY: u32 = 11;

/// Who asserts a visa (GA4GH `by`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Myself,
    /// Another person of the institution.
    Peer,
    System,
    /// A signing official.
    So,
    /// A data access committee.
    Dac,
}

impl By {
    const ALL: [(By, &'static str); 5] = [
        (By::Myself, "self"),
        (By::Peer, "peer"),
        (By::System, "system"),
        (By::So, "so"),
        (By::Dac, "dac"),
    ];

    /// 1 to 5.
    pub fn code(self) -> u32 {
        self as u32 + 1
    }
    /// The value of a code.
    pub fn from_code(code: u32) -> Option<By> {
        By::ALL
            .iter()
            .map(|(by, _)| *by)
            .find(|by| by.code() == code)
    }
    /// The value of a word.
    pub fn parse(word: &str) -> Option<By> {
        By::ALL.iter().find(|(_, w)| *w == word).map(|(by, _)| *by)
    }
    pub fn word(self) -> &'static str {
        By::ALL[self as usize].1
    }
}

struct Chapter {
    name: &'static str,
    /// First and last category, as letter * 100 + number.
    first: u32,
    last: u32,
    /// Number of the chapter itself.
    number: u32,
}

impl Chapter {
    fn end(&self) -> u32 {
        self.number + (self.last - self.first + 1) * PER_CATEGORY
    }
}

/// `E11` as letter * 100 + number.
fn category(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [letter @ b'A'..=b'Z', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(
            u32::from(letter - b'A') * 100 + u32::from(tens - b'0') * 10 + u32::from(ones - b'0'),
        ),
        _ => None,
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().map(|line| line.split('\t').collect())
}

static CHAPTERS: LazyLock<Vec<Chapter>> = LazyLock::new(|| {
    let mut next = 1;
    let mut out = Vec::new();
    for fields in lines(DISEASES) {
        let &[name, first, last, _] = &fields[..] else {
            continue;
        };
        let (Some(first), Some(last)) = (category(first), category(last)) else {
            continue;
        };
        let chapter = Chapter {
            name,
            first,
            last,
            number: next,
        };
        next = chapter.end() + 1;
        out.push(chapter);
    }
    out
});

/// First and last number of a disease and everything below it; `IV`, `E11` or `E11.9`.
pub fn disease_range(code: &str) -> Option<(u32, u32)> {
    if let Some(chapter) = CHAPTERS.iter().find(|chapter| chapter.name == code) {
        return Some((chapter.number, chapter.end()));
    }
    let (head, digit) = match code.split_once('.') {
        Some((head, digit)) => (head, Some(digit)),
        None => (code, None),
    };
    let wanted = category(head)?;
    let chapter = CHAPTERS
        .iter()
        .find(|chapter| (chapter.first..=chapter.last).contains(&wanted))?;
    let number = chapter.number + 1 + (wanted - chapter.first) * PER_CATEGORY;
    match digit.map(str::as_bytes) {
        None => Some((number, number + PER_CATEGORY - 1)),
        Some([digit @ b'0'..=b'9']) => Some((
            number + 1 + u32::from(digit - b'0'),
            number + 1 + u32::from(digit - b'0'),
        )),
        Some(_) => None,
    }
}

/// Number of a disease.
pub fn disease(code: &str) -> Option<u32> {
    disease_range(code).map(|(number, _)| number)
}

/// Code of a number.
pub fn disease_code(number: u32) -> Option<String> {
    let chapter = CHAPTERS
        .iter()
        .find(|chapter| (chapter.number..=chapter.end()).contains(&number))?;
    if number == chapter.number {
        return Some(chapter.name.to_owned());
    }
    let offset = number - chapter.number - 1;
    let category = chapter.first + offset / PER_CATEGORY;
    let letter = char::from(b'A' + u8::try_from(category / 100).ok()?);
    let head = format!("{letter}{:02}", category % 100);
    match offset % PER_CATEGORY {
        0 => Some(head),
        digit => Some(format!("{head}.{}", digit - 1)),
    }
}

/// Bit of a data-use permission: `GRU` or `DUO:0000042`.
pub fn permission(code: &str) -> Option<u32> {
    lines(PERMISSIONS)
        .zip(0..)
        .find(|(fields, _)| fields[..2].contains(&code))
        .map(|(_, bit)| bit)
}

/// Every code of a data-use permission, bit 0 first, as schema ids have them.
pub fn known_permissions() -> Vec<&'static str> {
    lines(PERMISSIONS).map(|fields| fields[0]).collect()
}

/// Bitmap of several permissions.
pub fn permissions<'a>(codes: impl IntoIterator<Item = &'a str>) -> Option<u32> {
    codes
        .into_iter()
        .try_fold(0, |bitmap, code| Some(bitmap | 1 << permission(code)?))
}

/// Codes of a bitmap; an unknown bit is `bit N`.
pub fn permission_codes(bitmap: u32) -> Vec<String> {
    let names = known_permissions();
    let name = |bit: usize| {
        names
            .get(bit)
            .map_or_else(|| format!("bit {bit}"), |name| (*name).to_owned())
    };
    (0..32)
        .filter(|bit| bitmap >> bit & 1 == 1)
        .map(name)
        .collect()
}

/// SHA-256 of the disease list and of the permissions.
pub fn digests() -> (Digest, Digest) {
    (
        Digest::of(DISEASES.as_bytes()),
        Digest::of(PERMISSIONS.as_bytes()),
    )
}

#[cfg(test)]
mod tests;
