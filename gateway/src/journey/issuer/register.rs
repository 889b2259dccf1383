//! The register of what an issuer signed: kept in its vault, because nobody else knows which visa
//! has which revocation index.

use super::key::named_by;
use super::{Issuer, IssuerError};
use crate::journey::registry::revocations;
use crate::journey::visa::read_signed;
use crate::keyring::{get_secret, put_secret};
use crate::step::Step;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::Day;
use medveil_circuits::visa::SignedVisa;
use medveil_collections_config::MspId;
use medveil_custody::Vault;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// A line of the register.
#[derive(PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Entry {
    index: u64,
    holder: Felt,
    study: Option<String>,
    asserted: Day,
    expiry: Day,
}

impl Entry {
    fn of(signed: &SignedVisa) -> Self {
        let visa = signed.visa();
        Entry {
            index: visa.revocation_index,
            holder: visa.holder,
            study: signed.texts().study.clone(),
            asserted: visa.asserted,
            expiry: visa.expiry,
        }
    }
}

/// Whether a visa counts, as far as its issuer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssuedVisaState {
    Valid,
    Expired,
    Revoked,
}

/// A visa that an issuer signed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IssuedVisa {
    /// Decimal; what `issuer revoke` takes.
    pub revocation_index: String,
    /// The holder's commitment, as the request for the visa had it.
    #[schemars(with = "String")]
    pub holder: Felt,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
    /// Day of the assertion, in days since 1970-01-01.
    #[schemars(with = "u32")]
    pub asserted: Day,
    /// First day on which it is not valid, in days since 1970-01-01.
    #[schemars(with = "u32")]
    pub expiry: Day,
    pub state: IssuedVisaState,
}

/// What an issuer signed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IssuedVisas {
    #[schemars(with = "String")]
    pub org: MspId,
    /// Visa schema.
    pub schema: &'static str,
    pub group: String,
    /// In the order in which the register got them.
    pub visas: Vec<IssuedVisa>,
}

impl Step for IssuedVisas {
    const NAME: &'static str = "issuer.list";
}

/// Name of an issuer's register in the vault.
fn secret_name(key: &PublicPoint) -> String {
    named_by(key, "issued")
}

fn read(vault: &Vault, name: &str) -> Result<Vec<Entry>, IssuerError> {
    match vault.has(name) {
        true => Ok(get_secret(vault, name)?),
        false => Ok(Vec::new()),
    }
}

impl Issuer<'_> {
    /// Notes a signed visa.
    ///
    /// **Errors**: the register has its index for another visa, or the vault does not open.
    pub(super) async fn note(&self, signed: &SignedVisa) -> Result<(), IssuerError> {
        let name = secret_name(&signed.key());
        let _lock = self.session.lock(&self.actor(), &name).await?;
        let vault = self.vault()?;
        let mut entries = read(&vault, &name)?;
        let entry = Entry::of(signed);
        match entries.iter().find(|e| e.index == entry.index) {
            Some(known) if *known == entry => return Ok(()),
            Some(_) => return Err(IssuerError::Listed(entry.index)),
            None => {}
        }
        entries.push(entry);
        Ok(put_secret(
            &vault,
            &name,
            &entries,
            &mut self.session.rng(),
        )?)
    }

    /// Notes a visa that this issuer's key signed elsewhere.
    ///
    /// **Errors**: no signed visa, one of another issuer, or one whose index is another's.
    pub async fn import(&self, path: &Path) -> Result<IssuedVisas, IssuerError> {
        let signed = read_signed(path)?;
        let is_own = signed.key() == self.key()?.public()? && signed.visa().schema == self.schema;
        if !is_own {
            return Err(IssuerError::OtherIssuer(path.to_owned()));
        }
        self.note(&signed).await?;
        self.list().await
    }

    /// Everything that this issuer signed, as far as its register has it.
    ///
    /// **Errors**: the issuer has no key, or the ledger cannot be read.
    pub async fn list(&self) -> Result<IssuedVisas, IssuerError> {
        let name = secret_name(&self.key()?.public()?);
        let entries = read(&*self.vault()?, &name)?;
        let revoked = match self.registry_entry().await {
            Ok(registered) => Some(revocations(self.session, &self.org, &registered).await?),
            // Nothing can be revoked before it is registered.
            Err(IssuerError::NotRegistered { .. }) => None,
            Err(other) => return Err(other),
        };
        let today = self.session.today();
        let line = |e: Entry| IssuedVisa {
            state: match &revoked {
                Some(tree) if tree.contains(e.index) => IssuedVisaState::Revoked,
                _ if e.expiry <= today => IssuedVisaState::Expired,
                _ => IssuedVisaState::Valid,
            },
            revocation_index: e.index.to_string(),
            holder: e.holder,
            study: e.study,
            asserted: e.asserted,
            expiry: e.expiry,
        };
        Ok(IssuedVisas {
            org: self.org.clone(),
            schema: self.schema.name(),
            group: self.group.clone(),
            visas: entries.into_iter().map(line).collect(),
        })
    }

    /// Refuses indices of no visa that the register has: a number mistyped, or another issuer's.
    ///
    /// **Errors**: the first of them.
    pub fn require_listed(&self, indices: &[u64]) -> Result<(), IssuerError> {
        let entries = read(&*self.vault()?, &secret_name(&self.key()?.public()?))?;
        let is_unlisted = |index: &&u64| !entries.iter().any(|e| e.index == **index);
        match indices.iter().find(is_unlisted) {
            Some(index) => Err(IssuerError::Unlisted(*index)),
            None => Ok(()),
        }
    }
}
