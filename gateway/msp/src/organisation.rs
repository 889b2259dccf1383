//! One organisation as others know it: its MSP id, its authorities, and the certificates that they
//! took back.
//!
//! Source: Fabric's MSP: `cacerts`, `intermediatecerts` and `crls` of a folder; `root_certs`,
//! `intermediate_certs` and `revocation_list` of a channel's configuration.

use super::certificate::Certificate;
use super::chain::{Chains, Period};
use super::error::MspError;
use super::pem;
use super::revocation::{self, RevocationList};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::MspId;
use std::io::{Read, Write};

/// One organisation as others know it: its MSP id and its authorities' certificates.
///
/// **Shape**: roots by their bytes, then intermediates by their bytes, so that the same authorities
/// have one form, in PEM and in Borsh. Several roots stand side by side while one replaces the
/// other. An organisation with one root looks as if there were nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msp {
    msp_id: MspId,
    root: Certificate,
    /// All but the first.
    roots: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    lists: Vec<RevocationList>,
    chains: Chains,
}

impl Msp {
    /// An organisation with one authority.
    ///
    /// **Errors**: the certificate is not a self-signed authority's.
    pub fn new(msp_id: MspId, root: Certificate) -> Result<Self, MspError> {
        Msp::of(msp_id, vec![root], Vec::new(), Vec::new())
    }

    /// An organisation.
    ///
    /// **Errors**: no root, or one that is not self-signed; an intermediate that is no authority,
    /// or that no chain of at most three leads to; one twice; a list that none of them signed.
    pub fn of(
        msp_id: MspId,
        mut roots: Vec<Certificate>,
        mut intermediates: Vec<Certificate>,
        lists: Vec<RevocationList>,
    ) -> Result<Self, MspError> {
        roots.sort_by(|a, b| a.der().cmp(b.der()));
        intermediates.sort_by(|a, b| a.der().cmp(b.der()));
        let chains = Chains::new(&roots, &intermediates, &lists)?;
        // There is one: `Chains` saw to it.
        let root = roots.remove(0);
        Ok(Msp {
            msp_id,
            root,
            roots,
            intermediates,
            lists,
            chains,
        })
    }

    /// Reads an organisation's authorities, and revocation lists if there are any, from PEM blocks
    /// in any order. Who signed itself is a root.
    ///
    /// **Errors**: a block of another label, or as [`Msp::of`].
    pub fn from_pem(msp_id: MspId, text: &str) -> Result<Self, MspError> {
        let (mut certificates, mut lists) = (Vec::new(), Vec::new());
        for (label, der) in pem::blocks(text)? {
            match label.as_str() {
                "CERTIFICATE" => certificates.push(Certificate::from_der(&der)?),
                revocation::LABEL => lists.push(RevocationList::from_der(&der)?),
                _ => {
                    return Err(MspError::Certificate(
                        "PEM blocks of certificates and revocation lists only",
                    ));
                }
            }
        }
        Msp::sort(msp_id, certificates, lists)
    }

    fn sort(
        msp_id: MspId,
        certificates: Vec<Certificate>,
        lists: Vec<RevocationList>,
    ) -> Result<Self, MspError> {
        let (roots, intermediates) = certificates.into_iter().partition(|c| c.is_issued_by(c));
        Msp::of(msp_id, roots, intermediates, lists)
    }

    pub fn msp_id(&self) -> &MspId {
        &self.msp_id
    }

    /// Its root authority's certificate; the first, where there are several.
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// Its authorities, roots first.
    pub fn authorities(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.root)
            .chain(&self.roots)
            .chain(&self.intermediates)
    }

    pub fn authorities_pem(&self) -> String {
        self.authorities().map(Certificate::to_pem).collect()
    }

    /// Everything known of it in PEM: authorities, then revocation lists.
    pub fn to_pem(&self) -> String {
        self.lists
            .iter()
            .fold(self.authorities_pem(), |text, list| text + &list.to_pem())
    }

    /// How a certificate stands, by every way that leads to it.
    ///
    /// **Errors**: none of its authorities issued it.
    pub(super) fn periods(&self, certificate: &Certificate) -> Result<Vec<Period>, MspError> {
        let periods = self.chains.periods(certificate);
        if periods.is_empty() {
            Err(MspError::NotIssued(self.msp_id.clone()))
        } else {
            Ok(periods)
        }
    }

    fn to_der(&self) -> Vec<u8> {
        self.authorities()
            .flat_map(Certificate::der)
            .copied()
            .collect()
    }
}

/// The MSP id, and the authorities' certificates one after another. Revocation lists are not part
/// of it: they change, and what is kept in this form was judged when it was written.
impl BorshSerialize for Msp {
    fn serialize<W: Write>(&self, writer: &mut W) -> std::io::Result<()> {
        self.msp_id.serialize(writer)?;
        self.to_der().serialize(writer)
    }
}

impl BorshDeserialize for Msp {
    fn deserialize_reader<R: Read>(reader: &mut R) -> std::io::Result<Self> {
        let invalid = |e: MspError| std::io::Error::new(std::io::ErrorKind::InvalidData, e);
        let msp_id = MspId::deserialize_reader(reader)?;
        let der = Vec::<u8>::deserialize_reader(reader)?;
        let certificates = Certificate::many_from_der(&der).map_err(invalid)?;
        let msp = Msp::sort(msp_id, certificates, Vec::new()).map_err(invalid)?;
        if msp.to_der() == der {
            Ok(msp)
        } else {
            Err(invalid(MspError::Certificate(
                "authorities in their one order",
            )))
        }
    }
}
