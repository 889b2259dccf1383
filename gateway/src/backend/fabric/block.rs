//! Fabric's blocks: links, what they contain, who ordered them.
//!
//! Source: Fabric's block format. A header's hash is SHA-256 over its ASN.1 form; the data hash is
//! SHA-256 over the transactions' bytes; an orderer signs metadata, its own header and the block's
//! header. With SmartBFT signatures name a consenter by number.

use super::outline::{CONFIG, header};
use super::prepared::creator;
use super::proto::{
    ConfigEnvelope, ConfigGroup, FabricMspConfig, MspConfig, Orderers, VALID, verdict,
};
use super::settings::ChannelSettings;
use crate::msp::{Certificate, Creator, Msp, MspError, MspSet, RevocationList, tagged};
use collections_config::{MspId, Role};
use fabric_shim_protos::common::{
    Block, BlockHeader, IdentifierHeader, Metadata, MetadataSignature, SignatureHeader,
};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

const SIGNATURES: usize = 0;
const VERDICTS: usize = 2;

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
        Ok(WholeBlock {
            header,
            transactions,
            metadata: block.metadata.unwrap_or_default().metadata,
        })
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

    pub(super) fn signed_header(&self) -> Vec<u8> {
        let mut number = self.header.number.to_be_bytes().to_vec();
        while number.len() > 1 && number[0] == 0 && number[1] < 0x80 {
            number.remove(0);
        }
        // ASN.1 integers are signed.
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        let parts = [
            tagged(0x02, &number),
            tagged(0x04, &self.header.previous_hash),
            tagged(0x04, &self.header.data_hash),
        ];
        tagged(0x30, &parts.concat())
    }

    /// Each transaction's validation code and its name.
    pub fn verdicts(&self) -> Vec<(i32, &'static str)> {
        let codes = self
            .metadata
            .get(VERDICTS)
            .map(Vec::as_slice)
            .unwrap_or_default();
        codes
            .iter()
            .map(|code| (i32::from(*code), verdict(i32::from(*code))))
            .collect()
    }

    /// Who orders from here on, where the block carries a configuration that counts.
    ///
    /// **Errors**: a configuration that cannot be read.
    pub fn configuration(&self) -> Result<Option<Ordering>, &'static str> {
        self.config_group()?
            .map(|group| Ordering::of(&group))
            .transpose()
    }

    /// The channel's settings, where the block carries a configuration that counts.
    ///
    /// **Errors**: a configuration that cannot be read.
    pub fn settings(&self) -> Result<Option<ChannelSettings>, &'static str> {
        self.config_group()?
            .map(|group| ChannelSettings::of(&group))
            .transpose()
    }

    /// The last configuration that the peers found valid. The first block is a channel's beginning:
    /// its hash stands for it, not a verdict.
    fn config_group(&self) -> Result<Option<ConfigGroup>, &'static str> {
        let mut last = None;
        let verdicts = self.verdicts();
        for (tx, bytes) in self.transactions.iter().enumerate() {
            let counts =
                self.number() == 0 || verdicts.get(tx).is_some_and(|(code, _)| *code == VALID);
            let Some((channel, data)) = header(bytes).ok().filter(|_| counts) else {
                continue;
            };
            if channel.r#type == CONFIG {
                let envelope =
                    ConfigEnvelope::decode(data.as_slice()).map_err(|_| "a configuration")?;
                last = Some(
                    envelope
                        .config
                        .and_then(|c| c.channel_group)
                        .ok_or("a configuration")?,
                );
            }
        }
        Ok(last)
    }

    /// Checks the orderers' signatures; gives how many hold. What does not hold is passed over, as
    /// Fabric does: the signatures are not under the block's hash, so anybody on the way could
    /// add one.
    ///
    /// A certificate must not have expired before `at_ms`, a moment by which the block was not yet
    /// ordered.
    ///
    /// **Units**: milliseconds since 1970. **Errors**: fewer than the ordering service needs: one
    /// by Raft, by SmartBFT a quorum of its consenters.
    pub fn check_signatures(&self, ordering: &Ordering, at_ms: u64) -> Result<usize, &'static str> {
        let bytes = self
            .metadata
            .get(SIGNATURES)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let metadata = Metadata::decode(bytes).map_err(|_| "metadata")?;
        let header = self.signed_header();
        let signer = |s: &MetadataSignature| ordering.signer(s, &metadata.value, &header, at_ms);
        let signers: BTreeSet<Creator> = metadata.signatures.iter().filter_map(signer).collect();
        if signers.len() >= ordering.quorum() {
            Ok(signers.len())
        } else {
            Err("signatures of enough orderers")
        }
    }
}

impl Ordering {
    fn of(channel: &ConfigGroup) -> Result<Self, &'static str> {
        let orderer = channel.groups.get("Orderer").ok_or("an ordering service")?;
        let mut msps = Vec::new();
        for group in orderer.groups.values() {
            let value = group.values.get("MSP").ok_or("an orderer's authority")?;
            let config =
                MspConfig::decode(value.value.as_slice()).map_err(|_| "an orderer's authority")?;
            let config = FabricMspConfig::decode(config.config.as_slice())
                .map_err(|_| "an orderer's authority")?;
            msps.push(authorities(config)?);
        }
        let mut consenters = BTreeMap::new();
        let mapping = channel
            .groups
            .get("Orderer")
            .and_then(|g| g.values.get("Orderers"))
            .map(|v| v.value.as_slice())
            .unwrap_or_default();
        for consenter in Orderers::decode(mapping)
            .map_err(|_| "consenters")?
            .consenter_mapping
        {
            let pem = std::str::from_utf8(&consenter.identity)
                .map_err(|_| "a consenter's certificate")?;
            let certificate =
                Certificate::from_pem(pem).map_err(|_| "a consenter's certificate")?;
            let msp_id = MspId::new(consenter.msp_id).map_err(|_| "a consenter's organisation")?;
            consenters.insert(
                consenter.id,
                Creator {
                    msp_id,
                    certificate: certificate.der().to_vec(),
                },
            );
        }
        Ok(Ordering {
            msps: MspSet::new(msps).map_err(|_| "each orderer's organisation once")?,
            consenters,
        })
    }

    /// Who made a signature that holds and counts.
    fn signer(
        &self,
        signature: &MetadataSignature,
        value: &[u8],
        header: &[u8],
        at_ms: u64,
    ) -> Option<Creator> {
        let (who, own_header) = match signature.signature_header.is_empty() {
            true => (
                self.consenter(&signature.identifier_header)?,
                &signature.identifier_header,
            ),
            false => {
                let own = SignatureHeader::decode(signature.signature_header.as_slice()).ok()?;
                (creator(&own.creator).ok()?, &signature.signature_header)
            }
        };
        // Where orderers agree by votes, one organisation's further certificates are no further
        // voters.
        if !self.consenters.is_empty()
            && !self.consenters.values().any(|consenter| *consenter == who)
        {
            return None;
        }
        let first = Certificate::from_der(&who.certificate)
            .ok()?
            .first_valid_ms();
        let member = self
            .msps
            .check(&who, at_ms.max(first))
            .ok()
            .filter(|m| m.role() == Role::Orderer)?;
        let message = [value, own_header, header].concat();
        member
            .verify(&message, &signature.signature)
            .ok()
            .map(|()| who)
    }

    fn consenter(&self, header: &[u8]) -> Option<Creator> {
        let header = IdentifierHeader::decode(header).ok()?;
        self.consenters.get(&header.identifier).cloned()
    }

    /// Byzantine quorum of n consenters, f of whom may lie: more than half of n + f. By Raft, the
    /// leader alone signs.
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

fn pems<T>(
    texts: &[Vec<u8>],
    parse: impl Fn(&str) -> Result<T, MspError>,
) -> Result<Vec<T>, &'static str> {
    let read = |bytes: &Vec<u8>| {
        std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| parse(text).ok())
            .ok_or("an orderer's authority")
    };
    texts.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
