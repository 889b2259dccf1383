//! Fabric's blocks: links, what they contain, who ordered them.
//!
//! Source: Fabric's block format. A header's hash is SHA-256 over its ASN.1 form; the data hash is
//! SHA-256 over the transactions' bytes; an orderer signs metadata, its own header and the block's
//! header. With SmartBFT signatures name a consenter by number.

use crate::codes::verdict;
use crate::error::FormError;
use crate::ordering::Ordering;
use crate::outline::{CONFIG, header};
use crate::proto::{Block, BlockHeader, ConfigEnvelope, ConfigGroup, Metadata, MetadataSignature};
use crate::settings::ChannelSettings;
use medveil_ledger::Verdict;
use medveil_msp::{Creator, der_element};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

const SIGNATURES: usize = 0;
const VERDICTS: usize = 2;

/// A block that is whole: its data is the data of its header.
pub struct WholeBlock {
    header: BlockHeader,
    /// The transactions' bytes.
    pub transactions: Vec<Vec<u8>>,
    metadata: Vec<Vec<u8>>,
}

impl WholeBlock {
    /// Reads a block.
    ///
    /// **Errors**: what was expected.
    pub fn read(bytes: &[u8]) -> Result<Self, FormError> {
        let block = Block::decode(bytes).map_err(|_| FormError("a block"))?;
        let header = block.header.ok_or(FormError("a header"))?;
        let transactions = block.data.unwrap_or_default().data;
        let mut hash = Sha256::new();
        transactions.iter().for_each(|t| hash.update(t));
        if header.data_hash != hash.finalize().as_slice() {
            return Err(FormError("the transactions that its header names"));
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

    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.signed_header()).into()
    }

    pub fn signed_header(&self) -> Vec<u8> {
        let mut number = self.header.number.to_be_bytes().to_vec();
        while number.len() > 1 && number[0] == 0 && number[1] < 0x80 {
            number.remove(0);
        }
        // ASN.1 integers are signed.
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        let parts = [
            der_element(0x02, &number),
            der_element(0x04, &self.header.previous_hash),
            der_element(0x04, &self.header.data_hash),
        ];
        der_element(0x30, &parts.concat())
    }

    /// Each transaction's validation code and its name.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let codes = self
            .metadata
            .get(VERDICTS)
            .map(Vec::as_slice)
            .unwrap_or_default();
        codes.iter().map(|code| verdict(i32::from(*code))).collect()
    }

    /// Who orders from here on, where the block carries a configuration that counts.
    ///
    /// **Errors**: a configuration that cannot be read.
    pub fn configuration(&self) -> Result<Option<Ordering>, FormError> {
        self.config_group()?
            .map(|group| Ordering::of(&group))
            .transpose()
    }

    /// The channel's settings, where the block carries a configuration that counts.
    ///
    /// **Errors**: a configuration that cannot be read.
    pub fn settings(&self) -> Result<Option<ChannelSettings>, FormError> {
        self.config_group()?
            .map(|group| ChannelSettings::of(&group))
            .transpose()
    }

    /// The last configuration that the peers found valid. The first block is a channel's beginning:
    /// its hash stands for it, not a verdict.
    fn config_group(&self) -> Result<Option<ConfigGroup>, FormError> {
        let mut last = None;
        let verdicts = self.verdicts();
        for (tx, bytes) in self.transactions.iter().enumerate() {
            let counts = self.number() == 0 || verdicts.get(tx).is_some_and(|v| v.is_valid());
            let Some((channel, data)) = header(bytes).ok().filter(|_| counts) else {
                continue;
            };
            if channel.kind == CONFIG {
                let envelope = ConfigEnvelope::decode(data.as_slice())
                    .map_err(|_| FormError("a configuration"))?;
                last = Some(
                    envelope
                        .config
                        .and_then(|c| c.channel_group)
                        .ok_or(FormError("a configuration"))?,
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
    pub fn check_signatures(&self, ordering: &Ordering, at_ms: u64) -> Result<usize, FormError> {
        let bytes = self
            .metadata
            .get(SIGNATURES)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let metadata = Metadata::decode(bytes).map_err(|_| FormError("metadata"))?;
        let header = self.signed_header();
        let signer = |s: &MetadataSignature| ordering.signer(s, &metadata.value, &header, at_ms);
        let signers: BTreeSet<Creator> = metadata.signatures.iter().filter_map(signer).collect();
        if signers.len() >= ordering.quorum() {
            Ok(signers.len())
        } else {
            Err(FormError("signatures of enough orderers"))
        }
    }
}

#[cfg(test)]
mod tests;
