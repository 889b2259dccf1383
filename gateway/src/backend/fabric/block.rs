//! Fabric's blocks: links, what they contain, who ordered them.
//!
//! Source: Fabric's block format. A header's hash is SHA-256 over its ASN.1 form; the data hash is SHA-256 over the transactions' bytes; an orderer
//! signs metadata, its own header and the block's header. With SmartBFT signatures name a consenter by number.

use super::prepared::creator;
use super::proto::{ConfigEnvelope, ConfigGroup, FabricMspConfig, MspConfig, Orderers, verdict};
use super::settings::ChannelSettings;
use crate::msp::{Certificate, Creator, Msp, MspError, MspSet, RevocationList, tagged};
use collections_config::{MspId, Role};
use fabric_shim_protos::common::{Block, BlockHeader, ChannelHeader, Envelope, IdentifierHeader, Metadata, Payload, SignatureHeader};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

const SIGNATURES: usize = 0;
const VERDICTS: usize = 2;
/// `HeaderType.CONFIG`.
const CONFIG: i32 = 1;

/// A block that is whole: its data is the data of its header.
pub struct WholeBlock {
    header: BlockHeader,
    /// The transactions' bytes.
    pub transactions: Vec<Vec<u8>>,
    metadata: Vec<Vec<u8>>,
}

/// Who orders a channel, as its configuration says.
pub struct Ordering {
    msps: MspSet,
    /// Consenters by number, where they agree by SmartBFT.
    consenters: BTreeMap<u32, Creator>,
}

impl WholeBlock {
    /// Reads a block.
    ///
    /// **Errors**: what was expected.
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let block = Block::decode(bytes).map_err(|_| "a block")?;
        let header = block.header.ok_or("a header")?;
        let transactions = block.data.unwrap_or_default().data;
        let mut hash = Sha256::new();
        transactions.iter().for_each(|t| hash.update(t));
        if header.data_hash != hash.finalize().as_slice() {
            return Err("the transactions that its header names");
        }
        Ok(WholeBlock { header, transactions, metadata: block.metadata.unwrap_or_default().metadata })
    }

    /// Its place in the chain.
    pub fn number(&self) -> u64 {
        self.header.number
    }

    /// Hash of the header before it.
    pub fn previous(&self) -> &[u8] {
        &self.header.previous_hash
    }

    /// Hash of its header.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.signed_header()).into()
    }

    fn signed_header(&self) -> Vec<u8> {
        let mut number = self.header.number.to_be_bytes().to_vec();
        while number.len() > 1 && number[0] == 0 && number[1] < 0x80 {
            number.remove(0);
        }
        // ASN.1 integers are signed.
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        let parts = [tagged(0x02, &number), tagged(0x04, &self.header.previous_hash), tagged(0x04, &self.header.data_hash)];
        tagged(0x30, &parts.concat())
    }

    /// Each transaction's validation code and its name.
    pub fn verdicts(&self) -> Vec<(i32, &'static str)> {
        let codes = self.metadata.get(VERDICTS).map(Vec::as_slice).unwrap_or_default();
        codes.iter().map(|code| (i32::from(*code), verdict(i32::from(*code)))).collect()
    }

    /// The configuration that the block carries, where it carries one.
    ///
    /// **Errors**: a configuration that cannot be read.
    pub fn configuration(&self) -> Result<Option<Ordering>, &'static str> {
        self.config_group()?.map(|group| Ordering::of(&group)).transpose()
    }

    /// The channel's settings, where the block carries a configuration.
    ///
    /// **Errors**: a configuration that cannot be read.
    pub fn settings(&self) -> Result<Option<ChannelSettings>, &'static str> {
        self.config_group()?.map(|group| ChannelSettings::of(&group)).transpose()
    }

    fn config_group(&self) -> Result<Option<ConfigGroup>, &'static str> {
        let [only] = self.transactions.as_slice() else { return Ok(None) };
        let payload = Envelope::decode(only.as_slice()).ok().and_then(|e| Payload::decode(e.payload.as_slice()).ok()).ok_or("a payload")?;
        let header = payload.header.ok_or("a header")?;
        let channel = ChannelHeader::decode(header.channel_header.as_slice()).map_err(|_| "a channel header")?;
        if channel.r#type != CONFIG {
            return Ok(None);
        }
        let envelope = ConfigEnvelope::decode(payload.data.as_slice()).map_err(|_| "a configuration")?;
        envelope.config.and_then(|c| c.channel_group).ok_or("a configuration").map(Some)
    }

    /// Checks the orderers' signatures; gives how many hold.
    ///
    /// **Errors**: fewer than the ordering service needs: one by Raft, a quorum by SmartBFT.
    pub fn check_signatures(&self, ordering: &Ordering, at_ms: u64) -> Result<usize, &'static str> {
        let bytes = self.metadata.get(SIGNATURES).map(Vec::as_slice).unwrap_or_default();
        let metadata = Metadata::decode(bytes).map_err(|_| "metadata")?;
        let header = self.signed_header();
        let mut signers = BTreeSet::new();
        for s in &metadata.signatures {
            let (who, own_header) = match s.signature_header.is_empty() {
                true => (ordering.consenter(&s.identifier_header)?, &s.identifier_header),
                false => {
                    let own = SignatureHeader::decode(s.signature_header.as_slice()).map_err(|_| "a signature header")?;
                    (creator(&own.creator)?, &s.signature_header)
                }
            };
            let member = ordering.msps.check(&who, at_ms).map_err(|_| "orderers whom the configuration names")?;
            let message = [metadata.value.as_slice(), own_header, &header].concat();
            if member.role() == Role::Orderer && member.verify(&message, &s.signature).is_ok() {
                signers.insert(who);
            }
        }
        if signers.len() >= ordering.quorum() { Ok(signers.len()) } else { Err("signatures of enough orderers") }
    }
}

impl Ordering {
    fn of(channel: &ConfigGroup) -> Result<Self, &'static str> {
        let orderer = channel.groups.get("Orderer").ok_or("an ordering service")?;
        let mut msps = Vec::new();
        for group in orderer.groups.values() {
            let value = group.values.get("MSP").ok_or("an orderer's authority")?;
            let config = MspConfig::decode(value.value.as_slice()).map_err(|_| "an orderer's authority")?;
            let config = FabricMspConfig::decode(config.config.as_slice()).map_err(|_| "an orderer's authority")?;
            msps.push(authorities(config)?);
        }
        let mut consenters = BTreeMap::new();
        let mapping = channel.groups.get("Orderer").and_then(|g| g.values.get("Orderers")).map(|v| v.value.as_slice()).unwrap_or_default();
        for consenter in Orderers::decode(mapping).map_err(|_| "consenters")?.consenter_mapping {
            let pem = std::str::from_utf8(&consenter.identity).map_err(|_| "a consenter's certificate")?;
            let certificate = Certificate::from_pem(pem).map_err(|_| "a consenter's certificate")?;
            let msp_id = MspId::new(consenter.msp_id).map_err(|_| "a consenter's organisation")?;
            consenters.insert(consenter.id, Creator { msp_id, certificate: certificate.der().to_vec() });
        }
        Ok(Ordering { msps: MspSet::new(msps).map_err(|_| "each orderer's organisation once")?, consenters })
    }

    fn consenter(&self, header: &[u8]) -> Result<Creator, &'static str> {
        let header = IdentifierHeader::decode(header).map_err(|_| "a signature header")?;
        self.consenters.get(&header.identifier).cloned().ok_or("a consenter of the configuration")
    }

    /// Byzantine quorum of n consenters, f of whom may lie: more than half of n + f. By Raft, the leader alone signs.
    fn quorum(&self) -> usize {
        let n = self.consenters.len();
        let f = n.saturating_sub(1) / 3;
        if n == 0 { 1 } else { (n + f + 1).div_ceil(2) }
    }
}

/// The authorities of an organisation, as a channel's configuration names them.
fn authorities(config: FabricMspConfig) -> Result<Msp, &'static str> {
    let id = MspId::new(config.name).map_err(|_| "an orderer's name")?;
    let roots = pems(&config.root_certs, Certificate::from_pem)?;
    let intermediates = pems(&config.intermediate_certs, Certificate::from_pem)?;
    let lists = pems(&config.revocation_list, RevocationList::from_pem)?;
    Msp::of(id, roots, intermediates, lists).map_err(|_| "an orderer's authority")
}

fn pems<T>(texts: &[Vec<u8>], parse: impl Fn(&str) -> Result<T, MspError>) -> Result<Vec<T>, &'static str> {
    let read = |bytes: &Vec<u8>| std::str::from_utf8(bytes).ok().and_then(|text| parse(text).ok()).ok_or("an orderer's authority");
    texts.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msp::testing::{Ca, plain};

    #[test]
    fn an_orderers_organisation_may_have_several_authorities() {
        let (old, new) = (Ca::root("ca", &plain), Ca::root("ca", &plain));
        let (one, gone) = (new.below("one", &plain), new.client());
        let pem = |ca: &Ca| ca.certificate().to_pem().into_bytes();
        let config = FabricMspConfig {
            name: "Orderers".to_owned(),
            root_certs: vec![pem(&old), pem(&new)],
            intermediate_certs: vec![pem(&one)],
            revocation_list: vec![new.revoke(&[&gone.certificate], 0).to_pem().into_bytes()],
            node_ous: None,
        };
        assert_eq!(authorities(config.clone()).unwrap().authorities().count(), 3);
        assert!(authorities(FabricMspConfig { root_certs: vec![pem(&old)], revocation_list: vec![], ..config.clone() }).is_err());
        assert!(authorities(FabricMspConfig { root_certs: vec![], ..config.clone() }).is_err());
        assert!(authorities(FabricMspConfig { root_certs: vec![vec![0xff]], ..config }).is_err());
    }
}
