//! The private side of an actor: its vault, its secrets, its passphrase.
//!
//! Sits between `custody` (how secrets are kept) and `service` (what is done with them). One
//! process opens each vault once, because stretching a passphrase is slow on purpose.

use crate::custody::{
    CustodyError, PassphraseSource, SecretBytes, Stretch, Vault, write_secret_file,
};
use crate::error::{Context, ErrorKind, GatewayError};
use crate::home::{Actor, Home};
use borsh::{BorshDeserialize, BorshSerialize};
use rand::{CryptoRng, RngCore};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use zeroize::Zeroizing;

/// The environment variable that may hold the acting party's passphrase.
pub const PASSPHRASE_VARIABLE: &str = "MEDVEIL_PASSPHRASE";

/// The vaults of the actors of one home.
pub struct Offices {
    home: Home,
    given: Option<PassphraseSource>,
    open: RefCell<BTreeMap<Actor, Rc<Vault>>>,
}

impl From<CustodyError> for GatewayError {
    fn from(error: CustodyError) -> Self {
        let kind = match &error {
            e if e.is_not_found() => ErrorKind::NotFound,
            CustodyError::Io { .. } | CustodyError::Primitive => ErrorKind::Internal,
            _ => ErrorKind::Input,
        };
        GatewayError::new(kind, "custody", error)
    }
}

impl Offices {
    /// The offices of a home; `given` is where the caller said the passphrase is.
    pub fn new(home: Home, given: Option<PassphraseSource>) -> Self {
        Offices {
            home,
            given,
            open: RefCell::default(),
        }
    }

    /// Given on the command line, else the environment, else the file that `quickstart` wrote, else
    /// a prompt.
    fn source(&self, actor: &Actor) -> PassphraseSource {
        let file = self.home.passphrase(actor);
        match &self.given {
            Some(source) => source.clone(),
            None if std::env::var_os(PASSPHRASE_VARIABLE).is_some() => {
                PassphraseSource::Env(PASSPHRASE_VARIABLE.to_string())
            }
            None if file.is_file() => PassphraseSource::File(file),
            None => PassphraseSource::Prompt,
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
    /// **Errors**: there is none, or the passphrase does not open it.
    pub fn open(&self, actor: &Actor) -> Result<Rc<Vault>, GatewayError> {
        if let Some(vault) = self.open.borrow().get(actor) {
            return Ok(vault.clone());
        }
        let dir = self.home.private(actor);
        if !Vault::exists(&dir) {
            return Err(GatewayError::not_found(
                "custody",
                format!("{actor} has no vault in this home"),
            ));
        }
        let passphrase = self.source(actor).get(&actor.to_string())?;
        Ok(self.remember(actor, Vault::open(&dir, &passphrase)?))
    }

    /// Opens the actor's vault, or makes it under the passphrase that the caller gives.
    ///
    /// **Errors**: a passphrase that is too short, or the file system refused.
    pub fn open_or_create(
        &self,
        actor: &Actor,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Rc<Vault>, GatewayError> {
        if self.exists(actor) {
            return self.open(actor);
        }
        let passphrase = self.source(actor).get_new(&actor.to_string())?;
        let vault = Vault::create(
            &self.home.private(actor),
            &passphrase,
            Stretch::DEFAULT,
            rng,
        )?;
        Ok(self.remember(actor, vault))
    }

    /// Writes a random passphrase beside the place of the actor's vault, mode 0600; only
    /// `quickstart` does so.
    ///
    /// **Errors**: the file system refused.
    pub fn write_random_passphrase(
        &self,
        actor: &Actor,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), GatewayError> {
        let mut bytes = Zeroizing::new([0u8; 24]);
        rng.fill_bytes(bytes.as_mut());
        let text = Zeroizing::new(hex::encode(bytes.as_ref()));
        crate::custody::secret_dir(&self.home.private(actor))?;
        Ok(write_secret_file(
            &self.home.passphrase(actor),
            text.as_bytes(),
        )?)
    }

    fn remember(&self, actor: &Actor, vault: Vault) -> Rc<Vault> {
        let vault = Rc::new(vault);
        self.open.borrow_mut().insert(actor.clone(), vault.clone());
        vault
    }
}

/// Reads a typed secret.
///
/// **Errors**: none of that name, or not of that form.
pub fn get_secret<T: BorshDeserialize>(vault: &Vault, name: &str) -> Result<T, GatewayError> {
    let bytes: SecretBytes = vault.get(name)?;
    T::try_from_slice(&bytes)
        .map_err(|_| GatewayError::internal("custody", format!("{name}: not of the expected form")))
}

/// Writes a typed secret.
///
/// **Errors**: the file system refused.
pub fn put_secret<T: BorshSerialize>(
    vault: &Vault,
    name: &str,
    value: &T,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), GatewayError> {
    let bytes = Zeroizing::new(borsh::to_vec(value).internal("custody")?);
    Ok(vault.put(name, &bytes, rng)?)
}
