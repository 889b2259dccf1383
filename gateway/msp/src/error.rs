//! Why an identity, a certificate or a key is refused.

use medveil_collections_config::MspId;

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
    #[error("private key does not belong to the certificate")]
    ForeignKey,
    /// The bytes are no private key.
    #[error("private key: expected a P-256 scalar of 32 bytes")]
    Key,
    /// The key stays in its token.
    #[error("private key: its token does not give it out")]
    Sealed,
    /// A certificate could not be made.
    #[error("certificate could not be made: {0}")]
    Issue(&'static str),
}
