//! Who acts: an organisation, or one of its people.

use crate::classify::{Classify, Kind};
use medveil_collections_config::{MspId, NameError};
use std::fmt;

/// Text that names nobody.
#[derive(Debug, thiserror::Error)]
pub enum ActorError {
    /// The organisation's name is not a valid one.
    #[error("expected an actor as ORG or ORG/NAME, got \"{text}\"")]
    Organisation { text: String, source: NameError },
    /// The person's name is not a valid one.
    #[error("expected a person's name of 1 to 32 letters, digits, - or _, got \"{0}\"")]
    Person(String),
}

impl Classify for ActorError {
    fn kind(&self) -> Kind {
        Kind::Input
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
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
    pub fn person(org: MspId, name: &str) -> Result<Self, ActorError> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(is_plain) {
            return Err(ActorError::Person(name.to_owned()));
        }
        Ok(Actor {
            org,
            person: Some(name.to_owned()),
        })
    }

    /// Parses `ORG` or `ORG/NAME`.
    ///
    /// **Errors**: names that are not well formed.
    pub fn parse(text: &str) -> Result<Self, ActorError> {
        let (org, person) = match text.split_once('/') {
            Some((org, person)) => (org, Some(person)),
            None => (text, None),
        };
        let org = MspId::new(org).map_err(|source| ActorError::Organisation {
            text: text.to_owned(),
            source,
        })?;
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
