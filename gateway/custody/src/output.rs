//! Files outside a home that a command is asked to write: with whatever a killed process left of
//! them, the next command can do away.
//!
//! A new file gets its content before it has a name: a killed process leaves nothing. To take the
//! place of another file, and on file systems without nameless files, it needs a temporary name.
//! That name is put on record in the home before it is made. A process holds a lock on its record,
//! which ends with the process: whoever gets the lock removes the file, then the record.

use super::error::CustodyError;
use super::files::{parent, place, read_secret_file, secret_dir, sync_folder};
use super::staged::{PREFIX, is_named, staged_in};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Longest record: a path.
const MAX_RECORD: u64 = 1 << 16;

/// What goes on while a name is put on record.
const ACTION: &str = "make a temporary name for";

/// Who may read a file, and whether it takes the place of another one.
#[derive(Clone, Copy)]
pub struct OutputRule {
    /// **Units**: bits of a mode.
    pub mode: u32,
    pub replaces: bool,
}

/// Writes a file as a whole or not at all. `records` is the home's folder of records, where there is
/// a home.
///
/// **Errors**: it exists and is not to be replaced, or is no plain file; the file system refused.
pub fn write_output(
    records: Option<&Path>,
    path: &Path,
    bytes: &[u8],
    rule: OutputRule,
) -> Result<(), CustodyError> {
    let path = &match rule.replaces {
        true => place(path)?,
        false => path.to_owned(),
    };
    if fs::symlink_metadata(path).is_ok() {
        return match rule.replaces {
            true => write_named(records, path, bytes, rule),
            false => Err(CustodyError::Exists(path.to_owned())),
        };
    }
    let Some(file) = nameless_in(parent(path)) else {
        return write_named(records, path, bytes, rule);
    };
    fill(&file, bytes, rule.mode).map_err(CustodyError::io("write", path))?;
    match name(&file, path) {
        Ok(()) => sync_folder(parent(path)),
        // Somebody made one in between, or the system names no nameless files.
        Err(_) => write_named(records, path, bytes, rule),
    }
}

/// Whether a file can be made in a folder; none is.
///
/// **Errors**: it cannot.
pub fn check_output_folder(folder: &Path) -> io::Result<()> {
    if nameless_in(folder).is_some() {
        return Ok(());
    }
    staged_in(folder).map(drop)
}

/// Removes what killed processes left under names on record. What is written at this moment stays.
pub fn sweep_outputs(records: &Path) {
    for entry in fs::read_dir(records).into_iter().flatten().flatten() {
        let record = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let file = OpenOptions::new().write(true).open(&record);
        let is_left = |file: &File| file.try_lock().is_ok() && is_named(file).unwrap_or(false);
        if file.as_ref().is_ok_and(is_left) && is_gone(&record) {
            let _ = fs::remove_file(&record);
        }
    }
}

/// Removes the file of a record. Gives whether there is none; where its folder is not there, such as
/// on a disk that is away, it may come back.
fn is_gone(record: &Path) -> bool {
    let Ok(bytes) = read_secret_file(record, MAX_RECORD) else {
        return false;
    };
    let path = path_of(&bytes);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match fs::symlink_metadata(&path) {
        Ok(found) if name.starts_with(PREFIX) && found.is_file() => fs::remove_file(&path).is_ok(),
        Ok(_) => true,
        Err(e) => e.kind() == ErrorKind::NotFound && parent(&path).is_dir(),
    }
}

/// A temporary name, and its record; both go when it is dropped.
struct Named {
    path: PathBuf,
    /// The record, and the file that holds its lock.
    record: Option<(PathBuf, File)>,
}

impl Named {
    /// Puts a name in a folder on record.
    fn new(records: Option<&Path>, folder: &Path) -> Result<Self, CustodyError> {
        let folder = fs::canonicalize(folder).map_err(CustodyError::io(ACTION, folder))?;
        let Some(records) = records else {
            // Without a home a free name is found, and nothing is on record.
            let staged = staged_in(&folder).map_err(CustodyError::io(ACTION, &folder))?;
            let path = staged.path().to_owned();
            return Ok(Named { path, record: None });
        };
        secret_dir(records)?;
        let mut staged = staged_in(records).map_err(CustodyError::io(ACTION, records))?;
        let name: OsString = staged.path().file_name().unwrap_or_default().to_owned();
        let path = folder.join(&name);
        let written = staged.write_all(path.as_os_str().as_encoded_bytes());
        let synced = written.and_then(|()| staged.as_file().sync_all());
        synced.map_err(CustodyError::io(ACTION, records))?;
        let bare = name.to_string_lossy().trim_start_matches(PREFIX).to_owned();
        let record = records.join(bare);
        let file = staged.persist_noclobber(&record);
        let file = file.map_err(|e| CustodyError::io(ACTION, &record)(e.error))?;
        let named = Named {
            path,
            record: Some((record, file)),
        };
        sync_folder(records)?;
        Ok(named)
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        if let Some((record, _)) = &self.record {
            let _ = fs::remove_file(record);
        }
    }
}

fn write_named(
    records: Option<&Path>,
    path: &Path,
    bytes: &[u8],
    rule: OutputRule,
) -> Result<(), CustodyError> {
    let named = Named::new(records, parent(path))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&named.path);
    let file = file.map_err(CustodyError::io("make a temporary file for", path))?;
    fill(&file, bytes, rule.mode).map_err(CustodyError::io("write", path))?;
    let done = match rule.replaces {
        true => fs::rename(&named.path, path),
        false => fs::hard_link(&named.path, path),
    };
    done.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => CustodyError::Exists(path.to_owned()),
        _ => CustodyError::io("name", path)(source),
    })?;
    drop(named);
    sync_folder(parent(path))
}

fn fill(mut file: &File, bytes: &[u8], mode: u32) -> io::Result<()> {
    file.write_all(bytes)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    #[cfg(not(unix))]
    let _ = mode;
    file.sync_all()
}

/// A file without a name, where the file system has such.
#[cfg(target_os = "linux")]
fn nameless_in(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    open(folder, flags, Mode::RUSR | Mode::WUSR)
        .ok()
        .map(File::from)
}

/// Gives a nameless file a name that nothing has.
#[cfg(target_os = "linux")]
fn name(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;
    let held = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, held, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn nameless_in(_: &Path) -> Option<File> {
    None
}

#[cfg(not(target_os = "linux"))]
fn name(_: &File, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests;
