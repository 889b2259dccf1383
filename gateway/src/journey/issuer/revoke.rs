//! Revocations: sent at once, or noted and published together later.

use super::key::named_by;
use super::{Issuer, IssuerError, MAX_INSERTIONS};
use crate::classify::Classify;
use crate::journey::registry::revocations;
use crate::session::SessionError;
use crate::step::{Step, Transaction};
use borsh::BorshDeserialize;
use medveil_circuits::indexed::{IndexedError, Insertion};
use medveil_collections_config::MspId;
use medveil_contract::call::{Call, UpdateRevocations};
use medveil_custody::{read_secret_file, write_secret_file};
use medveil_ledger::LedgerError;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// Longest file of noted revocations.
///
/// **Units**: bytes.
const MAX_NOTED: u64 = 1 << 20;

/// Revocations were sent, or noted for later.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VisasRevoked {
    #[schemars(with = "String")]
    pub org: MspId,
    /// With `--later`: how many are noted in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<usize>,
    /// Otherwise: how many the ledger got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<usize>,
    /// Whether older registry roots are refused at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgent: Option<bool>,
    #[serde(flatten)]
    pub transaction: Option<Transaction>,
}

impl Step for VisasRevoked {
    const NAME: &'static str = "issuer.revoke";
}

/// Noted revocations were published.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RevocationsPublished {
    #[schemars(with = "String")]
    pub org: MspId,
    /// How many the ledger got; 0 where it had all of them already.
    pub revoked: usize,
    /// Whether older registry roots are refused at once. Absent where nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgent: Option<bool>,
    #[serde(flatten)]
    pub transaction: Option<Transaction>,
}

impl Step for RevocationsPublished {
    const NAME: &'static str = "issuer.publish";
}

impl Issuer<'_> {
    /// Revokes indices now. None, urgently: makes earlier updates urgent.
    ///
    /// **Errors**: 0, an index that is revoked already or stands twice; the contract refuses.
    pub async fn revoke(&self, indices: &[u64], urgent: bool) -> Result<VisasRevoked, IssuerError> {
        check_count(indices, usize::from(!urgent))?;
        let transaction = match self.send(indices, urgent).await {
            Err(IssuerError::Session(e)) if is_nothing_urgent(&e) => {
                return Err(IssuerError::NothingUrgent(Box::new(e)));
            }
            other => other?,
        };
        Ok(VisasRevoked {
            org: self.org.clone(),
            pending: None,
            revoked: Some(indices.len()),
            urgent: Some(urgent),
            transaction: Some(transaction),
        })
    }

    /// Notes indices for [`Issuer::publish`].
    ///
    /// **Errors**: 0, or one that is revoked already; the file system refused.
    pub async fn revoke_later(&self, indices: &[u64]) -> Result<VisasRevoked, IssuerError> {
        check_count(indices, 1)?;
        self.insertions(indices).await?;
        let notes = Notes::new(self)?;
        let _lock = self.session.lock(&self.actor(), &notes.lock).await?;
        let mut all = notes.read()?;
        all.extend(indices);
        all.sort_unstable();
        all.dedup();
        let bytes = borsh::to_vec(&all).map_err(IssuerError::Encode)?;
        write_secret_file(&notes.path, &bytes)?;
        Ok(VisasRevoked {
            org: self.org.clone(),
            pending: Some(all.len()),
            revoked: None,
            urgent: None,
            transaction: None,
        })
    }

    /// Publishes the noted indices.
    ///
    /// **Errors**: nothing is noted; the contract refuses.
    pub async fn publish(&self) -> Result<RevocationsPublished, IssuerError> {
        let notes = Notes::new(self)?;
        if notes.read()?.is_empty() {
            return Err(IssuerError::NothingNoted);
        }
        let _lock = self.session.lock(&self.actor(), &notes.lock).await?;
        // Some may have been revoked meanwhile, or by an earlier attempt of this command.
        let mut fresh = notes.read()?;
        let registered = self.registry_entry().await?;
        let tree = revocations(self.session, &self.org, &registered).await?;
        fresh.retain(|index| !tree.contains(*index));
        let mut transaction = None;
        // What a part revoked is not sent again where a later one fails.
        for part in fresh.chunks(MAX_INSERTIONS) {
            transaction = Some(self.send(part, false).await?);
        }
        notes.remove()?;
        Ok(RevocationsPublished {
            org: self.org.clone(),
            revoked: fresh.len(),
            urgent: transaction.is_some().then_some(false),
            transaction,
        })
    }

    /// The registry's place of this issuer, and the insertions that revoke these indices on top of
    /// what the ledger holds.
    async fn insertions(&self, indices: &[u64]) -> Result<(u16, Vec<Insertion>), IssuerError> {
        let registered = self.registry_entry().await?;
        let mut tree = revocations(self.session, &self.org, &registered).await?;
        let mut insertions = Vec::with_capacity(indices.len());
        for index in indices.iter().copied() {
            insertions.push(tree.insert(index).map_err(|source| match source {
                IndexedError::Present => IssuerError::Revoked(index),
                source => IssuerError::Index { index, source },
            })?);
        }
        Ok((registered.slot, insertions))
    }

    async fn send(&self, indices: &[u64], urgent: bool) -> Result<Transaction, IssuerError> {
        let (issuer, insertions) = self.insertions(indices).await?;
        let call = Call::UpdateRevocations(UpdateRevocations {
            issuer,
            insertions,
            urgent,
        });
        let committed = self.session.submit_public(&self.org, &call).await?;
        Ok(Transaction::from(&committed))
    }
}

/// Whether the contract refused an update because it revokes nothing and voids nothing. Another
/// refusal, such as of the rate, leaves older roots in force.
fn is_nothing_urgent(error: &SessionError) -> bool {
    let refusal = error.ledger().and_then(LedgerError::refusal);
    refusal.is_some_and(|refusal| refusal.stage() == "insertions")
}

fn check_count(indices: &[u64], least: usize) -> Result<(), IssuerError> {
    match (least..=MAX_INSERTIONS).contains(&indices.len()) {
        true => Ok(()),
        false => Err(IssuerError::Count(indices.len())),
    }
}

/// The file of indices that `publish` sends.
struct Notes {
    path: PathBuf,
    /// Claimed while it changes.
    lock: String,
}

impl Notes {
    /// Those of the issuer's present key.
    fn new(issuer: &Issuer<'_>) -> Result<Self, IssuerError> {
        let name = named_by(&issuer.key()?.public()?, "revocations");
        let folder = issuer.session.home.private(&issuer.actor());
        Ok(Notes {
            path: folder.join(&name),
            lock: name,
        })
    }

    fn read(&self) -> Result<Vec<u64>, IssuerError> {
        if !self.path.is_file() {
            return Ok(Vec::new());
        }
        let bytes = read_secret_file(&self.path, MAX_NOTED)?;
        Vec::try_from_slice(&bytes).map_err(|_| IssuerError::Noted(self.path.clone()))
    }

    fn remove(&self) -> Result<(), SessionError> {
        std::fs::remove_file(&self.path).map_err(|source| SessionError::File {
            path: self.path.clone(),
            source,
        })
    }
}
