//! A proven claim on the holder's disk, durable before anything is submitted, so that a retry sends
//! the same bytes.

use super::ClaimError;
use crate::actor::Actor;
use crate::session::Session;
use borsh::BorshDeserialize;
use medveil_circuits::field::Felt;
use medveil_collections_config::MspId;
use medveil_contract::call::PublishClaim;
use medveil_custody::{read_kept, secret_dir, write_kept};
use std::path::PathBuf;

/// Longest claim that is read: a call's own bound.
const MAX_BYTES: u64 = 8 << 20;

/// One claim of a holder.
pub struct LocalClaim {
    folder: PathBuf,
    id: Felt,
}

impl LocalClaim {
    /// The claim of this id, whether it is there or not.
    pub fn new(session: &Session, holder: &MspId, id: Felt) -> Self {
        let actor = Actor::organisation(holder.clone());
        LocalClaim {
            folder: session.home.private(&actor).join("claims"),
            id,
        }
    }

    /// Writes the arguments of the publishing call.
    ///
    /// **Errors**: the file system refused.
    pub fn save(&self, args: &PublishClaim) -> Result<(), ClaimError> {
        secret_dir(&self.folder)?;
        let bytes = borsh::to_vec(args).map_err(ClaimError::Encode)?;
        Ok(write_kept(&self.path(), &self.what(), &bytes)?)
    }

    /// Reads them back.
    ///
    /// **Errors**: no such claim here, or not of its form.
    pub fn load(&self) -> Result<PublishClaim, ClaimError> {
        let path = self.path();
        if !path.is_file() {
            return Err(ClaimError::NotProven { id: self.id });
        }
        let bytes = read_kept(&path, &self.what(), MAX_BYTES)?;
        PublishClaim::try_from_slice(&bytes).map_err(|_| ClaimError::Form(path))
    }

    /// The ids of all claims that the holder proved in this home.
    ///
    /// **Errors**: the folder cannot be read.
    pub fn all(session: &Session, holder: &MspId) -> Result<Vec<Felt>, ClaimError> {
        let folder = LocalClaim::new(session, holder, Felt::ZERO).folder;
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(ClaimError::Folder { folder, source }),
        };
        let names = entries
            .flatten()
            .filter_map(|e| e.file_name().into_string().ok());
        Ok(names
            .filter_map(|name| Felt::from_hex(&name).ok())
            .collect())
    }

    /// Removes the claim.
    ///
    /// **Errors**: no such claim here; the file system refused.
    pub fn remove(&self) -> Result<(), ClaimError> {
        let path = self.path();
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Err(ClaimError::NotProven { id: self.id })
            }
            other => other.map_err(|source| ClaimError::Folder {
                folder: path,
                source,
            }),
        }
    }

    fn what(&self) -> String {
        format!("claim {}", self.id)
    }

    fn path(&self) -> PathBuf {
        self.folder.join(self.id.to_string())
    }
}
