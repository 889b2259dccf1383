//! Witnesses of this project's statements leave as `.wtns` files: they satisfy the exported circuit,
//! and prove by the stored key as any prover of that format does.

use crate::access::{ask, decide, share};
use crate::claims::registered;
use crate::grants::{STUDY, give_both_visas};
use crate::world::{Kind, World, org, program, wait};
use medveil_contract::model::Standing;
use medveil_gateway::Session;
use medveil_gateway::actor::Actor;
use medveil_gateway::journey::access::{self, AccessError};
use medveil_gateway::journey::circuit;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// Runs a command as an actor, in the world's folder; gives its exit code and its last line.
fn medveil(world: &World, actor: &str, words: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::new(program("medveil"));
    command
        .current_dir(world.path(""))
        .env("XDG_CACHE_HOME", world.path("cache"))
        .args(["--json", "--home", "home", "--as", actor])
        .args(["--passphrase-file", "passphrase"])
        .args(words);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().last().unwrap_or_default();
    (output.status.code(), last.parse().unwrap_or_default())
}

#[track_caller]
fn answers(world: &World, actor: &str, words: &[&str]) -> Value {
    let (code, answer) = medveil(world, actor, words);
    assert_eq!(code, Some(0), "{words:?}: {answer}");
    answer
}

/// The stored proving key of a circuit.
fn stored_key(world: &World, session: &Session, circuit: &str) -> PathBuf {
    let listed = wait(circuit::list(session, &org("HospitalA"))).unwrap();
    let is_it = |c: &&circuit::CircuitLine| {
        c.standing == Standing::Active && c.circuit.split('/').next() == Some(circuit)
    };
    let key = listed.circuits.iter().find(is_it).unwrap().key;
    world.home().key_store().join(format!("{key}.zkey"))
}

/// Checks a witness against the exported circuit, and proves it by a key.
#[track_caller]
fn proves(world: &World, circuit: &str, witness: &str, key: &str) {
    let mode = std::fs::metadata(world.path(witness)).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let run = |line: &str| answers(world, "HospitalA", &line.split(' ').collect::<Vec<_>>());
    run(&format!("r1cs export {circuit} {circuit}.r1cs"));
    run(&format!("wtns check {circuit}.r1cs {witness}"));
    run(&format!(
        "groth16 prove {key} {witness} proof.json public.json"
    ));
    run(&format!("zkey export-vkey {key} vkey.json"));
    run("groth16 verify vkey.json public.json proof.json");
}

const PROVE: [&str; 7] = [
    "claim",
    "prove",
    "--dataset",
    "visits",
    "--where",
    "age >= 40",
    "--largest",
];

#[test]
fn a_claims_witnesses_are_proven_as_any_others() {
    let world = World::new(Kind::Embedded);
    registered(&world);
    let keys = ["claim-final", "claim-chunk-16"].map(|circuit| {
        let key = stored_key(&world, &world.session(), circuit);
        (circuit, key.display().to_string())
    });
    let with = |more: &[&str]| medveil(&world, "HospitalA", &[&PROVE, more].concat());
    for ((circuit, key), more) in keys.iter().zip([&[][..], &["--chunk", "2"]]) {
        let witness = format!("{circuit}.wtns");
        std::fs::write(world.path(&witness), b"an earlier one").unwrap();
        let (code, answer) = with(&[&["--witness", &witness], more].concat());
        assert_eq!(code, Some(0), "{answer}");
        let written = answer.get("circuit").and_then(Value::as_str).unwrap();
        assert!(written.starts_with(circuit), "{answer}");
        assert_eq!(answer.get("step"), Some(&Value::from("wtns.export")));
        proves(&world, circuit, &witness, key);
    }
    // The witness is all that was made.
    let holder = Actor::organisation(org("HospitalA"));
    let claims = world.home().private(&holder).join("claims");
    assert!(!claims.exists(), "{}", claims.display());
    refuses(&world);
}

#[track_caller]
fn refuses(world: &World) {
    let refused = [
        (&["--witness", "no.wtns", "--chunk", "4"][..], 2),
        (&["--chunk", "0"], 2),
        (&["--witness", "/dev/full"], 2),
    ];
    for (more, expected) in refused {
        let (code, answer) = medveil(world, "HospitalA", &[&PROVE, more].concat());
        assert_eq!(code, Some(expected), "{more:?}: {answer}");
    }
    assert!(!world.path("no.wtns").exists());
}

#[test]
fn witnesses_of_eligibility_and_handover_are_proven_as_any_others() {
    let world = World::new(Kind::Embedded);
    let alice = Actor::person(org("University"), "alice").unwrap();
    let session = world.session();
    for circuit in ["registration-16", "eligibility-4", "handover"] {
        world.activate(&session, circuit);
    }
    share(&world, &session, &world.path("policy.yaml"));
    let (options, out) = (ask(&world, STUDY), world.path("eligibility-4.wtns"));
    let ineligible = wait(access::request_witness(&session, &alice, &options, &out));
    assert!(matches!(
        ineligible,
        Err(AccessError::Visa(_) | AccessError::Ineligible { .. })
    ));
    assert!(!out.exists());
    give_both_visas(&world, &session, &alice);
    let written = wait(access::request_witness(&session, &alice, &options, &out)).unwrap();
    assert!(written.circuit.starts_with("eligibility-4"), "{written:?}");
    let a = org("HospitalA");
    let listed = || wait(access::list(&session, &a)).unwrap().requests.len();
    assert_eq!(listed(), 0, "nothing was sent");

    let request = wait(access::request(&session, &alice, &options))
        .unwrap()
        .request;
    decide(&session, request);
    wait(access::handover(&session, &a, request)).unwrap();
    let handover = world.path("handover.wtns");
    wait(access::handover_witness(&session, &a, request, &handover)).unwrap();
    let keys = ["eligibility-4", "handover"].map(|circuit| {
        let key = stored_key(&world, &session, circuit);
        (circuit, key.display().to_string())
    });
    drop(session);
    for (circuit, key) in keys {
        proves(&world, circuit, &format!("{circuit}.wtns"), &key);
    }
}
