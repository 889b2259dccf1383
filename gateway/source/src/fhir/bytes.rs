//! How far the reading of a set is.

use crate::error::SourceError;
use crate::files;
use crate::reading::size;
use std::path::{Path, PathBuf};

/// What is read of the bytes of all files, each of which is read twice.
pub(super) struct Bytes {
    all: u64,
    /// Bytes of the files before the current one.
    before: u64,
    now: Option<(PathBuf, u64)>,
}

impl Bytes {
    pub(super) fn of(path: &Path) -> Result<Self, SourceError> {
        let files = files::list(path)?.files;
        Ok(Bytes {
            all: files.iter().map(|file| size(file)).sum(),
            before: 0,
            now: None,
        })
    }

    /// In the first reading.
    pub(super) fn first(&mut self, file: &Path, bytes: u64) -> Option<(u64, u64)> {
        if self.now.as_ref().is_none_or(|(now, _)| now != file) {
            let next = (file.to_owned(), size(file));
            self.before += self.now.replace(next).map_or(0, |(_, size)| size);
        }
        self.both(self.before + bytes)
    }

    /// In the second, after `n` of all resources.
    pub(super) fn second(&self, n: u64, all: u64) -> Option<(u64, u64)> {
        let part = u128::from(self.all) * u128::from(n) / u128::from(all.max(1));
        let part = if all == 0 { 0 } else { part };
        self.both(self.all + u64::try_from(part).unwrap_or(0))
    }

    fn both(&self, read: u64) -> Option<(u64, u64)> {
        let all = 2 * self.all;
        (all > 0).then_some((read.min(all), all))
    }
}
