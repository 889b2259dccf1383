//! Revocation lists: certificates that their authority takes back before they expire.
//!
//! Source: RFC 5280 section 5; Fabric's `crls` folders and the `revocation_list` of a channel's
//! configuration. Only complete lists of the authority's own certificates: deltas, indirect lists
//! and lists by reason mark themselves with critical extensions, and are refused. As in
//! Fabric, a list does not expire: what it names stays revoked until a newer list is put in its
//! place.

use super::certificate::Certificate;
use super::error::MspError;
use super::pem;
use std::collections::BTreeMap;
use x509_parser::asn1_rs::FromDer;
use x509_parser::oid_registry::OID_SIG_ECDSA_WITH_SHA256;
use x509_parser::revocation_list::CertificateRevocationList;

/// The label of its PEM block.
pub(super) const LABEL: &str = "X509 CRL";
/// Longest list.
///
/// **Units**: bytes.
pub const MAX_REVOCATION_LIST: usize = 1 << 20;

/// A well-formed revocation list. Whose it is, is decided in `chain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    der: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    issuer: Vec<u8>,
    /// From when on, in seconds since 1970, by serial number.
    revoked: BTreeMap<Vec<u8>, i64>,
}

impl RevocationList {
    /// Reads a list.
    ///
    /// **Errors**: too long, trailing bytes, another algorithm, a critical extension.
    pub fn from_der(der: &[u8]) -> Result<Self, MspError> {
        if der.len() > MAX_REVOCATION_LIST {
            return Err(MspError::RevocationList("at most 1 MiB"));
        }
        let (rest, parsed) = CertificateRevocationList::from_der(der)
            .map_err(|_| MspError::RevocationList("DER of X.509"))?;
        if !rest.is_empty() {
            return Err(MspError::RevocationList("no trailing bytes"));
        }
        let list = &parsed.tbs_cert_list;
        if parsed.signature_algorithm.algorithm != OID_SIG_ECDSA_WITH_SHA256
            || parsed.signature_algorithm != list.signature
        {
            return Err(MspError::RevocationList(
                "a signature with ECDSA and SHA-256",
            ));
        }
        let entries = list
            .revoked_certificates
            .iter()
            .flat_map(|entry| entry.extensions());
        if list.extensions().iter().chain(entries).any(|e| e.critical) {
            return Err(MspError::RevocationList(
                "a complete list without critical extensions",
            ));
        }
        let mut revoked = BTreeMap::new();
        for entry in &list.revoked_certificates {
            let from_s = revoked
                .entry(entry.user_certificate.to_bytes_be())
                .or_insert(i64::MAX);
            *from_s = entry.revocation_date.timestamp().min(*from_s);
        }
        Ok(RevocationList {
            der: der.to_vec(),
            signed: list.as_ref().to_vec(),
            signature: parsed.signature_value.data.to_vec(),
            issuer: list.issuer.as_raw().to_vec(),
            revoked,
        })
    }

    /// Reads one list in PEM.
    ///
    /// **Errors**: no PEM block named X509 CRL, or as `from_der`.
    pub fn from_pem(text: &str) -> Result<Self, MspError> {
        RevocationList::from_der(&pem::one(LABEL, text)?)
    }

    pub fn to_pem(&self) -> String {
        pem::encode(LABEL, &self.der)
    }

    /// What it revokes: from when on, in seconds since 1970, by serial number.
    pub(super) fn revoked(&self) -> &BTreeMap<Vec<u8>, i64> {
        &self.revoked
    }

    /// Whether `authority` signed it.
    pub(super) fn is_of(&self, authority: &Certificate) -> bool {
        self.issuer == authority.subject()
            && authority.may_revoke()
            && authority
                .public_key()
                .verify_certificate(&self.signed, &self.signature)
                .is_ok()
    }
}
