//! Who takes part in the quickstart: the organisations of the template consortium, and a
//! researcher.

use crate::actor::Actor;
use crate::cli::failed::CommandError;
use medveil_collections_config::MspId;

/// The organisations and the researcher.
pub struct People {
    /// Holds the data.
    pub hospital: MspId,
    /// Shares its collection.
    pub second_hospital: MspId,
    /// Employs the researcher and vouches for her.
    pub university: MspId,
    pub board: MspId,
    pub researcher: Actor,
}

impl People {
    /// Those of the template consortium.
    ///
    /// **Errors**: none; names of the template are names.
    pub fn of_the_template() -> Result<Self, CommandError> {
        let org = |name: &str| Actor::parse(name).map(|actor| actor.org);
        let university = org("University")?;
        Ok(People {
            hospital: org("HospitalA")?,
            second_hospital: org("HospitalB")?,
            board: org("EthicsBoard")?,
            researcher: Actor::person(university.clone(), "alice")?,
            university,
        })
    }

    pub fn organisations(&self) -> [&MspId; 4] {
        [
            &self.hospital,
            &self.second_hospital,
            &self.university,
            &self.board,
        ]
    }

    /// Everybody, organisations first.
    pub fn everybody(&self) -> Vec<Actor> {
        let orgs = self.organisations().into_iter().cloned();
        let orgs = orgs.map(Actor::organisation);
        orgs.chain(std::iter::once(self.researcher.clone()))
            .collect()
    }
}
