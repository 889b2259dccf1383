//! Which files a set consists of, and their bytes: unpacked, bounded, with a digest.

use crate::Limits;
use crate::error::FhirError;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Deepest folder below the one that is named.
const MAX_DEPTH: usize = 8;
const LINKED: &str = "a link to a folder";
/// Most files of one set.
const MAX_FILES: usize = 1_000_000;

/// What a file holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON value.
    Json,
    /// One JSON value a line.
    Lines,
}

impl Format {
    /// By the file's extension, `.gz` aside.
    pub(crate) fn of(path: &Path) -> Option<Format> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "json" => Some(Format::Json),
            "ndjson" | "jsonl" => Some(Format::Lines),
            _ => None,
        }
    }
}

/// Endings of files that hold no resources.
const NO_RESOURCES: [&str; 20] = [
    ".txt", ".md", ".rst", ".html", ".htm", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg",
    ".csv", ".tsv", ".log", ".sha1", ".sha256", ".sha512", ".md5", ".sig", ".asc",
];

/// Whether a file of another form may hold resources, by its name: whatever is not known.
pub(crate) fn may_hold_resources(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    !NO_RESOURCES.iter().any(|end| name.ends_with(end))
}

/// What a set consists of.
#[derive(Default)]
pub(crate) struct Listed {
    pub files: Vec<PathBuf>,
    /// What is there and cannot be read, and why.
    pub skipped: Vec<(PathBuf, &'static str)>,
}

/// Lists a file, or a folder with what is below it, sorted by path. Hidden files and folders are
/// left out.
pub(crate) fn list(root: &Path) -> Result<Listed, FhirError> {
    let mut listed = Listed::default();
    if fs::metadata(root).map_err(at(root))?.is_file() {
        listed.files.push(root.to_owned());
        return Ok(listed);
    }
    walk(root, 0, &mut listed)?;
    listed.files.sort();
    listed.skipped.sort();
    Ok(listed)
}

fn walk(folder: &Path, depth: usize, listed: &mut Listed) -> Result<(), FhirError> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link to a folder could lead in a circle, so only real folders are entered.
        if entry.file_type().map_err(at(&path))?.is_dir() {
            match depth < MAX_DEPTH {
                true => walk(&path, depth + 1, listed)?,
                false => listed.skipped.push((path, "a folder too deep in others")),
            }
        } else if path.is_file() {
            listed.files.push(path);
        } else {
            let is_folder = path.is_dir();
            let why = if is_folder {
                LINKED
            } else {
                "no file that can be opened"
            };
            listed.skipped.push((path, why));
        }
        if listed.files.len() + listed.skipped.len() > MAX_FILES {
            return Err(FhirError::TooMany {
                path: folder.to_owned(),
                what: "files",
                limit: MAX_FILES as u64,
            });
        }
    }
    Ok(())
}

/// Names the file in an error of the file system.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> FhirError {
    let path = path.to_owned();
    move |source| match source.kind() {
        // The reader below says by this kind that a bound was passed.
        io::ErrorKind::FileTooLarge => FhirError::TooLarge {
            path: path.clone(),
            limit: source.to_string().parse().unwrap_or(0),
        },
        _ => FhirError::Io {
            path: path.clone(),
            source,
        },
    }
}

/// Fails, rather than ends, where a bound is passed.
struct Bounded<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        let left = self.left.checked_sub(got as u64);
        self.left = left
            .ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, self.limit.to_string()))?;
        Ok(got)
    }
}

/// Digests what passes.
struct Digested {
    file: fs::File,
    digest: Rc<RefCell<Sha256>>,
    read: Rc<Cell<u64>>,
}

impl Read for Digested {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.file.read(buffer)?;
        let new = buffer.get(..got).unwrap_or_default();
        self.digest.borrow_mut().update(new);
        self.read.set(self.read.get() + got as u64);
        Ok(got)
    }
}

/// An open file: read `lines`, then take the digest.
pub(crate) struct Opened {
    pub bytes: Box<dyn BufRead>,
    digest: Rc<RefCell<Sha256>>,
    read: Rc<Cell<u64>>,
    /// The end of the last line was not reached.
    is_inside: bool,
}

/// What the next line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    End,
    Read,
    TooLong,
}

/// What is said of a line that is too long.
pub(crate) fn too_long(path: &Path, number: u64, limits: &Limits) -> FhirError {
    let what = format!(
        "line {number}: expected at most {} bytes",
        limits.line_bytes
    );
    FhirError::Malformed {
        path: path.to_owned(),
        what,
    }
}

/// Opens a file, unpacks gzip, skips a byte order mark, and refuses UTF-16.
///
/// **Errors**: later reads fail at the limit, in the file and in what is unpacked.
pub(crate) fn open(path: &Path, format: Format, limits: &Limits) -> Result<Opened, FhirError> {
    let limit = match format {
        Format::Json => limits.json_bytes,
        Format::Lines => limits.stream_bytes,
    };
    let digest = Rc::new(RefCell::new(Sha256::new()));
    let read = Rc::default();
    let file = Digested {
        file: fs::File::open(path).map_err(at(path))?,
        digest: Rc::clone(&digest),
        read: Rc::clone(&read),
    };
    let bounded = Bounded {
        inner: file,
        left: limit,
        limit,
    };
    let mut raw = BufReader::with_capacity(1 << 17, bounded);
    let packed = raw.fill_buf().map_err(at(path))?.starts_with(&[0x1f, 0x8b]);
    let mut bytes: Box<dyn BufRead> = if packed {
        let bounded = Bounded {
            inner: MultiGzDecoder::new(raw),
            left: limit,
            limit,
        };
        Box::new(BufReader::with_capacity(1 << 17, bounded))
    } else {
        Box::new(raw)
    };
    skip_mark(&mut bytes, path)?;
    Ok(Opened {
        bytes,
        digest,
        read,
        is_inside: false,
    })
}

/// Skips a byte order mark.
///
/// **Errors**: the mark is UTF-16's.
fn skip_mark(bytes: &mut dyn BufRead, path: &Path) -> Result<(), FhirError> {
    let start = bytes.fill_buf().map_err(at(path))?;
    let utf16 = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    let mark = if start.starts_with(&[0xef, 0xbb, 0xbf]) {
        3
    } else {
        0
    };
    if utf16 {
        return Err(FhirError::Malformed {
            path: path.to_owned(),
            what: "expected utf-8, got utf-16".to_owned(),
        });
    }
    bytes.consume(mark);
    Ok(())
}

impl Opened {
    /// The SHA-256 of the whole file as it lies on disk.
    pub(crate) fn digest(mut self, path: &Path) -> Result<[u8; 32], FhirError> {
        io::copy(&mut self.bytes, &mut io::sink()).map_err(at(path))?;
        drop(self.bytes);
        Ok(self.digest.borrow().clone().finalize().into())
    }

    /// Bytes of the file that were read.
    pub(crate) fn read(&self) -> u64 {
        self.read.get()
    }

    /// Reads the next line into `line`.
    pub(crate) fn line(
        &mut self,
        line: &mut Vec<u8>,
        path: &Path,
        limits: &Limits,
    ) -> Result<Line, FhirError> {
        line.clear();
        let mut limited = Read::take(&mut self.bytes, limits.line_bytes.saturating_add(1));
        limited.read_until(b'\n', line).map_err(at(path))?;
        Ok(match line.len() as u64 {
            0 => Line::End,
            length if length > limits.line_bytes => {
                self.is_inside = line.last() != Some(&b'\n');
                Line::TooLong
            }
            _ => Line::Read,
        })
    }

    /// Passes over what is left of a line that was too long.
    pub(crate) fn pass_line(&mut self, path: &Path) -> Result<(), FhirError> {
        while std::mem::take(&mut self.is_inside) {
            let held = self.bytes.fill_buf().map_err(at(path))?;
            let end = held.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(held.len(), |end| end + 1);
            self.is_inside = end.is_none() && length > 0;
            self.bytes.consume(length);
        }
        Ok(())
    }
}
