//! Certificates, revocation lists, authorities and private keys.

use crate::fixture::FOUR;
use crate::target::{Form, Reading, Target, same_bytes, text};
use medveil_contract::identity::{Caller, to_creator};
use medveil_msp::testing::{NOW, msp};
use medveil_msp::{Certificate, Creator, Msp, MspSet, PublicKey, RevocationList, SecretKey};

pub(super) const TARGETS: &[Target] = &[
    Target::new("certificate", Form::Der, certificate),
    Target::new("certificate_pem", Form::Pem, certificate_pem).with_words(PEM),
    Target::new("revocation_list", Form::Der, revocation_list),
    Target::new("authorities", Form::Pem, authorities).with_words(PEM),
    Target::new("private_key", Form::Pem, private_key).with_words(PEM),
];

const PEM: &[&str] = &[
    "-----BEGIN CERTIFICATE-----\n",
    "-----END CERTIFICATE-----\n",
    "-----BEGIN X509 CRL-----\n",
    "-----END X509 CRL-----\n",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----\n",
    "-----",
    "Proc-Type: 4,ENCRYPTED\n",
    "\r\n",
    "=",
    "====",
];

fn certificate(input: &[u8]) -> Reading {
    if input.len() == 65 {
        let key = PublicKey::from_sec1(input);
        return Reading::of(key.map(|key| same_bytes("public key", input, key.as_sec1())));
    }
    for authority in FOUR.msps.iter() {
        let creator = Creator {
            msp_id: authority.msp_id().clone(),
            certificate: input.to_vec(),
        };
        let _ = FOUR.msps.check(&creator, NOW);
    }
    match Certificate::from_der(input) {
        Ok(certificate) => {
            same_bytes("certificate", input, certificate.der());
            let again = Certificate::from_pem(&certificate.to_pem());
            assert_eq!(again.as_ref(), Ok(&certificate), "pem and back");
            let _ = (certificate.first_valid_ms(), certificate.common_name());
            judged_alike(&certificate);
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

/// The contract reads a certificate by the same rule.
fn judged_alike(certificate: &Certificate) {
    let creator = to_creator(&msp("HospitalA"), certificate.to_pem().as_bytes());
    let contract = Caller::from_creator(&creator).map(|caller| caller.role.as_str());
    let here = certificate.role().map(|role| role.as_str());
    assert_eq!(here.ok(), contract.ok(), "contract and client see one role");
}

fn certificate_pem(input: &[u8]) -> Reading {
    match text(input) {
        Ok(text) => Reading::of(Certificate::from_pem(text)),
        Err(reading) => reading,
    }
}

fn revocation_list(input: &[u8]) -> Reading {
    match RevocationList::from_der(input) {
        Ok(list) => {
            let again = RevocationList::from_pem(&list.to_pem());
            assert_eq!(again.as_ref(), Ok(&list), "pem and back");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn authorities(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match Msp::from_pem(msp("HospitalA"), text) {
        Ok(authorities) => {
            let again = Msp::from_pem(msp("HospitalA"), &authorities.to_pem());
            assert_eq!(again.as_ref(), Ok(&authorities), "pem and back");
            let bytes = borsh::to_vec(&authorities).expect("bytes");
            let kept: Msp = borsh::from_slice(&bytes).expect("what was written is read");
            same_bytes("authorities", &bytes, &borsh::to_vec(&kept).expect("bytes"));
            let set = MspSet::new([authorities]).expect("one organisation");
            for founded in &FOUR.founded {
                let _ = set.check(founded.client.creator(), NOW);
            }
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn private_key(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match SecretKey::from_pkcs8_pem(text) {
        Ok(key) => {
            let again = SecretKey::from_bytes(&key.to_bytes()).expect("what was written is read");
            assert_eq!(again.public_key(), key.public_key(), "bytes and back");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}
