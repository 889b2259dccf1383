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
use medveil_contract::Code;
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
    /// Votes of other organisations so far. Absent where nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<u32>,
    /// Votes that retire it. Absent where nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<u32>,
    /// Absent where this was done before: nothing was sent.
    #[serde(flatten)]
    pub transaction: Option<Transaction>,
}

impl Step for IssuerRetired {
    const NAME: &'static str = "issuer.retire";
    const VERSION: u32 = 2;
}

impl Issuer<'_> {
    /// Retires this issuer: no new proof takes its visas, once earlier registry roots have run out
    /// or, urgently, at once. Its key is set aside, so that another can be made. Where it is retired
    /// already, `urgent` makes that urgent.
    ///
    /// **Errors**: it is not registered; the contract refuses.
    pub async fn retire(&self, urgent: bool) -> Result<IssuerRetired, IssuerError> {
        let known = match self.vault()?.has(&self.secret_name()) {
            true => self.known_entry().await,
            false => Err(self.not_registered()),
        };
        // A key that was made since is none that was registered: it stays.
        let (issuer, has_key) = match known {
            Err(IssuerError::NotRegistered { .. }) => (self.last_retired().await?, false),
            known => (known?, true),
        };
        let was_active = issuer.status == ACTIVE;
        let before = IssuerRetired::before(&self.org, &issuer);
        let retired = match was_active || urgent {
            true => match send(self.session, &self.org, issuer, urgent).await {
                // Nothing that counts is left to be made urgent.
                Err(IssuerError::Session(e)) if !was_active && e.code() == Some(Code::Conflict) => {
                    before
                }
                other => other?,
            },
            false => before,
        };
        if has_key {
            self.set_key_aside()?;
        }
        Ok(retired)
    }

    /// An issuer of this line that this organisation retired, where its key was set aside.
    pub(super) async fn last_retired(&self) -> Result<IssuerEntry, IssuerError> {
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
    fn before(org: &MspId, issuer: &IssuerEntry) -> Self {
        IssuerRetired {
            org: org.clone(),
            place: issuer.slot,
            registrant: issuer.registrant.clone(),
            schema: issuer.schema.clone(),
            group: issuer.group.clone(),
            retired: true,
            urgent: false,
            votes: None,
            needed: None,
            transaction: None,
        }
    }
}

/// Votes to retire an issuer of another organisation, by its key: its place may have another issuer
/// by now. A vote that stands, and a retirement, stay as they are.
///
/// **Errors**: no issuer has the key; it is the organisation's own.
pub async fn vote_to_retire(
    session: &Session,
    org: &MspId,
    key: &str,
) -> Result<IssuerRetired, IssuerError> {
    let mut issuers = registry(session, org).await?.issuers;
    issuers.retain(|issuer| short_key(&issuer.key) == key);
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
    let before = IssuerRetired::before(org, &issuer);
    if issuer.status != ACTIVE {
        return Ok(before);
    }
    match send(session, org, issuer, true).await {
        // The vote that stands, or the last one that was needed, came in between.
        Err(IssuerError::Session(e)) if e.code() == Some(Code::Conflict) => {
            let issuers = registry(session, org).await?.issuers;
            let stands =
                |issuer: &IssuerEntry| issuer.status == ACTIVE && short_key(&issuer.key) == key;
            Ok(IssuerRetired {
                retired: !issuers.iter().any(stands),
                ..before
            })
        }
        other => other,
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
        retired: reply.retired,
        urgent: urgent && reply.retired,
        votes: Some(reply.votes),
        needed: Some(reply.needed),
        transaction: Some(Transaction::from(&committed)),
        ..IssuerRetired::before(org, &issuer)
    })
}
