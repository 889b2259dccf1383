//! The vaults of a home: one for each actor, opened once and shared.
//!
//! Stretching a passphrase is slow on purpose, so an open vault stays open until the keyring is
//! dropped.

mod error;
#[cfg(test)]
mod tests;

pub use error::KeyringError;

use crate::actor::Actor;
use crate::home::Home;
use crate::passphrases::{Passphrases, came_from, variable};
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

    /// Refuses a passphrase file that is named for nobody: neither for a vault of this home nor for
    /// the actor who may get one now.
    ///
    /// **Errors**: there is such a file; a folder cannot be read.
    pub fn check_named(&self, acting: Option<&Actor>) -> Result<(), KeyringError> {
        let mut named = self.given.named();
        let unused = named.find(|actor| Some(*actor) != acting && !self.exists(actor));
        let Some(actor) = unused else { return Ok(()) };
        Err(KeyringError::NamedForNobody {
            actor: actor.clone(),
            known: self.names_in_organisation(actor)?,
        })
    }

    /// Where the actor's passphrase is.
    ///
    /// **Errors**: its variable would be of another vault as well; a folder cannot be read.
    fn source(&self, actor: &Actor) -> Result<PassphraseSource, KeyringError> {
        let source = self.given.source(&self.home, actor);
        let own = variable(actor);
        if source != PassphraseSource::Env(own.clone()) {
            return Ok(source);
        }
        let mut actors = vec![actor.clone()];
        for org in names_in(&self.home.organisations())? {
            let Ok(org) = MspId::new(&org) else { continue };
            let people = self.people(&org)?;
            let people = people.iter().filter_map(|name| Actor::parse(name).ok());
            let others = std::iter::once(Actor::organisation(org)).chain(people);
            actors.extend(others.filter(|other| other != actor && variable(other) == own));
        }
        match actors.len() {
            1 => Ok(source),
            _ => Err(KeyringError::Ambiguous {
                variable: own,
                actors,
            }),
        }
    }

    /// Whether the actor's passphrase is one that others have as well.
    pub fn shares_passphrase(&self, actor: &Actor) -> bool {
        self.given.is_shared(&self.home, actor)
    }

    /// Whether the actor's passphrase is given, by a file or a variable, so that nobody is asked.
    pub fn has_passphrase(&self, actor: &Actor) -> bool {
        self.given.source(&self.home, actor) != PassphraseSource::Prompt
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
        let source = self.source(actor)?;
        let passphrase = source.get(&actor.to_string());
        let passphrase = passphrase.map_err(|e| not_given(actor, &source, e))?;
        let vault = Vault::open(&self.home.private(actor), &passphrase);
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

    /// The people of an organisation who have a vault here, as `ORG/NAME`.
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
        let person = |name: &String| Actor::person(org.clone(), name).ok();
        let people = people.iter().filter_map(person);
        let with_vault = people.filter(|person| self.exists(person));
        Ok(with_vault.map(|person| person.to_string()).collect())
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
        match (self.source(actor)?, &self.founding) {
            (PassphraseSource::Prompt, Some(founding)) => {
                let mut answer = founding.lock().unwrap_or_else(PoisonError::into_inner);
                let passphrase = match answer.take() {
                    Some(known) => known,
                    None => (self.ask_new)("every organisation of the new home")?,
                };
                Ok(make(answer.insert(passphrase))?)
            }
            (PassphraseSource::Prompt, None) => Ok(make(&(self.ask_new)(&whose)?)?),
            (given, _) => {
                let passphrase = given.get_new(&whose);
                Ok(make(&passphrase.map_err(|e| not_given(actor, &given, e))?)?)
            }
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

/// Says whose passphrase was wanted, and where it was looked for.
fn not_given(actor: &Actor, source: &PassphraseSource, error: CustodyError) -> KeyringError {
    match error {
        error @ CustodyError::NoTerminal { .. } => KeyringError::Custody(error),
        error => KeyringError::NoPassphrase {
            actor: actor.clone(),
            came_from: came_from(source),
            source: error,
        },
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
