//! Identities: what others see of one, and one that can sign.

use super::certificate::Certificate;
use super::error::MspError;
use super::key::{self, SignError, Signer};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::{MspId, Role};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Who signed something: the organisation it says it is of, and its certificate. Nothing about it
/// is checked yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Creator {
    pub msp_id: MspId,
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

    /// Signs the SHA-256 of a message.
    ///
    /// **Errors**: the signer refuses.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        key::sign(self.signer.as_ref(), message)
    }
}
