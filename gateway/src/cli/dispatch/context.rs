//! What every command line says beside its command: the home, who acts, where answers go.

use crate::actor::Actor;
use crate::cli::args::Cli;
use crate::cli::failed::CommandError;
use crate::cli::output::{Console, Output};
use crate::cli::render::Render;
use crate::home::Home;
use crate::journey::ledger::OutboxSettled;
use crate::passphrases::Passphrases;
use crate::progress::Progress;
use crate::session::{Session, SessionError};
use crate::startup::Startup;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use medveil_custody::sealing::SealingKey;
use std::sync::Arc;

/// One command line.
pub struct Context<'a> {
    pub cli: &'a Cli,
    pub output: &'a Output,
}

impl Context<'_> {
    pub fn home(&self) -> Home {
        Home::new(&self.cli.home)
    }

    pub fn progress(&self) -> Arc<dyn Progress> {
        Arc::new(Console)
    }

    /// How this command line opens a home.
    ///
    /// **Errors**: nobody is named so; two passphrase files are for one vault.
    pub fn startup(&self) -> Result<Startup, CommandError> {
        let actor = self.actor()?;
        Ok(Startup {
            home: self.home(),
            progress: self.progress(),
            passphrases: Passphrases::of(&self.cli.passphrase_file)?,
            person: actor.filter(|actor| actor.person.is_some()),
        })
    }

    /// Opens the home.
    ///
    /// **Errors**: as [`Context::startup`]; there is none, or a file of it is damaged; a passphrase
    /// file is named for nobody.
    pub fn session(&self) -> Result<Session, CommandError> {
        let session = self.startup()?.open()?;
        let named = session.keyring.check_named(self.actor()?.as_ref());
        named.map_err(SessionError::from)?;
        Ok(session)
    }

    pub fn actor(&self) -> Result<Option<Actor>, CommandError> {
        let actor = self.cli.actor.as_deref();
        Ok(actor.map(Actor::parse).transpose()?)
    }

    /// The organisation that acts.
    ///
    /// **Errors**: nobody was said to act, or one of its people.
    pub fn org(&self, session: &Session) -> Result<MspId, CommandError> {
        let actor = self.actor()?;
        match actor.ok_or_else(|| no_actor(session, "--as ORG"))? {
            Actor { org, person: None } => Ok(org),
            actor => Err(CommandError::NotOrganisation { actor }),
        }
    }

    /// The organisation whose peer is asked about the ledger: the one that acts, or any whose peer
    /// answers this home without a passphrase.
    pub fn reader(&self, session: &Session) -> Result<MspId, CommandError> {
        if let Some(actor) = self.actor()? {
            return Ok(actor.org);
        }
        let mut members = session.consortium.members().iter();
        let known = members.find(|m| session.ledger().reader(&m.msp_id).is_some());
        let known = known.ok_or_else(|| no_actor(session, "--as ORG"))?;
        Ok(known.msp_id.clone())
    }

    /// Who acts, or, where a command only reads what everybody may, whose peer is asked.
    pub fn org_for(&self, session: &Session, is_read: bool) -> Result<MspId, CommandError> {
        if is_read {
            self.reader(session)
        } else {
            self.org(session)
        }
    }

    /// The person who acts.
    pub fn person(&self, session: &Session) -> Result<Actor, CommandError> {
        match self.actor()? {
            None => Err(no_actor(session, "--as ORG/NAME")),
            Some(Actor { org, person: None }) => {
                let people = session.keyring.people(&org);
                let people = people.map_err(SessionError::from)?;
                Err(CommandError::NoPerson { org, people })
            }
            Some(person) => Ok(person),
        }
    }

    /// Prints an answer.
    pub fn finish<T: Render>(&self, answer: &T) -> Result<(), CommandError> {
        self.output.finish(answer);
        Ok(())
    }

    /// Prints what became of transactions of earlier processes, then the answer.
    pub fn finish_with<T: Render>(
        &self,
        session: &Session,
        answer: &T,
    ) -> Result<(), CommandError> {
        let settled = session.take_settled();
        if !settled.is_empty() {
            self.output.finish(&OutboxSettled::new(settled));
        }
        self.finish(answer)
    }
}

fn no_actor(session: &Session, flag: &'static str) -> CommandError {
    let members = session.consortium.members().iter();
    CommandError::NoActor {
        flag,
        orgs: members.map(|m| m.msp_id.to_string()).collect(),
    }
}

/// A request's id.
pub fn request_id(text: &str) -> Result<RequestId, CommandError> {
    text.parse().map_err(|_| CommandError::Id {
        what: "a request id",
        got: text.to_owned(),
    })
}

/// An organisation's key for sealed requests.
pub fn sealing_key(text: &str) -> Result<SealingKey, CommandError> {
    let bytes = hex::decode(text).ok();
    let key = bytes.and_then(|bytes| SealingKey::from_bytes(&bytes).ok());
    key.ok_or_else(|| CommandError::Id {
        what: "a key for sealed requests",
        got: text.to_owned(),
    })
}

/// A claim's id.
pub fn claim_id(text: &str) -> Result<Felt, CommandError> {
    Felt::from_hex(text).map_err(|_| CommandError::Id {
        what: "a claim id",
        got: text.to_owned(),
    })
}
