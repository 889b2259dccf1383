//! Locks of work under way: two processes that write the same thing wait for each other.
//!
//! A lock is a file in the actor's own folder, held by the operating system for as long as its
//! process lives.

use super::{Session, SessionError};
use crate::actor::Actor;
use medveil_custody::secret_dir;
use std::fs::{File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};

/// How long a process waits for another one that does the same.
const PATIENCE: Duration = Duration::from_secs(3600);
const PAUSE: Duration = Duration::from_millis(200);

/// Work that no other process does at the same time; dropping it ends the claim.
pub struct WorkLock(#[allow(dead_code)] File);

impl Session {
    /// Claims `name`, such as `dataset-cohort`, for an actor. Where another process has it, waits
    /// and says so.
    ///
    /// **Errors**: the file system refused, or the other process went on for an hour.
    pub async fn lock(&self, actor: &Actor, name: &str) -> Result<WorkLock, SessionError> {
        let folder = self.home.drafts(actor);
        secret_dir(&self.home.private(actor))?;
        secret_dir(&folder)?;
        let path = folder.join(format!("{name}.lock"));
        let io = |source| SessionError::File {
            path: path.clone(),
            source,
        };
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(&path).map_err(io)?;
        let what = format!("{name} of {actor}");
        let begun = Instant::now();
        let mut is_told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(WorkLock(file)),
                Err(TryLockError::Error(source)) => return Err(io(source)),
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
