//! A transaction in Fabric's format, read strictly: whose proposal it answers, what it writes, who
//! signed it.
//!
//! Used before a client signs what peers prepared, and again by whoever verifies a transaction that
//! is on the chain. There one thing is read less strictly: Fabric passes over endorsements that do
//! not hold, so anybody could add one to spoil a transaction for those who do not.

use crate::error::FormError;
use crate::proto::{
    ChaincodeAction, ChaincodeActionPayload, ChaincodeEvent, Endorsement, Envelope, Header,
    Payload, ProposalResponsePayload, SerializedIdentity, Transaction,
};
use crate::rwset::{Part, ReadVersion, parts};
use medveil_collections_config::{CollectionName, MspId, Role};
use medveil_ledger::{Hash, WriteSet};
use medveil_msp::{Creator, Member, MspSet};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a transaction read, with the versions seen; none where there was no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSet {
    pub public: BTreeMap<String, Option<ReadVersion>>,
    /// Private keys: collection and key hash.
    pub private: BTreeMap<(CollectionName, Hash), Option<ReadVersion>>,
}

/// One endorsement whose certificate and signature were checked.
pub type Endorser = Arc<Member>;

/// A transaction of one action.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// Signed by the client: the bytes of this payload.
    pub payload: Vec<u8>,
    header: Header,
    /// The proposal's payload without the transient map.
    proposal_payload: Vec<u8>,
    response_payload: Vec<u8>,
    endorsements: Vec<Endorsement>,
    /// The contract's answer.
    pub answer: Vec<u8>,
    /// What the contract tells the world: name and payload.
    pub event: Option<(String, Vec<u8>)>,
    pub writes: WriteSet,
    /// What it read, with the versions seen.
    pub reads: ReadSet,
}

fn decode<M: Message + Default>(bytes: &[u8], what: &'static str) -> Result<M, FormError> {
    M::decode(bytes).map_err(|_| FormError(what))
}

impl Prepared {
    /// Reads an envelope of the contract `chaincode`.
    ///
    /// **Errors**: what is not of the expected form: more than one action, another chaincode's
    /// writes, writes that the contract never makes, an event without public writes.
    ///
    /// **Security**: who writes to its own collection alone needs no other organisation's
    /// signature, and Fabric does not look at the event. The contract tells of public writes
    /// only, so whatever else comes with an event is not the contract's.
    pub fn read(envelope: &Envelope, chaincode: &str) -> Result<Self, FormError> {
        let payload: Payload = decode(&envelope.payload, "a payload")?;
        let transaction: Transaction = decode(&payload.data, "a transaction")?;
        let [action] = transaction.actions.as_slice() else {
            return Err(FormError("a transaction of one action"));
        };
        let action: ChaincodeActionPayload = decode(&action.payload, "an action")?;
        let endorsed = action.action.ok_or(FormError("an endorsed action"))?;
        let response: ProposalResponsePayload =
            decode(&endorsed.proposal_response_payload, "an endorsed response")?;
        let result: ChaincodeAction = decode(&response.extension, "a chaincode action")?;
        let header = payload.header.ok_or(FormError("a header"))?;
        if response.proposal_hash != proposal_hash(&header, &action.chaincode_proposal_payload) {
            return Err(FormError("an answer to its own proposal"));
        }
        let answer = result
            .response
            .filter(|r| r.status == 200)
            .ok_or(FormError("an answer of status 200"))?
            .payload;
        let (writes, reads) = sets(&parts(&result.results)?, chaincode)?;
        let event = event(&result.events)?;
        if event.is_some() && writes.public.is_empty() {
            return Err(FormError("no event without public writes"));
        }
        Ok(Prepared {
            payload: envelope.payload.clone(),
            header,
            proposal_payload: action.chaincode_proposal_payload,
            response_payload: endorsed.proposal_response_payload,
            endorsements: endorsed.endorsements,
            answer,
            event,
            writes,
            reads,
        })
    }

    /// How many say so, whoever they are.
    pub(crate) fn n_endorsements(&self) -> usize {
        self.endorsements.len()
    }

    /// The header that the client signed.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The proposal's payload without the transient map.
    pub fn proposal_payload(&self) -> &[u8] {
        &self.proposal_payload
    }

    /// Whether it answers the proposal of this header and payload.
    pub fn answers(&self, header: &Header, proposal_payload: &[u8]) -> bool {
        self.header == *header && self.proposal_payload == proposal_payload
    }

    /// Checks every endorsement: what is asked before a client signs.
    ///
    /// **Units**: the moment in milliseconds since 1970. **Errors**: a certificate that no member's
    /// authority issued, one that is no peer's, a wrong signature, an organisation twice.
    pub fn endorsers(&self, msps: &MspSet, at_ms: u64) -> Result<Vec<Endorser>, FormError> {
        let mut organisations = BTreeSet::new();
        let mut members = Vec::new();
        for endorsement in &self.endorsements {
            let member = self.endorser(endorsement, msps, at_ms)?;
            if !organisations.insert(member.msp_id().clone()) {
                return Err(FormError("one endorsement of an organisation"));
            }
            members.push(member);
        }
        Ok(members)
    }

    /// The peers whose endorsements hold, each once; all others are passed over, as Fabric does at
    /// commit.
    ///
    /// **Units**: the moment in milliseconds since 1970.
    pub fn peers(&self, msps: &MspSet, at_ms: u64) -> BTreeSet<Creator> {
        self.endorsements
            .iter()
            .filter(|e| self.endorser(e, msps, at_ms).is_ok())
            .filter_map(|e| creator(&e.endorser).ok())
            .collect()
    }

    fn endorser(
        &self,
        endorsement: &Endorsement,
        msps: &MspSet,
        at_ms: u64,
    ) -> Result<Endorser, FormError> {
        let member = msps
            .check(&creator(&endorsement.endorser)?, at_ms)
            .map_err(|_| FormError("endorsers whom a member's authority certified"))?;
        if member.role() != Role::Peer {
            return Err(FormError("endorsers that are peers"));
        }
        let signed = [self.response_payload.as_slice(), &endorsement.endorser].concat();
        member
            .verify(&signed, &endorsement.signature)
            .map_err(|_| FormError("endorsers' own signatures"))?;
        Ok(member)
    }
}

fn event(bytes: &[u8]) -> Result<Option<(String, Vec<u8>)>, FormError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let event: ChaincodeEvent = decode(bytes, "a chaincode event")?;
    Ok(Some((event.event_name, event.payload)))
}

/// Fabric's proposal hash: channel header, signature header, payload without the transient map.
fn proposal_hash(header: &Header, proposal_payload: &[u8]) -> Vec<u8> {
    let hash = Sha256::new()
        .chain_update(&header.channel_header)
        .chain_update(&header.signature_header);
    hash.chain_update(proposal_payload).finalize().to_vec()
}

/// A serialized identity as this code knows it.
pub fn creator(bytes: &[u8]) -> Result<Creator, FormError> {
    let what = "an endorser's identity";
    let identity: SerializedIdentity = decode(bytes, what)?;
    let pem = std::str::from_utf8(&identity.id_bytes).map_err(|_| FormError(what))?;
    let certificate = medveil_msp::Certificate::from_pem(pem).map_err(|_| FormError(what))?;
    let msp_id = MspId::new(identity.mspid).map_err(|_| FormError(what))?;
    Ok(Creator {
        msp_id,
        certificate: certificate.der().to_vec(),
    })
}

fn sets(parts: &[Part], chaincode: &str) -> Result<(WriteSet, ReadSet), FormError> {
    let (mut writes, mut reads) = (WriteSet::default(), ReadSet::default());
    for part in parts {
        // Peers record that they read the chaincode's own definition; nothing else is ever touched
        // there.
        if part.namespace != chaincode {
            if part.is_written() || !part.collection.is_empty() {
                return Err(FormError("writes of the contract alone"));
            }
        } else if !part.metadata.is_empty() {
            return Err(FormError("no metadata writes"));
        } else if part.collection.is_empty() {
            public_sets(part, &mut writes, &mut reads)?;
        } else {
            private_sets(part, &mut writes, &mut reads)?;
        }
    }
    Ok((writes, reads))
}

fn public_sets(part: &Part, writes: &mut WriteSet, reads: &mut ReadSet) -> Result<(), FormError> {
    let text =
        |key: &Vec<u8>| String::from_utf8(key.clone()).map_err(|_| FormError("keys in utf-8"));
    for (key, version) in &part.reads {
        reads.public.insert(text(key)?, *version);
    }
    for (key, value) in &part.writes {
        writes
            .public
            .insert(text(key)?, value.clone().ok_or(FormError("no deletions"))?);
    }
    Ok(())
}

fn private_sets(part: &Part, writes: &mut WriteSet, reads: &mut ReadSet) -> Result<(), FormError> {
    let name = part
        .collection
        .parse::<CollectionName>()
        .map_err(|_| FormError("a collection's name"))?;
    let hash = |bytes: &[u8]| Hash::try_from(bytes).map_err(|_| FormError("hashes of 32 bytes"));
    for (key, version) in &part.reads {
        reads.private.insert((name.clone(), hash(key)?), *version);
    }
    for (key, value) in &part.writes {
        let value = value.as_ref().ok_or(FormError("no deletions"))?;
        writes
            .private
            .insert((name.clone(), hash(key)?, hash(value)?));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
