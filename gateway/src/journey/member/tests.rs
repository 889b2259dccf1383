use super::*;
use crate::home::Home;
use crate::journey::consortium;
use crate::keyring::Keyring;
use crate::passphrases::{PassphraseFile, Passphrases};
use crate::startup::Startup;
use medveil_collections_config::MspId;
use medveil_contract::call::request::GetDay;
use medveil_ledger::SystemClock;
use p256::ecdsa::SigningKey;
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::PathBuf;
use tempfile::TempDir;

const NEW: Enrolment<'static> = Enrolment {
    certificate: None,
    renew: false,
};

/// A founded home with one passphrase for organisations and another for alice.
struct Fixture {
    dir: TempDir,
    alice: Actor,
}

impl Fixture {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let fixture = Fixture {
            dir,
            alice: Actor::parse("University/alice").unwrap(),
        };
        for (name, text) in [
            ("orgs", "correct horse battery"),
            ("alice", "alice's own words"),
        ] {
            write_secret_file(&fixture.path(name), text.as_bytes()).unwrap();
        }
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let files = consortium::files(&fixture.home(), None, None, &mut rng).unwrap();
        let keyring = Keyring::new(fixture.home(), fixture.said(&["orgs"]));
        consortium::found(&fixture.home(), &keyring, &files, &SystemClock, &mut rng).unwrap();
        consortium::bootstrap(&fixture.session(&["orgs"]))
            .await
            .unwrap();
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn home(&self) -> Home {
        Home::new(self.path("home"))
    }

    /// Files as the command line names them: `orgs`, or `University/alice=alice`.
    fn said(&self, files: &[&str]) -> Passphrases {
        let files: Vec<PassphraseFile> = files
            .iter()
            .map(|text| {
                let mut file: PassphraseFile = text.parse().unwrap();
                file.file = self.path(file.file.to_str().unwrap());
                file
            })
            .collect();
        Passphrases::of(&files).unwrap()
    }

    fn session(&self, files: &[&str]) -> Session {
        let startup = Startup {
            passphrases: self.said(files),
            person: Some(self.alice.clone()),
            ..Startup::new(self.home())
        };
        startup.open().unwrap()
    }
}

#[tokio::test]
async fn m9_an_enrolled_person_reads_with_a_key_of_their_own() {
    let fixture = Fixture::new().await;
    let university = MspId::new("University").unwrap();
    let both = ["orgs", "University/alice=alice"];
    let enrolled = enrol(&fixture.session(&both), &fixture.alice, NEW).unwrap();
    assert!(enrolled.issued && enrolled.subject.starts_with("member-"));
    assert!(!enrolled.subject.contains("alice"));

    // From now on her own passphrase is enough to read.
    let session = fixture.session(&["University/alice=alice", "nowhere"]);
    let reader = session.reader(&university).unwrap();
    assert_eq!(reader.subject(), enrolled.subject);
    session.ask(&university, GetDay).await.unwrap();
    let error = session.identity(&university, Role::Client).err().unwrap();
    assert!(error.to_string().contains("nowhere"), "{error}");

    // A second time gives the first, also where a killed process left the certificate out.
    std::fs::remove_file(fixture.home().person_certificate(&fixture.alice)).unwrap();
    let again = enrol(&fixture.session(&both), &fixture.alice, NEW).unwrap();
    assert_eq!((&again.subject, again.issued), (&enrolled.subject, true));
    let reader = fixture.session(&both).reader(&university).unwrap();
    assert_eq!(reader.subject(), enrolled.subject);

    // The certificate beside the vault is the one inside.
    let path = fixture.home().person_certificate(&fixture.alice);
    let kept = std::fs::read_to_string(&path).unwrap();
    let own = fixture.home().certificate(&university, Role::Client);
    for changed in [
        kept.replacen('M', "N", 1),
        std::fs::read_to_string(own).unwrap(),
    ] {
        std::fs::write(&path, changed).unwrap();
        let error = fixture.session(&both).reader(&university).err().unwrap();
        assert!(matches!(error, SessionError::Differs { .. }), "{error}");
    }
    enrol(&fixture.session(&both), &fixture.alice, NEW).unwrap();
    fixture.session(&both).reader(&university).unwrap();

    let renew = Enrolment { renew: true, ..NEW };
    let renewed = enrol(&fixture.session(&both), &fixture.alice, renew).unwrap();
    let reader = fixture.session(&both).reader(&university).unwrap();
    assert_eq!(reader.subject(), renewed.subject);
    assert_ne!(renewed.subject, enrolled.subject);
}

#[tokio::test]
async fn m9_a_wrong_passphrase_says_whose_it_was() {
    let fixture = Fixture::new().await;
    let both = fixture.session(&["orgs", "University/alice=alice"]);
    enrol(&both, &fixture.alice, NEW).unwrap();
    let wrong = fixture.session(&["alice", "University/alice=orgs"]);
    let university = Actor::organisation(fixture.alice.org.clone());
    for actor in [&fixture.alice, &university] {
        let error = wrong.keyring.open(actor).err().unwrap();
        let said = error.to_string();
        let file = if actor.person.is_some() {
            "orgs"
        } else {
            "alice"
        };
        let file = fixture.path(file).display().to_string();
        assert!(said.contains(&format!("the vault of {actor} ")), "{said}");
        assert!(said.contains(&file), "{said}");
    }
}

#[tokio::test]
async fn m9_only_a_client_of_the_institution_is_enrolled() {
    let fixture = Fixture::new().await;
    let session = fixture.session(&["orgs"]);
    let refused = |org: &str, role: Role, file: &str| {
        let org = MspId::new(org).unwrap();
        let identity = session.identity(&org, role).unwrap();
        let key = SigningKey::from_slice(&identity.export_key().unwrap()).unwrap();
        let folder = fixture.path(file);
        for (part, text) in [
            ("signcerts/cert.pem", pem(&identity).unwrap()),
            (
                "keystore/key.pem",
                key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(),
            ),
        ] {
            let path = folder.join(part);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let given = Enrolment {
            certificate: Some(&folder),
            renew: false,
        };
        enrol(&session, &fixture.alice, given).unwrap_err()
    };
    let shared = refused("University", Role::Client, "shared");
    assert!(matches!(shared, MemberError::Shared(_)), "{shared}");
    let admin = refused("University", Role::Admin, "admin");
    assert!(matches!(admin, MemberError::Role("admin")), "{admin}");
    let foreign = refused("HospitalA", Role::Client, "foreign");
    assert!(matches!(foreign, MemberError::Msp(_)), "{foreign}");
    assert!(!session.is_enrolled(&fixture.alice), "nothing was written");
}
