//! Fabric's transactions and blocks as tests build and sign them, with certificates of test
//! authorities.

use super::outline::CONFIG;
use super::proposal::{Target, creator_bytes, propose};
use super::proto::{
    ChaincodeActionPayload, ChaincodeEndorsedAction, CollectionHashedReadWriteSet, Config,
    ConfigEnvelope, ConfigGroup, ConfigValue, Consenter, FabricMspConfig, HashedRwSet,
    KvMetadataWrite, KvRead, KvReadHash, KvRwSet, KvVersion, KvWrite, KvWriteHash, MspConfig,
    NsReadWriteSet, Orderers, Transaction as Actions, TransactionAction, TxReadWriteSet,
};
use super::{Expected, Part, WholeBlock};
use crate::backend::Transaction;
use crate::backend::embedded::tests::support::{MAJORITY, NOW, ORGS, consortium, groups, msp};
use crate::msp::{Authority, Certificate, Founded, Identity, MspSet, Validity};
use collections_config::{CollectionsConfig, Consortium, Role};
use fabric_shim_protos::common::{
    Block, BlockData, BlockHeader, BlockMetadata, ChannelHeader, Envelope, Header,
    IdentifierHeader, Metadata, MetadataSignature, Payload, SignatureHeader,
};
use fabric_shim_protos::peer::{
    ChaincodeAction, ChaincodeEvent, ChaincodeId, Endorsement, ProposalResponsePayload, Response,
};
use prost::Message;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Name of channel and contract.
pub(crate) const NAME: &str = "medveil";

/// Four organisations and an orderer's.
pub(crate) struct Net {
    pub(crate) orgs: Vec<Founded>,
    pub(crate) ordering: Authority,
    pub(crate) msps: MspSet,
    pub(crate) consortium: Consortium,
    pub(crate) collections: CollectionsConfig,
    rng: RefCell<ChaCha20Rng>,
}

/// A transaction before it is signed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) client: Identity,
    pub(crate) endorsers: Vec<Identity>,
    /// The chaincode that its header names.
    pub(crate) chaincode: &'static str,
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) parts: Vec<Part>,
    pub(crate) event: Option<(String, Vec<u8>)>,
    pub(crate) answer: Vec<u8>,
    pub(crate) at_ms: u64,
    /// Whether an endorsement is added that does not hold.
    pub(crate) junk: bool,
}

impl Net {
    pub(crate) fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let validity = Validity::years_from(NOW, 10);
        let orgs: Vec<Founded> = ORGS
            .iter()
            .map(|o| Founded::new(&msp(o), validity, &mut rng).unwrap())
            .collect();
        let ordering = Authority::create(&msp("Orderers"), validity, &mut rng).unwrap();
        let msps = MspSet::new(orgs.iter().map(|o| o.authority.msp().unwrap())).unwrap();
        let consortium = consortium();
        let collections = groups(&consortium);
        Net {
            orgs,
            ordering,
            msps,
            consortium,
            collections,
            rng: RefCell::new(rng),
        }
    }

    pub(crate) fn org(&self, name: &str) -> &Founded {
        self.orgs
            .iter()
            .find(|o| o.authority.msp_id().as_str() == name)
            .unwrap()
    }

    pub(crate) fn peers(&self, names: &[&str]) -> Vec<Identity> {
        names
            .iter()
            .map(|name| self.org(name).peer.clone())
            .collect()
    }

    /// A further identity of an authority.
    pub(crate) fn issue(&self, authority: &Authority, role: Role, validity: Validity) -> Identity {
        authority
            .issue(role, "further", validity, &mut *self.rng.borrow_mut())
            .unwrap()
    }

    pub(crate) fn orderer(&self) -> Identity {
        self.issue(&self.ordering, Role::Orderer, Validity::years_from(NOW, 10))
    }

    pub(crate) fn expected(&self) -> Expected<'_> {
        Expected {
            channel: NAME,
            chaincode: NAME,
            msps: &self.msps,
        }
    }

    /// A call by a hospital that a majority endorses.
    pub(crate) fn draft(&self, parts: Vec<Part>) -> Draft {
        Draft {
            client: self.org("HospitalA").client.clone(),
            endorsers: self.peers(&MAJORITY),
            chaincode: NAME,
            args: vec![b"call".to_vec()],
            parts,
            event: None,
            answer: Vec::new(),
            at_ms: NOW,
            junk: false,
        }
    }

    /// Signs a transaction as everybody concerned.
    pub(crate) fn seal(&self, draft: &Draft) -> Vec<u8> {
        let mut nonce = [0u8; 24];
        self.rng.borrow_mut().fill_bytes(&mut nonce);
        let target = Target {
            channel: NAME,
            chaincode: draft.chaincode,
        };
        let flight = propose(
            &draft.client,
            target,
            &Transaction::query(draft.args.clone()),
            nonce,
            draft.at_ms,
        )
        .unwrap();
        let event = draft.event.as_ref().map(|(name, payload)| ChaincodeEvent {
            chaincode_id: draft.chaincode.to_owned(),
            tx_id: flight.tx_id.clone(),
            event_name: name.clone(),
            payload: payload.clone(),
        });
        let action = ChaincodeAction {
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
        };
        let header = &flight.header;
        let hash = Sha256::new()
            .chain_update(&header.channel_header)
            .chain_update(&header.signature_header);
        let proposal_hash = hash
            .chain_update(&flight.public_payload)
            .finalize()
            .to_vec();
        let response = ProposalResponsePayload {
            proposal_hash,
            extension: action.encode_to_vec(),
        }
        .encode_to_vec();
        let mut endorsements: Vec<Endorsement> = draft
            .endorsers
            .iter()
            .map(|who| endorse(who, &response))
            .collect();
        if draft.junk {
            endorsements.push(Endorsement {
                endorser: b"nobody".to_vec(),
                signature: b"nothing".to_vec(),
            });
        }
        let action = Some(ChaincodeEndorsedAction {
            proposal_response_payload: response,
            endorsements,
        });
        let action = ChaincodeActionPayload {
            chaincode_proposal_payload: flight.public_payload,
            action,
        }
        .encode_to_vec();
        let actions = vec![TransactionAction {
            header: flight.header.signature_header.clone(),
            payload: action,
        }];
        let payload = Payload {
            header: Some(flight.header),
            data: Actions { actions }.encode_to_vec(),
        }
        .encode_to_vec();
        let signature = draft.client.sign(&payload).unwrap();
        Envelope { payload, signature }.encode_to_vec()
    }

    /// A configuration: who orders; with consenters by SmartBFT.
    pub(crate) fn configuration(
        &self,
        authorities: &[&Authority],
        consenters: &[&Identity],
    ) -> Vec<u8> {
        let value = |bytes: Vec<u8>| ConfigValue { value: bytes };
        let mut orderer = ConfigGroup::default();
        for authority in authorities {
            let (name, root_certs) = (
                authority.msp_id().to_string(),
                vec![authority.certificate().to_pem().into_bytes()],
            );
            let config = FabricMspConfig {
                name: name.clone(),
                root_certs,
                ..FabricMspConfig::default()
            };
            let config = MspConfig {
                config: config.encode_to_vec(),
            };
            let values = BTreeMap::from([("MSP".to_owned(), value(config.encode_to_vec()))]);
            orderer.groups.insert(
                name,
                ConfigGroup {
                    values,
                    ..ConfigGroup::default()
                },
            );
        }
        let pem = |who: &Identity| {
            Certificate::from_der(&who.creator().certificate)
                .unwrap()
                .to_pem()
                .into_bytes()
        };
        let consenter = |(id, who): (u32, &&Identity)| Consenter {
            id,
            msp_id: who.msp_id().to_string(),
            identity: pem(who),
        };
        let consenter_mapping = (1..).zip(consenters).map(consenter).collect();
        orderer.values.insert(
            "Orderers".to_owned(),
            value(Orderers { consenter_mapping }.encode_to_vec()),
        );
        let groups = BTreeMap::from([("Orderer".to_owned(), orderer)]);
        let channel_group = Some(ConfigGroup {
            groups,
            ..ConfigGroup::default()
        });
        let data = ConfigEnvelope {
            config: Some(Config { channel_group }),
        }
        .encode_to_vec();
        let channel = ChannelHeader {
            r#type: CONFIG,
            channel_id: NAME.to_owned(),
            ..ChannelHeader::default()
        };
        let header = Header {
            channel_header: channel.encode_to_vec(),
            signature_header: Vec::new(),
        };
        let payload = Payload {
            header: Some(header),
            data,
        }
        .encode_to_vec();
        Envelope {
            payload,
            signature: Vec::new(),
        }
        .encode_to_vec()
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

/// Public writes and reads of the contract.
pub(crate) fn public(reads: &[(&str, Option<(u64, u64)>)], writes: &[(&str, &str)]) -> Part {
    let key = |key: &str| key.as_bytes().to_vec();
    Part {
        namespace: NAME.to_owned(),
        reads: reads
            .iter()
            .map(|(k, version)| (key(k), *version))
            .collect(),
        writes: writes
            .iter()
            .map(|(k, value)| (key(k), Some(key(value))))
            .collect(),
        ..Part::default()
    }
}

/// Private writes and reads of the contract, by hashes of 32 equal bytes.
pub(crate) fn private(
    collection: &str,
    reads: &[(u8, Option<(u64, u64)>)],
    writes: &[(u8, u8)],
) -> Part {
    Part {
        namespace: NAME.to_owned(),
        collection: collection.to_owned(),
        reads: reads
            .iter()
            .map(|(k, version)| (vec![*k; 32], *version))
            .collect(),
        writes: writes
            .iter()
            .map(|(k, value)| (vec![*k; 32], Some(vec![*value; 32])))
            .collect(),
        ..Part::default()
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
        let version =
            |v: &Option<(u64, u64)>| v.map(|(block_num, tx_num)| KvVersion { block_num, tx_num });
        let metadata_writes = part
            .metadata
            .iter()
            .map(|key| KvMetadataWrite { key: key.clone() })
            .collect();
        if part.collection.is_empty() {
            let text = |key: &Vec<u8>| String::from_utf8(key.clone()).unwrap();
            let write = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| KvWrite {
                key: text(key),
                is_delete: value.is_none(),
                value: value.clone().unwrap_or_default(),
            };
            let reads = part
                .reads
                .iter()
                .map(|(key, v)| KvRead {
                    key: text(key),
                    version: version(v),
                })
                .collect();
            space.rwset = KvRwSet {
                reads,
                writes: part.writes.iter().map(write).collect(),
                metadata_writes,
            }
            .encode_to_vec();
        } else {
            let write = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| KvWriteHash {
                key_hash: key.clone(),
                is_delete: value.is_none(),
                value_hash: value.clone().unwrap_or_default(),
                is_purge: false,
            };
            let hashed_reads = part
                .reads
                .iter()
                .map(|(key, v)| KvReadHash {
                    key_hash: key.clone(),
                    version: version(v),
                })
                .collect();
            let set = HashedRwSet {
                hashed_reads,
                hashed_writes: part.writes.iter().map(write).collect(),
                metadata_writes,
            };
            let (collection_name, hashed_rwset) = (part.collection.clone(), set.encode_to_vec());
            let set = CollectionHashedReadWriteSet {
                collection_name,
                hashed_rwset,
                ..CollectionHashedReadWriteSet::default()
            };
            space.collection_hashed_rwset.push(set);
        }
    }
    TxReadWriteSet {
        data_model: 0,
        ns_rwset: spaces,
    }
    .encode_to_vec()
}

/// A signature on a block.
pub(crate) enum Mark<'a> {
    /// With a signature header.
    By(&'a Identity),
    /// As this consenter.
    Consenter(u32, &'a Identity),
    /// Bytes.
    Junk,
}

/// A block; its transactions stand with their verdicts.
pub(crate) fn block(
    number: u64,
    previous: &[u8],
    txs: &[(Vec<u8>, u8)],
    marks: &[Mark<'_>],
) -> Vec<u8> {
    let data: Vec<Vec<u8>> = txs.iter().map(|(bytes, _)| bytes.clone()).collect();
    let mut hash = Sha256::new();
    data.iter().for_each(|t| hash.update(t));
    let header = BlockHeader {
        number,
        previous_hash: previous.to_vec(),
        data_hash: hash.finalize().to_vec(),
    };
    let mut block = Block {
        header: Some(header),
        data: Some(BlockData { data }),
        metadata: None,
    };
    let signed = WholeBlock::read(&block.encode_to_vec())
        .unwrap()
        .signed_header();
    let signatures = marks.iter().map(|mark| sign(mark, &signed)).collect();
    let signatures = Metadata {
        value: b"value".to_vec(),
        signatures,
    }
    .encode_to_vec();
    let verdicts = txs.iter().map(|(_, code)| *code).collect();
    block.metadata = Some(BlockMetadata {
        metadata: vec![signatures, Vec::new(), verdicts],
    });
    block.encode_to_vec()
}

fn sign(mark: &Mark<'_>, block: &[u8]) -> MetadataSignature {
    let sign = |who: &Identity, own: &[u8]| {
        who.sign(&[b"value".as_slice(), own, block].concat())
            .unwrap()
    };
    match mark {
        Mark::Junk => MetadataSignature {
            signature_header: b"\xff\xff".to_vec(),
            ..MetadataSignature::default()
        },
        Mark::By(who) => {
            let signature_header = SignatureHeader {
                creator: creator_bytes(who).unwrap(),
                nonce: vec![1; 24],
            }
            .encode_to_vec();
            MetadataSignature {
                signature: sign(who, &signature_header),
                signature_header,
                identifier_header: Vec::new(),
            }
        }
        Mark::Consenter(identifier, who) => {
            let identifier_header = IdentifierHeader {
                identifier: *identifier,
                nonce: vec![1; 24],
            }
            .encode_to_vec();
            MetadataSignature {
                signature: sign(who, &identifier_header),
                signature_header: Vec::new(),
                identifier_header,
            }
        }
    }
}
