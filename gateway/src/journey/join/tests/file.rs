//! Join files as a whole: authorities of every shape, identities that peers would refuse, a
//! client's TLS certificate.

use super::*;
use medveil_collections_config::Consortium;
use medveil_custody::{PassphraseSource, write_secret_file};
use medveil_msp::testing::{Ca, Leaf, NOW, plain, valid};
use tempfile::TempDir;

/// A folder with everything that a join file of `University` names, and the file.
pub(super) struct Fixture {
    pub(super) dir: TempDir,
    pub(super) file: JoinFile,
}

pub(super) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

impl Fixture {
    /// Every member founded as the embedded ledger founds it.
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let consortium = include_str!("../../../../data/quickstart/consortium.json")
            .replace("@NONCE@", &"5a".repeat(16));
        let consortium = Consortium::from_json(&consortium).unwrap();
        let mut authorities = BTreeMap::new();
        for (seed, member) in (0u64..).zip(consortium.members()) {
            let founded = Founded::new(
                &member.msp_id,
                Validity::years_from(NOW - 2 * YEAR_MS, 20),
                &mut rng(seed),
            )
            .unwrap();
            let name = PathBuf::from(format!("{}.pem", member.msp_id));
            write(
                &dir.path().join(&name),
                &founded.authority.certificate().to_pem(),
            );
            for identity in [&founded.admin, &founded.client] {
                let (certificate, key) = pems(identity);
                put_identity(
                    &dir.path()
                        .join(member.msp_id.as_str())
                        .join(identity.role().as_str()),
                    &certificate,
                    &key,
                );
            }
            authorities.insert(member.msp_id.to_string(), name);
        }
        write(
            &dir.path().join("consortium.json"),
            std::str::from_utf8(&consortium.to_canonical()).unwrap(),
        );
        write(
            &dir.path().join("groups.json"),
            include_str!("../../../../data/quickstart/sharing-groups.json"),
        );
        let file = JoinFile {
            format: FORMAT.to_owned(),
            channel: "c".to_owned(),
            chaincode: "medveil".to_owned(),
            genesis: "00".repeat(32),
            msp_id: "University".to_owned(),
            peers: vec![PeerEndpoint {
                address: "localhost:1".to_owned(),
                tls_name: None,
            }],
            tls_authority: Some("University.pem".into()),
            connection_profile: None,
            tls_client: None,
            admin: Some("University/admin".into()),
            client: Some("University/client".into()),
            authorities,
            consortium: "consortium.json".into(),
            sharing_groups: "groups.json".into(),
        };
        Fixture { dir, file }
    }

    /// The authorities of `University` become an MSP folder; both identities are those of the last
    /// authority.
    fn folder(mut self, root: &Ca, intermediates: &[&Ca]) -> Self {
        let msp = self.dir.path().join("folder");
        write(&msp.join("cacerts/root.pem"), &root.certificate().to_pem());
        for (at, one) in intermediates.iter().enumerate() {
            write(
                &msp.join(format!("intermediatecerts/{at}.pem")),
                &one.certificate().to_pem(),
            );
        }
        let last = intermediates.last().copied().unwrap_or(root);
        for role in ["admin", "client"] {
            self.put(
                role,
                &last.issue(&[role.into(), "org1.department1".into()], &plain),
            );
        }
        self.file
            .authorities
            .insert("University".to_owned(), "folder".into());
        self
    }

    fn put(&self, role: &str, leaf: &Leaf) {
        put_identity(
            &self.dir.path().join("University").join(role),
            &leaf.certificate.to_pem(),
            &leaf.key,
        );
    }

    pub(super) fn load(&self, now_ms: u64) -> Result<Joining, JoinError> {
        self.file.load(self.dir.path(), now_ms)
    }

    fn refusal(&self) -> String {
        error_chain(&self.load(NOW).err().unwrap())
    }

    /// Joins a home in the same folder.
    pub(super) fn join(&self) -> Home {
        let home = Home::new(self.dir.path().join("home"));
        let passphrase = self.dir.path().join("passphrase");
        write_secret_file(&passphrase, b"correct horse battery").unwrap();
        let path = self.dir.path().join("join.json");
        write(&path, &serde_json::to_string(&self.file).unwrap());
        let passphrase = Some(PassphraseSource::File(passphrase));
        let keyring = Keyring::new(home.clone(), passphrase);
        join(&home, &keyring, &path, &mut rng(9)).unwrap();
        home
    }
}

const YEAR_MS: u64 = 365 * 86_400_000;

fn put_identity(folder: &Path, certificate: &str, key: &str) {
    write(&folder.join("signcerts/cert.pem"), certificate);
    write(&folder.join("keystore/key.pem"), key);
}

#[test]
fn a_file_of_one_root_each_joins_as_it_always_did() {
    let fixture = Fixture::new();
    assert_eq!(fixture.load(NOW).unwrap().authorities.len(), 4);
    let home = fixture.join();
    for (msp_id, path) in &fixture.file.authorities {
        let kept = std::fs::read_to_string(home.authority(&org(msp_id))).unwrap();
        assert_eq!(
            kept,
            std::fs::read_to_string(fixture.dir.path().join(path)).unwrap()
        );
    }
    let profile = std::fs::read_to_string(home.fabric()).unwrap();
    assert!(!profile.contains("tls_client"));
    let found = JoinFile::check(&fixture.dir.path().join("join.json")).unwrap();
    assert_eq!((found.authorities, found.peers.len()), (4, 1));
    assert!(found.to_string().contains("4 members' authorities"));
}

#[test]
fn a_folder_of_authorities_joins_and_is_kept() {
    let (root, list) = (Ca::root("root", &plain), "folder/crls/list.pem");
    let one = root.below("one", &plain);
    let fixture = Fixture::new().folder(&root, &[&one]);
    write(
        &fixture.dir.path().join(list),
        &root.revoke(&[&root.client().certificate], NOW).to_pem(),
    );
    let joining = fixture.load(NOW).unwrap();
    assert_eq!(
        joining
            .identities
            .iter()
            .map(Identity::role)
            .collect::<Vec<_>>(),
        [Role::Admin, Role::Client]
    );
    let home = fixture.join();
    let kept = Msp::from_pem(
        org("University"),
        &std::fs::read_to_string(home.authority(&org("University"))).unwrap(),
    )
    .unwrap();
    assert!(joining.authorities.contains(&kept));
    assert_eq!(kept.authorities().count(), 2);
    // The same in one file, in whatever order.
    let mut fixture = fixture;
    write(
        &fixture.dir.path().join("all.pem"),
        &(one.certificate().to_pem() + &kept.to_pem().replace(&one.certificate().to_pem(), "")),
    );
    fixture
        .file
        .authorities
        .insert("University".to_owned(), "all.pem".into());
    assert!(fixture.load(NOW).unwrap().authorities.contains(&kept));
}

#[test]
fn folders_without_authorities_and_with_others_are_refused() {
    let (root, stranger) = (Ca::root("root", &plain), Ca::root("stranger", &plain));
    let fixture = Fixture::new().folder(&root, &[&stranger.below("one", &plain)]);
    assert!(
        fixture
            .refusal()
            .contains("folder: certificate: expected intermediate authorities that lead to a root")
    );
    let fixture = Fixture::new().folder(&root, &[]);
    write(
        &fixture.dir.path().join("folder/crls/list.pem"),
        &stranger.revoke(&[], NOW).to_pem(),
    );
    assert!(fixture.refusal().contains("folder: revocation list"));
    std::fs::remove_dir_all(fixture.dir.path().join("folder/crls")).unwrap();
    assert!(fixture.load(NOW).is_ok());
    write(
        &fixture.dir.path().join("folder/cacerts/readme.txt"),
        "text",
    );
    assert!(
        fixture
            .refusal()
            .contains("readme.txt: certificate: expected one PEM block")
    );
    std::fs::remove_dir_all(fixture.dir.path().join("folder/cacerts")).unwrap();
    assert!(fixture.refusal().contains("cacerts"));
    let mut fixture = Fixture::new();
    fixture.file.authorities.remove("HospitalB");
    assert!(
        fixture
            .refusal()
            .contains("expected the authority of HospitalB")
    );
}

#[test]
fn b1_identities_that_peers_would_refuse_are_refused() {
    let root = Ca::root("root", &plain);
    let fixture = || Fixture::new().folder(&root, &[]);
    let refused = |leaf: Leaf, expected: &str| {
        let fixture = fixture();
        fixture.put("client", &leaf);
        let said = fixture.refusal();
        assert!(
            said.contains("University/client: ") && said.contains(expected),
            "{expected}: {said}"
        );
    };
    refused(
        Ca::root("root", &plain).client(),
        "not issued by that organisation's authority",
    );
    refused(
        root.issue(&["client".into()], &|p| {
            valid(
                p,
                Validity {
                    not_before_s: 0,
                    not_after_s: NOW / 1000 - 1,
                },
            )
        }),
        "validity",
    );
    refused(
        root.issue(&["admin".into()], &plain),
        "expected a certificate of the role client, got one of the role admin",
    );
    refused(
        root.issue(&["client".into(), "admin".into()], &plain),
        "one role",
    );
    refused(
        Leaf {
            key: root.client().key,
            ..root.client()
        },
        "private key does not belong",
    );
    let lost = root.client();
    let other = fixture();
    other.put("client", &lost);
    write(
        &other.dir.path().join("folder/crls/list.pem"),
        &root.revoke(&[&lost.certificate], NOW).to_pem(),
    );
    assert!(other.refusal().contains("revoked"));
    let mut foreign = Fixture::new();
    foreign.file.client = Some("HospitalA/client".into());
    assert!(
        foreign
            .refusal()
            .contains("HospitalA/client: certificate of University: not issued")
    );
    let mut stranger = fixture();
    stranger.file.msp_id = "Stranger".to_owned();
    assert!(
        stranger
            .refusal()
            .contains("organisation Stranger is not on this channel")
    );
    let late = fixture().load(NOW + 30 * YEAR_MS).err().unwrap();
    assert!(error_chain(&late).contains("University/admin: certificate of University: outside"));
}

#[test]
fn a_clients_tls_certificate_is_kept_and_its_key_stays_out_of_the_profile() {
    let tls = Ca::root("tls", &plain);
    let mut fixture = Fixture::new();
    let own = tls.client();
    let put = |fixture: &Fixture, certificate: &str, key: &str| {
        write(&fixture.dir.path().join("tls/client.crt"), certificate);
        write(&fixture.dir.path().join("tls/client.key"), key);
    };
    fixture.file.tls_client = Some(TlsClientFiles {
        certificate: "tls/client.crt".into(),
        key: "tls/client.key".into(),
    });
    put(&fixture, &own.certificate.to_pem(), &own.key);
    let home = fixture.join();
    let text = std::fs::read_to_string(home.fabric()).unwrap();
    let secret = own.key.lines().nth(1).unwrap();
    assert!(text.contains("tls_client") && !text.contains(secret) && !text.contains("PRIVATE"));
    let profile = Profile::read(&home.fabric()).unwrap();
    let kept = profile
        .org(&org("University"))
        .unwrap()
        .tls_client
        .clone()
        .unwrap();
    assert_eq!((kept.key(), kept.der()), (&*own.key, own.certificate.der()));
    assert!(!format!("{kept:?}").contains(secret));
    let key = home.root().join("msp/University/tls-client.key");
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions())
            & 0o777,
        0o600
    );
    std::fs::remove_file(key).unwrap();
    assert!(Profile::read(&home.fabric()).is_err());
    put(&fixture, &own.certificate.to_pem(), &tls.client().key);
    assert!(fixture.refusal().contains("the key that belongs to it"));
    put(
        &fixture,
        &own.certificate.to_pem(),
        &own.key.replace("MI", "IM"),
    );
    assert!(!fixture.refusal().contains(secret));
    put(&fixture, "", &own.key);
    assert!(
        fixture
            .refusal()
            .contains("tls/client.crt: expected one in PEM")
    );
    put(&fixture, &own.certificate.to_pem(), &own.key);
    assert!(fixture.load(NOW).is_ok());
    let old = tls.issue(&[], &|p| {
        valid(
            p,
            Validity {
                not_before_s: 0,
                not_after_s: NOW / 1000 - 1,
            },
        )
    });
    put(&fixture, &old.certificate.to_pem(), &old.key);
    assert!(fixture.refusal().contains("valid today"));
}
