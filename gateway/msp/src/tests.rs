mod chains;

use super::*;
use medveil_collections_config::{MspId, Role};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const NOW: u64 = 1_800_000_000_000;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}
fn org(name: &str, seed: u64) -> Founded {
    Founded::new(
        &MspId::new(name).unwrap(),
        Validity::years_from(NOW, 10),
        &mut rng(seed),
    )
    .unwrap()
}
fn set(orgs: &[&Founded]) -> MspSet {
    MspSet::new(orgs.iter().map(|o| o.authority.msp().unwrap())).unwrap()
}

#[test]
fn founded_identities_have_their_roles_and_sign() {
    let a = org("HospitalA", 1);
    let msps = set(&[&a]);
    for (identity, role, name) in [
        (&a.admin, Role::Admin, "admin@HospitalA"),
        (&a.client, Role::Client, "client@HospitalA"),
        (&a.peer, Role::Peer, "peer@HospitalA"),
    ] {
        let member = msps.check(identity.creator(), NOW).unwrap();
        assert_eq!((member.role(), member.subject()), (role, name));
        let signature = identity.sign(b"message").unwrap();
        assert_eq!(member.verify(b"message", &signature), Ok(()));
        assert!(member.verify(b"massage", &signature).is_err());
    }
}

#[test]
fn founding_is_a_function_of_the_seed() {
    assert_eq!(org("A", 7).peer.creator(), org("A", 7).peer.creator());
    assert_ne!(org("A", 7).peer.creator(), org("A", 8).peer.creator());
}

#[test]
fn b1_identities_of_another_authority_are_refused() {
    let (a, b) = (org("A", 1), org("B", 2));
    let msps = set(&[&a]);
    let id = MspId::new("A").unwrap();
    assert_eq!(
        msps.check(b.client.creator(), NOW).unwrap_err(),
        MspError::Unknown(MspId::new("B").unwrap())
    );
    let forged = Creator {
        msp_id: id.clone(),
        certificate: b.client.creator().certificate.clone(),
    };
    assert_eq!(
        msps.check(&forged, NOW).unwrap_err(),
        MspError::NotIssued(id.clone())
    );
    // Same names, another key: the chain is checked, not the words.
    let twin = org("A", 3);
    assert_eq!(
        msps.check(twin.client.creator(), NOW).unwrap_err(),
        MspError::NotIssued(id.clone())
    );
    let root = Creator {
        msp_id: id,
        certificate: a.authority.certificate().der().to_vec(),
    };
    assert!(matches!(
        msps.check(&root, NOW).unwrap_err(),
        MspError::Certificate(_)
    ));
}

#[test]
fn f_expired_and_early_certificates_are_refused() {
    let a = org("A", 1);
    let msps = set(&[&a]);
    let year = 365 * 86_400_000;
    assert!(msps.check(a.client.creator(), NOW + 9 * year).is_ok());
    for at in [NOW + 11 * year, NOW - 2 * 86_400_000, 0, u64::MAX] {
        assert_eq!(
            msps.check(a.client.creator(), at).unwrap_err(),
            MspError::Expired(MspId::new("A").unwrap())
        );
    }
}

#[test]
fn b1_changed_certificates_never_pass() {
    let a = org("A", 1);
    let msps = set(&[&a]);
    let der = &a.client.creator().certificate;
    let mut passed = 0;
    for at in 0..der.len() {
        for bit in [0x01, 0x80] {
            let mut bytes = der.clone();
            bytes[at] ^= bit;
            passed += usize::from(
                msps.check(
                    &Creator {
                        msp_id: a.client.msp_id().clone(),
                        certificate: bytes,
                    },
                    NOW,
                )
                .is_ok(),
            );
        }
    }
    assert_eq!(passed, 0);
    for len in 0..der.len() {
        assert!(Certificate::from_der(&der[..len]).is_err());
    }
    let mut longer = der.clone();
    longer.push(0);
    assert_eq!(
        Certificate::from_der(&longer).unwrap_err(),
        MspError::Certificate("no trailing bytes")
    );
}

#[test]
fn signatures_have_one_form() {
    let a = org("A", 1);
    let key = Certificate::from_der(&a.peer.creator().certificate)
        .unwrap()
        .public_key()
        .clone();
    let signature = a.peer.sign(b"m").unwrap();
    assert_eq!(key.verify(b"m", &signature), Ok(()));
    let parsed = p256::ecdsa::Signature::from_der(&signature).unwrap();
    let (r, s) = parsed.split_scalars();
    let high = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
    assert!(key.verify(b"m", high.to_der().as_bytes()).is_err());
    let mut longer = signature.clone();
    longer.push(0);
    assert!(key.verify(b"m", &longer).is_err());
    assert!(key.verify(b"m", &[]).is_err());
}

#[test]
fn keys_round_trip_and_must_fit() {
    let a = org("A", 1);
    let bytes = a.admin.export_key().unwrap();
    let again = SecretKey::from_bytes(&bytes).unwrap();
    let certificate = Certificate::from_der(&a.admin.creator().certificate).unwrap();
    assert!(Identity::new(a.admin.msp_id().clone(), &certificate, again).is_ok());
    let foreign = SecretKey::generate(&mut rng(9));
    assert!(matches!(
        Identity::new(a.admin.msp_id().clone(), &certificate, foreign),
        Err(MspError::ForeignKey)
    ));
    for bad in [&[0u8; 32][..], &[0xff; 32], &[1; 31], &[1; 33]] {
        assert!(matches!(SecretKey::from_bytes(bad), Err(MspError::Key)));
    }
}

#[test]
fn certificates_round_trip_in_pem() {
    let a = org("A", 1);
    let certificate = a.authority.certificate();
    assert_eq!(
        Certificate::from_pem(&certificate.to_pem()).unwrap(),
        *certificate
    );
    assert!(Certificate::from_pem("").is_err());
    assert!(Certificate::from_pem(&certificate.to_pem().repeat(2)).is_err());
    let msp = a.authority.msp().unwrap();
    assert_eq!(
        borsh::from_slice::<Msp>(&borsh::to_vec(&msp).unwrap()).unwrap(),
        msp
    );
}

#[test]
fn an_identity_needs_one_role() {
    let a = org("A", 1);
    let key = SecretKey::generate(&mut rng(5));
    let validity = Validity::years_from(NOW, 1);
    assert!(
        a.authority
            .certify(Role::Member, "x", &key.public_key(), validity, &mut rng(6))
            .is_err()
    );
    assert!(
        a.authority
            .certify(
                Role::Client,
                "x\n",
                &key.public_key(),
                validity,
                &mut rng(6)
            )
            .is_err()
    );
}

/// A token: signs with either `s`, and keeps its key.
struct Token(SecretKey);

impl Signer for Token {
    fn public_key(&self) -> PublicKey {
        self.0.public_key()
    }
    fn sign_digest(&self, digest: &[u8; 32]) -> Result<[u8; 64], SignError> {
        let raw = self.0.sign_digest(digest)?;
        let parsed = p256::ecdsa::Signature::from_slice(&raw).map_err(|_| SignError)?;
        let (r, s) = parsed.split_scalars();
        let other = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes())
            .map_err(|_| SignError)?;
        Ok(other.to_bytes().into())
    }
    fn export(&self) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        None
    }
}

#[test]
fn a_token_signs_in_the_one_form_and_its_key_stays_inside() {
    let a = org("A", 1);
    let certificate = Certificate::from_der(&a.admin.creator().certificate).unwrap();
    let key = SecretKey::from_bytes(&a.admin.export_key().unwrap()).unwrap();
    let identity = Identity::new(a.admin.msp_id().clone(), &certificate, Token(key)).unwrap();
    let signature = identity.sign(b"m").unwrap();
    assert_eq!(certificate.public_key().verify(b"m", &signature), Ok(()));
    assert_eq!(identity.export_key().unwrap_err(), MspError::Sealed);
}
