mod file;
mod home;

use super::*;
use medveil_collections_config::error_chain;
use medveil_msp::{Certificate, Founded, Validity};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;

const PEM: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn org(name: &str) -> MspId {
    MspId::new(name).unwrap()
}

fn founded(name: &str) -> Founded {
    Founded::new(
        &org(name),
        Validity::years_from(1_800_000_000_000, 10),
        &mut rng(1),
    )
    .unwrap()
}

fn pems(identity: &Identity) -> (String, String) {
    let key = p256::ecdsa::SigningKey::from_slice(&identity.export_key().unwrap()).unwrap();
    let certificate = Certificate::from_der(&identity.creator().certificate).unwrap();
    (
        certificate.to_pem(),
        key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(),
    )
}

#[test]
fn a_wallets_file_is_an_identity_and_tells_no_key_when_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = pems(&founded("University").client);
    let path = folder.path().join("alice.id");
    let good = json!({"credentials": {"certificate": certificate, "privateKey": key}, "mspId": "University", "type": "X.509", "version": 1});
    std::fs::write(&path, good.to_string()).unwrap();
    assert_eq!(
        identity(&org("University"), &path).unwrap().role(),
        Role::Client
    );
    assert!(
        identity(&org("HospitalA"), &path).is_err(),
        "another organisation's"
    );
    let other = pems(
        &Founded::new(
            &org("University"),
            Validity::years_from(1_800_000_000_000, 10),
            &mut rng(2),
        )
        .unwrap()
        .client,
    )
    .1;
    for (pointer, value) in [
        ("/type", json!("HSM-X.509")),
        ("/version", json!(2)),
        ("/credentials/privateKey", json!(other)),
        (
            "/credentials/privateKey",
            json!(key.replace("PRIVATE", "SECRET")),
        ),
        ("/credentials/privateKey", json!([key])),
        ("/credentials/certificate", json!("")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        std::fs::write(&path, bad.to_string()).unwrap();
        let error = identity(&org("University"), &path).err().unwrap();
        let error = error_chain(&error);
        assert!(
            error.contains("alice.id") && !error.contains(&key[40..60]),
            "{pointer}: {error}"
        );
    }
}

#[test]
fn a_folder_is_an_identity() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = pems(&founded("University").admin);
    for (name, text) in [("signcerts", &certificate), ("keystore", &key)] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join(name).join("file.pem"), text).unwrap();
    }
    assert_eq!(
        identity(&org("University"), folder.path()).unwrap().role(),
        Role::Admin
    );
    std::fs::write(folder.path().join("keystore/second.pem"), key).unwrap();
    assert!(
        identity(&org("University"), folder.path()).is_err(),
        "which of two keys"
    );
}

fn profile() -> serde_json::Value {
    json!({
        "name": "net", "version": "1.0.0", "client": {"organization": "Uni"},
        "organizations": {"Uni": {"mspid": "University", "peers": ["peer0", "peer1"], "certificateAuthorities": ["ca"]}},
        "peers": {
            "peer0": {"url": "grpcs://peer0.uni.example:7051", "tlsCACerts": {"pem": PEM}, "grpcOptions": {"hostnameOverride": "peer0"}},
            "peer1": {"url": "grpcs://10.0.0.7:7051", "tlsCACerts": {"pem": [PEM]}, "grpcOptions": {"ssl-target-name-override": "peer1", "x": 1}},
        },
    })
}

#[test]
fn a_connection_profile_says_where_peers_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connection.json");
    let yaml = format!(
        "organizations:\n  Uni:\n    mspid: University\n    peers: [peer0]\npeers:\n  peer0:\n    url: grpcs://h:1\n    tlsCACerts:\n      pem: |\n        {}",
        PEM.replace('\n', "\n        ")
    );
    for (text, expected) in [
        (
            profile().to_string(),
            vec![
                ("peer0.uni.example:7051", Some("peer0")),
                ("10.0.0.7:7051", Some("peer1")),
            ],
        ),
        (yaml, vec![("h:1", None)]),
    ] {
        std::fs::write(&path, text).unwrap();
        let (peers, pem) = connection_profile(&path, &org("University")).unwrap();
        assert_eq!(
            peers
                .iter()
                .map(|p| (p.address.as_str(), p.tls_name.as_deref()))
                .collect::<Vec<_>>(),
            expected
        );
        assert_eq!(pem.trim(), PEM.trim());
        assert!(connection_profile(&path, &org("HospitalA")).is_err());
    }
    for (pointer, value) in [
        ("/peers/peer0/url", json!("grpc://peer0.uni.example:7051")),
        ("/peers/peer0/url", json!("grpcs://peer0.uni.example")),
        ("/peers/peer0/url", json!("grpcs://:7051")),
        ("/peers/peer0/tlsCACerts", json!({"path": "missing.pem"})),
        ("/organizations/Uni/peers", json!(["peer9"])),
        ("/organizations/Uni/peers", json!([])),
        ("/peers", json!([])),
    ] {
        let mut bad = profile();
        *bad.pointer_mut(pointer).unwrap() = value;
        std::fs::write(&path, bad.to_string()).unwrap();
        assert!(
            connection_profile(&path, &org("University")).is_err(),
            "{pointer}"
        );
    }
    std::fs::write(&path, "a: &a [*a, *a]\n").unwrap();
    assert!(connection_profile(&path, &org("University")).is_err());
    assert!(check_authorities("").is_err() && check_authorities("text").is_err());
}
