//! Which files a source consists of, in an order that does not depend on the machine.

use super::error::SourceError;
use std::fs;
use std::path::{Path, PathBuf};

/// Deepest folder below the one that is named.
const MAX_DEPTH: usize = 8;
/// Most files of one source.
const MAX_FILES: usize = 1_000_000;

/// What a file holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON value.
    Json,
    /// One JSON value a line.
    Ndjson,
    /// Comma-separated (or semicolon-, or tab-separated) values.
    Csv,
}

impl Format {
    /// By the file's extension.
    pub(crate) fn of(path: &Path) -> Option<Format> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Format::Json),
            "ndjson" | "jsonl" => Some(Format::Ndjson),
            "csv" | "tsv" => Some(Format::Csv),
            _ => None,
        }
    }
}

/// Lists a file, or a folder with what is below it, sorted by path. Hidden files and folders are
/// left out.
pub(crate) fn list(root: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let metadata = fs::metadata(root).map_err(io(root))?;
    if metadata.is_file() {
        return Ok(vec![root.to_owned()]);
    }
    let mut files = Vec::new();
    walk(root, 0, &mut files)?;
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), SourceError> {
    for entry in fs::read_dir(folder).map_err(io(folder))? {
        let entry = entry.map_err(io(folder))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link to a folder could lead in a circle, so only real folders are entered.
        let is_folder = entry.file_type().map_err(io(&path))?.is_dir();
        if is_folder && depth < MAX_DEPTH {
            walk(&path, depth + 1, files)?;
        } else if !is_folder && path.is_file() {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Err(SourceError::Unsuitable {
                path: folder.to_owned(),
                what: format!("expected at most {MAX_FILES} files"),
            });
        }
    }
    Ok(())
}

/// Opens a file, skips a byte order mark, and refuses what is too large or in another encoding.
pub(crate) fn open(path: &Path, limit: u64) -> Result<impl std::io::BufRead, SourceError> {
    use std::io::BufRead;
    let file = fs::File::open(path).map_err(io(path))?;
    let size = file.metadata().map_err(io(path))?.len();
    if size > limit {
        return Err(SourceError::TooLarge {
            path: path.to_owned(),
            limit,
            size,
        });
    }
    // Reading stops at the limit even if the file grows meanwhile.
    let mut reader = std::io::BufReader::with_capacity(1 << 16, std::io::Read::take(file, limit));
    let start = reader.fill_buf().map_err(io(path))?;
    let utf16 = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    let mark = if start.starts_with(&[0xef, 0xbb, 0xbf]) {
        3
    } else {
        0
    };
    if utf16 {
        return Err(SourceError::Malformed {
            path: path.to_owned(),
            what: "expected utf-8, got utf-16".to_owned(),
        });
    }
    reader.consume(mark);
    Ok(reader)
}

/// Names the file in an error of the file system.
pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> SourceError {
    let path = path.to_owned();
    move |source| SourceError::Io { path, source }
}
