//! Visas from request to revocation.

use super::{TrustWorld, kind_of};
use crate::world::{Kind, org, wait};
use medveil_circuits::visa::VisaTexts;
use medveil_gateway::actor::Actor;
use medveil_gateway::journey::issuer::{Assertion, Issuer};
use medveil_gateway::journey::visa::RequestFile;
use medveil_gateway::journey::{registry, visa};
use medveil_gateway::{Classify, Kind as ErrorKind};
use std::path::{Path, PathBuf};

mod ledgers {
    crate::on_both!(
        wallets_take_only_visas_that_will_prove,
        requests_are_read_strictly_and_issued_within_the_code_lists,
        a_revocation_is_final_and_once,
    );
}

impl TrustWorld {
    fn registered(&self) -> Issuer<'_> {
        let issuer = self.issuer("University", "affiliation", "universities");
        issuer.init(None).unwrap();
        wait(issuer.register(None)).unwrap();
        issuer
    }

    /// A visa for a person: its file and its revocation index.
    fn visa(&self, issuer: &Issuer<'_>, schema: &str, who: &Actor, name: &str) -> (PathBuf, u64) {
        let request = self.world.path(&format!("{name}.request.json"));
        visa::request(&self.session, who, schema, &request).unwrap();
        let out = self.world.path(&format!("{name}.visa.json"));
        let request = RequestFile::read(&request).unwrap();
        let step = wait(issuer.issue(&request, &assertion(), &out)).unwrap();
        (out, step.revocation_index)
    }
}

fn person(name: &str) -> Actor {
    Actor::person(org("University"), name).unwrap()
}

fn assertion() -> Assertion {
    let texts = VisaTexts {
        value: Some("terms 1".into()),
        role: Some("researcher".into()),
        ..VisaTexts::default()
    };
    Assertion {
        days: 30,
        texts,
        ..Assertion::default()
    }
}

fn changed(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn wallets_take_only_visas_that_will_prove(kind: Kind) {
    let scene = TrustWorld::new(kind);
    let session = &scene.session;
    let (alice, bob) = (person("alice"), person("bob"));
    let university = scene.registered();
    let (file, _) = scene.visa(&university, "affiliation", &alice, "a");
    scene.visa(&university, "affiliation", &bob, "b");
    assert_eq!(
        kind_of(wait(visa::import(session, &bob, &file))),
        ErrorKind::Refused
    );
    wait(visa::import(session, &alice, &file)).unwrap();
    let again = wait(visa::import(session, &alice, &file)).unwrap();
    assert_eq!(again.visa.number, 0);
    assert_eq!(
        kind_of(wait(visa::import(
            session,
            &alice,
            &scene.world.path("none")
        ))),
        ErrorKind::NotFound
    );
    changed(&file, "\"S\": \"", "\"S\": \"1");
    assert_eq!(
        kind_of(wait(visa::import(session, &alice, &file))),
        ErrorKind::Refused
    );
    let committee = scene.issuer("HospitalA", "terms", "committees");
    committee.init(None).unwrap();
    let (unregistered, _) = scene.visa(&committee, "terms", &alice, "t");
    assert_eq!(
        kind_of(wait(visa::import(session, &alice, &unregistered))),
        ErrorKind::Refused
    );
    wait(committee.register(None)).unwrap();
    wait(visa::import(session, &alice, &unregistered)).unwrap();
    let wallet = visa::wallet(session, &alice).unwrap();
    assert_eq!(wallet.visas.len(), 2);
    assert!(
        wallet
            .visas
            .iter()
            .all(|(signed, blind)| wallet.secret.commitment(*blind) == signed.visa().holder)
    );
    assert_ne!(
        wallet.visas[0].0.visa().holder,
        wallet.visas[1].0.visa().holder
    );
    assert_eq!(wait(visa::list(session, &alice)).unwrap().visas.len(), 2);
    visa::show(session, &alice, 1).unwrap();
    assert_eq!(kind_of(visa::show(session, &alice, 2)), ErrorKind::NotFound);
    assert_eq!(
        kind_of(visa::request(
            session,
            &alice,
            "passport",
            &scene.world.path("x")
        )),
        ErrorKind::Input
    );
}

fn requests_are_read_strictly_and_issued_within_the_code_lists(kind: Kind) {
    let scene = TrustWorld::new(kind);
    let university = scene.registered();
    let path = scene.world.path("r.json");
    visa::request(&scene.session, &person("alice"), "affiliation", &path).unwrap();
    let request = RequestFile::read(&path).unwrap();
    let out = scene.world.path("v.json");
    let issue = |assertion: Assertion| kind_of(wait(university.issue(&request, &assertion, &out)));
    assert_eq!(
        issue(Assertion {
            days: 0,
            ..assertion()
        }),
        ErrorKind::Input
    );
    assert_eq!(
        issue(Assertion {
            days: u32::MAX,
            ..assertion()
        }),
        ErrorKind::Input
    );
    assert_eq!(
        issue(Assertion {
            permissions: vec!["ALL".into()],
            ..assertion()
        }),
        ErrorKind::Input
    );
    assert_eq!(
        issue(Assertion {
            disease: Some("E1".into()),
            ..assertion()
        }),
        ErrorKind::Input
    );
    assert!(!out.exists());
    changed(&path, "affiliation", "ethics");
    assert_eq!(
        kind_of(wait(university.issue(
            &RequestFile::read(&path).unwrap(),
            &assertion(),
            &out
        ))),
        ErrorKind::Input
    );
    for bad in [
        "",
        "{}",
        "{\"format\":\"medveil-visa-request-1\",\"schema\":\"ethics\",\"commitment\":\"00\"}",
    ] {
        assert_eq!(
            RequestFile::read(&scene.written("bad.json", bad))
                .err()
                .unwrap()
                .kind(),
            ErrorKind::Input
        );
    }
    changed(&path, "{", "{\"more\": 1,");
    assert_eq!(
        RequestFile::read(&path).err().unwrap().kind(),
        ErrorKind::Input
    );
}

fn a_revocation_is_final_and_once(kind: Kind) {
    let scene = TrustWorld::new(kind);
    let university = scene.registered();
    let alice = person("alice");
    let (first, one) = scene.visa(&university, "affiliation", &alice, "1");
    let (second, two) = scene.visa(&university, "affiliation", &alice, "2");
    assert_eq!(
        kind_of(wait(university.revoke(&[], false))),
        ErrorKind::Input
    );
    assert_eq!(
        kind_of(wait(university.revoke(&[0], false))),
        ErrorKind::Input
    );
    assert_eq!(
        kind_of(wait(university.revoke(&[one, one], false))),
        ErrorKind::Input
    );
    assert!(wait(university.publish()).unwrap().transaction.is_none());
    wait(university.revoke(&[one], true)).unwrap();
    // What is revoked stays so, and nothing is sent.
    let again = wait(university.revoke(&[one], false)).unwrap();
    assert_eq!((again.revoked_before, again.transaction), (1, None));
    let later = wait(university.revoke_later(&[one])).unwrap();
    assert_eq!((later.pending, later.revoked_before), (Some(0), 1));
    assert_eq!(
        kind_of(wait(visa::import(&scene.session, &alice, &first))),
        ErrorKind::Refused
    );
    wait(university.revoke_later(&[two])).unwrap();
    wait(visa::import(&scene.session, &alice, &second)).unwrap();
    wait(university.publish()).unwrap();
    assert!(wait(university.publish()).unwrap().transaction.is_none());
    let registry = wait(registry::registry(&scene.session, &org("HospitalB"))).unwrap();
    let issuer = &registry.issuers[0];
    let tree = wait(registry::revocations(
        &scene.session,
        &org("HospitalB"),
        issuer,
    ))
    .unwrap();
    assert_eq!(tree.values(), [one, two]);
    assert_eq!(
        kind_of(wait(
            scene
                .issuer("EthicsBoard", "ethics", "boards")
                .revoke(&[5], false)
        )),
        ErrorKind::NotFound
    );
}
