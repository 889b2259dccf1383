//! For tests: the certificates of Fabric's own authorities that `authority` never makes. Keys are
//! the system's randomness.

use super::{Certificate, RevocationList, Validity};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    DnValue, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use std::time::Duration;

/// A moment within every validity here, unless a test says otherwise.
pub(crate) const NOW: u64 = 1_800_000_000_000;

/// What a test changes of a certificate before it is signed.
pub(crate) type Change<'a> = &'a dyn Fn(&mut CertificateParams);

/// Changes nothing.
pub(crate) fn plain(_: &mut CertificateParams) {}

/// Another time than ten years around [`NOW`].
pub(crate) fn valid(params: &mut CertificateParams, validity: Validity) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(validity.not_before_s);
    params.not_after = epoch + Duration::from_secs(validity.not_after_s);
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // A year before, so that the tests also run before `NOW`.
    let around = Validity {
        not_before_s: NOW / 1000 - 2 * 365 * 86_400,
        not_after_s: NOW / 1000 + 20 * 365 * 86_400,
    };
    valid(&mut params, around);
    params
}

/// An identity's certificate and its key in PKCS#8.
pub(crate) struct Leaf {
    pub(crate) certificate: Certificate,
    pub(crate) key: String,
}

/// An authority of any shape.
pub(crate) struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    fn params(name: &str, change: Change<'_>) -> CertificateParams {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        change(&mut params);
        params
    }

    /// One that certified itself.
    pub(crate) fn root(name: &str, change: Change<'_>) -> Self {
        Ca(
            CertifiedIssuer::self_signed(Ca::params(name, change), KeyPair::generate().unwrap())
                .unwrap(),
        )
    }

    /// One below this one.
    pub(crate) fn below(&self, name: &str, change: Change<'_>) -> Self {
        Ca(CertifiedIssuer::signed_by(
            Ca::params(name, change),
            KeyPair::generate().unwrap(),
            &self.0,
        )
        .unwrap())
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::from_der(self.0.der()).unwrap()
    }

    /// Certifies a key: at most two units, of any type of text.
    pub(crate) fn issue(&self, units: &[DnValue], change: Change<'_>) -> Leaf {
        let mut params = params("someone");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // The library knows each type of attribute once, so the second unit goes by its number.
        let types = [
            DnType::OrganizationalUnitName,
            DnType::CustomDnType(vec![2, 5, 4, 11]),
        ];
        assert!(units.len() <= types.len());
        types
            .into_iter()
            .zip(units)
            .for_each(|(ty, unit)| params.distinguished_name.push(ty, unit.clone()));
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let made = params.signed_by(&key, &self.0).unwrap();
        Leaf {
            certificate: Certificate::from_der(made.der()).unwrap(),
            key: key.serialize_pem(),
        }
    }

    /// A client of this authority.
    pub(crate) fn client(&self) -> Leaf {
        self.issue(&["client".into()], &plain)
    }

    /// A list that takes certificates back from a moment on.
    pub(crate) fn revoke(&self, certificates: &[&Certificate], at_ms: u64) -> RevocationList {
        let moment = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_millis(at_ms);
        let entry = |c: &&Certificate| RevokedCertParams {
            serial_number: SerialNumber::from_slice(c.serial()),
            revocation_time: moment,
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: moment,
            next_update: moment + Duration::from_secs(86_400),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs: certificates.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        RevocationList::from_der(list.signed_by(&self.0).unwrap().der()).unwrap()
    }
}
