//! Journey two: a researcher with two visas asks by proof, a committee decides, keys are handed
//! over and confirmed, the rows are read.

use crate::canary;
use crate::world::{Kind, World, org, wait};
use medveil_circuits::ids::RequestId;
use medveil_circuits::visa::VisaTexts;
use medveil_contract::call::Decision;
use medveil_gateway::Session;
use medveil_gateway::actor::Actor;
use medveil_gateway::journey::access::{self, AccessOptions, VoteOptions};
use medveil_gateway::journey::claim;
use medveil_gateway::journey::dataset::{self, CommitOptions, Part, ReportOf, ReportRead};
use medveil_gateway::journey::issuer::{Assertion, Issuer};
use medveil_gateway::journey::policy::PutOptions;
use medveil_gateway::journey::visa::RequestFile;
use medveil_gateway::journey::{keys, policy, visa};
use std::collections::BTreeSet;
use std::path::Path;

const SCHEMA: &str = include_str!("visits.schema.json");
const ROWS: &str = "patient,age,sugar,smoker\ncanary-patient-1,44,5.4,no\ncanary-patient-2,61,,yes\ncanary-patient-2,62,7.1,yes\np3,29,4.9,\n";
const POLICY: &str = include_str!("../../../gateway/data/quickstart/policy.yaml");

pub fn give_visa(
    world: &World,
    session: &Session,
    alice: &Actor,
    issuer: &str,
    schema: &str,
    group: &str,
    texts: VisaTexts,
    permissions: &[&str],
) {
    let issuer = Issuer::new(session, &org(issuer), schema, group).unwrap();
    issuer.init(None).unwrap();
    wait(issuer.register(None)).unwrap();
    let (request, signed) = (
        world.path(&format!("{schema}.request")),
        world.path(&format!("{schema}.visa")),
    );
    visa::request(session, alice, schema, &request).unwrap();
    let permissions = permissions.iter().map(ToString::to_string).collect();
    let assertion = Assertion {
        days: 30,
        texts,
        permissions,
        disease: None,
    };
    let request = RequestFile::read(&request).unwrap();
    wait(issuer.issue(&request, &assertion, &signed)).unwrap();
    wait(visa::import(session, alice, &signed)).unwrap();
}

pub fn ask(world: &World, study: &str) -> AccessOptions {
    let letter = world.path("letter.txt");
    std::fs::write(&letter, "canary-letter: please").unwrap();
    AccessOptions {
        dataset: "HospitalA/visits".into(),
        study: study.into(),
        purpose: Some("research".into()),
        disease: None,
        region: None,
        columns: vec!["age".into(), "smoker".into()],
        letter: Some(letter),
        letter_type: None,
    }
}

pub fn share(world: &World, session: &Session, policy_file: &Path) {
    let (source, schema) = (world.path("visits.csv"), world.path("visits.schema.json"));
    std::fs::write(&source, ROWS).unwrap();
    std::fs::write(&schema, SCHEMA).unwrap();
    std::fs::write(policy_file, POLICY).unwrap();
    let holder = org("HospitalA");
    for org in [&holder, &org("HospitalB")] {
        wait(keys::publish(session, org, keys::Publication::Any)).unwrap();
    }
    let options = PutOptions {
        dataset: "visits",
        future: true,
    };
    wait(policy::put(session, &holder, policy_file, options)).unwrap();
    wait(dataset::commit(
        session,
        &holder,
        &CommitOptions {
            source: &source,
            views: None,
            accept: &[],
            schema: Some(&schema),
            name: "visits",
            group: "research",
        },
    ))
    .unwrap();
    wait(claim::register_dataset(session, &holder, "visits", false)).unwrap();
    wait(dataset::store(session, &holder, "visits")).unwrap();
}

/// The committee opens the request, sees the study and the letter, and approves.
pub fn decide(session: &Session, request: RequestId) {
    for name in ["HospitalA", "HospitalB"] {
        let vote = VoteOptions {
            request,
            decision: Decision::Approve,
            unseen: false,
        };
        let voter = org(name);
        assert!(
            wait(access::decide(session, &voter, &vote)).is_err(),
            "{name} has not looked yet"
        );
        let shown = wait(access::show(session, &voter, request, None)).unwrap();
        let opened = shown.opened.expect("the committee opens it");
        assert_eq!(opened.study, "canary-study-1");
        assert_eq!(opened.letter.as_deref(), Some("canary-letter: please"));
        wait(access::decide(session, &voter, &vote)).unwrap();
    }
    let board = wait(access::show(session, &org("EthicsBoard"), request, None)).unwrap();
    assert!(
        board.opened.is_none() && board.unopened.is_none(),
        "sealed to others"
    );
}

mod ledgers {
    crate::on_both!(p1_a_researcher_gets_exactly_the_granted_columns_and_no_disk_shows_more);
}

fn p1_a_researcher_gets_exactly_the_granted_columns_and_no_disk_shows_more(kind: Kind) {
    let world = World::new(kind);
    let alice = Actor::person(org("University"), "alice").unwrap();
    let a = org("HospitalA");
    {
        let session = world.session();
        for circuit in ["registration-16", "eligibility-4", "handover"] {
            world.activate(&session, circuit);
        }
        share(&world, &session, &world.path("policy.yaml"));
        let role = VisaTexts {
            role: Some("researcher".into()),
            ..VisaTexts::default()
        };
        give_visa(
            &world,
            &session,
            &alice,
            "University",
            "affiliation",
            "universities",
            role,
            &[],
        );
        assert!(
            wait(access::request(
                &session,
                &alice,
                &ask(&world, "canary-study-1")
            ))
            .is_err(),
            "no approval yet"
        );
        let study = VisaTexts {
            study: Some("canary-study-1".into()),
            ..VisaTexts::default()
        };
        give_visa(
            &world,
            &session,
            &alice,
            "EthicsBoard",
            "ethics",
            "boards",
            study,
            &["GRU"],
        );
        assert!(
            wait(access::request(&session, &alice, &ask(&world, "STUDY-2"))).is_err(),
            "another study"
        );
    }
    let id = {
        let session = world.session();
        let step = wait(access::request(
            &session,
            &alice,
            &ask(&world, "canary-study-1"),
        ))
        .unwrap();
        let again = wait(access::request(
            &session,
            &alice,
            &ask(&world, "canary-study-1"),
        ))
        .unwrap();
        assert_eq!(
            (again.request, again.tx_id),
            (step.request, step.tx_id),
            "answered as the first time"
        );
        let other = AccessOptions {
            purpose: Some("teaching".into()),
            ..ask(&world, "canary-study-1")
        };
        assert!(
            wait(access::request(&session, &alice, &other)).is_err(),
            "one nullifier, one request"
        );
        step.request
    };
    let session = world.session();
    assert!(
        wait(access::handover(&session, &a, id)).is_err(),
        "not granted yet"
    );
    decide(&session, id);
    assert!(
        wait(access::confirm(&session, &a, id)).is_err(),
        "not handed over yet"
    );
    wait(access::handover(&session, &a, id)).unwrap();
    wait(access::confirm(&session, &a, id)).unwrap();
    let out = world.path("rows.csv");
    let read = wait(dataset::read(&session, &alice, id, Some(&out))).unwrap();
    p12_the_report_of_the_granted_columns_is_the_holders(&session, &alice, id, &read.report);
    let text = std::fs::read_to_string(&out).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.remove(0), "_pseudonym,age,smoker");
    let mut rows: Vec<(&str, &str)> = lines.iter().map(|l| l.split_once(',').unwrap()).collect();
    rows.sort_unstable_by_key(|(_, cells)| *cells);
    let cells: Vec<&str> = rows.iter().map(|(_, cells)| *cells).collect();
    assert_eq!(cells, ["29,", "44,no", "61,yes", "62,yes"]);
    let whose: BTreeSet<&str> = rows.iter().map(|(whose, _)| *whose).collect();
    assert!(
        whose.len() == 3 && rows[2].0 == rows[3].0,
        "two rows of one patient"
    );
    drop(session);
    world.audit();
    // P1: who the patients are, what was studied and what was written stay out of every file of the
    // home, of every peer, orderer and log.
    let canaries = ["canary-patient", "canary-study", "canary-letter"];
    for disk in world.disks() {
        assert_eq!(canary::found(&disk, &canaries), Vec::<String>::new());
    }
}

/// What the recipient reads of the reading is what the holder is bound to, and of no other column.
fn p12_the_report_of_the_granted_columns_is_the_holders(
    session: &Session,
    alice: &Actor,
    grant: RequestId,
    read: &ReportRead,
) {
    let ReportRead::Open(read) = read else {
        panic!("{read:?}")
    };
    let own = ReportOf::Name(org("HospitalA"), "visits".to_owned());
    let own = wait(dataset::report(session, &own, &[], None)).unwrap();
    let granted = ReportOf::Grant(alice.clone(), grant);
    let granted = wait(dataset::report(session, &granted, &[], None)).unwrap();
    assert_eq!((granted.root, &granted.report), (own.root, &read.report));
    let names: Vec<String> = read.report.iter().map(Part::name).collect();
    assert_eq!(names, ["whole", "column:age", "column:smoker"]);
    assert!(read.report.iter().all(|part| own.report.contains(part)));
    assert_eq!((own.report.len(), granted.closed), (5, 2));
}
