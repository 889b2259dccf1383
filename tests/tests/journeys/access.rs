//! Journey two: a researcher with two visas asks by proof, a committee decides, keys are handed
//! over and confirmed, the rows are read.

use crate::canary;
use crate::world::{Kind, World, org};
use circuits::ids::RequestId;
use circuits::visa::VisaTexts;
use gateway::desk::Desk;
use gateway::home::Actor;
use gateway::service::issuer::{Assertion, Issuer};
use gateway::service::request::{self, Ask};
use gateway::service::visa::RequestFile;
use gateway::service::{dataset, grant, keys, policy, read, visa};
use std::path::Path;
use verifier_chaincode::call::Decision;

const SCHEMA: &str = include_str!("visits.schema.json");
const ROWS: &str = "patient,age,sugar,smoker\ncanary-patient-1,44,5.4,no\ncanary-patient-2,61,,yes\ncanary-patient-2,62,7.1,yes\np3,29,4.9,\n";
const POLICY: &str = include_str!("../../../gateway/data/quickstart/policy.yaml");

fn give_visa(
    world: &World,
    desk: &Desk,
    alice: &Actor,
    issuer: &str,
    schema: &str,
    group: &str,
    texts: VisaTexts,
    permissions: &[&str],
) {
    let issuer = Issuer::new(desk, &org(issuer), schema, group).unwrap();
    issuer.init(None).unwrap();
    issuer.register(None).unwrap();
    let (request, signed) = (
        world.path(&format!("{schema}.request")),
        world.path(&format!("{schema}.visa")),
    );
    visa::request(desk, alice, schema, &request).unwrap();
    let permissions = permissions.iter().map(ToString::to_string).collect();
    let assertion = Assertion {
        days: 30,
        texts,
        permissions,
        disease: None,
    };
    issuer
        .issue(&RequestFile::read(&request).unwrap(), &assertion, &signed)
        .unwrap();
    visa::import(desk, alice, &signed).unwrap();
}

fn ask(world: &World, study: &str) -> Ask {
    let letter = world.path("letter.txt");
    std::fs::write(&letter, "canary-letter: please").unwrap();
    Ask {
        dataset: "HospitalA/visits".into(),
        study: study.into(),
        purpose: Some("research".into()),
        disease: None,
        region: None,
        columns: vec!["age".into(), "smoker".into()],
        letter: Some(letter),
    }
}

fn share(world: &World, desk: &Desk, policy_file: &Path) {
    let (source, schema) = (world.path("visits.csv"), world.path("visits.schema.json"));
    std::fs::write(&source, ROWS).unwrap();
    std::fs::write(&schema, SCHEMA).unwrap();
    std::fs::write(policy_file, POLICY).unwrap();
    let holder = org("HospitalA");
    keys::publish(desk, &holder).unwrap();
    policy::put(desk, &holder, policy_file, "visits").unwrap();
    dataset::commit(desk, &holder, &source, Some(&schema), "visits", "research").unwrap();
    dataset::register(desk, &holder, "visits").unwrap();
    dataset::store(desk, &holder, "visits").unwrap();
}

mod ledgers {
    crate::on_both!(p1_a_researcher_gets_exactly_the_granted_columns_and_no_disk_shows_more);
}

fn p1_a_researcher_gets_exactly_the_granted_columns_and_no_disk_shows_more(kind: Kind) {
    let world = World::new(kind);
    let alice = Actor::person(org("University"), "alice").unwrap();
    let (a, b) = (org("HospitalA"), org("HospitalB"));
    {
        let desk = world.desk();
        for circuit in ["registration-16", "eligibility-4", "handover"] {
            world.activate(&desk, circuit);
        }
        share(&world, &desk, &world.path("policy.yaml"));
        let role = VisaTexts {
            role: Some("researcher".into()),
            ..VisaTexts::default()
        };
        give_visa(
            &world,
            &desk,
            &alice,
            "University",
            "affiliation",
            "universities",
            role,
            &[],
        );
        assert!(
            request::request(&desk, &alice, &ask(&world, "canary-study-1")).is_err(),
            "no approval yet"
        );
        let study = VisaTexts {
            study: Some("canary-study-1".into()),
            ..VisaTexts::default()
        };
        give_visa(
            &world,
            &desk,
            &alice,
            "EthicsBoard",
            "ethics",
            "boards",
            study,
            &["GRU"],
        );
        assert!(
            request::request(&desk, &alice, &ask(&world, "STUDY-2")).is_err(),
            "another study"
        );
    }
    let id: RequestId = {
        let desk = world.desk();
        let step = request::request(&desk, &alice, &ask(&world, "canary-study-1")).unwrap();
        let again = request::request(&desk, &alice, &ask(&world, "canary-study-1")).unwrap();
        assert_eq!(
            (again.get("request"), again.get("tx_id")),
            (step.get("request"), step.get("tx_id")),
            "answered as the first time"
        );
        let other = Ask {
            purpose: Some("teaching".into()),
            ..ask(&world, "canary-study-1")
        };
        assert!(
            request::request(&desk, &alice, &other).is_err(),
            "one nullifier, one request"
        );
        step.get("request")
            .unwrap()
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    };
    let desk = world.desk();
    assert!(grant::handover(&desk, &a, id).is_err(), "not granted yet");
    grant::show(&desk, &a, id).unwrap();
    grant::decide(&desk, &a, id, Decision::Approve).unwrap();
    grant::decide(&desk, &b, id, Decision::Approve).unwrap();
    assert!(
        grant::confirm(&desk, &a, id).is_err(),
        "not handed over yet"
    );
    grant::handover(&desk, &a, id).unwrap();
    grant::confirm(&desk, &a, id).unwrap();
    let out = world.path("rows.csv");
    read::read(&desk, &alice, id, Some(&out)).unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.remove(0), "age,smoker");
    lines.sort_unstable();
    assert_eq!(lines, ["29,", "44,no", "61,yes", "62,yes"]);
    drop(desk);
    world.audit();
    // P1: who the patients are, what was studied and what was written stay out of every file of the
    // home, of every peer, orderer and log.
    let canaries = ["canary-patient", "canary-study", "canary-letter"];
    for disk in world.disks() {
        assert_eq!(canary::found(&disk, &canaries), Vec::<String>::new());
    }
}
