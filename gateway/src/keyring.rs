//! The vaults of a home: one for each actor, opened once and shared.
//!
//! Stretching a passphrase is slow on purpose, so an open vault stays open until the keyring is
//! dropped.

use crate::actor::Actor;
use crate::classify::{Classify, Kind};
use crate::home::Home;
use crate::passphrases::{Passphrases, came_from};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::MspId;
use medveil_custody::{
    CustodyError, Passphrase, PassphraseSource, SecretBytes, Stretch, Vault, secret_dir,
    write_secret_file,
};
use rand::{CryptoRng, RngCore};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Why a vault could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The home has no such organisation.
    #[error("expected one of {} (organisations of this home), got {org}", .known.join(", "))]
    NoOrganisation { org: MspId, known: Vec<String> },
    /// Nobody of that name has a vault.
    #[error("{actor} has no vault in this home: {}", those_known(.known))]
    NoVault { actor: Actor, known: Vec<String> },
    /// A passphrase that is none, or another vault's; or the vault was changed.
    #[error(
        "the vault of {actor} does not open with the passphrase {came_from}: `--passphrase-file {actor}=FILE` gives its own"
    )]
    Passphrase {
        actor: Actor,
        came_from: String,
        source: CustodyError,
    },
    /// The vault itself.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// What is kept under a name is not of its form.
    #[error("vault: {name}: not of the expected form")]
    Form { name: String },
}

fn those_known(names: &[String]) -> String {
    match names {
        [] => "nobody has one yet; `visa request` makes a person's".to_owned(),
        names => format!("those who have one are {}", names.join(", ")),
    }
}

impl Classify for KeyringError {
    fn kind(&self) -> Kind {
        match self {
            KeyringError::NoOrganisation { .. } | KeyringError::NoVault { .. } => Kind::NotFound,
            KeyringError::Custody(e) | KeyringError::Passphrase { source: e, .. } => e.kind(),
            KeyringError::Form { .. } => Kind::Internal,
        }
    }
}

/// Gets a person's passphrase for a new vault; the text says whose.
type AskNew = fn(&str) -> Result<Passphrase, CustodyError>;

/// The vaults of the actors of one home.
pub struct Keyring {
    home: Home,
    given: Passphrases,
    open: Mutex<BTreeMap<Actor, Arc<Vault>>>,
    ask_new: AskNew,
    /// Where one answer is for all new vaults: the answer, once it was given.
    founding: Option<Mutex<Option<Passphrase>>>,
}

impl Keyring {
    /// The keyring of a home; `given` is where the caller said the passphrases are.
    pub fn new(home: Home, given: impl Into<Passphrases>) -> Self {
        Keyring {
            home,
            given: given.into(),
            open: Mutex::default(),
            ask_new: |whose| PassphraseSource::Prompt.get_new(whose),
            founding: None,
        }
    }

    /// The keyring of a home that is being founded: a person is asked for one passphrase, once,
    /// and it protects every vault that is made.
    pub fn founding(home: Home, given: impl Into<Passphrases>) -> Self {
        Keyring {
            founding: Some(Mutex::default()),
            ..Keyring::new(home, given)
        }
    }

    /// As [`Keyring::founding`], with somebody else to ask.
    #[cfg(test)]
    pub(crate) fn founding_with(home: Home, ask_new: AskNew) -> Self {
        Keyring {
            ask_new,
            ..Keyring::founding(home, Passphrases::default())
        }
    }

    /// Whether the actor has a vault.
    pub fn exists(&self, actor: &Actor) -> bool {
        Vault::exists(&self.home.private(actor))
    }

    /// Whether a passphrase file lies beside the place of the actor's vault.
    pub fn has_passphrase_file(&self, actor: &Actor) -> bool {
        self.home.passphrase(actor).is_file()
    }

    /// Opens the actor's vault.
    ///
    /// **Errors**: there is none, or the passphrase does not open it; a folder cannot be read.
    pub fn open(&self, actor: &Actor) -> Result<Arc<Vault>, KeyringError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vault) = open.get(actor) {
            return Ok(vault.clone());
        }
        if !self.exists(actor) {
            return Err(self.why_no_vault(actor));
        }
        let source = self.given.source(&self.home, actor);
        let vault = source
            .get(&actor.to_string())
            .and_then(|passphrase| Vault::open(&self.home.private(actor), &passphrase));
        let vault = Arc::new(vault.map_err(|e| unopened(actor, &source, e))?);
        open.insert(actor.clone(), vault.clone());
        Ok(vault)
    }

    fn why_no_vault(&self, actor: &Actor) -> KeyringError {
        match self.names_in_organisation(actor) {
            Ok(known) => KeyringError::NoVault {
                actor: actor.clone(),
                known,
            },
            Err(error) => error,
        }
    }

    /// The actor's organisation, where it has a vault, then all its people who have a folder here.
    fn names_in_organisation(&self, actor: &Actor) -> Result<Vec<String>, KeyringError> {
        let people = self.people(&actor.org)?;
        // A vault in a folder that cannot be read looks as if it were none.
        names_in(&self.home.private(actor))?;
        let organisation = Actor::organisation(actor.org.clone());
        let itself = self.exists(&organisation);
        let itself = itself.then(|| organisation.to_string());
        Ok(itself.into_iter().chain(people).collect())
    }

    /// The people of an organisation who have a folder here, as `ORG/NAME`.
    ///
    /// **Errors**: this home has other organisations; a folder cannot be read.
    pub fn people(&self, org: &MspId) -> Result<Vec<String>, KeyringError> {
        let known = names_in(&self.home.organisations())?;
        if !known.is_empty() && !known.iter().any(|name| name == org.as_str()) {
            return Err(KeyringError::NoOrganisation {
                org: org.clone(),
                known,
            });
        }
        let people = names_in(&self.home.people(org))?;
        let person = |name: String| format!("{org}/{name}");
        Ok(people.into_iter().map(person).collect())
    }

    /// Opens the actor's vault, or makes it under the passphrase that the caller gives.
    ///
    /// **Errors**: a passphrase that is too short, or the file system refused; a person of an
    /// organisation that this home does not have.
    pub fn open_or_create(
        &self,
        actor: &Actor,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Arc<Vault>, KeyringError> {
        if self.exists(actor) {
            return self.open(actor);
        }
        if actor.person.is_some() {
            self.people(&actor.org)?;
        }
        let vault = Arc::new(self.create(actor, rng)?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(actor.clone(), vault.clone());
        Ok(vault)
    }

    fn create(
        &self,
        actor: &Actor,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vault, KeyringError> {
        let mut make = |passphrase: &Passphrase| {
            Vault::create(&self.home.private(actor), passphrase, Stretch::DEFAULT, rng)
        };
        let whose = actor.to_string();
        match (self.given.source(&self.home, actor), &self.founding) {
            (PassphraseSource::Prompt, Some(founding)) => {
                let mut answer = founding.lock().unwrap_or_else(PoisonError::into_inner);
                let passphrase = match answer.take() {
                    Some(known) => known,
                    None => (self.ask_new)("every organisation of the new home")?,
                };
                Ok(make(answer.insert(passphrase))?)
            }
            (PassphraseSource::Prompt, None) => Ok(make(&(self.ask_new)(&whose)?)?),
            (given, _) => Ok(make(&given.get_new(&whose)?)?),
        }
    }

    /// Writes a random passphrase beside the place of the actor's vault, mode 0600; only
    /// `quickstart` does so.
    ///
    /// **Errors**: the file system refused.
    pub fn write_random_passphrase(
        &self,
        actor: &Actor,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), KeyringError> {
        let mut bytes = Zeroizing::new([0u8; 24]);
        rng.fill_bytes(bytes.as_mut());
        let text = Zeroizing::new(hex::encode(bytes.as_ref()));
        secret_dir(&self.home.private(actor))?;
        Ok(write_secret_file(
            &self.home.passphrase(actor),
            text.as_bytes(),
        )?)
    }
}

/// Says whose passphrase it was, and where it came from.
fn unopened(actor: &Actor, source: &PassphraseSource, error: CustodyError) -> KeyringError {
    match error {
        CustodyError::Passphrase(_) | CustodyError::Locked(_) => KeyringError::Passphrase {
            actor: actor.clone(),
            came_from: came_from(source),
            source: error,
        },
        other => KeyringError::Custody(other),
    }
}

/// The names in a folder, sorted; none where there is no folder.
fn names_in(folder: &Path) -> Result<Vec<String>, CustodyError> {
    let failed = |source| CustodyError::Io {
        action: "list",
        path: folder.to_owned(),
        source,
    };
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Reads a typed secret.
///
/// **Errors**: none of that name, or not of that form.
pub fn get_secret<T: BorshDeserialize>(vault: &Vault, name: &str) -> Result<T, KeyringError> {
    let bytes: SecretBytes = vault.get(name)?;
    T::try_from_slice(&bytes).map_err(|_| KeyringError::Form {
        name: name.to_owned(),
    })
}

/// Writes a typed secret.
///
/// **Errors**: the file system refused.
pub fn put_secret<T: BorshSerialize>(
    vault: &Vault,
    name: &str,
    value: &T,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), KeyringError> {
    let bytes = borsh::to_vec(value).map_err(|_| KeyringError::Form {
        name: name.to_owned(),
    })?;
    Ok(vault.put(name, &Zeroizing::new(bytes), rng)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn organisation(name: &str) -> Actor {
        Actor::organisation(MspId::new(name).unwrap())
    }

    #[test]
    fn a_new_home_asks_for_one_passphrase_once() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let ask: AskNew = |_| {
            ASKED.fetch_add(1, Ordering::Relaxed);
            Passphrase::new("correct horse battery".to_owned())
        };
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let keyring = Keyring::founding_with(home.clone(), ask);
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let organisations = [organisation("HospitalA"), organisation("University")];
        for actor in &organisations {
            keyring.open_or_create(actor, &mut rng).unwrap();
        }
        for actor in &organisations {
            keyring.open(actor).unwrap();
        }
        assert_eq!(ASKED.load(Ordering::Relaxed), 1);

        let file = folder.path().join("passphrase");
        write_secret_file(&file, b"correct horse battery").unwrap();
        let later = Keyring::new(home, Some(PassphraseSource::File(file)));
        for actor in &organisations {
            later.open(actor).unwrap();
        }
    }

    #[test]
    fn a_misspelt_name_is_answered_with_those_who_have_a_vault() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passphrase");
        write_secret_file(&file, b"correct horse battery").unwrap();
        let home = Home::new(folder.path());
        let keyring = Keyring::new(home, Some(PassphraseSource::File(file)));
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let alice = Actor::parse("University/alice").unwrap();
        keyring.open_or_create(&alice, &mut rng).unwrap();
        let misspelt = Actor::parse("University/alcie").unwrap();
        let error = keyring.open(&misspelt).err().unwrap();
        assert!(error.to_string().contains("University/alice"), "{error}");
        assert_eq!(error.kind(), Kind::NotFound);
        let people = keyring.people(&alice.org).unwrap();
        assert_eq!(people, ["University/alice"]);
    }

    #[test]
    fn a_misspelt_organisation_is_answered_with_those_of_the_home() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        for name in ["University", "HospitalA"] {
            secret_dir(&home.private(&organisation(name))).unwrap();
        }
        let keyring = Keyring::new(home.clone(), Passphrases::default());
        for misspelt in ["Hospitala", "Hospitala/alice"] {
            let error = keyring
                .open(&Actor::parse(misspelt).unwrap())
                .err()
                .unwrap();
            assert_eq!(
                error.to_string(),
                "expected one of HospitalA, University (organisations of this home), got Hospitala"
            );
            assert_eq!(error.kind(), Kind::NotFound);
        }

        // A folder that cannot be read is not an empty one.
        std::fs::write(home.people(&organisation("HospitalA").org), "").unwrap();
        let bob = Actor::parse("HospitalA/bob").unwrap();
        let error = keyring.open(&bob).err().unwrap();
        let is_io = matches!(error, KeyringError::Custody(CustodyError::Io { .. }));
        assert!(is_io, "{error}");
    }
}
