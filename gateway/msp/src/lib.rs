//! Membership: organisations, their certificates, and who counts as what.
//!
//! An [`MspSet`] holds the organisations of a channel ([`Msp`]) and judges whoever signed
//! something ([`Creator`]) at a moment; what passes is a [`Member`] with one role. An [`Identity`]
//! can sign. With the feature `issue`, [`Authority`] founds organisations and issues identities.
//! Where keys are kept, and under which passphrase, is `medveil-custody`'s business.
//!
//! **Source**: Fabric's MSP with NodeOUs, over P-256 certificates of any chain up to three
//! intermediates; the role is the one word `admin`, `client`, `peer` or `orderer` among the
//! organisational units. Signatures are ECDSA over SHA-256 with the lower `s`, as in Fabric. There
//! are no certificate attributes and no other curves.
//!
//! ```
//! use medveil_msp::{Creator, MspError, MspSet};
//! use medveil_collections_config::MspId;
//!
//! let nobody = Creator { msp_id: MspId::new("HospitalA").unwrap(), certificate: Vec::new() };
//! let channel = MspSet::new([]).unwrap();
//! assert!(matches!(channel.check(&nobody, 0), Err(MspError::Unknown(_))));
//! ```

#[cfg(feature = "issue")]
mod authority;
mod certificate;
mod chain;
mod error;
mod identity;
mod key;
mod organisation;
mod pem;
mod revocation;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trust;

#[cfg(feature = "issue")]
pub use authority::{Authority, Founded, Validity};
pub use certificate::{Certificate, MAX_CERTIFICATE, der_element};
pub use chain::{MAX_AUTHORITIES, MAX_INTERMEDIATES};
pub use error::MspError;
pub use identity::{Creator, Identity};
pub use key::{PublicKey, SECRET_KEY_LEN, SecretKey, SignError, Signer};
pub use organisation::Msp;
pub use revocation::{MAX_REVOCATION_LIST, RevocationList};
pub use trust::{Member, MspSet};

#[cfg(test)]
mod tests;
