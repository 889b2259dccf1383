//! Interrupted work goes on where it stopped: proofs that were made are kept until all are there.
//!
//! A draft has a seed in the actor's vault and proofs in its folder. All randomness of the planned
//! statements comes from the seed, so that the same source gives the same statements. The seed is
//! bound to a digest of everything that goes in: another source, another query or another day gets
//! a new seed and meets no old key. A proof is named by the key and the instance it is for.

use super::{Session, SessionError};
use crate::actor::Actor;
use crate::infile;
use crate::keyring::{get_secret, put_secret};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::proof::RawProof;
use medveil_circuits::statement::{PublicInputs, Statement};
use medveil_custody::{read_kept, secret_dir, write_kept};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::path::{Path, PathBuf};
use zeroize::Zeroize;

/// What a draft's randomness comes from, and what it is for.
#[derive(BorshSerialize, BorshDeserialize)]
pub struct DraftSeed {
    inputs: Digest,
    seed: [u8; 32],
}

impl Drop for DraftSeed {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl DraftSeed {
    /// The generator of all randomness in the planned statements.
    pub fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.seed)
    }
}

/// Proofs of one piece of work, as far as they were made.
#[derive(Clone)]
pub struct Draft {
    actor: Actor,
    name: String,
    folder: PathBuf,
}

impl Session {
    /// The draft of `name` for exactly these inputs, and its seed. What was kept for other inputs
    /// is removed.
    ///
    /// **Errors**: the vault does not open, or the file system refused.
    pub fn draft(
        &self,
        actor: &Actor,
        name: &str,
        inputs: Digest,
    ) -> Result<(Draft, DraftSeed), SessionError> {
        let draft = Draft {
            actor: actor.clone(),
            name: format!("draft-{name}"),
            folder: self.home.drafts(actor).join(name),
        };
        let vault = self.keyring.open(actor)?;
        if vault.has(&draft.name) {
            let kept: DraftSeed = get_secret(&vault, &draft.name)?;
            if kept.inputs == inputs {
                return Ok((draft, kept));
            }
            self.finish(&draft)?;
        }
        let mut rng = self.rng();
        let mut fresh = DraftSeed {
            inputs,
            seed: [0; 32],
        };
        rng.fill_bytes(&mut fresh.seed);
        put_secret(&vault, &draft.name, &fresh, &mut rng)?;
        Ok((draft, fresh))
    }

    /// Removes a draft: everything it was for is kept elsewhere, or will not be used.
    ///
    /// **Errors**: the vault does not open, or the file system refused.
    pub fn finish(&self, draft: &Draft) -> Result<(), SessionError> {
        // The seed last: without it the proofs are of no use, with it they are found again.
        if draft.folder.exists() {
            std::fs::remove_dir_all(&draft.folder).map_err(|source| SessionError::File {
                path: draft.folder.clone(),
                source,
            })?;
        }
        let vault = self.keyring.open(&draft.actor)?;
        if vault.has(&draft.name) {
            vault.remove(&draft.name)?;
        }
        Ok(())
    }
}

/// What a kept proof is: its name says for which key and instance.
fn what(path: &Path) -> String {
    path.file_name().unwrap_or_default().display().to_string()
}

impl Draft {
    fn path<S: Statement>(&self, key: Digest, public: &S::Public) -> PathBuf {
        let mut bytes = key.0.to_vec();
        for element in public.to_field() {
            bytes.extend(Felt(element).to_bytes());
        }
        let name = format!("{}-{}.proof", S::CIRCUIT.name, Digest::of(&bytes).to_hex());
        self.folder.join(name)
    }

    /// The proof that was kept for an instance.
    pub(super) fn find<S: Statement>(&self, key: Digest, public: &S::Public) -> Option<RawProof> {
        let path = self.path::<S>(key, public);
        // A damaged one is made again.
        let bytes = read_kept(&path, &what(&path), infile::LONGEST_TEXT).ok()?;
        RawProof::from_bytes(&bytes).ok()
    }

    /// Where a file of the work lies that goes with the draft.
    ///
    /// **Errors**: the file system refused.
    pub fn file(&self, name: &str) -> Result<PathBuf, SessionError> {
        if let Some(parent) = self.folder.parent() {
            secret_dir(parent)?;
        }
        secret_dir(&self.folder)?;
        Ok(self.folder.join(name))
    }

    /// Keeps a proof.
    ///
    /// **Errors**: the file system refused.
    pub(super) fn keep<S: Statement>(
        &self,
        key: Digest,
        public: &S::Public,
        proof: &RawProof,
    ) -> Result<(), SessionError> {
        if let Some(parent) = self.folder.parent() {
            secret_dir(parent)?;
        }
        secret_dir(&self.folder)?;
        let path = self.path::<S>(key, public);
        Ok(write_kept(&path, &what(&path), &proof.to_bytes())?)
    }
}
