//! Revocations: sent at once, or noted and published together later.

use super::key::named_by;
use super::{Issuer, IssuerError, MAX_INSERTIONS};
use crate::classify::Classify;
use crate::journey::registry::revocations;
use crate::session::SessionError;
use crate::step::{Step, Transaction};
use borsh::BorshDeserialize;
use medveil_circuits::indexed::Insertion;
use medveil_collections_config::{MspId, Role};
use medveil_contract::call::{Call, UpdateRevocations};
use medveil_custody::{read_kept, write_kept};
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
    /// Otherwise: how many the ledger got now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<usize>,
    /// How many were revoked before.
    pub revoked_before: usize,
    /// Whether older registry roots are refused at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgent: Option<bool>,
    /// Absent where nothing was sent.
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
    /// Revokes indices now; those that are revoked stay so. None, urgently: makes earlier updates
    /// urgent, where there is something to void.
    ///
    /// **Errors**: 0, an index that stands twice; the contract refuses.
    pub async fn revoke(&self, indices: &[u64], urgent: bool) -> Result<VisasRevoked, IssuerError> {
        check_count(indices, usize::from(!urgent))?;
        let fresh = self.fresh(indices).await?;
        let transaction = match (fresh.is_empty(), urgent) {
            (true, false) => None,
            (_, urgent) => match self.send(&fresh, urgent).await {
                Err(IssuerError::Session(e)) if fresh.is_empty() && is_nothing_urgent(&e) => None,
                other => Some(other?),
            },
        };
        Ok(VisasRevoked {
            org: self.org.clone(),
            pending: None,
            revoked: Some(fresh.len()),
            revoked_before: indices.len() - fresh.len(),
            urgent: Some(urgent),
            transaction,
        })
    }

    /// Those of the indices that the ledger does not have, with what an interrupted run left on its
    /// way followed to its end.
    async fn fresh(&self, indices: &[u64]) -> Result<Vec<u64>, IssuerError> {
        let mut seen = std::collections::BTreeSet::new();
        if let Some(index) = indices.iter().find(|index| !seen.insert(**index)) {
            return Err(IssuerError::Twice(*index));
        }
        let identity = self.session.identity(&self.org, Role::Client)?;
        self.session.settle(&identity).await?;
        let registered = self.registry_entry().await?;
        let tree = revocations(self.session, &self.org, &registered).await?;
        let mut fresh = indices.to_vec();
        fresh.retain(|index| !tree.contains(*index));
        Ok(fresh)
    }

    /// Notes indices for [`Issuer::publish`], but for those that are revoked.
    ///
    /// **Errors**: 0, or one that stands twice; the file system refused.
    pub async fn revoke_later(&self, indices: &[u64]) -> Result<VisasRevoked, IssuerError> {
        check_count(indices, 1)?;
        let fresh = self.fresh(indices).await?;
        self.insertions(&fresh).await?;
        let notes = Notes::new(self)?;
        let _lock = self.session.lock(&self.actor(), &notes.lock).await?;
        let mut all = notes.read()?;
        all.extend(&fresh);
        all.sort_unstable();
        all.dedup();
        let bytes = borsh::to_vec(&all).map_err(IssuerError::Encode)?;
        write_kept(&notes.path, &notes.lock, &bytes)?;
        Ok(VisasRevoked {
            org: self.org.clone(),
            pending: Some(all.len()),
            revoked: None,
            revoked_before: indices.len() - fresh.len(),
            urgent: None,
            transaction: None,
        })
    }

    /// Publishes the noted indices; where none is noted, nothing is sent.
    ///
    /// **Errors**: the contract refuses.
    pub async fn publish(&self) -> Result<RevocationsPublished, IssuerError> {
        let notes = Notes::new(self)?;
        let _lock = self.session.lock(&self.actor(), &notes.lock).await?;
        // Some may have been revoked meanwhile, or by an earlier attempt of this command.
        let fresh = self.fresh(&notes.read()?).await?;
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
            let inserted = tree.insert(index);
            insertions.push(inserted.map_err(|source| IssuerError::Index { index, source })?);
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
    /// Claimed while it changes; what the file is.
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
        let bytes = read_kept(&self.path, &self.lock, MAX_NOTED)?;
        Vec::try_from_slice(&bytes).map_err(|_| IssuerError::Noted(self.path.clone()))
    }

    fn remove(&self) -> Result<(), SessionError> {
        match std::fs::remove_file(&self.path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(SessionError::File {
                    path: self.path.clone(),
                    source,
                })
            }
            _ => Ok(()),
        }
    }
}
