//! Signed transactions on their way: on disk before they are sent, until their verdict is known.
//!
//! What a process that died had sent is found here by the next one, which asks for its verdict and,
//! where there is none, sends the same bytes again: one transaction id is valid at most once,
//! however often it is ordered. A file is locked before it has its name and while its process
//! lives, so that two processes over one home leave each other's alone. Nothing private is inside:
//! what travels in a transient map is no part of a transaction.

use crate::custody::{secret_dir, sync_folder};
use fabric_shim_protos::common::Envelope;
use prost::Message;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const SUFFIX: &str = "envelope";

/// The folder of transactions on their way.
#[derive(Clone, Debug)]
pub struct Outbox(PathBuf);

/// One transaction on its way; while it lives, no other process touches it.
#[derive(Debug)]
pub(super) struct OnItsWay {
    path: PathBuf,
    _lock: File,
    /// Transaction id.
    pub(super) tx_id: String,
}

impl OnItsWay {
    /// Its verdict is known: there is nothing left to do.
    pub(super) fn settle(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
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
    pub(super) fn keep(&self, tx_id: &str, envelope: &Envelope) -> io::Result<OnItsWay> {
        secret_dir(&self.0).map_err(io::Error::other)?;
        let path = self.0.join(format!("{tx_id}.{SUFFIX}"));
        // Temporary files have mode 0600, and the lock stays with the file when it gets its name.
        let mut staged = tempfile::Builder::new()
            .prefix(".staged-")
            .tempfile_in(&self.0)?;
        staged.write_all(&envelope.encode_to_vec())?;
        staged.as_file().sync_all()?;
        staged.as_file().try_lock()?;
        let file = staged.persist_noclobber(&path).map_err(|e| e.error)?;
        let kept = OnItsWay {
            path,
            _lock: file,
            tx_id: tx_id.to_owned(),
        };
        if let Err(e) = sync_folder(&self.0) {
            kept.settle()?;
            return Err(io::Error::other(e));
        }
        Ok(kept)
    }

    /// What earlier processes left, oldest first.
    ///
    /// **Errors**: the folder cannot be read, or a file in it is not a transaction.
    pub(super) fn left_behind(&self) -> io::Result<Vec<(OnItsWay, Envelope)>> {
        let Ok(entries) = std::fs::read_dir(&self.0) else {
            return Ok(Vec::new());
        };
        let mut paths = Vec::new();
        for entry in entries {
            let entry = entry?;
            paths.push((entry.metadata()?.modified()?, entry.path()));
        }
        paths.sort();
        paths
            .into_iter()
            .filter_map(|(_, path)| read(&path).transpose())
            .collect()
    }
}

/// A transaction's file; none where it is another process's, or gone.
fn read(path: &Path) -> io::Result<Option<(OnItsWay, Envelope)>> {
    let name = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    if path.extension().is_none_or(|e| e != SUFFIX) {
        return Ok(None);
    }
    let Ok(file) = File::open(path) else {
        return Ok(None);
    };
    // Its process may have settled it in the meantime: then the name is gone.
    if file.try_lock().is_err() || !path.exists() {
        return Ok(None);
    }
    let bytes = std::fs::read(path)?;
    let envelope = Envelope::decode(bytes.as_slice())
        .ok()
        .filter(|e| !e.payload.is_empty());
    let envelope = envelope.ok_or_else(|| {
        io::Error::other(format!(
            "{}: expected a transaction's envelope",
            path.display()
        ))
    })?;
    Ok(Some((
        OnItsWay {
            path: path.to_owned(),
            _lock: file,
            tx_id: name,
        },
        envelope,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(n: u8) -> Envelope {
        Envelope {
            payload: vec![n; 4],
            signature: vec![n],
        }
    }

    #[test]
    fn what_a_dead_process_left_is_found_and_what_a_living_one_holds_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("outbox"));
        assert!(outbox.left_behind().unwrap().is_empty(), "no folder yet");
        drop(outbox.keep("aa", &envelope(1)).unwrap());
        let living = outbox.keep("bb", &envelope(2)).unwrap();
        let found = outbox.left_behind().unwrap();
        assert_eq!(
            found
                .iter()
                .map(|(w, e)| (w.tx_id.as_str(), e.clone()))
                .collect::<Vec<_>>(),
            [("aa", envelope(1))]
        );
        assert!(
            outbox.left_behind().unwrap().is_empty(),
            "whoever found it holds it"
        );
        found.into_iter().for_each(|(way, _)| way.settle().unwrap());
        living.settle().unwrap();
        assert!(outbox.left_behind().unwrap().is_empty());
    }

    #[test]
    fn a_transaction_is_kept_once_and_a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().to_owned());
        drop(outbox.keep("aa", &envelope(1)).unwrap());
        assert!(outbox.keep("aa", &envelope(1)).is_err());
        for damaged in [&b"\xff\xff"[..], b""] {
            std::fs::write(folder.path().join("aa.envelope"), damaged).unwrap();
            let error = outbox.left_behind().unwrap_err().to_string();
            assert!(error.contains("aa.envelope"), "{error}");
        }
    }
}
