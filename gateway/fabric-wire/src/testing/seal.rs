//! Transactions, signed by everybody concerned.

use super::{Draft, NAME, Net};
use crate::Part;
use crate::proposal::{ProposedTransaction, Target, creator_bytes, propose};
use crate::proto::{
    ChaincodeAction, ChaincodeActionPayload, ChaincodeEndorsedAction, ChaincodeEvent, ChaincodeId,
    CollectionHashedReadWriteSet, Endorsement, Envelope, HashedRwSet, KvMetadataWrite, KvRead,
    KvReadHash, KvRwSet, KvVersion, KvWrite, KvWriteHash, NsReadWriteSet, Payload,
    ProposalResponsePayload, Response, Transaction as Actions, TransactionAction, TxReadWriteSet,
};
use medveil_ledger::Transaction;
use medveil_msp::Identity;
use prost::Message;
use rand::RngCore;
use sha2::{Digest, Sha256};

impl Net {
    /// Signs a transaction as everybody concerned.
    pub fn seal(&self, draft: &Draft) -> Vec<u8> {
        let mut nonce = [0u8; 24];
        self.rng.borrow_mut().fill_bytes(&mut nonce);
        let target = Target {
            channel: NAME,
            chaincode: draft.chaincode,
        };
        let query = Transaction::query(draft.args.clone());
        let proposed = propose(&draft.client, target, &query, nonce, draft.at_ms).unwrap();
        let response = ProposalResponsePayload {
            proposal_hash: proposal_hash(&proposed),
            extension: action(draft, &proposed.tx_id).encode_to_vec(),
        }
        .encode_to_vec();
        let endorsers = draft.endorsers.iter();
        let mut endorsements: Vec<_> = endorsers.map(|who| endorse(who, &response)).collect();
        if draft.junk {
            endorsements.push(Endorsement {
                endorser: b"nobody".to_vec(),
                signature: b"nothing".to_vec(),
            });
        }
        let action = ChaincodeActionPayload {
            chaincode_proposal_payload: proposed.public_payload,
            action: Some(ChaincodeEndorsedAction {
                proposal_response_payload: response,
                endorsements,
            }),
        };
        let actions = vec![TransactionAction {
            header: proposed.header.signature_header.clone(),
            payload: action.encode_to_vec(),
        }];
        let payload = Payload {
            header: Some(proposed.header),
            data: Actions { actions }.encode_to_vec(),
        }
        .encode_to_vec();
        let signature = draft.client.sign(&payload).unwrap();
        Envelope { payload, signature }.encode_to_vec()
    }
}

fn proposal_hash(proposed: &ProposedTransaction) -> Vec<u8> {
    let header = &proposed.header;
    let hash = Sha256::new()
        .chain_update(&header.channel_header)
        .chain_update(&header.signature_header);
    let hash = hash.chain_update(&proposed.public_payload).finalize();
    hash.to_vec()
}

fn action(draft: &Draft, tx_id: &str) -> ChaincodeAction {
    let event = draft.event.as_ref().map(|(name, payload)| ChaincodeEvent {
        chaincode_id: draft.chaincode.to_owned(),
        tx_id: tx_id.to_owned(),
        event_name: name.clone(),
        payload: payload.clone(),
    });
    ChaincodeAction {
        results: encode(&draft.parts),
        events: event.map(|e| e.encode_to_vec()).unwrap_or_default(),
        response: Some(Response {
            status: 200,
            payload: draft.answer.clone(),
            ..Response::default()
        }),
        chaincode_id: Some(ChaincodeId {
            name: draft.chaincode.to_owned(),
            ..ChaincodeId::default()
        }),
    }
}

fn endorse(who: &Identity, response: &[u8]) -> Endorsement {
    let endorser = creator_bytes(who).unwrap();
    let signature = who.sign(&[response, &endorser].concat()).unwrap();
    Endorsement {
        endorser,
        signature,
    }
}

fn encode(parts: &[Part]) -> Vec<u8> {
    let mut spaces: Vec<NsReadWriteSet> = Vec::new();
    for part in parts {
        if spaces.last().is_none_or(|s| s.namespace != part.namespace) {
            spaces.push(NsReadWriteSet {
                namespace: part.namespace.clone(),
                ..NsReadWriteSet::default()
            });
        }
        let space = spaces.last_mut().unwrap();
        if part.collection.is_empty() {
            space.rwset = public_set(part).encode_to_vec();
        } else {
            space
                .collection_hashed_rwset
                .push(CollectionHashedReadWriteSet {
                    collection_name: part.collection.clone(),
                    hashed_rwset: hashed_set(part).encode_to_vec(),
                    ..CollectionHashedReadWriteSet::default()
                });
        }
    }
    TxReadWriteSet {
        data_model: 0,
        ns_rwset: spaces,
    }
    .encode_to_vec()
}

fn version(version: &Option<(u64, u64)>) -> Option<KvVersion> {
    version.map(|(block_num, tx_num)| KvVersion { block_num, tx_num })
}

fn metadata(part: &Part) -> Vec<KvMetadataWrite> {
    let keys = part.metadata.iter();
    keys.map(|key| KvMetadataWrite { key: key.clone() })
        .collect()
}

fn public_set(part: &Part) -> KvRwSet {
    let text = |key: &Vec<u8>| String::from_utf8(key.clone()).unwrap();
    let read = |(key, v): &(Vec<u8>, Option<(u64, u64)>)| KvRead {
        key: text(key),
        version: version(v),
    };
    let write = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| KvWrite {
        key: text(key),
        is_delete: value.is_none(),
        value: value.clone().unwrap_or_default(),
    };
    KvRwSet {
        reads: part.reads.iter().map(read).collect(),
        writes: part.writes.iter().map(write).collect(),
        metadata_writes: metadata(part),
    }
}

fn hashed_set(part: &Part) -> HashedRwSet {
    let read = |(key, v): &(Vec<u8>, Option<(u64, u64)>)| KvReadHash {
        key_hash: key.clone(),
        version: version(v),
    };
    let write = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| KvWriteHash {
        key_hash: key.clone(),
        is_delete: value.is_none(),
        value_hash: value.clone().unwrap_or_default(),
        is_purge: false,
    };
    HashedRwSet {
        hashed_reads: part.reads.iter().map(read).collect(),
        hashed_writes: part.writes.iter().map(write).collect(),
        metadata_writes: metadata(part),
    }
}
