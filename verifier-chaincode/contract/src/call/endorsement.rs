//! Which organisations' peers a client must name for a call: the rule stands here and nowhere else.
//!
//! Fabric checks the policies at commit; naming a wrong organisation before that would hand it the
//! transient map (docs/THREATS.md P8).

use super::Call;
use medveil_collections_config::{CollectionName, CollectionsConfig, Consortium, MspId};
use std::collections::BTreeSet;

/// Who else takes part in a call; looked up on the ledger by the client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parties<'a> {
    /// The dataset's holder.
    pub holder: Option<&'a MspId>,
    /// The organisation that submitted the request.
    pub recipient: Option<&'a MspId>,
    /// The dataset's collection.
    pub collection: Option<&'a CollectionName>,
}

/// Which peers must endorse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endorsement {
    /// A majority of the consortium.
    Majority,
    /// A majority of the consortium, this organisation among it.
    MajorityWith(MspId),
    /// Members of this collection, as many as its policy asks for, and nobody else.
    Members(CollectionName),
    /// This organisation's peer and nobody else.
    Only(MspId),
}

/// A party that the caller must look up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("endorsement of {call}: expected the {party} to be known")]
pub struct MissingParty {
    call: &'static str,
    party: &'static str,
}

impl Call {
    /// Which peers must endorse this call.
    ///
    /// **Errors**: a party that the rule needs is not given.
    pub fn endorsement(&self, parties: &Parties<'_>) -> Result<Endorsement, MissingParty> {
        let missing = |party| MissingParty {
            call: self.function_name(),
            party,
        };
        match self {
            Call::RequestAccess(_) | Call::DecideAccess(_) | Call::AffirmAccess(_) => parties
                .holder
                .cloned()
                .map(Endorsement::MajorityWith)
                .ok_or(missing("holder")),
            Call::StorePages(args) if args.grant.is_none() => parties
                .collection
                .cloned()
                .map(Endorsement::Members)
                .ok_or(missing("collection")),
            Call::StorePages(_) | Call::HandOverKey(_) => parties
                .recipient
                .cloned()
                .map(Endorsement::Only)
                .ok_or(missing("recipient")),
            Call::Bootstrap(_)
            | Call::ProposeCircuit(_)
            | Call::ApproveCircuit(_)
            | Call::ActivateCircuit(_)
            | Call::RegisterIssuer(_)
            | Call::UpdateRevocations(_)
            | Call::RetireIssuer(_)
            | Call::PutPolicy(_)
            | Call::PublishKey(_)
            | Call::Tick(())
            | Call::RegisterDataset(_)
            | Call::ConfirmDelivery(_)
            | Call::CloseGrant(_)
            | Call::PublishClaim(_) => Ok(Endorsement::Majority),
        }
    }
}

impl Endorsement {
    /// Whether this organisation's peer may see the proposal.
    pub fn allows(
        &self,
        msp: &MspId,
        consortium: &Consortium,
        collections: &CollectionsConfig,
    ) -> bool {
        match self {
            Endorsement::Majority | Endorsement::MajorityWith(_) => consortium.is_member(msp),
            Endorsement::Members(collection) => collections.is_member(collection, msp),
            Endorsement::Only(owner) => owner == msp,
        }
    }

    /// A smallest set of organisations that satisfies the rule, preferring those of `preferred` in
    /// order; empty when nothing does.
    pub fn select(
        &self,
        preferred: &[MspId],
        consortium: &Consortium,
        collections: &CollectionsConfig,
    ) -> Vec<MspId> {
        self.select_without(None, preferred, consortium, collections)
    }

    /// Sets of organisations that each satisfy the rule: first the one of `select`, then, for each
    /// of its organisations that can be done without, one that does without. For a client that
    /// meets a peer which does not answer.
    pub fn alternatives(
        &self,
        preferred: &[MspId],
        consortium: &Consortium,
        collections: &CollectionsConfig,
    ) -> Vec<Vec<MspId>> {
        let first = self.select(preferred, consortium, collections);
        let others = first
            .iter()
            .rev()
            .map(|absent| self.select_without(Some(absent), preferred, consortium, collections));
        let mut sets: Vec<Vec<MspId>> = others.filter(|set| !set.is_empty()).collect();
        sets.insert(0, first);
        sets
    }

    fn select_without(
        &self,
        absent: Option<&MspId>,
        preferred: &[MspId],
        consortium: &Consortium,
        collections: &CollectionsConfig,
    ) -> Vec<MspId> {
        let known = consortium.members().iter().map(|m| m.msp_id.clone());
        let mut order: Vec<MspId> = Vec::new();
        for msp in self
            .required_member()
            .into_iter()
            .chain(preferred.iter().cloned())
            .chain(known)
        {
            if !order.contains(&msp)
                && absent != Some(&msp)
                && self.allows(&msp, consortium, collections)
            {
                order.push(msp);
            }
        }
        for n in 1..=order.len() {
            if self.is_met_by(&order[..n].iter().collect(), consortium, collections) {
                order.truncate(n);
                return order;
            }
        }
        Vec::new()
    }

    /// The organisation that must be among the endorsers.
    fn required_member(&self) -> Option<MspId> {
        match self {
            Endorsement::MajorityWith(msp) | Endorsement::Only(msp) => Some(msp.clone()),
            Endorsement::Majority | Endorsement::Members(_) => None,
        }
    }

    /// Whether these organisations' peers suffice.
    pub fn is_met_by(
        &self,
        msps: &BTreeSet<&MspId>,
        consortium: &Consortium,
        collections: &CollectionsConfig,
    ) -> bool {
        let members = msps.iter().filter(|m| consortium.is_member(m)).count();
        let majority = members >= consortium.majority() as usize;
        match self {
            Endorsement::Majority => majority,
            Endorsement::MajorityWith(msp) => majority && msps.contains(msp),
            Endorsement::Members(name) => collections
                .endorsement_policy(name)
                .is_some_and(|p| p.can_be_satisfied_by(msps)),
            Endorsement::Only(owner) => msps.contains(owner),
        }
    }
}
