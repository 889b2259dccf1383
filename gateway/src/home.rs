//! Where everything lies: one folder with the ledger, the organisations, the people and the keys.
//!
//! Only names and paths; reading and writing secrets is `custody`, the ledger's own files are
//! those of `medveil_embedded::Layout`.

use crate::actor::Actor;
use medveil_collections_config::{MspId, Role};
use std::path::{Path, PathBuf};

/// The folder of everything, and the names inside it.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The home at `root`; nothing is read or made.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Home(root.into())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// The consortium file: exactly the Bootstrap bytes.
    pub fn consortium(&self) -> PathBuf {
        self.0.join("consortium.json")
    }

    /// The sharing groups.
    pub fn groups(&self) -> PathBuf {
        self.0.join("sharing-groups.json")
    }

    /// The collections configuration derived from both.
    pub fn collections(&self) -> PathBuf {
        self.0.join("collections.json")
    }

    /// The embedded ledger's files.
    pub fn ledger(&self) -> PathBuf {
        self.0.join("ledger")
    }

    /// Peers of the organisations that act here, where the home is joined to a Fabric network.
    pub fn fabric(&self) -> PathBuf {
        self.0.join("fabric.json")
    }

    /// Transactions on their way to a Fabric network.
    pub fn outbox(&self) -> PathBuf {
        self.0.join("outbox")
    }

    /// Names of files outside the home that are being written.
    pub fn outputs(&self) -> PathBuf {
        self.0.join("outputs")
    }

    /// Proofs of work that was interrupted, and locks of work under way, of an actor.
    pub fn drafts(&self, actor: &Actor) -> PathBuf {
        self.private(actor).join("drafts")
    }

    /// The private folders of organisations, each named as its organisation.
    pub fn organisations(&self) -> PathBuf {
        self.0.join("private")
    }

    /// The private folders of an organisation's people, each named as its person.
    pub fn people(&self, org: &MspId) -> PathBuf {
        self.organisations().join(org.as_str()).join("people")
    }

    /// Proving and verifying keys, by digest.
    pub fn key_store(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// How long proofs took here.
    pub fn proving_rates(&self) -> PathBuf {
        self.0.join("proving-rates.json")
    }

    /// An organisation's certificate in a role.
    pub fn certificate(&self, org: &MspId, role: Role) -> PathBuf {
        self.0
            .join("msp")
            .join(org.as_str())
            .join(format!("{}.pem", role.as_str()))
    }

    /// An organisation's certificate authority.
    pub fn authority(&self, org: &MspId) -> PathBuf {
        self.0.join("msp").join(org.as_str()).join("ca.pem")
    }

    /// The private folder of an organisation or a person.
    pub fn private(&self, actor: &Actor) -> PathBuf {
        match &actor.person {
            Some(name) => self.people(&actor.org).join(name),
            None => self.organisations().join(actor.org.as_str()).join("office"),
        }
    }

    /// The certificate that a person reads the institution's peer with.
    pub fn person_certificate(&self, person: &Actor) -> PathBuf {
        self.private(person).join("client.pem")
    }

    /// The passphrase file that quickstart writes for an actor.
    pub fn passphrase(&self, actor: &Actor) -> PathBuf {
        self.private(actor).join("passphrase")
    }

    /// Whether a consortium lives here.
    pub fn exists(&self) -> bool {
        self.consortium().is_file()
    }
}
