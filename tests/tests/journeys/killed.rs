//! F: the client's own process is killed again and again, a little later each time, through every
//! command of journey two. Whatever it was doing, the next one goes on from there: what was
//! acknowledged stays (I1), one request counts (I2), asking again gives the same answer (I5), and
//! nothing private is left in the open (I6).

use crate::events;
use crate::homes::{Homes, Outbox, Requested, ask};
use crate::world::kill;
use std::collections::BTreeSet;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

const A: &str = "HospitalA";
const ALICE: &str = "University/alice";
/// How much later each process is killed than the one before.
const STEP: Duration = Duration::from_millis(120);

/// Runs a command to its end, killing its process until one is done before it is killed. Gives the
/// last output and how many were killed.
fn through_kills(homes: &Homes, home: &str, actor: &str, words: &[&str]) -> (Output, u32) {
    for killed in 0.. {
        let mut child = homes
            .command(home, actor, words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (begun, life) = (Instant::now(), STEP * (killed + 1));
        while begun.elapsed() < life && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        if child.try_wait().unwrap().is_none() {
            kill(child.id());
            child.wait().unwrap();
            continue;
        }
        return (child.wait_with_output().unwrap(), killed);
    }
    unreachable!()
}

/// As [`through_kills`]: what an earlier process did is done.
fn done(homes: &Homes, home: &str, actor: &str, words: &[&str]) -> u32 {
    let (output, killed) = through_kills(homes, home, actor, words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    killed
}

#[test]
fn f_clients_are_killed_at_every_step_of_a_journey() {
    let (homes, _) = Homes::with_visas();
    homes.commit("visits");
    let mut killed = 0;
    killed += done(&homes, A, A, &["dataset", "register", "--name", "visits"]);
    killed += done(&homes, A, A, &["dataset", "store", "--name", "visits"]);
    let words = ask("HospitalA/visits");
    let (output, times) = through_kills(&homes, "University", ALICE, &words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // A line before it tells what became of a transaction that a killed process left behind.
    let lines = String::from_utf8(output.stdout).unwrap();
    let requested: Requested = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    let again: Requested = homes.answer("University", ALICE, &words);
    assert_eq!(again, requested, "asking again gives the same answer");
    let id = requested.request.as_str();
    killed += times;
    for voter in [A, "HospitalB"] {
        killed += done(&homes, voter, voter, &["access", "show", id]);
        killed += done(&homes, voter, voter, &["access", "decide", id, "--approve"]);
    }
    killed += done(&homes, A, A, &["access", "handover", id]);
    killed += done(&homes, A, A, &["access", "confirm", id]);
    homes.run(
        "University",
        ALICE,
        &["dataset", "read", "--grant", id, "--out", "rows.csv"],
    );
    assert_eq!(
        std::fs::read_to_string(homes.path("rows.csv"))
            .unwrap()
            .lines()
            .count(),
        5,
        "a header and four rows"
    );
    eprintln!("{killed} processes were killed");
    assert!(killed > 20, "{killed}");

    // Nothing is on its way any more, and each call counts once.
    for (home, org) in [
        (A, A),
        ("University", "University"),
        ("HospitalB", "HospitalB"),
    ] {
        let outbox: Outbox = homes.answer(home, org, &["ledger", "outbox"]);
        assert!(outbox.settled.is_empty());
    }
    let output = homes
        .command("EthicsBoard", "EthicsBoard", &["ledger", "events"])
        .output()
        .unwrap();
    let lines = events::read(&output.stdout);
    assert_eq!(
        (
            events::count(&lines, "dataset.registered"),
            events::count(&lines, "access.requested")
        ),
        (1, 1),
        "{lines:?}"
    );
    let transactions: BTreeSet<&str> = lines.iter().map(|e| e.tx_id.as_str()).collect();
    assert_eq!(transactions.len(), lines.len());
    homes.run("EthicsBoard", "EthicsBoard", &["ledger", "audit"]);
    homes.show_nothing();
}
