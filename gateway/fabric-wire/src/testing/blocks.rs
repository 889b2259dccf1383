//! Blocks and configurations, as orderers make them.

use super::{NAME, Net};
use crate::WholeBlock;
use crate::outline::CONFIG;
use crate::proposal::creator_bytes;
use crate::proto::{
    Block, BlockData, BlockHeader, BlockMetadata, ChannelHeader, Config, ConfigEnvelope,
    ConfigGroup, ConfigValue, Consenter, Envelope, FabricMspConfig, Header, IdentifierHeader,
    Metadata, MetadataSignature, MspConfig, Orderers, Payload, SignatureHeader,
};
use medveil_msp::{Authority, Certificate, Identity};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

impl Net {
    /// A configuration: who orders; with consenters by SmartBFT.
    pub fn configuration(&self, authorities: &[&Authority], consenters: &[&Identity]) -> Vec<u8> {
        let groups = authorities.iter().map(|authority| {
            let config = MspConfig {
                config: msp_config(authority).encode_to_vec(),
            };
            let values = BTreeMap::from([("MSP".to_owned(), value(config.encode_to_vec()))]);
            let group = ConfigGroup {
                values,
                ..ConfigGroup::default()
            };
            (authority.msp_id().to_string(), group)
        });
        let consenter = |(id, who): (u32, &&Identity)| Consenter {
            id,
            msp_id: who.msp_id().to_string(),
            identity: pem(who),
        };
        let consenter_mapping = (1..).zip(consenters).map(consenter).collect();
        let orderers = Orderers { consenter_mapping }.encode_to_vec();
        let orderer = ConfigGroup {
            groups: groups.collect(),
            values: BTreeMap::from([("Orderers".to_owned(), value(orderers))]),
            ..ConfigGroup::default()
        };
        let channel_group = Some(ConfigGroup {
            groups: BTreeMap::from([("Orderer".to_owned(), orderer)]),
            ..ConfigGroup::default()
        });
        let config = Some(Config { channel_group });
        config_envelope(&ConfigEnvelope { config })
    }
}

fn value(bytes: Vec<u8>) -> ConfigValue {
    ConfigValue { value: bytes }
}

fn msp_config(authority: &Authority) -> FabricMspConfig {
    FabricMspConfig {
        name: authority.msp_id().to_string(),
        root_certs: vec![authority.certificate().to_pem().into_bytes()],
        ..FabricMspConfig::default()
    }
}

fn pem(who: &Identity) -> Vec<u8> {
    let certificate = Certificate::from_der(&who.creator().certificate).unwrap();
    certificate.to_pem().into_bytes()
}

fn config_envelope(config: &ConfigEnvelope) -> Vec<u8> {
    let channel = ChannelHeader {
        kind: CONFIG,
        channel_id: NAME.to_owned(),
        ..ChannelHeader::default()
    };
    let header = Header {
        channel_header: channel.encode_to_vec(),
        signature_header: Vec::new(),
    };
    let payload = Payload {
        header: Some(header),
        data: config.encode_to_vec(),
    };
    Envelope {
        payload: payload.encode_to_vec(),
        signature: Vec::new(),
    }
    .encode_to_vec()
}

/// A signature on a block.
pub enum Mark<'a> {
    /// With a signature header.
    By(&'a Identity),
    /// As this consenter.
    Consenter(u32, &'a Identity),
    Junk,
}

/// A block; its transactions stand with their verdicts.
pub fn block(number: u64, previous: &[u8], txs: &[(Vec<u8>, u8)], marks: &[Mark<'_>]) -> Vec<u8> {
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
