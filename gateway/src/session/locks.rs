//! Locks of work under way: two processes that write the same thing wait for each other.
//!
//! A lock is a file in the actor's own folder, held by the operating system for as long as its
//! process lives.

use super::{Session, SessionError};
use crate::actor::Actor;
use medveil_custody::{is_named, secret_dir};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a process waits for another one that does the same.
const PATIENCE: Duration = Duration::from_secs(3600);
const PAUSE: Duration = Duration::from_millis(200);

/// Times that a lock's file may go away while it is opened.
const TRIES: usize = 100;

/// Work that no other process does at the same time; dropping it ends the claim and removes its file.
pub struct WorkLock {
    path: PathBuf,
    /// Locked, and the one that has the name.
    _file: File,
}

impl Drop for WorkLock {
    fn drop(&mut self) {
        // Still locked: whoever opened the file before sees that it has no name any more.
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            // Where nothing else is kept there.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Opens a lock's file, which another process may be just removing with its folder.
fn open(folder: &Path, path: &Path) -> Result<File, SessionError> {
    let mut options = OpenOptions::new();
    // With both rights a pipe that has the name is opened at once.
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut last = None;
    for _ in 0..TRIES {
        secret_dir(folder)?;
        match options.open(path) {
            Ok(file) => return Ok(file),
            Err(e) if e.kind() == ErrorKind::NotFound => last = Some(e),
            Err(source) => return Err(at(path)(source)),
        }
    }
    let source = last.unwrap_or_else(|| ErrorKind::NotFound.into());
    Err(at(path)(source))
}

fn at(path: &Path) -> impl Fn(io::Error) -> SessionError {
    let path = path.to_owned();
    move |source| SessionError::File {
        path: path.clone(),
        source,
    }
}

impl Session {
    /// Claims `name`, such as `dataset-cohort`, for an actor. Where another process has it, waits
    /// and says so.
    ///
    /// **Errors**: the file system refused, or the other process went on for an hour.
    pub async fn lock(&self, actor: &Actor, name: &str) -> Result<WorkLock, SessionError> {
        let folder = self.home.drafts(actor);
        secret_dir(&self.home.private(actor))?;
        let path = folder.join(format!("{name}.lock"));
        let mut file = open(&folder, &path)?;
        let what = format!("{name} of {actor}");
        let begun = Instant::now();
        let mut is_told = false;
        loop {
            match file.try_lock() {
                Ok(()) if is_named(&file).map_err(at(&path))? => {
                    return Ok(WorkLock { path, _file: file });
                }
                Ok(()) => {
                    file = open(&folder, &path)?;
                    continue;
                }
                Err(TryLockError::Error(source)) => return Err(at(&path)(source)),
                Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => {
                    return Err(SessionError::UnderWay { what });
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if !std::mem::replace(&mut is_told, true) {
                let text = format!("waiting for another process that works on {what}");
                self.progress.note(&text);
                // The other one may need the ledger to get on.
                self.ledger().release();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
