//! The result of a call at a peer, before it is signed.

use medveil_fabric_wire::proto::*;
use medveil_msp::{Founded, Identity};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Name of the contract.
pub const CHAINCODE: &str = "medveil";

/// What peers are about to sign.
#[derive(Clone, Default)]
pub struct Draft {
    pub header: Header,
    pub proposal: Vec<u8>,
    pub args: Vec<Vec<u8>>,
    pub public: Vec<KvWrite>,
    /// Collection, key, value.
    pub private: Vec<(String, String, Vec<u8>)>,
    pub answer: Vec<u8>,
    pub event: Option<(String, Vec<u8>)>,
    pub endorsers: Vec<String>,
    /// Metadata writes, which the contract never makes.
    pub metadata: bool,
    /// The namespace that is written.
    pub namespace: String,
}

impl Draft {
    /// Runs the proposal: `put KEY VALUE`, `store COLLECTION KEY` with the value in the transient
    /// map; anything else writes nothing.
    pub fn run(proposal: &[u8]) -> Draft {
        let proposal = Proposal::decode(proposal).unwrap();
        let payload = ChaincodeProposalPayload::decode(proposal.payload.as_slice()).unwrap();
        let spec = ChaincodeInvocationSpec::decode(payload.input.as_slice())
            .unwrap()
            .chaincode_spec
            .unwrap();
        let args = spec.input.unwrap().args;
        let text = |i: usize| String::from_utf8_lossy(&args[i]).into_owned();
        let public = ChaincodeProposalPayload {
            transient_map: Default::default(),
            ..payload.clone()
        };
        let mut draft = Draft {
            header: Header::decode(proposal.header.as_slice()).unwrap(),
            proposal: public.encode_to_vec(),
            answer: b"done".to_vec(),
            namespace: CHAINCODE.to_owned(),
            ..Draft::default()
        };
        match text(0).as_str() {
            "put" => {
                draft.public = vec![KvWrite {
                    key: text(1),
                    is_delete: false,
                    value: args[2].clone(),
                }]
            }
            "store" => {
                draft.private = vec![(text(1), text(2), payload.transient_map["value"].clone())]
            }
            _ => {}
        }
        draft.args = args;
        draft
    }

    /// Signs what the draft says, as the peers of its endorsers would.
    pub fn assemble(&self, orgs: &BTreeMap<&'static str, Founded>) -> Envelope {
        let parts = [
            self.header.channel_header.as_slice(),
            &self.header.signature_header,
            &self.proposal,
        ];
        let response = ProposalResponsePayload {
            proposal_hash: hash(&parts.concat()),
            extension: self.action().encode_to_vec(),
        }
        .encode_to_vec();
        let peers = self.endorsers.iter().map(|name| &orgs[name.as_str()].peer);
        let endorsements = peers.map(|peer| endorse(peer, &response)).collect();
        let payload = ChaincodeActionPayload {
            chaincode_proposal_payload: self.proposal.clone(),
            action: Some(ChaincodeEndorsedAction {
                proposal_response_payload: response,
                endorsements,
            }),
        };
        let actions = vec![TransactionAction {
            header: self.header.signature_header.clone(),
            payload: payload.encode_to_vec(),
        }];
        let payload = Payload {
            header: Some(self.header.clone()),
            data: Transaction { actions }.encode_to_vec(),
        };
        Envelope {
            payload: payload.encode_to_vec(),
            signature: Vec::new(),
        }
    }

    fn action(&self) -> ChaincodeAction {
        let event = self.event.as_ref().map(|(name, payload)| ChaincodeEvent {
            event_name: name.clone(),
            payload: payload.clone(),
            ..ChaincodeEvent::default()
        });
        let results = TxReadWriteSet {
            ns_rwset: vec![self.set()],
            ..TxReadWriteSet::default()
        };
        ChaincodeAction {
            results: results.encode_to_vec(),
            events: event.map(|e| e.encode_to_vec()).unwrap_or_default(),
            response: Some(Response {
                status: 200,
                payload: self.answer.clone(),
                ..Response::default()
            }),
            ..ChaincodeAction::default()
        }
    }

    fn set(&self) -> NsReadWriteSet {
        let metadata = self.metadata.then(KvMetadataWrite::default);
        let public = KvRwSet {
            writes: self.public.clone(),
            metadata_writes: metadata.into_iter().collect(),
            ..KvRwSet::default()
        };
        NsReadWriteSet {
            namespace: self.namespace.clone(),
            rwset: public.encode_to_vec(),
            collection_hashed_rwset: self.private.iter().map(hashed).collect(),
        }
    }
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn hashed((name, key, value): &(String, String, Vec<u8>)) -> CollectionHashedReadWriteSet {
    let set = HashedRwSet {
        hashed_writes: vec![KvWriteHash {
            key_hash: hash(key.as_bytes()),
            value_hash: hash(value),
            ..KvWriteHash::default()
        }],
        ..HashedRwSet::default()
    };
    CollectionHashedReadWriteSet {
        collection_name: name.clone(),
        hashed_rwset: set.encode_to_vec(),
        ..CollectionHashedReadWriteSet::default()
    }
}

fn endorse(peer: &Identity, response: &[u8]) -> Endorsement {
    let endorser = medveil_fabric_wire::creator_bytes(peer).unwrap();
    let signature = peer.sign(&[response, &endorser].concat()).unwrap();
    Endorsement {
        endorser,
        signature,
    }
}
