//! What a holder keeps of a dataset: lineage name, schema, encrypted pages, proofs, and, in its
//! vault, the slot keys.
//!
//! Everything is durable before anything is submitted, so that a retry sends the same bytes.

mod lineage;

use super::DatasetError;
use super::reading::OwnPart;
use crate::actor::Actor;
use crate::keyring::{get_secret, put_secret};
use crate::session::{Draft, Session};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::dataset::SegmentKeys;
use medveil_circuits::field::{Digest, Felt};
use medveil_collections_config::MspId;
use medveil_contract::call::RegisterDataset;
use medveil_contract::call::transient::StoredChunk;
use medveil_custody::{KeptParts, read_kept, secret_dir, write_kept};
use medveil_source::Subject;
use std::path::{Path, PathBuf};
use zeroize::Zeroize;

/// Says that everything of a dataset is there.
const REGISTRATION: &str = "registration";
const PAGES: &str = "pages";
/// Longest file with pages or proofs.
///
/// **Units**: bytes.
const LONGEST_FILE: u64 = 1 << 40;

/// One dataset of a holder, on the holder's disk.
pub struct LocalDataset {
    pub holder: MspId,
    /// Its name within the holder.
    pub name: String,
    folder: PathBuf,
}

/// Encrypted pages as they are written, chunk by chunk, in the folder of their draft: in the form of
/// a list of [`StoredChunk`].
pub struct PagesFile {
    parts: KeptParts,
}

impl PagesFile {
    /// Begins the pages of so many chunks of a dataset.
    ///
    /// **Errors**: the file system refused.
    pub fn begin(draft: &Draft, name: &str, n_chunks: usize) -> Result<Self, DatasetError> {
        let mut parts = KeptParts::begin(&draft.file(PAGES)?, &what(name, PAGES))?;
        // The length of a list is four bytes; there are fewer than 2^13 chunks.
        parts.append(&(n_chunks as u32).to_le_bytes())?;
        Ok(PagesFile { parts })
    }

    /// Writes the pages of the next chunk.
    ///
    /// **Errors**: the file system refused.
    pub fn append(&mut self, chunk: &StoredChunk) -> Result<(), DatasetError> {
        let bytes = borsh::to_vec(chunk).map_err(DatasetError::Encode)?;
        Ok(self.parts.append(&bytes)?)
    }
}

/// The slot keys of a segment as they lie in the vault.
#[derive(BorshSerialize, BorshDeserialize)]
struct StoredKeys {
    keys: [Felt; 15],
    blind: Felt,
}

impl Drop for StoredKeys {
    fn drop(&mut self) {
        self.keys.iter_mut().for_each(|k| k.0.zeroize());
        self.blind.0.zeroize();
    }
}

/// What a file of a dataset is.
fn what(name: &str, file: &str) -> String {
    format!("dataset {name}: {file}")
}

/// The folder of all datasets of a holder.
fn folder(session: &Session, holder: &MspId) -> PathBuf {
    let actor = Actor::organisation(holder.clone());
    session.home.private(&actor).join("datasets")
}

/// 1 to 40 lower-case letters, digits and hyphens.
fn is_name(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(is_plain)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|e| e.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

impl LocalDataset {
    /// The dataset of that name, whether it exists yet or not.
    ///
    /// **Errors**: a name that is not 1 to 40 lower-case letters, digits and hyphens.
    pub fn new(session: &Session, holder: &MspId, name: &str) -> Result<Self, DatasetError> {
        if !is_name(name) {
            return Err(DatasetError::Name(name.to_owned()));
        }
        Ok(LocalDataset {
            holder: holder.clone(),
            name: name.to_owned(),
            folder: folder(session, holder).join(name),
        })
    }

    /// The names of all datasets of a holder, sorted. What is no dataset's name is something else's.
    pub fn names(session: &Session, holder: &MspId) -> Vec<String> {
        let mut names = names_in(&folder(session, holder));
        names.retain(|name| is_name(name));
        names
    }

    /// Whether pages were committed under this name.
    pub fn is_committed(&self) -> bool {
        self.folder.join(REGISTRATION).is_file()
    }

    /// Keeps pages, registration and keys; the registration last, because it says that all is there.
    ///
    /// **Errors**: the file system refused, or the vault does not open.
    pub fn save(
        &self,
        session: &Session,
        keys: &SegmentKeys,
        pages: PagesFile,
        registration: &RegisterDataset,
    ) -> Result<(), DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        let stored = StoredKeys {
            keys: keys.keys.map(Felt),
            blind: Felt(keys.blind),
        };
        let name = keys_name(registration);
        put_secret(&vault, &name, &stored, &mut session.rng())?;
        secret_dir(&self.folder)?;
        pages.parts.finish(&self.folder.join(PAGES))?;
        self.write(REGISTRATION, registration)
    }

    /// Keeps who the subjects are, in the order of the version, each with its number of rows, under
    /// the vault: claims over several datasets are compared by that.
    ///
    /// **Errors**: the vault does not open, or the file system refused.
    pub fn keep_people(
        &self,
        session: &Session,
        registration: &RegisterDataset,
        people: &Vec<(Subject, u32)>,
    ) -> Result<(), DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        let name = people_name(registration);
        Ok(put_secret(&vault, &name, people, &mut session.rng())?)
    }

    /// Who the subjects are, in the order of the version, each with its number of rows.
    ///
    /// **Errors**: nothing was committed under this name; the vault does not open.
    pub fn people(&self, session: &Session) -> Result<Vec<(Subject, u32)>, DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        Ok(get_secret(&vault, &people_name(&self.registration()?))?)
    }

    /// Keeps the reading report under the vault: it has names of files.
    ///
    /// **Errors**: the vault does not open, or the file system refused.
    pub fn keep_reading(
        &self,
        session: &Session,
        registration: &RegisterDataset,
        reading: &Vec<OwnPart>,
    ) -> Result<(), DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        let name = reading_name(registration);
        Ok(put_secret(&vault, &name, reading, &mut session.rng())?)
    }

    /// The reading report.
    ///
    /// **Errors**: nothing was committed under this name; the vault does not open.
    pub fn reading(&self, session: &Session) -> Result<Vec<OwnPart>, DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        Ok(get_secret(&vault, &reading_name(&self.registration()?))?)
    }

    /// Keeps the digest of all that was planned from, under the vault: the same commit again is known
    /// by it.
    ///
    /// **Errors**: the vault does not open, or the file system refused.
    pub fn keep_inputs(
        &self,
        session: &Session,
        registration: &RegisterDataset,
        inputs: Digest,
    ) -> Result<(), DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        let name = inputs_name(registration);
        Ok(put_secret(&vault, &name, &inputs, &mut session.rng())?)
    }

    /// The digest of all that was planned from; none where it was not kept.
    ///
    /// **Errors**: the vault does not open.
    pub fn inputs(
        &self,
        session: &Session,
        registration: &RegisterDataset,
    ) -> Result<Option<Digest>, DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        let name = inputs_name(registration);
        match vault.has(&name) {
            true => Ok(Some(get_secret(&vault, &name)?)),
            false => Ok(None),
        }
    }

    /// The registration as it was or will be submitted.
    ///
    /// **Errors**: nothing was committed under this name.
    pub fn registration(&self) -> Result<RegisterDataset, DatasetError> {
        self.read(REGISTRATION)
    }

    /// The encrypted pages of all chunks.
    ///
    /// **Errors**: nothing was committed under this name.
    pub fn pages(&self) -> Result<Vec<StoredChunk>, DatasetError> {
        self.read(PAGES)
    }

    /// The slot keys.
    ///
    /// **Errors**: the vault does not open, or holds none.
    pub fn keys(&self, session: &Session) -> Result<SegmentKeys, DatasetError> {
        let actor = Actor::organisation(self.holder.clone());
        let vault = session.keyring.open(&actor)?;
        let stored: StoredKeys = get_secret(&vault, &keys_name(&self.registration()?))?;
        Ok(SegmentKeys {
            keys: stored.keys.map(|k| k.0),
            blind: stored.blind.0,
        })
    }

    fn write<T: BorshSerialize>(&self, file: &str, value: &T) -> Result<(), DatasetError> {
        secret_dir(&self.folder)?;
        let bytes = borsh::to_vec(value).map_err(DatasetError::Encode)?;
        let what = what(&self.name, file);
        Ok(write_kept(&self.folder.join(file), &what, &bytes)?)
    }

    fn read<T: BorshDeserialize>(&self, file: &str) -> Result<T, DatasetError> {
        let path = self.folder.join(file);
        if !path.is_file() {
            return Err(DatasetError::NotCommitted {
                holder: self.holder.clone(),
                name: self.name.clone(),
                known: self.committed_beside(),
            });
        }
        self.read_kept(file, LONGEST_FILE)
    }

    fn read_kept<T: BorshDeserialize>(&self, file: &str, limit: u64) -> Result<T, DatasetError> {
        let path = self.folder.join(file);
        let bytes = read_kept(&path, &what(&self.name, file), limit)?;
        T::try_from_slice(&bytes).map_err(|_| DatasetError::Form(path))
    }

    /// Everything that a registration needs, and what comes after it, is there and as it was
    /// written: pages, keys and the lineage's name.
    ///
    /// **Errors**: something is gone or damaged; the vault does not open.
    pub fn check(&self, session: &Session) -> Result<(), DatasetError> {
        self.lineage_name(session)?;
        self.keys(session)?;
        let path = self.folder.join(PAGES);
        read_kept(&path, &what(&self.name, PAGES), LONGEST_FILE)?;
        Ok(())
    }

    /// The committed datasets of the same holder.
    fn committed_beside(&self) -> Vec<String> {
        let Some(all) = self.folder.parent() else {
            return Vec::new();
        };
        let mut names = names_in(all);
        names.retain(|name| all.join(name).join(REGISTRATION).is_file());
        names
    }
}

fn people_name(registration: &RegisterDataset) -> String {
    format!("people-{}", &registration.segment.to_string()[..32])
}

fn inputs_name(registration: &RegisterDataset) -> String {
    format!("inputs-{}", &registration.segment.to_string()[..32])
}

fn reading_name(registration: &RegisterDataset) -> String {
    format!("reading-{}", &registration.segment.to_string()[..32])
}

fn keys_name(registration: &RegisterDataset) -> String {
    format!("segment-{}", &registration.segment.to_string()[..32])
}
