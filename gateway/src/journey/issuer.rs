//! Being an issuer: a key, its registration, visas, revocations.

mod answer;
mod assertion;
mod error;
mod key;
mod register;
mod registered;
mod retire;
mod revoke;
#[cfg(test)]
mod tests;

pub use assertion::Assertion;
pub use error::IssuerError;
pub use register::{IssuedVisa, IssuedVisaState, IssuedVisas};
pub use registered::{RegisteredIssuerLine, RegisteredIssuers, list_registered};
pub use retire::{IssuerRetired, vote_to_retire};
pub use revoke::{RevocationsPublished, VisasRevoked};

use super::registry::registry;
use super::visa::RequestFile;
use crate::actor::Actor;
use crate::keyring::{get_secret, put_secret};
use crate::outfile;
use crate::session::{Session, SessionError};
use crate::step::{Step, Transaction};
use key::{StoredKey, parse_point, parse_signature};
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::Day;
use medveil_circuits::registry::{ACTIVE, Possession};
use medveil_circuits::visa::signed::to_decimal;
use medveil_circuits::visa::{VisaSchema, group_hash, msp_hash};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::{Call, RegisterIssuer};
use medveil_contract::model::IssuerEntry;
use medveil_custody::Vault;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most insertions of one update.
const MAX_INSERTIONS: usize = 256;

/// One issuer of an organisation: a line of the consortium file.
pub struct Issuer<'a> {
    session: &'a Session,
    org: MspId,
    schema: VisaSchema,
    group: String,
}

/// An issuer has a key.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IssuerMade {
    #[schemars(with = "String")]
    pub org: MspId,
    /// Visa schema.
    pub schema: &'static str,
    pub group: String,
    /// Whether the private key is outside this program.
    pub outside: bool,
    /// Decimal.
    pub key_x: String,
    /// Decimal.
    pub key_y: String,
    /// Decimal: an outside signer shows possession of its key by a signature on it.
    pub possession_message: String,
    /// The same number in 64 hex digits.
    #[schemars(with = "String")]
    pub possession_message_hex: Felt,
}

impl Step for IssuerMade {
    const NAME: &'static str = "issuer.init";
}

/// An issuer is in the registry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IssuerRegistered {
    #[schemars(with = "String")]
    pub org: MspId,
    /// Visa schema.
    pub schema: &'static str,
    pub group: String,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for IssuerRegistered {
    const NAME: &'static str = "issuer.register";
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// A visa was signed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisaIssued {
    #[schemars(with = "String")]
    pub org: MspId,
    pub schema: &'static str,
    /// The file of the signed visa.
    pub visa: PathBuf,
    /// Decimal; what `issuer revoke` takes.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    pub revocation_index: u64,
    /// First day on which it is not valid, in days since 1970-01-01.
    #[schemars(with = "u32")]
    pub expiry: Day,
}

impl Step for VisaIssued {
    const NAME: &'static str = "issuer.issue";
}

/// Indices go up to 2^64 - 1, which readers of JSON do not all take as a number.
fn text<S: serde::Serializer>(index: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(index)
}

impl<'a> Issuer<'a> {
    /// Names an issuer.
    ///
    /// **Errors**: an unknown schema, or a line that the consortium file does not have.
    pub fn new(
        session: &'a Session,
        org: &MspId,
        schema: &str,
        group: &str,
    ) -> Result<Self, IssuerError> {
        let parsed = VisaSchema::parse(schema);
        let schema = parsed.ok_or_else(|| IssuerError::Schema {
            got: schema.to_owned(),
        })?;
        let (org, group) = (org.clone(), group.to_owned());
        let line = session.consortium.issuer_line(schema.name(), &group);
        if !line.is_some_and(|line| line.msps.contains(&org)) {
            let lines = session.consortium.issuers().iter();
            let own = lines.filter(|line| line.msps.contains(&org));
            return Err(IssuerError::NotEntitled {
                schema: schema.name(),
                group,
                may: own.map(|l| (l.schema.clone(), l.group.clone())).collect(),
                org,
            });
        }
        Ok(Issuer {
            session,
            org,
            schema,
            group,
        })
    }

    fn actor(&self) -> Actor {
        Actor::organisation(self.org.clone())
    }

    fn vault(&self) -> Result<Arc<Vault>, IssuerError> {
        Ok(self.session.keyring.open(&self.actor())?)
    }

    fn secret_name(&self) -> String {
        format!("issuer-{}-{}", self.schema.name(), self.group)
    }

    /// Whether there is a key, of this program or outside.
    ///
    /// **Errors**: the vault does not open.
    pub fn has_key(&self) -> Result<bool, IssuerError> {
        Ok(self.vault()?.has(&self.secret_name()))
    }

    fn key(&self) -> Result<StoredKey, IssuerError> {
        let vault = self.vault()?;
        if vault.has(&self.secret_name()) {
            return Ok(get_secret(&vault, &self.secret_name())?);
        }
        Err(IssuerError::NoKey {
            schema: self.schema.name(),
            group: self.group.clone(),
        })
    }

    /// What a signature by the key shows possession with.
    fn possession(&self, key: PublicPoint) -> Possession {
        Possession {
            consortium: self.session.consortium_id(),
            schema: self.schema.id(),
            group: group_hash(&self.group),
            registrant: msp_hash(self.org.as_str()),
            key,
        }
    }

    /// The issuer as the registry has it, retired or not.
    async fn known_entry(&self) -> Result<IssuerEntry, IssuerError> {
        let key = self.key()?.public()?;
        let issuers = registry(self.session, &self.org).await?.issuers;
        let found = issuers.into_iter().find(|issuer| issuer.key == key);
        found.ok_or_else(|| self.not_registered())
    }

    /// The issuer as the registry has it, whose visas count.
    async fn registry_entry(&self) -> Result<IssuerEntry, IssuerError> {
        let entry = self.known_entry().await?;
        match entry.status == ACTIVE {
            true => Ok(entry),
            false => Err(self.not_registered()),
        }
    }

    fn not_registered(&self) -> IssuerError {
        IssuerError::NotRegistered {
            schema: self.schema.name(),
            group: self.group.clone(),
        }
    }

    /// Makes a key, or takes an outside signer's public key; the key that there is stays.
    ///
    /// **Errors**: there is another one already; a public key off the curve or outside the subgroup.
    pub fn init(&self, public_key: Option<&str>) -> Result<IssuerMade, IssuerError> {
        let vault = self.vault()?;
        let (schema, group) = (self.schema.name(), self.group.clone());
        let outside = public_key.map(parse_point).transpose()?;
        let key = if vault.has(&self.secret_name()) {
            let stored = self.key()?;
            let is_same = match (&stored, outside) {
                (StoredKey::Seed(_), None) => true,
                (StoredKey::Outside(key), Some(asked)) => *key == asked,
                (StoredKey::Seed(_), Some(_)) | (StoredKey::Outside(_), None) => false,
            };
            match is_same {
                true => stored.public()?,
                false => return Err(IssuerError::KeyExists { schema, group }),
            }
        } else {
            let mut rng = self.session.rng();
            let fresh =
                || StoredKey::Seed(*PrivateKey::generate(&mut self.session.rng()).as_bytes());
            let stored = outside.map_or_else(fresh, StoredKey::Outside);
            put_secret(&vault, &self.secret_name(), &stored, &mut rng)?;
            stored.public()?
        };
        let message = self.possession(key).message();
        Ok(IssuerMade {
            org: self.org.clone(),
            schema,
            group,
            outside: public_key.is_some(),
            key_x: to_decimal(key.x().0),
            key_y: to_decimal(key.y().0),
            possession_message: to_decimal(message.0),
            possession_message_hex: message,
        })
    }

    /// Registers the issuer with its proof of possession; registering it again changes nothing.
    ///
    /// **Errors**: an outside key without its signature; the key was retired since; the contract
    /// refuses.
    pub async fn register(
        &self,
        possession: Option<&str>,
    ) -> Result<IssuerRegistered, IssuerError> {
        let registration = match self.registration(possession) {
            Err(IssuerError::NoKey { .. }) => return Err(self.why_no_key().await),
            made => made?,
        };
        let call = Call::RegisterIssuer(registration);
        let (org, schema, group) = (self.org.clone(), self.schema.name(), self.group.clone());
        let transaction = match self.session.submit_public(&org, &call).await {
            Ok(committed) => Transaction::from(&committed),
            Err(e) if e.code() == Some(Code::Conflict) => self.registered_before(e).await?,
            Err(e) => return Err(e.into()),
        };
        Ok(IssuerRegistered {
            org,
            schema,
            group,
            transaction,
        })
    }

    /// Why there is no key: none was made, or the one that was is retired and set aside.
    async fn why_no_key(&self) -> IssuerError {
        let (schema, group) = (self.schema.name(), self.group.clone());
        match self.last_retired().await {
            Ok(entry) => IssuerError::RetiredSince {
                schema,
                group,
                tx_id: entry.tx_id,
                is_aside: true,
            },
            Err(IssuerError::NotRegistered { .. }) => IssuerError::NoKey { schema, group },
            Err(other) => other,
        }
    }

    /// The registration of just this issuer, where that is what stood in the way.
    async fn registered_before(&self, refusal: SessionError) -> Result<Transaction, IssuerError> {
        let (org, schema, group) = (self.org.clone(), self.schema.name(), self.group.clone());
        let line = |entry: &IssuerEntry| {
            entry.registrant == org && entry.schema == schema && entry.group == group
        };
        match self.known_entry().await {
            Ok(entry) if line(&entry) && entry.status == ACTIVE => {
                Ok(Transaction::earlier(Some(entry.tx_id)))
            }
            Ok(entry) if line(&entry) => Err(IssuerError::RetiredSince {
                schema,
                group,
                tx_id: entry.tx_id,
                is_aside: false,
            }),
            _ => Err(IssuerError::Registered {
                org,
                schema,
                group,
                refusal: Box::new(refusal),
            }),
        }
    }

    fn registration(&self, possession: Option<&str>) -> Result<RegisterIssuer, IssuerError> {
        let stored = self.key()?;
        let key = stored.public()?;
        let possession = match (&stored, possession) {
            (_, Some(text)) => parse_signature(text)?,
            (StoredKey::Seed(seed), None) => {
                PrivateKey::from_bytes(*seed).sign(self.possession(key).message().0)
            }
            (StoredKey::Outside(_), None) => return Err(IssuerError::NoPossession),
        };
        let consortium = &self.session.consortium;
        let shown = self.possession(key).verify(&possession);
        shown.map_err(IssuerError::Possession)?;
        let schema = self.schema.name();
        let line = consortium.issuer_line(schema, &self.group);
        Ok(RegisterIssuer {
            schema: schema.to_owned(),
            group: self.group.clone(),
            name: format!("{} {schema}", self.org),
            key,
            any_institution: line.is_some_and(|line| line.institution_may_be_absent),
            possession,
        })
    }

    /// Signs a visa for a request, notes it in the issuer's register and writes it. A request has one
    /// visa: the same assertion for it again gives that.
    ///
    /// **Errors**: a request for another schema, an unknown code; a visa that no issuer must sign; the
    /// request's visa says something else, is revoked or expired.
    pub async fn issue(
        &self,
        request: &RequestFile,
        assertion: &Assertion,
        out: &Path,
    ) -> Result<VisaIssued, IssuerError> {
        let schema = self.schema.name();
        if request.schema != schema {
            return Err(IssuerError::OtherSchema {
                expected: schema,
                got: request.schema.clone(),
            });
        }
        let stored = self.key()?;
        let StoredKey::Seed(seed) = &stored else {
            return Err(IssuerError::Outside);
        };
        let signed = self.answer(request, assertion, seed).await?;
        self.note(&signed).await?;
        outfile::write_secret(&self.session.home, out, signed.to_json().as_bytes())?;
        Ok(VisaIssued {
            org: self.org.clone(),
            schema,
            visa: out.to_owned(),
            revocation_index: signed.visa().revocation_index,
            expiry: signed.visa().expiry,
        })
    }
}
