//! An organisation's certificate authority: founding an organisation and issuing identities.
//!
//! Source: RFC 5280 by `rcgen`, with Fabric's NodeOU convention (the role is the subject's
//! organisational unit). Keys, serial numbers and signatures come from the caller's randomness and
//! from RFC 6979, so the same seed founds the same organisation.

use super::certificate::Certificate;
use super::error::MspError;
use super::identity::Identity;
use super::key::{PublicKey, SecretKey};
use super::organisation::Msp;
use medveil_collections_config::{MspId, Role};
use rand::{CryptoRng, RngCore};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm, SigningKey,
};
use std::time::Duration;

/// From when to when a certificate may be used, both ends included.
///
/// **Units**: seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub not_before_s: u64,
    pub not_after_s: u64,
}

impl Validity {
    /// From a day before `now` for `years` years of 365 days.
    ///
    /// **Units**: milliseconds since 1970; years.
    pub fn years_from(now_ms: u64, years: u32) -> Self {
        const DAY: u64 = 86_400;
        let now_s = now_ms / 1000;
        // X.509 dates here stay below the year 9999.
        let last = 253_000_000_000;
        let not_after_s = now_s.saturating_add(u64::from(years) * 365 * DAY).min(last);
        Validity {
            not_before_s: now_s.saturating_sub(DAY).min(last),
            not_after_s,
        }
    }
}

/// An organisation as it is founded: the authority's key and the first identities. The caller keeps
/// the keys where they belong.
pub struct Founded {
    pub authority: Authority,
    /// Proposes and approves for the organisation.
    pub admin: Identity,
    /// Submits everyday transactions.
    pub client: Identity,
    /// Endorses and signs heads, nothing else.
    pub peer: Identity,
}

impl Founded {
    /// Founds an organisation.
    ///
    /// **Errors**: a certificate could not be made.
    pub fn new(
        msp_id: &MspId,
        validity: Validity,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, MspError> {
        let authority = Authority::create(msp_id, validity, rng)?;
        let admin = authority.issue(Role::Admin, "admin", validity, rng)?;
        let client = authority.issue(Role::Client, "client", validity, rng)?;
        let peer = authority.issue(Role::Peer, "peer", validity, rng)?;
        Ok(Founded {
            authority,
            admin,
            client,
            peer,
        })
    }
}

/// A certificate authority that can sign.
pub struct Authority {
    msp_id: MspId,
    certificate: Certificate,
    key: SecretKey,
}

impl Authority {
    /// A new authority with its self-signed certificate.
    ///
    /// **Errors**: the certificate could not be made.
    pub fn create(
        msp_id: &MspId,
        validity: Validity,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, MspError> {
        let key = SecretKey::generate(rng);
        let mut params = params(msp_id, &format!("ca.{msp_id}"), None, validity, rng)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let signer = Signer::new(&key);
        let made = params
            .self_signed(&signer)
            .map_err(|_| MspError::Issue("authority"))?;
        Ok(Authority {
            msp_id: msp_id.clone(),
            certificate: Certificate::from_der(made.der())?,
            key,
        })
    }

    /// An authority that was kept.
    ///
    /// **Errors**: the key is another certificate's.
    pub fn open(
        msp_id: &MspId,
        certificate: Certificate,
        key: SecretKey,
    ) -> Result<Self, MspError> {
        if *certificate.public_key() != key.public_key() {
            return Err(MspError::Issue("expected the authority's own key"));
        }
        Ok(Authority {
            msp_id: msp_id.clone(),
            certificate,
            key,
        })
    }

    pub fn msp_id(&self) -> &MspId {
        &self.msp_id
    }

    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The key, for whoever stores it.
    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    /// What others need to know of the organisation.
    ///
    /// **Errors**: the certificate is no authority's.
    pub fn msp(&self) -> Result<Msp, MspError> {
        Msp::new(self.msp_id.clone(), self.certificate.clone())
    }

    /// Makes a key and certifies it.
    ///
    /// **Errors**: the certificate could not be made.
    pub fn issue(
        &self,
        role: Role,
        name: &str,
        validity: Validity,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Identity, MspError> {
        let key = SecretKey::generate(rng);
        let certificate = self.certify(role, name, &key.public_key(), validity, rng)?;
        Identity::new(self.msp_id.clone(), &certificate, key)
    }

    /// Certifies somebody's key: the subject's name becomes `name@organisation`.
    ///
    /// **Errors**: the certificate could not be made, or the role is no NodeOU.
    pub fn certify(
        &self,
        role: Role,
        name: &str,
        key: &PublicKey,
        validity: Validity,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Certificate, MspError> {
        if role == Role::Member {
            return Err(MspError::Issue(
                "expected the role admin, client, peer or orderer",
            ));
        }
        let mut params = params(
            &self.msp_id,
            &format!("{name}@{}", self.msp_id),
            Some(role),
            validity,
            rng,
        )?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let mut own = CertificateParams::default();
        own.distinguished_name = name_of(&self.msp_id, &format!("ca.{}", self.msp_id), None);
        own.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = Issuer::from_params(&own, Signer::new(&self.key));
        let made = params
            .signed_by(&Subject(key), &issuer)
            .map_err(|_| MspError::Issue("identity"))?;
        Certificate::from_der(made.der())
    }
}

fn name_of(msp_id: &MspId, common_name: &str, role: Option<Role>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, msp_id.as_str());
    if let Some(role) = role {
        name.push(DnType::OrganizationalUnitName, role.as_str());
    }
    name.push(DnType::CommonName, common_name);
    name
}

fn params(
    msp_id: &MspId,
    common_name: &str,
    role: Option<Role>,
    validity: Validity,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<CertificateParams, MspError> {
    if common_name.len() > 200 || common_name.chars().any(char::is_control) {
        return Err(MspError::Issue(
            "expected a name of at most 200 bytes without control characters",
        ));
    }
    let mut serial = [0u8; 16];
    rng.fill_bytes(&mut serial);
    // RFC 5280: positive, and not longer than 20 bytes.
    serial[0] = serial[0] & 0x7f | 0x40;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let mut params = CertificateParams::default();
    params.distinguished_name = name_of(msp_id, common_name, role);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = epoch + Duration::from_secs(validity.not_before_s);
    params.not_after = epoch + Duration::from_secs(validity.not_after_s);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

struct Subject<'a>(&'a PublicKey);

impl PublicKeyData for Subject<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.as_sec1()
    }
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

struct Signer<'a> {
    key: &'a SecretKey,
    public: PublicKey,
}

impl<'a> Signer<'a> {
    fn new(key: &'a SecretKey) -> Self {
        Signer {
            key,
            public: key.public_key(),
        }
    }
}

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public.as_sec1()
    }
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key
            .sign(message)
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
