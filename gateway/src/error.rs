//! Anything that a journey can fail with.

use crate::actor::ActorError;
use crate::classify::{Classify, Kind};
use crate::journey;
use crate::passphrases::TwoFiles;
use crate::session::SessionError;
use medveil_ledger::LedgerError;
use serde_json::Value;

macro_rules! any_of {
    ($($(#[$doc:meta])* $name:ident($error:ty),)*) => {
        /// Anything that a command can fail with.
        #[derive(Debug, thiserror::Error)]
        pub enum Error {
            $($(#[$doc])* #[error(transparent)] $name(#[from] $error),)*
        }

        impl Classify for Error {
            fn kind(&self) -> Kind {
                match self {
                    $(Error::$name(e) => e.kind(),)*
                }
            }

            fn ledger(&self) -> Option<&LedgerError> {
                match self {
                    $(Error::$name(e) => Classify::ledger(e),)*
                }
            }

            fn answer(&self) -> Option<Value> {
                match self {
                    $(Error::$name(e) => e.answer(),)*
                }
            }
        }
    };
}

any_of! {
    Access(journey::access::AccessError),
    Actor(ActorError),
    Audit(journey::audit::LedgerAuditError),
    Circuit(journey::circuit::CircuitError),
    Claim(journey::claim::ClaimError),
    Collections(journey::collections::CollectionsError),
    Consortium(journey::consortium::ConsortiumError),
    Dataset(journey::dataset::DatasetError),
    Day(journey::day::DayError),
    Doctor(journey::doctor::DoctorError),
    Events(journey::events::EventsError),
    Groth16(journey::groth16::Groth16Error),
    Issuer(journey::issuer::IssuerError),
    Join(journey::join::JoinError),
    Keys(journey::keys::KeysError),
    Ledger(journey::ledger::LedgerReadError),
    Member(journey::member::MemberError),
    Network(journey::net::NetworkError),
    Passphrases(TwoFiles),
    Peers(journey::peers::ComparisonError),
    Policy(journey::policy::PolicyError),
    Repair(journey::repair::LedgerRepairError),
    Session(SessionError),
    Verify(journey::verify::VerifyError),
    Visa(journey::visa::VisaError),
}
