//! Secrets on disk: files that only their owner can read, and vaults under a passphrase.
//!
//! A [`Vault`] keeps an actor's keys: the holder master key, recipient keys, admin, client and
//! issuer keys. A [`PassphraseSource`] says where its passphrase comes from. [`files`] writes files
//! as a whole or not at all; what is not sealed and must be what was written has a hash behind it
//! ([`write_kept`]); peer keys, which only endorse, are plain secret files. [`sealing`]
//! seals bodies that several organisations may open. [`forbid_dumps`] keeps memory out of dumps. Nothing here
//! protects against whoever can read this process's memory all the same.
//!
//! **Source**: Argon2id (RFC 9106, second recommended parameters), XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha).
//!
//! ```
//! use medveil_custody::{Passphrase, Stretch, Vault};
//! use rand_chacha::rand_core::SeedableRng;
//!
//! let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
//! let folder = tempfile::tempdir().unwrap();
//! let passphrase = Passphrase::new("correct horse battery".to_owned()).unwrap();
//! let vault = Vault::create(&folder.path().join("keys"), &passphrase, Stretch::LEAST, &mut rng).unwrap();
//! vault.put("msp-client", b"secret", &mut rng).unwrap();
//! assert_eq!(vault.get("msp-client").unwrap().as_slice(), b"secret");
//! ```

mod error;
pub mod files;
mod given;
mod kept;
mod memory;
mod modes;
mod output;
pub mod passphrase;
pub mod sealing;
mod staged;
pub mod vault;

pub use error::CustodyError;
pub use files::{
    SecretBytes, SecretParts, create_secret_file, read_secret_file, secret_dir, sync_folder,
    write_file, write_secret_file,
};
pub use given::{is_no_file, is_other_form, open_plain, read_given, read_given_of, read_plain};
pub use kept::{KeptParts, create_kept, from_kept, read_kept, to_kept, write_kept};
pub use memory::forbid_dumps;
pub use modes::{check_folder, check_private};
pub use output::{OutputRule, check_output_folder, sweep_outputs, write_output};
pub use passphrase::{Passphrase, PassphraseSource};
pub use staged::{is_named, staged_in, sweep};
pub use vault::{Stretch, Vault};

#[cfg(test)]
mod tests;
