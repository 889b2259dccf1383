//! Who orders a channel, and whether a block's signatures are theirs.
//!
//! **Source**: Fabric's channel configuration. By Raft the leader alone signs; by SmartBFT a quorum
//! of consenters does, and signatures may name a consenter by number.

use crate::error::FormError;
use crate::prepared::creator;
use crate::proto::{
    ConfigGroup, Consenter, FabricMspConfig, IdentifierHeader, MetadataSignature, MspConfig,
    Orderers, SignatureHeader,
};
use medveil_collections_config::{MspId, Role};
use medveil_msp::{Certificate, Creator, Msp, MspError, MspSet, RevocationList};
use prost::Message;
use std::collections::BTreeMap;

/// Who orders a channel, as its configuration says.
pub struct Ordering {
    msps: MspSet,
    /// Consenters by number, where they agree by SmartBFT.
    consenters: BTreeMap<u32, Creator>,
}

impl Ordering {
    pub(crate) fn of(channel: &ConfigGroup) -> Result<Self, FormError> {
        let orderer = channel
            .groups
            .get("Orderer")
            .ok_or(FormError("an ordering service"))?;
        let mut msps = Vec::new();
        for group in orderer.groups.values() {
            let value = group
                .values
                .get("MSP")
                .ok_or(FormError("an orderer's authority"))?;
            let config = MspConfig::decode(value.value.as_slice())
                .map_err(|_| FormError("an orderer's authority"))?;
            let config = FabricMspConfig::decode(config.config.as_slice())
                .map_err(|_| FormError("an orderer's authority"))?;
            msps.push(authorities(config)?);
        }
        let mapping = orderer.values.get("Orderers");
        let mapping = mapping.map(|v| v.value.as_slice()).unwrap_or_default();
        let orderers = Orderers::decode(mapping).map_err(|_| FormError("consenters"))?;
        let consenters = orderers.consenter_mapping.into_iter().map(consenter);
        Ok(Ordering {
            msps: MspSet::new(msps).map_err(|_| FormError("each orderer's organisation once"))?,
            consenters: consenters.collect::<Result<_, _>>()?,
        })
    }

    /// Who made a signature that holds and counts.
    pub(crate) fn signer(
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
    pub(crate) fn quorum(&self) -> usize {
        let n = self.consenters.len();
        let f = n.saturating_sub(1) / 3;
        if n == 0 { 1 } else { (n + f + 1).div_ceil(2) }
    }
}

/// A consenter and the number that it is known by.
fn consenter(consenter: Consenter) -> Result<(u32, Creator), FormError> {
    let what = FormError("a consenter's certificate");
    let pem = std::str::from_utf8(&consenter.identity).map_err(|_| what)?;
    let certificate = Certificate::from_pem(pem).map_err(|_| what)?;
    let organisation = FormError("a consenter's organisation");
    let creator = Creator {
        msp_id: MspId::new(consenter.msp_id).map_err(|_| organisation)?,
        certificate: certificate.der().to_vec(),
    };
    Ok((consenter.id, creator))
}

/// The authorities of an organisation, as a channel's configuration names them.
pub(crate) fn authorities(config: FabricMspConfig) -> Result<Msp, FormError> {
    let id = MspId::new(config.name).map_err(|_| FormError("an orderer's name"))?;
    let roots = pems(&config.root_certs, Certificate::from_pem)?;
    let intermediates = pems(&config.intermediate_certs, Certificate::from_pem)?;
    let lists = pems(&config.revocation_list, RevocationList::from_pem)?;
    Msp::of(id, roots, intermediates, lists).map_err(|_| FormError("an orderer's authority"))
}

fn pems<T>(
    texts: &[Vec<u8>],
    parse: impl Fn(&str) -> Result<T, MspError>,
) -> Result<Vec<T>, FormError> {
    let read = |bytes: &Vec<u8>| {
        std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| parse(text).ok())
            .ok_or(FormError("an orderer's authority"))
    };
    texts.iter().map(read).collect()
}
