//! The end of an issuer: by its own organisation at once, by the others where a majority votes for it.

use super::{Issuer, IssuerError};
use crate::journey::registry::registry;
use crate::keyring::put_secret;
use crate::session::{Session, reply_to};
use crate::step::{Step, Transaction};
use medveil_circuits::registry::ACTIVE;
use medveil_collections_config::MspId;
use medveil_contract::call::{Call, RetireIssuer};
use medveil_contract::model::IssuerEntry;
use schemars::JsonSchema;
use serde::Serialize;

/// An issuer is retired, or has one more vote for it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IssuerRetired {
    /// Who voted or retired it.
    #[schemars(with = "String")]
    pub org: MspId,
    /// The issuer's place in the registry.
    pub place: u16,
    /// Who had registered it.
    #[schemars(with = "String")]
    pub registrant: MspId,
    /// Visa schema.
    pub schema: String,
    pub group: String,
    /// Whether its visas count no more; otherwise votes are missing.
    pub retired: bool,
    /// Votes of other organisations so far.
    pub votes: u32,
    /// Votes that retire it.
    pub needed: u32,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for IssuerRetired {
    const NAME: &'static str = "issuer.retire";
}

impl Issuer<'_> {
    /// Retires this issuer: none of its visas counts from then on. Its key is set aside, so that
    /// another can be made.
    ///
    /// **Errors**: it is not registered; the contract refuses.
    pub async fn retire(&self, urgent: bool) -> Result<IssuerRetired, IssuerError> {
        let issuer = self.registry_entry().await?;
        let retired = send(self.session, &self.org, issuer, urgent).await?;
        self.set_key_aside()?;
        Ok(retired)
    }

    fn set_key_aside(&self) -> Result<(), IssuerError> {
        let (vault, key) = (self.vault()?, self.key()?);
        let name = format!("retired-issuer-{}", &key.public()?.x().to_hex()[..40]);
        put_secret(&vault, &name, &key, &mut self.session.rng())?;
        Ok(vault.remove(&self.secret_name())?)
    }
}

/// Votes to retire the issuer at a place of the registry, whoever registered it.
///
/// **Errors**: no issuer stands there; this organisation voted before.
pub async fn vote_to_retire(
    session: &Session,
    org: &MspId,
    place: u16,
) -> Result<IssuerRetired, IssuerError> {
    let issuers = registry(session, org).await?.issuers;
    let found = issuers.into_iter().nth(usize::from(place));
    match found.ok_or(IssuerError::NoPlace(place))? {
        issuer if issuer.status == ACTIVE => send(session, org, issuer, true).await,
        _ => Err(IssuerError::Retired(place)),
    }
}

async fn send(
    session: &Session,
    org: &MspId,
    issuer: IssuerEntry,
    urgent: bool,
) -> Result<IssuerRetired, IssuerError> {
    let key = issuer.key;
    let call = Call::RetireIssuer(RetireIssuer { key, urgent });
    let committed = session.submit_public(org, &call).await?;
    let reply = reply_to::<RetireIssuer>(call.function_name(), &committed)?;
    Ok(IssuerRetired {
        org: org.clone(),
        place: issuer.slot,
        registrant: issuer.registrant,
        schema: issuer.schema,
        group: issuer.group,
        retired: reply.retired,
        votes: reply.votes,
        needed: reply.needed,
        transaction: Transaction::from(&committed),
    })
}
