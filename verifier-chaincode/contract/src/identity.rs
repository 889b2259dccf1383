//! Who calls: an organisation and a role, from the certificate that signed the proposal.
//!
//! Sources: Fabric's `SerializedIdentity` message and its NodeOU rule (the role is an
//! organisational unit of the subject). The chain of the certificate was checked by whoever
//! accepted the proposal; this module reads it and nothing more. No certificate attributes.

use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::MspId;
use serde::{Deserialize, Serialize};
use std::fmt;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Longest creator.
///
/// **Units**: bytes.
pub const MAX_CREATOR: usize = 16 * 1024;

/// What an identity is within its organisation.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Decides for the organisation.
    Admin,
    /// Submits for the organisation.
    Client,
    Peer,
    Orderer,
}

impl Role {
    /// Every role with its organisational unit.
    pub const ALL: [(Role, &'static str); 4] = [
        (Role::Admin, "admin"),
        (Role::Client, "client"),
        (Role::Peer, "peer"),
        (Role::Orderer, "orderer"),
    ];

    /// The organisational unit.
    pub fn as_str(self) -> &'static str {
        Role::ALL
            .iter()
            .find(|(role, _)| *role == self)
            .map_or("client", |(_, unit)| *unit)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a creator names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not a serialized identity.
    #[error("identity: expected an msp id and a certificate")]
    Creator,
    /// The MSP id breaks the rule.
    #[error("identity")]
    MspId(#[from] medveil_collections_config::NameError),
    /// Not one PEM certificate.
    #[error("identity: expected one pem certificate")]
    Certificate,
    /// The subject has no organisational unit that is a role, or several.
    #[error("identity: expected exactly one of the units admin, client, peer, orderer, got {0}")]
    Unit(usize),
}

/// Who signed the proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub msp_id: MspId,
    /// Role by NodeOU.
    pub role: Role,
    /// Subject of the certificate, for people.
    pub subject: String,
}

impl Caller {
    /// Reads an organisation's certificate.
    ///
    /// **Errors**: not one PEM certificate, or not exactly one role.
    pub fn from_certificate(msp_id: MspId, pem: &[u8]) -> Result<Self, IdentityError> {
        let (rest, pem) =
            x509_parser::pem::parse_x509_pem(pem).map_err(|_| IdentityError::Certificate)?;
        if pem.label != "CERTIFICATE" || !rest.iter().all(u8::is_ascii_whitespace) {
            return Err(IdentityError::Certificate);
        }
        let (rest, certificate) =
            X509Certificate::from_der(&pem.contents).map_err(|_| IdentityError::Certificate)?;
        if !rest.is_empty() {
            return Err(IdentityError::Certificate);
        }
        let units: Vec<&str> = certificate
            .subject()
            .iter_organizational_unit()
            .filter_map(|u| u.as_str().ok())
            .collect();
        let roles: Vec<Role> = Role::ALL
            .iter()
            .filter(|(_, unit)| units.contains(unit))
            .map(|(role, _)| *role)
            .collect();
        match roles.as_slice() {
            [role] => Ok(Caller {
                msp_id,
                role: *role,
                subject: certificate.subject().to_string(),
            }),
            other => Err(IdentityError::Unit(other.len())),
        }
    }

    /// Reads a creator: Fabric's `SerializedIdentity` (field 1 the MSP id, field 2 the PEM
    /// certificate).
    ///
    /// **Errors**: not exactly these two fields, or as [`Caller::from_certificate`].
    pub fn from_creator(creator: &[u8]) -> Result<Self, IdentityError> {
        if creator.len() > MAX_CREATOR {
            return Err(IdentityError::Creator);
        }
        let (msp_id, rest) = field(creator, 0x0a).ok_or(IdentityError::Creator)?;
        let (pem, rest) = field(rest, 0x12).ok_or(IdentityError::Creator)?;
        if !rest.is_empty() {
            return Err(IdentityError::Creator);
        }
        let msp_id = std::str::from_utf8(msp_id).map_err(|_| IdentityError::Creator)?;
        Caller::from_certificate(MspId::new(msp_id)?, pem)
    }
}

/// The creator bytes of an organisation's certificate.
pub fn to_creator(msp_id: &MspId, pem: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pem.len() + msp_id.as_str().len() + 12);
    for (tag, bytes) in [(0x0a, msp_id.as_str().as_bytes()), (0x12, pem)] {
        out.push(tag);
        let mut len = bytes.len();
        while len >= 0x80 {
            out.push((len & 0x7f) as u8 | 0x80);
            len >>= 7;
        }
        out.push(len as u8);
        out.extend_from_slice(bytes);
    }
    out
}

/// One length-delimited protobuf field with this tag byte, and what follows it.
fn field(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes.strip_prefix(&[tag])?;
    let mut len = 0usize;
    for shift in [0, 7, 14] {
        let (byte, after) = rest.split_first()?;
        rest = after;
        len |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return rest.split_at_checked(len);
        }
    }
    None
}
