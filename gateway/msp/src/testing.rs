//! For tests: a consortium of four, and the certificates of Fabric's own authorities that
//! `authority` never makes. Keys are the system's randomness.

#![allow(clippy::unwrap_used)]

use super::authority::Validity;
use super::certificate::Certificate;
use super::revocation::RevocationList;
use medveil_collections_config::{CollectionsConfig, Consortium, MspId, SharingGroups};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    DnValue, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use std::time::Duration;

/// A moment within every validity here, unless a test says otherwise.
pub const NOW: u64 = 1_800_000_000_000;
/// The organisations of the fixed consortium.
pub const ORGS: [&str; 4] = ["EthicsBoard", "HospitalA", "HospitalB", "University"];

pub fn msp(name: &str) -> MspId {
    MspId::new(name).unwrap()
}
pub fn msps(names: &[&str]) -> Vec<MspId> {
    names.iter().map(|n| msp(n)).collect()
}
/// Any three of the four are a majority.
pub const MAJORITY: [&str; 3] = ["HospitalA", "HospitalB", "University"];

/// Four organisations of fixed names.
pub fn consortium() -> Consortium {
    let members: Vec<String> = ORGS
        .iter()
        .map(|o| format!("{{\"msp_id\":\"{o}\",\"name\":\"{o}\"}}"))
        .collect();
    let text = format!(
        "{{\"format\":\"medveil-consortium-1\",\"name\":\"Test\",\"nonce\":\"{}\",\"members\":[{}],\"issuers\":[]}}",
        "0123456789abcdef".repeat(2),
        members.join(",")
    );
    Consortium::from_json(&text).unwrap()
}

/// One collection, of the two hospitals.
pub fn groups(consortium: &Consortium) -> CollectionsConfig {
    let text = r#"{"format":"medveil-sharing-groups-1","groups":[{"name":"hospitals","members":["HospitalA","HospitalB"]}]}"#;
    CollectionsConfig::derive(
        consortium,
        &SharingGroups::from_json(text, consortium).unwrap(),
    )
    .unwrap()
}

/// What a test changes of a certificate before it is signed.
pub type Change<'a> = &'a dyn Fn(&mut CertificateParams);

pub fn plain(_: &mut CertificateParams) {}

/// Another time than ten years around [`NOW`].
pub fn valid(params: &mut CertificateParams, validity: Validity) {
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
pub struct Leaf {
    pub certificate: Certificate,
    pub key: String,
}

/// An authority of any shape.
pub struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    fn params(name: &str, change: Change<'_>) -> CertificateParams {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        change(&mut params);
        params
    }

    /// One that certified itself.
    pub fn root(name: &str, change: Change<'_>) -> Self {
        Ca(
            CertifiedIssuer::self_signed(Ca::params(name, change), KeyPair::generate().unwrap())
                .unwrap(),
        )
    }

    /// One below this one.
    pub fn below(&self, name: &str, change: Change<'_>) -> Self {
        Ca(CertifiedIssuer::signed_by(
            Ca::params(name, change),
            KeyPair::generate().unwrap(),
            &self.0,
        )
        .unwrap())
    }

    pub fn certificate(&self) -> Certificate {
        Certificate::from_der(self.0.der()).unwrap()
    }

    /// Certifies a key: at most two units, of any type of text.
    pub fn issue(&self, units: &[DnValue], change: Change<'_>) -> Leaf {
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
    pub fn client(&self) -> Leaf {
        self.issue(&["client".into()], &plain)
    }

    /// A list that takes certificates back from a moment on.
    pub fn revoke(&self, certificates: &[&Certificate], at_ms: u64) -> RevocationList {
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
