//! The lineage of a dataset: made once under its name, before there are rows or with them.

use super::{DatasetError, LocalDataset, what};
use crate::session::Session;
use medveil_circuits::ids::LineageId;
use medveil_contract::call::LineageName;
use medveil_contract::judge;
use medveil_custody::{CustodyError, create_kept, secret_dir};
use rand::RngCore;

const LINEAGE: &str = "lineage";
/// Longest file with a lineage's name.
///
/// **Units**: bytes.
const LONGEST_NAME: u64 = 4096;

impl LocalDataset {
    /// Whether a lineage was made under this name.
    pub fn has_lineage(&self) -> bool {
        self.folder.join(LINEAGE).is_file() || self.is_committed()
    }

    /// Name and nonce of the lineage; a fresh nonce the first time. Two processes that ask for the
    /// first time at once get the same one.
    ///
    /// **Errors**: the file system refused, or the file is not of its form.
    pub fn lineage_name(&self, session: &Session) -> Result<LineageName, DatasetError> {
        let name = self.known_or_fresh_lineage(session)?;
        match self.keep_lineage(&name) {
            Err(DatasetError::LineageTaken(_)) => self.known_or_fresh_lineage(session),
            other => other.map(|()| name),
        }
    }

    /// As [`LocalDataset::lineage_name`], and a fresh one is not kept.
    ///
    /// **Errors**: as [`LocalDataset::lineage_name`].
    pub fn known_or_fresh_lineage(&self, session: &Session) -> Result<LineageName, DatasetError> {
        let path = self.folder.join(LINEAGE);
        let committed = match self.is_committed() {
            true => Some(self.registration()?.lineage),
            false => None,
        };
        let kept: Option<LineageName> = match path.is_file() {
            true => Some(self.read_kept(LINEAGE, LONGEST_NAME)?),
            false => None,
        };
        match (kept, committed) {
            (Some(kept), Some(committed)) if kept != committed => {
                Err(DatasetError::OtherLineage(path))
            }
            (Some(known), _) | (None, Some(known)) => Ok(known),
            (None, None) => {
                let mut nonce = [0u8; 16];
                session.rng().fill_bytes(&mut nonce);
                let name = self.name.clone();
                Ok(LineageName { name, nonce })
            }
        }
    }

    /// Keeps a lineage's name and nonce, once.
    ///
    /// **Errors**: another process kept another one; the file system refused.
    pub fn keep_lineage(&self, name: &LineageName) -> Result<(), DatasetError> {
        let path = self.folder.join(LINEAGE);
        let bytes = borsh::to_vec(name).map_err(DatasetError::Encode)?;
        if !path.is_file() {
            secret_dir(&self.folder)?;
            match create_kept(&path, &what(&self.name, LINEAGE), &bytes) {
                Ok(()) => return Ok(()),
                Err(CustodyError::Exists(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match self.read_kept::<LineageName>(LINEAGE, LONGEST_NAME)? == *name {
            true => Ok(()),
            false => Err(DatasetError::LineageTaken(self.name.clone())),
        }
    }

    /// The lineage id.
    ///
    /// **Errors**: as [`LocalDataset::lineage_name`].
    pub fn lineage(&self, session: &Session) -> Result<LineageId, DatasetError> {
        let name = self.lineage_name(session)?;
        let consortium = session.consortium_id();
        Ok(judge::lineage_id(consortium, &self.holder, &name))
    }
}
