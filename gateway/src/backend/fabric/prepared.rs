//! A transaction in Fabric's format, read strictly: whose proposal it answers, what it writes, who signed it.
//!
//! Used before a client signs what peers prepared, and again by whoever verifies a transaction that is on the chain.

use super::proto::{ChaincodeActionPayload, HashedRwSet, KvRwSet, Transaction, TxReadWriteSet};
use crate::msp::{Creator, Member, MspSet};
use collections_config::{CollectionName, Role};
use fabric_shim_protos::common::{Envelope, Header, Payload};
use fabric_shim_protos::msp::SerializedIdentity;
use fabric_shim_protos::peer::{ChaincodeAction, ChaincodeEvent, Endorsement, ProposalResponsePayload};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A hash of a private key or value.
pub type Hash = [u8; 32];

/// Where a value was written: block and place in it.
pub type ReadVersion = (u64, u64);

/// What a transaction writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteSet {
    /// Public values by key.
    pub public: BTreeMap<String, Vec<u8>>,
    /// Collection, key hash and value hash of each private value.
    pub private: BTreeSet<(CollectionName, Hash, Hash)>,
}

impl WriteSet {
    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.public.is_empty() && self.private.is_empty()
    }

    /// Collections that are written.
    pub fn collections(&self) -> BTreeSet<&CollectionName> {
        self.private.iter().map(|(collection, _, _)| collection).collect()
    }
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
    /// What it writes.
    pub writes: WriteSet,
    /// Public keys it read, with the versions seen.
    pub reads: BTreeMap<String, Option<ReadVersion>>,
}

fn decode<M: Message + Default>(bytes: &[u8], what: &'static str) -> Result<M, &'static str> {
    M::decode(bytes).map_err(|_| what)
}

impl Prepared {
    /// Reads an envelope of the contract `chaincode`.
    ///
    /// **Errors**: what is not of the expected form: more than one action, another chaincode's writes, writes that the contract never makes.
    pub fn read(envelope: &Envelope, chaincode: &str) -> Result<Self, &'static str> {
        let payload: Payload = decode(&envelope.payload, "a payload")?;
        let transaction: Transaction = decode(&payload.data, "a transaction")?;
        let [action] = transaction.actions.as_slice() else { return Err("a transaction of one action") };
        let action: ChaincodeActionPayload = decode(&action.payload, "an action")?;
        let endorsed = action.action.ok_or("an endorsed action")?;
        let response: ProposalResponsePayload = decode(&endorsed.proposal_response_payload, "an endorsed response")?;
        let result: ChaincodeAction = decode(&response.extension, "a chaincode action")?;
        let header = payload.header.ok_or("a header")?;
        if response.proposal_hash != proposal_hash(&header, &action.chaincode_proposal_payload) {
            return Err("an answer to its own proposal");
        }
        let answer = result.response.filter(|r| r.status == 200).ok_or("an answer of status 200")?.payload;
        let (writes, reads) = write_set(&result.results, chaincode)?;
        Ok(Prepared {
            payload: envelope.payload.clone(),
            header,
            proposal_payload: action.chaincode_proposal_payload,
            response_payload: endorsed.proposal_response_payload,
            endorsements: endorsed.endorsements,
            answer,
            event: event(&result.events)?,
            writes,
            reads,
        })
    }

    /// The header that the client signed.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The proposal's payload without the transient map.
    pub(super) fn proposal_payload(&self) -> &[u8] {
        &self.proposal_payload
    }

    /// Whether it answers the proposal of this header and payload.
    pub fn answers(&self, header: &Header, proposal_payload: &[u8]) -> bool {
        self.header == *header && self.proposal_payload == proposal_payload
    }

    /// Checks every endorsement.
    ///
    /// **Units**: the moment in milliseconds since 1970. **Errors**: a certificate that no member's authority issued, one that is no peer's, a wrong
    /// signature, an organisation twice.
    pub fn endorsers(&self, msps: &MspSet, at_ms: u64) -> Result<Vec<Endorser>, &'static str> {
        let mut organisations = BTreeSet::new();
        let mut members = Vec::new();
        for endorsement in &self.endorsements {
            let member =
                msps.check(&creator(&endorsement.endorser)?, at_ms).map_err(|_| "endorsers whom a member's authority certified")?;
            if member.role() != Role::Peer {
                return Err("endorsers that are peers");
            }
            let signed = [self.response_payload.as_slice(), &endorsement.endorser].concat();
            member.verify(&signed, &endorsement.signature).map_err(|_| "endorsers' own signatures")?;
            if !organisations.insert(member.msp_id().clone()) {
                return Err("one endorsement of an organisation");
            }
            members.push(member);
        }
        Ok(members)
    }
}

fn event(bytes: &[u8]) -> Result<Option<(String, Vec<u8>)>, &'static str> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let event: ChaincodeEvent = decode(bytes, "a chaincode event")?;
    Ok(Some((event.event_name, event.payload)))
}

/// Fabric's proposal hash: channel header, signature header, payload without the transient map.
fn proposal_hash(header: &Header, proposal_payload: &[u8]) -> Vec<u8> {
    let hash = Sha256::new().chain_update(&header.channel_header).chain_update(&header.signature_header);
    hash.chain_update(proposal_payload).finalize().to_vec()
}

/// A serialized identity as this code knows it.
pub(super) fn creator(bytes: &[u8]) -> Result<Creator, &'static str> {
    let what = "an endorser's identity";
    let identity: SerializedIdentity = decode(bytes, what)?;
    let pem = std::str::from_utf8(&identity.id_bytes).map_err(|_| what)?;
    let certificate = crate::msp::Certificate::from_pem(pem).map_err(|_| what)?;
    let msp_id = collections_config::MspId::new(identity.mspid).map_err(|_| what)?;
    Ok(Creator { msp_id, certificate: certificate.der().to_vec() })
}

type Reads = BTreeMap<String, Option<ReadVersion>>;

fn write_set(results: &[u8], chaincode: &str) -> Result<(WriteSet, Reads), &'static str> {
    let set: TxReadWriteSet = decode(results, "a read-write set")?;
    let (mut writes, mut reads) = (WriteSet::default(), Reads::new());
    for namespace in &set.ns_rwset {
        let public: KvRwSet = decode(&namespace.rwset, "a read-write set")?;
        // Peers record that they read the chaincode's own definition; nothing else is ever written there.
        if namespace.namespace != chaincode {
            if public.writes.is_empty() && public.metadata_writes.is_empty() && namespace.collection_hashed_rwset.is_empty() {
                continue;
            }
            return Err("writes of the contract alone");
        }
        if !public.metadata_writes.is_empty() {
            return Err("no metadata writes");
        }
        reads.extend(public.reads.into_iter().map(|r| (r.key, r.version.map(|v| (v.block_num, v.tx_num)))));
        for write in public.writes {
            if write.is_delete {
                return Err("no deletions");
            }
            writes.public.insert(write.key, write.value);
        }
        for collection in &namespace.collection_hashed_rwset {
            private_writes(&collection.collection_name, &collection.hashed_rwset, &mut writes)?;
        }
    }
    Ok((writes, reads))
}

fn private_writes(collection: &str, hashed: &[u8], writes: &mut WriteSet) -> Result<(), &'static str> {
    let name = collection.parse::<CollectionName>().map_err(|_| "a collection's name")?;
    let set: HashedRwSet = decode(hashed, "a hashed read-write set")?;
    if !set.metadata_writes.is_empty() {
        return Err("no metadata writes");
    }
    for write in set.hashed_writes {
        if write.is_delete || write.is_purge {
            return Err("no deletions");
        }
        let hash = |bytes: Vec<u8>| Hash::try_from(bytes).map_err(|_| "hashes of 32 bytes");
        writes.private.insert((name.clone(), hash(write.key_hash)?, hash(write.value_hash)?));
    }
    Ok(())
}
