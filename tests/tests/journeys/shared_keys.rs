//! Development keys are the same bytes in every home, so that one making of them serves all tests
//! of this program.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

/// Where they are kept: a folder that each run of this program makes anew.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journey-keys");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
});

type Files = Arc<OnceLock<BTreeSet<OsString>>>;

/// The files of each circuit's keys.
static KEPT: Mutex<BTreeMap<String, Files>> = Mutex::new(BTreeMap::new());

fn files(circuit: &str) -> Files {
    let mut kept = KEPT.lock().unwrap();
    kept.entry(circuit.to_owned()).or_default().clone()
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
    let (kept, mut propose, mut answer) = (files(circuit), Some(propose), None);
    let mut run = || answer = propose.take().map(|propose| propose());
    let names = kept.get_or_init(|| {
        let before = names(store);
        run();
        let made = &names(store) - &before;
        copy(&made, store, &FOLDER);
        made
    });
    copy(names, &FOLDER, store);
    if answer.is_none() {
        answer = propose.take().map(|propose| propose());
    }
    answer.unwrap()
}

/// Puts a circuit's keys that were kept into another key store.
pub fn put(circuit: &str, store: &Path) {
    if let Some(names) = files(circuit).get() {
        copy(names, &FOLDER, store);
    }
}
