//! Which files a source consists of, in an order that does not depend on the machine.

use super::error::SourceError;
use std::fs;
use std::path::{Path, PathBuf};

/// Deepest folder below the one that is named.
const MAX_DEPTH: usize = 8;
/// Most files of one source.
const MAX_FILES: usize = 1_000_000;

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

/// Names the file in an error of the file system.
pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> SourceError {
    let path = path.to_owned();
    move |source| SourceError::Io { path, source }
}
