//! The end of an issuer: by its own organisation at once, by the others where a majority votes for
//! it.

use super::key::named_by;
use super::registered::short_key;
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
    /// Whether it is retired; otherwise votes are missing.
    pub retired: bool,
    /// Whether proofs about earlier registries count no more at once.
    pub urgent: bool,
    /// Votes of other organisations so far.
    pub votes: u32,
    /// Votes that retire it.
    pub needed: u32,
    /// Absent where it was retired before this command.
    #[serde(flatten)]
    pub transaction: Option<Transaction>,
}

impl Step for IssuerRetired {
    const NAME: &'static str = "issuer.retire";
}

impl Issuer<'_> {
    /// Retires this issuer: no new proof takes its visas, once earlier registry roots have run out
    /// or, urgently, at once. Its key is set aside, so that another can be made. Where it is retired
    /// already, `urgent` makes that urgent.
    ///
    /// **Errors**: it is not registered; the contract refuses.
    pub async fn retire(&self, urgent: bool) -> Result<IssuerRetired, IssuerError> {
        let has_key = self.vault()?.has(&self.secret_name());
        let issuer = match has_key {
            true => self.known_entry().await?,
            false => self.last_retired().await?,
        };
        let retired = match issuer.status == ACTIVE || urgent {
            true => send(self.session, &self.org, issuer, urgent).await?,
            false => IssuerRetired::before(&self.org, issuer),
        };
        if has_key {
            self.set_key_aside()?;
        }
        Ok(retired)
    }

    /// An issuer of this line that this organisation retired, where its key was set aside.
    async fn last_retired(&self) -> Result<IssuerEntry, IssuerError> {
        let issuers = registry(self.session, &self.org).await?.issuers;
        let is_own = |issuer: &IssuerEntry| {
            let line = (issuer.schema.as_str(), &issuer.group);
            issuer.registrant == self.org && line == (self.schema.name(), &self.group)
        };
        let mut retired = issuers
            .into_iter()
            .filter(|i| is_own(i) && i.status != ACTIVE);
        retired.next_back().ok_or_else(|| self.not_registered())
    }

    fn set_key_aside(&self) -> Result<(), IssuerError> {
        let (vault, key) = (self.vault()?, self.key()?);
        let name = named_by(&key.public()?, "retired-issuer");
        put_secret(&vault, &name, &key, &mut self.session.rng())?;
        Ok(vault.remove(&self.secret_name())?)
    }
}

impl IssuerRetired {
    /// Of an issuer that was retired before.
    fn before(org: &MspId, issuer: IssuerEntry) -> Self {
        IssuerRetired {
            org: org.clone(),
            place: issuer.slot,
            registrant: issuer.registrant,
            schema: issuer.schema,
            group: issuer.group,
            retired: true,
            urgent: false,
            votes: 0,
            needed: 0,
            transaction: None,
        }
    }
}

/// Votes to retire an issuer of another organisation, by its key: its place may have another issuer
/// by now.
///
/// **Errors**: no active issuer has the key; it is the organisation's own; this organisation voted
/// before.
pub async fn vote_to_retire(
    session: &Session,
    org: &MspId,
    key: &str,
) -> Result<IssuerRetired, IssuerError> {
    let mut issuers = registry(session, org).await?.issuers;
    issuers.retain(|issuer| issuer.status == ACTIVE && short_key(&issuer.key) == key);
    let found = issuers.pop().filter(|_| issuers.is_empty());
    let issuer = found.ok_or_else(|| IssuerError::NoIssuer(key.to_owned()))?;
    if issuer.registrant == *org {
        return Err(IssuerError::OwnIssuer {
            key: key.to_owned(),
            org: org.clone(),
            schema: issuer.schema,
            group: issuer.group,
        });
    }
    send(session, org, issuer, true).await
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
        retired: reply.retired,
        urgent: urgent && reply.retired,
        votes: reply.votes,
        needed: reply.needed,
        transaction: Some(Transaction::from(&committed)),
        ..IssuerRetired::before(org, issuer)
    })
}
