//! The bytes of a file as UTF-8: bounded, unpacked, decoded.

use super::settings::{CsvSettings, encoding};
use encoding_rs::{Decoder, DecoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, Read};

const BLOCK: usize = 1 << 16;

/// Why no more text comes.
pub(super) enum InputError {
    Io(io::Error),
    /// What was expected and what to do.
    Text(String),
}

/// A reader that fails after so many bytes, whatever the file's announced size is.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        if room == 0 && !out.is_empty() {
            return match self.inner.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::ErrorKind::FileTooLarge.into()),
            };
        }
        let len = out.len().min(room);
        let n = self.inner.read(out.get_mut(..len).unwrap_or_default())?;
        self.left = self.left.saturating_sub(n as u64);
        Ok(n)
    }
}

/// A file's text.
pub(super) struct Input {
    inner: Box<dyn Read + Send>,
    decoder: Decoder,
    encoding: &'static Encoding,
    limit: u64,
    raw: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
    /// Told once the text before it is handed over.
    failed: Option<InputError>,
    /// Whether a zero stands for what is not of the encoding, and it is read on.
    gather: bool,
    /// Such a zero comes next.
    zero: bool,
}

impl Input {
    /// **Errors**: the first block cannot be read, or does not fit the settings.
    pub(super) fn new(
        bytes: impl Read + Send + 'static,
        gzip: bool,
        settings: &CsvSettings,
        limit: u64,
    ) -> Result<Input, InputError> {
        let packed = Limited {
            inner: bytes,
            left: limit,
        };
        let mut inner: Box<dyn Read + Send> = match gzip {
            true => Box::new(Limited {
                inner: flate2::read::MultiGzDecoder::new(io::BufReader::new(packed)),
                left: limit,
            }),
            false => Box::new(packed),
        };
        let mut raw = vec![0; BLOCK];
        let end = fill(&mut *inner, &mut raw).map_err(|e| from_io(e, limit))?;
        let (encoding, mark) = choose(raw.get(..end).unwrap_or_default(), settings)?;
        Ok(Input {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            encoding,
            limit,
            raw,
            at: mark,
            end,
            ended: false,
            failed: None,
            // Where a byte changes the meaning of those behind it, no next line is sure.
            gather: settings.gather && encoding != ISO_2022_JP,
            zero: false,
        })
    }

    pub(super) fn gathers(&self) -> bool {
        self.gather
    }

    /// What is said of a byte that is not of the encoding.
    pub(super) fn malformed(&self) -> InputError {
        malformed(self.encoding)
    }

    /// Writes text to the front of `out`, which has room for 1 KiB at least; 0 at the end.
    ///
    /// **Errors**: only after all the text before the fault was handed over.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, InputError> {
        loop {
            if let Some(failed) = self.failed.take() {
                return Err(failed);
            }
            if let (true, Some(first)) = (self.zero, out.first_mut()) {
                (self.zero, *first) = (false, 0);
                return Ok(1);
            }
            if self.ended {
                return Ok(0);
            }
            if self.at == self.end {
                self.at = 0;
                self.end = fill(&mut *self.inner, &mut self.raw).map_err(|e| {
                    self.end = 0;
                    from_io(e, self.limit)
                })?;
            }
            // Blocks are full until the last one.
            let last = self.end < self.raw.len();
            let bytes = self.raw.get(self.at..self.end).unwrap_or_default();
            let (result, read, written) = self
                .decoder
                .decode_to_utf8_without_replacement(bytes, out, last);
            self.at += read;
            match result {
                DecoderResult::Malformed(..) if self.gather => self.zero = true,
                DecoderResult::Malformed(..) => self.failed = Some(malformed(self.encoding)),
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
            let text = out.get_mut(..written).unwrap_or_default();
            let good = match self.gather {
                true => self.mark(text),
                false => self.check(text),
            };
            if good > 0 {
                return Ok(good);
            }
        }
    }

    /// Writes zeros over what no text has.
    fn mark(&self, text: &mut [u8]) -> usize {
        let is_wide = self.encoding != UTF_8;
        while let Some(at) = is_wide.then(|| undefined(text)).flatten() {
            text.iter_mut().skip(at).take(2).for_each(|byte| *byte = 0);
        }
        text.len()
    }

    /// How many of the decoded bytes come before what no text has.
    fn check(&mut self, text: &[u8]) -> usize {
        let zero = memchr::memchr(0, text);
        let hole = match self.encoding == UTF_8 {
            true => None,
            false => undefined(text),
        };
        let end = zero.into_iter().chain(hole).min();
        if let Some(end) = end {
            self.failed = Some(match zero == Some(end) {
                true => InputError::Text("expected text, got a zero byte".to_owned()),
                false => malformed(self.encoding),
            });
        }
        end.unwrap_or(text.len())
    }
}

/// Reads until the buffer is full or nothing more comes.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut end = 0;
    while let Some(room) = buffer.get_mut(end..).filter(|room| !room.is_empty()) {
        match reader.read(room) {
            Ok(0) => break,
            Ok(n) => end += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(end)
}

fn from_io(error: io::Error, limit: u64) -> InputError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => InputError::Text(format!(
            "expected at most {limit} bytes (of a packed file, unpacked too)"
        )),
        _ => InputError::Io(error),
    }
}

fn malformed(encoding: &'static Encoding) -> InputError {
    InputError::Text(format!(
        "expected {}: name the file's encoding in the setting encoding, as windows-1252",
        encoding.name()
    ))
}

/// Where a byte stands that has no character in a single-byte code: WHATWG gives it a control
/// character of 0x80 to 0x9f, which no file of a hospital means.
fn undefined(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(0xc2, text).find(|at| {
        text.get(at + 1)
            .is_some_and(|next| (0x80..0xa0).contains(next))
    })
}

/// What a file is that is no text at all.
fn foreign(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            Some("expected utf-8 or utf-16, got utf-32: save it as utf-8")
        }
        [0x1f, 0x8b, ..] => Some("expected text, got gzip: name the file .csv.gz"),
        [b'P', b'K', 3, 4, ..] => {
            Some("expected text, got a zip file: a workbook is named .xlsx, .xlsb or .ods")
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            Some("expected text, got an old workbook: name the file .xls")
        }
        _ => None,
    }
}

/// The encoding, and the length of the byte order mark.
fn choose(start: &[u8], settings: &CsvSettings) -> Result<(&'static Encoding, usize), InputError> {
    let text = |what: &str| Err(InputError::Text(what.to_owned()));
    if let Some(what) = foreign(start) {
        return text(what);
    }
    let label = settings.encoding.as_deref().map(str::trim);
    let named = label.and_then(encoding);
    // Without an end that comes first, the label says no more than the mark does.
    let either =
        label.is_some_and(|l| named == Some(UTF_16LE) && !l.to_ascii_lowercase().ends_with("le"));
    match (Encoding::for_bom(start), named) {
        (Some((found, _)), Some(named)) if found != named && !(either && found == UTF_16BE) => {
            return text(&format!(
                "expected {} as the settings say, got the byte order mark of {}",
                named.name(),
                found.name()
            ));
        }
        (Some(found), _) => return Ok(found),
        (None, _) if either => {
            return text("expected a byte order mark: name the encoding utf-16le or utf-16be");
        }
        (None, _) => {}
    }
    let encoding = named.unwrap_or(UTF_8);
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    match (wide, zeros(start)) {
        (false, Some(label)) => text(&format!(
            "expected {}, got utf-16 without a byte order mark: name the encoding, as {label}",
            encoding.name()
        )),
        _ => Ok((encoding, 0)),
    }
}

/// The label of UTF-16 that many zero bytes tell of.
fn zeros(start: &[u8]) -> Option<&'static str> {
    let odd = start.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
    let even = start.iter().step_by(2).filter(|b| **b == 0).count();
    let many = (odd + even) * 8 >= start.len() && odd + even > 0;
    many.then_some(if odd >= even { "utf-16le" } else { "utf-16be" })
}
