//! The container of iden3's binary files: a magic word, a version, and numbered sections.
//!
//! Source: the layout that snarkjs and circom write (`binfileutils` of iden3): magic (4 bytes),
//! version and number of sections (u32), then for each section its number (u32), its length in bytes
//! (u64) and its bytes. Numbers are little-endian.

use std::ops::Range;

/// Why bytes are no file of a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{format}: expected {expected}")]
pub struct FormatError {
    /// `zkey`, by its usual name.
    pub format: &'static str,
    /// What was expected, and where.
    pub expected: String,
}

/// Where the sections of a file are.
#[derive(Clone, Debug)]
pub(crate) struct Sections {
    format: &'static str,
    found: Vec<(u32, Range<usize>)>,
}

impl Sections {
    /// Finds the sections 1 to `last`, of which each stands once, in any order, and no other.
    ///
    /// **Errors**: another magic word or version; sections that are missing, repeated, unknown, cut,
    /// or not all of the file.
    pub fn find(
        (format, version): (&'static str, u32),
        last: u32,
        bytes: &[u8],
    ) -> Result<Self, FormatError> {
        let mut sections = Sections {
            format,
            found: Vec::new(),
        };
        let mut at = 0;
        if take(bytes, &mut at, 4) != Some(format.as_bytes()) {
            return Err(sections.expected(format!("{format:?} in its first four bytes")));
        }
        if number(bytes, &mut at) != Some(version) {
            return Err(sections.expected(format!("version {version}")));
        }
        let count = number(bytes, &mut at);
        if count != Some(last) {
            return Err(sections.expected(format!("{last} sections")));
        }
        for _ in 0..last {
            let header = number(bytes, &mut at).zip(take(bytes, &mut at, 8));
            let (section, length) =
                header.ok_or_else(|| sections.expected("the header of a section"))?;
            let is_new = sections.found.iter().all(|(known, _)| *known != section);
            if !is_new || !(1..=last).contains(&section) {
                return Err(sections.expected(format!("sections 1 to {last}, each once")));
            }
            let begin = at;
            let [length] = words(length);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            take(bytes, &mut at, length)
                .ok_or_else(|| sections.expected(format!("section {section} whole")))?;
            sections.found.push((section, begin..at));
        }
        match at == bytes.len() {
            true => Ok(sections),
            false => Err(sections.expected("nothing after the last section")),
        }
    }

    /// Where a section lies.
    pub fn at(&self, section: u32) -> Result<Range<usize>, FormatError> {
        let found = self.found.iter().find(|(known, _)| *known == section);
        found
            .map(|(_, range)| range.clone())
            .ok_or_else(|| self.expected(format!("section {section}")))
    }

    pub fn expected(&self, expected: impl Into<String>) -> FormatError {
        FormatError {
            format: self.format,
            expected: expected.into(),
        }
    }
}

/// The next bytes of a number of them.
pub(crate) fn take<'b>(bytes: &'b [u8], at: &mut usize, length: usize) -> Option<&'b [u8]> {
    let end = at.checked_add(length)?;
    let taken = bytes.get(*at..end)?;
    *at = end;
    Some(taken)
}

/// The next number of 32 bits.
pub(crate) fn number(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let taken: [u8; 4] = take(bytes, at, 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(taken))
}

/// Numbers of 64 bits; zeros where bytes are missing.
#[inline(always)]
pub(crate) fn words<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let mut words = [0; N];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// The bytes of a number of four words.
pub(crate) fn to_bytes(words: [u64; 4]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Writes a file, section by section.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub fn new((format, version): (&'static str, u32), sections: u32) -> Self {
        let mut bytes = format.as_bytes().to_vec();
        bytes.extend(version.to_le_bytes());
        bytes.extend(sections.to_le_bytes());
        Writer(bytes)
    }

    /// Adds a section of what `write` puts behind what is there.
    pub fn section(&mut self, section: u32, write: impl FnOnce(&mut Vec<u8>)) {
        self.0.extend(section.to_le_bytes());
        let header = self.0.len();
        self.0.extend([0; 8]);
        write(&mut self.0);
        let length = (self.0.len() - header - 8) as u64;
        if let Some(place) = self.0.get_mut(header..header + 8) {
            place.copy_from_slice(&length.to_le_bytes());
        }
    }

    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}
