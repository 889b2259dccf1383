//! Certificates of this program's authorities and of others', lists and keys.

use super::Corpus;
use medveil_fabric_wire::creator_bytes;
use medveil_fuzz::fixture::FOUR;
use medveil_msp::testing::{Ca, NOW, plain};
use medveil_msp::{Certificate, Msp};

pub fn put(corpus: &mut Corpus) {
    let hospital = &FOUR.founded[1];
    let root = hospital.authority.certificate();
    corpus.put("certificate", "root", root.der());
    corpus.put("certificate_pem", "root", root.to_pem());
    for (name, who) in [("client", &hospital.client), ("peer", &hospital.peer)] {
        let der = &who.creator().certificate;
        corpus.put("certificate", name, der.clone());
        let pem = Certificate::from_der(der).expect("a certificate").to_pem();
        corpus.put("certificate_pem", name, pem);
        corpus.put("creator", name, creator_bytes(who).expect("bytes"));
    }
    corpus.put("certificate", "key", root.public_key().as_sec1());
    corpus.put("authorities", "one", root.to_pem());
    foreign(corpus);
}

fn foreign(corpus: &mut Corpus) {
    let (old, new) = (Ca::root("ca", &plain), Ca::root("ca", &plain));
    let (one, gone) = (new.below("one", &plain), new.client());
    let two = one.below("two", &plain);
    let list = new.revoke(&[&gone.certificate, &one.certificate()], NOW);
    let all = [&old, &new, &one, &two]
        .map(|ca| ca.certificate().to_pem())
        .concat();
    corpus.put("authorities", "four", format!("{all}{}", list.to_pem()));
    let org = medveil_msp::testing::msp("HospitalA");
    let whole = Msp::from_pem(org, &all).expect("authorities").to_pem();
    corpus.put("authorities", "sorted", whole);
    let leaf = two.issue(&["peer".into(), "oncology".into()], &plain);
    corpus.put("certificate", "two-units", leaf.certificate.der());
    corpus.put("certificate", "intermediate", one.certificate().der());
    corpus.put("revocation_list", "two", der_of(&list.to_pem()));
    corpus.put(
        "revocation_list",
        "none",
        der_of(&old.revoke(&[], 0).to_pem()),
    );
    corpus.put("private_key", "test-only", leaf.key);
}

fn der_of(pem: &str) -> Vec<u8> {
    use base64::Engine;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD
        .decode(body)
        .expect("base64")
}
