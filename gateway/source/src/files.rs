//! Which files a source consists of, in an order that does not depend on the machine.

use super::error::SourceError;
use super::reading::Skipped;
use std::fs;
use std::path::{Path, PathBuf};

/// Deepest folder below the one that is named.
const MAX_DEPTH: usize = 8;
/// Most files of one source.
const MAX_FILES: usize = 1_000_000;

/// What a source consists of.
#[derive(Default)]
pub(crate) struct Listed {
    pub files: Vec<PathBuf>,
    /// What is there and is not read.
    pub skipped: Vec<Skipped>,
}

/// Lists a file, or a folder with what is below it, sorted by path. Hidden files and folders are
/// left out.
pub(crate) fn list(root: &Path) -> Result<Listed, SourceError> {
    let metadata = fs::metadata(root).map_err(io(root))?;
    let mut listed = Listed::default();
    if metadata.is_file() {
        listed.files.push(root.to_owned());
        return Ok(listed);
    }
    walk(root, 0, &mut listed)?;
    listed.files.sort();
    listed.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listed)
}

fn walk(folder: &Path, depth: usize, listed: &mut Listed) -> Result<(), SourceError> {
    for entry in fs::read_dir(folder).map_err(io(folder))? {
        let entry = entry.map_err(io(folder))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link to a folder could lead in a circle, so only real folders are entered.
        let is_folder = entry.file_type().map_err(io(&path))?.is_dir();
        if is_folder && depth < MAX_DEPTH {
            walk(&path, depth + 1, listed)?;
        } else if !is_folder && path.is_file() {
            listed.files.push(path);
        } else {
            let why = match (is_folder, path.is_dir()) {
                (true, _) => "a folder too deep in others",
                (false, true) => "a link to a folder",
                (false, false) => "no file that can be opened",
            };
            listed.skipped.push(Skipped {
                path,
                why: why.to_owned(),
            });
        }
        if listed.files.len() + listed.skipped.len() > MAX_FILES {
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
