//! Re-verifies a committed call from its public arguments and the state it left behind: what
//! `audit` of a ledger runs over every block.
//!
//! Calls that verify no proof have nothing to check here; what they wrote is checked by replaying
//! write sets.

use super::eligibility::{self, RequestFacts};
use super::{JudgeError, KeyCache, KeyRing, claim, handover, policy, registration};
use crate::call::{
    AffirmAccess, Call, ConfirmDelivery, PublishClaim, PutPolicy, RegisterDataset, RequestAccess,
};
use crate::model::{
    CHUNK_BATCH, ChunkRootBatch, CircuitEntry, ClaimEntry, DatasetEntry, DatasetSchema, Delivery,
    Entry, PolicyDocumentEntry, PolicyEntry, RequestEntry, RequestIndex,
};
use crate::state_key::StateKey;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{ConsortiumId, RequestId};
use medveil_collections_config::{Consortium, MspId};

/// Where a committed call ran, and the state after it.
pub struct Committed<'a> {
    pub consortium: ConsortiumId,
    pub chaincode: &'a str,
    /// The organisation that submitted the call.
    pub caller: &'a MspId,
    /// Reads the public state as it was after the call's block, or later.
    pub state: &'a dyn Fn(&StateKey) -> Option<Vec<u8>>,
    pub keys: &'a KeyCache,
}

impl Committed<'_> {
    fn need<T: Entry>(&self, key: &StateKey) -> Result<T, JudgeError> {
        let bytes = (self.state)(key).ok_or_else(|| {
            JudgeError::input("state", format_args!("expected an entry at {key}"))
        })?;
        Ok(T::from_entry_bytes(&bytes)?)
    }

    /// A ring of the keys that an entry names.
    fn ring(&self, digests: &[Digest]) -> Result<KeyRing, JudgeError> {
        let mut ring = KeyRing::default();
        for digest in digests {
            let entry: CircuitEntry = self.need(&StateKey::circuit(*digest))?;
            if Digest::of(&entry.verifying_key) != *digest {
                return Err(JudgeError::Key(format!(
                    "expected the key that {digest} names"
                )));
            }
            ring.insert(self.keys.prepare(*digest, &entry.verifying_key)?);
        }
        Ok(ring)
    }

    /// Verifies every proof of a call; tells how many it had.
    ///
    /// **Errors**: an entry is missing or says something else than the call, or a proof does not
    /// hold.
    pub fn recheck(&self, call: &Call) -> Result<usize, JudgeError> {
        match call {
            Call::RegisterDataset(args) => self.registration(args),
            Call::RequestAccess(args) => self.request(args),
            Call::AffirmAccess(args) => self.affirmation(args),
            Call::ConfirmDelivery(args) => self.delivery(args),
            Call::PublishClaim(args) => self.claim(args),
            Call::PutPolicy(args) => self.policy(args),
            Call::Bootstrap(_)
            | Call::ProposeCircuit(_)
            | Call::ApproveCircuit(_)
            | Call::ActivateCircuit(_)
            | Call::RegisterIssuer(_)
            | Call::UpdateRevocations(_)
            | Call::RetireIssuer(_)
            | Call::PublishKey(_)
            | Call::Tick(())
            | Call::StorePages(_)
            | Call::DecideAccess(_)
            | Call::HandOverKey(_)
            | Call::CloseGrant(_) => Ok(0),
        }
    }

    /// The policy that the call put stands as it was sent; it proves nothing.
    fn policy(&self, args: &PutPolicy) -> Result<usize, JudgeError> {
        let lineage = super::lineage_id(self.consortium, self.caller, &args.lineage);
        let compiled = policy::compile(&args.policy)?;
        let key = StateKey::policy_document(lineage, compiled.document);
        let stored: PolicyDocumentEntry = self.need(&key)?;
        if stored.document == args.policy {
            return Ok(0);
        }
        Err(JudgeError::input("policy", "expected the stored document"))
    }

    fn registration(&self, args: &RegisterDataset) -> Result<usize, JudgeError> {
        let rebuilt = registration::rebuild(self.consortium, self.caller, args)?;
        let entry: DatasetEntry = self.need(&StateKey::dataset(rebuilt.root))?;
        registration::verify(&rebuilt, args, &self.ring(&[entry.circuit])?)?;
        Ok(rebuilt.instances.len())
    }

    fn claim(&self, args: &PublishClaim) -> Result<usize, JudgeError> {
        let dataset: DatasetEntry = self.need(&StateKey::dataset(args.terms.dataset))?;
        let schema: DatasetSchema = self.need(&StateKey::dataset_schema(dataset.root))?;
        let mut roots = Vec::with_capacity(dataset.n_chunks as usize);
        for batch in 0..dataset.n_chunks.div_ceil(CHUNK_BATCH as u32) {
            roots.extend(
                self.need::<ChunkRootBatch>(&StateKey::chunk_roots(dataset.root, batch))?
                    .roots,
            );
        }
        let bytes = (self.state)(&StateKey::consortium()).unwrap_or_default();
        let consortium =
            Consortium::from_canonical(&bytes).map_err(|e| JudgeError::part("consortium", e))?;
        let facts = claim::ClaimFacts {
            consortium: self.consortium,
            chaincode: self.chaincode,
            dataset: &dataset,
            schema: &schema.schema,
            floor: consortium.subject_floor(),
        };
        let rebuilt = claim::rebuild(&facts, args, &roots)?;
        let entry: ClaimEntry = self.need(&StateKey::claim(rebuilt.stated.context))?;
        claim::verify(&rebuilt, dataset.tier, args, &self.ring(&entry.circuits)?)?;
        Ok(rebuilt.chunks.len() + 1)
    }

    /// A recorded request or extension.
    fn recorded(&self, request: RequestId) -> Result<RequestEntry, JudgeError> {
        let index: RequestIndex = self.need(&StateKey::request_index(request))?;
        self.need(&StateKey::request_state(&index))
    }

    /// The tier of a recorded request's policy.
    fn tier_of(&self, entry: &RequestEntry) -> Result<u8, JudgeError> {
        let key = StateKey::policy_document(entry.lineage, entry.policy_document);
        let document: PolicyDocumentEntry = self.need(&key)?;
        Ok(policy::compile(&document.document)?.tier)
    }

    fn request(&self, args: &RequestAccess) -> Result<usize, JudgeError> {
        let entry = self.recorded(args.terms.request)?;
        let scope = match args.terms.extension {
            0 => {
                let policy: PolicyEntry = self.need(&StateKey::policy(entry.lineage))?;
                let period = (args.terms.day, policy.period_days);
                eligibility::scope(self.consortium, self.chaincode, entry.lineage, period)
            }
            _ => {
                let first: RequestEntry = self.need(&StateKey::nullifier(entry.nullifier))?;
                first.scope
            }
        };
        let facts = RequestFacts {
            consortium: self.consortium,
            chaincode: self.chaincode,
            submitter: self.caller,
            scope,
            policy: entry.policy,
            circuit: entry.circuit,
        };
        let keys = self.ring(&[entry.circuit])?;
        eligibility::verify(&facts, self.tier_of(&entry)?, args, &keys)?;
        Ok(1)
    }

    fn affirmation(&self, args: &AffirmAccess) -> Result<usize, JudgeError> {
        let entry = self.recorded(args.request)?;
        if entry.submitter != *self.caller {
            return Err(JudgeError::input("caller", "expected the submitter"));
        }
        let affirmed = args.into();
        let public = eligibility::affirmation(self.consortium, self.chaincode, &entry, &affirmed);
        let (tier, keys) = (self.tier_of(&entry)?, self.ring(&[args.circuit])?);
        eligibility::verify_proof_of(&public, tier, &args.proof, &keys)?;
        Ok(1)
    }

    fn delivery(&self, args: &ConfirmDelivery) -> Result<usize, JudgeError> {
        let request = self.recorded(args.grant)?;
        let dataset: DatasetEntry = self.need(&StateKey::dataset(request.dataset))?;
        let delivery: Delivery = self.need(&StateKey::delivery(args.grant, args.segment))?;
        let segment = dataset.segments.iter().find(|s| s.segment == args.segment);
        let segment = segment.ok_or_else(|| {
            JudgeError::input("segment", "expected a segment of the granted version")
        })?;
        handover::verify(&request, segment, args, &self.ring(&[delivery.circuit])?)?;
        Ok(1)
    }
}
