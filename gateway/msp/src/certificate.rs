//! Reading X.509 certificates strictly: one form, P-256 and ECDSA with SHA-256 only.
//!
//! Source: RFC 5280. What is parsed here is only well formed; whether it is trusted is decided in
//! `trust`.

use super::error::MspError;
use super::key::PublicKey;
use super::pem;
use medveil_collections_config::Role;
use x509_parser::asn1_rs::{Any, FromDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_SIG_ECDSA_WITH_SHA256,
};
use x509_parser::x509::X509Name;

/// Longest certificate.
///
/// **Units**: bytes.
pub const MAX_CERTIFICATE: usize = 8 * 1024;

/// A well-formed certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
    common_name: String,
    units: Vec<String>,
    key: PublicKey,
    not_before_s: i64,
    not_after_s: i64,
    is_ca: bool,
    path_len: Option<u32>,
    usage: Option<Usage>,
}

/// What a key may be used for, where its certificate says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Usage {
    signs: bool,
    certifies: bool,
    revokes: bool,
}

impl Certificate {
    /// Reads a certificate.
    ///
    /// **Errors**: too long, trailing bytes, another algorithm or curve, an unknown critical
    /// extension, no common name.
    pub fn from_der(der: &[u8]) -> Result<Self, MspError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(MspError::Certificate("at most 8 KiB"));
        }
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|_| MspError::Certificate("DER of X.509"))?;
        if !rest.is_empty() {
            return Err(MspError::Certificate("no trailing bytes"));
        }
        let ecdsa = parsed.signature_algorithm.algorithm == OID_SIG_ECDSA_WITH_SHA256;
        if !ecdsa || parsed.signature_algorithm != *parsed_inner_algorithm(&parsed) {
            return Err(MspError::Certificate("a signature with ECDSA and SHA-256"));
        }
        if outer(
            parsed.tbs_certificate.as_ref(),
            &parsed.signature_value.data,
        ) != der
        {
            return Err(MspError::Certificate("the one DER form"));
        }
        check_extensions(&parsed)?;
        let usage = parsed
            .key_usage()
            .map_err(|_| MspError::Certificate("one key usage"))?;
        let constraints = parsed
            .basic_constraints()
            .map_err(|_| MspError::Certificate("one basic constraint"))?;
        Ok(Certificate {
            der: der.to_vec(),
            signed: parsed.tbs_certificate.as_ref().to_vec(),
            signature: parsed.signature_value.data.to_vec(),
            subject: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
            serial: parsed.serial.to_bytes_be(),
            common_name: one(parsed.subject().iter_common_name())?,
            units: units(parsed.subject()),
            key: public_key(&parsed)?,
            not_before_s: parsed.validity().not_before.timestamp(),
            not_after_s: parsed.validity().not_after.timestamp(),
            is_ca: constraints.as_ref().is_some_and(|c| c.value.ca),
            path_len: constraints.and_then(|c| c.value.path_len_constraint),
            usage: usage.map(|u| Usage {
                signs: u.value.digital_signature(),
                certifies: u.value.key_cert_sign(),
                revokes: u.value.crl_sign(),
            }),
        })
    }

    /// Reads certificates that stand one after another.
    ///
    /// **Errors**: as `from_der`.
    pub(super) fn many_from_der(der: &[u8]) -> Result<Vec<Self>, MspError> {
        let (mut rest, mut found) = (der, Vec::new());
        while !rest.is_empty() {
            let (after, _) =
                Any::from_der(rest).map_err(|_| MspError::Certificate("DER of X.509"))?;
            let (one, _) = rest.split_at(rest.len().saturating_sub(after.len()));
            found.push(Certificate::from_der(one)?);
            rest = after;
        }
        Ok(found)
    }

    /// Reads one certificate in PEM.
    ///
    /// **Errors**: no PEM block named CERTIFICATE, or as `from_der`.
    pub fn from_pem(text: &str) -> Result<Self, MspError> {
        Certificate::from_der(&pem::one("CERTIFICATE", text)?)
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    pub fn common_name(&self) -> &str {
        &self.common_name
    }

    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The one role among the organisational units. Other units count for nothing: an authority
    /// with affiliations adds a department. The contract reads a certificate by the same rule.
    ///
    /// **Errors**: no role, or several.
    pub fn role(&self) -> Result<Role, MspError> {
        let names = |role: &Role| self.units.iter().any(|unit| unit == role.as_str());
        let mut roles = [Role::Admin, Role::Client, Role::Peer, Role::Orderer]
            .into_iter()
            .filter(names);
        match (roles.next(), roles.next()) {
            (Some(role), None) => Ok(role),
            _ => Err(MspError::Certificate(
                "one role among the organisational units: admin, client, peer or orderer",
            )),
        }
    }

    /// The first moment it is valid.
    ///
    /// **Units**: milliseconds since 1970.
    pub fn first_valid_ms(&self) -> u64 {
        u64::try_from(self.not_before_s)
            .unwrap_or(0)
            .saturating_mul(1000)
    }

    /// The last moment it is valid.
    ///
    /// **Units**: milliseconds since 1970.
    pub fn last_valid_ms(&self) -> u64 {
        u64::try_from(self.not_after_s)
            .unwrap_or(0)
            .saturating_mul(1000)
    }

    /// First and last second of its validity.
    ///
    /// **Units**: seconds since 1970.
    pub(super) fn validity_s(&self) -> (i64, i64) {
        (self.not_before_s, self.not_after_s)
    }

    /// The number that its authority knows it by.
    pub(super) fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The subject, DER.
    pub(super) fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// How many authorities may stand between this one and an identity, where it says so.
    pub(super) fn path_len(&self) -> Option<u32> {
        self.path_len
    }

    /// Whether it may sign transactions but no certificates.
    pub(super) fn is_leaf(&self) -> bool {
        !self.is_ca && self.usage.is_some_and(|u| u.signs && !u.certifies)
    }

    /// Whether it may sign certificates. Without a word on usage every use is allowed.
    pub(super) fn is_authority(&self) -> bool {
        self.is_ca && self.usage.is_none_or(|u| u.certifies)
    }

    /// Whether it may sign revocation lists.
    pub(super) fn may_revoke(&self) -> bool {
        self.is_ca && self.usage.is_none_or(|u| u.revokes)
    }

    /// Whether it is an authority that certified itself.
    pub(super) fn is_root(&self) -> bool {
        self.is_authority() && self.is_issued_by(self)
    }

    /// Whether `authority` signed this certificate.
    pub(super) fn is_issued_by(&self, authority: &Certificate) -> bool {
        self.issuer == authority.subject
            && authority
                .key
                .verify_certificate(&self.signed, &self.signature)
                .is_ok()
    }
}

fn parsed_inner_algorithm<'a>(
    parsed: &'a X509Certificate<'_>,
) -> &'a x509_parser::x509::AlgorithmIdentifier<'a> {
    &parsed.tbs_certificate.signature
}

/// The one DER form of a certificate around these signed bytes and this signature: what the
/// signature does not cover cannot vary either.
fn outer(signed: &[u8], signature: &[u8]) -> Vec<u8> {
    // SEQUENCE { OBJECT IDENTIFIER ecdsa-with-SHA256 }, RFC 5758 section 3.2.
    const ALGORITHM: [u8; 12] = [
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
    ];
    let mut bits = vec![0u8];
    bits.extend_from_slice(signature);
    let mut inner = signed.to_vec();
    inner.extend_from_slice(&ALGORITHM);
    inner.extend(der_element(0x03, &bits));
    der_element(0x30, &inner)
}

/// One DER value: tag, length, content.
pub fn der_element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len().to_be_bytes();
    let short: Vec<u8> = len.iter().copied().skip_while(|b| *b == 0).collect();
    let mut out = vec![tag];
    match content.len() {
        0..=127 => out.push(short.first().copied().unwrap_or(0)),
        // At most 8 length bytes, so the cast is exact.
        _ => {
            out.push(0x80 | short.len() as u8);
            out.extend(short);
        }
    }
    out.extend_from_slice(content);
    out
}

fn check_extensions(parsed: &X509Certificate<'_>) -> Result<(), MspError> {
    use x509_parser::extensions::ParsedExtension as E;
    let known = |e: &E<'_>| matches!(e, E::BasicConstraints(_) | E::KeyUsage(_));
    let unknown_critical = parsed
        .extensions()
        .iter()
        .any(|e| e.critical && !known(e.parsed_extension()));
    if unknown_critical {
        Err(MspError::Certificate("no unknown critical extension"))
    } else {
        Ok(())
    }
}

fn public_key(parsed: &X509Certificate<'_>) -> Result<PublicKey, MspError> {
    let info = parsed.public_key();
    let curve = info
        .algorithm
        .parameters
        .as_ref()
        .and_then(|p| p.as_oid().ok());
    if info.algorithm.algorithm != OID_KEY_TYPE_EC_PUBLIC_KEY
        || curve.is_none_or(|oid| oid != OID_EC_P256)
    {
        return Err(MspError::Certificate("a P-256 key"));
    }
    PublicKey::from_sec1(&info.subject_public_key.data)
}

fn one<'a>(
    attributes: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>,
) -> Result<String, MspError> {
    let found = texts(attributes)?;
    match found.as_slice() {
        [text] => Ok(text.clone()),
        _ => Err(MspError::Certificate("one common name")),
    }
}

/// The organisational units that are text; what is none names no role.
fn units(subject: &X509Name<'_>) -> Vec<String> {
    subject
        .iter_organizational_unit()
        .filter_map(|unit| unit.as_str().ok())
        .map(str::to_owned)
        .collect()
}

fn texts<'a>(
    attributes: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>,
) -> Result<Vec<String>, MspError> {
    attributes
        .map(|a| {
            a.as_str()
                .map(str::to_string)
                .map_err(|_| MspError::Certificate("subject in UTF-8"))
        })
        .collect()
}
