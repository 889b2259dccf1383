//! A database file that is read, and written to in memory alone: how a file is checked, repaired for
//! reading and looked at without a change to it.

use medveil_custody::open_plain;
use redb::StorageBackend;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

const PAGE: u64 = 4096;

/// A file below pages that were written.
#[derive(Debug)]
pub(super) struct Overlay(Mutex<Parts>);

#[derive(Debug)]
struct Parts {
    file: File,
    /// As much of the file as still counts.
    below: u64,
    len: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    /// **Errors**: the file cannot be opened.
    pub(super) fn over(path: &Path) -> Result<Self> {
        let file = open_plain(path)?;
        let len = file.metadata()?.len();
        Ok(Overlay(Mutex::new(Parts {
            file,
            below: len,
            len,
            pages: BTreeMap::new(),
        })))
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts {
    /// Fills `out` from the file; zeros where it has ended.
    fn read_below(&mut self, at: u64, out: &mut [u8]) -> Result<()> {
        let there = self.below.saturating_sub(at).min(out.len() as u64) as usize;
        let (found, none) = out.split_at_mut(there);
        none.fill(0);
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(found)
    }

    /// Copies what was written over what was read.
    fn read_pages(&self, at: u64, out: &mut [u8]) {
        let end = at + out.len() as u64;
        for (page, bytes) in self.pages.range(at / PAGE..end.div_ceil(PAGE)) {
            let (from, to) = (at.max(page * PAGE), end.min((page + 1) * PAGE));
            let target = out.get_mut((from - at) as usize..(to - at) as usize);
            let source = bytes.get((from - page * PAGE) as usize..(to - page * PAGE) as usize);
            if let (Some(target), Some(source)) = (target, source) {
                target.copy_from_slice(source);
            }
        }
    }

    fn page(&mut self, page: u64) -> Result<&mut Vec<u8>> {
        if !self.pages.contains_key(&page) {
            let mut bytes = vec![0; PAGE as usize];
            self.read_below(page * PAGE, &mut bytes)?;
            self.pages.insert(page, bytes);
        }
        self.pages.get_mut(&page).ok_or_else(outside)
    }
}

fn outside() -> Error {
    Error::from(ErrorKind::UnexpectedEof)
}

impl StorageBackend for Overlay {
    fn len(&self) -> Result<u64> {
        Ok(self.parts().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let mut parts = self.parts();
        let end = offset.checked_add(out.len() as u64);
        if end.is_none_or(|end| end > parts.len) {
            return Err(outside());
        }
        parts.read_below(offset, out)?;
        parts.read_pages(offset, out);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let mut parts = self.parts();
        parts.below = parts.below.min(len);
        parts.len = len;
        parts.pages.retain(|page, _| page * PAGE < len);
        let tail = (len % PAGE) as usize;
        if let Some(bytes) = parts.pages.get_mut(&(len / PAGE)) {
            bytes.iter_mut().skip(tail).for_each(|byte| *byte = 0);
        }
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let mut parts = self.parts();
        let end = offset.checked_add(data.len() as u64);
        let Some(end) = end.filter(|end| *end <= parts.len) else {
            return Err(outside());
        };
        let mut at = offset;
        while at < end {
            let page = at / PAGE;
            let to = end.min((page + 1) * PAGE);
            let source = data.get((at - offset) as usize..(to - offset) as usize);
            let bytes = parts.page(page)?;
            let target = bytes.get_mut((at - page * PAGE) as usize..(to - page * PAGE) as usize);
            if let (Some(target), Some(source)) = (target, source) {
                target.copy_from_slice(source);
            }
            at = to;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngCore, SeedableRng};

    /// The same steps on an overlay and on bytes in memory.
    #[test]
    fn what_is_written_is_read_and_the_file_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let mut below = vec![0u8; 30_000];
        rng.fill_bytes(&mut below);
        std::fs::write(&path, &below).unwrap();
        let (overlay, mut model) = (Overlay::over(&path).unwrap(), below.clone());
        for _ in 0..400 {
            match rng.next_u32() % 8 {
                0 => {
                    let len = rng.next_u32() as usize % 60_000;
                    overlay.set_len(len as u64).unwrap();
                    model.resize(len, 0);
                }
                _ if model.is_empty() => {}
                _ => {
                    let at = rng.next_u32() as usize % model.len();
                    let n = (rng.next_u32() as usize % 9000).min(model.len() - at);
                    let mut data = vec![0; n];
                    rng.fill_bytes(&mut data);
                    overlay.write(at as u64, &data).unwrap();
                    model[at..at + n].copy_from_slice(&data);
                }
            }
            let mut all = vec![1; model.len()];
            overlay.read(0, &mut all).unwrap();
            assert!(all == model);
        }
        let end = model.len() as u64;
        assert!(overlay.read(end, &mut [0]).is_err() && overlay.write(end, &[0]).is_err());
        assert!(std::fs::read(&path).unwrap() == below);
    }
}
