//! What the caller can do about an error of access.

use super::AccessError;
use crate::classify::{Classify, Kind, kind_of_io};
use crate::journey::sealing::OpenBodyError;
use medveil_contract::model::RequestState;
use medveil_ledger::LedgerError;
use serde_json::Value;

impl Classify for AccessError {
    fn kind(&self) -> Kind {
        use AccessError as E;
        match self {
            E::DatasetName { .. } | E::Column { .. } | E::Disease(_) => Kind::Input,
            E::LetterType { .. } | E::LetterText(_) => Kind::Input,
            E::Study { .. } | E::GrantedColumns { .. } | E::Word { .. } => Kind::Input,
            E::LetterFile { source, .. } => kind_of_io(source),
            E::NoDataset { .. } | E::NoPolicy { .. } | E::NoVersion { .. } => Kind::NotFound,
            E::NeitherPolicyNorVersion { .. } | E::NotRequester { .. } => Kind::NotFound,
            E::NoCircuit { .. } | E::NoSealingKey { .. } | E::NoRequest { .. } => Kind::NotFound,
            E::NotHandedOver { .. } | E::NoSegment { .. } => Kind::NotFound,
            E::NotReady(checked) if checked.used.is_some_and(RequestState::is_over) => Kind::Over,
            E::PolicyRoot | E::Ineligible { .. } | E::NotReady(_) => Kind::Refused,
            E::FutureDay { .. } => Kind::Refused,
            E::BodyForm(_) | E::OtherBody | E::OtherStudy | E::OtherKeys { .. } => Kind::Refused,
            E::NotSeen { .. } | E::AffirmFirst { .. } => Kind::Refused,
            E::OtherRequest { .. } | E::Stale(_) | E::NotOnCommittee { .. } => Kind::Refused,
            E::VotedAlready { .. } | E::State { .. } | E::NotHolder { .. } => Kind::Refused,
            E::NotParty { .. } | E::Delivered { .. } => Kind::Refused,
            E::Over { .. } => Kind::Over,
            E::Policy(_) | E::Schema(_) | E::Seal(_) | E::Circuit(_) => Kind::Internal,
            E::Prepare(_) | E::Recipient(_) | E::ZeroScalar | E::Encode(_) => Kind::Internal,
            E::Unopened(OpenBodyError::Keyring(e)) => e.kind(),
            E::Unopened(OpenBodyError::NoSecret { .. }) => Kind::NotFound,
            E::Unopened(OpenBodyError::Sealing(_)) => Kind::Refused,
            E::Ask(e) => e.kind(),
            E::Day(e) => e.kind(),
            E::Dataset(e) => e.kind(),
            E::Visa(e) => e.kind(),
            E::Proving(e) => e.kind(),
            E::Keyring(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        use AccessError as E;
        match self {
            E::NoPolicy { refusal, .. } | E::NoRequest { refusal, .. } => refusal.ledger(),
            E::NeitherPolicyNorVersion { refusal, .. } => refusal.ledger(),
            E::Stale(refusal) | E::Delivered { refusal, .. } => refusal.ledger(),
            E::NotOnCommittee { refusal, .. } | E::VotedAlready { refusal, .. } => refusal.ledger(),
            E::NotParty { refusal, .. } => refusal.ledger(),
            E::State { refusal, .. } | E::NotHandedOver { refusal, .. } => {
                refusal.as_ref()?.ledger()
            }
            E::OtherRequest { refusal, .. } => refusal.as_ref()?.ledger(),
            E::Ask(e) => e.ledger(),
            E::Day(e) => e.ledger(),
            E::Dataset(e) => e.ledger(),
            E::Visa(e) => e.ledger(),
            E::Proving(e) => e.ledger(),
            E::Session(e) => e.ledger(),
            _ => None,
        }
    }

    fn answer(&self) -> Option<Value> {
        match self {
            AccessError::NotReady(checked) => serde_json::to_value(checked).ok(),
            _ => None,
        }
    }
}
