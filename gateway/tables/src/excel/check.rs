//! What a packed workbook is, and whether it may be read: before the library that reads it, which
//! would take room for whatever a file announces, and would read past what it does not know.

use super::{ExcelLimits, Format};
use std::io::{Cursor, Read, Write};
use zip::ZipArchive;

/// Most files in a workbook.
const MAX_ENTRIES: usize = 10_000;
/// Longest text of a workbook in bytes, with its tag.
const TEXT: u64 = 1 << 20;
/// Most bytes of a part that is looked at whole.
const PART: u64 = 1 << 30;
/// Rows and columns of the largest sheet.
const SHEET: (u64, u64) = (1_048_576, 16_384);

/// The format by content: a file's ending is not always true.
pub(super) fn format(bytes: &[u8]) -> Result<Format, String> {
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Ok(Format::Xls);
    }
    if !bytes.starts_with(b"PK") {
        return Err("expected a workbook, got another file: a text is named .csv".to_owned());
    }
    let zip = open(bytes)?;
    let has = |name| zip.index_for_name(name).is_some();
    match (has("mimetype"), has("xl/workbook.bin")) {
        (true, _) => Ok(Format::Ods),
        (_, true) => Ok(Format::Xlsb),
        _ if zip
            .file_names()
            .any(|name| name.is_ok_and(|n| n.starts_with("xl/"))) =>
        {
            Ok(Format::Xlsx)
        }
        _ => Err("expected a workbook, got another zip file".to_owned()),
    }
}

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, String> {
    let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    match zip.len() > MAX_ENTRIES {
        true => Err(format!(
            "expected at most {MAX_ENTRIES} files in a workbook"
        )),
        false => Ok(zip),
    }
}

fn broken() -> String {
    "expected a whole workbook, got one that is cut or damaged: copy it anew".to_owned()
}

/// Unpacks everything once, within the limits. True if the workbook asks its program to calculate
/// every formula anew: the results that it stores are not meant.
///
/// **Errors**: what was expected and what to do.
pub(super) fn zip(bytes: &[u8], format: Format, limits: &ExcelLimits) -> Result<bool, String> {
    let mut zip = open(bytes)?;
    let (mut left, mut stale) = (limits.unpacked_bytes, false);
    for index in 0..zip.len() {
        let file = zip.by_index(index).map_err(|_| broken())?;
        let name = file.name().unwrap_or_default().to_lowercase();
        let mut bounded = file.take(left.saturating_add(1));
        let (mut content, mut runs) = (Vec::new(), Runs::default());
        let read = match kept(&name, format) {
            true => bounded
                .take(PART)
                .read_to_end(&mut content)
                .map(|n| n as u64),
            false => std::io::copy(&mut bounded, &mut runs),
        };
        let read = read.map_err(|_| broken())?;
        runs.add(&content);
        let read_by_reader = name.ends_with(".xml") && !name.starts_with("customxml/");
        if read == PART || (read_by_reader && runs.longest > TEXT) {
            return Err(format!(
                "expected texts of at most {TEXT} bytes, and parts of {PART}"
            ));
        }
        left = left
            .checked_sub(read)
            .ok_or_else(|| format!("expected at most {} bytes unpacked", limits.unpacked_bytes))?;
        match format {
            Format::Ods if name == "content.xml" => document(&content, limits.cells)?,
            Format::Xlsx if name.ends_with("workbook.xml") => stale |= calculates(&content),
            Format::Xlsx if !content.is_empty() => shared_texts(&content)?,
            Format::Xlsb if name == "xl/workbook.bin" => sheets_outside(&content)?,
            Format::Xlsb if !content.is_empty() => binary_sheet(&content)?,
            _ => {}
        }
    }
    Ok(stale)
}

/// How long the texts between tags are, tags included: a reader holds each of them.
#[derive(Default)]
struct Runs {
    run: u64,
    longest: u64,
}

impl Runs {
    fn add(&mut self, bytes: &[u8]) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'<', bytes) {
            self.longest = self.longest.max(self.run + (end - start) as u64);
            (self.run, start) = (0, end);
        }
        self.run += (bytes.len() - start) as u64;
        self.longest = self.longest.max(self.run);
    }
}

impl Write for Runs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Writers that do not calculate say so: they store 0 or nothing as a formula's result.
fn calculates(xml: &[u8]) -> bool {
    let mut tags = Tags(xml).filter(|tag| tag.name().ends_with(b"calcPr"));
    tags.any(|tag| matches!(tag.value("fullCalcOnLoad"), Some(b"1" | b"true")))
}

/// Whether a file of a workbook is looked at.
fn kept(name: &str, format: Format) -> bool {
    match format {
        Format::Ods => name == "content.xml",
        Format::Xlsx => name.ends_with("sharedstrings.xml") || name.ends_with("workbook.xml"),
        Format::Xlsb => {
            name == "xl/workbook.bin"
                || (name.starts_with("xl/worksheets/") && name.ends_with(".bin"))
        }
        Format::Xls => false,
    }
}

/// No more texts are announced than there is room for.
fn shared_texts(xml: &[u8]) -> Result<(), String> {
    let announced = Tags(xml)
        .find(|tag| tag.name().ends_with(b"sst"))
        .and_then(|tag| tag.number("uniqueCount"));
    match announced.is_some_and(|n| n > xml.len() as u64) {
        true => Err(broken()),
        false => Ok(()),
    }
}

/// The squares that the sheets of an open document span.
#[derive(Default)]
struct Squares {
    /// Rows before the one that is read, that row's repetitions, and its columns so far.
    rows: u64,
    row: u64,
    column: u64,
    /// The square of this sheet.
    last: u64,
    widest: u64,
    /// The cells of the sheets before it.
    before: u64,
}

impl Squares {
    fn add(&mut self, tag: &Tag<'_>) -> Result<(), String> {
        match tag.name() {
            b"table:table" => {
                let before = self.all();
                *self = Squares {
                    before,
                    ..Squares::default()
                };
            }
            b"table:table-row" => {
                self.rows = self.rows.saturating_add(self.row);
                self.row = tag.number("table:number-rows-repeated").unwrap_or(1);
                self.column = 0;
            }
            b"table:table-cell" | b"table:covered-table-cell" => {
                let spans = ["table:number-columns-spanned", "table:number-rows-spanned"];
                if spans.iter().any(|s| tag.number(s).is_some_and(|n| n > 1)) {
                    return Err(MERGED.to_owned());
                }
                let repeated = tag.number("table:number-columns-repeated").unwrap_or(1);
                self.column = self.column.saturating_add(repeated);
                let has = |word: &str| memchr::memmem::find(tag.0, word.as_bytes()).is_some();
                if has("office:") || has("formula=") {
                    self.last = self.rows.saturating_add(self.row);
                    self.widest = self.widest.max(self.column);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn all(&self) -> u64 {
        let this = self.last.saturating_mul(self.widest);
        self.before.saturating_add(this)
    }
}

/// The cells of an open document: not too many, none merged.
fn document(xml: &[u8], limit: u64) -> Result<(), String> {
    let mut squares = Squares::default();
    for tag in Tags(xml) {
        squares.add(&tag)?;
        if squares.last > SHEET.0 || squares.widest > SHEET.1 {
            let (rows, columns) = SHEET;
            return Err(format!(
                "expected at most {rows} rows and {columns} columns"
            ));
        }
        if squares.all() > limit {
            return Err(format!(
                "expected at most {limit} cells in the sheets' squares"
            ));
        }
        if tag.name() == b"text:s" && tag.number("text:c").is_some_and(|n| n > 32_767) {
            return Err("expected at most 32767 blanks in a row".to_owned());
        }
    }
    Ok(())
}

const MERGED: &str =
    "expected no merged cells in any sheet: part them, and write the value into each";

/// The tags of a document, comments and the like left out.
struct Tags<'a>(&'a [u8]);

/// A tag without its brackets.
struct Tag<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = memchr::memchr(b'<', self.0)?;
            let rest = self.0.get(start + 1..)?;
            let hidden: [(&[u8], &[u8]); 3] =
                [(b"!--", b"-->"), (b"!\x5bCDATA\x5b", b"]]>"), (b"?", b"?>")];
            if let Some((_, end)) = hidden.iter().find(|(open, _)| rest.starts_with(open)) {
                let at = memchr::memmem::find(rest, end)?;
                self.0 = rest.get(at + end.len()..)?;
                continue;
            }
            let end = tag_end(rest)?;
            let (tag, after) = rest.split_at_checked(end)?;
            self.0 = after;
            return Some(Tag(tag));
        }
    }
}

/// Where a tag's bracket closes: not within quotes.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + memchr::memchr3(b'>', b'"', b'\'', tag.get(at..)?)?;
        match *tag.get(found)? {
            b'>' => return Some(found),
            quote => at = found + 2 + memchr::memchr(quote, tag.get(found + 1..)?)?,
        }
    }
}

impl<'a> Tag<'a> {
    fn name(&self) -> &'a [u8] {
        let end = |b: &u8| b.is_ascii_whitespace() || *b == b'/';
        let len = self.0.iter().position(end).unwrap_or(self.0.len());
        self.0.get(..len).unwrap_or_default()
    }

    fn value(&self, attribute: &str) -> Option<&'a [u8]> {
        let at = memchr::memmem::find(self.0, attribute.as_bytes())?;
        let rest = self.0.get(at + attribute.len()..)?.trim_ascii_start();
        let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
        let (quote, value) = rest.split_first()?;
        value.get(..memchr::memchr(*quote, value)?)
    }

    /// The number that an attribute holds; more than any limit where it is no number.
    fn number(&self, attribute: &str) -> Option<u64> {
        let digits = std::str::from_utf8(self.value(attribute)?).ok();
        Some(digits.and_then(|d| d.parse().ok()).unwrap_or(u64::MAX))
    }
}

/// The records of a binary part: type and content. Source: MS-XLSB 2.1.4.
fn records(mut bytes: &[u8]) -> impl Iterator<Item = Result<(u64, &[u8]), String>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let mut record = || {
            let kind = varying(&mut bytes, 2)?;
            let len = usize::try_from(varying(&mut bytes, 4)?).ok()?;
            let (content, rest) = bytes.split_at_checked(len)?;
            bytes = rest;
            Some((kind, content))
        };
        let found = record();
        if found.is_none() {
            bytes = &[];
        }
        Some(found.ok_or_else(broken))
    })
}

/// A number of at most so many bytes, the low seven bits of each, the low ones first.
fn varying(bytes: &mut &[u8], most: u32) -> Option<u64> {
    let mut number = 0;
    for n in 0..most {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// A binary sheet has no merged cells, and no kinds of cells that the library passes over: rich
/// texts, formulas that end in an error, and the short forms. Source: MS-XLSB 2.3.2.
fn binary_sheet(bytes: &[u8]) -> Result<(), String> {
    for record in records(bytes) {
        match record?.0 {
            176 => return Err(MERGED.to_owned()),
            11 => {
                return Err(
                    "expected formulas with a value, got an error such as #N/A: mend it or \
                            empty the cell"
                        .to_owned(),
                );
            }
            12..=18 | 62 => {
                return Err(
                    "expected the usual kinds of cells: save the workbook as .xlsx".to_owned(),
                );
            }
            _ => {}
        }
    }
    Ok(())
}

/// No more sheets of other books are announced than there is room for.
fn sheets_outside(bytes: &[u8]) -> Result<(), String> {
    for record in records(bytes) {
        let (kind, content) = record?;
        let announced = content.first_chunk().map_or(0, |n| u32::from_le_bytes(*n));
        if kind == 362 && u64::from(announced) > content.len() as u64 {
            return Err(broken());
        }
    }
    Ok(())
}
