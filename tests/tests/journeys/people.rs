//! A person whose institution's vault stays locked: the person asks with a key of their own, and
//! the institution submits later.

use crate::access::{ask, decide, share};
use crate::grants::{STUDY, give_both_visas};
use crate::world::{Kind, World, org, wait};
use medveil_custody::write_secret_file;
use medveil_gateway::actor::Actor;
use medveil_gateway::journey::access::{self, AccessError, AskError, ExtensionOptions};
use medveil_gateway::journey::{dataset, ledger, member};
use medveil_gateway::passphrases::{PassphraseFile, Passphrases};
use medveil_gateway::startup::Startup;
use medveil_gateway::{Classify, Kind as ErrorKind, Session};
use std::path::Path;

mod ledgers {
    crate::on_both!(m9_a_person_asks_while_the_institutions_vault_stays_locked);
}

/// The home, with a passphrase of hers and one for everybody else.
fn open(world: &World, person: Option<&Actor>, alice: &Actor, files: [&str; 2]) -> Session {
    write_secret_file(&world.path("nobodys"), b"not this one either").unwrap();
    let [hers, others] = files.map(|name| world.path(name));
    let files = [(Some(alice.clone()), hers), (None, others)];
    let files = files.map(|(whose, file)| PassphraseFile { whose, file });
    let startup = Startup {
        passphrases: Passphrases::of(&files).unwrap(),
        person: person.cloned(),
        ..Startup::new(world.home())
    };
    startup.open().unwrap()
}

/// As alice opens it: her own passphrase, and nobody else's.
fn alone(world: &World, alice: &Actor) -> Session {
    open(world, Some(alice), alice, ["alices", "nobodys"])
}

/// As the institution's clerks open it: hers stays locked.
fn institution(world: &World, alice: &Actor) -> Session {
    open(world, None, alice, ["nobodys", "passphrase"])
}

/// Alice with a vault under a passphrase of her own, two visas and a key for the own peer.
fn eligible(world: &World, alice: &Actor) {
    write_secret_file(&world.path("alices"), b"a passphrase of hers").unwrap();
    let session = &open(world, None, alice, ["alices", "passphrase"]);
    for circuit in ["registration-16", "eligibility-4", "handover"] {
        world.activate(session, circuit);
    }
    share(world, session, &world.path("policy.yaml"));
    give_both_visas(world, session, alice);
    let user = |net: &crate::world::Net| net.layout().user(&alice.org, "User2").join("msp");
    let certificate = world.has_net().then(|| user(world.net()));
    let how = member::Enrolment {
        certificate: certificate.as_deref(),
        renew: false,
    };
    let enrolled = member::enrol(session, alice, how).unwrap();
    assert_eq!(enrolled.issued, certificate.is_none());
    assert!(!enrolled.subject.contains("alice"));
}

/// An error with all its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let below = error.source().map(chain).unwrap_or_default();
    format!("{error}: {below}")
}

/// Rewrites one field of an ask.
fn change(path: &Path, to: &Path, field: &str, value: serde_json::Value) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut ask: serde_json::Value = serde_json::from_str(&text).unwrap();
    ask[field] = value;
    std::fs::write(to, ask.to_string()).unwrap();
}

fn m9_a_person_asks_while_the_institutions_vault_stays_locked(kind: Kind) {
    let world = World::new(kind);
    let alice = Actor::person(org("University"), "alice").unwrap();
    eligible(&world, &alice);
    // Opened anew each time, as processes do: the embedded ledger is one process's at a time.
    let (hers, theirs) = (|| alone(&world, &alice), || institution(&world, &alice));
    let options = access::AccessOptions {
        columns: vec!["age".into()],
        ..ask(&world, STUDY)
    };

    // Hers alone: everything is tried, and what takes the institution is refused by its name.
    let checked = wait(access::check(&hers(), &alice, &options)).unwrap();
    assert!(checked.ready);
    let locked = wait(access::request(&hers(), &alice, &options)).unwrap_err();
    let said = chain(&locked);
    assert!(said.contains("the vault of University "), "{said}");
    let file = world.path("ask.json");
    let written = wait(access::ask_request(&hers(), &alice, &options, &file)).unwrap();
    assert_eq!(written.file.as_deref(), Some(file.as_path()));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("alice") && !text.contains(STUDY));
    assert!(
        wait(access::list(&hers(), &alice.org))
            .unwrap()
            .requests
            .is_empty()
    );

    // The institution sends what two organisations confirm, and nothing else.
    let wrong = world.path("wrong.json");
    for (field, value) in [
        ("columns", serde_json::json!(["smoker"])),
        ("dataset", serde_json::json!("HospitalB/visits")),
        ("organisation", serde_json::json!("HospitalB")),
    ] {
        change(&file, &wrong, field, value);
        let refused = wait(access::submit(&theirs(), &alice.org, &wrong)).unwrap_err();
        assert_ne!(refused.kind(), ErrorKind::Internal, "{field}: {refused}");
    }
    assert!(
        wait(access::list(&theirs(), &alice.org))
            .unwrap()
            .requests
            .is_empty()
    );
    let submitted = wait(access::submit(&theirs(), &alice.org, &file)).unwrap();
    assert_eq!(submitted.request, written.request);
    let again = wait(access::submit(&theirs(), &alice.org, &file)).unwrap();
    assert_eq!((again.block, again.tx_id), (None, submitted.tx_id.clone()));
    let record = wait(ledger::transaction(&theirs(), &alice.org, &submitted.tx_id)).unwrap();
    assert!(!serde_json::to_string(&record).unwrap().contains("member-"));

    // Granted, delivered, read: reading takes her own key alone.
    decide(&theirs(), submitted.request);
    let a = org("HospitalA");
    wait(access::handover(&theirs(), &a, submitted.request)).unwrap();
    wait(access::confirm(&theirs(), &a, submitted.request)).unwrap();
    let out = world.path("rows.csv");
    wait(dataset::read(
        &hers(),
        &alice,
        submitted.request,
        Some(&out),
    ))
    .unwrap();
    assert!(
        std::fs::read_to_string(&out)
            .unwrap()
            .starts_with("_pseudonym,age\n")
    );

    // Further columns and an affirmation go the same way; today's proof needs none.
    let further = ExtensionOptions {
        grant: submitted.request,
        columns: vec!["smoker".into()],
        letter: None,
        letter_type: None,
    };
    let asked = wait(access::ask_extension(&hers(), &alice, &further, &file)).unwrap();
    let extended = wait(access::submit(&theirs(), &alice.org, &file)).unwrap();
    assert_eq!(extended.request, asked.request);
    let none = wait(access::ask_affirmation(
        &hers(),
        &alice,
        submitted.request,
        &file,
    ))
    .unwrap();
    assert!(none.file.is_none() && none.state.is_some());
    crate::grants::revoke(&theirs(), 4711);
    let affirmed = wait(access::ask_affirmation(
        &hers(),
        &alice,
        submitted.request,
        &file,
    ))
    .unwrap();
    assert!(affirmed.file.is_some());
    crate::grants::revoke(&theirs(), 4712);
    let stale = wait(access::submit(&theirs(), &alice.org, &file)).unwrap_err();
    assert!(
        matches!(stale, AccessError::Ask(AskError::Stale(_))),
        "{stale}"
    );
    wait(access::ask_affirmation(
        &hers(),
        &alice,
        submitted.request,
        &file,
    ))
    .unwrap();
    let affirmed = wait(access::submit(&theirs(), &alice.org, &file)).unwrap();
    assert!(affirmed.affirms && affirmed.block.is_some());
    world.audit();
}
