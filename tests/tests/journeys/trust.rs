//! Issuers, visas, policies and the trust file, with every refusal that is made before the ledger
//! is asked.

use crate::world::{Kind, World, org, wait};
use medveil_bundle::trust::Trust;
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::field::Felt;
use medveil_circuits::visa::VisaTexts;
use medveil_circuits::visa::signed::to_decimal;
use medveil_gateway::Session;
use medveil_gateway::actor::Actor;
use medveil_gateway::journey::issuer::{Assertion, Issuer};
use medveil_gateway::journey::visa::RequestFile;
use medveil_gateway::journey::{consortium, policy, registry, visa};
use medveil_gateway::startup;
use medveil_gateway::{Classify, Kind as ErrorKind};
use medveil_ledger::SystemClock;
use medveil_ledger::error_chain;
use std::path::{Path, PathBuf};

const POLICY: &str = include_str!("../../../gateway/data/quickstart/policy.yaml");

mod ledgers {
    crate::on_both!(
        issuers_show_possession_of_their_keys,
        wallets_take_only_visas_that_will_prove,
        requests_are_read_strictly_and_issued_within_the_code_lists,
        a_revocation_is_final_and_once,
        policies_are_checked_before_they_are_put,
        the_trust_file_names_this_consortium,
    );
}

/// A world with its home open.
struct Scene {
    session: Session,
    world: World,
}

fn person(name: &str) -> Actor {
    Actor::person(org("University"), name).unwrap()
}

fn kind_of<T, E: Classify>(answer: Result<T, E>) -> ErrorKind {
    answer.err().expect("a refusal").kind()
}

impl Scene {
    fn new(kind: Kind) -> Self {
        let world = World::new(kind);
        Scene {
            session: world.session(),
            world,
        }
    }

    fn written(&self, name: &str, content: &str) -> PathBuf {
        let path = self.world.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn issuer(&self, name: &str, schema: &str, group: &str) -> Issuer<'_> {
        Issuer::new(&self.session, &org(name), schema, group).unwrap()
    }

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
        let step = issuer
            .issue(&RequestFile::read(&request).unwrap(), &assertion(), &out)
            .unwrap();
        (out, step.revocation_index)
    }
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

fn issuers_show_possession_of_their_keys(kind: Kind) {
    let scene = Scene::new(kind);
    let refused = Issuer::new(
        &scene.session,
        &org("HospitalA"),
        "affiliation",
        "universities",
    )
    .err()
    .unwrap();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert_eq!(
        Issuer::new(
            &scene.session,
            &org("University"),
            "passport",
            "universities"
        )
        .err()
        .unwrap()
        .kind(),
        ErrorKind::Input
    );
    let board = scene.issuer("EthicsBoard", "ethics", "boards");
    assert_eq!(kind_of(wait(board.register(None))), ErrorKind::NotFound);
    for bad in ["1,1", "0,1", "1", "1,2,3", "01,2", "x,y"] {
        assert_eq!(kind_of(board.init(Some(bad))), ErrorKind::Input, "{bad}");
    }
    let outside = PrivateKey::from_bytes([7; 32]);
    let key = PublicPoint::new(outside.public_key()).unwrap();
    let step = board
        .init(Some(&format!("{},{}", to_decimal(key.x().0), key.y())))
        .unwrap();
    assert_eq!(kind_of(board.init(None)), ErrorKind::Input);
    let message = step.possession_message_hex;
    assert_eq!(to_decimal(message.0), step.possession_message);
    let signed = |message: Felt| {
        let signature = outside.sign(message.0);
        format!(
            "{},{},{}",
            to_decimal(signature.r8.x),
            to_decimal(signature.r8.y),
            to_decimal(signature.s.to_field())
        )
    };
    assert_eq!(kind_of(wait(board.register(None))), ErrorKind::Input);
    assert_eq!(
        kind_of(wait(board.register(Some(&signed(Felt::from_u64(1)))))),
        ErrorKind::Input
    );
    assert_eq!(
        kind_of(wait(board.register(Some("1,2,3")))),
        ErrorKind::Input
    );
    wait(board.register(Some(&signed(message)))).unwrap();
    assert_eq!(
        kind_of(wait(board.register(Some(&signed(message))))),
        ErrorKind::Refused
    );
    let registry = wait(registry::registry(&scene.session, &org("HospitalA"))).unwrap();
    assert!(registry.issuers.len() == 1 && registry.issuers[0].key == key);
}

fn wallets_take_only_visas_that_will_prove(kind: Kind) {
    let scene = Scene::new(kind);
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
    assert_eq!(
        kind_of(wait(visa::import(session, &alice, &file))),
        ErrorKind::Input
    );
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
    assert_eq!(visa::list(session, &alice).unwrap().visas.len(), 2);
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
    let scene = Scene::new(kind);
    let university = scene.registered();
    let path = scene.world.path("r.json");
    visa::request(&scene.session, &person("alice"), "affiliation", &path).unwrap();
    let request = RequestFile::read(&path).unwrap();
    let out = scene.world.path("v.json");
    let issue = |assertion: Assertion| kind_of(university.issue(&request, &assertion, &out));
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
    let region = VisaTexts {
        region: Some("north".into()),
        ..VisaTexts::default()
    };
    assert_eq!(
        issue(Assertion {
            texts: region,
            ..assertion()
        }),
        ErrorKind::Input
    );
    assert!(!out.exists());
    changed(&path, "affiliation", "ethics");
    assert_eq!(
        kind_of(university.issue(&RequestFile::read(&path).unwrap(), &assertion(), &out)),
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
    let scene = Scene::new(kind);
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
        ErrorKind::Refused
    );
    assert_eq!(kind_of(wait(university.publish())), ErrorKind::NotFound);
    wait(university.revoke(&[one], true)).unwrap();
    assert_eq!(
        kind_of(wait(university.revoke(&[one], false))),
        ErrorKind::Refused
    );
    assert_eq!(
        kind_of(wait(university.revoke_later(&[one]))),
        ErrorKind::Refused
    );
    assert_eq!(
        kind_of(wait(visa::import(&scene.session, &alice, &first))),
        ErrorKind::Refused
    );
    wait(university.revoke_later(&[two])).unwrap();
    wait(visa::import(&scene.session, &alice, &second)).unwrap();
    wait(university.publish()).unwrap();
    assert_eq!(kind_of(wait(university.publish())), ErrorKind::NotFound);
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

fn policies_are_checked_before_they_are_put(kind: Kind) {
    let scene = Scene::new(kind);
    let (session, holder) = (&scene.session, org("HospitalA"));
    let good = scene.written("good.yaml", POLICY);
    let root = policy::check(&good).unwrap().policy.root;
    let explained = policy::explain(Some(&session.consortium), &good).unwrap();
    assert_eq!(explained.policy.root, root);
    let stranger = scene.written("stranger.yaml", &POLICY.replace("HospitalB]", "Stranger]"));
    let absent = scene.written(
        "absent.yaml",
        &POLICY.replace("HospitalA, HospitalB", "HospitalB, University"),
    );
    let broken = scene.written("broken.yaml", &POLICY.replace("affiliation", "passport"));
    for bad in [stranger, absent, broken.clone()] {
        assert_eq!(
            kind_of(wait(policy::put(session, &holder, &bad, "cohort"))),
            ErrorKind::Input
        );
    }
    let problems = policy::check(&broken).unwrap_err();
    assert!(error_chain(&problems).contains("visas[0]"), "{problems}");
    assert_eq!(
        kind_of(policy::check(&scene.world.path("none.yaml"))),
        ErrorKind::NotFound
    );
    assert_eq!(
        kind_of(wait(policy::put(session, &holder, &good, "No Name"))),
        ErrorKind::Input
    );
    let put = wait(policy::put(session, &holder, &good, "cohort")).unwrap();
    assert_eq!(put.policy.root, root);
}

fn the_trust_file_names_this_consortium(kind: Kind) {
    let scene = Scene::new(kind);
    let path = scene.world.path("trust.json");
    let step = wait(consortium::trust(&scene.session, &org("HospitalA"), &path)).unwrap();
    let trust = Trust::read(&path).unwrap();
    assert_eq!(trust.fingerprint().to_hex(), step.fingerprint.to_hex());
    assert_eq!(trust.consortium_id(), scene.session.consortium_id());
    assert_eq!(
        Trust::read(&scene.world.path("none")).err().unwrap().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn a_consortium_is_founded_once() {
    let world = World::new(Kind::Embedded);
    let mut rng = startup::rng().unwrap();
    let files = consortium::files(None, None, &mut rng).unwrap();
    let again = consortium::found(
        &world.home(),
        &world.keyring(),
        &files,
        &SystemClock,
        &mut rng,
    );
    assert_eq!(again.err().unwrap().kind(), ErrorKind::Input);
}
