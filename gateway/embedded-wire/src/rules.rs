//! The rules of a channel, as far as they need no state: form, ids, signatures, certificates at the
//! transaction's own time, endorsement policies.
//!
//! Source: Fabric's committing peer. There is no clock here: a block judges the same whenever it is
//! replayed.

use crate::format::{Envelope, Hash, ReadWriteSet, ValidationCode, sha256};
use medveil_collections_config::{
    CollectionName, CollectionsConfig, Principal, Role, SignaturePolicy,
};
use medveil_msp::{Creator, MspSet};
use std::collections::BTreeSet;

/// The rules of a channel.
pub struct Rules {
    pub channel: String,
    /// Name of the one chaincode.
    pub chaincode: String,
    pub msps: MspSet,
    /// Who must endorse public writes.
    pub endorsement: SignaturePolicy,
    pub collections: CollectionsConfig,
}

/// An envelope that passed everything that needs no state.
pub struct Screened {
    pub tx_id: String,
    /// SHA-256 of its bytes.
    pub digest: Hash,
    pub envelope: Envelope,
}

/// An envelope that did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its transaction id, once the creator's signature over it was verified.
    pub tx_id: Option<String>,
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
