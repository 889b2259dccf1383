//! Where everything lies: one folder with the ledger, the organisations, the people and the keys.
//!
//! Only names and paths; reading and writing secrets is `custody`, the ledger's own files are
//! `backend::embedded`.

use crate::error::{Context, GatewayError};
use collections_config::{MspId, Role};
use std::fmt;
use std::path::{Path, PathBuf};

/// Who acts: an organisation, or one of its people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// The organisation.
    pub org: MspId,
    /// One of its people; none when the organisation itself acts.
    pub person: Option<String>,
}

impl Actor {
    /// The organisation itself.
    pub fn organisation(org: MspId) -> Self {
        Actor { org, person: None }
    }

    /// One of its people.
    ///
    /// **Errors**: a name that is not 1 to 32 letters, digits, `-` or `_`.
    pub fn person(org: MspId, name: &str) -> Result<Self, GatewayError> {
        let plain = !name.is_empty()
            && name.len() <= 32
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !plain {
            return Err(GatewayError::input(
                "actor",
                "expected a person's name of 1 to 32 letters, digits, - or _",
            ));
        }
        Ok(Actor {
            org,
            person: Some(name.to_string()),
        })
    }

    /// Parses `ORG` or `ORG/NAME`.
    ///
    /// **Errors**: names that are not well formed.
    pub fn parse(text: &str) -> Result<Self, GatewayError> {
        let (org, person) = match text.split_once('/') {
            Some((org, person)) => (org, Some(person)),
            None => (text, None),
        };
        let org = MspId::new(org).input("actor")?;
        match person {
            Some(name) => Actor::person(org, name),
            None => Ok(Actor::organisation(org)),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.person {
            Some(name) => write!(f, "{}/{name}", self.org.as_str()),
            None => f.write_str(self.org.as_str()),
        }
    }
}

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

    /// Proving and verifying keys, by digest.
    pub fn key_store(&self) -> PathBuf {
        self.0.join("keys")
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
        let org = self.0.join("private").join(actor.org.as_str());
        match &actor.person {
            Some(name) => org.join("people").join(name),
            None => org.join("office"),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_parse_and_refuse_paths() {
        let alice = Actor::parse("University/alice").expect("a person");
        assert_eq!(alice.to_string(), "University/alice");
        assert_eq!(
            Actor::parse("University").expect("an organisation").person,
            None
        );
        for bad in [
            "University/../x",
            "University/",
            "/alice",
            "",
            "Uni versity",
        ] {
            assert!(Actor::parse(bad).is_err(), "{bad}");
        }
    }
}
