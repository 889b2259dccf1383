//! Issuers, policies and the trust file, with every refusal that is made before the ledger is
//! asked.

mod visas;

use crate::world::{Kind, World, org, wait};
use medveil_bundle::trust::Trust;
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::field::Felt;
use medveil_circuits::visa::signed::to_decimal;
use medveil_collections_config::error_chain;
use medveil_gateway::Session;
use medveil_gateway::journey::issuer::Issuer;
use medveil_gateway::journey::policy::{self, PutOptions};
use medveil_gateway::journey::{consortium, keys, registry};
use medveil_gateway::startup;
use medveil_gateway::{Classify, Kind as ErrorKind};
use medveil_ledger::SystemClock;
use std::path::{Path, PathBuf};

const POLICY: &str = include_str!("../../../gateway/data/quickstart/policy.yaml");

mod ledgers {
    crate::on_both!(
        issuers_show_possession_of_their_keys,
        policies_are_checked_before_they_are_put,
        the_trust_file_names_this_consortium,
    );
}

/// A world with its home open.
struct TrustWorld {
    session: Session,
    world: World,
}

fn kind_of<T, E: Classify>(answer: Result<T, E>) -> ErrorKind {
    answer.err().expect("a refusal").kind()
}

impl TrustWorld {
    fn new(kind: Kind) -> Self {
        let world = World::new(kind);
        TrustWorld {
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
}

fn issuers_show_possession_of_their_keys(kind: Kind) {
    let scene = TrustWorld::new(kind);
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
    let again = wait(board.register(Some(&signed(message)))).unwrap();
    assert!(again.transaction.block.is_none(), "done before");
    let registry = wait(registry::registry(&scene.session, &org("HospitalA"))).unwrap();
    assert!(registry.issuers.len() == 1 && registry.issuers[0].key == key);
}

fn policies_are_checked_before_they_are_put(kind: Kind) {
    let scene = TrustWorld::new(kind);
    let (session, holder) = (&scene.session, org("HospitalA"));
    let good = scene.written("good.yaml", POLICY);
    let consortium = Some(&session.consortium);
    let root = policy::check(consortium, &good).unwrap().policy.root;
    for name in ["HospitalA", "HospitalB"] {
        wait(keys::publish(session, &org(name), keys::Publication::Any)).unwrap();
    }
    let put = |file: &Path, dataset: &str| {
        let options = PutOptions {
            dataset,
            future: true,
        };
        wait(policy::put(session, &holder, file, options))
    };
    let explained = policy::explain(Some(&session.consortium), &good).unwrap();
    assert_eq!(explained.policy.root, root);
    let stranger = scene.written("stranger.yaml", &POLICY.replace("HospitalB]", "Stranger]"));
    let absent = scene.written(
        "absent.yaml",
        &POLICY.replace("HospitalA, HospitalB", "HospitalB, University"),
    );
    let broken = scene.written("broken.yaml", &POLICY.replace("affiliation", "passport"));
    for bad in [stranger, absent, broken.clone()] {
        assert_eq!(kind_of(put(&bad, "cohort")), ErrorKind::Input);
    }
    let problems = policy::check(consortium, &broken).unwrap_err();
    assert!(error_chain(&problems).contains("visas[0]"), "{problems}");
    assert_eq!(
        kind_of(policy::check(consortium, &scene.world.path("none.yaml"))),
        ErrorKind::NotFound
    );
    assert_eq!(kind_of(put(&good, "No Name")), ErrorKind::Input);
    assert_eq!(put(&good, "cohort").unwrap().policy.root, root);
}

fn the_trust_file_names_this_consortium(kind: Kind) {
    let scene = TrustWorld::new(kind);
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
    let home = world.home();
    let mut found =
        |files| consortium::found(&home, &world.keyring(), &files, &SystemClock, &mut rng);
    found(consortium::files(&home, None, None, &mut startup::rng().unwrap()).unwrap()).unwrap();
    let other = consortium::ConsortiumFiles::read(None, None, &"ab".repeat(16));
    let again = found(other.unwrap());
    assert_eq!(again.err().unwrap().kind(), ErrorKind::Input);
}
