//! Development keys are the same bytes in every home, so that one making of them serves all tests
//! of this program.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// Where they are kept: a folder that each run of this program makes anew.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journey-keys");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
});

type Files = Arc<Mutex<BTreeSet<OsString>>>;

/// The files of each circuit's keys; none until some test made them.
static KEPT: Mutex<BTreeMap<String, Files>> = Mutex::new(BTreeMap::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that failed while it made keys kept none: the next one makes them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn files(circuit: &str) -> Files {
    lock(&KEPT).entry(circuit.to_owned()).or_default().clone()
}

fn names(folder: &Path) -> BTreeSet<OsString> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|e| e.file_name()).collect()
}

fn copy(names: &BTreeSet<OsString>, from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in names {
        let (from, to) = (from.join(name), to.join(name));
        if !to.exists() && std::fs::hard_link(&from, &to).is_err() {
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// Runs `propose` with a circuit's keys in the key store, where an earlier test made them; else
/// keeps those that it makes. Tests that want the same keys wait for each other.
pub fn with<T>(circuit: &str, store: &Path, propose: impl FnOnce() -> T) -> T {
    let kept = files(circuit);
    let mut kept = lock(&kept);
    if !kept.is_empty() {
        copy(&kept, &FOLDER, store);
        drop(kept);
        return propose();
    }
    let before = names(store);
    let answer = propose();
    let made = &names(store) - &before;
    copy(&made, store, &FOLDER);
    *kept = made;
    answer
}

/// Puts a circuit's keys that were kept into another key store.
pub fn put(circuit: &str, store: &Path) {
    copy(&lock(&files(circuit)), &FOLDER, store);
}
