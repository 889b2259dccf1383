//! The container of iden3's binary files: a magic word, a version, and numbered sections.
//!
//! Source: the layout that snarkjs and circom write (`binfileutils` of iden3): magic (4 bytes),
//! version and number of sections (u32), then for each section its number (u32), its length in bytes
//! (u64) and its bytes. Numbers are little-endian.

use std::ops::Range;

/// Magic, version and number of sections.
const HEADER: u64 = 12;
/// Number and length of a section.
const SECTION_HEADER: u64 = 12;

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
    found: Vec<(u32, Range<u64>)>,
}

/// Most sections that a file of any format has.
const MOST_SECTIONS: u32 = 32;

impl Sections {
    /// Finds the sections 1 to `last`, of which each stands once, in any order, and no other.
    ///
    /// **Errors**: another magic word or version; sections that are missing, repeated, unknown, cut,
    /// or not all of the file.
    pub fn find(format: (&'static str, u32), last: u32, bytes: &[u8]) -> Result<Self, FormatError> {
        let sections = Sections::walk(format, Some(last), bytes.len() as u64, reader(bytes))?;
        let are_known = sections.numbers().all(|known| (1..=last).contains(&known));
        match are_known {
            true => Ok(sections),
            false => Err(sections.expected(format!("sections 1 to {last}, each once"))),
        }
    }

    /// Finds all sections, of which each stands once, in any order.
    ///
    /// **Errors**: as [`Sections::find`], unknown ones excepted.
    pub fn all(format: (&'static str, u32), bytes: &[u8]) -> Result<Self, FormatError> {
        Sections::walk(format, None, bytes.len() as u64, reader(bytes))
    }

    /// As [`Sections::all`], of a number that may be known, where `read` fills bytes from a place on;
    /// `None` where it cannot.
    pub fn walk(
        (format, version): (&'static str, u32),
        known: Option<u32>,
        length: u64,
        mut read: impl FnMut(u64, &mut [u8]) -> Option<()>,
    ) -> Result<Self, FormatError> {
        let mut sections = Sections {
            format,
            found: Vec::new(),
        };
        let [mut magic, mut number] = [[0; 4]; 2];
        if read(0, &mut magic).is_none() || magic != format.as_bytes() {
            return Err(sections.expected(format!("{format:?} in its first four bytes")));
        }
        if read(4, &mut number).is_none() || u32::from_le_bytes(number) != version {
            return Err(sections.expected(format!("version {version}")));
        }
        let count = read(8, &mut number).map(|()| u32::from_le_bytes(number));
        let fits = |count: &u32| *count == known.unwrap_or((*count).min(MOST_SECTIONS));
        let wrong = || match known {
            Some(known) => sections.expected(format!("{known} sections")),
            None => sections.expected("its number of sections"),
        };
        let count = count.filter(fits).ok_or_else(wrong)?;
        let mut at = HEADER;
        for _ in 0..count {
            let (section, range) = sections.next(at, length, &mut read)?;
            if sections.has(section) {
                return Err(sections.expected(format!("sections, each once, not {section} again")));
            }
            at = range.end;
            sections.found.push((section, range));
        }
        match at == length {
            true => Ok(sections),
            false => Err(sections.expected("nothing after the last section")),
        }
    }

    /// The section whose header is at a place.
    fn next(
        &self,
        at: u64,
        length: u64,
        read: &mut impl FnMut(u64, &mut [u8]) -> Option<()>,
    ) -> Result<(u32, Range<u64>), FormatError> {
        let (mut section, mut own) = ([0; 4], [0; 8]);
        let header = read(at, &mut section).and_then(|()| read(at + 4, &mut own));
        header.ok_or_else(|| self.expected("the header of a section"))?;
        let (section, begin) = (u32::from_le_bytes(section), at + SECTION_HEADER);
        let end = begin.checked_add(u64::from_le_bytes(own));
        match end.filter(|end| *end <= length) {
            Some(end) => Ok((section, begin..end)),
            None => Err(self.expected(format!("section {section} whole"))),
        }
    }

    pub fn has(&self, section: u32) -> bool {
        self.found.iter().any(|(known, _)| *known == section)
    }

    /// The numbers of all sections, in the file's order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.found.iter().map(|(number, _)| *number)
    }

    /// Where a section lies in a file.
    pub fn place(&self, section: u32) -> Result<Range<u64>, FormatError> {
        let found = self.found.iter().find(|(known, _)| *known == section);
        found
            .map(|(_, range)| range.clone())
            .ok_or_else(|| self.expected(format!("section {section}")))
    }

    /// Where a section lies in memory.
    pub fn at(&self, section: u32) -> Result<Range<usize>, FormatError> {
        let place = self.place(section)?;
        let ends = [place.start, place.end].map(usize::try_from);
        match ends {
            [Ok(start), Ok(end)] => Ok(start..end),
            _ => Err(self.expected(format!("section {section} in memory"))),
        }
    }

    /// The bytes of a section.
    pub fn bytes<'b>(&self, section: u32, file: &'b [u8]) -> Result<&'b [u8], FormatError> {
        let place = self.at(section)?;
        file.get(place)
            .ok_or_else(|| self.expected(format!("section {section}")))
    }

    pub fn expected(&self, expected: impl Into<String>) -> FormatError {
        FormatError {
            format: self.format,
            expected: expected.into(),
        }
    }
}

/// Fills bytes from a place of others on.
fn reader(bytes: &[u8]) -> impl FnMut(u64, &mut [u8]) -> Option<()> + '_ {
    |at, out| {
        let mut at = usize::try_from(at).ok()?;
        out.copy_from_slice(take(bytes, &mut at, out.len())?);
        Some(())
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
