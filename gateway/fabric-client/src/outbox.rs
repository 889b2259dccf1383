//! Signed transactions on their way: on disk before they are sent, until their verdict is known.
//!
//! What a process that died had sent is found here by the next one, which asks for its verdict and,
//! where there is none, sends the same bytes again: one transaction id is valid at most once,
//! however often it is ordered. A file is locked before it has its name and while its process
//! lives, so that two processes over one home leave each other's alone. Nothing private is inside:
//! what travels in a transient map is no part of a transaction.

use medveil_custody::{
    CustodyError, from_kept, open_plain, read_plain, secret_dir, staged_in, sync_folder, to_kept,
};
use medveil_fabric_wire::proto::Envelope;
use prost::Message;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Longest transaction, which no peer takes.
///
/// **Units**: bytes.
const LONGEST: u64 = 256 << 20;

const SUFFIX: &str = "envelope";

/// Why a transaction could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    #[error("outbox {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The folder could not be made or synced, or a file in it is damaged.
    #[error("outbox")]
    Custody(#[from] CustodyError),
    /// A file in it is no transaction.
    #[error("outbox {}: expected a transaction's envelope", .0.display())]
    Form(PathBuf),
}

fn at(path: &Path) -> impl Fn(io::Error) -> OutboxError + '_ {
    move |source| OutboxError::Io {
        path: path.to_owned(),
        source,
    }
}

/// The folder of transactions on their way.
#[derive(Clone, Debug)]
pub struct Outbox(PathBuf);

/// One transaction on its way; while it lives, no other process touches it.
#[derive(Debug)]
pub(super) struct PendingTransaction {
    path: PathBuf,
    _lock: File,
    pub(super) tx_id: String,
}

impl PendingTransaction {
    /// Its verdict is known: there is nothing left to do.
    pub(super) fn settle(self) -> Result<(), OutboxError> {
        std::fs::remove_file(&self.path).map_err(at(&self.path))
    }
}

impl Outbox {
    /// An outbox in this folder, which is made when it is needed.
    pub fn new(folder: PathBuf) -> Self {
        Outbox(folder)
    }

    /// Keeps a transaction before it is sent.
    ///
    /// **Errors**: the file system refused; then it must not be sent, and nothing of it is kept.
    pub(super) fn keep(
        &self,
        tx_id: &str,
        envelope: &Envelope,
    ) -> Result<PendingTransaction, OutboxError> {
        secret_dir(&self.0)?;
        let path = self.0.join(format!("{tx_id}.{SUFFIX}"));
        let kept = PendingTransaction {
            _lock: self.stage(&path, tx_id, envelope).map_err(at(&path))?,
            path,
            tx_id: tx_id.to_owned(),
        };
        if let Err(e) = sync_folder(&self.0) {
            kept.settle()?;
            return Err(e.into());
        }
        Ok(kept)
    }

    /// Temporary files have mode 0600, and the lock stays with the file when it gets its name.
    fn stage(&self, path: &Path, tx_id: &str, envelope: &Envelope) -> io::Result<File> {
        let mut staged = staged_in(&self.0)?;
        staged.write_all(&to_kept(&what(tx_id), &envelope.encode_to_vec()))?;
        staged.as_file().sync_all()?;
        staged.persist_noclobber(path).map_err(|e| e.error)
    }

    /// What earlier processes left, oldest first.
    ///
    /// **Errors**: the folder cannot be read, or a file in it is not a transaction.
    pub(super) fn left_behind(&self) -> Result<Vec<(PendingTransaction, Envelope)>, OutboxError> {
        let paths = self.paths().map_err(at(&self.0))?;
        let read = |path: &PathBuf| read(path).transpose();
        paths.iter().filter_map(read).collect()
    }

    fn paths(&self) -> io::Result<Vec<PathBuf>> {
        let Ok(entries) = std::fs::read_dir(&self.0) else {
            return Ok(Vec::new());
        };
        let mut paths = Vec::new();
        for entry in entries {
            let entry = entry?;
            paths.push((entry.metadata()?.modified()?, entry.path()));
        }
        paths.sort();
        Ok(paths.into_iter().map(|(_, path)| path).collect())
    }
}

/// What a file of the outbox is.
fn what(tx_id: &str) -> String {
    format!("transaction {tx_id}")
}

/// A transaction's file; none where it is another process's, or gone.
fn read(path: &Path) -> Result<Option<(PendingTransaction, Envelope)>, OutboxError> {
    let name = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    if path.extension().is_none_or(|e| e != SUFFIX) {
        return Ok(None);
    }
    let Ok(file) = open_plain(path) else {
        return Ok(None);
    };
    // Its process may have settled it in the meantime: then the name is gone.
    if file.try_lock().is_err() || !path.exists() {
        return Ok(None);
    }
    let bytes = read_plain(path, LONGEST).map_err(at(path))?;
    let bytes = from_kept(path, &what(&name), bytes.into())?;
    let envelope = Envelope::decode(bytes.as_slice()).ok();
    let envelope = envelope.filter(|e| !e.payload.is_empty());
    let envelope = envelope.ok_or_else(|| OutboxError::Form(path.to_owned()))?;
    let pending = PendingTransaction {
        path: path.to_owned(),
        _lock: file,
        tx_id: name,
    };
    Ok(Some((pending, envelope)))
}

#[cfg(test)]
mod tests;
