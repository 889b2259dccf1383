//! Validation: which ordered transactions count. A function of the block, the channel's rules and
//! the state before the block, and of nothing else.
//!
//! Source: Fabric's committing peer. `screen` needs no state: form, ids, signatures, certificates
//! at the transaction's own time, endorsement policies. `resolve` needs the state: ids used before,
//! and versions of what was read (multi-version concurrency control), where transactions of
//! one block see the writes of the valid ones before them. There is no clock here: a block judges
//! the same whenever it is replayed.

use super::format::{Envelope, Hash, ReadWriteSet, ValidationCode, Version, sha256};
use super::stores::{StateReader, StoreError, TxRecord};
use crate::msp::{Creator, MspSet};
use collections_config::{CollectionName, CollectionsConfig, Principal, Role, SignaturePolicy};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of a channel.
pub struct Rules {
    /// Channel name.
    pub channel: String,
    /// Name of the one chaincode.
    pub chaincode: String,
    /// Organisations.
    pub msps: MspSet,
    /// Who must endorse public writes.
    pub endorsement: SignaturePolicy,
    /// Private data collections.
    pub collections: CollectionsConfig,
}

/// An envelope that passed everything that needs no state.
pub struct Screened {
    /// Its transaction id.
    pub tx_id: String,
    /// SHA-256 of its bytes.
    pub digest: Hash,
    /// The envelope.
    pub envelope: Envelope,
}

/// An envelope that did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its transaction id, once the creator's signature over it was verified.
    pub tx_id: Option<String>,
    /// Why.
    pub code: ValidationCode,
}

impl Rules {
    /// Checks what needs no state.
    ///
    /// **Errors**: the verdict.
    pub fn screen(&self, bytes: &[u8]) -> Result<Screened, Rejected> {
        let anonymous = |code| Rejected { tx_id: None, code };
        let envelope =
            Envelope::from_bytes(bytes).map_err(|_| anonymous(ValidationCode::Malformed))?;
        let Envelope {
            proposal,
            action,
            endorsements,
            signature,
        } = &envelope;
        let creator = self.msps.check(&proposal.creator, proposal.timestamp_ms);
        let creator = creator.map_err(|_| anonymous(ValidationCode::BadCreator))?;
        let message = Envelope::message(proposal, action, endorsements);
        creator
            .verify(&message, signature)
            .map_err(|_| anonymous(ValidationCode::BadCreator))?;
        let tx_id = proposal.tx_id();
        let rejected = |code| Rejected {
            tx_id: Some(tx_id.clone()),
            code,
        };
        let ours = proposal.channel == self.channel && proposal.chaincode == self.chaincode;
        let known = action
            .set
            .collections
            .iter()
            .all(|c| self.collection_exists(&c.collection));
        if !ours || action.proposal != proposal.digest() || !action.set.is_well_formed() || !known {
            return Err(rejected(ValidationCode::Malformed));
        }
        self.check_endorsements(&envelope).map_err(rejected)?;
        Ok(Screened {
            tx_id,
            digest: sha256(bytes),
            envelope,
        })
    }

    /// Checks the endorsers' certificates, signatures and the policies of everything that is
    /// written.
    ///
    /// **Errors**: the verdict.
    pub fn check_endorsements(&self, envelope: &Envelope) -> Result<(), ValidationCode> {
        let mut endorsers: BTreeSet<&Creator> = BTreeSet::new();
        let mut principals: Vec<Principal> = Vec::new();
        for endorsement in &envelope.endorsements {
            let member = self
                .msps
                .check(&endorsement.endorser, envelope.proposal.timestamp_ms);
            let member = member.map_err(|_| ValidationCode::BadEndorsement)?;
            let message = envelope.action.message(&endorsement.endorser);
            member
                .verify(&message, &endorsement.signature)
                .map_err(|_| ValidationCode::BadEndorsement)?;
            if !endorsers.insert(&endorsement.endorser) {
                return Err(ValidationCode::BadEndorsement);
            }
            principals.push(member.principal());
        }
        if self
            .policies_for(&envelope.action.set)
            .iter()
            .all(|policy| policy.is_satisfied_by(&principals))
        {
            Ok(())
        } else {
            Err(ValidationCode::EndorsementPolicy)
        }
    }

    /// The policies that a write set brings in: the chaincode's for public writes and where nothing
    /// is written, each collection's own.
    pub fn policies_for(&self, set: &ReadWriteSet) -> Vec<SignaturePolicy> {
        let mut policies = Vec::new();
        if !set.writes.is_empty() || set.writes_nothing() {
            policies.push(self.endorsement.clone());
        }
        for collection in set.written_collections() {
            policies.push(
                self.collections
                    .endorsement_policy(collection)
                    .unwrap_or_else(|| self.endorsement.clone()),
            );
        }
        policies
    }

    /// Whether there is such a collection: defined, or the implicit one of an organisation on this
    /// channel.
    pub fn collection_exists(&self, name: &CollectionName) -> bool {
        match name.owner() {
            Some(owner) => self.msps.contains(owner),
            None => self.collections.get(name).is_some(),
        }
    }

    /// The channel's majority policy: peers of more than half of the organisations.
    pub fn majority(msps: &MspSet) -> SignaturePolicy {
        let ids: Vec<_> = msps.ids().cloned().collect();
        let peer = |msp_id| {
            SignaturePolicy::SignedBy(Principal {
                msp_id,
                role: Role::Peer,
            })
        };
        // At most 64 organisations, so the cast is exact.
        SignaturePolicy::OutOf(
            (ids.len() / 2 + 1) as u32,
            ids.into_iter().map(peer).collect(),
        )
    }
}

/// What a block changes.
#[derive(Default)]
pub struct Updates {
    /// Public values.
    pub public: BTreeMap<String, (Version, Vec<u8>)>,
    /// Hashes of private values.
    pub hashed: BTreeMap<(CollectionName, Hash), (Version, Hash)>,
    /// Transaction ids that are used from now on.
    pub txs: BTreeMap<String, TxRecord>,
    /// The verdict on each transaction, in order.
    pub codes: Vec<ValidationCode>,
}

/// Gives every transaction of a block its verdict and collects what the valid ones write.
///
/// **Errors**: the state could not be read.
pub fn resolve(
    number: u64,
    block: &[Result<Screened, Rejected>],
    state: &dyn StateReader,
) -> Result<Updates, StoreError> {
    let mut updates = Updates::default();
    for (tx, screened) in (0u32..).zip(block) {
        let (tx_id, code) = match screened {
            Err(rejected) => (rejected.tx_id.as_ref(), rejected.code),
            Ok(s) => (Some(&s.tx_id), judge(s, &updates, state)?),
        };
        if let (ValidationCode::Valid, Ok(s)) = (code, screened) {
            updates.write(Version { block: number, tx }, &s.envelope.action.set);
        }
        // The first use of an id stands.
        if let Some(id) = tx_id.filter(|_| code != ValidationCode::DuplicateTxId) {
            let used = updates.txs.contains_key(id) || state.has_tx(id)?;
            if !used {
                updates.txs.insert(
                    id.clone(),
                    TxRecord {
                        block: number,
                        tx,
                        code,
                    },
                );
            }
        }
        updates.codes.push(code);
    }
    Ok(updates)
}

fn judge(
    screened: &Screened,
    updates: &Updates,
    state: &dyn StateReader,
) -> Result<ValidationCode, StoreError> {
    if updates.txs.contains_key(&screened.tx_id) || state.has_tx(&screened.tx_id)? {
        return Ok(ValidationCode::DuplicateTxId);
    }
    let set = &screened.envelope.action.set;
    for read in &set.reads {
        let now = match updates.public.get(&read.key) {
            Some((version, _)) => Some(*version),
            None => state.public(&read.key)?.map(|(version, _)| version),
        };
        if now != read.version {
            return Ok(ValidationCode::MvccConflict);
        }
    }
    for collection in &set.collections {
        for read in &collection.reads {
            let now = match updates
                .hashed
                .get(&(collection.collection.clone(), read.key))
            {
                Some((version, _)) => Some(*version),
                None => state
                    .hashed(&collection.collection, &read.key)?
                    .map(|(version, _)| version),
            };
            if now != read.version {
                return Ok(ValidationCode::MvccConflict);
            }
        }
    }
    Ok(ValidationCode::Valid)
}

impl Updates {
    fn write(&mut self, version: Version, set: &ReadWriteSet) {
        for write in &set.writes {
            self.public
                .insert(write.key.clone(), (version, write.value.clone()));
        }
        for collection in &set.collections {
            for write in &collection.writes {
                self.hashed.insert(
                    (collection.collection.clone(), write.key),
                    (version, write.value),
                );
            }
        }
    }
}
