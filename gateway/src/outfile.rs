//! Files that a command is asked to write: `--out` and its like. `-` is standard output.
//!
//! A file is new, or takes the place of a plain file once it is complete. Devices, pipes, sockets
//! and folders are refused before any work, and so are links that somebody else may have put there.

use crate::home::Home;
use crate::streams;
use medveil_custody::{CustodyError, OutputRule, check_output_folder, sweep_outputs, write_output};
use std::io::{ErrorKind, Result as IoResult};
use std::path::Path;

/// Whether the name says standard output.
pub fn is_standard_output(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Checks that a file of this name can be written.
///
/// **Errors**: something else than a plain file is there; a link in a folder that is everybody's;
/// no folder, or one that nothing can be written into.
pub fn check(path: &Path) -> Result<(), CustodyError> {
    if is_standard_output(path) {
        return Ok(());
    }
    let io = |action| {
        move |source| CustodyError::Io {
            action,
            path: path.to_owned(),
            source,
        }
    };
    let folder = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => folder(path).to_owned(),
        Err(error) => return Err(io("look at")(error)),
        Ok(_) => {
            let real = std::fs::canonicalize(path).map_err(io("look at"))?;
            if !real.is_file() || is_planted(path).map_err(io("look at"))? {
                return Err(CustodyError::NotAFile(path.to_owned()));
            }
            folder(&real).to_owned()
        }
    };
    std::fs::metadata(&folder).map_err(io("look at the folder of"))?;
    check_output_folder(&folder).map_err(io("write into the folder of"))
}

/// Writes a file that anybody may read.
///
/// **Errors**: as [`check`]; the file system or standard output refused.
pub fn write(home: &Home, path: &Path, bytes: &[u8]) -> Result<(), CustodyError> {
    write_as(home, path, bytes, 0o644)
}

/// Writes a file that only its owner may read.
///
/// **Errors**: as [`write()`].
pub fn write_secret(home: &Home, path: &Path, bytes: &[u8]) -> Result<(), CustodyError> {
    write_as(home, path, bytes, 0o600)
}

fn write_as(home: &Home, path: &Path, bytes: &[u8], mode: u32) -> Result<(), CustodyError> {
    if is_standard_output(path) {
        return to_standard_output(bytes);
    }
    check(path)?;
    let rule = OutputRule {
        mode,
        replaces: true,
    };
    write_output(Some(&home.outputs()), path, bytes, rule)
}

/// Writes a file that must not be there yet, as a whole or not at all. It needs no home, and has no
/// rows.
///
/// **Errors**: it is there; the file system or standard output refused.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), CustodyError> {
    if is_standard_output(path) {
        return to_standard_output(bytes);
    }
    let rule = OutputRule {
        mode: 0o644,
        replaces: false,
    };
    write_output(None, path, bytes, rule)
}

/// Writes a file that anybody may read, in the place of a plain file. It needs no home, and has no
/// rows.
///
/// **Errors**: as [`check`]; the file system or standard output refused.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), CustodyError> {
    if is_standard_output(path) {
        return to_standard_output(bytes);
    }
    check(path)?;
    let rule = OutputRule {
        mode: 0o644,
        replaces: true,
    };
    write_output(None, path, bytes, rule)
}

/// Removes what killed processes left half-written, in a home and where they were asked to write.
pub fn sweep(home: &Home) {
    medveil_custody::sweep(home.root());
    sweep_outputs(&home.outputs());
}

fn to_standard_output(bytes: &[u8]) -> Result<(), CustodyError> {
    streams::content(bytes).map_err(|source| CustodyError::Io {
        action: "write to standard output:",
        path: "-".into(),
        source,
    })
}

/// The folder that a file stands in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether a name is a link in a folder where everybody may put one, and not the folder's owner's.
///
/// **Source**: the rule of Linux for `fs.protected_symlinks`, here for all links of others.
#[cfg(unix)]
fn is_planted(path: &Path) -> IoResult<bool> {
    use std::os::unix::fs::MetadataExt;
    const STICKY_AND_WIDE: u32 = 0o1002;
    let link = std::fs::symlink_metadata(path)?;
    let folder = std::fs::metadata(folder(path))?;
    let is_wide = folder.mode() & STICKY_AND_WIDE == STICKY_AND_WIDE;
    Ok(link.is_symlink() && is_wide && link.uid() != folder.uid())
}

#[cfg(not(unix))]
fn is_planted(_: &Path) -> IoResult<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests;
