//! Membership: organisations, their certificates, and who counts as what.
//!
//! Source: Fabric's MSP with NodeOUs. An organisation has one or more self-signed P-256 root
//! authorities and any intermediate authorities that they certified; an identity is a certificate
//! that one of these issued, and its role is the one word `admin`, `client`, `peer` or `orderer`
//! among the organisational units of its subject. Signatures are ECDSA over SHA-256 with the lower
//! of the two `s` values, as in Fabric. Keys leave and enter as 32 bytes that zeroise; where they
//! are kept, and under which passphrase, is `custody`'s business. As in Fabric, the organisation is
//! the one whose authority signed, whatever else the subject says. There are no certificate
//! attributes, no other curves, and no identifiers of organisational units but the four words.

mod authority;
mod certificate;
mod chain;
mod key;
mod organisation;
mod pem;
mod revocation;
#[cfg(test)]
pub(crate) mod testing;
mod trust;

pub use authority::{Authority, Founded, Validity};
pub(crate) use certificate::tagged;
pub use certificate::{Certificate, MAX_CERTIFICATE};
pub use chain::{MAX_AUTHORITIES, MAX_INTERMEDIATES};
pub use key::{PublicKey, SECRET_KEY_LEN, SecretKey, SignError, Signer};
pub use organisation::Msp;
pub use revocation::{MAX_REVOCATION_LIST, RevocationList};
pub use trust::{Member, MspSet};

use borsh::{BorshDeserialize, BorshSerialize};
use collections_config::{MspId, Role};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why an identity, a certificate or a key is refused. Never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MspError {
    /// The bytes are no certificate that this code accepts.
    #[error("certificate: expected {0}")]
    Certificate(&'static str),
    /// The bytes are no revocation list that this code accepts.
    #[error("revocation list: expected {0}")]
    RevocationList(&'static str),
    /// Another authority signed it, or nobody did.
    #[error("certificate of {0}: not issued by that organisation's authority")]
    NotIssued(MspId),
    /// It was used before or after the time that it, or an authority above it, is for.
    #[error("certificate of {0}: outside its period of validity")]
    Expired(MspId),
    /// Its authority took it back, or an authority above it.
    #[error("certificate of {0}: revoked by that organisation's authority")]
    Revoked(MspId),
    /// No such organisation on the channel.
    #[error("organisation {0} is not on this channel")]
    Unknown(MspId),
    /// The key does not belong to the certificate.
    #[error("private key does not belong to the certificate")]
    ForeignKey,
    /// The bytes are no private key.
    #[error("private key: expected a P-256 scalar of {SECRET_KEY_LEN} bytes")]
    Key,
    /// The key stays in its token.
    #[error("private key: its token does not give it out")]
    Sealed,
    /// A certificate could not be made.
    #[error("certificate could not be made: {0}")]
    Issue(&'static str),
}

/// Who signed something: the organisation it says it is of, and its certificate. Nothing about it
/// is checked yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Creator {
    /// Organisation.
    pub msp_id: MspId,
    /// Certificate, DER.
    pub certificate: Vec<u8>,
}

/// An identity that can sign.
#[derive(Clone)]
pub struct Identity {
    creator: Creator,
    role: Role,
    subject: String,
    signer: Arc<dyn Signer>,
}

impl Identity {
    /// Joins a certificate and what signs for it.
    ///
    /// **Errors**: the key is another certificate's.
    pub fn new(
        msp_id: MspId,
        certificate: &Certificate,
        signer: impl Signer + 'static,
    ) -> Result<Self, MspError> {
        if signer.public_key() != *certificate.public_key() {
            return Err(MspError::ForeignKey);
        }
        let role = certificate.role()?;
        let subject = certificate.common_name().to_string();
        Ok(Identity {
            creator: Creator {
                msp_id,
                certificate: certificate.der().to_vec(),
            },
            role,
            subject,
            signer: Arc::new(signer),
        })
    }

    /// The organisation.
    pub fn msp_id(&self) -> &MspId {
        &self.creator.msp_id
    }

    /// The role its certificate gives it.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The name in its certificate.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What others see of it.
    pub fn creator(&self) -> &Creator {
        &self.creator
    }

    /// Its key, for whoever stores it.
    ///
    /// **Errors**: it is in a token that does not give it out.
    pub fn export_key(&self) -> Result<Zeroizing<Vec<u8>>, MspError> {
        self.signer.export().ok_or(MspError::Sealed)
    }

    /// Signs.
    ///
    /// **Errors**: the signer refuses.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        key::sign(self.signer.as_ref(), message)
    }
}

#[cfg(test)]
mod tests;
