//! The visas of a person, and whether each counts today.

use super::{VisaError, VisaLine, is_issuer_of, vouches, wallet};
use crate::actor::Actor;
use crate::journey::registry::{registry, revocations};
use crate::session::{Session, SessionError};
use crate::step::Step;
use medveil_circuits::visa::SignedVisa;
use medveil_contract::call::reply::Registry;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether a visa counts today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisaState {
    Valid,
    NotYetValid,
    Expired,
    Revoked,
    /// Its issuer is not in the registry, is retired, or may not say what the visa says.
    IssuerGone,
    /// The ledger could not be asked.
    Unknown,
}

/// A visa of a wallet, and whether it counts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisaHeld {
    #[serde(flatten)]
    pub line: VisaLine,
    pub state: VisaState,
}

/// The visas of a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisaList {
    /// `ORG/NAME`.
    pub person: String,
    pub visas: Vec<VisaHeld>,
}

impl Step for VisaList {
    const NAME: &'static str = "visa.list";
    const VERSION: u32 = 3;
}

/// Lists a person's visas.
///
/// **Errors**: the person has none, or the vault does not open. A ledger that cannot be asked
/// leaves states unknown.
pub async fn list(session: &Session, person: &Actor) -> Result<VisaList, VisaError> {
    let wallet = wallet(session, person)?;
    let registry = asked(registry(session, &person.org).await)?;
    let mut visas = Vec::with_capacity(wallet.visas.len());
    for (number, (signed, _)) in wallet.visas.iter().enumerate() {
        let state = match &registry {
            Some(registry) => asked(state(session, person, registry, signed).await)?,
            None => None,
        };
        visas.push(VisaHeld {
            line: VisaLine::new(number, signed),
            state: state.unwrap_or(VisaState::Unknown),
        });
    }
    Ok(VisaList {
        person: person.to_string(),
        visas,
    })
}

/// What the ledger answered; none where it could not be asked.
///
/// **Errors**: anything else, such as a vault that does not open.
fn asked<T>(answer: Result<T, SessionError>) -> Result<Option<T>, SessionError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(SessionError::Ledger(_) | SessionError::Unreachable { .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

async fn state(
    session: &Session,
    person: &Actor,
    registry: &Registry,
    signed: &SignedVisa,
) -> Result<VisaState, SessionError> {
    let (visa, today) = (signed.visa(), session.today());
    let issuers = registry.issuers.iter();
    let mut issuers = issuers.filter(|issuer| is_issuer_of(issuer, signed));
    let issuer = issuers.find(|issuer| vouches(issuer, visa));
    let Some(issuer) = issuer else {
        return Ok(VisaState::IssuerGone);
    };
    let revoked = revocations(session, &person.org, issuer).await?;
    if revoked.contains(visa.revocation_index) {
        return Ok(VisaState::Revoked);
    }
    if visa.expiry <= today {
        return Ok(VisaState::Expired);
    }
    Ok(match today < visa.asserted {
        true => VisaState::NotYetValid,
        false => VisaState::Valid,
    })
}
