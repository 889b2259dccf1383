//! What a repair does, said and logged before it is done; and the place for what it replaces.

use super::RepairError;
use crate::layout::Layout;
use medveil_collections_config::MspId;
use medveil_custody::{secret_dir, sync_folder};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Something that a repair did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// `chain`, or an organisation.
    pub place: String,
    pub what: String,
}

pub(super) struct Journal<'a> {
    layout: &'a Layout,
    now_ms: u64,
    /// The folder for what is replaced, once there is one.
    folder: Option<PathBuf>,
    mended: Vec<Mended>,
}

impl<'a> Journal<'a> {
    pub(super) fn new(layout: &'a Layout, now_ms: u64) -> Self {
        Journal {
            layout,
            now_ms,
            folder: None,
            mended: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Vec<Mended> {
        self.mended
    }

    /// Notes what is about to be done.
    pub(super) fn note(&mut self, place: &str, what: &str) -> Result<(), RepairError> {
        let path = self.layout.repairs();
        let line = format!("{} {place}: {what}\n", self.now_ms);
        let mut options = OpenOptions::new();
        // With both rights a pipe that has the name is opened at once.
        options.append(true).read(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            file.sync_data()
        });
        written.map_err(|source| RepairError::Io { path, source })?;
        self.mended.push(Mended {
            place: place.to_owned(),
            what: what.to_owned(),
        });
        Ok(())
    }

    /// Moves a file of an organisation to the folder for what is replaced; makes nothing of one that
    /// is gone.
    pub(super) fn put_aside(&mut self, msp_id: &MspId, path: &Path) -> Result<(), RepairError> {
        // A link that leads nowhere is something, too.
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        let place = self.place_for(path)?;
        let name = path.file_name().unwrap_or_default().display();
        let what = format!("{name} put aside in {}", place.display());
        self.note(msp_id.as_str(), &what)?;
        let moved = std::fs::rename(path, &place);
        moved.map_err(io(path))?;
        sync_both(path, &place)
    }

    /// Keeps a second name of a file that is about to be replaced.
    pub(super) fn keep(&mut self, place: &str, path: &Path) -> Result<(), RepairError> {
        let Ok(found) = path.symlink_metadata() else {
            return Ok(());
        };
        let kept = self.place_for(path)?;
        let name = path.file_name().unwrap_or_default().display();
        self.note(place, &format!("{name} kept in {}", kept.display()))?;
        let done = match found.is_file() {
            true => {
                std::fs::hard_link(path, &kept).or_else(|_| std::fs::copy(path, &kept).map(|_| ()))
            }
            // Of what is no file there is no second name, and nothing takes its place.
            false => std::fs::rename(path, &kept),
        };
        done.map_err(io(path))?;
        sync_both(path, &kept)
    }

    fn place_for(&mut self, path: &Path) -> Result<PathBuf, RepairError> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => self.make_folder()?,
        };
        let inside = path.strip_prefix(self.layout.root()).unwrap_or(path);
        let place = folder.join(inside);
        let above = place.parent().unwrap_or(&folder);
        secret_dir(above).map_err(|e| RepairError::Open(e.into()))?;
        Ok(place)
    }

    /// A folder that no earlier repair used.
    fn make_folder(&mut self) -> Result<PathBuf, RepairError> {
        let parent = self.layout.damaged();
        let mut name = self.now_ms;
        while parent.join(name.to_string()).exists() {
            name = name.saturating_add(1);
        }
        let folder = parent.join(name.to_string());
        self.folder = Some(folder.clone());
        Ok(folder)
    }
}

fn sync_both(from: &Path, to: &Path) -> Result<(), RepairError> {
    for path in [from, to] {
        let folder = path.parent().unwrap_or(Path::new("."));
        sync_folder(folder).map_err(|e| RepairError::Open(e.into()))?;
    }
    Ok(())
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> RepairError + '_ {
    move |source| RepairError::Io {
        path: path.to_owned(),
        source,
    }
}
