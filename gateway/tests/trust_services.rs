//! Issuers, visas, policies and the trust file over an embedded ledger, with every refusal that is made before the ledger is asked.
#![allow(clippy::unwrap_used)]

use circuits::babyjubjub::PublicPoint;
use circuits::eddsa::PrivateKey;
use circuits::field::Felt;
use circuits::visa::VisaTexts;
use circuits::visa::signed::to_decimal;
use collections_config::MspId;
use gateway::backend::{Clock, SystemClock};
use gateway::bundle::trust::Trust;
use gateway::channel::EmbeddedChannel;
use gateway::custody::{PassphraseSource, write_secret_file};
use gateway::desk::Desk;
use gateway::error::{ErrorKind, GatewayError};
use gateway::home::{Actor, Home};
use gateway::office::Offices;
use gateway::output::{Output, Step};
use gateway::service::issuer::{Assertion, Issuer};
use gateway::service::visa::RequestFile;
use gateway::service::{consortium, policy, visa};
use gateway::startup;
use std::path::{Path, PathBuf};
use std::sync::Arc;

struct World {
    desk: Desk,
    dir: tempfile::TempDir,
}

fn org(name: &str) -> MspId {
    MspId::new(name).unwrap()
}

fn person(name: &str) -> Actor {
    Actor::person(org("University"), name).unwrap()
}

fn kind(answer: Result<Step, GatewayError>) -> ErrorKind {
    answer.expect_err("a refusal").kind()
}

fn text(step: &Step, field: &str) -> String {
    step.get(field).and_then(|v| v.as_str()).unwrap().to_owned()
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path().join("home"));
        let passphrase = dir.path().join("passphrase");
        write_secret_file(&passphrase, b"correct horse battery").unwrap();
        let offices = || Offices::new(home.clone(), Some(PassphraseSource::File(passphrase.clone())));
        let mut rng = startup::rng().unwrap();
        let files = consortium::files(None, None, &mut rng).unwrap();
        consortium::found(&home, &offices(), &files, &SystemClock, &mut rng).unwrap();
        let again = consortium::found(&home, &offices(), &files, &SystemClock, &mut rng);
        assert_eq!(again.err().unwrap().kind(), ErrorKind::Input);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let channel = Box::new(EmbeddedChannel::open(&home.ledger(), clock, startup::rng().unwrap()).unwrap());
        let desk =
            Desk::new(home.clone(), offices(), Output::new(true), channel, startup::rng().unwrap(), startup::pool().unwrap()).unwrap();
        consortium::bootstrap(&desk).unwrap();
        World { desk, dir }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn written(&self, name: &str, content: &str) -> PathBuf {
        std::fs::write(self.file(name), content).unwrap();
        self.file(name)
    }

    fn issuer(&self, name: &str, schema: &str, group: &str) -> Issuer<'_> {
        Issuer::new(&self.desk, &org(name), schema, group).unwrap()
    }

    fn registered(&self) -> Issuer<'_> {
        let issuer = self.issuer("University", "affiliation", "universities");
        issuer.init(None).unwrap();
        issuer.register(None).unwrap();
        issuer
    }

    /// A visa for a person: its file and its revocation index.
    fn visa(&self, issuer: &Issuer<'_>, schema: &str, who: &Actor, name: &str) -> (PathBuf, u64) {
        let request = self.file(&format!("{name}.request.json"));
        visa::request(&self.desk, who, schema, &request).unwrap();
        let out = self.file(&format!("{name}.visa.json"));
        let step = issuer.issue(&RequestFile::read(&request).unwrap(), &assertion(), &out).unwrap();
        (out, text(&step, "revocation_index").parse().unwrap())
    }
}

fn assertion() -> Assertion {
    let texts = VisaTexts { value: Some("terms 1".into()), role: Some("researcher".into()), ..VisaTexts::default() };
    Assertion { days: 30, texts, ..Assertion::default() }
}

fn changed(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn issuers_show_possession_of_their_keys() {
    let world = World::new();
    let refused = Issuer::new(&world.desk, &org("HospitalA"), "affiliation", "universities").err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert_eq!(Issuer::new(&world.desk, &org("University"), "passport", "universities").err().unwrap().kind(), ErrorKind::Input);
    let board = world.issuer("EthicsBoard", "ethics", "boards");
    assert_eq!(kind(board.register(None)), ErrorKind::NotFound);
    for bad in ["1,1", "0,1", "1", "1,2,3", "01,2", "x,y"] {
        assert_eq!(kind(board.init(Some(bad))), ErrorKind::Input, "{bad}");
    }
    let outside = PrivateKey::from_bytes([7; 32]);
    let key = PublicPoint::new(outside.public_key()).unwrap();
    let step = board.init(Some(&format!("{},{}", to_decimal(key.x().0), key.y()))).unwrap();
    assert_eq!(kind(board.init(None)), ErrorKind::Input);
    let message = Felt::from_hex(&text(&step, "possession_message_hex")).unwrap();
    assert_eq!(to_decimal(message.0), text(&step, "possession_message"));
    let signed = |message: Felt| {
        let signature = outside.sign(message.0);
        format!("{},{},{}", to_decimal(signature.r8.x), to_decimal(signature.r8.y), to_decimal(signature.s.to_field()))
    };
    assert_eq!(kind(board.register(None)), ErrorKind::Input);
    assert_eq!(kind(board.register(Some(&signed(Felt::from_u64(1))))), ErrorKind::Input);
    assert_eq!(kind(board.register(Some("1,2,3"))), ErrorKind::Input);
    board.register(Some(&signed(message))).unwrap();
    assert_eq!(kind(board.register(Some(&signed(message)))), ErrorKind::Refused);
    let registry = world.desk.registry(&org("HospitalA")).unwrap();
    assert!(registry.issuers.len() == 1 && registry.issuers[0].key == key);
}

#[test]
fn wallets_take_only_visas_that_will_prove() {
    let world = World::new();
    let desk = &world.desk;
    let (alice, bob) = (person("alice"), person("bob"));
    let university = world.registered();
    let (file, _) = world.visa(&university, "affiliation", &alice, "a");
    world.visa(&university, "affiliation", &bob, "b");
    assert_eq!(kind(visa::import(desk, &bob, &file)), ErrorKind::Refused);
    visa::import(desk, &alice, &file).unwrap();
    assert_eq!(kind(visa::import(desk, &alice, &file)), ErrorKind::Input);
    assert_eq!(kind(visa::import(desk, &alice, &world.file("none"))), ErrorKind::NotFound);
    changed(&file, "\"S\": \"", "\"S\": \"1");
    assert_eq!(kind(visa::import(desk, &alice, &file)), ErrorKind::Refused);
    let committee = world.issuer("HospitalA", "terms", "committees");
    committee.init(None).unwrap();
    let (unregistered, _) = world.visa(&committee, "terms", &alice, "t");
    assert_eq!(kind(visa::import(desk, &alice, &unregistered)), ErrorKind::Refused);
    committee.register(None).unwrap();
    visa::import(desk, &alice, &unregistered).unwrap();
    let wallet = visa::wallet(desk, &alice).unwrap();
    assert_eq!(wallet.visas.len(), 2);
    assert!(wallet.visas.iter().all(|(signed, blind)| wallet.secret.commitment(*blind) == signed.visa().holder));
    assert_ne!(wallet.visas[0].0.visa().holder, wallet.visas[1].0.visa().holder);
    assert_eq!(visa::list(desk, &alice).unwrap().get("visas").unwrap().as_array().unwrap().len(), 2);
    visa::show(desk, &alice, 1).unwrap();
    assert_eq!(kind(visa::show(desk, &alice, 2)), ErrorKind::NotFound);
    assert_eq!(kind(visa::request(desk, &alice, "passport", &world.file("x"))), ErrorKind::Input);
}

#[test]
fn requests_are_read_strictly_and_issued_within_the_code_lists() {
    let world = World::new();
    let university = world.registered();
    let path = world.file("r.json");
    visa::request(&world.desk, &person("alice"), "affiliation", &path).unwrap();
    let request = RequestFile::read(&path).unwrap();
    let out = world.file("v.json");
    let issue = |assertion: Assertion| kind(university.issue(&request, &assertion, &out));
    assert_eq!(issue(Assertion { days: 0, ..assertion() }), ErrorKind::Input);
    assert_eq!(issue(Assertion { days: u32::MAX, ..assertion() }), ErrorKind::Input);
    assert_eq!(issue(Assertion { permissions: vec!["ALL".into()], ..assertion() }), ErrorKind::Input);
    assert_eq!(issue(Assertion { disease: Some("E1".into()), ..assertion() }), ErrorKind::Input);
    let region = VisaTexts { region: Some("north".into()), ..VisaTexts::default() };
    assert_eq!(issue(Assertion { texts: region, ..assertion() }), ErrorKind::Input);
    assert!(!out.exists());
    changed(&path, "affiliation", "ethics");
    assert_eq!(kind(university.issue(&RequestFile::read(&path).unwrap(), &assertion(), &out)), ErrorKind::Input);
    for bad in ["", "{}", "{\"format\":\"medveil-visa-request-1\",\"schema\":\"ethics\",\"commitment\":\"00\"}"] {
        assert_eq!(RequestFile::read(&world.written("bad.json", bad)).err().unwrap().kind(), ErrorKind::Input);
    }
    changed(&path, "{", "{\"more\": 1,");
    assert_eq!(RequestFile::read(&path).err().unwrap().kind(), ErrorKind::Input);
}

#[test]
fn a_revocation_is_final_and_once() {
    let world = World::new();
    let university = world.registered();
    let alice = person("alice");
    let (first, one) = world.visa(&university, "affiliation", &alice, "1");
    let (second, two) = world.visa(&university, "affiliation", &alice, "2");
    assert_eq!(kind(university.revoke(&[], false)), ErrorKind::Input);
    assert_eq!(kind(university.revoke(&[0], false)), ErrorKind::Input);
    assert_eq!(kind(university.revoke(&[one, one], false)), ErrorKind::Refused);
    assert_eq!(kind(university.publish()), ErrorKind::NotFound);
    university.revoke(&[one], true).unwrap();
    assert_eq!(kind(university.revoke(&[one], false)), ErrorKind::Refused);
    assert_eq!(kind(university.revoke_later(&[one])), ErrorKind::Refused);
    assert_eq!(kind(visa::import(&world.desk, &alice, &first)), ErrorKind::Refused);
    university.revoke_later(&[two]).unwrap();
    visa::import(&world.desk, &alice, &second).unwrap();
    university.publish().unwrap();
    assert_eq!(kind(university.publish()), ErrorKind::NotFound);
    let registry = world.desk.registry(&org("HospitalB")).unwrap();
    let tree = world.desk.revocations(&org("HospitalB"), &registry.issuers[0]).unwrap();
    assert_eq!(tree.values(), [one, two]);
    assert_eq!(kind(world.issuer("EthicsBoard", "ethics", "boards").revoke(&[5], false)), ErrorKind::NotFound);
}

const POLICY: &str = "
format: medveil-policy-1
dac: {members: [HospitalA, HospitalB], quorum: 2}
alternatives:
  - name: approved study
    visas:
      - {schema: affiliation, group: universities, role: {eq: researcher}}
      - {schema: ethics, group: boards, study: {eq: $request.study}}
";

#[test]
fn policies_are_checked_before_they_are_put() {
    let world = World::new();
    let (desk, holder) = (&world.desk, org("HospitalA"));
    let good = world.written("good.yaml", POLICY);
    let root = text(&policy::check(&good).unwrap(), "root");
    assert_eq!(text(&policy::explain(Some(&desk.consortium), &good).unwrap(), "root"), root);
    let stranger = world.written("stranger.yaml", &POLICY.replace("HospitalB]", "Stranger]"));
    let absent = world.written("absent.yaml", &POLICY.replace("HospitalA, HospitalB", "HospitalB, University"));
    let broken = world.written("broken.yaml", &POLICY.replace("affiliation", "passport"));
    for bad in [stranger, absent, broken.clone()] {
        assert_eq!(kind(policy::put(desk, &holder, &bad, "cohort")), ErrorKind::Input);
    }
    assert!(policy::check(&broken).err().unwrap().message().contains("visas[0]"));
    assert_eq!(kind(policy::check(&world.file("none.yaml"))), ErrorKind::NotFound);
    assert_eq!(kind(policy::put(desk, &holder, &good, "No Name")), ErrorKind::Input);
    assert_eq!(text(&policy::put(desk, &holder, &good, "cohort").unwrap(), "root"), root);
}

#[test]
fn the_trust_file_names_this_consortium() {
    let world = World::new();
    let path = world.file("trust.json");
    let step = consortium::trust(&world.desk, &org("HospitalA"), &path).unwrap();
    let trust = Trust::read(&path).unwrap();
    assert_eq!(trust.fingerprint().to_hex(), text(&step, "fingerprint"));
    assert_eq!(trust.consortium_id(), world.desk.consortium_id());
    assert_eq!(Trust::read(&world.file("none")).err().unwrap().kind(), ErrorKind::NotFound);
}
