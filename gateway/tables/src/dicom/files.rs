//! Which files of a folder are DICOM files, and why the others are not read.

use super::instance;
use super::settings::DicomLimits;
use super::source::{Fault, Source};
use crate::error::TableError;
use std::fs;
use std::path::{Path, PathBuf};

/// A file or folder that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub reason: SkipReason,
}

/// Why it is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// A link could lead out of the folder, or in a circle.
    Link,
    /// A device, a socket, a pipe.
    Special,
    /// No `DICM` at byte 128.
    NotDicom,
    /// A directory of other files (DICOMDIR), which repeats what these say.
    Directory,
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SkipReason::Link => "a link is not followed",
            SkipReason::Special => "not a regular file",
            SkipReason::NotDicom => "no DICOM file: no mark DICM at byte 128",
            SkipReason::Directory => "a DICOMDIR, which lists other files",
        })
    }
}

/// The DICOM files, sorted by path, and what is skipped.
pub(super) fn list(
    root: &Path,
    limits: &DicomLimits,
) -> Result<(Vec<PathBuf>, Vec<Skipped>), TableError> {
    let metadata = fs::metadata(root).map_err(|e| Fault::Io(e).at(root))?;
    let mut found = Vec::new();
    let mut skipped = Vec::new();
    if metadata.is_dir() {
        folder(root, limits, &mut found, &mut skipped)?;
        found.sort();
    } else if metadata.is_file() {
        found.push(root.to_owned());
    } else {
        return Err(Fault::what("expected a file or a folder").at(root));
    }
    let mut files = Vec::with_capacity(found.len());
    for path in found {
        match reason(&path, limits).map_err(|fault| fault.at(&path))? {
            None => files.push(path),
            Some(reason) => skipped.push(Skipped { path, reason }),
        }
    }
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() {
        let what = format!("no DICOM file (Part 10) among {} files", skipped.len());
        return Err(Fault::What(what).at(root));
    }
    Ok((files, skipped))
}

fn folder(
    root: &Path,
    limits: &DicomLimits,
    found: &mut Vec<PathBuf>,
    skipped: &mut Vec<Skipped>,
) -> Result<(), TableError> {
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| Fault::Io(e).at(&folder))? {
            let entry = entry.map_err(|e| Fault::Io(e).at(&folder))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|e| Fault::Io(e).at(&path))?;
            if kind.is_dir() && depth >= limits.folders {
                let what = format!(
                    "expected at most {} folders inside each other",
                    limits.folders
                );
                return Err(Fault::What(what).at(&path));
            } else if kind.is_dir() {
                open.push((path, depth + 1));
            } else if kind.is_file() {
                found.push(path);
            } else {
                let reason = match kind.is_symlink() {
                    true => SkipReason::Link,
                    false => SkipReason::Special,
                };
                skipped.push(Skipped { path, reason });
            }
            if found.len() + skipped.len() > limits.files {
                let what = format!("expected at most {} files", limits.files);
                return Err(Fault::What(what).at(root));
            }
        }
    }
    Ok(())
}

/// Why a file is not read. **Errors**: it is a DICOM file whose beginning is damaged.
fn reason(path: &Path, limits: &DicomLimits) -> Result<Option<SkipReason>, Fault> {
    let mut source = Source::open(path)?;
    if !source.mark()? {
        return Ok(Some(SkipReason::NotDicom));
    }
    let meta = instance::meta(&mut source, &[], limits)?;
    Ok(meta.is_directory.then_some(SkipReason::Directory))
}
