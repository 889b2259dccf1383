//! What a holder keeps of a dataset: lineage name, schema, encrypted pages, proofs, and, in its
//! vault, the slot keys.
//!
//! Everything is durable before anything is submitted, so that a retry sends the same bytes.

use crate::custody::{secret_dir, write_secret_file};
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::office::{get_secret, put_secret};
use borsh::{BorshDeserialize, BorshSerialize};
use circuits::dataset::SegmentKeys;
use circuits::field::Felt;
use circuits::ids::LineageId;
use collections_config::MspId;
use rand::RngCore;
use std::path::PathBuf;
use verifier_chaincode::call::transient::StoredChunk;
use verifier_chaincode::call::{LineageName, RegisterDataset};
use verifier_chaincode::judge;
use zeroize::Zeroize;

/// One dataset of a holder, on the holder's disk.
pub struct LocalDataset {
    /// The holder.
    pub holder: MspId,
    /// Its name within the holder.
    pub name: String,
    dir: PathBuf,
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

impl LocalDataset {
    /// The dataset of that name, whether it exists yet or not.
    ///
    /// **Errors**: a name that is not 1 to 40 lower-case letters, digits and hyphens.
    pub fn new(desk: &Desk, holder: &MspId, name: &str) -> Result<Self, GatewayError> {
        let plain = (1..=40).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain {
            return Err(GatewayError::input(
                "dataset",
                "expected a name of 1 to 40 lower-case letters, digits and hyphens",
            ));
        }
        let dir = desk
            .home
            .private(&Actor::organisation(holder.clone()))
            .join("datasets")
            .join(name);
        Ok(LocalDataset {
            holder: holder.clone(),
            name: name.to_owned(),
            dir,
        })
    }

    /// Whether pages were committed under this name.
    pub fn is_committed(&self) -> bool {
        self.dir.join("registration").is_file()
    }

    /// Name and nonce of the lineage; a fresh nonce the first time.
    ///
    /// **Errors**: the file system refused, or the file is not of its form.
    pub fn lineage_name(&self, desk: &Desk) -> Result<LineageName, GatewayError> {
        let path = self.dir.join("lineage");
        if path.is_file() {
            let bytes = crate::custody::read_secret_file(&path, 4096)?;
            return LineageName::try_from_slice(&bytes).input("dataset");
        }
        let mut nonce = [0u8; 16];
        desk.rng().fill_bytes(&mut nonce);
        let name = LineageName {
            name: self.name.clone(),
            nonce,
        };
        self.write("lineage", &name)?;
        Ok(name)
    }

    /// The lineage id.
    ///
    /// **Errors**: as [`LocalDataset::lineage_name`].
    pub fn lineage(&self, desk: &Desk) -> Result<LineageId, GatewayError> {
        let name = self.lineage_name(desk)?;
        Ok(judge::lineage_id(desk.consortium_id(), &self.holder, &name))
    }

    /// Writes pages, registration and keys; the registration last, because it says that all is
    /// there.
    ///
    /// **Errors**: the file system refused, or the vault does not open.
    pub fn save(
        &self,
        desk: &Desk,
        keys: &SegmentKeys,
        pages: &Vec<StoredChunk>,
        registration: &RegisterDataset,
    ) -> Result<(), GatewayError> {
        let vault = desk
            .offices
            .open(&Actor::organisation(self.holder.clone()))?;
        let stored = StoredKeys {
            keys: keys.keys.map(Felt),
            blind: Felt(keys.blind),
        };
        put_secret(
            &vault,
            &self.keys_name(registration),
            &stored,
            &mut *desk.rng(),
        )?;
        self.write("pages", pages)?;
        self.write("registration", registration)
    }

    fn keys_name(&self, registration: &RegisterDataset) -> String {
        format!("segment-{}", &registration.segment.to_string()[..32])
    }

    /// The registration as it was or will be submitted.
    ///
    /// **Errors**: nothing was committed under this name.
    pub fn registration(&self) -> Result<RegisterDataset, GatewayError> {
        self.read("registration")
    }

    /// The encrypted pages of all chunks.
    ///
    /// **Errors**: nothing was committed under this name.
    pub fn pages(&self) -> Result<Vec<StoredChunk>, GatewayError> {
        self.read("pages")
    }

    /// The slot keys.
    ///
    /// **Errors**: the vault does not open, or holds none.
    pub fn keys(&self, desk: &Desk) -> Result<SegmentKeys, GatewayError> {
        let vault = desk
            .offices
            .open(&Actor::organisation(self.holder.clone()))?;
        let stored: StoredKeys = get_secret(&vault, &self.keys_name(&self.registration()?))?;
        Ok(SegmentKeys {
            keys: stored.keys.map(|k| k.0),
            blind: stored.blind.0,
        })
    }

    /// The names of all datasets of a holder, sorted.
    pub fn names(desk: &Desk, holder: &MspId) -> Vec<String> {
        let dir = desk
            .home
            .private(&Actor::organisation(holder.clone()))
            .join("datasets");
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|e| e.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    fn write<T: BorshSerialize>(&self, file: &str, value: &T) -> Result<(), GatewayError> {
        secret_dir(&self.dir)?;
        let bytes = borsh::to_vec(value).internal("dataset")?;
        Ok(write_secret_file(&self.dir.join(file), &bytes)?)
    }

    fn read<T: BorshDeserialize>(&self, file: &str) -> Result<T, GatewayError> {
        let path = self.dir.join(file);
        if !path.is_file() {
            let message = format!(
                "{} has no committed dataset {}: run `dataset commit` first",
                self.holder.as_str(),
                self.name
            );
            return Err(GatewayError::not_found("dataset", message));
        }
        let bytes = crate::custody::read_secret_file(&path, 1 << 40)?;
        T::try_from_slice(&bytes).map_err(|_| {
            GatewayError::input(
                "dataset",
                format!("{}: not of the expected form", path.display()),
            )
        })
    }
}
